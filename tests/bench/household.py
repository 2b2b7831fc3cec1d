"""A Home Assistant with the amnimo account of a simulated cloud, ready to be measured."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
import shutil
from typing import Any, override

from tests.demo import entry, onboarding
from tests.demo.api import DisconnectedError, HomeAssistantApi
from tests.demo.check.run import new_folder
from tests.demo.configuration import CUSTOM_COMPONENTS
from tests.demo.home import Home, complete_home
from tests.demo.home_assistant import HomeAssistant
from tests.demo.polling import until
from tests.demo.processes import free_port
from tests.demo.simulated_cloud import SimulatedCloud, Size
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


class _HomeAssistant(HomeAssistant):
    """A Home Assistant that finds further custom integrations."""

    def __init__(self, folder: Path, integrations: Sequence[Path]) -> None:
        """Take where it lives and the folders of the integrations."""
        super().__init__(folder, port=free_port(), log_level="warning")
        self._integrations = integrations

    @override
    async def _start_process(self) -> None:
        self._link_integrations()
        await super()._start_process()

    def _link_integrations(self) -> None:
        """Let its folder of custom integrations hold this repository's and the others."""
        place = self.folder / "custom_components"
        if place.is_symlink():
            place.unlink()
        place.mkdir(exist_ok=True)
        for integration in (*CUSTOM_COMPONENTS.glob("*/"), *self._integrations):
            link = place / integration.name
            if not link.is_symlink():
                link.symlink_to(integration, target_is_directory=True)


@asynccontextmanager
async def household(
    folder: Path,
    size: Size,
    *,
    cloud_options: Sequence[str] = (),
    integrations: Sequence[Path] = (),
) -> AsyncIterator[Household]:
    """Start a cloud and a new Home Assistant, and add the account through its config flow.

    ``cloud_options`` go to the cloud's command line, ``integrations`` are the folders of
    further ones for Home Assistant. Their logs stay in a folder below ``folder`` where
    something goes wrong.
    """
    place = new_folder(folder)
    try:
        async with AsyncExitStack() as stack:
            home_assistant = _HomeAssistant(place / "home-assistant", integrations)
            cloud = await SimulatedCloud.start(
                size, port=0, log=place / "cloud.log", options=cloud_options
            )
            # The cloud goes last: Home Assistant stops what it watches there.
            stack.push_async_callback(cloud.stop)
            stack.push_async_callback(home_assistant.stop)
            await home_assistant.start()
            api = await stack.enter_async_context(HomeAssistantApi(home_assistant.url))
            yield await _move_in(cloud, home_assistant, api)
    except Exception:
        complain(f"bench: the logs are in {place}")
        raise
    except BaseException:
        shutil.rmtree(place)
        raise
    shutil.rmtree(place)


async def restart(house: Household) -> None:
    """Restart Home Assistant as its user interface does, and wait until all is set up."""
    home_assistant, api = house.home_assistant, house.api
    starts = home_assistant.starts
    # It may be gone before it can answer.
    with suppress(DisconnectedError):
        await api.act("homeassistant.restart")

    async def has_restarted() -> bool:
        return home_assistant.starts > starts

    await until(has_restarted, "Home Assistant was restarted")
    await home_assistant.wait_until_serving()
    await home_assistant.wait_until_running(api)
    await api.renew_access()
    await api.connect()
    await entry.wait_until_loaded(api, house.home.entry_id)


async def _move_in(
    cloud: SimulatedCloud, home_assistant: HomeAssistant, api: HomeAssistantApi
) -> Household:
    """Go through onboarding and config flow, and wait until all entities are there."""
    await onboarding.enter(api, "en")
    await home_assistant.wait_until_running(api)
    world = await cloud.world()
    before = await read_requests(cloud)
    page = await entry.open_flow(api)
    entry_id = await entry.finish_flow(api, page, cloud.credentials)
    await entry.wait_until_loaded(api, entry_id)
    await _wait_for_ports(cloud, world["counts"]["listed_devices"])
    set_up = await read_requests(cloud) - before
    return Household(
        cloud=cloud,
        home_assistant=home_assistant,
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
