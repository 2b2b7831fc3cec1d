"""Requests, sweeps and hours by the clock of the rate limit, which need not be waited for.

A Home Assistant with the account and the simulated cloud on one event loop whose clock jumps:
each request is made over real sockets, and the cloud's limits are the service's. Owns counts and
seconds of that clock; nothing here tells of the processor.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
import tempfile
import time
from typing import Any, cast

from custom_components.amnimo.runtime import AmnimoConfigEntry
from homeassistant.core import HomeAssistant
from tests.cloud import CloudOptions
from tests.demo.simulated_cloud import Credentials

from .fleet import Fleet, FleetCloud
from .home import account_entry, add, home
from .working_loop import run_working

_FULL_BUCKET_SECONDS = 10.0
_OWN_PACE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class ByTheClock:
    """What a fleet asks for, and how long that takes."""

    set_up: int
    """Requests until all was known."""
    set_up_seconds: float
    cycle: int
    """Requests of one poll of everything."""
    sweep_seconds: float
    own_pace: int
    """Requests in ten minutes in which it polls at its own pace."""
    refused: int


async def measure(fleet: Fleet) -> ByTheClock:
    """Add the account, poll everything once, and then let it be."""
    return await asyncio.to_thread(run_working, _measure(fleet))


async def _measure(fleet: Fleet) -> ByTheClock:
    clock = asyncio.get_running_loop().time
    async with fleet_cloud(fleet) as cloud, temporary_home() as hass:
        entry = cast(AmnimoConfigEntry, account_entry(credentials(cloud)))
        began = clock()
        await add(hass, entry)
        runtime = entry.runtime_data
        while any(state.ports is None for state in runtime.ports.data.values()):
            await asyncio.sleep(0.01)
        set_up, set_up_seconds = cloud.stats.total(), clock() - began
        await asyncio.sleep(_FULL_BUCKET_SECONDS)
        began = clock()
        await asyncio.gather(
            runtime.cameras.async_refresh(), runtime.ports.async_refresh()
        )
        cycle, sweep_seconds = cloud.stats.total() - set_up, clock() - began
        hass.config_entries.async_update_entry(entry, pref_disable_polling=False)
        await asyncio.gather(
            runtime.cameras.async_refresh(), runtime.ports.async_refresh()
        )
        before = cloud.stats.total()
        await asyncio.sleep(_OWN_PACE_SECONDS)
        return ByTheClock(
            set_up=set_up,
            set_up_seconds=set_up_seconds,
            cycle=cycle,
            sweep_seconds=sweep_seconds,
            own_pace=cloud.stats.total() - before,
            refused=cloud.stats.refused,
        )


@asynccontextmanager
async def fleet_cloud(fleet: Fleet) -> AsyncIterator[FleetCloud]:
    """Have a cloud of a fleet that lives by the clock of the loop."""
    clock, began = asyncio.get_running_loop().time, time.time()
    options = CloudOptions(
        tenants=fleet.tenants,
        cameras=0,
        devices=0,
        wall=lambda: began + clock(),
        monotonic=clock,
    )
    async with FleetCloud(options, fleet) as cloud:
        yield cloud


@asynccontextmanager
async def temporary_home(
    configuration: dict[str, Any] | None = None,
) -> AsyncIterator[HomeAssistant]:
    """Have a Home Assistant whose folder is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        async with home(Path(folder), configuration) as hass:
            yield hass


def credentials(cloud: FleetCloud) -> Credentials:
    """Return what somebody who uses the cloud is given."""
    return Credentials(
        cloud.url, cloud.client_id, cloud.client_secret, cloud.account_id
    )
