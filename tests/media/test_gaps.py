"""What of a range was not recorded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.amnimo.api import Recording
from custom_components.amnimo.media.recordings import unrecorded


def at(minute: float) -> datetime:
    """Return a time in minutes."""
    return datetime(2026, 2, 2, 15, tzinfo=UTC) + timedelta(minutes=minute)


@pytest.mark.parametrize(
    ("recorded", "missing"),
    [
        ([], [(0, 10)]),
        ([(0, 10)], []),
        ([(-5, 15)], []),
        ([(-5, None)], []),
        ([(2, 10)], [(0, 2)]),
        ([(0, 8)], [(8, 10)]),
        ([(0, 2), (4, 6), (8, 10)], [(2, 4), (6, 8)]),
        ([(8, None), (0, 2)], [(2, 8)]),
        ([(0, 5), (1, 2), (3, 10)], []),
        ([(0, 5), (5.01, 10)], []),
        ([(-9, -1), (11, 12)], [(0, 10)]),
        ([(-9, 1), (9, 12)], [(1, 9)]),
        # Files that end with their last whole second, of which the next was not yet begun.
        ([(minute, minute + 59 / 60) for minute in range(10)], []),
        ([(2 / 60, 10 - 2 / 60)], []),
        ([(0, 5), (5 + 3 / 60, 10)], [(5, 5 + 3 / 60)]),
        ([(3 / 60, 10 - 3 / 60)], [(0, 3 / 60), (10 - 3 / 60, 10)]),
    ],
)
def test_stretches_that_no_recording_covers(
    recorded: list[tuple[float, float | None]], missing: list[tuple[float, float]]
) -> None:
    recordings = [
        Recording(at(start), None if end is None else at(end))
        for start, end in recorded
    ]
    expected = tuple((at(start), at(end)) for start, end in missing)
    assert unrecorded(recordings, at(0), at(10)) == expected


@pytest.mark.parametrize("recorded", [[], [(-9, -1), (11, 12)]])
def test_a_moment_of_which_nothing_was_recorded_is_missing(
    recorded: list[tuple[float, float]],
) -> None:
    """However short it is, as it is for a snapshot."""
    recordings = [Recording(at(start), at(end)) for start, end in recorded]
    moment = (at(5), at(5) + timedelta(seconds=1))
    assert unrecorded(recordings, *moment) == (moment,)
