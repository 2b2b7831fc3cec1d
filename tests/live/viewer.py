"""Viewers of the relay: one that looks at playlists, one that decodes the picture."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
import time
from types import TracebackType
from typing import Self

import aiohttp
import av

from custom_components.amnimo.live.playlist import MediaPlaylist, parse
from tests.cloud import read_clock


@dataclass(frozen=True, slots=True)
class Look:
    """What a request for a file brought."""

    status: int
    headers: dict[str, str]
    body: bytes
    url: str

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    @property
    def playlist(self) -> MediaPlaylist:
        """The body as a playlist."""
        assert self.status == 200, self.text
        found = parse(self.text, self.url)
        assert isinstance(found, MediaPlaylist)
        return found


class Viewer:
    """Somebody who asks for a camera's playlist."""

    def __init__(self, url: str) -> None:
        """Take the URL that Home Assistant's readers get."""
        self.url = url
        self._http = aiohttp.ClientSession()

    async def __aenter__(self) -> Self:
        """Begin."""
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave."""
        await self._http.close()

    async def get(self, url: str | None = None, **headers: str) -> Look:
        """Ask for the playlist, or for another URL."""
        async with self._http.get(url or self.url, headers=headers) as response:
            return Look(
                response.status,
                dict(response.headers),
                await response.read(),
                str(response.url),
            )

    async def watch(
        self, until: Callable[[MediaPlaylist], bool], *, pause: float = 0.2
    ) -> MediaPlaylist:
        """Ask for the playlist again and again until it is as wanted."""
        async with asyncio.timeout(20):
            while not until(playlist := (await self.get()).playlist):
                await asyncio.sleep(pause)
        return playlist


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture."""

    seconds: float
    """Its time stamp."""
    clock: float
    """When it was taken (epoch seconds), by the clock in it."""
    seen: float
    """When it was decoded (monotonic seconds)."""


async def decode(
    url: str,
    count: int,
    *,
    timeout: float = 20,
    on_picture: Callable[[int], None] | None = None,
    has_clock: bool = True,
) -> list[Picture]:
    """Return the first pictures that FFmpeg decodes, read as Home Assistant reads them."""
    loop = asyncio.get_running_loop()

    def read() -> list[Picture]:
        pictures: list[Picture] = []
        with av.open(url, timeout=timeout) as container:
            for frame in container.decode(video=0):
                assert frame.time is not None
                clock = read_clock(frame) if has_clock else 0.0
                pictures.append(Picture(frame.time, clock, time.monotonic()))
                if on_picture is not None:
                    loop.call_soon_threadsafe(on_picture, len(pictures))
                if len(pictures) == count:
                    break
        return pictures

    return await asyncio.to_thread(read)
