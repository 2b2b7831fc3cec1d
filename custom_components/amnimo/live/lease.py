"""Whether somebody watches.

Each request for a playlist proves it, for as long as it's open and a little longer. Knows
nothing of what is watched.
"""

from collections.abc import Iterator
from contextlib import contextmanager


class Lease:
    """Demand for one camera; times are seconds of any one clock."""

    def __init__(self, seconds: float) -> None:
        """Begin with nobody watching.

        Args:
            seconds: how long a request proves that somebody watches.

        """
        self._seconds = seconds
        self._open = 0
        self._last = float("-inf")
        self._viewers: dict[str, float] = {}
        self.most_viewers = 0
        """The most viewers there were at a time."""

    @contextmanager
    def request(self, viewer: str, now: float) -> Iterator[None]:
        """Take note of a request; `viewer` tells one viewer from another."""
        self._last = now
        self._viewers[viewer] = now
        self.most_viewers = max(self.most_viewers, self.viewers(now))
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1

    def remaining(self, now: float) -> float:
        """Return for how many seconds somebody still counts as watching; 0 for nobody."""
        if self._open:
            return self._seconds
        return max(0.0, self._last + self._seconds - now)

    def viewers(self, now: float) -> int:
        """Return how many viewers asked lately."""
        self._viewers = {
            viewer: last
            for viewer, last in self._viewers.items()
            if now - last < self._seconds
        }
        return len(self._viewers)
