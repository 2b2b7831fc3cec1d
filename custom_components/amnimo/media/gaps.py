"""Which parts of a time range were not recorded."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from ..api import Recording
from .job import TimeRange

# Recordings are kept in pieces whose ends need not meet to the millisecond.
_SHORTEST_GAP = timedelta(seconds=1)


def unrecorded(
    recordings: Iterable[Recording], start: datetime, end: datetime
) -> tuple[TimeRange, ...]:
    """Return the stretches of a range of a second or more that no recording covers."""
    gaps = []
    covered_until = start
    for recording in sorted(recordings, key=lambda each: each.start):
        if recording.start > covered_until:
            gaps.append((covered_until, min(recording.start, end)))
        covered_until = max(covered_until, recording.end or end)
        if covered_until >= end:
            break
    if covered_until < end:
        gaps.append((covered_until, end))
    return tuple(gap for gap in gaps if gap[1] - gap[0] >= _SHORTEST_GAP)
