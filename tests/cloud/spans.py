"""Spans of time and what can be done with sorted lists of them.

Pure arithmetic on half-open ranges of epoch seconds; knows nothing of what they stand for.
"""

from collections.abc import Iterable
from typing import NamedTuple


class Span(NamedTuple):
    """A range of time, from ``start`` up to but not with ``end`` (epoch seconds)."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.end - self.start


def clip(spans: Iterable[Span], start: float, end: float) -> list[Span]:
    """Return what of the spans lies between two moments."""
    return [
        Span(max(span.start, start), min(span.end, end))
        for span in spans
        if span.end > start and span.start < end
    ]


def merge(spans: Iterable[Span]) -> list[Span]:
    """Return the same time as sorted spans that neither touch nor overlap."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        elif span.seconds > 0:
            merged.append(span)
    return merged


def intersect(left: Iterable[Span], right: Iterable[Span]) -> list[Span]:
    """Return the time that is in both."""
    theirs = list(right)
    return merge(part for span in left for part in clip(theirs, span.start, span.end))


def subtract(spans: Iterable[Span], removed: Iterable[Span]) -> list[Span]:
    """Return the time of ``spans`` that is not in ``removed``."""
    gaps = merge(removed)
    rest: list[Span] = []
    for span in merge(spans):
        start = span.start
        for gap in clip(gaps, span.start, span.end):
            if gap.start > start:
                rest.append(Span(start, gap.start))
            start = gap.end
        if start < span.end:
            rest.append(Span(start, span.end))
    return rest


def total_seconds(spans: Iterable[Span]) -> float:
    """Return how long they are together."""
    return sum(span.seconds for span in spans)
