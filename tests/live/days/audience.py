"""Somebody who watches all the time, as readers of HLS do, and notes what came.

Whether what came can be decoded is for other tests: here it's counted when it came.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Self

from tests.cloud import SimulatedCloud
from tests.live.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look brought; times by the clock of the loop."""

    asked: float
    answered: float
    status: int
    """Of the playlist."""
    words: str
    """What was said in place of a playlist."""
    newest: int
    """The number of the newest segment, -1 without a playlist."""
    moving: bool
    """Whether there was a new segment that had come from the cloud."""

    @property
    def seconds(self) -> float:
        """How long the playlist took."""
        return self.answered - self.asked


class Audience:
    """A reader that looks every second, whatever the answer."""

    def __init__(self, url: str, cloud: SimulatedCloud) -> None:
        """Take the URL that Home Assistant's readers get, and the cloud behind it."""
        self._viewer = Viewer(url)
        self._cloud = cloud
        self._watching: asyncio.Task[None] | None = None
        self._newest = -1
        self.seen: list[Seen] = []

    async def __aenter__(self) -> Self:
        """Begin, without watching yet."""
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave."""
        await self.leave()
        await self._viewer.__aexit__(exc_type, exc, traceback)

    def watch(self) -> None:
        """Begin to watch."""
        self._watching = asyncio.create_task(self._watch())

    async def leave(self) -> None:
        """Watch no more."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait([self._watching])
            if not self._watching.cancelled():
                self._watching.result()
            self._watching = None

    async def until(self, enough: Callable[[Seen], bool], seconds: float = 60) -> Seen:
        """Wait for a look that begins from now on, and is as wanted."""
        assert self._watching is not None
        began = now()
        while now() - began < seconds:
            for seen in reversed(self.seen):
                if seen.asked < began:
                    break
                if enough(seen):
                    return seen
            await asyncio.wait([self._watching], timeout=0.1)
            if self._watching.done():
                self._watching.result()
        raise AssertionError(f"not within {seconds} s: {self.seen[-5:]}")

    async def until_moving(self, seconds: float = 60) -> Seen:
        """Wait for a new picture."""
        return await self.until(lambda seen: seen.moving, seconds)

    def since(self, moment: float) -> list[Seen]:
        """Return the looks that began at a moment or later."""
        return [seen for seen in self.seen if seen.asked >= moment]

    def statuses(self, moment: float = 0) -> set[int]:
        """Return how playlists were answered since a moment."""
        return {seen.status for seen in self.since(moment)}

    def longest_without(self, moment: float) -> float:
        """Return the longest time without a new picture since a moment, in seconds."""
        times = [seen.answered for seen in self.since(moment) if seen.moving]
        return max(
            b - a for a, b in zip([moment, *times], [*times, now()], strict=True)
        )

    async def _watch(self) -> None:
        while True:
            self.seen.append(await self._look())
            await asyncio.sleep(1)

    async def _look(self) -> Seen:
        asked = now()
        look = await self._viewer.get()
        answered = now()
        if look.status != HTTPStatus.OK:
            return Seen(
                asked, answered, look.status, look.text.strip(), -1, moving=False
            )
        newest = look.playlist.segments[-1]
        moving = False
        if newest.sequence > self._newest:
            served = self._served
            segment = await self._viewer.get(newest.resource.url)
            moving = segment.status == HTTPStatus.OK and self._served > served
        # Segments are never numbered twice.
        assert newest.sequence >= self._newest
        self._newest = newest.sequence
        return Seen(asked, answered, look.status, "", newest.sequence, moving)

    @property
    def _served(self) -> int:
        return self._cloud.stats.count("segment", HTTPStatus.OK)


def now() -> float:
    """Return the time of the loop, in seconds."""
    return asyncio.get_running_loop().time()
