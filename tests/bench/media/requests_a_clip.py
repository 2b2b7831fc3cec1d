"""How many API requests a clip costs, and how soon its file is there, however many there are.

The jobs of the integration, its client and its rate limit, and the simulated cloud on one event
loop that need not wait: minutes of theirs pass in seconds, request by request over real sockets.
Beside them, as many clips that are asked about each by itself, at the same pace.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
import tempfile
import time
from typing import Final
from unittest import mock

import aiohttp

from custom_components.amnimo import api
from custom_components.amnimo.const import DOMAIN
from custom_components.amnimo.coordinator import LocatedCamera
from custom_components.amnimo.media.downloads import Downloads
from custom_components.amnimo.media.jobs import MediaJobs
from custom_components.amnimo.media.pace import PollPace
from custom_components.amnimo.media.request import ClipRequest
from homeassistant.config_entries import ConfigEntries, ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import DATA_RESOLVER, async_get_clientsession
from homeassistant.loader import async_setup as async_setup_loader
from homeassistant.util import dt as dt_util
from tests.bench.comparison import Finding, median
from tests.bench.report import Cell, MustBeZero, Result, Table
from tests.cloud import CloudOptions, MediaPace, SimulatedCloud
from tests.cloud.world import Camera
from tests.demo.errors import DemoError
from tests.demo.talk import say

from .inline_loop import run_inline

_CLIPS: Final = (1, 20, 200)
_QUICK_CLIPS: Final = (1, 20)
_CLIP_SECONDS: Final = 2.0
# As long as an edge device takes that cuts a long clip and sends it.
_MADE_WITHIN: Final = MediaPace(base_seconds=50.0, per_second=0.0)
_GIVEN_UP: Final = 3600.0


@dataclass(frozen=True, slots=True)
class _Batch:
    """What the cloud counted until so many clips were on disk."""

    clips: int
    requests: int
    delays: Sequence[float]
    """Seconds from ready in the cloud to file on disk, of each clip."""
    refused: int

    @property
    def a_clip(self) -> float:
        """API requests of each clip."""
        return self.requests / self.clips


@dataclass(frozen=True, slots=True)
class _World:
    """What asking for clips needs."""

    hass: HomeAssistant
    entry: ConfigEntry
    cloud: SimulatedCloud
    client: api.AmnimoClient
    camera: Camera


type _Make = Callable[[_World, int], Awaitable[dict[str, float]]]
"""Makes so many clips; returns when the file of each medium was there."""


async def run(folder: Path, *, quick: bool) -> Result:
    """Make the clips."""
    numbers = _QUICK_CLIPS if quick else _CLIPS
    say(f"bench: requests of a clip, {', '.join(map(str, numbers))} at a time …")
    shared = [await _pass(_shared, number, folder) for number in numbers]
    alone = [await _pass(_each_alone, number, folder) for number in numbers]
    return Result(
        "requests_a_clip",
        [_table(shared, alone, quick=quick)],
        [MustBeZero("429s", sum(batch.refused for batch in (*shared, *alone)))],
        findings=[
            Finding(
                f"API requests a clip, {batch.clips} at a time",
                batch.a_clip,
                beside=other.a_clip,
                most_ratio=1.0,
            )
            for batch, other in zip(shared, alone, strict=True)
        ],
        samples={
            f"{name}, {batch.clips}": list(batch.delays)
            for name, batches in (("jobs", shared), ("each alone", alone))
            for batch in batches
        },
    )


async def _pass(make: _Make, clips: int, folder: Path) -> _Batch:
    """Have so many clips made; give what it cost."""
    return await asyncio.to_thread(_pass_here, make, clips, folder)


def _pass_here(make: _Make, clips: int, folder: Path) -> _Batch:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        return run_inline(_batch(make, clips, place))


async def _batch(make: _Make, clips: int, place: str) -> _Batch:
    loop = asyncio.get_running_loop()
    began = time.time()

    def now() -> float:
        return began + loop.time()

    options = CloudOptions(
        edge_media=_MADE_WITHIN,
        cloud_media=_MADE_WITHIN,
        wall=now,
        monotonic=loop.time,
    )

    def utcnow() -> datetime:
        return datetime.fromtimestamp(now(), UTC)

    with mock.patch.object(dt_util, "utcnow", utcnow):
        async with SimulatedCloud(options) as cloud, _world(cloud, place) as world:
            arrived = await make(world, clips)
            if len(arrived) != clips:
                raise DemoError(f"{len(arrived)} of {clips} clips arrived")
            return _Batch(
                clips=clips,
                requests=cloud.stats.total(),
                delays=[
                    moment - media.ready
                    for media_id, moment in arrived.items()
                    if (media := cloud.media.find(media_id)) is not None
                ],
                refused=cloud.stats.refused,
            )


@asynccontextmanager
async def _world(cloud: SimulatedCloud, place: str) -> AsyncIterator[_World]:
    """Have a client of the cloud's account, in a Home Assistant with nothing else."""
    hass = HomeAssistant(place)
    hass.config.media_dirs = {"local": f"{place}/media"}
    async_setup_loader(hass)
    hass.config_entries = ConfigEntries(hass, {})
    # All are on 127.0.0.1: no names to look up, and no network to look around in for that.
    hass.data[str(DATA_RESOLVER)] = aiohttp.ThreadedResolver()
    client = api.AmnimoClient(
        async_get_clientsession(hass),
        cloud.client_id,
        cloud.client_secret,
        api_url=cloud.url,
    )
    camera = next(
        camera
        for tenant in cloud.client.accounts[0].family()
        for camera in tenant.cameras.values()
        if camera.online
    )
    entry = ConfigEntry(
        data={},
        discovery_keys={},  # type: ignore[arg-type]
        domain=DOMAIN,
        minor_version=1,
        options={},
        source="user",
        subentries_data=None,
        title="Account",
        unique_id=None,
        version=1,
    )
    yield _World(hass, entry, cloud, client, camera)
    await client.close()
    # The ports and sessions of its are closed with it.
    hass.bus.async_fire_internal(EVENT_HOMEASSISTANT_CLOSE)
    await hass.async_block_till_done()


def _requests(clips: int) -> list[ClipRequest]:
    """Return requests for clips that all are of another time."""
    now = dt_util.utcnow()
    length = timedelta(seconds=_CLIP_SECONDS)
    starts = [now - timedelta(seconds=600) - number * length for number in range(clips)]
    return [
        ClipRequest(start=start, end=start + length, download=True) for start in starts
    ]


async def _shared(world: _World, clips: int) -> dict[str, float]:
    """Make clips with the integration's jobs."""
    shown = api.Camera(world.camera.id, world.camera.name, online=True)
    located = LocatedCamera(shown, world.camera.tenant.subscription_id)
    jobs = MediaJobs(world.hass, world.entry, world.client, lambda _: located)
    await jobs.async_load()
    arrived: dict[str, float] = {}

    async def make(request: ClipRequest) -> None:
        started = await jobs.async_request(world.camera.id, request)
        for result in await jobs.async_wait(started):
            if result.media_id is not None and result.path is not None:
                arrived[result.media_id] = world.cloud.clock.now()

    async with asyncio.timeout(_GIVEN_UP):
        await asyncio.gather(*(make(request) for request in _requests(clips)))
    await jobs.async_close()
    return arrived


async def _each_alone(world: _World, clips: int) -> dict[str, float]:
    """Make clips that are asked about each by itself, and downloaded alike."""
    downloads = Downloads(world.hass, "alone")
    tenant, camera = world.camera.tenant.subscription_id, world.camera
    arrived: dict[str, float] = {}

    async def make(request: ClipRequest) -> None:
        media = await world.client.create_clip(
            tenant, camera.id, request.start, request.end, "Clip"
        )
        pace = PollPace()
        pace.restart(world.cloud.clock.now())
        while media.url is None:
            await asyncio.sleep(pace.delay(world.cloud.clock.now()))
            media = await world.client.media(tenant, media.id)
            pace.polled(world.cloud.clock.now(), 1)
        url = media.url

        async def told() -> str:
            return url

        category = api.MediaCategory.CLIP
        path = await downloads.async_choose_path(
            camera.id, camera.name, request.start, category, ()
        )
        await downloads.async_fetch(media.id, told, path, category)
        arrived[media.id] = world.cloud.clock.now()

    async with asyncio.timeout(_GIVEN_UP):
        await asyncio.gather(*(make(request) for request in _requests(clips)))
    return arrived


def _table(shared: Sequence[_Batch], alone: Sequence[_Batch], *, quick: bool) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            name,
            batch.clips,
            batch.requests,
            batch.a_clip,
            median(batch.delays),
            max(batch.delays),
        )
        for name, batches in (("jobs", shared), ("each alone", alone))
        for batch in batches
    ]
    return Table(
        "API requests of clips that are made and downloaded at the same time",
        ("asked about by", "clips", "requests", "a clip", "file after", "last after"),
        rows,
        (
            *(("Quick: without 200 clips.",) if quick else ()),
            f"The cloud takes {_MADE_WITHIN.base_seconds:.0f} s for each.",
            "It allows 5 requests a second, of which the client uses 4.8.",
            "File after: seconds from ready in the cloud to file on disk, the median.",
            "Last after: the longest of them.",
            "Each alone: one GET a clip and poll, at the pace of the jobs for one clip.",
            "By the clocks of jobs and cloud, which need not wait.",
        ),
    )
