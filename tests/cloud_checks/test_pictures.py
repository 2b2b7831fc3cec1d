"""Pictures and the clock in them."""

import io
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings, strategies as st
import numpy as np
from PIL import Image
import pytest

from tests.cloud import ClockUnreadableError, read_clock
from tests.cloud.clock_strip import draw_clock
from tests.cloud.picture import Scene, find_japanese_font, label_of, to_image
from tests.cloud.video import SNAPSHOT_BYTES, encode_snapshot, encode_thumbnail

from .still import NOON

SCENE = Scene("正面ゲート", "camera")


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**42 - 1), st.sampled_from([160, 320, 640, 1920]))
def test_the_clock_survives_scaling_and_compression(millis: int, width: int) -> None:
    planes = SCENE.frame(NOON)
    draw_clock(planes[:360], millis / 1000)
    output = io.BytesIO()
    scaled = to_image(planes).resize((width, width * 9 // 16))
    scaled.save(output, "JPEG", quality=40)
    with Image.open(output) as compressed:
        assert read_clock(compressed) == pytest.approx(millis / 1000)


@pytest.mark.parametrize("brightness", [0, 128, 255])
def test_a_picture_without_a_clock(brightness: int) -> None:
    with pytest.raises(ClockUnreadableError):
        read_clock(Image.new("L", (640, 360), brightness))


def test_cameras_look_different() -> None:
    pictures = [
        Scene(label_of(name, name), name).frame(NOON)
        for name in ("正面ゲート", "駐車場", "Front gate", "Front gate 2")
    ]
    assert all(np.any(one != other) for one, other in pairwise(pictures))


def test_the_text_clock_shows_each_tenth() -> None:
    band = slice(56, 104)
    frames = [SCENE.frame(NOON + tenth / 10)[band] for tenth in range(11)]
    assert all(np.any(one != other) for one, other in pairwise(frames))


@pytest.mark.parametrize("name", ["正面ゲート", "Front gate", "", "🎥" * 40, "x" * 300])
def test_pictures_of_any_name_are_jpegs(name: str) -> None:
    scene = Scene(label_of(name, "0123456789"), "0123456789")
    for content in (encode_thumbnail(scene, NOON), encode_snapshot(scene, NOON)):
        with Image.open(io.BytesIO(content)) as picture:
            assert (picture.format, picture.size) == ("JPEG", (640, 360))
            assert read_clock(picture) == NOON
    assert len(encode_snapshot(scene, NOON)) == SNAPSHOT_BYTES


def test_without_a_japanese_font_a_label_is_latin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tests.cloud.picture._japanese_font", lambda: None)
    assert label_of("正面 Gate", "0123456789") == "Gate"
    assert label_of("正面", "0123456789") == "Camera 01234567"


def test_without_the_font_package_a_system_font_is_looked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tests.cloud.picture._FONT_PACKAGE", "not_installed")
    font = tmp_path / "font.ttf"
    monkeypatch.setattr("tests.cloud.picture._FONT_FILES", (str(font),))
    assert find_japanese_font() is None
    font.touch()
    assert find_japanese_font() == str(font)
