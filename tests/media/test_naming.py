"""Names of files and folders: readable, in every script, and never a way out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.amnimo.api import MediaCategory
from custom_components.amnimo.media.naming import file_stem, folder_name
from homeassistant.util import dt as dt_util

START = datetime(2026, 2, 2, 15, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("camera", "folder"),
    [
        ("Front gate", "front-gate"),
        ("  Front__gate -- 2 ", "front-gate-2"),
        ("正門カメラ", "正門カメラ"),
        ("正門　カメラ（２）", "正門-カメラ-2"),
        ("ｶﾒﾗ１", "カメラ1"),
        ("Zufahrt Süd", "zufahrt-süd"),
        ("दरवाज़ा", "दरवाज़ा"),
        ("\u0301a\u0323", "ạ"),
        ("½ yard", "1-2-yard"),
        ("../../etc/passwd", "etc-passwd"),
        ("..", "camera"),
        ("/", "camera"),
        ("", "camera"),
        ("🎥📹", "camera"),
        ("🎥 Yard", "yard"),
        ("CON", "con-camera"),
        ("nul", "nul-camera"),
        ("COM1", "com1-camera"),
        ("Console", "console"),
        ("a\x00b\nc", "a-b-c"),
        ("C:\\Windows\\*?", "c-windows"),
        (".hidden", "hidden"),
        ("\u202egnp.exe", "gnp-exe"),
        ("\ud800", "camera"),
    ],
)
def test_a_folder_is_named_after_its_camera(camera: str, folder: str) -> None:
    assert folder_name(camera) == folder


def test_a_file_tells_local_time_camera_and_kind() -> None:
    dt_util.set_default_time_zone(ZoneInfo("Asia/Tokyo"))
    try:
        clip = file_stem(START, "Front gate", MediaCategory.CLIP)
        snapshot = file_stem(START, "正門", MediaCategory.SNAPSHOT)
    finally:
        dt_util.set_default_time_zone(UTC)
    assert clip == "2026-02-03_00-00-00_front-gate_clip"
    assert snapshot == "2026-02-03_00-00-00_正門_snapshot"


@pytest.mark.parametrize("camera", ["x" * 300, "門" * 300, "👨‍👩‍👧" * 100, "é" * 300])
def test_names_of_300_characters_fit_any_file_system(
    camera: str, tmp_path: Path
) -> None:
    folder = tmp_path / folder_name(camera)
    folder.mkdir()
    name = file_stem(START, camera, MediaCategory.SNAPSHOT) + "_1000.jpg"
    (folder / name).write_bytes(b"")
    assert len(name.encode()) <= 143


@given(st.text(max_size=400))
def test_nothing_escapes_the_folder_whatever_a_camera_is_called(camera: str) -> None:
    root = Path("/media/amnimo")
    path = root / folder_name(camera) / (file_stem(START, camera, MediaCategory.CLIP))
    assert path.parent.parent == root
    assert path.parts[:3] == ("/", "media", "amnimo")
    assert ".." not in path.parts
    for part in path.parts[3:]:
        assert part.encode()
        assert len(part.encode()) <= 120
        assert not part.startswith((".", "-", " "))
        assert not part.endswith((".", " "))
        assert part.isprintable()
        assert not set(part) & set('/\\:*?"<>|\0')
