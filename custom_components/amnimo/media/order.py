"""Having the service take a job, once and never twice.

It is written down that the service is asked before it is asked. One whose answer was never heard
is looked for among what the service was asked for before it is asked for again, and for a while:
a list need not show at once what there is.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection
from datetime import datetime, timedelta
from http import HTTPStatus

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
# Who attends is not kept waiting another minute when an answer is lost once more.
_MOST_LOST = 2
# The rest waits here and not in the line for the service's rate limit, where questions about
# what is finished would wait behind it.
_ASKED_AT_ONCE = 4
# How far the service's clock may be behind ours.
_CLOCK_MARGIN = timedelta(minutes=10)
_SEARCH_SIZE = 100
_MOST_SEARCH_PAGES = 10
_SAME_TIME = timedelta(seconds=1)
# For so long what was asked for may be missing in lists.
_UNLISTED = timedelta(minutes=1)
# A service may tell the range that it found recorded instead of the one that it was asked for:
# a part of that, or a little more, as far as to a key frame.
_OVERHANG = timedelta(seconds=10)
# With these a server says that it does not know what became of the request.
_GATEWAY_STATUSES = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT})
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
        failures = lost = looks = 0
        media: Media | None = None
        while media is None:
            try:
                async with self._asking:
                    media = await self._asked_before(job)
                    if media is None and job.record.asked_at is None:
                        media = await self._create(job)
            except AmnimoError as err:
                failures += 1
                lost += _is_lost(err)
                looks = 0
                unheard = job.record.asked_at is None
                too_many = failures >= _MOST_TRIES or lost >= _MOST_LOST
                if is_final(err) or (job.attended and (unheard or too_many)):
                    raise
                until = max(job.record.wanted_at + OUTAGE_PATIENCE, job.since + GRACE)
                if dt_util.utcnow() > until:
                    raise MediaJobError(MediaFailure.UNREACHABLE) from err
                await asyncio.sleep(pause(failures - 1))
            else:
                if media is None:
                    looks += 1
                    await asyncio.sleep(min(pause(looks), _seconds_to_look(job)))
        job.update(
            media_id=media.id,
            accepted_at=dt_util.utcnow(),
            requested_at=media.requested,
        )
        await self._store.async_save()

    async def _asked_before(self, job: MediaJob) -> Media | None:
        """Return what the service made of an earlier request whose answer was not heard.

        Sees to it that a job that the service knows nothing of, also after a while, counts as
        not asked for.
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
        if media is None and _seconds_to_look(job) <= 0:
            job.update(asked_at=None)
        return media

    async def _find(self, job: MediaJob, since: datetime) -> Media | None:
        """Return the medium of the camera that is what the job asks for.

        It's the newest one that is just that, or the one that comes closest.
        """
        record = job.record
        alike: list[Media] = []
        for page in range(_MOST_SEARCH_PAGES):
            rows = await self._client.search_camera_media(
                record.subscription_id,
                record.camera_id,
                categories=(record.category,),
                page=page,
                size=_SEARCH_SIZE,
                lane=job.lane,
            )
            # Another job may have found its own while this one waited for the answer.
            taken = self._taken()
            recent = [
                media
                for media in rows
                if media.requested is None or media.requested >= since
            ]
            for media in recent:
                if media.id not in taken and _is_like(media, record):
                    return media
            alike += [media for media in recent if _distance(media, record) is not None]
            if len(recent) < _SEARCH_SIZE:
                break
        return self._closest(alike, job)

    def _taken(self) -> set[str | None]:
        """Return the IDs of the media that are some job's."""
        # Who downloads what was found in a list has no claim to it.
        taken = {
            each.record.media_id for each in self._jobs if not each.record.is_fetch
        }
        return taken.union(self._finished)

    def _closest(self, found: list[Media], job: MediaJob) -> Media | None:
        """Return the medium whose range comes closest to what a job asks for.

        None that is taken, or comes closer to what another job looks for.
        """
        taken = self._taken()
        others = [
            each.record
            for each in self._jobs
            if each is not job
            and each.record.media_id is None
            and each.record.asked_at is not None
        ]
        closest: Media | None = None
        least: timedelta | None = None
        for media in found:
            distance = _distance(media, job.record)
            if media.id in taken or distance is None:
                continue
            theirs = (_distance(media, record) for record in others)
            if any(each is not None and each < distance for each in theirs):
                continue
            if least is None or distance < least:
                closest, least = media, distance
        return closest

    async def _create(self, job: MediaJob) -> Media:
        """Ask the service, after writing down that it is asked."""
        job.update(asked_at=dt_util.utcnow())
        job.look_until = None
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
            # Who attends is told soon of what the service says has failed.
            soon = job.attended and not _is_lost(err)
            job.look_until = dt_util.utcnow() + (timedelta() if soon else _UNLISTED)
            raise


def _may_have_been_heard(err: AmnimoError) -> bool:
    """Return whether the service may have done what it gave no good answer to."""
    if isinstance(err, AmnimoConnectionError):
        return err.sent
    return isinstance(err, AmnimoResponseError) and not is_final(err)


def _is_lost(err: AmnimoError) -> bool:
    """Return whether nobody said what became of a request that may have been heard."""
    if isinstance(err, AmnimoResponseError):
        failed = err.status >= HTTPStatus.BAD_REQUEST
        return not failed or err.status in _GATEWAY_STATUSES
    return isinstance(err, AmnimoConnectionError) and err.sent


def _seconds_to_look(job: MediaJob) -> float:
    """Return for how long a job is looked for whose answer was not heard."""
    asked_at = job.record.asked_at
    assert asked_at is not None
    until = job.look_until or asked_at + _UNLISTED
    return (until - dt_util.utcnow()).total_seconds()


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


def _distance(media: Media, record: JobRecord) -> timedelta | None:
    """Return how far a medium of a job's name is from the range that the job asks for.

    None where the range can't have come of that.
    """
    if (
        media.name != record.name
        or media.camera_id not in (None, record.camera_id)
        or media.category not in (None, record.category)
        or media.requested is None
        or media.start is None
    ):
        return None
    if record.end is None:
        distance = abs(media.start - record.start)
        return distance if distance <= _OVERHANG else None
    end = media.end or record.end
    inside = record.start - _OVERHANG <= media.start and end <= record.end + _OVERHANG
    overlaps = media.start < record.end and end > record.start
    if not inside or not overlaps:
        return None
    return abs(media.start - record.start) + abs(end - record.end)
