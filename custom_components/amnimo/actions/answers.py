"""What actions answer with: plain values that templates and JSON can do with.

Times are ISO 8601 on the user's clock, with their offset. An address is Home Assistant's, signed
for a day, and never the service's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType

from ..api import Media, MediaCategory, MediaState
from ..const import DOMAIN
from ..media.job import MediaFailure, MediaKind, MediaResult, TimeRange, local_iso
from ..media.request import local_text
from ..media.view import async_media_url

_MOST_RANGES_TOLD = 5


class Status(StrEnum):
    """How far a medium is."""

    REQUESTED = "requested"
    COMPLETED = "completed"
    FAILED = "failed"
    DELETED = "deleted"


_STATUSES = {
    MediaState.PENDING: Status.REQUESTED,
    MediaState.COMPLETED: Status.COMPLETED,
    MediaState.FAILED: Status.FAILED,
}


@callback
def media_answer(
    hass: HomeAssistant, entry_id: str, camera_name: str, media: Media
) -> JsonObjectType:
    """Return what there is to say of a medium in the cloud."""
    snapshot = media.category is MediaCategory.SNAPSHOT
    completed = media.state is MediaState.COMPLETED
    return {
        "media_id": media.id,
        "category": media.category.lower() if media.category else None,
        "name": media.name,
        "status": _STATUSES[media.state].value,
        "start_time": local_iso(media.start) if media.start else None,
        "end_time": local_iso(media.end) if media.end and not snapshot else None,
        "requested_time": local_iso(media.requested) if media.requested else None,
        "size": media.size if completed else None,
        "url": _url(hass, entry_id, camera_name, media) if completed else None,
    }


def _url(
    hass: HomeAssistant, entry_id: str, camera_name: str, media: Media
) -> str | None:
    """Return where the file of a finished medium can be opened."""
    category = media.category or MediaCategory.CLIP
    clip = category is MediaCategory.CLIP
    result = MediaResult(
        kind=MediaKind.CLIP_READY if clip else MediaKind.SNAPSHOT_READY,
        category=category,
        camera_id=media.camera_id or "",
        media_id=media.id,
        name=media.name or "",
        start=media.start or media.requested or dt_util.utcnow(),
        end=media.end,
    )
    return async_media_url(hass, entry_id, camera_name, result)


def failure(result: MediaResult) -> HomeAssistantError:
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
