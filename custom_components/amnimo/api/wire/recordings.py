"""What the cloud holds recordings of (API document, section 3. カメラ, クラウド録画履歴取得).

Known is that there is a list of objects; all names are assumed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ..models import Recording
from .reading import Fields, fields_of, list_in, number_in, object_in, time_in


def recordings(payload: Any) -> tuple[Recording, ...]:
    """Read the stretches of a recording history, without those that have no start."""
    rows = list_in(payload, "history", "histories", "recordings")
    return tuple(each for row in rows if (each := _recording(row)) is not None)


def _recording(item: Any) -> Recording | None:
    if isinstance(item, list) and len(item) == 2:
        item = {"start": item[0], "end": item[1]}
    fields = fields_of(item)
    fields = {**object_in(fields, "range", "period", "time"), **fields}
    start = time_in(
        fields,
        "starttime",
        "start",
        "from",
        "begin",
        "startdatetime",
        "startat",
        "starttimestamp",
        "begintime",
        "startdate",
    ) or _time_called(fields, "start", "begin", "from", "timestamp")
    if start is None:
        return None
    end = time_in(
        fields,
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
    ) or (
        _time_called(fields, "end", "stop", "finish", "until")
        or _end_by_duration(start, fields)
    )
    return None if end is not None and end < start else Recording(start, end)


def _time_called(fields: Fields, *words: str) -> datetime | None:
    """Return the time of the first field whose name holds the first of the words that any does."""
    for word in words:
        names = [name for name in fields if word in name]
        if (time := time_in(fields, *names)) is not None:
            return time
    return None


def _end_by_duration(start: datetime, fields: Fields) -> datetime | None:
    seconds = number_in(fields, "duration", "durationseconds", "durationsec", "length")
    if seconds is None or seconds < 0:
        return None
    try:
        return start + timedelta(seconds=seconds)
    except OverflowError:
        return None
