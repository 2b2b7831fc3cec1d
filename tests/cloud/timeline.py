"""A yes or no that changes at known moments, also in the future.

Owns the history and the plans of one state, such as a port being on or a camera being
reachable. Asking it needs a moment, so no task has to run for a state to change.
"""

from bisect import bisect_right

from .spans import Span


class Timeline:
    """On or off, as a function of time."""

    def __init__(self, initial: bool) -> None:
        """Start with a state that has always been."""
        self._moments: list[float] = [float("-inf")]
        self._states: list[bool] = [initial]

    def at(self, moment: float) -> bool:
        """Return the state at a moment (epoch seconds)."""
        return self._states[bisect_right(self._moments, moment) - 1]

    def change(self, state: bool, at: float, *, now: float) -> None:
        """Plan a change; what was planned for after ``now`` is given up."""
        self.abandon_plans(now)
        self.then(state, at)

    def then(self, state: bool, at: float) -> None:
        """Plan one more change, after all that are planned already."""
        if at > self._moments[-1]:
            self._moments.append(at)
            self._states.append(state)
        else:
            self._states[-1] = state

    def abandon_plans(self, now: float) -> None:
        """Give up every change that is still to come."""
        known = bisect_right(self._moments, now)
        del self._moments[known:]
        del self._states[known:]

    def first(self, state: bool, since: float) -> float:
        """Return the first moment from ``since`` on with a state; infinite if there is none."""
        if self.at(since) is state:
            return since
        changes = zip(self._moments, self._states, strict=True)
        return next(
            (moment for moment, value in changes if moment > since and value is state),
            float("inf"),
        )

    def spans(self, state: bool, start: float, end: float) -> list[Span]:
        """Return when the state was so, between two moments."""
        if len(self._moments) == 1:
            return (
                [Span(start, end)] if self._states[0] is state and start < end else []
            )
        edges = [*self._moments[1:], float("inf")]
        return [
            Span(max(begin, start), min(finish, end))
            for begin, finish, value in zip(
                self._moments, edges, self._states, strict=True
            )
            if value is state and max(begin, start) < min(finish, end)
        ]
