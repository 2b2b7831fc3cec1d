"""What a record of looks says about a video."""

import pytest

from tests.e2e.pictures import Record, Sight


def looks(*clocks: float | None, every: float = 1.0, start: float = 100.0) -> Record:
    """Return a record of looks at even intervals that showed these clocks."""
    return Record(
        [
            Sight(start + index * every, clock, index * every)
            for index, clock in enumerate(clocks)
        ]
    )


def test_only_later_pictures_are_news() -> None:
    record = looks(95.0, 95.0, None, 96.0, 95.5, 97.0)

    assert [sight.clock for sight in record.news] == [95.0, 96.0, 97.0]


def test_a_moving_picture_stands_still_from_look_to_look_at_most() -> None:
    assert looks(95.0, 96.0, 97.0).longest_standstill() == 1.0


def test_a_picture_stands_still_while_an_old_one_is_shown_or_none() -> None:
    record = looks(95.0, 95.0, None, 94.0, 99.0)

    assert record.longest_standstill() == 4.0


def test_a_picture_that_stops_stands_still_to_the_last_look() -> None:
    assert looks(95.0, 96.0, 96.0, 96.0, 96.0).longest_standstill() == 3.0


def test_a_picture_that_never_comes_stands_still_all_the_time() -> None:
    record = looks(None, None, None, None)

    assert record.longest_standstill() == 3.0
    assert record.age is None
    assert record.seconds_to_news(100.0) is None


def test_no_look_is_no_standstill() -> None:
    assert Record().longest_standstill() == 0.0
    assert Record().plays == 0.0


def test_the_age_is_that_of_the_newest_picture_when_it_appeared() -> None:
    assert looks(95.0, 96.5, 96.5, 96.5).age == pytest.approx(4.5)


def test_a_player_that_counts_on_over_a_still_picture_is_not_believed() -> None:
    record = looks(95.0, 95.0, 95.0)

    assert record.plays == 2.0
    assert len(record.news) == 1


def test_news_after_a_moment_may_be_older_than_it() -> None:
    record = looks(90.0, 90.0, 90.0, 91.0, 104.0, 105.0)

    assert record.seconds_to_news(101.0) == 2.0
    assert record.seconds_to_present(101.0) == 3.0


def test_a_picture_seen_before_the_moment_is_no_news_after_it() -> None:
    record = looks(90.0, 90.0, 90.0, 90.0)

    assert record.seconds_to_news(101.0) is None
    assert record.seconds_to_present(101.0) is None
