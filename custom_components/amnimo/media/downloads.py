"""Media files on their way to the local media folder.

A file arrives under a temporary name beside its place, is checked, and takes its name only when
it is whole. Where the bytes come from is a presigned URL that somebody else mints, again and
again if need be; no access token ever goes there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator
import contextlib
from dataclasses import dataclass
from datetime import datetime
import errno
from http import HTTPStatus
from itertools import count
import logging
import os
from pathlib import Path
import re
import shutil
from threading import Lock
from typing import BinaryIO

import aiohttp

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..api import MediaCategory
from .container import Container, expected_container, identify
from .folder import download_folder
from .job import MediaFailure, MediaJobError
from .naming import file_stem, folder_name

_LOGGER = logging.getLogger(__name__)

_TIMEOUT = aiohttp.ClientTimeout(total=None, connect=15, sock_read=60)
_READ_BUFFER = 1024 * 1024
_BLOCK = 2 * 1024 * 1024
# Of one write; no system allows fewer than 1024.
_MOST_CHUNKS = 512
_AT_ONCE = 3
_TRIES_WITHOUT_PROGRESS = 5
_MOST_REFUSED_URLS = 3
_PAUSE = 0.5
_LONGEST_PAUSE = 8.0
_SPARE_SPACE = 16 * 1024 * 1024
_OWNER_NOTE = ".camera"
# Whose media have no camera any more.
_NOBODY = "-"
_CLAIMING = Lock()
_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)")
_REFUSALS = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.GONE,
    }
)

type UrlSource = Callable[[], Awaitable[str]]
"""Returns a presigned URL, at each call a new one but for the first perhaps."""

type ProgressListener = Callable[[int, int | None], None]
"""Is told how many bytes are on disk, and of how many, where the storage tells."""


class DownloadInterruptedError(Exception):
    """The file can't be had now, but maybe later."""


class _UrlRefusedError(Exception):
    """The storage does not accept the URL; it may have expired."""


class _DroppedError(Exception):
    """The transfer broke off."""


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file that arrived."""

    path: Path
    size: int
    """Bytes."""


class Downloads:
    """The downloads of one entry, a few at a time."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Begin with none."""
        self._hass = hass
        self._prefix = f".{entry_id}-"
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def async_clean(self) -> None:
        """Delete what a crash left of downloads of this entry."""
        if (root := download_folder(self._hass)) is not None:
            await self._hass.async_add_executor_job(_clean, root, self._prefix)

    async def async_choose_path(
        self,
        camera_id: str,
        camera_name: str,
        start: datetime,
        category: MediaCategory,
        taken: Collection[Path],
    ) -> Path:
        """Return a path in the local media folder for a medium, and make its folder.

        Nothing is at the path, and it is none of those that are `taken`. The folder holds
        files of this camera alone: another one of the same name has another.

        Raises:
            MediaJobError: there is no local media folder, or it can't be written to.

        """
        root = download_folder(self._hass)
        if root is None:
            raise MediaJobError(MediaFailure.STORAGE_FAILED)
        name = folder_name(camera_name)
        folder = await self._file_work(_own_folder, root / name, camera_id)
        stem = file_stem(
            start, camera_name if folder.name == name else folder.name, category
        )
        path = folder / f"{stem}{expected_container(category).suffix}"
        return await self._file_work(_free_place, path, taken)

    async def async_arrived(
        self, path: Path, category: MediaCategory
    ) -> LocalFile | None:
        """Return the file at a path that was chosen for it, if it is there and whole."""
        return await self._file_work(_arrived, path, category)

    async def async_fetch(
        self,
        key: str,
        url_source: UrlSource,
        path: Path,
        category: MediaCategory,
        progress: ProgressListener = lambda _received, _total: None,
    ) -> LocalFile:
        """Fetch a file to a path, or beside it if something took its place meanwhile.

        Args:
            key: tells this download from others of the entry.
            url_source: mints presigned URLs; what it raises is passed on.
            path: as chosen.
            category: what the file must be.
            progress: is told how far it is.

        Raises:
            DownloadInterruptedError: try again later.
            MediaJobError: it can't be had, is not what it should be, or can't be stored.

        """
        async with self._slots:
            part = path.with_name(f"{self._prefix}{key}.part")
            file = await self._file_work(_open_part, part)
            try:
                transfer = _Transfer(self._hass, url_source, file, part, progress)
                container = await self._transfer_whole(transfer, category)
                return await self._file_work(_put_in_place, file, part, path, container)
            finally:
                await self._hass.async_add_executor_job(_discard, file, part)

    async def _transfer_whole(
        self, transfer: _Transfer, category: MediaCategory
    ) -> Container:
        """Receive a file until it is whole, all anew if what came is no such file."""
        for _ in range(2):
            await transfer.run()
            container = await self._file_work(identify, transfer.part, category)
            if container is not None:
                return container
            _LOGGER.debug("What came is no whole %s", category)
            await transfer.restart()
        raise MediaJobError(MediaFailure.INVALID_FILE)

    async def _file_work[*ArgsT, ResultT](
        self, work: Callable[[*ArgsT], ResultT], *args: *ArgsT
    ) -> ResultT:
        """Work with files in the executor.

        Raises:
            MediaJobError: the operating system refuses.

        """
        return await _file_work(self._hass, work, *args)


class _Transfer:
    """The bytes of one file, from a presigned URL to a temporary file."""

    def __init__(
        self,
        hass: HomeAssistant,
        url_source: UrlSource,
        file: BinaryIO,
        part: Path,
        progress: ProgressListener,
    ) -> None:
        self.part = part
        self._progress = progress
        self._total: int | None = None
        self._hass = hass
        self._session = async_get_clientsession(hass)
        self._url_source = url_source
        self._url: str | None = None
        self._file = file
        self._received = 0
        self._etag: str | None = None

    async def run(self) -> None:
        """Receive until the end, over as many connections and URLs as it takes.

        Raises:
            DownloadInterruptedError: nothing came for a while.
            MediaJobError: no URL is accepted, or the file can't be written.

        """
        fruitless = refused = 0
        while True:
            url = self._url or await self._url_source()
            self._url = url
            before = self._received
            try:
                if await self._receive(url):
                    return
            except _UrlRefusedError:
                self._url = None
                refused += 1
                if refused >= _MOST_REFUSED_URLS:
                    raise MediaJobError(MediaFailure.DOWNLOAD_FAILED) from None
                if refused == 1:
                    continue
            except (aiohttp.ClientError, TimeoutError, _DroppedError) as err:
                # The message of an error may hold the URL.
                _LOGGER.debug(
                    "Download broke off at %s: %s", self._received, type(err).__name__
                )
            progress = self._received > before
            fruitless = 0 if progress else fruitless + 1
            refused = 0 if progress else refused
            if fruitless >= _TRIES_WITHOUT_PROGRESS:
                raise DownloadInterruptedError
            await asyncio.sleep(min(_PAUSE * 2**fruitless, _LONGEST_PAUSE))

    async def restart(self) -> None:
        """Forget what was received, and where from."""
        self._url = None
        await self._rewind()

    async def _receive(self, url: str) -> bool:
        """Receive what is missing over one connection; return whether that is all."""
        async with self._session.get(
            url,
            headers=self._request_headers(),
            timeout=_TIMEOUT,
            read_bufsize=_READ_BUFFER,
        ) as response:
            if response.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                if self._received == _total(response):
                    return True
                await self._rewind()
                raise _DroppedError
            await self._check_start(response)
            self._total = total = _total(response)
            await self._check_space(total)
            await self._write_all(response.content)
            if total is not None and self._received > total:
                await self._rewind()
                raise _DroppedError
            return total is None or self._received == total

    def _request_headers(self) -> dict[str, str]:
        headers = {"Accept-Encoding": "identity"}
        if self._received:
            headers["Range"] = f"bytes={self._received}-"
            if self._etag is not None:
                headers["If-Range"] = self._etag
        return headers

    async def _check_start(self, response: aiohttp.ClientResponse) -> None:
        """See to it that what comes goes on where the file ends."""
        if response.status in _REFUSALS:
            raise _UrlRefusedError
        if response.status == HTTPStatus.PARTIAL_CONTENT:
            match = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
            if match is None or match[1] != str(self._received):
                await self._rewind()
                raise _DroppedError
        elif response.status == HTTPStatus.OK:
            await self._rewind()
            etag = response.headers.get("ETag")
            self._etag = etag if etag and not etag.startswith("W/") else None
        else:
            raise _DroppedError

    async def _check_space(self, total: int | None) -> None:
        if total is not None:
            missing = total - self._received
            await _file_work(self._hass, _check_space, self.part.parent, missing)

    async def _write_all(self, content: aiohttp.StreamReader) -> None:
        """Write all that comes, also what came before a drop.

        While one block is written the next one comes in.
        """
        block: list[bytes] = []
        length = 0
        writing: asyncio.Task[None] | None = None
        broken: Exception | None = None
        try:
            async for chunk in content.iter_any():
                block.append(chunk)
                length += len(chunk)
                if length >= _BLOCK:
                    if writing is not None:
                        await _undisturbed(writing)
                    writing = asyncio.create_task(self._write(block, length))
                    block, length = [], 0
        except (aiohttp.ClientError, TimeoutError) as err:
            broken = err
        finally:
            if writing is not None:
                await asyncio.wait([writing])
        if writing is not None:
            writing.result()
        if block:
            await _undisturbed(asyncio.create_task(self._write(block, length)))
        if broken is not None:
            raise broken

    async def _write(self, block: list[bytes], length: int) -> None:
        await _file_work(self._hass, _write_block, self._file, block)
        self._received += length
        self._progress(self._received, self._total)

    async def _rewind(self) -> None:
        if self._received:
            await _file_work(self._hass, _empty, self._file)
            self._received = 0


async def _file_work[*ArgsT, ResultT](
    hass: HomeAssistant, work: Callable[[*ArgsT], ResultT], *args: *ArgsT
) -> ResultT:
    try:
        return await hass.async_add_executor_job(work, *args)
    except OSError as err:
        _LOGGER.debug("Working with a media file failed: %s", err.strerror)
        full = err.errno in (errno.ENOSPC, errno.EDQUOT)
        raise MediaJobError(
            MediaFailure.STORAGE_FULL if full else MediaFailure.STORAGE_FAILED
        ) from err


async def _undisturbed(writing: asyncio.Task[None]) -> None:
    """Wait for a write to its end, also when called off: no file is closed under it."""
    try:
        await asyncio.shield(writing)
    finally:
        await asyncio.wait([writing])


def _total(response: aiohttp.ClientResponse) -> int | None:
    """Return the size of the whole file in bytes, where the storage tells."""
    if response.status == HTTPStatus.OK:
        return response.content_length
    match = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    return int(match[2]) if match is not None and match[2] != "*" else None


# --- Work with files, for the executor -------------------------------------------------------


def _own_folder(folder: Path, camera_id: str) -> Path:
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


def _free_place(path: Path, taken: Collection[Path]) -> Path:
    return next(
        each for each in _alternatives(path) if each not in taken and not each.exists()
    )


def _alternatives(path: Path, mark: str = "_") -> Iterator[Path]:
    """Yield a path, then the same with a mark and a number."""
    yield path
    for number in count(2):
        yield path.with_name(f"{path.stem}{mark}{number}{path.suffix}")


def _arrived(path: Path, category: MediaCategory) -> LocalFile | None:
    container = expected_container(category)
    if not path.is_file() or path.suffix != container.suffix:
        return None
    if identify(path, category) is None:
        return None
    return LocalFile(path, path.stat().st_size)


def _open_part(part: Path) -> BinaryIO:
    part.parent.mkdir(parents=True, exist_ok=True)
    return part.open("wb", buffering=0)


def _write_block(file: BinaryIO, block: list[bytes]) -> None:
    """Write chunks as one block, and have the disk begin with it.

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
    if hasattr(os, "posix_fadvise"):
        length = file.tell() - start
        os.posix_fadvise(file.fileno(), start, length, os.POSIX_FADV_DONTNEED)


def _empty(file: BinaryIO) -> None:
    file.seek(0)
    file.truncate()


def _check_space(folder: Path, size: int) -> None:
    """Raise the error that would come later, before anything is received for nothing."""
    if shutil.disk_usage(folder).free < size + _SPARE_SPACE:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _put_in_place(
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


def _discard(file: BinaryIO, part: Path) -> None:
    # What went wrong before is to be told, not that it can't be tidied up.
    with contextlib.suppress(OSError):
        file.close()
    _unlink(part)


def _clean(root: Path, prefix: str) -> None:
    for part in root.glob(f"*/{prefix}*.part"):
        _unlink(part)


def _unlink(part: Path) -> None:
    """Delete the beginning of a file; on a disk that fails it stays."""
    try:
        part.unlink(missing_ok=True)
    except OSError as err:
        _LOGGER.debug("A partial file can't be deleted: %s", err)
