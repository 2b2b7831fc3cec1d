"""The actions that find what there is of a camera: media, recordings, thumbnails."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from itertools import batched
from typing import Final

import probatio as vol

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType, JsonValueType

from ..api import AmnimoError, AmnimoNotFoundError, MediaCategory
from ..coordinator import LocatedCamera
from ..entity import AmnimoCameraEntity
from ..errors import translated
from ..media.absence import or_nothing
from ..media.job import TimeRange, local_iso
from ..media.library import LARGEST_SEARCH
from ..media.recordings import async_recorded, coverage, history_range, past_range
from ..media.thumbnail_view import async_thumbnail_url
from .answers import media_answer
from .cameras import async_register_camera_action
from .fields import ATTR_END_TIME, ATTR_LIMIT, ATTR_START_TIME

ACTION_GET_RECORDINGS: Final = "get_recordings"
ACTION_GET_THUMBNAILS: Final = "get_thumbnails"
ACTION_SEARCH_MEDIA: Final = "search_media"

ATTR_CATEGORY: Final = "category"
ATTR_NEWEST_FIRST: Final = "newest_first"

MOST_THUMBNAILS: Final = 500
"""Of one search: the service tells of 100 in an answer."""

_DEFAULT_LIMIT = 100
# To sign an address takes its time.
_SIGNED_A_TURN = 50


@callback
def async_setup(hass: HomeAssistant) -> None:
    """Register the actions."""
    async_register_camera_action(
        hass,
        ACTION_SEARCH_MEDIA,
        {
            vol.Optional(ATTR_CATEGORY): vol.All(
                cv.string, vol.Upper, vol.In(list(MediaCategory))
            ),
            vol.Optional(ATTR_LIMIT, default=_DEFAULT_LIMIT): vol.All(
                vol.Coerce(int), vol.Range(min=1, max=LARGEST_SEARCH)
            ),
            vol.Optional(ATTR_NEWEST_FIRST, default=True): cv.boolean,
        },
        _async_search_media,
        SupportsResponse.ONLY,
    )
    async_register_camera_action(
        hass,
        ACTION_GET_RECORDINGS,
        {
            vol.Required(ATTR_START_TIME): cv.datetime,
            vol.Optional(ATTR_END_TIME): cv.datetime,
        },
        _async_get_recordings,
        SupportsResponse.ONLY,
    )
    async_register_camera_action(
        hass,
        ACTION_GET_THUMBNAILS,
        {
            vol.Optional(ATTR_START_TIME): cv.datetime,
            vol.Optional(ATTR_END_TIME): cv.datetime,
            vol.Optional(ATTR_LIMIT, default=_DEFAULT_LIMIT): vol.All(
                vol.Coerce(int), vol.Range(min=1, max=MOST_THUMBNAILS)
            ),
        },
        _async_get_thumbnails,
        SupportsResponse.ONLY,
    )


async def _async_search_media(
    camera: AmnimoCameraEntity, call: ServiceCall
) -> ServiceResponse:
    """Return the clips and snapshots of a camera, by the time at which they were asked for."""
    located = _located(camera)
    category: str | None = call.data.get(ATTR_CATEGORY)
    entry = camera.coordinator.config_entry
    try:
        found = await or_nothing(
            entry.runtime_data.media.library.async_search(
                located.subscription_id,
                camera.camera_id,
                category=None if category is None else MediaCategory(category),
                limit=call.data[ATTR_LIMIT],
                newest_first=call.data[ATTR_NEWEST_FIRST],
            ),
            listed=camera.available,
        )
    except AmnimoError as err:
        raise translated(err) from err
    answers: list[JsonValueType] = []
    for some in batched(found, _SIGNED_A_TURN, strict=False):
        answers += [
            media_answer(camera.hass, entry.entry_id, located.camera.name, media)
            for media in some
        ]
        await asyncio.sleep(0)
    return {"media": answers}


async def _async_get_recordings(
    camera: AmnimoCameraEntity, call: ServiceCall
) -> ServiceResponse:
    """Return what the cloud holds video of."""
    located = _located(camera)
    start, end = history_range(
        call.data[ATTR_START_TIME], call.data.get(ATTR_END_TIME), dt_util.utcnow()
    )
    try:
        ranges = await async_recorded(
            camera.coordinator.client,
            located.subscription_id,
            camera.camera_id,
            start,
            end,
            listed=camera.available,
        )
    except AmnimoError as err:
        raise translated(err) from err
    storage = located.camera.storage
    return {
        "start_time": local_iso(start),
        "end_time": local_iso(end),
        "recordings": [_recording(each) for each in ranges],
        "total_seconds": sum(map(_length, ranges), timedelta()).total_seconds(),
        "status": coverage(ranges, located.camera).value,
        "storage": storage.lower() if storage else None,
    }


async def _async_get_thumbnails(
    camera: AmnimoCameraEntity, call: ServiceCall
) -> ServiceResponse:
    """Return when there are thumbnails, and where each can be seen.

    As the service does: from a start alone on the oldest first, else the newest first.
    """
    start, end = past_range(
        call.data.get(ATTR_START_TIME), call.data.get(ATTR_END_TIME), dt_util.utcnow()
    )
    ascending = start is not None and ATTR_END_TIME not in call.data
    entry = camera.coordinator.config_entry
    try:
        times = await entry.runtime_data.thumbnails.async_search(
            camera.camera_id,
            start,
            None if ascending else end,
            limit=call.data[ATTR_LIMIT],
            listed=camera.available,
        )
    except AmnimoError as err:
        raise translated(err) from err
    answers: list[JsonValueType] = []
    for some in batched(times, _SIGNED_A_TURN, strict=False):
        answers += [_thumbnail(camera, each) for each in some]
        await asyncio.sleep(0)
    return {"thumbnails": answers}


def _located(camera: AmnimoCameraEntity) -> LocatedCamera:
    """Return the camera and its tenant.

    Raises:
        HomeAssistantError: it is gone.

    """
    if camera.located is None:
        raise translated(AmnimoNotFoundError("The camera is gone"))
    return camera.located


def _recording(stretch: TimeRange) -> JsonObjectType:
    start, end = stretch
    return {
        "start_time": local_iso(start),
        "end_time": local_iso(end),
        "seconds": _length(stretch).total_seconds(),
    }


def _length(stretch: TimeRange) -> timedelta:
    start, end = stretch
    return end - start


def _thumbnail(camera: AmnimoCameraEntity, moment: datetime) -> JsonObjectType:
    entry_id = camera.coordinator.config_entry.entry_id
    return {
        "time": local_iso(moment),
        "url": async_thumbnail_url(camera.hass, entry_id, camera.camera_id, moment),
    }
