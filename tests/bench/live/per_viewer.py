"""What a viewer of the relay costs Home Assistant's processor.

So many readers at a time watch one camera through the relay, and as many another one through a
proxy that does nothing but hand on, in a process of its own. Both are watched in the same
seconds. What the relay's process takes while nobody watches is subtracted.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from tests.bench.comparison import Finding, Stretch, busy_per_second
from tests.bench.household import Household
from tests.bench.processor import processor_seconds
from tests.bench.proxy import running_proxy
from tests.bench.report import Cell, Result, Table
from tests.demo.errors import DemoError
from tests.demo.talk import say

from . import readers
from .cameras import Camera
from .upstream import Upstream

_ROOT: Final = Path(__file__).resolve().parents[3]
# The fewer, the more it matters that Home Assistant has had time to come to rest.
_VIEWERS: Final = (50, 10, 1)
_QUICK_VIEWERS: Final = (50, 10)
_SEGMENT_SECONDS: Final = 3.0
# So that each viewer fetches a segment in each.
_STRETCH_SECONDS: Final = _SEGMENT_SECONDS
_STRETCHES: Final = 10
_QUICK_STRETCHES: Final = 2


@dataclass(frozen=True, slots=True)
class _Watched:
    """Something that can be watched, and the process that it is read from."""

    name: str
    url: str
    argument: str
    """Of its command line: what the process is found by."""
    stretches: dict[int, list[Stretch]] = field(default_factory=dict)
    """By the number of viewers."""


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
        async with running_proxy(house.home_assistant.folder, argument) as proxy:
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
                f"processor ms a second and viewer, {_many(viewers)} of the relay",
                _milliseconds(relay, viewers),
                beside=_milliseconds(bare, viewers),
            )
            for viewers in reversed(numbers)
        ],
        samples={
            each.name: {
                str(viewers): [(stretch.busy, stretch.video) for stretch in stretches]
                for viewers, stretches in each.stretches.items()
            }
            for each in (relay, bare)
        },
    )


async def _watch(watched: Sequence[_Watched], viewers: int, stretches: int) -> None:
    """Have all watched by so many viewers, and look at the processes' clocks."""
    connector = aiohttp.TCPConnector(limit=0)
    fetched: dict[str, list[list[str]]] = {each.name: [] for each in watched}
    async with aiohttp.ClientSession(connector=connector) as http:

        async def get(url: str) -> bytes:
            async with http.get(url) as response:
                response.raise_for_status()
                return await response.read()

        watching = []
        for _ in range(viewers):
            for each in watched:
                segments: list[str] = []
                fetched[each.name].append(segments)
                reading = readers.follow(each.url, get, segments)
                watching.append(asyncio.create_task(reading))
            # Viewers do not come at the same moment.
            await asyncio.sleep(_STRETCH_SECONDS / viewers)
        try:
            # The first ones have to wait for the stream.
            await asyncio.sleep(_STRETCH_SECONDS)
            for each in watched:
                each.stretches[viewers] = []
            for _ in range(stretches):
                before = [_look(each, fetched[each.name]) for each in watched]
                await asyncio.sleep(_STRETCH_SECONDS)
                for each, start in zip(watched, before, strict=True):
                    end = _look(each, fetched[each.name])
                    if start is not None and end is not None:
                        each.stretches[viewers].append(
                            Stretch(end.busy - start.busy, end.video - start.video)
                        )
        finally:
            for task in watching:
                task.cancel()
            ended = await asyncio.gather(*watching, return_exceptions=True)
    for outcome in ended:
        if not isinstance(outcome, asyncio.CancelledError):
            raise DemoError(f"a viewer could not watch: {outcome!r}")
    for name, by_viewer in fetched.items():
        if any(len(segments) < stretches for segments in by_viewer):
            raise DemoError(f"a viewer of the {name} saw too little")


def _look(watched: _Watched, fetched: Sequence[Sequence[str]]) -> Stretch | None:
    """Return what a process has done until now; None where the system does not tell."""
    busy = processor_seconds(watched.argument)
    if busy is None:
        return None
    return Stretch(busy, _SEGMENT_SECONDS * sum(map(len, fetched)))


def _milliseconds(watched: _Watched, viewers: int) -> float | None:
    """Return the processor milliseconds of a second of a viewer."""
    busy = busy_per_second(watched.stretches[viewers], watched.stretches[0])
    return None if busy is None else 1000 * busy


def _many(viewers: int) -> str:
    return "1 viewer" if viewers == 1 else f"{viewers} viewers"


def _table(
    watched: Sequence[_Watched], numbers: Sequence[int], stretches: int, *, quick: bool
) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (_many(viewers), *(_milliseconds(each, viewers) for each in watched))
        for viewers in reversed(numbers)
    ]
    return Table(
        f"Processor milliseconds a second and viewer, medians of {stretches} stretches "
        f"of {_STRETCH_SECONDS:.0f} s",
        ("at a time", *(each.name for each in watched)),
        rows,
        (
            *((f"Quick: {stretches} stretches, not {_STRETCHES}.",) if quick else ()),
            "All of the process's time, less what it takes while nobody watches, divided by",
            "the seconds of video that its viewers fetched, each every segment for itself.",
        ),
    )
