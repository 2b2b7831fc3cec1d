"""A coordinator as any integration has one: it lists, and everybody is told."""

import asyncio
import logging
from typing import override

from custom_components.amnimo.api import Camera
from custom_components.amnimo.runtime import AmnimoConfigEntry
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

_LOGGER = logging.getLogger(__name__)


class PlainCoordinator(DataUpdateCoordinator[dict[str, Camera]]):
    """The cameras of an account by ID."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[PlainCoordinator | None],
        account: AmnimoConfigEntry,
    ) -> None:
        """Take the account whose client and tenants are used."""
        super().__init__(hass, _LOGGER, config_entry=entry, name="plain")
        self._cameras = account.runtime_data.cameras
        self.data = {}

    @override
    async def _async_update_data(self) -> dict[str, Camera]:
        return await self.async_list()

    async def async_list(self) -> dict[str, Camera]:
        """Return what the listings say now."""
        listings = await asyncio.gather(
            *map(self._cameras.client.cameras, self._cameras.data.tenants)
        )
        return {camera.id: camera for listing in listings for camera in listing}
