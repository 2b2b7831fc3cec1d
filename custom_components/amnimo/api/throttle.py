"""The rate limit of the service, kept on this side of the line.

The service allows a client ID 5 requests/s with a burst of 20 (API document, API 呼び出し制限)
and answers 429 beyond. The throttle stays a little under both, and decides who goes first when
there is less than wanted: a person before a live stream before a poll, and in turns where
several accounts share the client ID. It knows nothing of what the requests are.

Nobody knows when a request that was let through reaches the service: the network takes its
time, and so does a busy event loop. Until it is answered it may still be on its way, and so long
its token is not replaced: what is on its way and what the bucket holds are never more than the
burst together. The bucket of the service thus never holds less than this one does, however long
requests take, and the rate has to make up only for clocks that go differently (0.05 % at the
worst) and for the odd request of another program: 4.96/s leaves room for two a minute.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from enum import IntEnum

from .errors import AmnimoRateLimitedError

RATE = 4.96
BURST = 18
POLL_RESERVE = 8

_PAUSE = 1.0
_LONGEST_PAUSE = 30.0
LONGEST_OBEYED = 300.0
"""Seconds of a pause that is asked for: who waits longer has long given up; then it is better to
ask again."""

_CAUTION = 60.0
# What has not arrived by then is lost, or waits for its answer: a stream may take a minute.
_LONGEST_ON_ITS_WAY = 2.0
# A time so short is rounding, of a clock that may have run for years: waiting for it would wake
# the loop for nothing. What it gives too early is missing from the level afterwards.
_INSTANT = 1e-6


class Lane(IntEnum):
    """Who is waiting, the most urgent first."""

    USER = 0
    LIVE = 1
    POLL = 2


# How many may go before a lane in a row while it waits. A person does not notice one token in 25,
# and the fifth lets some 60 streams go on for as long as somebody's program asks without end.
_MOST_PASSES = {Lane.LIVE: 4, Lane.POLL: 24}


class _Queue:
    """Those who wait in a lane.

    Parties take turns, request by request; within a party, first come is first served.
    """

    def __init__(self) -> None:
        self._parties: OrderedDict[Hashable, deque[asyncio.Future[bool]]] = (
            OrderedDict()
        )

    def __len__(self) -> int:
        return sum(
            not waiter.done()
            for waiters in self._parties.values()
            for waiter in waiters
        )

    def is_waiting(self) -> bool:
        """Return whether anybody waits, after those who gave up were sent away."""
        while self._parties:
            party, waiters = next(iter(self._parties.items()))
            while waiters and waiters[0].done():
                waiters.popleft()
            if waiters:
                return True
            del self._parties[party]
        return False

    def join(self, party: Hashable) -> asyncio.Future[bool]:
        """Return what is done when it is the party's turn: True, or False for too late."""
        waiter = asyncio.get_running_loop().create_future()
        self._parties.setdefault(party, deque()).append(waiter)
        return waiter

    def let_through(self) -> None:
        """Let the first one go; somebody has to be waiting."""
        party, waiters = next(iter(self._parties.items()))
        waiters.popleft().set_result(True)
        self._parties.move_to_end(party)


class Throttle:
    """A token bucket with lanes, for all that share a client ID.

    Runs on the time of the event loop, in seconds. The more urgent lane goes first, but none is
    shut out for ever: while more is wanted than there is, every fifth token is LIVE's and every
    25th is POLL's. Within a lane parties take turns, so that a large one does not hold up a
    small one, and within a party first come is first served.
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
        # When each of the requests that may be on their way counts as arrived at the latest.
        self._on_their_way: deque[float] = deque()
        self._queues = {lane: _Queue() for lane in Lane}
        self._deadlines: dict[asyncio.Future[bool], float] = {}
        self._passes = dict.fromkeys(Lane, 0)
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
        return {lane: len(queue) for lane, queue in self._queues.items()}

    @asynccontextmanager
    async def turn(
        self, lane: Lane, party: Hashable = None, *, deadline: float | None = None
    ) -> AsyncIterator[None]:
        """Let a request be sent and answered within, when it may.

        Arguments and errors as for `acquire`.
        """
        await self.acquire(lane, party, deadline=deadline)
        arrives_by = asyncio.get_running_loop().time() + _LONGEST_ON_ITS_WAY
        self._on_their_way.append(arrives_by)
        yield
        # One that failed or was called off may reach the service all the same.
        self._arrived(arrives_by)

    async def acquire(
        self, lane: Lane, party: Hashable = None, *, deadline: float | None = None
    ) -> None:
        """Wait until a request of the lane may go out, and take its token.

        A waiter that is cancelled or comes too late takes no token. This is for requests that
        arrive at once; see `turn` for others.

        Args:
            lane: who waits.
            party: on whose behalf; parties take turns.
            deadline: of the event loop's time; None for any. A queue moves on and is waited
                for, but no pause that lasts longer.

        Raises:
            AmnimoRateLimitedError: the service asked for a pause beyond the deadline.

        """
        if deadline is not None and self._is_paused_beyond(deadline):
            raise self._too_late()
        waiter = self._queues[lane].join(party)
        if deadline is not None:
            self._deadlines[waiter] = deadline
        self._dispatch()
        try:
            may_go = await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.result():
                self._take_back(lane)
            self._dispatch()
            raise
        finally:
            self._deadlines.pop(waiter, None)
        if not may_go:
            raise self._too_late()

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
        asked = now + min(retry_after or 0.0, LONGEST_OBEYED)
        self._paused_until = max(self._paused_until, asked)
        self._cautious_until = self._paused_until + _CAUTION
        self._level = 0.0
        self._filled_at = self._paused_until
        self._send_away_the_late()
        self._dispatch()

    def _is_paused_beyond(self, deadline: float) -> bool:
        """Return whether a pause goes on that is not over by a time."""
        now = asyncio.get_running_loop().time()
        return self._paused_until > max(now, deadline)

    def _send_away_the_late(self) -> None:
        """Let those wait no more whose deadline a pause exceeds."""
        for waiter, deadline in self._deadlines.items():
            if not waiter.done() and self._is_paused_beyond(deadline):
                waiter.set_result(False)

    def _too_late(self) -> AmnimoRateLimitedError:
        left = self._paused_until - asyncio.get_running_loop().time()
        return AmnimoRateLimitedError(
            "The service asked for a longer pause", retry_after=left, sent=False
        )

    def _dispatch(self) -> None:
        """Let through all that may go now, and come back when the next one may."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._fill(now)
        while (lane := self._next_lane(now)) is not None:
            if (delay := self._delay(lane, now)) > _INSTANT:
                self._timer = loop.call_later(delay, self._dispatch)
                return
            self._queues[lane].let_through()
            self._give(lane, now)

    def _give(self, lane: Lane, now: float) -> None:
        """Book the token of one that was let through."""
        self._level -= 1
        self.granted[lane] += 1
        self._passes[lane] = 0
        for other in Lane:
            if other > lane:
                waits = self._queues[other].is_waiting()
                self._passes[other] = self._passes[other] + 1 if waits else 0
        if lane is Lane.POLL and now < self._cautious_until:
            self._next_poll = now + 2 / self._rate

    def _take_back(self, lane: Lane) -> None:
        """Put back a token that was given and not used."""
        self.granted[lane] -= 1
        # After a refusal there is nothing in the bucket, whatever is put back.
        if asyncio.get_running_loop().time() >= self._paused_until:
            self._level = min(self._burst, self._level + 1)

    def _arrived(self, arrives_by: float) -> None:
        """Take note that a request is no longer on its way."""
        self._fill(asyncio.get_running_loop().time())
        if arrives_by in self._on_their_way:
            self._on_their_way.remove(arrives_by)
            self._dispatch()

    def _fill(self, now: float) -> None:
        """Add what has flowed in since the last time."""
        while self._on_their_way and self._on_their_way[0] <= now:
            self._flow(self._on_their_way[0])
            self._on_their_way.popleft()
        self._flow(now)

    def _flow(self, now: float) -> None:
        """Add what has flowed in while the same requests were on their way."""
        if now > self._filled_at:
            flowed = (now - self._filled_at) * self._rate
            room = self._burst - len(self._on_their_way)
            self._level = max(self._level, min(room, self._level + flowed))
            self._filled_at = now

    def _next_lane(self, now: float) -> Lane | None:
        """Return the lane whose turn is next, None where nobody waits."""
        waiting = [lane for lane, queue in self._queues.items() if queue.is_waiting()]
        for lane in waiting:
            if self._is_overdue(lane) and now >= self._next_time(lane):
                return lane
        return waiting[0] if waiting else None

    def _is_overdue(self, lane: Lane) -> bool:
        """Return whether enough others went before a lane."""
        return lane in _MOST_PASSES and self._passes[lane] >= _MOST_PASSES[lane]

    def _delay(self, lane: Lane, now: float) -> float:
        """Return the seconds until the lane may go, 0 or less for now."""
        reserve = 0.0 if self._is_overdue(lane) else self._reserve[lane]
        short = 1 + reserve - self._level
        return max(
            short / self._rate, self._paused_until - now, self._next_time(lane) - now
        )

    def _next_time(self, lane: Lane) -> float:
        """Return the time before which caution lets nobody of the lane go."""
        return self._next_poll if lane is Lane.POLL else float("-inf")
