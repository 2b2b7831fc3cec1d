"""Media jobs of an account on the simulated cloud, without the rest of the integration."""

from __future__ import annotations

import asyncio

from freezegun.api import FrozenDateTimeFactory
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.amnimo import api
from custom_components.amnimo.coordinator import LocatedCamera
from custom_components.amnimo.media.job import MediaResult
from custom_components.amnimo.media.jobs import MediaJobs
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from tests.cloud import SimulatedCloud
from tests.estate import Estate

from .passage import Passage


class Household(Passage):
    """Home Assistant with the media jobs of one account, which can be restarted."""

    def __init__(
        self,
        hass: HomeAssistant,
        cloud: SimulatedCloud,
        entry: MockConfigEntry,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Begin with no jobs loaded."""
        super().__init__(hass, freezer)
        self.hass = hass
        self.cloud = cloud
        self.entry = entry
        self.results: list[MediaResult] = []
        self.client = api.AmnimoClient(
            async_get_clientsession(hass),
            cloud.client_id,
            cloud.client_secret,
            api_url=cloud.url,
        )

    def prepare(self) -> None:
        """Make new jobs, as a start of Home Assistant does."""
        self.jobs = MediaJobs(
            self.hass, self.entry, self.client, self._locate, self._subscriptions
        )
        for camera in self.cloud.world.cameras.values():
            self.jobs.async_listen(camera.id, self.results.append)

    async def start(self) -> None:
        """Make new jobs and read what is on disk of the old ones."""
        self.prepare()
        await self.jobs.async_load()

    async def crash(self) -> None:
        """End everything at once; what is on disk is all that remains."""
        tasks = list(self.jobs._tasks)  # noqa: SLF001 - a crash asks nobody
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.jobs.async_close()

    def _subscriptions(self) -> list[str]:
        return [tenant.subscription_id for tenant in Estate(self.cloud).tenants]

    def _locate(self, camera_id: str) -> LocatedCamera | None:
        """Return a camera as a listing would show it."""
        camera = self.cloud.world.cameras.get(camera_id)
        if camera is None:
            return None
        shown = api.Camera(
            camera.id,
            camera.name,
            online=camera.online,
            storage=camera.storage.value,
        )
        return LocatedCamera(shown, camera.tenant.subscription_id)
