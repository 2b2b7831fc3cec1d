"""Files are told by their bytes: whole media from halves and from error pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from custom_components.amnimo.api import MediaCategory
from custom_components.amnimo.media.container import (
    JPEG,
    MP4,
    MPEG_TS,
    PNG,
    WEBP,
    Container,
    identify,
    is_begun,
    told_container,
)
from custom_components.amnimo.media.files import LocalFile, arrived

JPEG_BYTES = b"\xff\xd8\xff\xe0" + bytes(2000) + b"\xff\xd9"
PNG_BYTES = b"\x89PNG\r\n\x1a\n" + bytes(2000) + b"\0\0\0\0IEND\xae\x42\x60\x82"
TS_BYTES = (b"\x47" + bytes(187)) * 50
WEBP_BYTES = b"RIFF" + (2004).to_bytes(4, "little") + b"WEBP" + bytes(2000)
PAGE = b"<!DOCTYPE html><html><body>Sign in</body></html>"


def box(kind: bytes, content: bytes = b"", *, large: bool = False) -> bytes:
    """Return a box of an MP4 file."""
    if large:
        return b"\0\0\0\x01" + kind + (len(content) + 16).to_bytes(8) + content
    return (len(content) + 8).to_bytes(4) + kind + content


FTYP = box(b"ftyp", b"isom\0\0\0\0")
MOVIE = box(b"moov", bytes(50))


@pytest.mark.parametrize(
    ("content", "category", "container"),
    [
        (FTYP + MOVIE + box(b"mdat", bytes(999)), MediaCategory.CLIP, MP4),
        (FTYP + box(b"mdat", bytes(99), large=True) + MOVIE, MediaCategory.CLIP, MP4),
        (FTYP + MOVIE + b"\0\0\0\0mdat" + bytes(999), MediaCategory.CLIP, MP4),
        (FTYP + MOVIE + box(b"mdat", bytes(999))[:-1], MediaCategory.CLIP, None),
        (FTYP + MOVIE + box(b"mdat") + b"\0\0\0", MediaCategory.CLIP, None),
        (FTYP + box(b"mdat", bytes(999)), MediaCategory.CLIP, None),
        (MOVIE + FTYP, MediaCategory.CLIP, None),
        (FTYP + MOVIE + b"\0\0\0\x04mdat", MediaCategory.CLIP, None),
        (TS_BYTES, MediaCategory.CLIP, MPEG_TS),
        (TS_BYTES[:-1], MediaCategory.CLIP, None),
        (TS_BYTES[:-188] + bytes(188), MediaCategory.CLIP, None),
        (b"Gateway Timeout".ljust(188), MediaCategory.CLIP, None),
        (TS_BYTES, MediaCategory.SNAPSHOT, None),
        (PAGE, MediaCategory.CLIP, None),
        (b"", MediaCategory.CLIP, None),
        (JPEG_BYTES, MediaCategory.CLIP, None),
        (JPEG_BYTES, MediaCategory.SNAPSHOT, JPEG),
        (JPEG_BYTES + bytes(100), MediaCategory.SNAPSHOT, JPEG),
        (JPEG_BYTES[:-2], MediaCategory.SNAPSHOT, None),
        (PNG_BYTES, MediaCategory.SNAPSHOT, PNG),
        (PNG_BYTES[:-12], MediaCategory.SNAPSHOT, None),
        (WEBP_BYTES, MediaCategory.SNAPSHOT, WEBP),
        (WEBP_BYTES[:-1], MediaCategory.SNAPSHOT, None),
        (WEBP_BYTES, MediaCategory.CLIP, None),
        (PAGE, MediaCategory.SNAPSHOT, None),
        (b"", MediaCategory.SNAPSHOT, None),
        (FTYP + MOVIE, MediaCategory.SNAPSHOT, None),
    ],
)
def test_a_file_is_what_its_bytes_say(
    content: bytes,
    category: MediaCategory,
    container: Container | None,
    tmp_path: Path,
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert identify(path, category) is container


@pytest.mark.parametrize(
    ("content", "category", "begun"),
    [
        (FTYP, MediaCategory.CLIP, True),
        (TS_BYTES[:-1], MediaCategory.CLIP, True),
        (JPEG_BYTES[:-2], MediaCategory.SNAPSHOT, True),
        (WEBP_BYTES[:-2], MediaCategory.SNAPSHOT, True),
        (JPEG_BYTES, MediaCategory.CLIP, False),
        (PAGE, MediaCategory.CLIP, False),
        (PAGE, MediaCategory.SNAPSHOT, False),
        (b"", MediaCategory.CLIP, False),
    ],
)
def test_a_beginning_is_told_from_something_else(
    content: bytes, category: MediaCategory, begun: bool, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert is_begun(path, category) is begun


@pytest.mark.parametrize(
    ("category", "told", "container"),
    [
        (MediaCategory.CLIP, "video/mp4", MP4),
        (MediaCategory.CLIP, "video/MP2T", MPEG_TS),
        (MediaCategory.CLIP, "text/html", MP4),
        (MediaCategory.CLIP, None, MP4),
        (MediaCategory.SNAPSHOT, "image/png", PNG),
        (MediaCategory.SNAPSHOT, "image/webp", WEBP),
        (MediaCategory.SNAPSHOT, "image/svg+xml", JPEG),
        (MediaCategory.SNAPSHOT, "video/mp4", JPEG),
    ],
)
def test_a_content_type_is_believed_where_it_can_be_true(
    category: MediaCategory, told: str | None, container: Container
) -> None:
    assert told_container(category, told) is container


@pytest.mark.parametrize(
    ("content", "category", "suffix"),
    [
        (TS_BYTES, MediaCategory.CLIP, ".ts"),
        (PNG_BYTES, MediaCategory.SNAPSHOT, ".png"),
        (WEBP_BYTES, MediaCategory.SNAPSHOT, ".webp"),
    ],
)
def test_a_file_of_another_format_is_known_again(
    content: bytes, category: MediaCategory, suffix: str, tmp_path: Path
) -> None:
    """It was saved under the suffix of its format, so that it needs no download again."""
    path = tmp_path / f"file{suffix}"
    path.write_bytes(content)
    assert arrived(path, category) == LocalFile(path, len(content))
    wrong = path.rename(tmp_path / "file.mp4")
    assert arrived(wrong, category) is None
