"""When a camera records by plan: day and night, with gaps.

Owns the planned part only: what a camera really recorded also depends on its being online
and powered, which is the world's business. The plan is a function of the seed, the camera
and the day, worked out for the days that are asked for.
"""

from functools import cache
import random

from .spans import Span, subtract

DAY = 86_400.0
RETENTION_SECONDS = 30 * DAY
# Around now and after, nothing is left out: what a test or a user does now is recorded.
QUIET_SECONDS = 2 * 3600.0

NIGHTLY_MAINTENANCE = 18 * 3600.0  # 03:00 in Japan, as seconds of a UTC day
MOST_ODD_GAPS_A_DAY = 2


class RecordingPlan:
    """One camera's plan, from its installation on."""

    def __init__(self, seed: str, *, installed: float, founded: float) -> None:
        """Plan for a camera installed at a moment, in a world founded at another."""
        self._seed = seed
        self._installed = installed
        self._gaps_end = founded - QUIET_SECONDS
        self._gaps_of_day = cache(self._draw_gaps)

    def spans(self, start: float, end: float, *, now: float) -> list[Span]:
        """Return the planned recordings that are kept, between two moments, up to now."""
        first = max(start, self._installed, now - RETENTION_SECONDS)
        last = min(end, now)
        if first >= last:
            return []
        if first >= self._gaps_end:
            return [Span(first, last)]
        days = range(int(first // DAY), int(last // DAY) + 1)
        gaps = [gap for day in days for gap in self._gaps_of_day(day)]
        return subtract([Span(first, last)], gaps)

    def _draw_gaps(self, day: int) -> list[Span]:
        """Draw one day's gaps: a nightly one, and up to two at odd times."""
        draw = random.Random(f"{self._seed}/{day}")
        midnight = day * DAY
        nightly = midnight + NIGHTLY_MAINTENANCE + draw.randrange(0, 300)
        gaps = [Span(nightly, nightly + draw.randrange(300, 900))]
        for _ in range(draw.randint(0, MOST_ODD_GAPS_A_DAY)):
            start = midnight + draw.uniform(0, DAY - 3600)
            gaps.append(Span(start, start + draw.uniform(90, 2400)))
        return [gap for gap in gaps if gap.end <= self._gaps_end]
