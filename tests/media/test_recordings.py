"""What was recorded of a range, and which ranges make sense."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.amnimo.api import Camera, Recording
from custom_components.amnimo.media.recordings import (
    Coverage,
    coverage,
    history_range,
    past_range,
    recorded,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util


def at(minute: float) -> datetime:
    """Return a time in minutes."""
    return datetime(2026, 2, 2, 15, tzinfo=UTC) + timedelta(minutes=minute)


@pytest.fixture
def berlin() -> Iterator[None]:
    """Live in Berlin for a while."""
    before = dt_util.get_default_time_zone()
    dt_util.set_default_time_zone(ZoneInfo("Europe/Berlin"))
    yield
    dt_util.set_default_time_zone(before)


@pytest.mark.parametrize(
    ("recordings", "expected"),
    [
        ([], []),
        ([(0, 10)], [(0, 10)]),
        ([(-5, 15)], [(0, 10)]),
        ([(-5, None)], [(0, 10)]),
        ([(2, 3), (-9, -1), (11, 12), (0, 0)], [(2, 3)]),
        ([(8, None), (0, 2)], [(0, 2), (8, 10)]),
        ([(0, 5), (1, 2), (3, 9)], [(0, 9)]),
        # A minute apart, half a second apart, two seconds apart, three seconds apart.
        ([(0, 2), (3, 4)], [(0, 2), (3, 4)]),
        ([(0, 5), (5 + 0.5 / 60, 10)], [(0, 10)]),
        ([(0, 5), (5 + 2 / 60, 10)], [(0, 10)]),
        ([(0, 5), (5 + 3 / 60, 10)], [(0, 5), (5 + 3 / 60, 10)]),
        # As a service may keep them: a file a minute, until the next or until its last second.
        ([(minute, minute + 1) for minute in range(2, 9)], [(2, 9)]),
        ([(minute, minute + 59 / 60) for minute in range(2, 9)], [(2, 8 + 59 / 60)]),
    ],
)
def test_stretches_that_recordings_cover(
    recordings: list[tuple[float, float | None]], expected: list[tuple[float, float]]
) -> None:
    found = [
        Recording(at(start), None if end is None else at(end))
        for start, end in recordings
    ]
    assert recorded(found, at(0), at(10)) == tuple(
        (at(start), at(end)) for start, end in expected
    )


@pytest.mark.parametrize(
    ("storage", "expected"),
    [
        ("CLOUD", Coverage.NOTHING_RECORDED),
        ("EDGE", Coverage.NOT_IN_CLOUD),
        ("SD", Coverage.NOT_IN_CLOUD),
        (None, Coverage.NOT_IN_CLOUD),
    ],
)
def test_what_an_empty_history_means(storage: str | None, expected: Coverage) -> None:
    camera = Camera("id", "name", storage=storage)
    assert coverage((), camera) is expected
    assert coverage(((at(0), at(1)),), camera) is Coverage.RECORDED


def test_of_a_range_only_what_has_passed_counts() -> None:
    now = at(0)
    assert past_range(None, None, now) == (None, now)
    assert past_range(at(-5), None, now) == (at(-5), now)
    assert past_range(at(-5), at(5), now) == (at(-5), now)
    assert past_range(None, at(-5), now) == (None, at(-5))
    assert history_range(at(-5), at(-1), now) == (at(-5), at(-1))


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        # In autumn the clock shows 2 to 3 twice, in spring never.
        ("2025-10-26 02:45", "2025-10-26 02:30", ("00:45", "01:30")),
        ("2026-03-29 02:30", "2026-03-29 04:00", ("01:30", "02:00")),
        ("2026-01-29T00:00:00-09:00", "2026-01-29T12:00:00Z", ("09:00", "12:00")),
    ],
)
def test_local_times_are_taken_as_the_clock_shows_them(
    berlin: None, start: str, end: str, told: tuple[str, str]
) -> None:
    first, last = history_range(
        datetime.fromisoformat(start), datetime.fromisoformat(end), at(100_000)
    )
    assert (f"{first:%H:%M}", f"{last:%H:%M}") == told


@pytest.mark.parametrize(
    ("start", "end", "key"),
    [
        (at(-1), at(-1), "range_end_before_start"),
        (at(5), at(2), "range_end_before_start"),
        (at(0), None, "range_in_future"),
        (at(1), at(2), "range_in_future"),
        (at(-1) - timedelta(days=92), at(0), "range_too_long"),
    ],
)
def test_a_range_without_sense_is_refused(
    start: datetime, end: datetime | None, key: str
) -> None:
    with pytest.raises(ServiceValidationError) as raised:
        history_range(start, end, at(0))
    assert raised.value.translation_key == key


def test_three_months_are_not_too_long() -> None:
    start = at(0) - timedelta(days=92)
    assert history_range(start, at(0), at(0)) == (start, at(0))
