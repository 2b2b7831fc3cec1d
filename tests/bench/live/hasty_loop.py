"""An event loop on which waiting takes next to no time, for programs that talk to themselves.

Owns the clock of the loop: when nothing comes in from a socket, it jumps to the moment at which
the first of those who sleep goes on. All who talk must be on this one loop: whoever is elsewhere
is not waited for.
"""

import asyncio
from collections.abc import Coroutine
import selectors
import time
from typing import Any, Final, override

# What was written to a socket of the same machine has long arrived by then. A selector would
# wait for a millisecond at least, and there are many jumps in an hour.
_GRACE_SECONDS: Final = 0.00005


class HastyLoop(asyncio.SelectorEventLoop):
    """An event loop whose time (seconds, from 0) passes only in jumps."""

    def __init__(self) -> None:
        """Start at 0."""
        self._now = 0.0
        super().__init__(_HastySelector(self))

    @override
    def time(self) -> float:
        """Return the time of the loop."""
        return self._now

    def jump(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds


class _HastySelector(selectors.DefaultSelector):
    """A selector that waits for sockets a moment, and then lets its loop's time pass."""

    def __init__(self, loop: HastyLoop) -> None:
        super().__init__()
        self._loop = loop

    @override
    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            return super().select()
        ready = super().select(0)
        if not ready and timeout > 0:
            time.sleep(_GRACE_SECONDS)
            ready = super().select(0)
            if not ready:
                self._loop.jump(timeout)
        return ready


def run_hastily[T](main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on a loop of its own, and return its result."""
    with asyncio.Runner(loop_factory=HastyLoop) as runner:
        return runner.run(main)
