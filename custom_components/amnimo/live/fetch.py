"""What is fetched from where the service says the video is.

Owns the HTTP of playlists and segments: time limits, size limits, ranges. These are no API
requests, so the access token never goes along. Errors tell kinds, not URLs: those are
presigned.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
import re

import aiohttp
from yarl import URL

from .playlist import (
    ByteRange,
    MasterPlaylist,
    MediaPlaylist,
    PlaylistError,
    Resource,
    parse,
)

_PLAYLIST_TIMEOUT = aiohttp.ClientTimeout(total=10, connect=5)
# A segment may take as long as it likes, provided that it keeps coming.
_SEGMENT_TIMEOUT = aiohttp.ClientTimeout(total=120, connect=5, sock_read=10)
_LARGEST_PLAYLIST = 1024 * 1024
_CHUNK = 64 * 1024
_MOST_REDIRECTS = 5
_GONE = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.GONE,
    }
)
_CLIENT_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class FetchError(Exception):
    """Something could not be fetched this time."""


class GoneError(FetchError):
    """It is not there, or not for us any more."""


class TooLongError(FetchError):
    """A playlist has grown longer than anybody needs."""


async def fetch_playlist(
    session: aiohttp.ClientSession, url: str
) -> MediaPlaylist | MasterPlaylist:
    """Return the playlist at a URL, with its own URLs made absolute.

    Raises:
        GoneError: HTTP status 401, 403, 404 or 410.
        TooLongError: more than 1 MiB.
        FetchError: any other failure; also a text that is no playlist.

    """
    try:
        async with session.get(
            URL(url, encoded=True),
            timeout=_PLAYLIST_TIMEOUT,
            max_redirects=_MOST_REDIRECTS,
        ) as response:
            _raise_for_status(response.status)
            body = bytearray()
            async for chunk in response.content.iter_chunked(_CHUNK):
                body += chunk
                if len(body) > _LARGEST_PLAYLIST:
                    raise TooLongError("a playlist of more than 1 MiB")
            base_url = str(response.url)
        return parse(body.decode("utf-8", "surrogateescape"), base_url)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as err:
        raise FetchError(type(err).__name__) from None
    except PlaylistError as err:
        raise FetchError(str(err)) from None


@dataclass(frozen=True, slots=True)
class Content:
    """The body of a resource, on its way."""

    status: int
    """200, or 206 for a part."""
    length: int | None
    """Bytes, where known."""
    content_range: str | None
    chunks: AsyncIterator[bytes]
    """Raises FetchError where the body breaks off."""


class RangeError(FetchError):
    """The part that was asked for is not in the resource."""


@asynccontextmanager
async def open_resource(
    session: aiohttp.ClientSession, resource: Resource, client_range: str | None
) -> AsyncGenerator[Content]:
    """Open a resource for streaming; nothing is kept.

    Args:
        session: sends the request.
        resource: a file, or a part of one, which then counts as a whole.
        client_range: Range header of the reader, if it sent one.

    Raises:
        GoneError: as `fetch_playlist`.
        RangeError: the range is outside.
        FetchError: any other failure.

    """
    wanted = _wanted(resource.byte_range, client_range)
    headers = {"Accept-Encoding": "identity"}
    if isinstance(wanted, str):
        headers["Range"] = wanted
    elif wanted is not None:
        headers["Range"] = f"bytes={wanted.offset}-{wanted.end - 1}"
    try:
        response = await session.get(
            URL(resource.url, encoded=True),
            headers=headers,
            timeout=_SEGMENT_TIMEOUT,
            max_redirects=_MOST_REDIRECTS,
        )
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as err:
        raise FetchError(type(err).__name__) from None
    async with response:
        _raise_for_status(response.status)
        whole = resource.byte_range
        if whole is None or not isinstance(wanted, ByteRange):
            yield Content(
                response.status,
                _length(response),
                response.headers.get("Content-Range"),
                _chunks(response),
            )
            return
        partial = response.status == HTTPStatus.PARTIAL_CONTENT
        skip = 0 if partial else wanted.offset
        content_range = None
        if client_range is not None:
            first = wanted.offset - whole.offset
            last = first + wanted.length - 1
            content_range = f"bytes {first}-{last}/{whole.length}"
        yield Content(
            HTTPStatus.OK if content_range is None else HTTPStatus.PARTIAL_CONTENT,
            wanted.length,
            content_range,
            _part(_chunks(response), skip, wanted.length),
        )


async def read_resource(
    session: aiohttp.ClientSession, resource: Resource, limit: int
) -> bytes:
    """Return the whole of a small resource.

    Raises:
        FetchError: as `open_resource`; also where it is larger than `limit` bytes.

    """
    body = bytearray()
    async with open_resource(session, resource, None) as content:
        async for chunk in content.chunks:
            body += chunk
            if len(body) > limit:
                raise FetchError("larger than it should be")
    return bytes(body)


def _wanted(
    whole: ByteRange | None, client_range: str | None
) -> ByteRange | str | None:
    """Return what to ask upstream for: a range, a reader's own header, or everything."""
    if whole is None:
        return client_range
    if client_range is None:
        return whole
    match = _CLIENT_RANGE.fullmatch(client_range.strip())
    if match is None or not (match[1] or match[2]):
        return whole
    if not match[1]:
        first = max(0, whole.length - int(match[2]))
        last = whole.length - 1
    else:
        first = int(match[1])
        last = min(int(match[2]) if match[2] else whole.length - 1, whole.length - 1)
    if first > last:
        raise RangeError("outside of the resource")
    return ByteRange(last - first + 1, whole.offset + first)


def _length(response: aiohttp.ClientResponse) -> int | None:
    """Return the length that a reader can rely on; a body that was unpacked has another."""
    if response.headers.get("Content-Encoding", "identity") != "identity":
        return None
    return response.content_length


async def _chunks(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    try:
        async for chunk in response.content.iter_any():
            yield chunk
    except (aiohttp.ClientError, TimeoutError, OSError) as err:
        raise FetchError(type(err).__name__) from None


async def _part(
    chunks: AsyncIterator[bytes], skip: int, length: int
) -> AsyncIterator[bytes]:
    """Yield a part of a body: of a server that knows no ranges, and of one that sends more."""
    async for chunk in chunks:
        part = chunk[skip : skip + length]
        skip = max(0, skip - len(chunk))
        length -= len(part)
        if part:
            yield part
        if not length:
            return
    raise FetchError("shorter than its byte range")


def _raise_for_status(status: int) -> None:
    if status in _GONE:
        raise GoneError(f"HTTP status {status}")
    if status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        raise RangeError(f"HTTP status {status}")
    if status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        raise FetchError(f"HTTP status {status}")
