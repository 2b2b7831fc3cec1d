"""Fast at first, then slower, and never more than 6 requests within a minute."""

from __future__ import annotations

import itertools

from hypothesis import given, strategies as st
import pytest

from custom_components.amnimo.media.pace import PollPace


def polls(pace: PollPace, now: float, seconds: float, cost: int = 1) -> list[float]:
    """Return when polls are made in a stretch of time that all are answered at once."""
    times = []
    until = now + seconds
    while (now := now + pace.delay(now)) < until:
        pace.polled(now, cost)
        times.append(now)
    return times


def most_within_a_minute(times: list[float]) -> int:
    """Return the most requests in any 60 s."""
    return max(
        (sum(start <= time < start + 60 for time in times) for start in times),
        default=0,
    )


@pytest.fixture
def pace() -> PollPace:
    """Return a pace for something that is asked for at 0."""
    pace = PollPace()
    pace.restart(0)
    return pace


def test_it_begins_fast_and_slows_down(pace: PollPace) -> None:
    assert polls(pace, 0, 62) == [1.5, 4, 8, 15, 27, 42, 61.5]


def test_no_minute_has_more_than_6(pace: PollPace) -> None:
    assert most_within_a_minute(polls(pace, 0, 3600)) == 6


def test_what_takes_long_leaves_room_for_what_is_new(pace: PollPace) -> None:
    """The minute's limit is not used up for ever by one long clip."""
    times = polls(pace, 0, 3600)
    assert most_within_a_minute([time for time in times if time > 300]) <= 3
    now = times[-1] + 5
    pace.restart(now)
    assert [time - now for time in polls(pace, now, 20)] == [7, 19]


@pytest.mark.parametrize("cost", [2, 3, 4, 5, 6])
def test_searches_of_several_pages_come_less_often(pace: PollPace, cost: int) -> None:
    times = polls(pace, 0, 3600, cost=cost)
    assert most_within_a_minute(times) * cost <= 6


def test_new_media_are_asked_about_soon_when_there_were_none(pace: PollPace) -> None:
    polls(pace, 0, 30)
    pace.rest()
    pace.restart(1000)
    assert polls(pace, 1000, 10) == [1001.5, 1004, 1008]


def test_new_media_do_not_put_off_what_is_due(pace: PollPace) -> None:
    """Whoever asks for 200 clips, 5 a second, hears of the first at once."""
    made = []
    now = 0.0
    while now < 40:
        pace.restart(now)
        if pace.delay(now) < 0.2:
            now += pace.delay(now)
            pace.polled(now, 1)
            made.append(now)
        now += 0.2
    assert made == pytest.approx([1.5, 4, 8, 15, 27])


@given(st.lists(st.floats(0.1, 30), min_size=200, max_size=400))
def test_new_media_all_the_time_do_not_break_the_limit(pauses: list[float]) -> None:
    pace = PollPace()
    now = 0.0
    made = []
    for number, pause in enumerate(pauses):
        pace.restart(now)
        until = now + pause
        while (due := now + pace.delay(now)) <= until:
            now = due
            pace.polled(now, 1)
            made.append(now)
        now = until
        if number % 7 == 0:
            pace.rest()
    # Sums of floats: a request that was made a minute ago may seem to be a little younger.
    assert all(
        later - first > 59.99 for first, later in zip(made, made[6:], strict=False)
    )


def test_failures_slow_it_down_to_one_a_minute_and_success_ends_that(
    pace: PollPace,
) -> None:
    now = 0.0
    pauses = []
    for _ in range(6):
        pause = pace.delay(now)
        now += pause
        pauses.append(pause)
        pace.failed(now, 1)
    assert pauses == [1.5, 10, 20, 40, 60, 60]
    pace.restart(now)
    assert pace.delay(now) == 60
    pace.polled(now, 1)
    assert pace.delay(now) < 10


def test_failures_that_cost_several_requests_keep_to_the_limit(pace: PollPace) -> None:
    now = 0.0
    times = []
    while now < 600:
        now += pace.delay(now)
        pace.failed(now, 3)
        times += [now] * 3
    assert most_within_a_minute(times) <= 6


def test_a_clock_that_is_set_back_does_not_stop_it() -> None:
    pace = PollPace()
    pace.restart(1_000_000)
    for second in range(6):
        pace.polled(1_000_001 + second, 1)
    assert pace.delay(500_000) <= 60
    pace.polled(500_060, 1)
    assert pace.delay(500_060) <= 60


# --- Somebody who counts the seconds ---------------------------------------------------------


def test_who_counts_the_seconds_hears_within_one() -> None:
    pace = PollPace()
    pace.restart(0, pressing=True)
    times = [0.0, *polls(pace, 0, 20)]
    gaps = [later - first for first, later in itertools.pairwise(times)]
    assert max(gaps) < 0.9
    assert len(times) < 35


def test_nobody_counts_them_for_long() -> None:
    """What takes longer than anybody stands there is asked about like anything else."""
    pace = PollPace()
    pace.restart(0, pressing=True)
    polls(pace, 0, 20)
    late = [time - 20 for time in polls(pace, 20, 3600)]
    pauses = [later - first for first, later in itertools.pairwise(late)]
    assert pauses[:4] == pytest.approx([2.5, 4, 7, 12])
    assert most_within_a_minute(late) == 6


def test_counting_the_seconds_brings_forward_what_is_due(pace: PollPace) -> None:
    polls(pace, 0, 30)
    assert pace.delay(30) > 10
    pace.restart(30, pressing=True)
    assert pace.delay(30) == 0.5


def test_counting_the_seconds_does_not_press_a_service_that_fails() -> None:
    pace = PollPace()
    pace.restart(0, pressing=True)
    pace.failed(0.5, 3)
    pace.restart(1, pressing=True)
    assert pace.delay(1) == 9.5


def test_what_comes_next_is_asked_about_at_the_usual_pace() -> None:
    pace = PollPace()
    pace.restart(0, pressing=True)
    polls(pace, 0, 3)
    pace.rest()
    pace.restart(5)
    assert polls(pace, 5, 10) == [6.5, 9, 13]
