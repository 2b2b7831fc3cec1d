"""What was to be seen of a video over time, and what that says about it.

Pure. A picture is told from the next by the clock that the simulated cloud writes into
it; players report how far they are too, but some go on counting over a picture that
stands still.
"""

from dataclasses import dataclass, field
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Sight:
    """One look at a player; times are seconds since the epoch.

    `clock` is what the picture's clock showed, None where no picture could be read;
    `position` is the player's own time in seconds.
    """

    seen: float
    clock: float | None
    position: float = 0.0


@dataclass(slots=True)
class Record:
    """Looks at one player, the oldest first."""

    sights: list[Sight] = field(default_factory=list)

    def add(self, sight: Sight) -> None:
        """Add the newest look."""
        self.sights.append(sight)

    @property
    def news(self) -> list[Sight]:
        """The looks that showed a later picture than any look before."""
        found: list[Sight] = []
        for sight in self.sights:
            if sight.clock is not None and (
                not found or sight.clock > (found[-1].clock or 0.0)
            ):
                found.append(sight)
        return found

    @property
    def age(self) -> float | None:
        """How old the newest picture was when it was first seen, in seconds."""
        news = self.news
        if not news or news[-1].clock is None:
            return None
        return news[-1].seen - news[-1].clock

    @property
    def plays(self) -> float:
        """How far the player's own time went on, in seconds."""
        if not self.sights:
            return 0.0
        return self.sights[-1].position - self.sights[0].position

    def longest_standstill(self) -> float:
        """Return for how long the picture stood still at most, in seconds.

        It stands still from one new picture to the next, and to the last look.
        """
        if not self.sights:
            return 0.0
        moments = [
            self.sights[0].seen,
            *(sight.seen for sight in self.news),
            self.sights[-1].seen,
        ]
        return max(later - earlier for earlier, later in pairwise(moments))

    def seconds_to_news(self, moment: float) -> float | None:
        """Return how long after a moment the first new picture was seen.

        None where there was none.
        """
        for sight in self.news:
            if sight.seen > moment:
                return sight.seen - moment
        return None

    def seconds_to_present(self, moment: float) -> float | None:
        """Return how long after a moment a picture was seen that was taken after it.

        None where there was none.
        """
        for sight in self.news:
            if sight.clock is not None and sight.clock > moment:
                return sight.seen - moment
        return None
