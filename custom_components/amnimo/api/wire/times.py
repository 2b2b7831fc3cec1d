"""Times whose names or forms were not foreseen.

A day and a time of day may stand apart, and a name may say no more than a part of what it tells.
"""

from __future__ import annotations

from datetime import datetime
import re
from typing import Any

from .reading import Fields, moment

_DAY = re.compile(r"(\d{4})([-/]?)(\d\d)\2(\d\d)")
# Characters, with blanks around it.
_LONGEST_DAY = 16
_TIME_OF_DAY = re.compile(r"T?(\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[-+]\d\d:?\d\d)?)")
_NUMBER = re.compile(r"\s*[-+\d.e]+\s*", re.IGNORECASE)
_TELLS_TIME = re.compile(
    r".*(time|date|stamp|clock|epoch|日時|時刻)(in)?(utc|jst)?(ms|millis.*|s|sec|seconds)?"
    r"|.*at|.*(ed|en|ot)on|.*(updated|modified|captured|recorded|taken|shot)|.*ts|dt"
)
"""What a field is called whose number is a time rather than a count."""
_OF_LATER = re.compile(
    r"expir|valid|until|ttl|delet|purg|retention|deadline|limit|期限|有効|削除"
)
"""What a field is called that holds when something ends to be there."""


def day_of(value: Any) -> str | None:
    """Return a text that is a day and nothing more, as in ISO 8601."""
    if not isinstance(value, str) or len(value) > _LONGEST_DAY:
        return None
    found = _DAY.fullmatch(value.strip())
    return f"{found[1]}-{found[3]}-{found[4]}" if found is not None else None


def day_in(fields: Fields) -> str | None:
    """Return the day that stands in an object, if it is one alone."""
    days = {day for value in fields.values() if (day := day_of(value)) is not None}
    return days.pop() if len(days) == 1 else None


def on_day(fields: Fields, day: str | None) -> Fields:
    """Return the fields with each time of day put on a day."""
    if day is None:
        return fields
    return {name: _on_day(value, day) for name, value in fields.items()}


def _on_day(value: Any, day: str) -> Any:
    found = _TIME_OF_DAY.fullmatch(value.strip()) if isinstance(value, str) else None
    return f"{day}T{found[1]}" if found is not None else value


def time_called(fields: Fields, *words: str) -> datetime | None:
    """Return the time of the first field whose name holds the first of the words that any does."""
    for word in words:
        for name, value in fields.items():
            if word in name and (time := moment(value)) is not None:
                return time
    return None


def time_named(fields: Fields, name: re.Pattern[str]) -> datetime | None:
    """Return the time of the first field with such a name; a day alone is none."""
    for each, value in fields.items():
        if name.fullmatch(each) and day_of(value) is None:
            time = moment(value)
            if time is not None:
                return time
    return None


def likely_time(fields: Fields, *words: str) -> datetime | None:
    """Return the time that an object most likely is of.

    That is the one whose name holds the first of the words that any does, or the only one; never
    when something expires, nor a day without a time of day.
    """
    times = {
        name: value
        for name, value in fields.items()
        if _OF_LATER.search(name) is None
        and (_TELLS_TIME.fullmatch(name) or _is_text(value))
        and day_of(value) is None
        and moment(value) is not None
    }
    found = time_called(times, *words)
    if found is None and len(times) == 1:
        found = moment(next(iter(times.values())))
    return found


def _is_text(value: Any) -> bool:
    """Return whether a value is a text that is more than a number."""
    return isinstance(value, str) and _NUMBER.fullmatch(value) is None
