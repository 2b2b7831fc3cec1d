"""Figures and what they are held against: medians, ratios, limits.

Pure: knows neither what was measured nor how it is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
import statistics


def median(samples: Sequence[float]) -> float | None:
    """Return the median, None where nothing was measured."""
    return statistics.median(samples) if samples else None


@dataclass(frozen=True, slots=True)
class Finding:
    """A figure, what was measured beside it, and what it may be.

    ``beside`` is the same figure of whatever this one is compared with. ``most`` is the most
    that ``measured`` may be, ``most_ratio`` the most that it may be in parts of ``beside``;
    without either the figure is there to be seen, and not judged.
    """

    figure: str
    measured: float | None
    beside: float | None = None
    most: float | None = None
    most_ratio: float | None = None

    @property
    def ratio(self) -> float | None:
        """What was measured in parts of what was measured beside it, None without that."""
        if self.measured is None or not self.beside:
            return None
        return self.measured / self.beside

    @property
    def holds(self) -> bool | None:
        """Whether it is within its limits, None where there are none.

        What has a limit and could not be measured does not hold.
        """
        pairs = ((self.measured, self.most), (self.ratio, self.most_ratio))
        judged = [(value, most) for value, most in pairs if most is not None]
        if not judged:
            return None
        return all(value is not None and value <= most for value, most in judged)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a process did in some seconds, and for how much video that was fetched from it.

    ``busy`` is processor time in seconds; ``video`` the seconds of video that all viewers
    together got.
    """

    busy: float
    video: float


def busy_per_second(
    watched: Sequence[Stretch], unwatched: Sequence[Stretch]
) -> float | None:
    """Return the processor seconds that a second of video takes.

    All stretches are equally long. A median, so that what happens once a minute does not
    count; of what was fetched, because viewers who come at the same time may all come in
    one stretch and none in the next.
    """
    idle = median([stretch.busy for stretch in unwatched])
    if idle is None:
        return None
    return median(
        [
            (stretch.busy - idle) / stretch.video
            for stretch in watched
            if stretch.video > 0
        ]
    )
