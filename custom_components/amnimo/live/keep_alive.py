"""How long each stream lasts without an extension, and whose turn it is to be extended.

The edge device sends for a keep-alive period after the start and after each extension (API
document, section 4, 映像再生時間の延長). The period is said at the start, for good. Short ones
waste the least should Home Assistant crash; long ones cost the fewest requests. However many
streams there are, one of them is extended at a time, less than once a second. Knows nothing
of requests.
"""

import asyncio

LONGEST_PERIOD = 3600
"""Seconds, the longest keep-alive period of the service."""

SPACING = 1.02
"""Seconds between two extensions; what keeps them below one a second."""

# The load is the part of all turns that the streams need when each is extended as late as can
# be. Below the first, a stream gets the period that the user chose; from the second on the
# longest; between them each gets a longer one than the one before. With a chosen period of a
# minute that is 8 streams, and then some 400.
_PLENTY = 0.15
_SCARCE = 0.65
# From here on, streams of less than half of the longest period make room. The longest alone
# are some 3,000 then, and more than those cost more than one extension a second.
_FULL = 0.93

# To this load each stream is extended when half of its period is over, and above it later.
_BUSY = 0.5
# New streams change when the others are due.
_LOOK_AGAIN = 30.0
# Rounding: to wait for less would be to wait for nothing.
_INSTANT = 1e-6


class KeepAlivePeriod:
    """The keep-alive period of one stream, which begins anew with each extension."""

    def __init__(self, turns: KeepAlivePeriods, seconds: int) -> None:
        """Take what all streams share, and the length of the period in seconds."""
        self._turns = turns
        self.seconds = seconds
        """10 to 3600."""
        # What is left is for the way of the request, and for a second try.
        self.useful_seconds = 0.95 * seconds - 2
        """After so many seconds an extension may come too late."""
        self.began = 0.0
        """When it last began, by the clock of the event loop."""
        self.is_first = True
        """Whether it has never begun anew."""

    def begin(self, at: float) -> None:
        """Take note of the start, by the clock of the event loop."""
        self.began = at

    def begin_anew(self, at: float) -> None:
        """Take note of an extension.

        Args:
            at: when it was asked for, by the clock of the event loop: from then on the
                service counts.

        """
        self.began = at
        self.is_first = False

    @property
    def deadline(self) -> float:
        """When it's over, by the clock of the event loop."""
        return self.began + self.useful_seconds

    async def turn(self, share: float) -> bool:
        """Wait until it is this stream's turn to be extended.

        Args:
            share: part of the period that is to be over before, 0 to 1, where there are
                turns enough for all.

        Returns:
            False where the stream is better started anew with a longer period, for there
            are too many to extend each as often as this one.

        """
        return await self._turns.wait(self, share)


class KeepAlivePeriods:
    """Shares out less than one extension a second among all streams.

    A stream is due when half of its period is over, or more where there are many; of those
    that are due, the one whose period ends first comes first. Streams that began together
    would be due together for ever. So where there are many, turns that are left over go to
    streams that have had none, as early as can be.
    """

    def __init__(self, chosen: int) -> None:
        """Take the period that the user chose, in seconds (10 to 3600)."""
        self._chosen = chosen
        self._periods: set[KeepAlivePeriod] = set()
        self._waiting: dict[KeepAlivePeriod, tuple[float, asyncio.Future[bool]]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._next_turn = float("-inf")
        self._load = 0.0

    @property
    def rate(self) -> float:
        """Extensions a second that the present streams cause."""
        wanted = sum(2 / period.seconds for period in self._periods)
        return min(wanted, 1 / self._spacing)

    @property
    def _spacing(self) -> float:
        """Seconds to the next turn: fewer only where streams would run out otherwise."""
        return SPACING / max(1.0, self._load / _FULL)

    def take(self) -> KeepAlivePeriod:
        """Return the period of one more stream; hand it back with `give_back`."""
        scarcity = (self._load - _PLENTY) / (_SCARCE - _PLENTY)
        steps = LONGEST_PERIOD / self._chosen
        seconds = round(self._chosen * steps ** min(max(0.0, scarcity), 1.0))
        period = KeepAlivePeriod(self, seconds)
        self._periods.add(period)
        self._weigh()
        return period

    def give_back(self, period: KeepAlivePeriod) -> None:
        """Take note that a stream has ended."""
        self._periods.discard(period)
        self._weigh()

    def _weigh(self) -> None:
        self._load = sum(SPACING / period.useful_seconds for period in self._periods)

    async def wait(self, period: KeepAlivePeriod, share: float) -> bool:
        """Wait for the turn of a period, as its `turn` does."""
        turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting[period] = (share, turn)
        self._look_at(self._due(period, share))
        try:
            return await turn
        finally:
            self._waiting.pop(period, None)
            if not self._waiting and self._timer is not None:
                self._timer.cancel()
                self._timer = None

    def _due(self, period: KeepAlivePeriod, share: float) -> float:
        """Return when a stream is to have its turn."""
        if self._load <= _BUSY:
            return period.began + share * period.seconds
        share = max(share, min(self._load, _FULL))
        return period.began + share * period.useful_seconds

    def _look_at(self, when: float) -> None:
        """See to it that it's looked whose turn it is, then or before."""
        loop = asyncio.get_running_loop()
        when = min(max(when, self._next_turn), loop.time() + _LOOK_AGAIN)
        if self._timer is not None:
            if self._timer.when() <= when:
                return
            self._timer.cancel()
        self._timer = loop.call_at(when, self._look)

    def _look(self) -> None:
        """Let the one go whose turn it is, if there is one."""
        self._timer = None
        now = asyncio.get_running_loop().time() + _INSTANT
        due = {
            period: self._due(period, share)
            for period, (share, turn) in self._waiting.items()
            # Who was called off leaves the line a moment later.
            if not turn.cancelled()
        }
        if not due:
            return
        ripe = [period for period, when in due.items() if when <= now]
        if not ripe and self._load > _BUSY:
            ripe = [period for period in due if period.is_first]
        if not ripe:
            self._look_at(min(due.values()))
        elif now < self._next_turn:
            self._look_at(self._next_turn)
        else:
            self._next_turn = now + self._spacing
            first = min(ripe, key=lambda period: period.deadline)
            _, turn = self._waiting.pop(first)
            turn.set_result(self._is_worth_it(first))
            self._look_at(self._next_turn)

    def _is_worth_it(self, period: KeepAlivePeriod) -> bool:
        """Return whether to extend a stream; if not, it does not count any more."""
        if self._load <= _FULL or period.seconds > LONGEST_PERIOD / 2:
            return True
        self.give_back(period)
        return False
