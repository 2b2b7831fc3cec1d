"""What an item of the media browser is called: stable, readable, and nothing that runs out.

`<account>[/tenant:<subscription>|/<camera>[/<section>[/<part>]]]`. Identifiers of the vendor's
are percent-encoded, so that what has a colon is never one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Self, override
from urllib.parse import quote, unquote

from homeassistant.util import dt as dt_util

_EPOCH = dt_util.utc_from_timestamp(0)
_MILLISECOND = timedelta(milliseconds=1)


class Section(StrEnum):
    """What there is of a camera."""

    LIVE = "live"
    CLIPS = "clips"
    SNAPSHOTS = "snapshots"
    RECORDINGS = "recordings"
    THUMBNAILS = "thumbnails"


@dataclass(frozen=True, slots=True)
class Page:
    """A further page of a long list, from 2."""

    number: int


@dataclass(frozen=True, slots=True)
class MediaItem:
    """A clip or a snapshot."""

    media_id: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day on Home Assistant's clock; of thumbnails, up to a moment where there is one."""

    day: date
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """The days before a day."""

    day: date


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of recordings, by its start."""

    start: datetime


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a recording."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """A thumbnail, by its time."""

    time: datetime


type Part = Page | MediaItem | Day | Earlier | Hour | Stretch | Moment
"""Which part of a section, or of a list of cameras. Times are to the millisecond."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """An item of the media browser."""

    account: str
    tenant: str | None = None
    """Subscription ID; only of lists of cameras."""
    camera: str | None = None
    section: Section | None = None
    part: Part | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the item of a text.

        Raises:
            ValueError: it's the text of none.

        """
        try:
            found = cls._parse(text)
        except OverflowError as err:
            raise ValueError("no such time") from err
        # One item has one name: no other ways of writing it.
        if str(found) != text:
            raise ValueError("not an item")
        return found

    @classmethod
    def _parse(cls, text: str) -> Self:
        account, *rest = text.split("/")
        tenant = camera = section = part = None
        if rest and rest[0].startswith("tenant:"):
            tenant = unquote(rest.pop(0).removeprefix("tenant:"))
        elif rest and ":" not in rest[0]:
            camera = unquote(rest.pop(0))
            if rest:
                section = Section(rest.pop(0))
        if rest:
            part = _parse_part(section, rest)
        return cls(unquote(account), tenant, camera, section, part)

    @override
    def __str__(self) -> str:
        """Return what stands behind `media-source://amnimo/`."""
        parts = [_quoted(self.account)]
        if self.tenant is not None:
            parts.append(f"tenant:{_quoted(self.tenant)}")
        if self.camera is not None:
            parts.append(_quoted(self.camera))
        if self.section is not None:
            parts.append(self.section.value)
        if self.part is not None:
            parts.append(_part_text(self.part))
        return "/".join(parts)


def _quoted(text: str) -> str:
    if not text:
        raise ValueError("an identifier can't be empty")
    return quote(text, safe="")


def _part_text(part: Part) -> str:
    match part:
        case Page(number):
            return f"page:{number}"
        case MediaItem(media_id):
            return _quoted(media_id)
        case Day(day, None):
            return day.isoformat()
        case Day(day, before):
            assert before is not None
            return f"{day.isoformat()}/before:{_milliseconds(before)}"
        case Earlier(day):
            return f"before:{day.isoformat()}"
        case Hour(start):
            return f"hour:{_milliseconds(start)}"
        case Stretch(start, end):
            return f"{_milliseconds(start)}-{_milliseconds(end)}"
        case Moment(time):
            return f"at:{_milliseconds(time)}"


def _parse_part(section: Section | None, texts: list[str]) -> Part:
    """Return the part that texts name in a section, None for a list of cameras."""
    text = texts[0]
    kind, colon, value = text.partition(":")
    of_days = section in (Section.RECORDINGS, Section.THUMBNAILS)
    if len(texts) == 2 and section is Section.THUMBNAILS:
        kind, _, value = texts[1].partition(":")
        return Day(date.fromisoformat(text), _time(value))
    if len(texts) == 1 and section is not Section.LIVE:
        if not of_days and colon and kind == "page" and int(value) >= 2:
            return Page(int(value))
        if section in (Section.CLIPS, Section.SNAPSHOTS) and not colon:
            return MediaItem(unquote(text))
        if of_days and kind == "before":
            return Earlier(date.fromisoformat(value))
        if section is Section.THUMBNAILS and kind == "at":
            return Moment(_time(value))
        if section is Section.RECORDINGS and kind == "hour":
            return Hour(_time(value))
        if of_days and not colon:
            return _parse_days_or_stretch(section, text)
    raise ValueError("no such part")


def _parse_days_or_stretch(section: Section | None, text: str) -> Day | Stretch:
    first, _, last = text.partition("-")
    if section is Section.RECORDINGS and "-" not in last:
        stretch = Stretch(_time(first), _time(last))
        if stretch.start >= stretch.end:
            raise ValueError("nothing lies between the two times")
        return stretch
    return Day(date.fromisoformat(text))


def _milliseconds(time: datetime) -> int:
    return (time - _EPOCH) // _MILLISECOND


def _time(text: str) -> datetime:
    return _EPOCH + timedelta(milliseconds=int(text))
