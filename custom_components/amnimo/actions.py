"""The actions: what people and automations can have done, and what they are answered.

Owns their fields and the shape of their answers. What makes sense to ask for, and how it is
carried out, is decided where the thing itself is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

import probatio as vol

from homeassistant.components.camera import DOMAIN as CAMERA_DOMAIN
from homeassistant.components.switch import DOMAIN as SWITCH_DOMAIN
from homeassistant.const import ATTR_NAME
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_platform_entity_service
from homeassistant.helpers.typing import VolDictType
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType

from .const import CONF_RESET_SECONDS, DEFAULT_RESET_SECONDS, DOMAIN
from .coordinator import PortCoordinator
from .entity import AmnimoCameraEntity
from .media.job import MediaFailure, MediaJob, MediaResult, TimeRange
from .media.request import (
    ClipRequest,
    SnapshotRequest,
    as_moment,
    clip_range,
    local_text,
)
from .media.view import async_media_url

ACTION_GENERATE_CLIP: Final = "generate_clip"
ACTION_GENERATE_SNAPSHOT: Final = "generate_snapshot"
ACTION_RESET_PORT: Final = "reset_port"

ATTR_DOWNLOAD: Final = "download"
ATTR_DURATION: Final = "duration"
ATTR_END_TIME: Final = "end_time"
ATTR_LAST: Final = "last"
ATTR_OFF_SECONDS: Final = "off_seconds"
ATTR_START_TIME: Final = "start_time"
ATTR_TIME: Final = "time"
ATTR_WAIT: Final = "wait"

LONGEST_OFF_SECONDS: Final = 3600

_MOST_RANGES_TOLD = 5

_MEDIA_FIELDS: Final[VolDictType] = {
    vol.Optional(ATTR_NAME): cv.string,
    vol.Optional(ATTR_DOWNLOAD, default=False): cv.boolean,
    vol.Optional(ATTR_WAIT, default=True): cv.boolean,
}


class _Resettable(Protocol):
    """A switch of a port."""

    coordinator: PortCoordinator

    async def async_reset_port(self, off_seconds: int) -> None:
        """Switch the port off for some seconds, then on again."""


@callback
def async_setup_actions(hass: HomeAssistant) -> None:
    """Register the actions; once, whatever the number of accounts."""
    async_register_platform_entity_service(
        hass,
        DOMAIN,
        ACTION_GENERATE_CLIP,
        entity_domain=CAMERA_DOMAIN,
        schema={
            vol.Optional(ATTR_START_TIME): cv.datetime,
            vol.Optional(ATTR_END_TIME): cv.datetime,
            vol.Optional(ATTR_DURATION): cv.positive_time_period,
            vol.Optional(ATTR_LAST): cv.positive_time_period,
            **_MEDIA_FIELDS,
        },
        func=_async_generate_clip,
        supports_response=SupportsResponse.OPTIONAL,
    )
    async_register_platform_entity_service(
        hass,
        DOMAIN,
        ACTION_GENERATE_SNAPSHOT,
        entity_domain=CAMERA_DOMAIN,
        schema={vol.Optional(ATTR_TIME): cv.datetime, **_MEDIA_FIELDS},
        func=_async_generate_snapshot,
        supports_response=SupportsResponse.OPTIONAL,
    )
    async_register_platform_entity_service(
        hass,
        DOMAIN,
        ACTION_RESET_PORT,
        entity_domain=SWITCH_DOMAIN,
        schema={
            vol.Optional(ATTR_OFF_SECONDS): vol.All(
                vol.Coerce(int), vol.Range(min=1, max=LONGEST_OFF_SECONDS)
            )
        },
        func=_async_reset_port,
    )


async def _async_generate_clip(
    camera: AmnimoCameraEntity, call: ServiceCall
) -> ServiceResponse:
    """Have a clip made of what a camera recorded."""
    start, end = clip_range(
        call.data.get(ATTR_START_TIME),
        call.data.get(ATTR_END_TIME),
        call.data.get(ATTR_DURATION),
        call.data.get(ATTR_LAST),
        dt_util.utcnow(),
    )
    request = ClipRequest(
        start=start,
        end=end,
        name=call.data.get(ATTR_NAME),
        download=call.data[ATTR_DOWNLOAD],
    )
    return await _async_generate(camera, call, request)


async def _async_generate_snapshot(
    camera: AmnimoCameraEntity, call: ServiceCall
) -> ServiceResponse:
    """Have a picture made of a moment."""
    time: datetime | None = call.data.get(ATTR_TIME)
    request = SnapshotRequest(
        time=dt_util.utcnow() if time is None else as_moment(time),
        name=call.data.get(ATTR_NAME),
        download=call.data[ATTR_DOWNLOAD],
    )
    return await _async_generate(camera, call, request)


async def _async_generate(
    camera: AmnimoCameraEntity,
    call: ServiceCall,
    request: ClipRequest | SnapshotRequest,
) -> ServiceResponse:
    """Ask for media, wait for them if that is wanted, and answer with what there is.

    Who asked for several and got some is told of each; who got none is told by an error, and
    so is who does not look at the answer.
    """
    media = camera.coordinator.config_entry.runtime_data.media
    jobs = await media.async_request(camera.camera_id, request)
    if call.data[ATTR_WAIT]:
        failed = [each for each in await media.async_wait(jobs) if each.failed]
        if failed and (len(failed) == len(jobs) or not call.return_response):
            raise _failure(failed[0])
    return {"media": [_answer(camera, job) for job in jobs]}


async def _async_reset_port(port: _Resettable, call: ServiceCall) -> None:
    """Switch a port off for a while; for how long, the options say where the call does not."""
    options: Mapping[str, Any] = port.coordinator.config_entry.options
    default = options.get(CONF_RESET_SECONDS, DEFAULT_RESET_SECONDS)
    await port.async_reset_port(int(call.data.get(ATTR_OFF_SECONDS, default)))


def _answer(camera: AmnimoCameraEntity, job: MediaJob) -> JsonObjectType:
    """Return what is to be said of a job now."""
    if not job.outcome.done():
        return {**job.pending().as_attributes(), "status": "requested", "url": None}
    result = job.outcome.result()
    entry = camera.coordinator.config_entry
    return {
        **result.as_attributes(),
        "status": "failed" if result.failed else "completed",
        "url": async_media_url(
            camera.hass, entry.entry_id, job.record.camera_name, result
        ),
    }


def _failure(result: MediaResult) -> HomeAssistantError:
    """Return the error that says why there is nothing."""
    reason = result.reason or MediaFailure.GENERATION_FAILED
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=f"media_{reason}",
        translation_placeholders={
            "name": result.name,
            "missing": _ranges_text(result.missing),
        },
    )


def _ranges_text(ranges: Sequence[TimeRange]) -> str:
    """Return time ranges for people."""
    told = [
        local_text(start)
        if start == end
        else f"{local_text(start)} – {local_text(end)}"
        for start, end in ranges[:_MOST_RANGES_TOLD]
    ]
    more = ["…"] if len(ranges) > _MOST_RANGES_TOLD else []
    return ", ".join(told + more)
