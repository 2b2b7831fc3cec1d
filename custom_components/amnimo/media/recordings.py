"""What the cloud holds recordings of, and which time it makes sense to ask that of.

Knows only the cloud's recordings. What an edge device keeps by itself is not listed anywhere, so
nothing in the cloud means nothing recorded only where the cloud is the place to record to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from homeassistant.exceptions import ServiceValidationError

from ..api import AmnimoClient, Camera, Lane, Recording, RecordingStorage
from ..const import DOMAIN
from .absence import or_nothing
from .job import TimeRange
from .request import as_moment, local_text

LONGEST_RANGE = timedelta(days=92)
"""Of one search: three months, whichever they are."""
LONGEST_AT_ONCE = timedelta(days=14)
"""Of one request: the API document states no limit, and this is what its example asks for."""

# Recordings are kept in pieces whose ends need not meet: some end with their last whole second,
# one before the next begins.
_LONGEST_SEAM = timedelta(seconds=2)


class Coverage(StrEnum):
    """What the cloud's recordings say of a time range."""

    RECORDED = "recorded"
    """Something was, though maybe not all of it."""
    NOTHING_RECORDED = "nothing_recorded"
    """The camera records to the cloud, and did not."""
    NOT_IN_CLOUD = "not_in_cloud"
    """The recordings may be at the edge device alone, which nobody can list."""


def coverage(ranges: Sequence[TimeRange], camera: Camera) -> Coverage:
    """Return what it means that the cloud has these recordings of a camera."""
    if ranges:
        return Coverage.RECORDED
    if camera.storage == RecordingStorage.CLOUD:
        return Coverage.NOTHING_RECORDED
    return Coverage.NOT_IN_CLOUD


async def async_recorded(
    client: AmnimoClient,
    subscription_id: str,
    camera_id: str,
    start: datetime,
    end: datetime,
    *,
    listed: bool = False,
    lane: Lane = Lane.USER,
) -> tuple[TimeRange, ...]:
    """Return the stretches of a range that the cloud holds video of, merged and in order.

    Costs a request for every 14 days (API document, section 3, クラウド録画履歴取得).

    Args:
        client: asks the service.
        subscription_id: UUID of the tenant's subscription.
        camera_id: UUID.
        start: aware datetime.
        end: aware datetime, not in the future.
        listed: whether the camera is known to be there, so that a history that is not found
            is an empty one.
        lane: who waits.

    Raises:
        AmnimoError: they can't be had.

    """
    found: list[Recording] = []
    since = start
    while since < end:
        until = min(since + LONGEST_AT_ONCE, end)
        history = client.history(subscription_id, camera_id, since, until, lane=lane)
        found += await or_nothing(history, listed=listed)
        since = until
    return recorded(found, start, end)


def recorded(
    recordings: Iterable[Recording], start: datetime, end: datetime
) -> tuple[TimeRange, ...]:
    """Return the stretches of a range that recordings cover, in order.

    Those no more than two seconds apart are one.
    """
    stretches: list[TimeRange] = []
    for recording in sorted(recordings, key=lambda each: each.start):
        first, last = max(recording.start, start), min(recording.end or end, end)
        if first >= last:
            continue
        if stretches and first - stretches[-1][1] <= _LONGEST_SEAM:
            before, until = stretches.pop()
            stretches.append((before, max(until, last)))
        else:
            stretches.append((first, last))
    return tuple(stretches)


def unrecorded(
    recordings: Iterable[Recording], start: datetime, end: datetime
) -> tuple[TimeRange, ...]:
    """Return the stretches of a range that no recording covers, in order.

    Two seconds or less at the end of a recording, or before the next, are none.
    """
    gaps: list[TimeRange] = []
    covered_until, after_recording = start, False
    for recording in sorted(recordings, key=lambda each: each.start):
        if recording.start >= end:
            break
        first, last = recording.start, recording.end or end
        if first - covered_until > _LONGEST_SEAM:
            gaps.append((covered_until, first))
        if last >= covered_until:
            covered_until, after_recording = last, True
    rest = end - covered_until
    if rest > (_LONGEST_SEAM if after_recording else timedelta(0)):
        gaps.append((covered_until, end))
    return tuple(gaps)


def past_range(
    start: datetime | None, end: datetime | None, now: datetime
) -> tuple[datetime | None, datetime]:
    """Return in UTC the part of a range that has passed.

    Args:
        start: from when; local time where it has no offset. None for no beginning.
        end: until when, likewise; None for now.
        now: aware datetime.

    Raises:
        ServiceValidationError: it makes no sense.

    """
    first = None if start is None else as_moment(start)
    last = now if end is None else as_moment(end, after=first)
    if first is not None:
        if end is not None and last <= first:
            raise _invalid(
                "range_end_before_start", start=local_text(first), end=local_text(last)
            )
        if first >= now:
            raise _invalid(
                "range_in_future", start=local_text(first), now=local_text(now)
            )
    return first, min(last, now)


def history_range(
    start: datetime, end: datetime | None, now: datetime
) -> tuple[datetime, datetime]:
    """Return a range to look for recordings in. As `past_range`, and not too long."""
    first, last = past_range(start, end, now)
    assert first is not None
    if last - first > LONGEST_RANGE:
        raise _invalid("range_too_long", days=str(LONGEST_RANGE.days))
    return first, last


def _invalid(key: str, **placeholders: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
    )
