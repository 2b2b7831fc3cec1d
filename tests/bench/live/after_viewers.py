"""For how long a camera goes on sending when its last viewer has left.

Watched as the frontend does, through Home Assistant's stream, whose own idle time is part of
what is measured; by a reader of the relay, which shows what the relay's part is; and cameras
of an integration that starts in ``stream_source`` and extends for ever, through Home
Assistant's stream as well. All leave at the same moment.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import aiohttp

from tests.bench.comparison import Finding, median
from tests.bench.household import Household
from tests.bench.report import Cell, Result, Table
from tests.demo.errors import DemoError
from tests.demo.talk import say

from . import readers
from .cameras import Camera, add_endless, endless_entities

_CAMERAS: Final = 10
_QUICK_CAMERAS: Final = 3
_WATCH_SECONDS: Final = 15.0
_QUICK_WATCH_SECONDS: Final = 8.0
# Within it the relay's cameras have to fall silent; the others never do.
_STRETCH_SECONDS: Final = 90.0
_QUICK_STRETCH_SECONDS: Final = 55.0

_MOST_SECONDS: Final = 50.0
_MOST_OF_OURS: Final = 20.0
# Less than this is missing where a camera sends to the very end.
_ROUNDING_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class _Watched:
    """Cameras that are watched in one way, and how long each sent afterwards."""

    name: str
    cameras: Sequence[Camera]
    seconds: list[float] = field(default_factory=list)

    def sending(self, stretch: float) -> int:
        """Return how many sent until the end of what was looked at."""
        return sum(each > stretch - _ROUNDING_SECONDS for each in self.seconds)


async def run(house: Household, cameras: Sequence[Camera], *, quick: bool) -> Result:
    """Watch, leave, and see what is sent all the same."""
    count = _QUICK_CAMERAS if quick else _CAMERAS
    stretch = _QUICK_STRETCH_SECONDS if quick else _STRETCH_SECONDS
    say(
        f"bench: three times {count} cameras are left, and looked at for {stretch:.0f} s …"
    )
    ours, plain, endless = (
        _Watched("Home Assistant's stream of the relay", cameras[:count]),
        _Watched("a reader of the relay", cameras[count : 2 * count]),
        _Watched("Home Assistant's stream, extended for ever", cameras[-count:]),
    )
    await add_endless(house, endless.cameras, webrtc=False)
    entities = await endless_entities(house)
    async with aiohttp.ClientSession() as http:

        async def get(url: str) -> bytes:
            async with http.get(url) as response:
                response.raise_for_status()
                return await response.read()

        watching = [
            *(_watch(house, each.entity_id) for each in ours.cameras),
            *(readers.follow(each.source, get, []) for each in plain.cameras),
            *(_watch(house, entities[each.id]) for each in endless.cameras),
        ]
        tasks = [asyncio.create_task(each) for each in watching]
        done, left = await asyncio.wait(
            tasks,
            timeout=_QUICK_WATCH_SECONDS if quick else _WATCH_SECONDS,
            return_when=asyncio.FIRST_EXCEPTION,
        )
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
    if done:
        raise DemoError(f"a viewer could not watch: {done.pop().exception()!r}")
    before = await _uploaded(house)
    await asyncio.sleep(stretch)
    after = await _uploaded(house)
    for each in (ours, plain, endless):
        each.seconds.extend(after[it.id] - before[it.id] for it in each.cameras)
    return Result(
        "after_viewers",
        [_table((ours, plain, endless), stretch, quick=quick)],
        findings=[
            Finding(
                "seconds uploaded after the last viewer, Home Assistant's stream",
                median(ours.seconds),
                beside=median(endless.seconds),
                most=_MOST_SECONDS,
            ),
            Finding(
                "  of which the relay's own",
                median(plain.seconds),
                most=_MOST_OF_OURS,
            ),
        ],
        samples={each.name: each.seconds for each in (ours, plain, endless)},
    )


async def _watch(house: Household, entity_id: str) -> None:
    """Watch a camera as the frontend does, until cancelled."""

    async def get(path: str) -> bytes:
        body, _ = await house.api.fetch(path)
        return body

    answer = await house.api.command("camera/stream", entity_id=entity_id, format="hls")
    await readers.follow(answer["url"], get, [])


async def _uploaded(house: Household) -> Mapping[str, float]:
    """Return the seconds that each camera has sent, by its ID."""
    seconds: Mapping[str, float] = (await house.cloud.stats())["seconds_uploaded"]
    return seconds


def _table(ways: Sequence[_Watched], stretch: float, *, quick: bool) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            way.name,
            median(way.seconds),
            min(way.seconds),
            max(way.seconds),
            f"{way.sending(stretch)} of {len(way.seconds)}",
        )
        for way in ways
    ]
    return Table(
        f"Seconds that a camera sent within {stretch:.0f} s after its last viewer left",
        ("watched by", "median", "least", "most", "still sending"),
        rows,
        (
            *(("Quick: fewer cameras for a shorter time.",) if quick else ()),
            "Home Assistant's stream itself reads on for 30 s.",
            "Extended for ever: what is still sending then would not have ended.",
        ),
    )
