"""When a camera's stream may be started again.

A stream that played is worth an immediate restart; a camera that does not play costs one start
a minute, however many viewers ask for it. Pure: knows the rules, not the clock.
"""

from .timing import Timing


class StartBackoff:
    """The pauses between the starts of one camera; times are seconds of any one clock."""

    def __init__(self, timing: Timing) -> None:
        """Begin with a camera that may be started at once."""
        self._timing = timing
        self._started = float("-inf")
        self._not_before = float("-inf")
        self._retried = False

    def remaining(self, now: float) -> float:
        """Return the seconds until a start is allowed, 0 for now."""
        return max(0.0, self._not_before - now)

    def started(self, now: float) -> None:
        """Take note that a start is being asked for."""
        self._started = now

    def died(self) -> None:
        """Take note that the start was refused, or that no video came of it."""
        self._not_before = self._started + self._timing.start_spacing

    def broke(self, last_sign_of_life: float) -> None:
        """Take note that a stream has ended against our will.

        One that brought video for a while is started again at once. One that did not gets one
        immediate retry, and then counts as dead.

        Args:
            last_sign_of_life: when the last news of it came; when it was started, or
                before, for none at all.

        """
        if last_sign_of_life - self._started >= self._timing.proof_of_life:
            self._retried = False
        elif self._retried:
            self.died()
        else:
            self._retried = True

    def done(self) -> None:
        """Take note that a stream ended by our will."""
        self._retried = False
