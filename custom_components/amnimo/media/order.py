"""Having the service take a job, once and never twice.

It is written down that the service is asked before it is asked. One whose answer was never heard
is looked for among what the service was asked for before it is asked for again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection
from datetime import datetime, timedelta

from homeassistant.util import dt as dt_util

from ..api import (
    AmnimoClient,
    AmnimoConnectionError,
    AmnimoError,
    AmnimoResponseError,
    Media,
)
from .job import JobRecord, MediaFailure, MediaJob, MediaJobError
from .job_store import JobStore
from .retry import GRACE, OUTAGE_PATIENCE, is_final, pause

_MOST_TRIES = 3
# The rest waits here and not in the line for the service's rate limit, where questions about
# what is finished would wait behind it.
_ASKED_AT_ONCE = 4
# How far the service's clock may be behind ours.
_CLOCK_MARGIN = timedelta(minutes=10)
_SEARCH_SIZE = 100
_MOST_SEARCH_PAGES = 10
_SAME_TIME = timedelta(seconds=1)
_REMEMBERED = 1000


class MediaOrders:
    """What an entry asks the service to make."""

    def __init__(
        self, client: AmnimoClient, jobs: Collection[MediaJob], store: JobStore
    ) -> None:
        """Begin with nothing asked for.

        Args:
            client: asks the service.
            jobs: those under way, at each moment.
            store: where they are written down.

        """
        self._client = client
        self._jobs = jobs
        self._store = store
        self._finished: deque[str] = deque(maxlen=_REMEMBERED)
        self._asking = asyncio.Semaphore(_ASKED_AT_ONCE)

    def note_finished(self, media_id: str) -> None:
        """Take note of a medium that was some job's, and so is no other's."""
        self._finished.append(media_id)

    async def async_place(self, job: MediaJob) -> None:
        """Have the service take a job, without asking it twice.

        Somebody who attends is told at once what is known to have failed. What may have
        succeeded is looked for, and an outage is waited out.

        Raises:
            AmnimoError: the service does not take it.
            MediaJobError: it could not be reached for a day.

        """
        tries = 0
        media: Media | None = None
        while media is None:
            try:
                async with self._asking:
                    media = await self._asked_before(job) or await self._create(job)
            except AmnimoError as err:
                tries += 1
                unheard = job.record.asked_at is None
                given_up = job.attended and (unheard or tries >= _MOST_TRIES)
                if given_up or is_final(err):
                    raise
                until = max(job.record.wanted_at + OUTAGE_PATIENCE, job.since + GRACE)
                if dt_util.utcnow() > until:
                    raise MediaJobError(MediaFailure.UNREACHABLE) from err
                await asyncio.sleep(pause(tries - 1))
        job.update(
            media_id=media.id,
            accepted_at=dt_util.utcnow(),
            requested_at=media.requested,
        )
        await self._store.async_save()

    async def _asked_before(self, job: MediaJob) -> Media | None:
        """Return what the service made of an earlier request whose answer was not heard.

        Sees to it that a job that the service knows nothing of counts as not asked for.
        """
        asked_at = job.record.asked_at
        if asked_at is None:
            return None
        try:
            media = await self._find(job, asked_at - _CLOCK_MARGIN)
        except AmnimoError:
            # Nobody can say now, and nobody should have to wait for who can.
            job.settle_acceptance()
            raise
        if media is None:
            job.update(asked_at=None)
        return media

    async def _find(self, job: MediaJob, since: datetime) -> Media | None:
        """Return the newest medium of the camera that is just what the job asks for."""
        record = job.record
        # Who downloads what was found in a list has no claim to it.
        taken = {
            each.record.media_id for each in self._jobs if not each.record.is_fetch
        }
        taken.update(self._finished)
        for page in range(_MOST_SEARCH_PAGES):
            rows = await self._client.search_camera_media(
                record.subscription_id,
                record.camera_id,
                categories=(record.category,),
                page=page,
                size=_SEARCH_SIZE,
                lane=job.lane,
            )
            for media in rows:
                if media.requested is not None and media.requested < since:
                    return None
                if media.id not in taken and _is_like(media, record):
                    return media
            if len(rows) < _SEARCH_SIZE:
                return None
        return None

    async def _create(self, job: MediaJob) -> Media:
        """Ask the service, after writing down that it is asked."""
        job.update(asked_at=dt_util.utcnow())
        await self._store.async_save()
        record = job.record
        try:
            if record.end is None:
                return await self._client.create_snapshot(
                    record.subscription_id,
                    record.camera_id,
                    record.start,
                    record.name,
                    lane=job.lane,
                )
            return await self._client.create_clip(
                record.subscription_id,
                record.camera_id,
                record.start,
                record.end,
                record.name,
                lane=job.lane,
            )
        except AmnimoError as err:
            if not _may_have_been_heard(err):
                job.update(asked_at=None)
            raise


def _may_have_been_heard(err: AmnimoError) -> bool:
    """Return whether the service may have done what it gave no good answer to."""
    if isinstance(err, AmnimoConnectionError):
        return err.sent
    return isinstance(err, AmnimoResponseError) and not is_final(err)


def _is_like(media: Media, record: JobRecord) -> bool:
    """Return whether a medium is what a job asks for, as far as the service tells."""
    if media.start is None and media.name is None:
        return False
    return (
        media.camera_id in (None, record.camera_id)
        and media.category in (None, record.category)
        and (media.name is None or media.name == record.name)
        and _is_same_time(media.start, record.start)
        and (record.end is None or _is_same_time(media.end, record.end))
    )


def _is_same_time(told: datetime | None, asked: datetime) -> bool:
    return told is None or abs(told - asked) < _SAME_TIME
