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

from tests.jumping_loop import JumpingLoop, JumpingSelector

# What was written to a socket of the same machine has long arrived by then. A selector would
# wait for a millisecond at least, and there are many jumps in an hour.
_GRACE_SECONDS: Final = 0.00005


class _HastySelector(JumpingSelector[JumpingLoop]):
    """A selector that waits for sockets a moment, and then lets its loop's time pass."""

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


class HastyLoop(JumpingLoop):
    """An event loop whose time (seconds, from 0) passes only in jumps."""

    selector = _HastySelector


def run_hastily[T](main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on a loop of its own, and return its result."""
    with asyncio.Runner(loop_factory=HastyLoop) as runner:
        return runner.run(main)
