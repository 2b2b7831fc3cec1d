"""A Home Assistant with the amnimo account of a simulated cloud, ready to be measured."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
import shutil
from typing import Any

from tests.demo import entry, onboarding
from tests.demo.api import HomeAssistantApi
from tests.demo.check.run import new_folder
from tests.demo.home import Home, complete_home
from tests.demo.home_assistant import HomeAssistant
from tests.demo.polling import until
from tests.demo.processes import free_port
from tests.demo.simulated_cloud import SimulatedCloud, Size
from tests.demo.stage import Stage, stage
from tests.demo.talk import complain

from .requests import Requests, read_requests

# A large fleet on a slow machine: its ports are read 5 a second at best.
_FIRST_SWEEP_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Household:
    """What runs, and what adding the account cost.

    ``world`` is what the cloud says there is; ``set_up`` are the requests from the first page
    of the config flow until all cameras and ports were known.
    """

    cloud: SimulatedCloud
    home_assistant: HomeAssistant
    api: HomeAssistantApi
    home: Home
    world: dict[str, Any]
    set_up: Requests


@asynccontextmanager
async def household(folder: Path, size: Size) -> AsyncIterator[Household]:
    """Start a cloud and a new Home Assistant, and add the account through its config flow.

    Their logs stay in a folder below ``folder`` where something goes wrong.
    """
    place = new_folder(folder)
    try:
        async with stage(
            place, size, port=free_port(), cloud_port=0, log_level="warning"
        ) as running:
            yield await _move_in(running)
    except Exception:
        complain(f"bench: the logs are in {place}")
        raise
    except BaseException:
        shutil.rmtree(place)
        raise
    shutil.rmtree(place)


async def _move_in(running: Stage) -> Household:
    """Go through onboarding and config flow, and wait until all entities are there."""
    api, cloud = running.api, running.cloud
    await onboarding.enter(api, "en")
    await running.home_assistant.wait_until_running(api)
    world = await cloud.world()
    before = await read_requests(cloud)
    page = await entry.open_flow(api)
    entry_id = await entry.finish_flow(api, page, cloud.credentials)
    await entry.wait_until_loaded(api, entry_id)
    await _wait_for_ports(cloud, world["counts"]["listed_devices"])
    set_up = await read_requests(cloud) - before
    return Household(
        cloud=cloud,
        home_assistant=running.home_assistant,
        api=api,
        home=await complete_home(api, entry_id),
        world=world,
        set_up=set_up,
    )


async def _wait_for_ports(cloud: SimulatedCloud, devices: int) -> None:
    """Wait until the ports of all devices were read once."""

    async def all_read() -> bool:
        return (await read_requests(cloud)).to("peripherals") >= devices

    await until(all_read, "all ports were read", within=_FIRST_SWEEP_SECONDS)
