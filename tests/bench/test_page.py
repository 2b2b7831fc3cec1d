"""A page gets the figures of a new run, and keeps its words."""

from .page import with_figures

PAGE = """\
# Benchmarks

<!-- pictures -->

1.03

<!-- /pictures -->

That is quick.

<!-- viewers -->
<!-- /viewers -->
"""


def test_figures_are_put_in_place_of_earlier_ones() -> None:
    page = with_figures(PAGE, {"pictures": "0.98"})
    assert page == PAGE.replace("1.03", "0.98")


def test_a_new_place_is_filled() -> None:
    page = with_figures(PAGE, {"viewers": "50"})
    assert page.endswith("<!-- viewers -->\n\n50\n\n<!-- /viewers -->\n")
    assert "1.03" in page


def test_to_write_the_same_figures_again_changes_nothing() -> None:
    once = with_figures(PAGE, {"viewers": "50", "pictures": "2"})
    assert with_figures(once, {"viewers": "50", "pictures": "2"}) == once


def test_figures_without_a_place_are_left_out() -> None:
    assert with_figures(PAGE, {"uploads": "45"}) == PAGE


def test_figures_are_taken_as_they_are() -> None:
    assert "\\1 of 2" in with_figures(PAGE, {"viewers": "\\1 of 2"})
