"""An event loop that knows how long it kept everybody waiting.

Whoever becomes ready while the loop works waits until it looks again: for all that it does
between two looks, not only for the longest call in it. Measured by the clock on the wall, and by
what its thread had of the processor, since on a machine with more to do the first one also tells
of others.
"""

import asyncio
import selectors
import time
from typing import override


class Watch:
    """The longest stretch of work since it was reset, in seconds."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.longest = 0.0
        """By the processor."""
        self.longest_wall = 0.0

    def reset(self) -> None:
        """Start again."""
        self.longest = self.longest_wall = 0.0

    def take(self, processor: float, wall: float) -> None:
        """Take note of a stretch."""
        self.longest = max(self.longest, processor)
        self.longest_wall = max(self.longest_wall, wall)


class WatchedLoop(asyncio.SelectorEventLoop):
    """An event loop with a watch."""

    def __init__(self) -> None:
        """Watch from the start."""
        self.watch = Watch()
        super().__init__(_WatchedSelector(self.watch))


class _WatchedSelector(selectors.DefaultSelector):
    """A selector that notes what passed since it last gave something to do."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self._watch = watch
        self._began = (time.thread_time(), time.perf_counter())

    @override
    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        processor, wall = self._began
        self._watch.take(time.thread_time() - processor, time.perf_counter() - wall)
        ready = super().select(timeout)
        self._began = (time.thread_time(), time.perf_counter())
        return ready
