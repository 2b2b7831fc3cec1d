"""Pictures behind presigned URLs: fetched whole, and taken for pictures only if they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus

import aiohttp

from .storage import BUSY, URL_REFUSED

_TIMEOUT = aiohttp.ClientTimeout(total=15)
_LARGEST = 20 * 1024 * 1024

_MAGIC = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG": "image/png",
    b"GIF8": "image/gif",
}


class PictureError(Exception):
    """A picture can't be had. The text holds no URL."""


class PictureGoneError(PictureError):
    """There is no such picture, or its URL is not good any more."""


class PictureBusyError(PictureError):
    """The storage has too much to do right now."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it was fetched."""

    content: bytes = field(repr=False)
    content_type: str


async def async_fetch_picture(
    session: aiohttp.ClientSession,
    url: str,
    timeout: aiohttp.ClientTimeout = _TIMEOUT,
) -> Picture:
    """Fetch a picture of up to 20 MiB.

    Raises:
        PictureGoneError: the storage does not have it, or not under this URL any more.
        PictureBusyError: try again later.
        PictureError: it can't be fetched, or is no picture.

    """
    try:
        async with session.get(url, timeout=timeout) as response:
            if response.status in URL_REFUSED:
                raise PictureGoneError(f"HTTP status {response.status}")
            if response.status in BUSY:
                raise PictureBusyError(f"HTTP status {response.status}")
            if response.status != HTTPStatus.OK:
                raise PictureError(f"HTTP status {response.status}")
            content = bytearray()
            while chunk := await response.content.read(_LARGEST):
                content += chunk
                if len(content) > _LARGEST:
                    raise PictureError("too large for a picture")
    except (aiohttp.ClientError, TimeoutError) as err:
        # The message of an error may hold the URL.
        failure = PictureError(type(err).__name__)
    else:
        content_type = image_type(content)
        if content_type is not None:
            return Picture(bytes(content), content_type)
        failure = PictureError("not a picture")
    raise failure


def image_type(content: bytes | bytearray) -> str | None:
    """Return the type of a picture by its first bytes, None for what is no picture."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    for magic, content_type in _MAGIC.items():
        if content.startswith(magic):
            return content_type
    return None
