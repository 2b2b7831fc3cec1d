"""What is measured within Home Assistant's own process, one fleet a process.

The clocks are the machine's; what is hurried is the rate limit, on either side, and only where
nothing depends on it but how long a sweep has to wait. Owns a process: it prints what it found
as one JSON line. A second process of the kind adds as many bare entities instead.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
import gc
import json
import logging
from pathlib import Path
import resource
import shutil
import sys
import time
from typing import Any, Final, cast

from custom_components.amnimo.api import AmnimoClient, Throttle
from custom_components.amnimo.api.throttle import RATE
from custom_components.amnimo.hub import AmnimoHub, async_share_hub
from custom_components.amnimo.runtime import AmnimoConfigEntry, AmnimoRuntimeData
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.loader import async_get_integration
from homeassistant.setup import async_setup_component
from tests.demo.polling import until
from tests.demo.processes import Program
from tests.demo.simulated_cloud import ROOT

from .cloud import OtherCloud, other_cloud
from .commands import Answers, measure as measure_commands
from .fleet import Fleet
from .home import account_entry, add, home, twin_entry
from .twin import PLATFORMS
from .twin.coordinator import PlainCoordinator
from .twin.inventory import INVENTORY, Inventory, take_inventory
from .watched_loop import WatchedLoop

# A fifth of the requests' time, so that most ports still become known after the set-up.
_SET_UP_HASTE: Final = 5.0
_CYCLE_HASTE: Final = 20.0
_CHANGED_SHARE: Final = 0.01
_CYCLES: Final = 2
# A poll of few cameras takes little, of which much is the requests': it is measured often.
_FEWEST_ROUNDS: Final = 9
_MOST_ROUNDS: Final = 61
_CAMERAS_POLLED: Final = 20_000
_BUCKET_SECONDS: Final = 4.0
_SWEPT_SECONDS: Final = 600.0


@dataclass(slots=True)
class Cost:
    """What something took, in seconds and bytes; ``block`` is the loop's longest."""

    wall: float
    processor: float
    block: float
    block_wall: float
    memory: int = 0


@dataclass(slots=True)
class Inside:
    """What was found of a fleet."""

    entities: int
    set_up: Cost
    cycles: list[Cost] = field(default_factory=list)
    """Of all cameras and ports, 1 % of the cameras changed."""
    polls: list[Cost] = field(default_factory=list)
    """Of all cameras, 1 % of them changed."""
    plain_polls: list[Cost] = field(default_factory=list)
    """The same by a plain coordinator."""
    fetches: list[Cost] = field(default_factory=list)
    """The same requests and answers, of which nothing is read."""
    answers: Answers = field(default_factory=Answers)
    """To port commands."""
    refused: int = 0
    leaked: int = 0


class _PacedThrottle(Throttle):
    """A throttle whose rate can be changed."""

    def hurry(self, haste: float) -> None:
        """Allow so many times as many requests a second."""
        self._rate = RATE * haste


async def measure(
    fleet: Fleet, folder: Path, inventory: Path, *, commands: float, quick: bool
) -> Inside:
    """Measure a fleet in a process of its own; write what it consists of into a file.

    ``commands`` are the seconds in which ports are switched, one half while a sweep runs.
    """
    rounds = _FEWEST_ROUNDS
    if not quick:
        rounds = min(max(rounds, _CAMERAS_POLLED // fleet.cameras), _MOST_ROUNDS)
    options = ("--commands", str(commands), "--rounds", str(rounds))
    return await _in_process(fleet, folder, inventory, *options)


async def measure_bare(fleet: Fleet, folder: Path, inventory: Path) -> Inside:
    """Measure the adding of what a file says, in a process of its own."""
    return await _in_process(fleet, folder, inventory, "--bare")


async def _in_process(
    fleet: Fleet, folder: Path, inventory: Path, *options: str
) -> Inside:
    place = folder / "inside"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    numbers = map(str, (fleet.tenants, fleet.cameras, fleet.devices))
    program = await Program.start(
        "the measured Home Assistant",
        [
            sys.executable,
            "-m",
            __name__,
            *numbers,
            str(place),
            str(inventory),
            *options,
        ],
        log=folder / "inside.log",
        folder=ROOT,
        read_output=True,
    )
    try:
        line = await program.read_line()
        if not line:
            await program.wait()
            raise program.ended_error()
    finally:
        await program.stop()
    shutil.rmtree(place)
    found = json.loads(line)
    found["set_up"] = Cost(**found["set_up"])
    found["answers"] = Answers(**found["answers"])
    for name in ("cycles", "polls", "plain_polls", "fetches"):
        found[name] = [Cost(**each) for each in found[name]]
    return Inside(**found)


def main() -> None:
    """Measure as the arguments say, and print what was found."""
    logging.basicConfig(level=logging.ERROR)
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("tenants", "cameras", "devices"):
        parser.add_argument(name, type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("inventory", type=Path)
    parser.add_argument("--commands", type=float, default=0.0)
    parser.add_argument("--rounds", type=int, default=_FEWEST_ROUNDS)
    parser.add_argument("--bare", action="store_true")
    told = parser.parse_args()
    fleet = Fleet(told.tenants, told.cameras, told.devices)
    with asyncio.Runner(loop_factory=WatchedLoop) as runner:
        found = runner.run(
            _measure_bare(told.folder, told.inventory)
            if told.bare
            else _measure(
                fleet, told.folder, told.inventory, told.commands, told.rounds
            )
        )
    sys.stdout.write(f"{json.dumps(asdict(found))}\n")
    sys.stdout.flush()


async def _measure_bare(folder: Path, inventory: Path) -> Inside:
    async with _ready_home(folder) as hass:
        hass.data[INVENTORY] = Inventory.read(inventory)
        entry = twin_entry()
        set_up = await _cost(hass, lambda: add(hass, entry), memory=True)
        return Inside(_entities(hass, entry), set_up)


async def _measure(
    fleet: Fleet, folder: Path, inventory: Path, commands: float, rounds: int
) -> Inside:
    async with other_cloud(fleet) as cloud, _ready_home(folder) as hass:
        throttle = _share_hub(hass, cloud)
        await _hurry(cloud, throttle, _SET_UP_HASTE)
        entry = cast(AmnimoConfigEntry, account_entry(cloud.credentials))

        async def set_up() -> None:
            await add(hass, entry)
            await _until_swept(entry.runtime_data)

        found = Inside(0, await _cost(hass, set_up, memory=True))
        found.entities = _entities(hass, entry)
        things = take_inventory(hass, entry.entry_id)
        things.write(inventory)
        await _hurry(cloud, throttle, _CYCLE_HASTE)
        await _measure_polls(hass, cloud, entry, things, found, rounds)
        await _hurry(cloud, throttle, 1.0)
        found.answers = await measure_commands(
            hass, cloud, entry, partial(_hurry, cloud, throttle), commands
        )
        mishaps = await cloud.mishaps()
        found.refused, found.leaked = mishaps["refused"], mishaps["leaked"]
        return found


@asynccontextmanager
async def _ready_home(folder: Path) -> AsyncIterator[HomeAssistant]:
    """Have a Home Assistant that has read all code it is going to need."""
    async with home(folder) as hass:
        for platform in PLATFORMS:
            await async_setup_component(hass, platform, {})
        for domain in ("amnimo", "twin"):
            integration = await async_get_integration(hass, domain)
            await integration.async_get_component()
            await integration.async_get_platforms(PLATFORMS)
            await async_setup_component(hass, domain, {})
        await hass.async_block_till_done()
        yield hass


def _share_hub(hass: HomeAssistant, cloud: OtherCloud) -> _PacedThrottle:
    """Let the account's entry find a throttle whose rate can be changed."""
    known, throttle = cloud.credentials, _PacedThrottle()
    hub = AmnimoHub(hass, known.client_id, known.client_secret, known.url, throttle)
    async_share_hub(hass, known.client_id, known.url, hub)
    return throttle


async def _hurry(cloud: OtherCloud, throttle: _PacedThrottle, haste: float) -> None:
    """Let both sides allow so many times as many requests, and let both buckets fill."""
    await cloud.hurry(haste)
    throttle.hurry(haste)
    await asyncio.sleep(_BUCKET_SECONDS / haste)


async def _until_swept(runtime: AmnimoRuntimeData) -> None:
    """Wait until the ports of all devices were read."""

    async def swept() -> bool:
        return all(state.ports is not None for state in runtime.ports.data.values())

    await until(swept, "all ports were read", within=_SWEPT_SECONDS)


async def _cost(
    hass: HomeAssistant, work: Callable[[], Awaitable[object]], *, memory: bool = False
) -> Cost:
    """Let something be done with all that follows from it; return what it took.

    Processor time is that of the whole process: threads read what is large.
    """
    await hass.async_block_till_done()
    gc.collect()
    before = _memory() if memory else 0
    watch = cast(WatchedLoop, hass.loop).watch
    await asyncio.sleep(0)
    watch.reset()
    busy, began = time.process_time(), time.perf_counter()
    await work()
    await hass.async_block_till_done()
    cost = Cost(
        wall=time.perf_counter() - began,
        processor=time.process_time() - busy,
        block=watch.longest,
        block_wall=watch.longest_wall,
    )
    if memory:
        gc.collect()
        cost.memory = _memory() - before
    return cost


def _memory() -> int:
    """Return the bytes of memory that are this process's alone, 0 where that isn't told."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()
    except OSError:
        return 0
    return (int(pages[1]) - int(pages[2])) * resource.getpagesize()


def _entities(hass: HomeAssistant, entry: ConfigEntry[Any]) -> int:
    """Return how many enabled entities an entry has."""
    found = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return sum(not each.disabled for each in found)


async def _measure_polls(
    hass: HomeAssistant,
    cloud: OtherCloud,
    entry: AmnimoConfigEntry,
    things: Inventory,
    found: Inside,
    rounds: int,
) -> None:
    """Poll in turns with a plain coordinator, each time after 1 % of the cameras changed."""
    runtime = entry.runtime_data
    cameras = runtime.cameras
    changed = round(len(cameras.data.cameras) * _CHANGED_SHARE)
    await cloud.freeze(frozen=True)

    async def cycle() -> None:
        await asyncio.gather(cameras.async_refresh(), runtime.ports.async_refresh())

    # The first one takes what changed before all stood still.
    await cycle()
    for _ in range(_CYCLES):
        await cloud.change(changed)
        found.cycles.append(await _cost(hass, cycle))
    hass.data[INVENTORY] = things
    twin = twin_entry(entry.entry_id)
    await add(hass, twin)
    plain: PlainCoordinator = twin.runtime_data
    fetcher = _fetcher(hass, entry)

    async def fetch() -> None:
        await asyncio.gather(*map(fetcher.cameras, cameras.data.tenants))

    for _ in range(rounds):
        # Each is measured after as much changed, since the same cameras change back.
        await cloud.change(changed)
        before = cameras.data.cameras
        found.polls.append(await _cost(hass, cameras.async_refresh))
        _expect_changes(changed, before, cameras.data.cameras)
        await plain.async_refresh()
        await cloud.change(changed)
        known = plain.data
        found.plain_polls.append(await _cost(hass, plain.async_refresh))
        _expect_changes(changed, known, plain.data)
        await cameras.async_refresh()
        found.fetches.append(await _cost(hass, fetch))
    await hass.config_entries.async_remove(twin.entry_id)
    await hass.async_block_till_done()
    await cloud.freeze(frozen=False)


def _fetcher(hass: HomeAssistant, entry: AmnimoConfigEntry) -> AmnimoClient:
    """Return a client that asks as the account's does, and reads nothing of the answers."""
    known = entry.runtime_data.hub.client
    nothing = {"cameras": [], "total": 0}
    fetcher = AmnimoClient(
        async_get_clientsession(hass),
        entry.data["client_id"],
        entry.data["client_secret"],
        api_url=entry.data["api_url"],
        throttle=known.throttle,
        json_loads=lambda _: nothing,
    )
    fetcher.tokens = known.tokens
    return fetcher


def _expect_changes(
    number: int, before: Mapping[str, object], after: Mapping[str, object]
) -> None:
    """See that a poll found what it was measured with."""
    found = sum(before[each] != after[each] for each in before)
    if found != number:
        raise AssertionError(f"{found} cameras differ after a poll, not {number}")


if __name__ == "__main__":
    main()
