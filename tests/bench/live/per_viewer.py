"""What a viewer of the relay costs Home Assistant's processor.

So many readers at a time watch one camera through the relay, and as many another one through a
proxy that does nothing but hand on, in a process of its own. Both are watched in the same
seconds. What the relay's process takes while nobody watches is subtracted.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
import sys
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from tests.bench.comparison import Finding, busy_per_viewer
from tests.bench.household import Household
from tests.bench.processor import processor_seconds
from tests.bench.report import Cell, Result, Table
from tests.demo.errors import DemoError
from tests.demo.processes import Program
from tests.demo.talk import say

from . import readers
from .cameras import Camera
from .upstream import Upstream

_ROOT: Final = Path(__file__).resolve().parents[3]
# The fewer, the more it matters that Home Assistant has had time to come to rest.
_VIEWERS: Final = (50, 10, 1)
_QUICK_VIEWERS: Final = (50, 10)
# A segment's length, so that each viewer fetches one in each.
_STRETCH_SECONDS: Final = 3.0
_STRETCHES: Final = 10
_QUICK_STRETCHES: Final = 2


@dataclass(frozen=True, slots=True)
class _Watched:
    """Something that can be watched, and the process that it is read from."""

    name: str
    url: str
    argument: str
    """Of its command line: what the process is found by."""
    busy: dict[int, list[float]] = field(default_factory=dict)
    """Processor seconds of each stretch, by the number of viewers."""


async def run(
    house: Household, cameras: Sequence[Camera], upstream: Upstream, *, quick: bool
) -> Result:
    """Watch with more and more viewers."""
    stretches = _QUICK_STRETCHES if quick else _STRETCHES
    numbers = _QUICK_VIEWERS if quick else _VIEWERS
    seconds = stretches * _STRETCH_SECONDS
    say(f"bench: processor time, {len(numbers) + 1} times {seconds:.0f} s …")
    relayed, handed_on = cameras[:2]
    started = await upstream.start(handed_on)
    try:
        parts = urlsplit(started.url)
        argument = f"--upstream={parts.scheme}://{parts.netloc}"
        async with _bare_proxy(house.home_assistant.folder, argument) as proxy:
            relay = _Watched("relay", relayed.source, str(house.home_assistant.folder))
            bare = _Watched(
                "bare proxy", f"{proxy}{parts.path}?{parts.query}", argument
            )
            for viewers in (*numbers, 0):
                await _watch((relay, bare), viewers, stretches)
    finally:
        await upstream.stop(handed_on, started)
    return Result(
        "per_viewer",
        [_table((relay, bare), numbers, stretches, quick=quick)],
        findings=[
            Finding(
                f"processor ms a second and viewer, {viewers} "
                f"{'viewer' if viewers == 1 else 'viewers'} of the relay",
                _milliseconds(relay, viewers),
                beside=_milliseconds(bare, viewers),
            )
            for viewers in reversed(numbers)
        ],
        samples={
            each.name: {str(viewers): busy for viewers, busy in each.busy.items()}
            for each in (relay, bare)
        },
    )


@asynccontextmanager
async def _bare_proxy(folder: Path, argument: str) -> AsyncIterator[str]:
    """Start the proxy; give its URL."""
    program = await Program.start(
        "the bare proxy",
        [sys.executable, "-m", "tests.bench.live.bare_proxy", argument],
        log=folder / "proxy.log",
        folder=_ROOT,
        read_output=True,
    )
    try:
        url = (await program.read_line()).strip()
        if not url:
            await program.wait()
            raise program.ended_error()
        yield url
    finally:
        await program.stop()


async def _watch(watched: Sequence[_Watched], viewers: int, stretches: int) -> None:
    """Have all watched by so many viewers, and look at the processes' clocks."""
    connector = aiohttp.TCPConnector(limit=0)
    fetched: list[list[str]] = []
    async with aiohttp.ClientSession(connector=connector) as http:

        async def get(url: str) -> bytes:
            async with http.get(url) as response:
                response.raise_for_status()
                return await response.read()

        watching = []
        for _ in range(viewers):
            for each in watched:
                fetched.append([])
                reading = readers.follow(each.url, get, fetched[-1])
                watching.append(asyncio.create_task(reading))
            # Viewers do not come at the same moment.
            await asyncio.sleep(_STRETCH_SECONDS / viewers)
        try:
            # The first ones have to wait for the stream.
            await asyncio.sleep(_STRETCH_SECONDS)
            for each in watched:
                each.busy[viewers] = []
            for _ in range(stretches):
                before = [processor_seconds(each.argument) for each in watched]
                await asyncio.sleep(_STRETCH_SECONDS)
                for each, start in zip(watched, before, strict=True):
                    end = processor_seconds(each.argument)
                    if start is not None and end is not None:
                        each.busy[viewers].append(end - start)
        finally:
            for task in watching:
                task.cancel()
            ended = await asyncio.gather(*watching, return_exceptions=True)
    for outcome, segments in zip(ended, fetched, strict=True):
        if not isinstance(outcome, asyncio.CancelledError) or len(segments) < stretches:
            raise DemoError(f"a viewer saw {len(segments)} segments: {outcome!r}")


def _milliseconds(watched: _Watched, viewers: int) -> float | None:
    """Return the processor milliseconds of a viewer's second."""
    busy = busy_per_viewer(
        watched.busy[viewers],
        watched.busy[0],
        seconds=_STRETCH_SECONDS,
        viewers=viewers,
    )
    return None if busy is None else 1000 * busy


def _table(
    watched: Sequence[_Watched], numbers: Sequence[int], stretches: int, *, quick: bool
) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (f"{viewers} viewers", *(_milliseconds(each, viewers) for each in watched))
        for viewers in reversed(numbers)
    ]
    return Table(
        f"Processor milliseconds a second and viewer, medians of {stretches} stretches "
        f"of {_STRETCH_SECONDS:.0f} s",
        ("at a time", *(each.name for each in watched)),
        rows,
        (
            *((f"Quick: {stretches} stretches, not {_STRETCHES}.",) if quick else ()),
            "All of the process's time, less what it takes while nobody watches.",
            "Each viewer asks for the playlist and fetches every segment.",
        ),
    )
