"""API requests of one poll of everything, against the fewest there can be.

The fewest: a page of up to 500 cameras (API document, section 2. カメラ情報) as often as each
tenant needs one, and one request a device for its ports, since the service has no other way to
ask for those. When the account is added, the hierarchy of the tenants and one page of devices a
tenant come on top.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
import math
from typing import Any, Final

from tests.bench.bench import Bench
from tests.bench.household import Household, household
from tests.bench.report import MustBeZero, Result, Table
from tests.bench.requests import Requests, read_requests
from tests.demo.simulated_cloud import Size
from tests.demo.talk import say

_SIZES: Final = (
    Size(tenants=3, cameras=12, devices=4),
    Size(tenants=3, cameras=300, devices=100),
    Size(tenants=5, cameras=1200, devices=40),
)

_CAMERAS_A_PAGE: Final = 500

# Home Assistant takes a second wish for news within 10 s for the same.
_COOLDOWN_SECONDS: Final = 11.0


@dataclass(frozen=True, slots=True)
class _Least:
    """The fewest requests that do it."""

    set_up: int
    cycle: int


async def run(bench: Bench) -> Result:
    """Count the requests of the set-up and of a later cycle, for some sizes of fleet."""
    rows: list[tuple[str, int, int, float, int, int, float]] = []
    refused = 0
    samples = {}
    for size in _SIZES:
        name = f"{size.cameras} cameras, {size.tenants} tenants, {size.devices} devices"
        say(f"bench: requests of a poll cycle, {name} …")
        async with household(bench.folder, size) as house:
            cycle = await _cycle(house)
            least = _fewest(house.world)
            refused += (await read_requests(house.cloud)).refused
        set_up = house.set_up
        rows.append(
            (
                name,
                set_up.api,
                least.set_up,
                set_up.api / least.set_up,
                cycle.api,
                least.cycle,
                cycle.api / least.cycle,
            )
        )
        samples[name] = {"set_up": set_up.by_endpoint(), "cycle": cycle.by_endpoint()}
    table = Table(
        "API requests of one poll of everything, and of adding the account",
        ("fleet", "set-up", "least", "ratio", "cycle", "least", "ratio"),
        rows,
    )
    return Result("poll_cycle", [table], [MustBeZero("429s", refused)], samples)


async def _cycle(house: Household) -> Requests:
    """Have everything polled once, and count."""
    entities = [_one_of_the_cameras(house), house.home.entities("switch")[0].entity_id]
    # The first time only makes sure that the timers are a full interval away.
    await _poll(house, entities)
    await asyncio.sleep(_COOLDOWN_SECONDS)
    before = await read_requests(house.cloud)
    await _poll(house, entities)
    return await read_requests(house.cloud) - before


def _one_of_the_cameras(house: Household) -> str:
    return house.home.cameras[0].of("camera")[0].entity_id


async def _poll(house: Household, entities: list[str]) -> None:
    """Ask for news of entities, and through them for all that their coordinators know."""
    await house.api.act("homeassistant.update_entity", data={"entity_id": entities})


def _fewest(world: dict[str, Any]) -> _Least:
    """Return what a client cannot do without."""
    cameras = Counter(camera["subscription_id"] for camera in world["cameras"])
    tenants = [tenant["subscription_id"] for tenant in world["tenants"]]
    pages = sum(
        max(1, math.ceil(cameras[tenant] / _CAMERAS_A_PAGE)) for tenant in tenants
    )
    cycle = pages + world["counts"]["listed_devices"]
    return _Least(set_up=1 + len(tenants) + cycle, cycle=cycle)
