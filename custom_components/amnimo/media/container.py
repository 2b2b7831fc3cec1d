"""What a media file is, told from its bytes: an error page with status 200 is not one.

The API document does not say which formats clips and snapshots come in: those that cameras and
clouds commonly make are known here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import os
from pathlib import Path
from typing import BinaryIO

from ..api import MediaCategory

_BOX_HEADER = 8
_LARGE_BOX_HEADER = 16
_MOST_BOXES = 100_000
# Cameras may pad a picture after its end.
_JPEG_TAIL = 4096
_TS_PACKET = 188
_TS_SYNC = 0x47
# At either end: no other file has the mark at so many places by chance.
_TS_CHECKED = 16
_JPEG_HEAD = b"\xff\xd8\xff"
_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
_WEBP_HEADER = 12
_LONGEST_HEAD = _TS_CHECKED * _TS_PACKET


@dataclass(frozen=True, slots=True)
class Container:
    """A file format of media."""

    suffix: str
    content_type: str


MP4 = Container(".mp4", "video/mp4")
MPEG_TS = Container(".ts", "video/mp2t")
JPEG = Container(".jpg", "image/jpeg")
PNG = Container(".png", "image/png")
WEBP = Container(".webp", "image/webp")

_CONTAINERS = {
    MediaCategory.CLIP: (MP4, MPEG_TS),
    MediaCategory.SNAPSHOT: (JPEG, PNG, WEBP),
}
"""What a medium may come as, the likeliest first."""


def expected_container(category: MediaCategory) -> Container:
    """Return what a medium most likely comes as."""
    return _CONTAINERS[category][0]


def told_container(category: MediaCategory, content_type: str | None) -> Container:
    """Return what a medium comes as by a content type, if that can be true."""
    told = (content_type or "").lower()
    return next(
        (each for each in _CONTAINERS[category] if each.content_type == told),
        expected_container(category),
    )


def identify(path: Path, category: MediaCategory) -> Container | None:
    """Return the format of a file if it is one of the category's and whole, else None.

    Reads the file system: for the executor.
    """
    with path.open("rb") as file:
        container = _begun(file, category)
        return container if container and _IS_WHOLE[container](file) else None


def is_begun(path: Path, category: MediaCategory) -> bool:
    """Return whether a file begins as one of the category's does, whole or not.

    Reads the file system: for the executor.
    """
    with path.open("rb") as file:
        return _begun(file, category) is not None


def _begun(file: BinaryIO, category: MediaCategory) -> Container | None:
    """Return the format that a file begins as, if it is one of the category's."""
    head = file.read(_LONGEST_HEAD)
    return next(
        (each for each in _CONTAINERS[category] if _BEGINS[each](head)),
        None,
    )


def _begins_as_mp4(head: bytes) -> bool:
    return head[4:8] == b"ftyp"


def _begins_as_ts(head: bytes) -> bool:
    """Return whether there is nothing but packets (ISO/IEC 13818-1, 2.4.3.2)."""
    marks = head[::_TS_PACKET]
    return len(marks) >= _TS_CHECKED and all(mark == _TS_SYNC for mark in marks)


def _begins_as_jpeg(head: bytes) -> bool:
    return head.startswith(_JPEG_HEAD)


def _begins_as_png(head: bytes) -> bool:
    return head.startswith(_PNG_HEAD)


def _begins_as_webp(head: bytes) -> bool:
    return head.startswith(b"RIFF") and head[8:_WEBP_HEADER] == b"WEBP"


def _is_whole_ts(file: BinaryIO) -> bool:
    """Return whether a file is made of packets to its very end, as far as both ends tell."""
    size = file.seek(0, os.SEEK_END)
    tail = _tail(file, _LONGEST_HEAD)
    return size % _TS_PACKET == 0 and _begins_as_ts(tail)


def _is_whole_jpeg(file: BinaryIO) -> bool:
    return b"\xff\xd9" in _tail(file, _JPEG_TAIL)


def _is_whole_png(file: BinaryIO) -> bool:
    return b"IEND" in _tail(file, 16)


def _is_whole_webp(file: BinaryIO) -> bool:
    """Return whether a file is as long as its header says."""
    size = file.seek(0, os.SEEK_END)
    file.seek(4)
    return size == int.from_bytes(file.read(4), "little") + 8


def _is_whole_mp4(file: BinaryIO) -> bool:
    """Return whether a file is made of boxes to its very end, with a header and a movie."""
    size = file.seek(0, os.SEEK_END)
    kinds: list[bytes] = []
    position = 0
    while position < size:
        file.seek(position)
        header = file.read(_LARGE_BOX_HEADER)
        if len(header) < _BOX_HEADER or len(kinds) >= _MOST_BOXES:
            return False
        length = int.from_bytes(header[:4])
        kind = header[4:8]
        if length == 1:
            length = int.from_bytes(header[8:16])
        elif length == 0:
            length = size - position
        if length < _BOX_HEADER:
            return False
        kinds.append(kind)
        position += length
    return position == size and kinds[:1] == [b"ftyp"] and b"moov" in kinds


def _tail(file: BinaryIO, length: int) -> bytes:
    """Return the last bytes of a file."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - length))
    return file.read()


_BEGINS: dict[Container, Callable[[bytes], bool]] = {
    MP4: _begins_as_mp4,
    MPEG_TS: _begins_as_ts,
    JPEG: _begins_as_jpeg,
    PNG: _begins_as_png,
    WEBP: _begins_as_webp,
}
_IS_WHOLE: dict[Container, Callable[[BinaryIO], bool]] = {
    MP4: _is_whole_mp4,
    MPEG_TS: _is_whole_ts,
    JPEG: _is_whole_jpeg,
    PNG: _is_whole_png,
    WEBP: _is_whole_webp,
}
