"""What tests of live viewing wait for, and how a stream dies."""

import asyncio
from collections.abc import Callable

from custom_components.amnimo.live.playlist import MediaPlaylist
from tests.cloud import SimulatedCloud


def has_segments(count: int) -> Callable[[MediaPlaylist], bool]:
    """Return what tells whether a playlist has so many segments."""
    return lambda playlist: len(playlist.segments) >= count


def kill(cloud: SimulatedCloud) -> None:
    """End all streams, as if the devices had lost power for a moment."""
    for session in cloud.stats.sessions.open():
        session.stop(cloud.clock.now())


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)
