"""Cameras: live through the relay, stills from thumbnails.

The stream source is a local URL that starts nothing. What starts, keeps and stops the stream at
the service is the demand at that URL, so it's all the same which of Home Assistant's readers
plays it.
"""

from typing import override

from homeassistant.components.camera import Camera, CameraEntityFeature
from homeassistant.components.stream import HLS_PROVIDER, Stream
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import MANUFACTURER
from .entity import AmnimoCameraEntity, async_add_for_cameras
from .runtime import AmnimoConfigEntry
from .stream_guard import StreamGuard, async_claim, async_keep

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AmnimoConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a camera for each of the account's cameras."""
    await async_add_for_cameras(
        entry,
        lambda camera_id: [AmnimoCamera(entry, camera_id)],
        async_add_entities,
    )


# The coordinator's entity comes first, so that a stream that fails for a while does not make
# the camera unavailable: actions would skip it just when footage is wanted.
class AmnimoCamera(AmnimoCameraEntity, Camera):
    """A camera of amnimo."""

    _attr_name = None
    _attr_brand = MANUFACTURER
    _attr_supported_features = CameraEntityFeature.STREAM

    def __init__(self, entry: AmnimoConfigEntry, camera_id: str) -> None:
        """Take the camera's identifier."""
        AmnimoCameraEntity.__init__(self, entry, camera_id)
        Camera.__init__(self)
        self._guard: StreamGuard | None = None
        self._update()

    @override
    async def stream_source(self) -> str:
        """Return the relay's URL of the camera; the first request there starts the stream."""
        return self._runtime.live.source_url(self.camera_id)

    @override
    async def async_create_stream(self) -> Stream | None:
        """Return Home Assistant's stream of the camera, once there is something to play.

        Raises:
            LiveError: the camera can't be played, and why.

        """
        stream = await super().async_create_stream()
        if stream is None:
            return None
        is_new = self._guard is None or self._guard.stream is not stream
        if is_new:
            self._guard = StreamGuard(self.hass, stream)
        # Home Assistant preloads once, when it starts: an error would end that for good, and
        # nobody is there to be told.
        if not (is_new and stream.dynamic_stream_settings.preload_stream):
            await self._runtime.live.async_prepare(self.camera_id)
        return stream

    @override
    async def async_camera_image(
        self, width: int | None = None, height: int | None = None
    ) -> bytes | None:
        """Return the newest keyframe while the camera is watched, else the newest thumbnail."""
        if self._is_streaming_to_viewers:
            assert self.stream is not None
            keyframe = await self.stream.async_get_image(width, height)
            if keyframe is not None:
                self.content_type = "image/jpeg"
                return keyframe
        still = await self._runtime.stills.async_get(self.camera_id)
        if still is None:
            return None
        self.content_type = still.content_type
        return still.content

    @property
    def _is_streaming_to_viewers(self) -> bool:
        """Whether Home Assistant's stream runs for somebody.

        To ask a stream for its picture starts it where it has no output, and so makes the
        camera watched by nobody.
        """
        return (
            self.stream is not None
            and HLS_PROVIDER in self.stream.outputs()
            and self._runtime.live.is_watched(self.camera_id)
        )

    @override
    async def async_added_to_hass(self) -> None:
        """Go on with the stream whose viewers have been waiting for the camera."""
        await super().async_added_to_hass()
        self._guard = async_claim(self.hass, self.entity_id)
        if self._guard is not None:
            self.stream = self._guard.stream
            # So that the relay knows the URL that the stream was created with.
            await self.stream_source()

    @override
    async def async_will_remove_from_hass(self) -> None:
        """End the stream and forget the picture of a camera that goes."""
        await super().async_will_remove_from_hass()
        guard, self._guard, self.stream = self._guard, None, None
        await self._runtime.live.async_remove(self.camera_id)
        self._runtime.stills.forget(self.camera_id)
        if guard is None:
            return
        if self._may_come_back and guard.stream.outputs():
            async_keep(self.hass, self.entity_id, guard)
        else:
            await guard.async_end()

    @property
    def _may_come_back(self) -> bool:
        """Whether it's the account that is unloaded rather than the camera that goes."""
        entry = self.registry_entry
        return (
            entry is not None
            and not entry.disabled
            # Home Assistant's stream keeps the name and the settings of its first entity.
            and entry.entity_id == self.entity_id
        )

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._update()
        super()._handle_coordinator_update()

    def _update(self) -> None:
        """Take over what the cloud says; a camera that is gone stays as it was."""
        if (camera := self.amnimo_camera) is not None:
            self._attr_is_recording = bool(camera.recording)
            self._attr_model = camera.model
