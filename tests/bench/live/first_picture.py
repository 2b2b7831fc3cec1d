"""How long somebody waits for a camera's first picture, and where the time goes.

The same kind of camera at the same edge is read in turns: straight from the cloud, through the
integration's relay, and through Home Assistant as its frontend does. Each wait begins with
nobody watching. Whatever the relay takes over the cloud is the integration's; the rest of the
way through Home Assistant is its stream component's, which first gathers segments of its own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
import contextlib
from dataclasses import dataclass, field
import re
import statistics
from typing import Any, Final

import aiohttp

from tests.bench.bench import Bench
from tests.bench.household import Household, household
from tests.bench.report import Cell, MustBeZero, Result, Table
from tests.bench.requests import read_requests
from tests.demo.errors import DemoError
from tests.demo.polling import until
from tests.demo.simulated_cloud import Size
from tests.demo.talk import say

from . import readers
from .marks import LOOK_SECONDS, PLAYLIST, SEGMENT, START, Marks
from .upstream import Upstream

_SIZE: Final = Size(tenants=3, cameras=12, devices=4)
_ROUNDS: Final = 5
_QUICK_ROUNDS: Final = 2

# Home Assistant reads on for 30 s, a minute after the very first segment, then the relay
# waits 15 s.
_SILENCE_SECONDS: Final = 120.0

_ANSWERED: Final = "camera/stream was answered"
_STREAM_LOG: Final = "homeassistant.components.stream"


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to a picture; `reference` names the one that it is measured against."""

    name: str
    reference: str
    wait: Callable[[Marks], Awaitable[None]]
    settle: Callable[[], Awaitable[None]]
    """Done after the measurement."""
    waits: list[dict[str, float]] = field(default_factory=list)

    def median(self, what: str) -> float | None:
        """Return when something happened, None where it never did."""
        seconds = [wait[what] for wait in self.waits if what in wait]
        return statistics.median(seconds) if seconds else None


async def run(bench: Bench) -> Result:
    """Wait for pictures, each way in turn."""
    rounds = _QUICK_ROUNDS if bench.quick else _ROUNDS
    say(f"bench: first pictures, {rounds} rounds of about a minute …")
    async with household(bench.folder, _SIZE) as house, aiohttp.ClientSession() as http:
        ways = await _Ways.prepare(house, http)
        for number in range(rounds):
            await _until_silent(house)
            for way in ways if number % 2 == 0 else reversed(ways):
                async with Marks(house.cloud) as marks:
                    await way.wait(marks)
                way.waits.append(marks.seconds)
                await way.settle()
        # A camera that sends on is a figure of the result.
        with contextlib.suppress(DemoError):
            await _until_silent(house)
        stats = await house.cloud.stats()
        refused = (await read_requests(house.cloud)).refused
    return Result(
        "first_picture",
        [_totals(ways, rounds, quick=bench.quick), _steps(ways)],
        [
            MustBeZero("429s", refused),
            MustBeZero("live sessions while nobody watches", stats["live_sessions"]),
        ],
        {way.name: way.waits for way in ways},
    )


class _Ways:
    """What the ways to a picture have in common: who is asked, and for which camera."""

    def __init__(
        self, house: Household, http: aiohttp.ClientSession, upstream: Upstream
    ) -> None:
        """Take who is asked."""
        self._house = house
        self._http = http
        self._upstream = upstream

    @classmethod
    async def prepare(
        cls, house: Household, http: aiohttp.ClientSession
    ) -> Sequence[_Way]:
        """Return the ways, each warmed up: nobody has to wait for imports and connections.

        Each has a camera of its own, so that none finds another's stream still there.
        """
        upstream = Upstream(http, house.cloud.credentials)
        await upstream.log_in()
        ways = cls(house, http, upstream)
        direct, played, fetched, watched = _edge_cameras(house, 4)
        relayed = await ways._relay_urls([played, fetched, watched])
        return [
            ways._straight("cloud, played", direct, readers.play),
            _Way(
                "relay, played",
                "cloud, played",
                lambda marks: readers.play(relayed[played["id"]], marks),
                _nothing,
            ),
            ways._straight("cloud, fetched", direct, ways._fetch),
            _Way(
                "relay, fetched",
                "cloud, fetched",
                lambda marks: ways._fetch(relayed[fetched["id"]], marks),
                _nothing,
            ),
            ways._straight(
                "cloud, gathered", direct, ways._gather, reference="cloud, fetched"
            ),
            _Way(
                "Home Assistant, fetched",
                "cloud, fetched",
                lambda marks: ways._watch(watched, marks),
                lambda: _until_silent(house),
            ),
        ]

    def _straight(
        self,
        name: str,
        camera: dict[str, Any],
        read: Callable[[str, Marks], Awaitable[None]],
        *,
        reference: str | None = None,
    ) -> _Way:
        """Return a way without the integration; it is its own reference by default."""
        started = []

        async def wait(marks: Marks) -> None:
            started.append(await self._upstream.start(camera))
            await read(started[-1].url, marks)

        async def stop() -> None:
            await self._upstream.stop(camera, started.pop())

        return _Way(name, reference or name, wait, stop)

    async def _fetch(self, url: str, marks: Marks) -> None:
        await readers.fetch(url, self._get, marks)

    async def _gather(self, url: str, marks: Marks) -> None:
        await readers.gather(url, self._get, marks)

    async def _get(self, url: str) -> bytes:
        async with self._http.get(url) as response:
            response.raise_for_status()
            return await response.read()

    async def _watch(self, camera: dict[str, Any], marks: Marks) -> None:
        """Open a camera as the frontend does."""

        async def get(path: str) -> bytes:
            body, _ = await self._house.api.fetch(path)
            return body

        answer = await self._house.api.command(
            "camera/stream", entity_id=_entity_id(self._house, camera), format="hls"
        )
        marks.set(_ANSWERED)
        await readers.fetch(answer["url"], get, marks)

    async def _relay_urls(self, cameras: Sequence[dict[str, Any]]) -> dict[str, str]:
        """Return the relay's playlists by camera ID, by watching each camera once.

        Only Home Assistant's own readers are told where they are, and its log.
        """
        await self._house.api.act("logger.set_level", data={_STREAM_LOG: "debug"})
        await asyncio.gather(
            *(self._watch(camera, Marks(self._house.cloud)) for camera in cameras)
        )
        await self._house.api.act("logger.set_level", data={_STREAM_LOG: "warning"})
        log = self._house.home_assistant.log.read_text(encoding="utf-8")
        urls = {}
        for camera in cameras:
            name = re.escape(_entity_id(self._house, camera))
            found = re.search(rf"\.{name}\] Started stream: (\S+)", log)
            if found is None:
                raise DemoError(f"the log does not say where {name} is played from")
            urls[camera["id"]] = found[1]
        return urls


def _edge_cameras(house: Household, count: int) -> list[dict[str, Any]]:
    """Return cameras whose video has to come from an edge device."""
    cameras = [
        camera
        for camera in house.world["cameras"]
        if camera["online"] and camera["storage"] == "EDGE"
    ]
    return cameras[:count]


def _entity_id(house: Household, camera: dict[str, Any]) -> str:
    for device in house.home.cameras:
        if device.amnimo_id == camera["id"]:
            return device.of("camera")[0].entity_id
    raise DemoError(f"Home Assistant has no camera {camera['id']}")


async def _until_silent(house: Household) -> None:
    """Wait until no camera sends."""

    async def is_silent() -> bool:
        return bool((await house.cloud.stats())["live_sessions"] == 0)

    await until(is_silent, "no camera sends", within=_SILENCE_SECONDS)


async def _nothing() -> None:
    """The relay ends its stream by itself."""


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
        PLAYLIST,
        SEGMENT,
        readers.PLAYABLE,
        readers.FETCHED,
        readers.PICTURE,
    )
    return Table(
        "Where the time goes: seconds from the beginning, medians",
        ("until", *(way.name for way in ways)),
        [(step, *(way.median(step) for way in ways)) for step in steps],
        (
            f"What the cloud did is seen up to {1000 * LOOK_SECONDS:.0f} ms late.",
            "Home Assistant gathers two segments of its own before it has a playlist.",
        ),
    )
