"""How many API requests an hour of watching costs, however many cameras are watched.

A relay of the integration, its client and its rate limit, and the simulated cloud on one event
loop that need not wait: an hour of theirs passes in seconds, request by request over real
sockets. Viewers ask for the relay's playlist every few seconds; that is no API request, nor is
what the relay fetches for them. Beside it, as many streams that are extended each by itself.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
import time
from typing import Final

import aiohttp

from custom_components.amnimo.api import AmnimoClient
from custom_components.amnimo.const import DEFAULT_KEEP_ALIVE_PERIOD
from custom_components.amnimo.live.relay import LiveRelay
from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import DATA_RESOLVER, async_get_clientsession
from tests.bench.comparison import Finding
from tests.bench.report import MustBeZero, Result, Table
from tests.cloud import CloudOptions, SimulatedCloud
from tests.cloud.world import Camera, Storage
from tests.demo.errors import DemoError
from tests.demo.talk import say

from .endless.stream import EndlessStream
from .hasty_loop import run_hastily

_WATCHED: Final = (1, 10, 100)
_QUICK_WATCHED: Final = (1, 10)
_HOUR: Final = 3600.0
# Extensions of all streams together stay below one a second.
_MOST_AN_HOUR: Final = 3600.0

# A viewer who asks so seldom is one all the same, and misses no segment of this length.
_ASK_EVERY: Final = 14.0
_SEGMENT_SECONDS: Final = 4
# More than are watched: one in six has its video in the cloud.
_CAMERAS_IN_WORLD: Final = 124


@dataclass(frozen=True, slots=True)
class _Hour:
    """What the cloud counted in an hour of so many watched cameras."""

    watched: int
    requests: int
    starts: int
    extensions: int
    refused: int


async def run(folder: Path, *, quick: bool) -> Result:
    """Let the hours pass."""
    numbers = _QUICK_WATCHED if quick else _WATCHED
    say(f"bench: an hour of watching, {', '.join(map(str, numbers))} cameras …")
    relayed = [await _pass(_relayed, number, folder) for number in numbers]
    endless = [await _pass(_endless, number, folder) for number in numbers]
    return Result(
        "requests_an_hour",
        [_table(relayed, endless, quick=quick)],
        [MustBeZero("429s", sum(hour.refused for hour in (*relayed, *endless)))],
        findings=[
            Finding(
                f"API requests an hour, {hour.watched} watched",
                hour.requests,
                beside=other.requests,
                most=_MOST_AN_HOUR,
            )
            for hour, other in zip(relayed, endless, strict=True)
        ],
    )


async def _pass(
    watch: Callable[[_World, Sequence[Camera]], AbstractAsyncContextManager[None]],
    watched: int,
    folder: Path,
) -> _Hour:
    """Let an hour pass in which so many cameras are watched; give what it cost.

    The cloud counts from the first request to the last, so the stops are in it.
    """
    return await asyncio.to_thread(run_hastily, _hour(watch, watched, str(folder)))


async def _hour(
    watch: Callable[[_World, Sequence[Camera]], AbstractAsyncContextManager[None]],
    watched: int,
    folder: str,
) -> _Hour:
    loop = asyncio.get_running_loop()
    began = time.time()
    options = CloudOptions(
        cameras=_CAMERAS_IN_WORLD,
        segment_seconds=_SEGMENT_SECONDS,
        wall=lambda: began + loop.time(),
        monotonic=loop.time,
    )
    async with SimulatedCloud(options) as cloud, _world(cloud, folder) as world:
        cameras = [
            camera
            for tenant in cloud.client.accounts[0].family()
            for camera in tenant.cameras.values()
            if camera.storage is Storage.EDGE and camera.online
        ]
        async with watch(world, cameras[:watched]):
            await asyncio.sleep(_HOUR)
            if cloud.stats.live_sessions != watched:
                raise DemoError(
                    f"{cloud.stats.live_sessions} of {watched} cameras were sending"
                )
        return _Hour(
            watched=watched,
            requests=cloud.stats.total(),
            starts=cloud.stats.streams_started,
            extensions=cloud.stats.keep_alive_updates,
            refused=cloud.stats.refused,
        )


@dataclass(frozen=True, slots=True)
class _World:
    """What watching needs."""

    hass: HomeAssistant
    client: AmnimoClient


@asynccontextmanager
async def _world(cloud: SimulatedCloud, folder: str) -> AsyncIterator[_World]:
    """Have a client of the cloud's account, in a Home Assistant without anything else."""
    hass = HomeAssistant(folder)
    # All are on 127.0.0.1: no names to look up, and no network to look around in for that.
    hass.data[str(DATA_RESOLVER)] = aiohttp.ThreadedResolver()
    client = AmnimoClient(
        async_get_clientsession(hass),
        cloud.client_id,
        cloud.client_secret,
        api_url=cloud.url,
    )
    yield _World(hass, client)
    await client.close()
    # The ports and sessions of its are closed with it.
    hass.bus.async_fire_internal(EVENT_HOMEASSISTANT_CLOSE)
    await hass.async_block_till_done()


@asynccontextmanager
async def _relayed(world: _World, cameras: Sequence[Camera]) -> AsyncIterator[None]:
    """Watch cameras through a relay."""
    tenants = {camera.id: camera.tenant.subscription_id for camera in cameras}
    relay = LiveRelay(
        world.hass,
        world.client,
        tenants.get,
        keep_alive_period=DEFAULT_KEEP_ALIVE_PERIOD,
    )
    async with aiohttp.ClientSession() as http, asyncio.TaskGroup() as viewers:
        asking = [
            viewers.create_task(_ask(http, relay.source_url(camera.id)))
            for camera in cameras
        ]
        yield
        for task in asking:
            task.cancel()
    await relay.async_close()


async def _ask(http: aiohttp.ClientSession, url: str) -> None:
    """Ask for a playlist until cancelled."""
    while True:
        async with http.get(url) as response:
            await response.read()
        await asyncio.sleep(_ASK_EVERY)


@asynccontextmanager
async def _endless(world: _World, cameras: Sequence[Camera]) -> AsyncIterator[None]:
    """Have streams started that are extended for ever."""
    streams = [
        EndlessStream(world.client, camera.tenant.subscription_id, camera.id)
        for camera in cameras
    ]
    await asyncio.gather(*(stream.url() for stream in streams))
    yield
    await asyncio.gather(*(stream.close() for stream in streams))


def _table(relayed: Sequence[_Hour], endless: Sequence[_Hour], *, quick: bool) -> Table:
    return Table(
        "API requests of an hour in which so many cameras are watched",
        ("watched by", "cameras", "requests", "starts", "extensions", "a second"),
        [
            (
                name,
                hour.watched,
                hour.requests,
                hour.starts,
                hour.extensions,
                hour.extensions / _HOUR,
            )
            for name, hours in (("relay", relayed), ("extended each", endless))
            for hour in hours
        ],
        (
            *(("Quick: without 100 cameras.",) if quick else ()),
            f"Both with a keep-alive period of {DEFAULT_KEEP_ALIVE_PERIOD} s at first.",
            "Extended each: 30 s before its end, as Nest's; the relay extends at half time.",
            "An hour by the clocks of relay and cloud, which need not wait.",
        ),
    )
