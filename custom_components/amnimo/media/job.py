"""A media job and its outcome: what is known of it, and how that is written down.

A job's stage is what is known: without `asked_at` it was not asked for, without `media_id` the
service has not said that it will do it. Who moves a job on is not decided here.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType

from ..api import Lane, Media, MediaCategory

type TimeRange = tuple[datetime, datetime]

_PATIENCE = timedelta(minutes=10)
_PATIENCE_PER_LENGTH = 2


class MediaKind(StrEnum):
    """What a job came to: the event types of the event entity."""

    CLIP_READY = "clip_ready"
    SNAPSHOT_READY = "snapshot_ready"
    MEDIA_FAILED = "media_failed"


class MediaFailure(StrEnum):
    """Why a job came to nothing."""

    NO_RECORDING = "no_recording"
    CAMERA_OFFLINE = "camera_offline"
    GENERATION_FAILED = "generation_failed"
    TIMED_OUT = "timed_out"
    DELETED = "deleted"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    DOWNLOAD_FAILED = "download_failed"
    INVALID_FILE = "invalid_file"
    STORAGE_FULL = "storage_full"
    STORAGE_FAILED = "storage_failed"


class MediaJobError(Exception):
    """A job can't be carried on with."""

    def __init__(
        self, reason: MediaFailure, missing: tuple[TimeRange, ...] = ()
    ) -> None:
        """Tell why, and which parts of the range have no recording, where that is known."""
        super().__init__(reason.value)
        self.reason = reason
        self.missing = missing


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaResult:
    """The outcome of a job."""

    kind: MediaKind
    category: MediaCategory
    camera_id: str
    media_id: str | None
    """None where the service was never got to do it."""
    name: str
    start: datetime
    end: datetime | None
    """None for a snapshot."""
    size: int | None = None
    """Bytes."""
    path: Path | None = None
    """Of the downloaded file."""
    reason: MediaFailure | None = None
    missing: tuple[TimeRange, ...] = ()
    """Stretches of the range without a recording, as far as the service tells."""

    @property
    def failed(self) -> bool:
        """Whether there is nothing to be had."""
        return self.kind is MediaKind.MEDIA_FAILED

    def as_attributes(self) -> dict[str, JsonValueType]:
        """Return the outcome as JSON types, for an event or an answer."""
        return {
            "media_id": self.media_id,
            "name": self.name,
            "start_time": local_iso(self.start),
            "end_time": local_iso(self.end) if self.end else None,
            "size": self.size,
            "path": str(self.path) if self.path else None,
            "reason": self.reason.value if self.reason else None,
            "missing": ranges_as_json(self.missing),
        }


def ranges_as_json(ranges: tuple[TimeRange, ...]) -> list[JsonValueType]:
    """Return time ranges as JSON types."""
    return [
        {"start_time": local_iso(start), "end_time": local_iso(end)}
        for start, end in ranges
    ]


def local_iso(time: datetime) -> str:
    """Return a time on the user's clock in ISO 8601, with its offset."""
    return dt_util.as_local(time).isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """What of a job outlives a restart. Times are aware datetimes in UTC."""

    id: str
    camera_id: str
    camera_name: str
    subscription_id: str
    category: MediaCategory
    name: str
    start: datetime
    end: datetime | None
    download: bool
    wanted_at: datetime
    asked_at: datetime | None = None
    """When the service was asked; it may or may not have heard."""
    media_id: str | None = None
    accepted_at: datetime | None = None
    requested_at: datetime | None = None
    """When the service says it was asked, by its own clock."""
    path: str | None = None
    """Where the file is to be; chosen before the download begins."""
    request_id: str | None = None
    """What the parts of one request have in common; None where it has one part alone."""

    @property
    def patience(self) -> timedelta:
        """How long the service may take: an edge device has to make and send the file."""
        length = timedelta(0) if self.end is None else self.end - self.start
        return _PATIENCE + _PATIENCE_PER_LENGTH * length

    @property
    def is_fetch(self) -> bool:
        """Whether only the file is wanted, of a medium that somebody else had asked for."""
        return self.media_id is not None and self.asked_at is None

    def as_dict(self) -> dict[str, Any]:
        """Return the record as JSON types."""
        return {each.name: _as_json(getattr(self, each.name)) for each in fields(self)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> JobRecord:
        """Read what `as_dict` wrote.

        Raises:
            KeyError, TypeError, ValueError: it did not.

        """
        values = {
            each.name: data[each.name] for each in fields(cls) if each.name in data
        }
        for name in _TIMES:
            if values.get(name) is not None:
                values[name] = datetime.fromisoformat(values[name])
        return cls(**{**values, "category": MediaCategory(values["category"])})


_TIMES = ("start", "end", "wanted_at", "asked_at", "accepted_at", "requested_at")


def _now() -> datetime:
    return dt_util.utcnow()


@dataclass(slots=True, eq=False)
class MediaJob:
    """A job under way."""

    record: JobRecord
    found: Media | None = None
    """The medium, where it was done with when the job began."""
    attended: bool = False
    """Whether somebody waits to hear if the service will do it."""
    pressing: bool = False
    """Whether somebody waits who counts the seconds."""
    since: datetime = field(default_factory=_now)
    """When it began, or went on after a restart."""
    is_done: bool = False
    """Whether it came to its end, told or not."""
    look_until: datetime | None = None
    """Until when what the service may have heard is looked for, where that is known."""
    received: int = 0
    """Bytes of the file that are on disk."""
    total: int | None = None
    """Bytes of the whole file, once the storage has told."""
    waiters: int = 0
    """How many wait for the outcome."""
    accepted: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    """Done when the service took the job, refused it, or can't be asked for now."""
    outcome: asyncio.Future[MediaResult] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def note_progress(self, received: int, total: int | None) -> None:
        """Take note of how much of the file is on disk."""
        self.received = received
        self.total = total

    def follows(self, other: MediaJob) -> bool:
        """Return whether another job is of an earlier part of the same request."""
        ours, others = self.record, other.record
        return (
            ours.request_id is not None
            and ours.request_id == others.request_id
            and others.start < ours.start
        )

    @property
    def lane(self) -> Lane:
        """Which requests of ours those for the job go before."""
        return Lane.USER if self.attended or self.waiters else Lane.POLL

    def settle_acceptance(self) -> None:
        """Let go those who wait for the service's consent."""
        self.attended = False
        if not self.accepted.done():
            self.accepted.set_result(None)

    def update(self, **changes: Any) -> None:
        """Take note of what became known."""
        self.record = replace(self.record, **changes)

    def pending(self) -> MediaResult:
        """Return what there would be if all went well; not a word on whether it does."""
        return self.ready(None, None)

    def ready(self, size: int | None, path: Path | None) -> MediaResult:
        """Return the outcome of a job that succeeded."""
        clip = self.record.category is MediaCategory.CLIP
        kind = MediaKind.CLIP_READY if clip else MediaKind.SNAPSHOT_READY
        return self._result(kind=kind, size=size, path=path)

    def failure(
        self, reason: MediaFailure, missing: tuple[TimeRange, ...] = ()
    ) -> MediaResult:
        """Return the outcome of a job that failed."""
        return self._result(kind=MediaKind.MEDIA_FAILED, reason=reason, missing=missing)

    def _result(self, **values: Any) -> MediaResult:
        record = self.record
        return MediaResult(
            category=record.category,
            camera_id=record.camera_id,
            media_id=record.media_id,
            name=record.name,
            start=record.start,
            end=record.end,
            **values,
        )


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
