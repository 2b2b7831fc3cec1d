"""Values out of JSON that is only loosely known.

Owns how a value is found by name and understood whatever its spelling: texts, numbers, times,
URLs, lists, totals. Which names there are is said by `wire`. Nothing here raises on any JSON
value.

Names are compared without case, `_` and `-`, so `cameraId`, `camera_id` and `CameraID` are one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
import math
import re
from typing import Any

type Fields = dict[str, Any]
"""An object under comparable names."""

LIST_KEYS = ("data", "items", "content", "list", "results")
"""Where a list may lie that is not under a name of its own."""
WRAPPERS = (*LIST_KEYS, "response", "result", "body", "payload", "page")
"""Where all that an answer says may lie."""
_NO_IDENTIFIERS = frozenset({*WRAPPERS, "summary", "meta", "paging", "pagination"})
DEEPEST = 6
"""How many levels down anything is looked for."""

_URL = re.compile(r"https?://\S+")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NUMBER = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)")
_TOTAL_NAMES = ("total", "totalcount", "totalelements", "totalitems", "totalsize")
_TOTAL_PLACES = ("summary", "paging", "pagination", "pageinfo", "meta", *WRAPPERS)
# A smaller number of seconds is a duration rather than a time of this century.
_EARLIEST = 1e8
_LONGEST_REMEMBERED_NAME = 32
_MOST_REMEMBERED_NAMES = 4096

_names: dict[str, str] = {}


def comparable(key: str) -> str:
    """Return a name without case, `_` and `-`."""
    found = _names.get(key)
    if found is None:
        found = key.replace("_", "").replace("-", "").lower()
        # Pages repeat few names; longer keys are identifiers.
        if (
            len(key) <= _LONGEST_REMEMBERED_NAME
            and len(_names) < _MOST_REMEMBERED_NAMES
        ):
            _names[key] = found
    return found


def fields_of(value: Any) -> Fields:
    """Return an object under comparable names; empty for anything else."""
    if not isinstance(value, dict):
        return {}
    return {comparable(str(key)): item for key, item in value.items()}


def object_in(fields: Fields, *names: str) -> Fields:
    """Return the first of the fields that is an object, or an empty one."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, dict) and value:
            return fields_of(value)
    return {}


def spread(fields: Fields, *names: str) -> Fields:
    """Return an object with what lies in some objects in it as if it were its own."""
    inner: Fields = {}
    for name in names:
        if isinstance(part := fields.get(name), dict):
            inner = {**fields_of(part), **inner}
    return {**inner, **fields} if inner else fields


def is_uuid(text: str) -> bool:
    """Return whether a text is a UUID and nothing else."""
    return _UUID.fullmatch(text) is not None


def is_url(text: str) -> bool:
    """Return whether a text is a web address and nothing else."""
    return _URL.fullmatch(text) is not None


# --- Texts and numbers ---------------------------------------------------------------------


def as_text(value: Any) -> str | None:
    """Return a text or a number as a text without blanks around it; None for all else."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)


def text_in(fields: Fields, *names: str) -> str | None:
    """Return the first of the fields that is a text or a number."""
    for name in names:
        value = fields.get(name)
        if value is not None and (text := as_text(value)) is not None:
            return text
    return None


def number_in(fields: Fields, *names: str) -> float | None:
    """Return the first of the fields that is a number, or a text that begins with one."""
    for name in names:
        value = fields.get(name)
        if value is not None and (number := _as_number(value)) is not None:
            return number
    return None


def count_in(fields: Fields, *names: str) -> int | None:
    """Return the first of the fields that is a number, where it can count something."""
    number = number_in(fields, *names)
    return int(number) if number is not None and number >= 0 else None


def _as_number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        match = _NUMBER.match(value)
        value = match.group(1) if match else None
    if not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


# --- Times ---------------------------------------------------------------------------------


def time_in(fields: Fields, *names: str) -> datetime | None:
    """Return the first of the fields that is a time, in UTC."""
    for name in names:
        value = fields.get(name)
        if value is not None and (time := moment(value)) is not None:
            return time
    return None


def moment(value: Any) -> datetime | None:
    """Read a time: ISO 8601 (UTC without an offset), or the time since the epoch.

    That is in seconds, milliseconds, microseconds or nanoseconds, told apart by its size.
    """
    if isinstance(value, str):
        text = value.strip()
        try:
            value = float(text)
        except ValueError:
            return _iso_time(text)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # Seconds reach 1e11 in the year 5138; milliseconds passed it in 1973, and so on.
    for unit in (1, 1e3, 1e6, 1e9):
        if _EARLIEST <= value < 1e11 * unit:
            return datetime.fromtimestamp(value / unit, UTC)
    return None


def _iso_time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text.replace("/", "-").upper())
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except ValueError, OverflowError:
        return None


# --- URLs and texts wherever they are ------------------------------------------------------


def url_in(fields: Fields, *names: str) -> str | None:
    """Return the first of the fields that is a URL."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, str) and is_url(value):
            return value
    return None


def strings(value: Any, depth: int = 0) -> Iterator[str]:
    """Yield all texts in a value, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list) and depth < DEEPEST:
        for child in value.values() if isinstance(value, dict) else value:
            yield from strings(child, depth + 1)


def search_text(value: Any, *names: str) -> str | None:
    """Return the text under the first of the names that stands anywhere in a value."""
    for name in names:
        found = _search(value, name, 0)
        if found is not None:
            return found
    return None


def _search(value: Any, name: str, depth: int) -> str | None:
    fields = fields_of(value)
    found = text_in(fields, name)
    if found is not None or depth >= DEEPEST:
        return found
    children = fields.values() if fields else value if isinstance(value, list) else ()
    for child in children:
        if isinstance(child, dict | list):
            found = _search(child, name, depth + 1)
            if found is not None:
                return found
    return None


# --- Lists and single objects --------------------------------------------------------------


def list_in(payload: Any, *keys: str, depth: int = 0) -> list[Any]:
    """Find the list of an answer: bare, under a key, in a wrapper, or the only one."""
    if isinstance(payload, list):
        return payload
    keyed = _keyed_list(payload)
    if keyed is not None:
        return keyed
    fields = fields_of(payload)
    found = nested_list(fields, *keys, *LIST_KEYS)
    if found is not None:
        return found
    if depth < DEEPEST:
        for key in (*keys, *WRAPPERS):
            inner = fields.get(key)
            if isinstance(inner, dict) and (
                found := list_in(inner, *keys, depth=depth + 1)
            ):
                return found
    lists = [value for value in fields.values() if isinstance(value, list)]
    if len(lists) > 1:
        lists = [value for value in lists if _has_objects(value)]
    return lists[0] if len(lists) == 1 else []


def is_listing(payload: Any, depth: int = 0) -> bool:
    """Return whether an answer holds a list, be it empty, or says that there is nothing."""
    if isinstance(payload, list):
        return True
    if not isinstance(payload, dict) or depth > DEEPEST:
        return False
    return (
        total_in(payload) == 0
        or _holds_nothing(payload)
        or any(is_listing(value, depth + 1) for value in payload.values())
    )


def _holds_nothing(payload: dict[str, Any]) -> bool:
    """Return whether an answer is a wrapper of nothing, and says nothing else."""
    fields = fields_of(payload)
    return any(name in LIST_KEYS for name in fields) and all(
        name in _NO_IDENTIFIERS and not value for name, value in fields.items()
    )


def nested_list(fields: Fields, *keys: str) -> list[Any] | None:
    """Return the list under the first key that has one, None where none has."""
    for key in keys:
        value = fields.get(key)
        if isinstance(value, list):
            return value
        keyed = _keyed_list(value, surely=key not in WRAPPERS)
        if keyed is not None:
            return keyed
    return None


def _keyed_list(value: Any, *, surely: bool = False) -> list[Any] | None:
    """Return the objects of an object whose keys are their identifiers.

    Args:
        value: any JSON.
        surely: whether it can't be anything but a list or a wrapper of one.

    """
    if not isinstance(value, dict) or not value:
        return None
    if not all(map(is_uuid, value)) and not (
        surely
        and all(isinstance(item, dict) for item in value.values())
        and not any(comparable(str(key)) in _NO_IDENTIFIERS for key in value)
    ):
        return None
    return [
        with_identifier(key, item)
        for key, item in value.items()
        if isinstance(item, dict)
    ]


def with_identifier(key: str, item: dict[str, Any]) -> dict[str, Any]:
    """Return an object that lies under its identifier, with that in it."""
    return item if as_text(item.get("id")) is not None else {**item, "id": key}


def _has_objects(items: list[Any]) -> bool:
    return any(isinstance(item, dict) for item in items)


def single_objects(payload: Any, key: str) -> Iterator[Fields]:
    """Yield what may be the one object of an answer, the likeliest first.

    That is what lies under its key, the answer itself, what lies in a wrapper, the first of
    the only list.
    """
    inner: Any = payload
    for _ in range(DEEPEST):
        fields = fields_of(inner)
        named = fields.get(key)
        if isinstance(named, dict):
            yield fields_of(named)
        yield fields
        wrapped = [
            fields[name] for name in WRAPPERS if isinstance(fields.get(name), dict)
        ]
        if not wrapped:
            break
        inner = wrapped[0]
    yield from map(fields_of, list_in(payload, key, f"{key}s")[:1])


def total_in(payload: Any) -> int | None:
    """Read how many there are on all pages, from beside the list or from a summary."""
    fields = fields_of(payload)
    found = count_in(fields, *_TOTAL_NAMES)
    if found is not None:
        return found
    for place in _TOTAL_PLACES:
        found = count_in(object_in(fields, place), *_TOTAL_NAMES)
        if found is not None:
            return found
    return None
