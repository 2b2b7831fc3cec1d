"""All that is measured of live viewing, in one Home Assistant from its start on.

Owns the order, and which cameras are whose: what was watched before must not matter to what
comes after.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
import contextlib
from typing import Any, Final

import aiohttp

from tests.bench.bench import Bench
from tests.bench.household import Household, household
from tests.bench.report import MustBeZero, Result, Table
from tests.bench.requests import read_requests
from tests.demo.errors import DemoError
from tests.demo.simulated_cloud import Size

from . import after_restart, after_viewers, first_picture, per_viewer, requests_an_hour
from .cameras import ENDLESS, add_endless, edge_cameras, until_silent
from .upstream import Upstream

# A hundred cameras at edge devices: of each six, one has its video in the cloud.
_SIZE: Final = Size(tenants=3, cameras=124, devices=4)
# The cloud sends 10 pictures a second, and FFmpeg looks at 20 before it decodes: from shorter
# segments it would wait for the next ones, whoever they come from.
_CLOUD_OPTIONS: Final = ("--segment-seconds", "3")
# Home Assistant reads on for 30 s, a minute after the very first segment, then the relay
# waits 15 s.
_SILENCE_SECONDS: Final = 120.0
# Each is for one purpose at a time: pictures, viewers that leave, a restart. The last ones of
# a restart get an integration of their own as well.
_FOR_PICTURES: Final = 40


async def run(bench: Bench) -> AsyncIterator[Result]:
    """Measure one thing after the other; give each result when it is there."""
    async with (
        household(
            bench.folder,
            _SIZE,
            cloud_options=_CLOUD_OPTIONS,
            integrations=[ENDLESS],
        ) as house,
        aiohttp.ClientSession() as http,
    ):
        await add_endless(house, [], webrtc=False)
        cameras = await edge_cameras(house)
        upstream = Upstream(http, house.cloud.credentials)
        await upstream.log_in()
        yield await per_viewer.run(house, cameras, upstream, quick=bench.quick)
        pictures = first_picture.run(
            house, cameras[:_FOR_PICTURES], upstream, quick=bench.quick
        )
        hours = requests_an_hour.run(bench.folder, quick=bench.quick)
        left = after_viewers.run(house, cameras[_FOR_PICTURES:], quick=bench.quick)
        if bench.quick:
            # Who is in a hurry has some cameras left while others are waited for.
            first, last = await asyncio.gather(_in_turn(pictures, hours), left)
            for result in (*first, last):
                yield result
            sending = None
        else:
            yield await pictures
            yield await hours
            sending = await _sending_unwatched(house)
            yield await left
        yield await after_restart.run(house, cameras, quick=bench.quick)
        yield await _mishaps(house, sending)


async def _in_turn(*measurements: Coroutine[Any, Any, Result]) -> list[Result]:
    return [await measurement for measurement in measurements]


async def _sending_unwatched(house: Household) -> int:
    """Return how many cameras go on sending for nobody, after some time to end."""
    # A camera that sends on is a figure of the result.
    with contextlib.suppress(DemoError):
        await until_silent(house, within=_SILENCE_SECONDS)
    return int((await house.cloud.stats())["live_sessions"])


async def _mishaps(house: Household, sending: int | None) -> Result:
    """Return what the cloud counted of what must not be."""
    stats = await house.cloud.stats()
    zeros = [
        MustBeZero("429s", (await read_requests(house.cloud)).refused),
        MustBeZero("access tokens sent to presigned URLs", stats["leaked_tokens"]),
    ]
    if sending is not None:
        zeros.append(MustBeZero("live sessions while nobody watches", sending))
    table = Table(
        "What must not be", ("figure", "count"), [(it.what, it.count) for it in zeros]
    )
    return Result("mishaps", [table], zeros)
