"""Readers of HLS that stop at the first picture.

`play` is FFmpeg, as Home Assistant's stream component opens its sources; `fetch` takes the
first segment there is and decodes it, as little as any player can do; `gather` does so once as
much is there as Home Assistant's stream component has to see.
"""

import asyncio
from collections.abc import Awaitable, Callable
import io
import re
from typing import Final
from urllib.parse import urljoin

import av

from .marks import Marks

PLAYABLE: Final = "a playlist with a segment was there"
FETCHED: Final = "that segment was fetched"
PICTURE: Final = "its first picture was decoded"

# For a source that is HLS itself, Home Assistant cuts segments at the first key frame after
# 1.9 s, and has a playlist when the second one is complete. The cloud's segments of 1 s begin
# with key frames: the one that begins after 4 s ends it.
GATHERED_SECONDS: Final = 4.0

_TIMEOUT: Final = 30.0
_LOOK_AGAIN_SECONDS: Final = 0.1
_MAP: Final = '#EXT-X-MAP:URI="'
_LENGTH: Final = re.compile(r"^#EXTINF:([\d.]+)", re.MULTILINE)

type Get = Callable[[str], Awaitable[bytes]]


async def play(url: str, marks: Marks) -> None:
    """Have FFmpeg open a playlist and decode."""
    await asyncio.to_thread(_play, url, marks)


def _play(url: str, marks: Marks) -> None:
    with av.open(url, options={"extension_picky": "0"}, timeout=_TIMEOUT) as container:
        next(container.decode(video=0))
        marks.set(PICTURE)


async def fetch(url: str, get: Get, marks: Marks) -> None:
    """Fetch a playlist, its first segment with what belongs to it, and decode."""
    async with asyncio.timeout(_TIMEOUT):
        url, text = await _playlist(url, get)
        marks.set(PLAYABLE)
        start = text.find(_MAP) + len(_MAP)
        parts = [text[start : text.index('"', start)]] if _MAP in text else []
        parts.append(_uris(text)[0])
        content = b"".join([await get(urljoin(url, part)) for part in parts])
        marks.set(FETCHED)
        await asyncio.to_thread(_decode, content)
        marks.set(PICTURE)


async def gather(url: str, get: Get, marks: Marks) -> None:
    """Wait for a segment after the first 4 s of a live stream, then fetch as `fetch` does."""
    async with asyncio.timeout(_TIMEOUT):
        await _playlist(url, get, GATHERED_SECONDS)
    await fetch(url, get, marks)


async def _playlist(url: str, get: Get, seconds: float = 0.0) -> tuple[str, str]:
    """Return URL and text of the first media playlist that lists more than some seconds."""
    while True:
        text = (await get(url)).decode()
        uris = _uris(text)
        if "#EXT-X-STREAM-INF" in text:
            url = urljoin(url, uris[0])
        elif uris and sum(map(float, _LENGTH.findall(text))) > seconds:
            return url, text
        else:
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)


def _uris(playlist: str) -> list[str]:
    return [line for line in playlist.splitlines() if line and not line.startswith("#")]


def _decode(content: bytes) -> None:
    with av.open(io.BytesIO(content), "r") as container:
        next(container.decode(video=0))
