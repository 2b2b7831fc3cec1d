"""How often a tenant's unfinished media are asked about."""

from __future__ import annotations

_INTERVALS = (1.0, 1.0, 2.0, 3.0, 5.0, 8.0, 10.0, 10.0, 10.0, 10.0, 15.0)
_RATE = 6 / 60
_BURST = 6.0
_SHORTEST_PAUSE = 10.0
_LONGEST_PAUSE = 60.0


class PollPace:
    """Fast at first, then slower, and never more than 6 requests a minute for long.

    New media start the fast phase anew, as far as a token bucket of 6 allows that refills with
    6 a minute. All times are seconds of one clock.
    """

    def __init__(self, now: float) -> None:
        """Start fast, with a full bucket."""
        self._step = 0
        self._failures = 0
        self._last = now
        self._level = _BURST
        self._filled_at = now

    def restart(self, now: float) -> None:
        """Go fast again, for something new is waited for."""
        self._step = 0
        if not self._failures:
            self._last = now

    def polled(self, now: float, requests: int) -> None:
        """Take note of a poll that was answered, and of what it cost."""
        self._fill(now)
        self._level -= requests
        self._last = now
        self._step = min(self._step + 1, len(_INTERVALS) - 1)
        self._failures = 0

    def failed(self, now: float) -> None:
        """Take note of a poll that was not answered."""
        self._fill(now)
        self._level -= 1
        self._last = now
        self._failures += 1

    def delay(self, now: float) -> float:
        """Return the seconds until the next poll is due."""
        self._fill(now)
        interval = _INTERVALS[self._step]
        if self._failures:
            pause = _SHORTEST_PAUSE * 2.0 ** min(self._failures - 1, 10)
            interval = min(pause, _LONGEST_PAUSE)
        affordable = (1.0 - self._level) / _RATE
        return max(0.0, self._last + interval - now, affordable)

    def _fill(self, now: float) -> None:
        """Add what has flowed in; a clock that was set back adds nothing."""
        flowed = max(0.0, now - self._filled_at) * _RATE
        self._level = min(_BURST, self._level + flowed)
        self._filled_at = now
        self._last = min(self._last, now)
