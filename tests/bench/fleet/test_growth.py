"""The picture of how figures grow."""

import re

import pytest

from .growth import Chart, draw


def points(drawn: str) -> list[list[tuple[float, float]]]:
    """Return the points of each line of a picture."""
    return [
        [(float(x), float(y)) for x, y in (each.split(",") for each in line.split())]
        for line in re.findall(r'<polyline points="([^"]*)"', drawn)
    ]


def test_ten_times_as_much_is_always_as_far_up() -> None:
    """Both scales are logarithmic, and up is more."""
    ((first, second, third),) = points(
        draw([Chart("Requests", [10, 100, 1000], [2, 20, 200])])
    )
    assert second[0] - first[0] == pytest.approx(third[0] - second[0], abs=0.2)
    assert first[1] - second[1] == pytest.approx(second[1] - third[1], abs=0.2)
    assert first[0] < second[0]
    assert first[1] > second[1]


def test_what_it_is_held_against_is_on_the_same_scale() -> None:
    """Equal figures are at the same height, and the dashed line is drawn below the other."""
    beside, measured = points(draw([Chart("Requests", [100, 1000], [5, 50], [5, 500])]))
    assert beside[0] == measured[0]
    assert beside[1][1] < measured[1][1]


def test_any_figures_can_be_drawn() -> None:
    """One fleet, equal figures and a title with signs are no trouble."""
    drawn = draw(
        [
            Chart("CPU < 1 & more", [100], [1.0]),
            Chart("Nothing", [100, 1000], [0.0, 3.0]),
        ]
    )
    assert ">CPU &lt; 1 &amp; more</text>" in drawn
    assert all(0 <= y <= 200 for line in points(drawn) for _, y in line)
