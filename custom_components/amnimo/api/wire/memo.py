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
from dataclasses import dataclass, fields
import json
import re
import time
from typing import Any, Final

from ..models import Camera
from .cameras import camera_rows
from .reading import is_url, total_in

_TEXTS: Final = tuple(
    field.name for field in fields(Camera) if field.name != "thumbnail"
)
_LIST: Final = re.compile(rb"\[\s*(?=\{)")
# The end of one camera, and the next one up to its first value.
_BETWEEN: Final = re.compile(rb'\s*,\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*')
# Never there where one object ends and another begins.
_ONLY_ONE: Final = b"\0{"
# Characters that a URL's query has, and that are the same in JSON.
_QUERY: Final = re.compile(rb"\?[!#-\[\]-~]+")
# Stands for any query; a character that may be in JSON and is never used.
_ANY_QUERY: Final = b"\x7f"
_URL_WITH_QUERY: Final = re.compile(rb'(?<!\\)"https?://[!#-\[\]-~]*\x7f"')
_STAND_IN: Final = {"id": "in the place of all cameras"}
_STAND_IN_TEXT: Final = json.dumps(_STAND_IN).encode()
# Those of the pages of a tenant, unless each answer has something of its own there.
_MOST_SURROUNDINGS: Final = 64
_DECODER: Final = json.JSONDecoder()

type Loads = Callable[[bytes], Any]


@dataclass(frozen=True, slots=True)
class Unread:
    """What a page lists, parsed and not read yet."""

    row: Any
    text: bytes | None = None
    """What it will be known by; None where it is read each time."""


@dataclass(frozen=True, slots=True)
class RecalledPage:
    """A page of which only what is new was parsed."""

    cameras: list[Camera | None]
    """In the order of the service, None for each that is to be read."""
    unread: dict[int, Unread]
    """Those, by their place."""
    total: int | None
    """Cameras on all pages together, where the service says so."""


type _Kept = tuple[Camera, float]
"""A camera, and when it was read."""


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
        self._kept: dict[bytes, _Kept] = {}
        self._listed: dict[bytes, _Kept] = {}
        self._between: bytes | None = None
        self._totals: dict[tuple[bytes, bytes], int | None] = {}

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
        listed = body[start.end() :]
        try:
            return self._recall(body[: start.end()], listed, loads)
        except ValueError, RecursionError:
            return None

    def _recall(self, head: bytes, listed: bytes, loads: Loads) -> RecalledPage | None:
        between = self._find_between(listed)
        texts, tail = _cut(_QUERY.sub(_ANY_QUERY, listed), between)
        around = (head, tail)
        if around not in self._totals:
            self._prove(around, loads)
        oldest = self._steady() - self._renew_after
        kept, now_listed = self._kept, self._listed
        cameras: list[Camera | None] = []
        for text in texts:
            known = kept.get(text)
            if known is not None and known[1] > oldest:
                now_listed[text] = known
                cameras.append(known[0])
            else:
                cameras.append(None)
        unread: dict[int, Unread] = {}
        if None in cameras:
            whole, _ = _cut(listed, between)
            opening = _opening(between)
            unread = {
                index: Unread(loads(opening + whole[index] + b"}"), texts[index])
                for index, camera in enumerate(cameras)
                if camera is None
            }
        return RecalledPage(cameras, unread, self._totals[around])

    def _prove(self, around: tuple[bytes, bytes], loads: Loads) -> None:
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
        self._kept, self._listed = {}, {}
        self._between = b"}" + found.group()
        return self._between

    def note(self, unread: Unread, camera: Camera) -> None:
        """Keep a camera with what it was read from."""
        text = unread.text
        # What else looks like a query matters, and is not compared.
        if text is None or text.count(_ANY_QUERY) != len(_URL_WITH_QUERY.findall(text)):
            return
        texts = (getattr(camera, name) for name in _TEXTS)
        # Where a URL is shown, its query matters, too.
        if any(
            isinstance(each, str) and "?" in each and is_url(each) for each in texts
        ):
            return
        self._listed[text] = (camera, self._steady())

    def end_listing(self, *, complete: bool) -> None:
        """Know from now on the cameras of a listing, which may be the same as before.

        Args:
            complete: whether all pages could be read; where not, it counts for nothing.

        """
        if complete:
            self._kept = self._listed
        self._listed = {}


def _opening(between: bytes) -> bytes:
    """Return how an object begins, given what is between two."""
    return between[between.index(b"{") :]


def _cut(listed: bytes, between: bytes) -> tuple[list[bytes], bytes]:
    """Return each listed object without its opening and closing, and what follows the list.

    Raises:
        ValueError: the first one has another opening, or the last one has no end.

    """
    opening = _opening(between)
    if not listed.startswith(opening):
        raise ValueError
    texts = listed[len(opening) :].split(between)
    last = opening + texts[-1]
    end = _end_of_object(last)
    texts[-1] = last[len(opening) : end - 1]
    return texts, last[end:]


def _end_of_object(text: bytes) -> int:
    """Return where the object ends that a text begins with.

    Raises:
        ValueError: it has no end.

    """
    characters = text.decode()
    _, end = _DECODER.raw_decode(characters)
    return len(characters[:end].encode())
