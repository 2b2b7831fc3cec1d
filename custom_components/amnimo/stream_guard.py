"""What becomes of Home Assistant's stream of a camera when something ends.

Home Assistant makes one stream of a camera, and whoever watches reads that. The guard sees to it
that nobody is left waiting for a stream that failed or was ended, and keeps it while an account
is reloaded: the cameras go and come back then, but the viewers stay. What is played, and from
where, is none of its business.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from homeassistant.components.camera import DynamicStreamSettings
from homeassistant.components.stream import HLS_PROVIDER, Stream
from homeassistant.components.stream.const import RECORDER_PROVIDER
from homeassistant.components.stream.core import StreamOutput
from homeassistant.core import Event, HassJob, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import (
    async_call_later,
    async_track_entity_registry_updated_event,
)
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN

RELOAD_SECONDS: Final = 60.0
"""A camera that is not back after this long does not come back for its viewers."""


class StreamGuard:
    """A stream of Home Assistant's, from when it was created to its end."""

    def __init__(self, hass: HomeAssistant, stream: Stream) -> None:
        """Take a stream that was just created."""
        self.stream = stream
        self._hass = hass
        self._timed: StreamOutput | None = None
        stream.set_update_callback(self._async_worker_changed)
        self._forget_shutdown: Callable[[], None] | None = hass.async_add_shutdown_job(
            HassJob(self._async_shut_down)
        )

    async def async_end(self) -> None:
        """End the stream for whoever reads it; a recording is saved up to here."""
        if self._forget_shutdown is not None:
            self._forget_shutdown()
            self._forget_shutdown = None
        # A stream that is preloaded does not end. What the user set is kept for the next one.
        self.stream.dynamic_stream_settings = DynamicStreamSettings()
        await self._async_end_outputs()
        await self.stream.stop()

    async def _async_end_outputs(self) -> None:
        for output in self.stream.outputs().values():
            await self.stream.remove_provider(output)

    @callback
    def _async_worker_changed(self) -> None:
        """Look after the outputs when the worker begins or fails."""
        self._async_time_viewers()
        self._async_save_recording()

    @callback
    def _async_time_viewers(self) -> None:
        """Give viewers as long to begin as they get for going on.

        Home Assistant waits for the first of them twice as long, also when nobody comes at
        all: the frontend asks for HLS beside WebRTC, and drops it as soon as that plays.
        There is something to play already when the worker begins.
        """
        viewers = self.stream.outputs().get(HLS_PROVIDER)
        if viewers is not None and viewers is not self._timed:
            self._timed = viewers
            viewers.idle_timer.awake()

    @callback
    def _async_save_recording(self) -> None:
        """Let nobody wait for the first picture of a recording when there won't be one.

        Home Assistant's recording ends a while after its first picture, and waits for that
        for ever: also for what the viewers' output has by then, if it's to begin earlier.
        """
        recording = self.stream.outputs().get(RECORDER_PROVIDER)
        failed = not self.stream.available
        if failed and recording is not None and not recording.sequences:
            self._hass.async_create_task(self._async_give_up())

    async def _async_give_up(self) -> None:
        await self._async_end_outputs()
        # Without an output, a stream that is preloaded would never be found idle again.
        if self.stream.dynamic_stream_settings.preload_stream:
            self.stream.add_provider(HLS_PROVIDER)

    @callback
    def _async_shut_down(self) -> None:
        """Let all who wait for the stream go, so that Home Assistant need not wait for them.

        It forgets the outputs when it stops, without telling those who read them.
        """
        for output in self.stream.outputs().values():
            output.cleanup()


@dataclass(frozen=True, slots=True)
class _Kept:
    guard: StreamGuard
    cancel: tuple[Callable[[], None], ...]


_KEPT: HassKey[dict[str, _Kept]] = HassKey(f"{DOMAIN}_kept_streams")


@callback
def async_keep(hass: HomeAssistant, entity_id: str, guard: StreamGuard) -> None:
    """Keep a stream for a camera that may come back in a moment, and end it if it does not."""
    kept = hass.data.setdefault(_KEPT, {})

    async def give_up(_now: datetime | None = None) -> None:
        if async_claim(hass, entity_id) is not None:
            await guard.async_end()

    @callback
    def registry_updated(event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        data = event.data
        if data["action"] == "remove" or (
            data["action"] == "update"
            and not data["changes"].keys().isdisjoint({"disabled_by", "entity_id"})
        ):
            hass.async_create_task(give_up())

    kept[entity_id] = _Kept(
        guard,
        (
            async_call_later(
                hass, RELOAD_SECONDS, HassJob(give_up, cancel_on_shutdown=True)
            ),
            async_track_entity_registry_updated_event(
                hass, entity_id, registry_updated
            ),
        ),
    )


@callback
def async_claim(hass: HomeAssistant, entity_id: str) -> StreamGuard | None:
    """Return the stream that was kept for a camera, None where there is none."""
    kept = hass.data.get(_KEPT, {}).pop(entity_id, None)
    if kept is None:
        return None
    for cancel in kept.cancel:
        cancel()
    return kept.guard
