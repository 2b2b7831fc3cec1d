"""Figures are judged by what they are held against."""

import pytest

from .comparison import Finding, Stretch, busy_per_second, median


def test_nothing_measured_has_no_median() -> None:
    assert median([]) is None


def test_the_median_leaves_outliers_out() -> None:
    assert median([1.0, 1.2, 60.0]) == 1.2


def test_a_figure_may_be_a_little_larger_than_the_one_beside_it() -> None:
    finding = Finding("seconds", 1.1, beside=1.0, most_ratio=1.10)
    assert finding.ratio == pytest.approx(1.1)
    assert finding.holds is True


def test_a_figure_that_is_too_much_larger_does_not_hold() -> None:
    assert Finding("seconds", 1.2, beside=1.0, most_ratio=1.10).holds is False


def test_a_figure_may_be_as_large_as_its_limit() -> None:
    assert Finding("seconds", 50.0, most=50.0).holds is True
    assert Finding("seconds", 50.1, most=50.0).holds is False


def test_both_limits_have_to_be_kept() -> None:
    assert Finding("x", 3.0, beside=1.0, most=5.0, most_ratio=2.0).holds is False
    assert Finding("x", 6.0, beside=6.0, most=5.0, most_ratio=2.0).holds is False
    assert Finding("x", 4.0, beside=4.0, most=5.0, most_ratio=2.0).holds is True


def test_a_figure_without_a_limit_is_not_judged() -> None:
    finding = Finding("milliseconds", 2.0, beside=1.0)
    assert finding.ratio == 2.0
    assert finding.holds is None


@pytest.mark.parametrize("beside", [None, 0.0])
def test_nothing_to_compare_with_gives_no_ratio(beside: float | None) -> None:
    assert Finding("seconds", 2.0, beside=beside).ratio is None


def test_what_could_not_be_measured_does_not_pass() -> None:
    assert Finding("seconds", None, most=50.0).holds is False
    assert Finding("seconds", 1.0, beside=None, most_ratio=1.1).holds is False


def test_no_streams_is_a_figure_like_others() -> None:
    assert Finding("streams", 0, beside=50, most=0).holds is True
    assert Finding("streams", 1, beside=50, most=0).holds is False


IDLE = [Stretch(0.1, 0.0)] * 3


def test_video_costs_what_comes_on_top_of_idleness() -> None:
    watched = [Stretch(0.9, 30.0), Stretch(1.0, 30.0), Stretch(1.1, 30.0)]
    assert busy_per_second(watched, IDLE) == pytest.approx(0.03)


def test_a_poll_in_one_stretch_is_not_put_down_to_viewers() -> None:
    quiet = [Stretch(0.4, 3.0)] * 3
    polled = [*quiet[:2], Stretch(2.4, 3.0)]
    assert busy_per_second(quiet, IDLE) == busy_per_second(polled, IDLE)


def test_viewers_who_come_together_cost_what_others_do() -> None:
    together = [Stretch(0.7, 60.0), Stretch(0.1, 0.0), Stretch(0.7, 60.0)]
    apart = [Stretch(0.4, 30.0)] * 3
    assert busy_per_second(together, IDLE) == pytest.approx(
        busy_per_second(apart, IDLE)
    )


@pytest.mark.parametrize(
    ("watched", "unwatched"), [([], IDLE), ([Stretch(0.4, 3.0)], [])]
)
def test_without_a_processor_clock_there_is_no_cost(
    watched: list[Stretch], unwatched: list[Stretch]
) -> None:
    assert busy_per_second(watched, unwatched) is None
