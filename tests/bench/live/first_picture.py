"""How long somebody waits for a camera's first picture, and how old the pictures are.

Cameras of the same kind are read in turns: straight from the cloud, through the integration's
relay, and through Home Assistant as its frontend does. Each wait begins with nobody watching.
Whatever the relay takes over the cloud is the integration's; the rest of the way through Home
Assistant is its stream component's, which first gathers segments of its own.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
import itertools
import statistics
from typing import Final

import aiohttp

from tests.bench.comparison import Finding, median
from tests.bench.household import Household
from tests.bench.report import Cell, Result, Table
from tests.demo.talk import say

from . import readers
from .cameras import Camera
from .marks import LOOK_SECONDS, START, Marks
from .upstream import Started, Upstream

_ROUNDS: Final = 10
_QUICK_ROUNDS: Final = 2
# Two segments after the first.
_PICTURES: Final = 60

_SLOWER_AT_MOST: Final = 1.10
_OLDER_AT_MOST: Final = 1.05

_ANSWERED: Final = "camera/stream was answered"


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to a picture; `reference` names the one that it is measured against."""

    name: str
    reference: str
    wait: Callable[[Camera, Marks], Awaitable[None]]
    waits: list[dict[str, float]] = field(default_factory=list)
    ages: list[float] = field(default_factory=list)
    """Of the pictures, in seconds: the median of each wait."""

    def median(self, what: str) -> float | None:
        """Return when something happened, None where it never did."""
        return median([wait[what] for wait in self.waits if what in wait])

    async def measure(self, house: Household, camera: Camera) -> None:
        """Wait for a picture once more."""
        async with Marks(house.cloud) as marks:
            await self.wait(camera, marks)
        self.waits.append(marks.seconds)
        if marks.ages:
            self.ages.append(statistics.median(marks.ages))


async def run(
    house: Household, cameras: Sequence[Camera], upstream: Upstream, *, quick: bool
) -> Result:
    """Wait for pictures, each way in turn, each time at a camera that nobody watches."""
    rounds = _QUICK_ROUNDS if quick else _ROUNDS
    say(f"bench: first pictures, {rounds} rounds of half a minute …")
    unwatched = itertools.cycle(cameras)
    async with aiohttp.ClientSession() as http:
        ways = _Ways(house, http, upstream)
        if not quick:
            # Nobody is to wait for imports and connections.
            await _go_round(house, ways.prepare(), unwatched, backwards=False)
        measured = ways.prepare()
        for number in range(rounds):
            await _go_round(house, measured, unwatched, backwards=number % 2 == 1)
    return Result(
        "first_picture",
        [
            _totals(measured, rounds, quick=quick),
            # Others are started meanwhile by who is in a hurry, and counted with them.
            *(() if quick else (_steps(measured),)),
            _ages(measured, rounds),
        ],
        findings=_findings(measured),
        samples={
            way.name: {"waits": way.waits, "median ages": way.ages} for way in measured
        },
    )


async def _go_round(
    house: Household,
    ways: Sequence[_Way],
    unwatched: Iterator[Camera],
    *,
    backwards: bool,
) -> None:
    """Go each way once."""
    for way in reversed(ways) if backwards else ways:
        await way.measure(house, next(unwatched))


class _Ways:
    """What the ways to a picture have in common: who is asked."""

    def __init__(
        self, house: Household, http: aiohttp.ClientSession, upstream: Upstream
    ) -> None:
        """Take who is asked."""
        self._house = house
        self._http = http
        self._upstream = upstream

    def prepare(self) -> Sequence[_Way]:
        """Return the ways, without measurements."""
        return [
            self._straight("cloud, played", _play),
            _Way("relay, played", "cloud, played", _from_relay(_play)),
            self._straight("cloud, fetched", self._fetch),
            _Way("relay, fetched", "cloud, fetched", _from_relay(self._fetch)),
            self._straight("cloud, gathered", self._gather, reference="cloud, fetched"),
            _Way("Home Assistant, fetched", "cloud, fetched", self._watch),
        ]

    def _straight(
        self,
        name: str,
        read: Callable[[str, Marks], Awaitable[None]],
        *,
        reference: str | None = None,
    ) -> _Way:
        """Return a way without the integration; it is its own reference by default."""

        async def wait(camera: Camera, marks: Marks) -> None:
            started: Started = await self._upstream.start(camera)
            try:
                await read(started.url, marks)
            finally:
                await self._upstream.stop(camera, started)

        return _Way(name, reference or name, wait)

    async def _fetch(self, url: str, marks: Marks) -> None:
        await readers.fetch(url, self._get, marks)

    async def _gather(self, url: str, marks: Marks) -> None:
        await readers.gather(url, self._get, marks)

    async def _get(self, url: str) -> bytes:
        async with self._http.get(url) as response:
            response.raise_for_status()
            return await response.read()

    async def _watch(self, camera: Camera, marks: Marks) -> None:
        """Open a camera as the frontend does."""

        async def get(path: str) -> bytes:
            body, _ = await self._house.api.fetch(path)
            return body

        answer = await self._house.api.command(
            "camera/stream", entity_id=camera.entity_id, format="hls"
        )
        marks.set(_ANSWERED)
        await readers.fetch(answer["url"], get, marks)


async def _play(url: str, marks: Marks) -> None:
    await readers.play(url, marks, _PICTURES)


def _from_relay(
    read: Callable[[str, Marks], Awaitable[None]],
) -> Callable[[Camera, Marks], Awaitable[None]]:
    """Return how to wait at the relay, which starts and ends the stream by itself."""

    async def wait(camera: Camera, marks: Marks) -> None:
        await read(camera.source, marks)

    return wait


def _findings(ways: Sequence[_Way]) -> list[Finding]:
    by_name = {way.name: way for way in ways}
    played, straight = by_name["relay, played"], by_name["cloud, played"]
    fetched, least = by_name["relay, fetched"], by_name["cloud, fetched"]
    return [
        Finding(
            "seconds to the first picture, FFmpeg on the relay",
            played.median(readers.PICTURE),
            beside=straight.median(readers.PICTURE),
            most_ratio=_SLOWER_AT_MOST,
        ),
        Finding(
            "seconds to the first picture, first segment of the relay",
            fetched.median(readers.PICTURE),
            beside=least.median(readers.PICTURE),
            most_ratio=_SLOWER_AT_MOST,
        ),
        Finding(
            "seconds from camera to decoded picture, FFmpeg on the relay",
            median(played.ages),
            beside=median(straight.ages),
            most_ratio=_OLDER_AT_MOST,
        ),
    ]


def _totals(ways: Sequence[_Way], rounds: int, *, quick: bool) -> Table:
    medians = {way.name: way.median(readers.PICTURE) or 0.0 for way in ways}
    rows: list[tuple[Cell, ...]] = []
    for way in ways:
        seconds = [wait[readers.PICTURE] for wait in way.waits]
        rows.append(
            (
                way.name,
                medians[way.name],
                min(seconds),
                max(seconds),
                medians[way.name] / medians[way.reference],
                medians[way.name] - medians[way.reference],
            )
        )
    return Table(
        f"Seconds until the first picture of a camera that nobody watched, {rounds} "
        "rounds in turns",
        ("way", "median", "least", "most", "ratio", "more"),
        rows,
        (
            *((f"Quick: {rounds} rounds instead of {_ROUNDS}.",) if quick else ()),
            "Ratio and more: than the cloud by the same reader.",
            "Played: opened by FFmpeg, which looks into the video before it decodes.",
            "Fetched: the first listed segment alone.",
            f"Gathered: once {readers.GATHERED_SECONDS:.0f} s and a key frame are there.",
            "Less won't do for Home Assistant's stream component, whatever it reads.",
        ),
    )


def _steps(ways: Sequence[_Way]) -> Table:
    steps = (
        _ANSWERED,
        START,
        readers.PLAYABLE,
        readers.FETCHED,
        readers.PICTURE,
    )
    return Table(
        "Where the time goes: seconds from the beginning, medians",
        ("until", *(way.name for way in ways)),
        [(step, *(way.median(step) for way in ways)) for step in steps],
        (
            f"The cloud's answer is seen up to {1000 * LOOK_SECONDS:.0f} ms late.",
            "Home Assistant gathers two segments of its own before it has a playlist.",
        ),
    )


def _ages(ways: Sequence[_Way], rounds: int) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (way.name, median(way.ages), min(way.ages), max(way.ages))
        for way in ways
        if way.ages
    ]
    return Table(
        f"Seconds from the camera to the decoded picture, {rounds} rounds in turns",
        ("way", "median", "least", "most"),
        rows,
        (
            f"Of each round the median of {_PICTURES} pictures, by the clock in them.",
            "Half a segment is the least there can be: a picture waits for the end of its.",
        ),
    )
