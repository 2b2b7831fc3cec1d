"""What a media file is, told from its bytes: an error page with status 200 is not one."""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
class Container:
    """A file format of media."""

    suffix: str
    content_type: str


MP4 = Container(".mp4", "video/mp4")
JPEG = Container(".jpg", "image/jpeg")
PNG = Container(".png", "image/png")


def expected_container(category: MediaCategory) -> Container:
    """Return what a medium most likely comes as."""
    return MP4 if category is MediaCategory.CLIP else JPEG


def told_container(category: MediaCategory, content_type: str | None) -> Container:
    """Return what a medium comes as by a content type, if that can be true."""
    if category is MediaCategory.SNAPSHOT and content_type == PNG.content_type:
        return PNG
    return expected_container(category)


def identify(path: Path, category: MediaCategory) -> Container | None:
    """Return the format of a file if it is one of the category's and whole, else None.

    Reads the file system: for the executor.
    """
    with path.open("rb") as file:
        if category is MediaCategory.CLIP:
            return MP4 if _is_whole_mp4(file) else None
        head = file.read(8)
        if head.startswith(b"\xff\xd8\xff"):
            return JPEG if b"\xff\xd9" in _tail(file, _JPEG_TAIL) else None
        if head == b"\x89PNG\r\n\x1a\n":
            return PNG if b"IEND" in _tail(file, 16) else None
        return None


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
