"""The newest thumbnail of each camera, with the time at which it was taken as state."""

from datetime import datetime
from typing import override

from homeassistant.components.image import ImageEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .api import Thumbnail
from .coordinator import CameraAspect
from .entity import AmnimoCameraEntity, async_add_for_cameras
from .entity_budget import Importance
from .runtime import AmnimoConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AmnimoConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add an image for each of the account's cameras."""
    await async_add_for_cameras(
        entry,
        lambda camera_id: [AmnimoThumbnail(hass, entry, camera_id)],
        async_add_entities,
    )


class AmnimoThumbnail(AmnimoCameraEntity, ImageEntity):
    """The newest thumbnail of a camera."""

    _attr_translation_key = "thumbnail"

    def __init__(
        self, hass: HomeAssistant, entry: AmnimoConfigEntry, camera_id: str
    ) -> None:
        """Take the camera's identifier."""
        AmnimoCameraEntity.__init__(
            self,
            entry,
            camera_id,
            "thumbnail",
            aspect=CameraAspect.THUMBNAIL,
            importance=Importance.EXTRA,
        )
        ImageEntity.__init__(self, hass)
        self._shown: Thumbnail | None = None
        self._looked_at: bytes | None = None
        self._update()

    @override
    async def async_image(self) -> bytes | None:
        """Return the picture."""
        still = await self._runtime.stills.async_get(self.camera_id)
        if still is None:
            return None
        self._attr_content_type = still.content_type
        if still.thumbnail.time is None:
            self._note_picture(still.content)
        return still.content

    def _note_picture(self, content: bytes) -> None:
        """Take note of a picture that doesn't say when it was taken: it is new if it differs."""
        if self._looked_at not in (None, content):
            self._attr_image_last_updated = dt_util.utcnow()
            self.async_write_ha_state()
        self._looked_at = content

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._update()
        super()._handle_coordinator_update()

    def _update(self) -> None:
        """Take note of a new thumbnail; one that doesn't say when it was taken is of now."""
        camera = self.amnimo_camera
        thumbnail = camera.thumbnail if camera else None
        if thumbnail is not None and thumbnail != self._shown:
            self._shown = thumbnail
            self._attr_image_last_updated = _time_of(thumbnail)


def _time_of(thumbnail: Thumbnail) -> datetime:
    return thumbnail.time or dt_util.utcnow()
