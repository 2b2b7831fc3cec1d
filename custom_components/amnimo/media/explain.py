"""Why the service could not make a medium."""

from __future__ import annotations

from datetime import timedelta
import logging

from homeassistant.util import dt as dt_util

from ..api import AmnimoClient, AmnimoError, Lane, RecordingStorage
from .job import JobRecord, MediaFailure, MediaJobError, TimeRange
from .located import Located
from .recordings import unrecorded

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
    missing = await _async_unrecorded(client, located, record, lane)
    if missing:
        return MediaJobError(MediaFailure.NO_RECORDING, missing)
    if located is not None and located.camera.online is False:
        return MediaJobError(MediaFailure.CAMERA_OFFLINE)
    return MediaJobError(MediaFailure.GENERATION_FAILED)


async def _async_unrecorded(
    client: AmnimoClient, located: Located | None, record: JobRecord, lane: Lane
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
    except AmnimoError as err:
        _LOGGER.debug("No recording history: %s", err)
        return ()
    storage = located.camera.storage if located is not None else None
    in_cloud = storage == RecordingStorage.CLOUD
    if not recordings and not in_cloud:
        return ()
    missing = unrecorded(recordings, record.start, end)
    if record.end is None and missing:
        return ((record.start, record.start),)
    return missing
