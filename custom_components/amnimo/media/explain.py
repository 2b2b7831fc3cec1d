"""Why the service could not make a medium."""

from __future__ import annotations

from datetime import timedelta
import logging

from homeassistant.util import dt as dt_util

from ..api import AmnimoClient, AmnimoError, Camera, Lane, RecordingStorage
from .job import JobRecord, MediaFailure, MediaJobError, TimeRange
from .located import Located
from .recordings import LONGEST_AT_ONCE, unrecorded

_LOGGER = logging.getLogger(__name__)

_MOMENT = timedelta(seconds=1)
_AROUND = timedelta(hours=1)


async def async_explain_failure(
    client: AmnimoClient, located: Located | None, record: JobRecord, lane: Lane
) -> MediaJobError:
    """Return why the service failed, as far as the recordings and the camera tell.

    Args:
        client: asks the service.
        located: the camera; None for one that is gone.
        record: the job.
        lane: who waits.

    """
    camera = located.camera if located is not None else None
    offline = MediaJobError(MediaFailure.CAMERA_OFFLINE)
    is_offline = camera is not None and camera.online is False
    if is_offline and _storage(camera) is RecordingStorage.EDGE:
        # What it recorded can't be had now; what the cloud has a copy of proves nothing.
        return offline
    missing = await _async_unrecorded(client, camera, record, lane)
    if missing:
        return MediaJobError(MediaFailure.NO_RECORDING, missing)
    if is_offline:
        return offline
    return MediaJobError(MediaFailure.GENERATION_FAILED)


async def _async_unrecorded(
    client: AmnimoClient, camera: Camera | None, record: JobRecord, lane: Lane
) -> tuple[TimeRange, ...]:
    """Return what there is no recording of; nothing where nobody can tell.

    The history is that of the cloud. Where it holds nothing of an hour around, the
    recordings may be at the edge device alone.
    """
    end = record.end or record.start + _MOMENT
    try:
        recordings = await client.history(
            record.subscription_id,
            record.camera_id,
            record.start - _AROUND,
            min(end + _AROUND, dt_util.utcnow()),
            lane=lane,
        )
        if not recordings and not await _async_records_to_cloud(
            client, camera, record, lane
        ):
            return ()
    except AmnimoError as err:
        _LOGGER.debug("No recording history: %s", err)
        return ()
    missing = unrecorded(recordings, record.start, end)
    if record.end is None and missing:
        return ((record.start, record.start),)
    return missing


async def _async_records_to_cloud(
    client: AmnimoClient, camera: Camera | None, record: JobRecord, lane: Lane
) -> bool:
    """Return whether the cloud is the place where a camera records to.

    Where the service does not say so, it is by what the cloud holds of the days around.

    Raises:
        AmnimoError: nobody can tell.

    """
    storage = _storage(camera)
    if storage is not None:
        return storage is RecordingStorage.CLOUD
    until = min(record.start + LONGEST_AT_ONCE / 2, dt_util.utcnow())
    return bool(
        await client.history(
            record.subscription_id,
            record.camera_id,
            until - LONGEST_AT_ONCE,
            until,
            lane=lane,
        )
    )


def _storage(camera: Camera | None) -> RecordingStorage | None:
    """Return where a camera records to; None where that is not told in a known word."""
    told = camera.storage if camera is not None else None
    return next((each for each in RecordingStorage if each == told), None)
