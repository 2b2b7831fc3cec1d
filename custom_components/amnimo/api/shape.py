"""The shape of a payload: its keys and types, and none of its values.

What the service sends is partly undocumented. A shape lets a user show what came, without
showing who or where they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import re
from typing import Any

_DEEPEST = 8
_SAMPLED = 20
_MOST_NAMES = 60

_NAME = re.compile(r"[A-Za-z_$@][A-Za-z0-9_-]{0,39}")
_TELLING = re.compile(r"[0-9a-f]{8}-|[0-9a-f]{12}|\d{3}", re.IGNORECASE)
_URL = re.compile(r"https?://")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")


def shape(value: Any) -> Any:
    """Return an object as its keys with shapes, a list as the shape its items have together.

    Keys that may themselves be data (identifiers, names, addresses) become `*`, with the
    shape that what lies under them has together. A key that some objects of a list lack, or
    have without a value, ends in `?`. Texts tell their kind: time, url, uuid or text.
    """
    return _together([value], 0)


def _together(values: Sequence[Any], depth: int) -> Any:
    """Return the one shape that covers all values."""
    if depth >= _DEEPEST:
        return "…"
    if all(isinstance(value, dict) for value in values):
        return _of_objects(values, depth)
    if all(isinstance(value, list) for value in values):
        items = [item for value in values for item in value[:_SAMPLED]]
        return [_together(items, depth + 1)] if items else []
    return " | ".join(sorted({_kind(value) for value in values}))


def _of_objects(objects: Sequence[dict[str, Any]], depth: int) -> dict[str, Any]:
    found: dict[str, list[Any]] = {}
    holders: dict[str, int] = {}
    for each in objects:
        names = {key: shown_key(key, each) for key in each}
        for key, name in names.items():
            found.setdefault(name, []).append(each[key])
        for name in dict.fromkeys(names.values()):
            holders[name] = holders.get(name, 0) + 1
    shapes: dict[str, Any] = {}
    for name, values in found.items():
        there = [value for value in values if value is not None]
        always = holders[name] == len(objects) and len(there) in (0, len(values))
        shapes[name if always else f"{name}?"] = (
            _together(there, depth + 1) if there else "null"
        )
    return shapes


def shown_key(key: str, holder: Mapping[str, Any]) -> str:
    """Return a key of an object as it may be shown: `*` where it may itself be data."""
    harmless = _NAME.fullmatch(key) is not None and _TELLING.search(key) is None
    return key if harmless and len(holder) <= _MOST_NAMES else "*"


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float"
        case dict():
            return "object"
        case list():
            return "list"
    text = str(value)
    if _URL.match(text):
        return "url"
    if _UUID.fullmatch(text):
        return "uuid"
    if _TIME.match(text):
        return "time"
    return "text"
