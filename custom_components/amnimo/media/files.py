"""Media files on the disk: where there is room, how they get their names, what is left over.

Knows the file system and its ways of failing, and nothing of where the bytes come from. Functions
without `async` block: they are for the executor.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
import contextlib
from dataclasses import dataclass
import errno
from itertools import count
import logging
import os
from pathlib import Path
import shutil
from threading import Lock
from typing import BinaryIO

from homeassistant.core import HomeAssistant

from ..api import MediaCategory
from .container import Container, identify
from .job import MediaFailure, MediaJobError

_LOGGER = logging.getLogger(__name__)

# Of one write; no system allows fewer than 1024.
_MOST_CHUNKS = 512
# After so much the disk begins: each time has a price, and more has everybody wait at the end.
_DISK_STRETCH = 16 * 1024 * 1024
_SPARE_SPACE = 16 * 1024 * 1024
_OWNER_NOTE = ".camera"
# Whose media have no camera any more.
_NOBODY = "-"
_CLAIMING = Lock()


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file that arrived."""

    path: Path
    size: int
    """Bytes."""


async def async_file_work[*ArgsT, ResultT](
    hass: HomeAssistant, work: Callable[[*ArgsT], ResultT], *args: *ArgsT
) -> ResultT:
    """Work with files in the executor.

    Raises:
        MediaJobError: the operating system refuses.

    """
    try:
        return await hass.async_add_executor_job(work, *args)
    except OSError as err:
        _LOGGER.debug("Working with a media file failed: %s", err.strerror)
        full = err.errno in (errno.ENOSPC, errno.EDQUOT)
        raise MediaJobError(
            MediaFailure.STORAGE_FULL if full else MediaFailure.STORAGE_FAILED
        ) from err


def own_folder(folder: Path, camera_id: str) -> Path:
    """Return the folder of a camera, the first of this name that is no other camera's.

    Whose a folder is, is written down in it: names change and are given twice, and the account
    may be added anew.
    """
    owner = camera_id or _NOBODY
    with _CLAIMING:
        return next(each for each in _alternatives(folder, "-") if _claim(each, owner))


def _claim(folder: Path, owner: str) -> bool:
    """Make a folder somebody's unless it is somebody else's; return whether it is theirs."""
    folder.mkdir(parents=True, exist_ok=True)
    note = folder / _OWNER_NOTE
    told = note.read_text(encoding="utf-8", errors="replace") if note.exists() else ""
    if not told:
        note.write_text(owner, encoding="utf-8")
    return told in ("", owner)


def free_place(path: Path, taken: Collection[Path]) -> Path:
    """Return a path, or the first beside it at which nothing is nor is to be."""
    return next(
        each for each in _alternatives(path) if each not in taken and not each.exists()
    )


def _alternatives(path: Path, mark: str = "_") -> Iterator[Path]:
    """Yield a path, then the same with a mark and a number."""
    yield path
    for number in count(2):
        yield path.with_name(f"{path.stem}{mark}{number}{path.suffix}")


def arrived(path: Path, category: MediaCategory) -> LocalFile | None:
    """Return the file at a path, if there is one that is whole and of the category."""
    if not path.is_file():
        return None
    container = identify(path, category)
    if container is None or path.suffix != container.suffix:
        return None
    return LocalFile(path, path.stat().st_size)


def open_part(part: Path) -> BinaryIO:
    """Open the temporary file of a download, empty."""
    part.parent.mkdir(parents=True, exist_ok=True)
    return part.open("wb", buffering=0)


def write_block(file: BinaryIO, block: list[bytes]) -> None:
    """Write chunks as one block, and have the disk begin with what there is now and then.

    A disk that is left alone until the end has everybody wait for it then.
    """
    start = file.tell()
    left = [memoryview(chunk) for chunk in block]
    while left:
        # A single write may stop short, on a full disk for example.
        written = os.writev(file.fileno(), left[:_MOST_CHUNKS])
        while left and written >= len(left[0]):
            written -= len(left.pop(0))
        if written:
            left[0] = left[0][written:]
    _let_disk_begin(file, start)


def _let_disk_begin(file: BinaryIO, start: int) -> None:
    """Have the disk begin with a stretch of a file if it was filled up from a position on.

    Not block by block: all processors are held up each time.
    """
    stretch, end = start // _DISK_STRETCH * _DISK_STRETCH, file.tell()
    if end - stretch >= _DISK_STRETCH and hasattr(os, "posix_fadvise"):
        os.posix_fadvise(file.fileno(), stretch, end - stretch, os.POSIX_FADV_DONTNEED)


def empty(file: BinaryIO) -> None:
    """Throw away what a file holds."""
    file.seek(0)
    file.truncate()


def check_space(folder: Path, size: int) -> None:
    """Raise the error that would come later, before anything is received for nothing."""
    if shutil.disk_usage(folder).free < size + _SPARE_SPACE:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def put_in_place(
    file: BinaryIO, part: Path, path: Path, container: Container
) -> LocalFile:
    """Give a file its name at once, without ever replacing another."""
    os.fsync(file.fileno())
    size = os.fstat(file.fileno()).st_size
    file.close()
    for place in _alternatives(path.with_suffix(container.suffix)):
        try:
            _move_to_free_place(part, place)
        except FileExistsError:
            continue
        break
    _sync_folder(path.parent)
    return LocalFile(place, size)


def _move_to_free_place(part: Path, place: Path) -> None:
    """Move a file; FileExistsError where there is another."""
    try:
        os.link(part, place)
    except FileExistsError:
        raise
    except OSError:
        # Not every file system has links: exFAT and network shares, for example.
        if place.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        part.rename(place)
    else:
        part.unlink()


def _sync_folder(folder: Path) -> None:
    """Make names survive a power cut, where the system can do that."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        _LOGGER.debug("The file system does not sync folders")
    finally:
        os.close(descriptor)


def discard(file: BinaryIO, part: Path) -> None:
    """Close a temporary file and delete it, if it is there still."""
    # What went wrong before is to be told, not that it can't be tidied up.
    with contextlib.suppress(OSError):
        file.close()
    _unlink(part)


def clean(root: Path, prefix: str) -> None:
    """Delete the temporary files in the folders of a folder whose names begin so."""
    for part in root.glob(f"*/{prefix}*.part"):
        _unlink(part)


def _unlink(part: Path) -> None:
    """Delete the beginning of a file; on a disk that fails it stays."""
    try:
        part.unlink(missing_ok=True)
    except OSError as err:
        _LOGGER.debug("A partial file can't be deleted: %s", err)
