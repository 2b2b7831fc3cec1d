"""The rate limit of the service, kept on this side of the line.

The service allows a client ID 5 requests/s with a burst of 20 (API document, API 呼び出し制限)
and answers 429 beyond. The throttle stays a little under both, and decides who goes first when
there is less than wanted: a person before a live stream before a poll. It knows nothing of what
the requests are.
"""

from __future__ import annotations

import asyncio
from collections import deque
from enum import IntEnum

RATE = 4.8
BURST = 18
POLL_RESERVE = 8

_PAUSE = 1.0
_LONGEST_PAUSE = 30.0
# Whoever waits longer than this has long given up; then it is better to ask again.
_LONGEST_OBEYED = 300.0
_CAUTION = 60.0
# A time so short is rounding: waiting for it would wake the loop for nothing.
_INSTANT = 1e-9


class Lane(IntEnum):
    """Who is waiting, the most urgent first."""

    USER = 0
    LIVE = 1
    POLL = 2


class Throttle:
    """A token bucket with lanes, for all that share a client ID.

    Runs on the time of the event loop, in seconds. Within a lane, first come is first served.
    """

    def __init__(
        self,
        *,
        rate: float = RATE,
        burst: float = BURST,
        poll_reserve: float = POLL_RESERVE,
    ) -> None:
        """Start with a full bucket.

        Args:
            rate: tokens that flow in a second.
            burst: tokens that the bucket holds.
            poll_reserve: tokens that the POLL lane leaves to the others.

        """
        self._rate = rate
        self._burst = burst
        self._reserve = {Lane.USER: 0.0, Lane.LIVE: 0.0, Lane.POLL: poll_reserve}
        self._level = burst
        self._filled_at = float("-inf")
        self._waiting: dict[Lane, deque[asyncio.Future[None]]] = {
            lane: deque() for lane in Lane
        }
        self._timer: asyncio.TimerHandle | None = None
        self._pause = _PAUSE
        self._paused_until = float("-inf")
        self._cautious_until = float("-inf")
        self._next_poll = float("-inf")
        self.granted = dict.fromkeys(Lane, 0)
        """Requests let through so far, by lane."""
        self.refusals = 0
        """Refusals (429) reported so far."""

    @property
    def waiting(self) -> dict[Lane, int]:
        """How many requests wait now, by lane."""
        return {
            lane: sum(not waiter.done() for waiter in waiters)
            for lane, waiters in self._waiting.items()
        }

    async def acquire(self, lane: Lane) -> None:
        """Wait until a request of the lane may go out, and take its token.

        A waiter that is cancelled takes no token.
        """
        waiter = asyncio.get_running_loop().create_future()
        self._waiting[lane].append(waiter)
        self._dispatch()
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self._level = min(self._burst, self._level + 1)
                self.granted[lane] -= 1
            self._dispatch()
            raise

    def refused(self, retry_after: float | None = None) -> None:
        """Take note that the service answered 429.

        Somebody else may be using the same client ID, so the bucket is taken to be empty, all
        lanes pause, and polls go at half the rate for a minute after. The pause doubles with
        each refusal in that minute; refusals of requests that were under way together count as
        one, and the longest wait that they ask for is the one that holds.

        Args:
            retry_after: seconds that the service asked to wait, if it did; 5 minutes at most
                are waited.

        """
        self.refusals += 1
        now = asyncio.get_running_loop().time()
        if now >= self._paused_until:
            again = now < self._cautious_until
            self._pause = min(self._pause * 2, _LONGEST_PAUSE) if again else _PAUSE
            self._paused_until = now + self._pause
        asked = now + min(retry_after or 0.0, _LONGEST_OBEYED)
        self._paused_until = max(self._paused_until, asked)
        self._cautious_until = self._paused_until + _CAUTION
        self._level = 0.0
        self._filled_at = self._paused_until
        self._dispatch()

    def _dispatch(self) -> None:
        """Let through all that may go now, and come back when the next one may."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._fill(now)
        while (lane := self._first_waiting()) is not None:
            if (delay := self._delay(lane, now)) > _INSTANT:
                self._timer = loop.call_later(delay, self._dispatch)
                return
            self._waiting[lane].popleft().set_result(None)
            self._level -= 1
            self.granted[lane] += 1
            if lane is Lane.POLL and now < self._cautious_until:
                self._next_poll = now + 2 / self._rate

    def _fill(self, now: float) -> None:
        """Add what has flowed in since the last time."""
        if now > self._filled_at:
            flowed = (now - self._filled_at) * self._rate
            self._level = min(self._burst, self._level + flowed)
            self._filled_at = now

    def _first_waiting(self) -> Lane | None:
        """Return the most urgent lane in which somebody still waits."""
        for lane, waiters in self._waiting.items():
            while waiters and waiters[0].done():
                waiters.popleft()
            if waiters:
                return lane
        return None

    def _delay(self, lane: Lane, now: float) -> float:
        """Return the seconds until the lane may go, 0 or less for now."""
        short = 1 + self._reserve[lane] - self._level
        delay = max(short / self._rate, self._paused_until - now)
        if lane is Lane.POLL:
            delay = max(delay, self._next_poll - now)
        return delay
