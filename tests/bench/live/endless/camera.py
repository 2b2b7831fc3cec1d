"""Cameras whose source is a stream that never ends."""

from collections.abc import Mapping
from typing import Any, override

from custom_components.amnimo.api import AmnimoError
from custom_components.amnimo.const import DOMAIN as AMNIMO
from custom_components.amnimo.runtime import AmnimoConfigEntry
from homeassistant.components.camera import Camera, CameraEntityFeature
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryNotReady, HomeAssistantError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_CAMERAS, DOMAIN
from .stream import EndlessStream


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ConfigEntry[Mapping[str, Any]],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the cameras of an entry, which are some of the amnimo account's."""
    account: AmnimoConfigEntry
    (account,) = hass.config_entries.async_entries(AMNIMO)
    if not await hass.config_entries.async_wait_component(account):
        raise ConfigEntryNotReady("the amnimo account is not set up")
    client, known = account.runtime_data.hub.client, account.runtime_data.cameras.data
    async_add_entities(
        EndlessCamera(
            camera_id,
            EndlessStream(client, known.cameras[camera_id].subscription_id, camera_id),
        )
        for camera_id in entry.data[CONF_CAMERAS]
    )


class EndlessCamera(Camera):
    """A camera as Home Assistant's Nest integration has them for RTSP."""

    _attr_supported_features = CameraEntityFeature.STREAM

    def __init__(self, camera_id: str, stream: EndlessStream) -> None:
        """Take the camera's ID and its stream."""
        super().__init__()
        self._attr_unique_id = camera_id
        self._attr_name = f"{DOMAIN} {camera_id}"
        self._upstream = stream

    @property
    @override
    def available(self) -> bool:
        """Stay available whatever becomes of the stream."""
        return True

    @override
    async def stream_source(self) -> str:
        """Return where the stream is, and have it started for that."""
        try:
            return await self._upstream.url()
        except AmnimoError as err:
            raise HomeAssistantError(f"the stream can't be started: {err}") from err

    @override
    async def async_will_remove_from_hass(self) -> None:
        """Stop the stream of a camera that goes."""
        await super().async_will_remove_from_hass()
        await self._upstream.close()
