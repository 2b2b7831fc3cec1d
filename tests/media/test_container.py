"""Files are told by their bytes: whole media from halves and from error pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from custom_components.amnimo.api import MediaCategory
from custom_components.amnimo.media.container import JPEG, MP4, PNG, Container, identify

JPEG_BYTES = b"\xff\xd8\xff\xe0" + bytes(2000) + b"\xff\xd9"
PNG_BYTES = b"\x89PNG\r\n\x1a\n" + bytes(2000) + b"\0\0\0\0IEND\xae\x42\x60\x82"
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
        (PAGE, MediaCategory.CLIP, None),
        (b"", MediaCategory.CLIP, None),
        (JPEG_BYTES, MediaCategory.CLIP, None),
        (JPEG_BYTES, MediaCategory.SNAPSHOT, JPEG),
        (JPEG_BYTES + bytes(100), MediaCategory.SNAPSHOT, JPEG),
        (JPEG_BYTES[:-2], MediaCategory.SNAPSHOT, None),
        (PNG_BYTES, MediaCategory.SNAPSHOT, PNG),
        (PNG_BYTES[:-12], MediaCategory.SNAPSHOT, None),
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
