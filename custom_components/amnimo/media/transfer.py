"""The bytes of one media file, from a presigned URL to a temporary file.

A transfer goes on where it broke off, over as many connections and URLs as it takes. The URLs are
minted by somebody else, again and again if need be; no access token ever goes there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
import logging
from pathlib import Path
import re
from typing import BinaryIO

import aiohttp

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .files import async_file_work, check_space, empty, write_block
from .job import MediaFailure, MediaJobError
from .storage import URL_REFUSED

_LOGGER = logging.getLogger(__name__)

_TIMEOUT = aiohttp.ClientTimeout(total=None, connect=15, sock_read=60)
_READ_BUFFER = 1024 * 1024
_BLOCK = 2 * 1024 * 1024
_TRIES_WITHOUT_PROGRESS = 5
_MOST_REFUSED_URLS = 3
_PAUSE = 0.5
_LONGEST_PAUSE = 8.0
_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)")

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


class Transfer:
    """The bytes of one file, from a presigned URL to a temporary file."""

    def __init__(
        self,
        hass: HomeAssistant,
        url_source: UrlSource,
        file: BinaryIO,
        part: Path,
        progress: ProgressListener,
        size: int | None = None,
    ) -> None:
        """Begin with nothing.

        Args:
            hass: Home Assistant.
            url_source: mints presigned URLs.
            file: the temporary file, open and empty.
            part: where it is.
            progress: is told how far it is.
            size: bytes of the file by what is told of it elsewhere, where that is; the
                storage knows better.

        """
        self.part = part
        self._progress = progress
        self._size = size
        self._ended_at: int | None = None
        """After how many bytes a connection ended as if that were all, though it is less."""
        self.may_be_cut = False
        """Whether the last connection may have been cut without anybody having noticed."""
        self._encoded = False
        """Whether what came was not the bytes of the file as they are."""
        self._total: int | None = None
        self._hass = hass
        self._session = async_get_clientsession(hass)
        self._url_source = url_source
        self._url: str | None = None
        self._file = file
        self._received = 0
        self._space_wanted: int | None = None
        """What a connection is going to bring, until it is known that there is room for it."""
        self._etag: str | None = None

    @property
    def is_short(self) -> bool:
        """Whether there was no more, as it seems, though there should be."""
        return self._received == self._ended_at

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
        self._ended_at = None
        await self._rewind()

    async def _receive(self, url: str) -> bool:
        """Receive what is missing over one connection; return whether that is all."""
        if self._encoded:
            # There is no telling where in what was encoded the rest begins.
            await self._rewind()
        async with self._session.get(
            url,
            headers=self._request_headers(),
            timeout=_TIMEOUT,
            read_bufsize=_READ_BUFFER,
        ) as response:
            if response.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                if self._received == _total(response):
                    self.may_be_cut = False
                    return True
                await self._rewind()
                raise _DroppedError
            await self._check_start(response)
            self.may_be_cut = _is_open_ended(response)
            total = _total(response)
            self._total = self._size if total is None else total
            self._space_wanted = self._total and max(0, self._total - self._received)
            await self._write_all(response.content)
            if total is None:
                return self._is_end()
            if self._received > total:
                await self._rewind()
                raise _DroppedError
            return self._received == total

    def _is_end(self) -> bool:
        """Return whether there is no more, where the storage does not tell how much there is.

        A connection that is cut looks like one that came to its end. What is shorter than
        it should be is believed the second time.
        """
        enough = self._size is None or self._received >= self._size
        if enough or self._received == self._ended_at:
            return True
        self._ended_at = self._received
        return False

    def _request_headers(self) -> dict[str, str]:
        headers = {"Accept-Encoding": "identity"}
        if self._received:
            headers["Range"] = f"bytes={self._received}-"
            if self._etag is not None:
                headers["If-Range"] = self._etag
        return headers

    async def _check_start(self, response: aiohttp.ClientResponse) -> None:
        """See to it that what comes goes on where the file ends."""
        if response.status in URL_REFUSED:
            raise _UrlRefusedError
        self._encoded = _is_encoded(response)
        if response.status == HTTPStatus.PARTIAL_CONTENT:
            match = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
            goes_on = match is not None and match[1] == str(self._received)
            if self._encoded or not goes_on:
                await self._rewind()
                raise _DroppedError
        elif response.status == HTTPStatus.OK:
            await self._rewind()
            etag = response.headers.get("ETag")
            self._etag = etag if etag and not etag.startswith("W/") else None
        else:
            raise _DroppedError

    async def _write_all(self, content: aiohttp.StreamReader) -> None:
        """Write all that comes, also what came before a drop.

        While one block is written the next one comes in. Nobody waits for a file before the
        first one: what came before a drop is gone once the drop is known.
        """
        block: list[bytes] = []
        length = 0
        writing: asyncio.Task[None] | None = None
        broken: Exception | None = None
        try:
            # Not `iter_chunks`, which has nothing more of what came before a drop.
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
        wanted, self._space_wanted = self._space_wanted, None

        def work() -> None:
            if wanted is not None:
                check_space(self.part.parent, wanted)
            write_block(self._file, block)

        await async_file_work(self._hass, work)
        self._received += length
        total = self._total
        self._progress(self._received, total and max(total, self._received))

    async def _rewind(self) -> None:
        if self._received:
            await async_file_work(self._hass, empty, self._file)
            self._received = 0


async def _undisturbed(writing: asyncio.Task[None]) -> None:
    """Wait for a write to its end, also when called off: no file is closed under it."""
    try:
        await asyncio.shield(writing)
    finally:
        await asyncio.wait([writing])


def _total(response: aiohttp.ClientResponse) -> int | None:
    """Return the size of the whole file in bytes, where the storage tells."""
    if _is_encoded(response):
        return None
    if response.status == HTTPStatus.OK:
        return response.content_length
    match = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    return int(match[2]) if match is not None and match[2] != "*" else None


def _is_open_ended(response: aiohttp.ClientResponse) -> bool:
    """Return whether what comes ends only with the connection (RFC 9112, 6.3)."""
    coding = response.headers.get("Transfer-Encoding", "")
    return response.content_length is None and "chunked" not in coding.lower()


def _is_encoded(response: aiohttp.ClientResponse) -> bool:
    """Return whether lengths and ranges are of something else than the file (RFC 9110, 8.4)."""
    coding = response.headers.get("Content-Encoding", "")
    return coding.strip().lower() not in ("", "identity")
