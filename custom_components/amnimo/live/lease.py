"""Whether somebody watches.

Each request for a playlist proves it, for as long as it's open and a little longer. Knows
nothing of what is watched.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Lease:
    """Demand for one camera."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        """Begin with nobody watching.

        Args:
            seconds: how long a request proves that somebody watches.
            clock: seconds since any moment.

        """
        self._seconds = seconds
        self._clock = clock
        self._open = 0
        self._last = float("-inf")
        self._viewers: dict[str, float] = {}
        self.most_viewers = 0
        """The most viewers there were at a time."""

    @contextmanager
    def request(self, viewer: str) -> Iterator[None]:
        """Take note of a request; `viewer` tells one viewer from another."""
        self._viewers[viewer] = self._clock()
        self.most_viewers = max(self.most_viewers, self.viewers)
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1
            self._last = self._clock()

    @property
    def remaining(self) -> float:
        """For how many seconds somebody still counts as watching; 0 for nobody."""
        if self._open:
            return self._seconds
        return max(0.0, self._last + self._seconds - self._clock())

    @property
    def viewers(self) -> int:
        """How many viewers asked lately."""
        since = self._clock() - self._seconds
        self._viewers = {
            viewer: last for viewer, last in self._viewers.items() if last > since
        }
        return len(self._viewers)
