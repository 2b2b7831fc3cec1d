"""What the cloud holds recordings of (API document, section 3. カメラ, クラウド録画履歴取得).

Known is that there is a list of objects; all names are assumed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
import re
from typing import Any

from ..models import Recording
from .reading import DEEPEST, Fields, fields_of, list_in, number_in, text_in, time_in
from .times import day_in, day_of, on_day, time_called, time_named

_STARTS = (
    "starttime",
    "start",
    "from",
    "begin",
    "startdatetime",
    "startat",
    "starttimestamp",
    "begintime",
    "startdate",
    "fromtime",
    "since",
)
_PLAIN_STARTS = ("time", "datetime", "recordedat", "recordtime", "recordingtime", "ts")
_ENDS = (
    "endtime",
    "end",
    "to",
    "until",
    "enddatetime",
    "endat",
    "endtimestamp",
    "stoptime",
    "stop",
    "finishtime",
    "enddate",
    "totime",
    "till",
)
# What may stand around the word for the end: names have lost their case and "_", and other words
# hold it (calendar, backend), or tell of another end (of the retention, of a contract).
_BESIDE_AN_END = (
    "(?:actual|real|local|rec|record|recorded|recording|video|movie|clip|segment|chunk|file"
    "|footage|stream|play|playback|event|period|range|interval|span|slot|section|block|of|the"
    "|time|date|timestamp|epoch|unix|iso|utc|jst|at|on|ts|ms|msec|millis|sec|seconds"
    "|録画|記録|撮影|映像|動画|再生|区間|の|日時|時刻|時間|日)*"
)
_END_NAME = re.compile(
    rf"{_BESIDE_AN_END}(?:end(?:ed|ing)?|stop(?:ped)?|finish(?:ed)?|終了){_BESIDE_AN_END}"
    r"|rec(?:ord(?:ed|ing)?)?(?:until|till)"
)
_MIDNIGHT = time()
_UNITS = {
    "ms": 0.001,
    "msec": 0.001,
    "millis": 0.001,
    "millisec": 0.001,
    "milliseconds": 0.001,
    "s": 1,
    "sec": 1,
    "secs": 1,
    "seconds": 1,
    "m": 60,
    "min": 60,
    "mins": 60,
    "minutes": 60,
}
_LENGTH_NAME = re.compile(
    r"(?:rec|record|recording|recorded|video|total|play)?(?:duration|length)"
    rf"(?:(?:in)?({'|'.join(_UNITS)}))?|長さ|録画時間"
)
_WHETHER = ("recorded", "isrecorded", "hasrecording", "exists", "available")
_NOTHING = {"NOT RECORDED", "NO RECORDING", "NO DATA", "GAP", "録画なし", "未録画"}
_CLOCK_LENGTH = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)")
_ISO_LENGTH = re.compile(
    r"P(?=.)(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
# Where no unit is said, what is longer in seconds is in milliseconds.
_LONGEST = 31 * 86400
# Times since the epoch, in milliseconds, are larger.
_FIRST_MILLISECOND = 1e11
# So is a length beside such times, unless it is too short for that.
_SHORTEST_BESIDE_MILLISECONDS = 60_000
_MILLISECONDS_A_SECOND = 1000


def recordings(payload: Any) -> tuple[Recording, ...]:
    """Read the stretches of a recording history, without those that have no start."""
    rows = _days(payload) or list_in(payload, "history", "histories", "recordings")
    day = day_in(fields_of(payload))
    return tuple(found for row in rows for found in _recordings(row, day, 0))


def _days(payload: Any, depth: int = 0) -> list[Any]:
    """Return rows of days out of an object that has them by their day."""
    if not isinstance(payload, dict) or depth > DEEPEST:
        return []
    days = [
        {"date": key, "ranges": item} for key, item in payload.items() if day_of(key)
    ]
    inner = (_days(item, depth + 1) for item in payload.values())
    return days or next(filter(None, inner), [])


def _recordings(item: Any, day: str | None, depth: int) -> Iterator[Recording]:
    """Find the stretches in a row: that of its own, or those of a day or a camera."""
    fields = _ends(item)
    for name in ("range", "period", "time"):
        if name in fields:
            fields = {**_ends(fields[name]), **fields}
    day = day_in(fields) or day
    own = None if _tells_a_gap(fields) else _recording(fields, day)
    inner: list[Recording] = []
    if depth < DEEPEST and (own is None or own.end is None):
        for value in fields.values():
            for each in value if isinstance(value, list) else ():
                inner += _recordings(each, day, depth + 1)
    if own is None or (inner and all(each.end is not None for each in inner)):
        yield from inner
    else:
        yield own


def _ends(item: Any) -> Fields:
    """Return the fields of a stretch: an object, its two ends, or both in a text."""
    if isinstance(item, str):
        item = item.split("/") if "T" in item else []
    if isinstance(item, list):
        return {"start": item[0], "end": item[1]} if len(item) == 2 else {}
    return fields_of(item)


def _tells_a_gap(fields: Fields) -> bool:
    """Return whether a stretch is listed because nothing was recorded."""
    return (
        any(fields.get(name) is False for name in _WHETHER)
        or (text_in(fields, "status", "state") or "").replace("_", " ").upper()
        in _NOTHING
    )


def _recording(row: Fields, day: str | None) -> Recording | None:
    fields = on_day(row, day)
    start = (
        time_in(fields, *_STARTS)
        or time_called(fields, "start", "begin", "from", "timestamp", "開始")
        or time_in(fields, *_PLAIN_STARTS)
    )
    if start is None:
        return None
    end = _end(fields)
    if end is None:
        end = _end_by_length(start, row) or _last_day(start, fields)
    elif end < start and fields != row:
        # Times of day alone, which went past midnight.
        end = _later(end, 86400)
    return None if end is not None and end < start else Recording(start, end)


def _end(fields: Fields) -> datetime | None:
    """Return the time of the end; a day alone does not tell it."""
    end = time_in(fields, *_ENDS)
    if end is not None and end.time() != _MIDNIGHT:
        return end
    timed = {name: value for name, value in fields.items() if day_of(value) is None}
    return time_in(timed, *_ENDS) or time_named(timed, _END_NAME)


def _last_day(start: datetime, fields: Fields) -> datetime | None:
    """Return the day of the end where nothing tells more, unless that is before the start."""
    day = time_in(fields, *_ENDS)
    return day if day is not None and day >= start else None


def _end_by_length(start: datetime, fields: Fields) -> datetime | None:
    for name in fields:
        found = _LENGTH_NAME.fullmatch(name)
        if found is None:
            continue
        seconds = _seconds(fields, name, found[1])
        if seconds is not None and seconds >= 0:
            return _later(start, seconds)
    return None


def _later(time: datetime, seconds: float) -> datetime | None:
    try:
        return time + timedelta(seconds=seconds)
    except OverflowError:
        return None


def _seconds(fields: Fields, name: str, unit: str | None) -> float | None:
    """Return a length in seconds.

    Args:
        fields: that it is one of.
        name: what it is called.
        unit: what the end of its name says.

    """
    text = text_in(fields, name) or ""
    clock = _CLOCK_LENGTH.fullmatch(text) or _ISO_LENGTH.fullmatch(text.upper())
    if clock is not None:
        parts = [float(part or 0) for part in clock.groups()]
        return sum(
            part * factor
            for part, factor in zip(parts[::-1], (1, 60, 3600, 86400), strict=False)
        )
    length = number_in(fields, name)
    if length is None or ":" in text:
        return None
    if unit is not None:
        return length * _UNITS[unit]
    in_milliseconds = length > _LONGEST or (
        length >= _SHORTEST_BESIDE_MILLISECONDS
        and length % _MILLISECONDS_A_SECOND == 0
        and _counts_milliseconds(fields)
    )
    return length / _MILLISECONDS_A_SECOND if in_milliseconds else length


def _counts_milliseconds(fields: Fields) -> bool:
    """Return whether the times of a row are in milliseconds since the epoch."""
    return any((number_in(fields, name) or 0) >= _FIRST_MILLISECOND for name in fields)
