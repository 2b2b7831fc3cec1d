"""What somebody wants made of a camera's video, before anything is asked of the service.

Owns the rules: which range makes sense, how a long clip is split, what a medium is called
when nobody named it. Knows neither the service nor what becomes of a request.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

from ..api import MediaCategory
from ..const import DOMAIN

LONGEST_NAME = 64
"""Characters (API document, section 5. メディア)."""
LONGEST_PART = timedelta(hours=1)
"""Of one clip (API document, section 5. メディア)."""
LONGEST_CLIP = timedelta(hours=24)
"""Of one request, which is split: beyond, a slip of the pen is likelier than a wish."""

_EARLIEST_YEAR = 1970
_LATEST_YEAR = 9000


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipRequest:
    """A video clip from `start` to `end` (aware datetimes)."""

    start: datetime
    end: datetime
    name: str | None = None
    """1 to 64 characters after trimming; None for one made of camera and time."""
    download: bool = False
    """Whether the file is wanted in the local media folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRequest:
    """A picture of the moment `time` (aware datetime)."""

    time: datetime
    name: str | None = None
    """As for a clip."""
    download: bool = False
    """As for a clip."""


@dataclass(frozen=True, slots=True)
class Part:
    """One medium to ask the service for. Times in UTC, to the millisecond."""

    category: MediaCategory
    start: datetime
    end: datetime | None
    """None for a snapshot."""
    name: str


def parts(
    request: ClipRequest | SnapshotRequest, camera_name: str, now: datetime
) -> tuple[Part, ...]:
    """Return what to ask the service for, in order of time.

    A clip of more than an hour is split where a new hour begins on the user's clock.

    Args:
        request: as wanted.
        camera_name: for names that nobody chose.
        now: aware datetime; nothing later can be had.

    Raises:
        ServiceValidationError: the range or the name makes no sense.

    """
    name = None if request.name is None else checked_name(request.name)
    if isinstance(request, SnapshotRequest):
        time = _to_milliseconds(request.time)
        if time > now:
            raise _invalid("snapshot_in_future", time=local_text(time))
        title = name or default_name(camera_name, time)
        return (Part(MediaCategory.SNAPSHOT, time, None, title),)
    start, end = _to_milliseconds(request.start), _to_milliseconds(request.end)
    _check_range(start, end, now)
    ranges = split_by_hour(start, end)
    return tuple(
        Part(
            MediaCategory.CLIP,
            part_start,
            part_end,
            _numbered(name, number, len(ranges))
            if name
            else default_name(camera_name, part_start),
        )
        for number, (part_start, part_end) in enumerate(ranges, start=1)
    )


def split_by_hour(
    start: datetime, end: datetime
) -> tuple[tuple[datetime, datetime], ...]:
    """Return a range in stretches of at most an hour, in UTC.

    Up to an hour it stays whole; beyond, it is cut at each full hour of local time.
    """
    if end - start <= LONGEST_PART:
        return ((start, end),)
    ranges = []
    while start < end:
        local = dt_util.as_local(start)
        into_hour = timedelta(
            minutes=local.minute, seconds=local.second, microseconds=local.microsecond
        )
        until = min(start + LONGEST_PART - into_hour, end)
        ranges.append((start, until))
        start = until
    return tuple(ranges)


def clip_range(
    start: datetime | None,
    end: datetime | None,
    duration: timedelta | None,
    last: timedelta | None,
    now: datetime,
) -> tuple[datetime, datetime]:
    """Return the range in UTC that was given one way or another.

    Args:
        start: from when, with either `end` or `duration`.
        end: until when.
        duration: for how long.
        last: for how long until now; alone.
        now: aware datetime.

    Raises:
        ServiceValidationError: what was given makes no range.

    """
    if last is not None and (start, end, duration) == (None, None, None):
        _check_length(last)
        return now - last, now
    if last is None and start is not None:
        moment = as_moment(start)
        if duration is not None and end is None:
            _check_length(duration)
            return moment, moment + duration
        if end is not None and duration is None:
            return moment, as_moment(end, after=moment)
    raise _invalid("clip_range_unclear")


def as_moment(time: datetime, *, after: datetime | None = None) -> datetime:
    """Return a time in UTC; one without an offset is local time.

    The hour that the clock shows twice at the end of daylight saving time is taken to be
    the first one, or the first one later than `after`. In the hour that it skips, it is taken
    to have run on.

    Raises:
        ServiceValidationError: the time is centuries away.

    """
    if not _EARLIEST_YEAR <= time.year <= _LATEST_YEAR:
        raise _invalid("time_out_of_range", time=time.isoformat(" "))
    moment = dt_util.as_utc(time)
    if time.tzinfo is None and after is not None and moment <= after:
        return dt_util.as_utc(time.replace(fold=1))
    return moment


def local_text(time: datetime) -> str:
    """Return a time for people: on their clock, to the second."""
    return dt_util.as_local(time).strftime("%Y-%m-%d %H:%M:%S")


def _check_range(start: datetime, end: datetime, now: datetime) -> None:
    if end <= start:
        raise _invalid(
            "clip_end_before_start", start=local_text(start), end=local_text(end)
        )
    if end > now:
        raise _invalid("clip_end_in_future", end=local_text(end), now=local_text(now))
    _check_length(end - start)


def _check_length(length: timedelta) -> None:
    if length > LONGEST_CLIP:
        hours = int(LONGEST_CLIP / timedelta(hours=1))
        raise _invalid("clip_too_long", hours=str(hours))


def checked_name(name: str) -> str:
    """Return a chosen name without blanks around it.

    Raises:
        ServiceValidationError: it has not 1 to 64 characters.

    """
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise _invalid(
            "media_name_length", length=str(len(name)), longest=str(LONGEST_NAME)
        )
    return name


def default_name(camera_name: str, time: datetime) -> str:
    """Return what a medium is called for which no name was chosen."""
    return _shortened(camera_name.strip(), f" {local_text(time)}")


def _numbered(name: str, number: int, count: int) -> str:
    return name if count == 1 else _shortened(name, f" ({number}/{count})")


def _shortened(text: str, ending: str) -> str:
    """Return a name that ends so and is no longer than allowed."""
    room = LONGEST_NAME - len(ending)
    if len(text) > room:
        text = text[: room - 1].rstrip() + "…"
    return (text + ending).strip()


def _to_milliseconds(time: datetime) -> datetime:
    """Return a time in UTC as precisely as it can be asked for."""
    time = dt_util.as_utc(time)
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def _invalid(key: str, **placeholders: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
    )
