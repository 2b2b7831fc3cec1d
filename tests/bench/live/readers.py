"""Readers of HLS.

`play` is FFmpeg, as Home Assistant's stream component opens its sources; `fetch` takes the
first segment there is and decodes it, as little as any player can do; `gather` does so once as
much is there as Home Assistant's stream component has to see; `follow` watches without end.
"""

import asyncio
from collections.abc import Awaitable, Callable
import io
import re
import time
from typing import Final
from urllib.parse import urljoin

import av

from tests.cloud.clock_strip import read_clock

from .marks import Marks

PLAYABLE: Final = "a playlist with a segment was there"
FETCHED: Final = "that segment was fetched"
PICTURE: Final = "its first picture was decoded"

# For a source that is HLS itself, Home Assistant cuts segments at the first key frame after
# 1.9 s, and has a playlist when the second one is complete. The cloud's video has a key frame
# every second: the one after 4 s ends it.
GATHERED_SECONDS: Final = 4.0

_TIMEOUT: Final = 30.0
_LOOK_AGAIN_SECONDS: Final = 0.1
# What is listed at the beginning is decoded at once; the next segment takes longer to come.
_ALREADY_THERE_SECONDS: Final = 0.8
_MAP: Final = '#EXT-X-MAP:URI="'
_LENGTH: Final = re.compile(r"^#EXTINF:([\d.]+)", re.MULTILINE)
_OPTIONS: Final = {"extension_picky": "0"}

type Get = Callable[[str], Awaitable[bytes]]


async def play(url: str, marks: Marks, further_pictures: int = 0) -> None:
    """Have FFmpeg open a playlist and decode.

    With `further_pictures` it plays on, and notes how old so many pictures were that came
    after those that were there at the beginning. Raises av.FFmpegError.
    """
    await asyncio.to_thread(_play, url, marks, further_pictures)


def _play(url: str, marks: Marks, further_pictures: int) -> None:
    seen: list[tuple[float, av.VideoFrame]] = []
    with av.open(url, options=_OPTIONS, timeout=_TIMEOUT) as container:
        pictures = container.decode(video=0)
        next(pictures)
        marks.set(PICTURE)
        there = time.time() + _ALREADY_THERE_SECONDS
        while len(seen) < further_pictures:
            picture = next(pictures)
            if (now := time.time()) > there:
                seen.append((now, picture))
    # The strips are read afterwards: that takes a while itself.
    marks.ages += [now - read_clock(picture) for now, picture in seen]


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


async def follow(url: str, get: Get, segments: list[str]) -> None:
    """Fetch whatever a live playlist lists, at the pace of RFC 8216, until cancelled.

    The names of what was fetched are added to `segments`.
    """
    url, text = await _playlist(url, get)
    while True:
        fresh = [uri for uri in _uris(text) if _name(uri) not in segments]
        for uri in fresh:
            await get(urljoin(url, uri))
            segments.append(_name(uri))
        last = float(_LENGTH.findall(text)[-1])
        await asyncio.sleep(last if fresh else last / 2)
        text = (await get(url)).decode()


def _name(uri: str) -> str:
    """Return what names a segment, without a signature that may be renewed."""
    return uri.partition("?")[0]


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
