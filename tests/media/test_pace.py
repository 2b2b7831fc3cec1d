"""Fast at first, then slower, and 6 requests a minute at the most for long."""

from __future__ import annotations

from hypothesis import given, strategies as st

from custom_components.amnimo.media.pace import PollPace


def polls(pace: PollPace, now: float, seconds: float, cost: int = 1) -> list[float]:
    """Return when polls are made in a stretch of time that all are answered at once."""
    times = []
    until = now + seconds
    while (now := now + pace.delay(now)) < until:
        pace.polled(now, cost)
        times.append(now)
    return times


def test_it_begins_fast_and_slows_down() -> None:
    assert polls(PollPace(0), 0, 45) == [1, 2, 4, 7, 12, 20, 30, 40]


def test_it_goes_on_at_6_a_minute() -> None:
    assert len(polls(PollPace(0), 0, 3600)) <= 360 + 6


def test_searches_of_several_pages_come_less_often() -> None:
    assert len(polls(PollPace(0), 0, 3600, cost=3)) <= 120 + 2


def test_new_media_make_it_fast_again() -> None:
    pace = PollPace(0)
    last = polls(pace, 0, 300)[-1]
    pace.restart(last + 5)
    assert [round(time - last - 5) for time in polls(pace, last + 5, 10)] == [
        1,
        2,
        4,
        7,
    ]


@given(st.lists(st.floats(0.1, 30), min_size=200, max_size=400))
def test_new_media_all_the_time_do_not_break_the_limit(pauses: list[float]) -> None:
    pace = PollPace(0)
    now = 0.0
    made = 0
    for pause in pauses:
        pace.restart(now)
        until = now + pause
        while (due := now + pace.delay(now)) <= until:
            now = due
            pace.polled(now, 1)
            made += 1
        now = until
    assert made <= now / 10 + 7


def test_failures_slow_it_down_to_one_a_minute_and_success_ends_that() -> None:
    pace = PollPace(0)
    now = 0.0
    pauses = []
    for _ in range(6):
        pause = pace.delay(now)
        now += pause
        pauses.append(pause)
        pace.failed(now)
    assert pauses == [1, 10, 20, 40, 60, 60]
    pace.restart(now)
    assert pace.delay(now) == 60
    pace.polled(now, 1)
    assert pace.delay(now) < 10


def test_a_clock_that_is_set_back_does_not_stop_it() -> None:
    pace = PollPace(1_000_000)
    pace.polled(1_000_001, 1)
    assert pace.delay(500_000) <= 10
