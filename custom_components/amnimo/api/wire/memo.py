"""Cameras as they were read before, so that what comes again as it was need not be read again.

To parse and read a camera takes fifty times as long as to see that the service wrote the very
same bytes of it. What is compared may differ in the query of a URL and in nothing else: pictures
are presigned anew in each answer. So the URL of a camera from here is an older one, and is good
for a shorter time than one that was just read.

A page is cut where one camera ends and the next begins, and is taken only where the cuts are
proven: what is around the list is parsed with another object in the place of all cameras, and
each camera that was not known is parsed by itself. JSON has one reading, so each text that is an
object by itself, where an object has to be, is one. What can't be cut like that is parsed as a
whole, and read each time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
import json
import math
import re
import time
from typing import Any, Final, NamedTuple

from ..models import Camera
from .cameras import camera_rows
from .reading import total_in

_TEXTS: Final = tuple(
    field.name for field in fields(Camera) if field.name != "thumbnail"
)
_LIST: Final = re.compile(rb"\[\s*(?=\{)")
# The end of one camera, and the next one up to its first value.
_BETWEEN: Final = re.compile(rb'\s*,\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*')
# Never there where one object ends and another begins.
_ONLY_ONE: Final = b"\0{"
# The query of a URL, up to the end of its text.
_QUERY: Final = re.compile(rb'\?[^"]+(?<!\\)(?=")')
# Stands for any query; a character that may be in JSON and is never used.
_ANY_QUERY: Final = b"\x7f"
# Some services write "\/" for each slash.
_URL_WITH_QUERY: Final = re.compile(
    rb'(?<!\\)"https?:(?:\\?/){2}(?:[!#-\[\]-~]|\\/)*\x7f"'
)
_SCHEMES: Final = ("http://", "https://")
_STAND_IN: Final = {"id": "in the place of all cameras"}
_STAND_IN_TEXT: Final = json.dumps(_STAND_IN).encode()
# Those of the pages of a tenant, unless each answer has something of its own there.
_MOST_SURROUNDINGS: Final = 64
_BACKSLASH: Final = ord("\\")
_DECODER: Final = json.JSONDecoder()

type _Around = tuple[bytes, bytes]
"""What is before and after a list of cameras."""

type Loads = Callable[[bytes], Any]


@dataclass(frozen=True, slots=True)
class Unread:
    """What a page lists, parsed and not read yet."""

    row: Any = field(repr=False)
    """With the presigned URLs that it holds."""
    text: bytes | None = field(default=None, repr=False)
    """What it will be known by; None where it is read each time."""
    place: int = 0
    """In the listing."""


@dataclass(frozen=True, slots=True)
class RecalledPage:
    """A page of which only what is new was parsed."""

    cameras: list[Camera | None]
    """In the order of the service, None for each that is to be read."""
    unread: dict[int, Unread] = field(repr=False)
    """Those, by their place."""
    total: int | None
    """Cameras on all pages together, where the service says so."""


class _Known(NamedTuple):
    """A camera as it was read, and when that was."""

    text: bytes
    pieces: tuple[bytes, ...]
    """What is before, between and after the queries in the text."""
    camera: Camera
    read_at: float


class CameraMemo:
    """The cameras of a tenant as they were last read."""

    def __init__(
        self, renew_after: float, steady: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin with none.

        Args:
            renew_after: seconds after which a camera is read again all the same, so that the
                URL of its picture is a newer one.
            steady: seconds from anywhere; only goes forward.

        """
        self._renew_after = renew_after
        self._steady = steady
        # Of the last listing, in its order, which is most often that of the next one.
        self._known: list[_Known] = []
        self._places: dict[bytes, int] | None = None
        self._next = 0
        self._listed: list[_Known | None] = []
        self._between: bytes | None = None
        self._read_at = 0.0
        self._totals: dict[_Around, int | None] = {}

    def recall(self, body: bytes, loads: Loads) -> RecalledPage | None:
        """Return what is known of a page, and the rest of it to be read.

        Args:
            body: the JSON of a page.
            loads: reads JSON; raises ValueError or RecursionError.

        Returns:
            None where the page has to be parsed as a whole.

        """
        start = _LIST.search(body)
        if start is None or _ANY_QUERY in body:
            return None
        listed_before, next_before = len(self._listed), self._next
        try:
            return self._recall(body[: start.end()], body[start.end() :], loads)
        except ValueError, RecursionError:
            del self._listed[listed_before:]
            self._next = next_before
            return None

    def _recall(self, head: bytes, listed: bytes, loads: Loads) -> RecalledPage:
        between = self._find_between(listed)
        opening = _opening(between)
        if not listed.startswith(opening):
            raise ValueError
        self._read_at = self._steady()
        oldest = self._read_at - self._renew_after
        cameras: list[Camera | None] = []
        unread: dict[int, Unread] = {}
        begin = len(opening)
        around = None
        while around is None:
            begin = self._take_expected(listed, begin, between, oldest, cameras)
            known, end, around = self._next_one(head, listed, begin, between)
            if known is not None and known.read_at > oldest:
                self._listed.append(known)
                cameras.append(known.camera)
            else:
                raw = listed[begin:end]
                text = known.text if known else _QUERY.sub(_ANY_QUERY, raw)
                row = loads(opening + raw + b"}")
                unread[len(cameras)] = Unread(row, text, len(self._listed))
                self._listed.append(None)
                cameras.append(None)
            self._next += 1
            begin = end + len(between)
        if around not in self._totals:
            self._prove(around, loads)
        return RecalledPage(cameras, unread, self._totals[around])

    def _take_expected(
        self,
        listed: bytes,
        begin: int,
        between: bytes,
        oldest: float,
        cameras: list[Camera | None],
    ) -> int:
        """Take over the cameras that come in the order of the listing before, but the last.

        Returns where the first begins that is not as it was, or is to be read again.
        """
        known, width = self._known, len(between)
        place, most = self._next, len(known)
        while place < most:
            expected = known[place]
            end = _end_of_known(listed, begin, expected.pieces)
            if end < 0 or expected.read_at <= oldest:
                break
            if not listed.startswith(between, end):
                break
            self._listed.append(expected)
            cameras.append(expected.camera)
            place += 1
            begin = end + width
        self._next = place
        return begin

    def _next_one(
        self, head: bytes, listed: bytes, begin: int, between: bytes
    ) -> tuple[_Known | None, int, _Around | None]:
        """Return what is known of a camera, where it ends, and for the last what is around all."""
        known = self._known[self._next] if self._next < len(self._known) else None
        if known is not None:
            end = _end_of_known(listed, begin, known.pieces)
            if end >= 0 and listed.startswith(between, end):
                return known, end, None
            if end >= 0 and listed.startswith(b"}", end):
                rest = (head, _QUERY.sub(_ANY_QUERY, listed[end + 1 :]))
                if rest in self._totals:
                    return known, end, rest
        around: _Around | None = None
        end = listed.find(between, begin)
        if end < 0:
            opening = _opening(between)
            after = begin + _end_of_object(opening + listed[begin:]) - len(opening)
            end, around = after - 1, (head, _QUERY.sub(_ANY_QUERY, listed[after:]))
        text = _QUERY.sub(_ANY_QUERY, listed[begin:end])
        if known is None or known.text != text:
            known = self._known_elsewhere(text)
        return known, end, around

    def _known_elsewhere(self, text: bytes) -> _Known | None:
        """Return what is known of a camera that is not where it was; expect its neighbour next."""
        if self._places is None:
            self._places = {each.text: n for n, each in enumerate(self._known)}
        place = self._places.get(text)
        if place is None:
            return None
        self._next = place
        return self._known[place]

    def _prove(self, around: _Around, loads: Loads) -> None:
        """Take note of what is around a list of cameras.

        Raises:
            ValueError: between the two there is no room for cameras alone.

        """
        payload = loads(_STAND_IN_TEXT.join(around))
        if camera_rows(payload) != [_STAND_IN]:
            raise ValueError
        if len(self._totals) >= _MOST_SURROUNDINGS:
            self._totals.clear()
        self._totals[around] = total_in(payload)

    def _find_between(self, listed: bytes) -> bytes:
        """Return what is between two of some objects."""
        if self._between is not None and self._between in listed:
            return self._between
        found = _BETWEEN.match(listed, _end_of_object(listed))
        if found is None:
            return _ONLY_ONE
        # What is known begins after another key than what comes now.
        self._known, self._places, self._listed = [], None, []
        self._between = b"}" + found.group()
        return self._between

    def note(self, unread: Unread, camera: Camera) -> None:
        """Keep a camera with what it was read from."""
        text = unread.text
        # What else looks like a query matters, and is not compared.
        if text is None or text.count(_ANY_QUERY) != len(_URL_WITH_QUERY.findall(text)):
            return
        # Which picture it is may be said in the query alone.
        if camera.thumbnail is not None and camera.thumbnail.time is None:
            return
        texts = (getattr(camera, name) for name in _TEXTS)
        # Where a URL is shown, its query matters, too.
        if any(
            isinstance(each, str) and "?" in each and each.startswith(_SCHEMES)
            for each in texts
        ):
            return
        known = _Known(text, _pieces(text), camera, self._read_at)
        self._listed[unread.place] = known

    def forget(self, camera_id: str) -> None:
        """Read a camera anew when it comes next, though it is as it was: its URL is no good."""
        for listing in (self._known, self._listed):
            for place, each in enumerate(listing):
                if each is not None and each.camera.id == camera_id:
                    listing[place] = each._replace(read_at=-math.inf)

    def end_listing(self, *, complete: bool) -> None:
        """Know from now on the cameras of a listing, which may be the same as before.

        Args:
            complete: whether all pages could be read; where not, it counts for nothing.

        """
        if complete:
            self._known = [each for each in self._listed if each is not None]
            self._places = None
        self._listed, self._next = [], 0


def _opening(between: bytes) -> bytes:
    """Return how an object begins, given what is between two."""
    return between[between.index(b"{") :]


def _pieces(text: bytes) -> tuple[bytes, ...]:
    """Return what is before, between and after the queries in a text."""
    *others, last = text.split(_ANY_QUERY)
    return (*(each + b"?" for each in others), last)


def _end_of_known(listed: bytes, begin: int, pieces: tuple[bytes, ...]) -> int:
    """Return where a text ends that begins here and has any queries; -1 if there is another."""
    end = begin
    for number, piece in enumerate(pieces):
        if number:
            end = listed.find(b'"', end)
            if end < 0 or listed[end - 1] == _BACKSLASH:
                return -1
        if not listed.startswith(piece, end):
            return -1
        end += len(piece)
    return end


def _end_of_object(text: bytes) -> int:
    """Return where the object ends that a text begins with.

    Raises:
        ValueError: it has no end.

    """
    characters = text.decode()
    _, end = _DECODER.raw_decode(characters)
    return len(characters[:end].encode())
