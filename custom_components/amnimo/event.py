"""What became of the clips and snapshots that were asked for."""

from typing import override

from homeassistant.components.event import EventEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import CameraAspect
from .entity import AmnimoCameraEntity, async_add_for_cameras
from .entity_budget import Importance
from .media.job import MediaResult
from .runtime import AmnimoConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AmnimoConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add an event entity for each of the account's cameras."""
    await async_add_for_cameras(
        entry,
        lambda camera_id: [AmnimoMediaEvent(entry, camera_id)],
        async_add_entities,
    )


class AmnimoMediaEvent(AmnimoCameraEntity, EventEntity):
    """Clips and snapshots of a camera that became ready, or failed."""

    _attr_translation_key = "media"
    _attr_event_types = ["clip_ready", "snapshot_ready", "media_failed"]

    def __init__(self, entry: AmnimoConfigEntry, camera_id: str) -> None:
        """Take the camera's identifier."""
        super().__init__(
            entry,
            camera_id,
            "media",
            aspect=CameraAspect.PRESENCE,
            importance=Importance.EXTRA,
        )

    @override
    async def async_added_to_hass(self) -> None:
        """Listen for results."""
        await super().async_added_to_hass()
        self.async_on_remove(
            self._runtime.media.async_listen(self.camera_id, self._async_show)
        )

    @callback
    def _async_show(self, result: MediaResult) -> None:
        """Fire the event that a result is."""
        self._trigger_event(result.kind, result.as_attributes())
        self.async_write_ha_state()
