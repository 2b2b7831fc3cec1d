"""How often a tenant's unfinished media are asked about."""

from __future__ import annotations

from collections import deque
from math import inf

MOST_A_MINUTE = 6
"""Requests about the unfinished media of a tenant."""

_MINUTE = 60.0
# By how many requests there were in the last minute: what the limit leaves is not spent at once,
# so that what is asked for next does not have to wait for the minute to end.
_INTERVALS = (1.5, 2.5, 4.0, 7.0, 12.0, 15.0)
# Until how many seconds after the wish, and how often, for somebody who counts them: an answer
# within one second, for as long as anybody stands there. The service allows 5 requests a second.
_PRESSING_INTERVALS = ((8.0, 0.5), (20.0, 0.8))
# What still takes after so many polls takes long, and need not be known to the second.
_PATIENT_AFTER = 8
_PATIENT_INTERVAL = 20.0
_SHORTEST_PAUSE = 10.0
_LONGEST_PAUSE = 60.0


class PollPace:
    """Fast at first, then slower, and never more than 6 requests within a minute.

    New media make it fast again as far as that allows, and never put off a poll that is due.
    For somebody who counts the seconds it is faster, and has no such limit, for 20 s.
    All times are seconds of one clock.
    """

    def __init__(self) -> None:
        """Start without anything to ask about."""
        self._due = inf
        self._polls = 0
        self._failures = 0
        self._cost = 1
        self._requests: deque[float] = deque(maxlen=MOST_A_MINUTE)
        self._pressing_since = -inf

    def restart(self, now: float, *, pressing: bool = False) -> None:
        """Go fast again, for something new is waited for, or by who counts the seconds."""
        self._polls = 0
        if pressing:
            self._pressing_since = now
        if not self._failures:
            self._due = min(self._due, now + self._interval(now))

    def rest(self) -> None:
        """Take note that nothing is waited for any more."""
        self._pressing_since = -inf
        if not self._failures:
            self._due = inf

    def polled(self, now: float, requests: int) -> None:
        """Take note of a poll that was answered, and of what it cost."""
        self._spend(now, requests)
        self._polls += self._pressing_interval(now) is None
        self._failures = 0
        self._due = now + self._interval(now)

    def failed(self, now: float, requests: int) -> None:
        """Take note of a poll that was not answered, and of what it may have cost."""
        self._spend(now, requests)
        pause = _SHORTEST_PAUSE * 2.0 ** min(self._failures, 10)
        self._failures += 1
        self._due = now + min(pause, _LONGEST_PAUSE)

    def delay(self, now: float) -> float:
        """Return the seconds until the next poll is due."""
        self._forget_future(now)
        if self._pressing_interval(now) is not None:
            return max(0.0, self._due - now)
        # The next poll may cost what the last one did.
        others = MOST_A_MINUTE - min(self._cost, MOST_A_MINUTE)
        allowed = now
        if len(self._requests) > others:
            allowed = self._requests[len(self._requests) - others - 1] + _MINUTE
        return max(0.0, min(self._due, now + _LONGEST_PAUSE) - now, allowed - now)

    def _spend(self, now: float, requests: int) -> None:
        if self._pressing_interval(now) is None:
            self._requests.extend([now] * requests)
        self._cost = requests

    def _pressing_interval(self, now: float) -> float | None:
        """Return how often to ask for who counts the seconds, None where nobody does."""
        passed = now - self._pressing_since
        if passed < 0:
            return None
        return next(
            (interval for until, interval in _PRESSING_INTERVALS if passed < until),
            None,
        )

    def _interval(self, now: float) -> float:
        pressing = self._pressing_interval(now)
        if pressing is not None:
            return pressing
        recent = sum(time > now - _MINUTE for time in self._requests)
        interval = _INTERVALS[min(recent, len(_INTERVALS) - 1)]
        patient = self._polls >= _PATIENT_AFTER
        return max(interval, _PATIENT_INTERVAL) if patient else interval

    def _forget_future(self, now: float) -> None:
        """Allow for a clock that was set back: what was later than now was then just now."""
        if any(time > now for time in self._requests):
            self._requests = deque(
                (min(time, now) for time in self._requests), maxlen=MOST_A_MINUTE
            )
