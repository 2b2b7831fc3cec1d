"""The actions that have clips and snapshots made."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import probatio as vol

from homeassistant.const import ATTR_NAME
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import VolDictType
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType

from ..entity import AmnimoCameraEntity
from ..media.job import MediaJob
from ..media.request import ClipRequest, SnapshotRequest, as_moment, clip_range
from ..media.view import async_media_url
from .answers import Status, failure
from .cameras import async_register_camera_action
from .fields import ATTR_END_TIME, ATTR_START_TIME

ACTION_GENERATE_CLIP: Final = "generate_clip"
ACTION_GENERATE_SNAPSHOT: Final = "generate_snapshot"

ATTR_DOWNLOAD: Final = "download"
ATTR_DURATION: Final = "duration"
ATTR_LAST: Final = "last"
ATTR_TIME: Final = "time"
ATTR_WAIT: Final = "wait"

_MEDIA_FIELDS: Final[VolDictType] = {
    vol.Optional(ATTR_NAME): cv.string,
    vol.Optional(ATTR_DOWNLOAD, default=False): cv.boolean,
    vol.Optional(ATTR_WAIT, default=True): cv.boolean,
}


@callback
def async_setup(hass: HomeAssistant) -> None:
    """Register the actions."""
    async_register_camera_action(
        hass,
        ACTION_GENERATE_CLIP,
        {
            vol.Optional(ATTR_START_TIME): cv.datetime,
            vol.Optional(ATTR_END_TIME): cv.datetime,
            vol.Optional(ATTR_DURATION): cv.positive_time_period,
            vol.Optional(ATTR_LAST): cv.positive_time_period,
            **_MEDIA_FIELDS,
        },
        _async_generate_clip,
        SupportsResponse.OPTIONAL,
    )
    async_register_camera_action(
        hass,
        ACTION_GENERATE_SNAPSHOT,
        {vol.Optional(ATTR_TIME): cv.datetime, **_MEDIA_FIELDS},
        _async_generate_snapshot,
        SupportsResponse.OPTIONAL,
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
            raise failure(failed[0])
    return {"media": [_answer(camera, job) for job in jobs]}


def _answer(camera: AmnimoCameraEntity, job: MediaJob) -> JsonObjectType:
    """Return what is to be said of a job now."""
    if not job.outcome.done():
        return {
            **job.pending().as_attributes(),
            "status": Status.REQUESTED.value,
            "url": None,
        }
    result = job.outcome.result()
    entry = camera.coordinator.config_entry
    return {
        **result.as_attributes(),
        "status": (Status.FAILED if result.failed else Status.COMPLETED).value,
        "url": async_media_url(
            camera.hass, entry.entry_id, job.record.camera_name, result
        ),
    }
