"""The time the simulated cloud lives in.

Owns two clocks: wall time, which tests freeze or move on, and a monotonic one for the rate
limit alone. Everything that takes time in the cloud is a function of the wall clock, so
there is nothing to wake up when a test moves it.
"""

import asyncio
from collections.abc import Callable
import time


class CloudClock:
    """Wall time of the cloud (epoch seconds), and the monotonic time of its rate limit."""

    def __init__(
        self,
        wall: Callable[[], float] | None = None,
        monotonic: Callable[[], float] | None = None,
    ) -> None:
        """Follow the machine's time and the event loop's, or what is given instead."""
        self._ahead = 0.0
        self._wall = wall
        self._monotonic = monotonic

    def now(self) -> float:
        """Return the cloud's time, in seconds since the epoch.

        Read through ``time.time`` at each call, so that a frozen clock freezes the cloud.
        """
        wall = time.time() if self._wall is None else self._wall()
        return wall + self._ahead

    def advance(self, seconds: float) -> None:
        """Move the cloud's time on; it never goes back."""
        if seconds < 0:
            raise ValueError("the cloud's clock does not go back")
        self._ahead += seconds

    def monotonic(self) -> float:
        """Return the rate limit's time, in seconds since no particular moment."""
        if self._monotonic is not None:
            return self._monotonic()
        return asyncio.get_running_loop().time()
