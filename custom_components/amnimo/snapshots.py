"""A picture of a camera for somebody who stands there and waits, and the truth about it.

Owns how long that may take and what there is to say at its end: a typed outcome, in no language.
The picture is made by the entry's media jobs, like any other, so that one that takes longer
arrives all the same. Who asked, and in which words they are answered, is not known here.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.const import Platform
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType

from .api import AmnimoError, Camera, Lane
from .const import DOMAIN
from .coordinator import LocatedCamera
from .entries import async_loaded_entry_of
from .media.job import MediaFailure, MediaJob, MediaKind, MediaResult, local_iso
from .media.request import SnapshotRequest
from .media.view import async_media_url
from .runtime import AmnimoConfigEntry

PATIENCE: Final = timedelta(seconds=20)
"""For how long somebody waits for an answer unless told otherwise."""

_LOOK: Final = timedelta(seconds=5)
"""For how long a look at the camera itself may take, on top of the patience."""

_LIVE: Final = timedelta(seconds=5)
"""A moment no longer ago shows the camera as it is now."""


class SnapshotStatus(StrEnum):
    """What became of a snapshot by the time of the answer."""

    TAKEN = "taken"
    """It is there; `Snapshot.path` tells whether in the media folder too."""
    PENDING = "pending"
    """The service works on it; where there is no `Snapshot.media_id`, it has not said so yet.

    It is downloaded and told of by the event entity once ready.
    """
    CAMERA_OFFLINE = "camera_offline"
    NO_RECORDING = "no_recording"
    """The camera is there but records nothing, so there is no picture of the moment."""
    NOT_ALLOWED = "not_allowed"
    """The user may not control the camera."""
    PERMISSION_DENIED = "permission_denied"
    """The service does not allow it to the client ID."""
    QUOTA_EXHAUSTED = "quota_exhausted"
    RATE_LIMITED = "rate_limited"
    UNREACHABLE = "unreachable"
    """The service can't be reached."""
    UNAVAILABLE = "unavailable"
    """The camera is gone, or its account is not loaded."""
    FAILED = "failed"
    """Anything else; `Snapshot.reason` tells more where it came from the service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The outcome of asking for a snapshot."""

    status: SnapshotStatus
    entity_id: str
    """Of the camera."""
    time: datetime
    """Of the moment that was asked for: aware, UTC, to the millisecond."""
    entry_id: str | None = None
    """Of the account's config entry; None where it is not loaded."""
    media_id: str | None = None
    """None where the service was never got to do it."""
    url: str | None = None
    """Path on Home Assistant at which the picture can be opened for a day, signed."""
    path: Path | None = None
    """Of the file in the local media folder."""
    size: int | None = None
    """Bytes."""
    reason: MediaFailure | None = None
    """Why there is no picture; where `status` is TAKEN, why there is no file."""

    @property
    def taken(self) -> bool:
        """Whether the picture is there."""
        return self.status is SnapshotStatus.TAKEN

    def as_json(self) -> JsonObjectType:
        """Return the outcome as JSON types; times are ISO 8601 on the user's clock."""
        return {
            "status": self.status.value,
            "entity_id": self.entity_id,
            "time": local_iso(self.time),
            "media_id": self.media_id,
            "url": self.url,
            "path": str(self.path) if self.path else None,
            "size": self.size,
            "reason": self.reason.value if self.reason else None,
        }


_OF_ERRORS: Final = {
    "permission_denied": SnapshotStatus.PERMISSION_DENIED,
    "quota_exhausted": SnapshotStatus.QUOTA_EXHAUSTED,
    "rate_limited": SnapshotStatus.RATE_LIMITED,
    "cannot_connect": SnapshotStatus.UNREACHABLE,
    "not_found": SnapshotStatus.UNAVAILABLE,
    "media_interrupted": SnapshotStatus.UNAVAILABLE,
}
"""By the translation key of the error that media jobs raise."""

_OF_FAILURES: Final = {
    MediaFailure.CAMERA_OFFLINE: SnapshotStatus.CAMERA_OFFLINE,
    MediaFailure.NO_RECORDING: SnapshotStatus.NO_RECORDING,
    MediaFailure.UNREACHABLE: SnapshotStatus.UNREACHABLE,
}

_UNEXPLAINED: Final = frozenset(
    {
        SnapshotStatus.CAMERA_OFFLINE,
        SnapshotStatus.NO_RECORDING,
        SnapshotStatus.FAILED,
    }
)
"""What the state of the camera, which the job knows from the last listing, decides about."""

_ONLY_NOT_KEPT: Final = frozenset(
    {
        MediaFailure.DOWNLOAD_FAILED,
        MediaFailure.INVALID_FILE,
        MediaFailure.STORAGE_FULL,
        MediaFailure.STORAGE_FAILED,
    }
)
"""Failures of the file alone: the picture was made and is in the cloud."""


async def async_take_snapshot(
    hass: HomeAssistant,
    entity_id: str,
    context: Context,
    *,
    time: datetime | None = None,
    name: str | None = None,
    download: bool = True,
    within: timedelta = PATIENCE,
) -> Snapshot:
    """Have a snapshot made of a camera, wait a bounded time, and return what became of it.

    Costs one request to ask for it and some to see it ready (API document, section 5. メディア).
    A camera that was last seen offline is asked about again instead, which costs one request.
    Whether the entity is exposed to whoever asks is for the caller to see.

    Args:
        hass: Home Assistant.
        entity_id: of one of amnimo's cameras.
        context: whose user needs the right to control the camera; one without a user has it.
        time: aware datetime, not in the future; None for now.
        name: 1 to 64 characters; None for one made of camera and time.
        download: whether the file is wanted in the local media folder.
        within: how long to wait; what takes longer goes on and is PENDING. To find out why
            there is no picture may take some seconds more.

    Raises:
        ServiceValidationError: the name or the time makes no sense.

    """
    moment = dt_util.utcnow() if time is None else dt_util.as_utc(time)
    asked = Snapshot(
        status=SnapshotStatus.UNAVAILABLE, entity_id=entity_id, time=moment
    )
    if not await _async_may_control(hass, context, entity_id):
        return replace(asked, status=SnapshotStatus.NOT_ALLOWED)
    found = _find(hass, entity_id)
    if found is None:
        return asked
    entry, located = found
    asked = replace(asked, entry_id=entry.entry_id)
    is_live = dt_util.utcnow() - moment < _LIVE
    if is_live and located.camera.online is False:
        camera = await _async_look(entry, located)
        # Where the service does not tell, the request for the picture says why.
        if camera is not None and camera.online is False:
            return replace(asked, status=SnapshotStatus.CAMERA_OFFLINE)
    request = SnapshotRequest(time=moment, name=name, download=download)
    media = entry.runtime_data.media
    job: MediaJob | None = None
    try:
        # The job is the entry's: to stop waiting for it does not stop it.
        async with asyncio.timeout(within.total_seconds()):
            (job,) = await media.async_request(
                located.camera.id, request, pressing=True
            )
            (result,) = await media.async_wait([job])
    except TimeoutError:
        media_id = job.record.media_id if job is not None else None
        return replace(asked, status=SnapshotStatus.PENDING, media_id=media_id)
    except ServiceValidationError:
        raise
    except HomeAssistantError as err:
        status = _OF_ERRORS.get(err.translation_key or "", SnapshotStatus.FAILED)
        return replace(asked, status=status)
    outcome = _outcome(hass, asked, job, result)
    if is_live and outcome.status in _UNEXPLAINED:
        camera = await _async_look(entry, located) or located.camera
        return replace(outcome, status=_explained(outcome.status, camera))
    return outcome


def _explained(status: SnapshotStatus, camera: Camera) -> SnapshotStatus:
    """Return why there is no picture, knowing how the camera is right now."""
    if camera.online is False:
        return SnapshotStatus.CAMERA_OFFLINE
    if camera.recording is False:
        return SnapshotStatus.NO_RECORDING
    if status is SnapshotStatus.CAMERA_OFFLINE:
        return SnapshotStatus.FAILED
    return status


def _outcome(
    hass: HomeAssistant, asked: Snapshot, job: MediaJob, result: MediaResult
) -> Snapshot:
    """Return what a job came to."""
    told = replace(
        asked,
        time=result.start,
        media_id=result.media_id,
        path=result.path,
        size=result.size,
        reason=result.reason,
    )
    if result.failed and result.reason not in _ONLY_NOT_KEPT:
        failure = result.reason or MediaFailure.GENERATION_FAILED
        return replace(told, status=_OF_FAILURES.get(failure, SnapshotStatus.FAILED))
    made = replace(result, kind=MediaKind.SNAPSHOT_READY)
    assert asked.entry_id is not None
    return replace(
        told,
        status=SnapshotStatus.TAKEN,
        url=async_media_url(hass, asked.entry_id, job.record.camera_name, made),
    )


async def _async_may_control(
    hass: HomeAssistant, context: Context, entity_id: str
) -> bool:
    """Return whether who asks may do so; nobody in particular may, as with any action."""
    if context.user_id is None:
        return True
    user = await hass.auth.async_get_user(context.user_id)
    return user is not None and user.permissions.check_entity(entity_id, POLICY_CONTROL)


def _find(
    hass: HomeAssistant, entity_id: str
) -> tuple[AmnimoConfigEntry, LocatedCamera] | None:
    """Return the account of a camera's entity and the camera, None without either."""
    entity = er.async_get(hass).async_get(entity_id)
    if entity is None or (entity.platform, entity.domain) != (DOMAIN, Platform.CAMERA):
        return None
    found = async_loaded_entry_of(hass, entity_id)
    if found is None:
        return None
    entry, camera_id = found
    located = entry.runtime_data.cameras.locate(camera_id)
    return None if located is None else (entry, located)


async def _async_look(
    entry: AmnimoConfigEntry, located: LocatedCamera
) -> Camera | None:
    """Return a camera as it is now, None where the service does not tell in time."""
    client = entry.runtime_data.cameras.client
    try:
        async with asyncio.timeout(_LOOK.total_seconds()):
            return await client.camera(
                located.subscription_id,
                located.camera.id,
                with_urls=False,
                lane=Lane.USER,
            )
    except AmnimoError, TimeoutError:
        return None
