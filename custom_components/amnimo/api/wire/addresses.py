"""URLs wherever they lie, without those that somebody may have written.

The API document says of no response where a URL lies in it, so any may be the one that is meant.
But people choose names and descriptions, which may look like URLs, and what they choose must
never be fetched. Knows no kind of object; which of several URLs is meant is for its reader.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
import re
from typing import Any, NamedTuple

from .reading import DEEPEST, comparable, fields_of, is_url

_WRITTEN_BY_PEOPLE = re.compile(
    r".*(name|title|label|caption|descri|summary|comment|memo|remark|subject|keyword"
    r"|(?<!署)名|題|タイトル|ラベル|説明|概要|コメント|メモ|備考).*"
    r"|desc|(alt|free|display)?text|.*notes?|tags?|.*messages?|reason|.*ids?"
)
"""What a field is called that holds what people wrote, or an identifier."""
_OF_OTHERS = re.compile(
    r"(camera|device|edgedevice|gateway|user|owner|creator|author|requester|customer|contact"
    r"|account|tenant|subscription|partition|site|group)s?(info|detail|url|uri|link|href)?"
    r"|(created|updated|modified|requested)by"
    r"|self|callback.*|webhook.*|redirect.*|portal.*|homepage.*|\$?schema"
)
"""What a field is called that holds the address of somebody or something else."""


_PAIR_NAMES = {"key", "name", "field", "value", "type", "label"}


class Address(NamedTuple):
    """A URL and where it lies."""

    names: tuple[str, ...]
    """Of the fields on the way to it, outermost first, in comparable form."""
    url: str

    @property
    def name(self) -> str:
        """Its own name; empty where it has none."""
        return self.names[-1] if self.names else ""


def addresses(value: Any, names: tuple[str, ...] = ()) -> Iterator[Address]:
    """Yield the URLs in a value, in order, but none of those that people may have written.

    Args:
        value: any JSON.
        names: of the fields on the way to it.

    """
    if isinstance(value, str):
        if is_url(value):
            yield Address(names, value)
    elif isinstance(value, list) and len(names) < DEEPEST:
        for item in value:
            yield from addresses(item, (*names, names[-1] if names else ""))
    elif isinstance(value, dict) and len(names) < DEEPEST:
        pair = _pair(value)
        for key, item in pair or value.items():
            if isinstance(item, dict | list) or (
                isinstance(item, str) and is_url(item)
            ):
                name = comparable(str(key))
                if not (is_of_others(name) or _is_written(name)):
                    yield from addresses(item, (*names, name))


def _pair(value: dict[str, Any]) -> list[tuple[str, Any]] | None:
    """Return a field that is written as two, as in `{"key": "url", "value": "https://…"}`."""
    if len(value) > len(_PAIR_NAMES):
        return None
    fields = fields_of(value)
    key = next(
        (fields[name] for name in ("key", "name", "field") if name in fields), None
    )
    if (
        "value" not in fields
        or not isinstance(key, str)
        or not fields.keys() <= _PAIR_NAMES
    ):
        return None
    return [(key, fields["value"])]


@lru_cache(maxsize=1024)
def is_of_others(name: str) -> bool:
    """Return whether a field holds what tells of somebody or something else."""
    return _OF_OTHERS.fullmatch(name) is not None


@lru_cache(maxsize=1024)
def _is_written(name: str) -> bool:
    return _WRITTEN_BY_PEOPLE.fullmatch(name) is not None
