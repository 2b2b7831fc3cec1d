"""An event loop that does not wait: real sockets, and time that skips to the next event.

Owns the clock of the loop. While something is on its way or being computed the clock goes as
others do; while all are waiting for a timer, it jumps there. What talks to each other on this
loop over the loopback address is never overtaken by it, for there a sent byte is readable at
once. So a minute of waiting passes in no time, with the durations that the product has.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
import selectors
from time import monotonic
from typing import Any, override

from tests.jumping_loop import JumpingLoop, JumpingSelector

# While threads work, this often (seconds) it's looked whether they are ready.
_GLANCE = 0.02


class _SkippingSelector(JumpingSelector["SkippingLoop"]):
    """A selector that lets its loop's time pass instead of waiting."""

    @override
    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            return super().select(None)
        if not self._loop.is_working:
            self._loop.jump(timeout)
            return ready
        began = monotonic()
        ready = super().select(min(timeout, _GLANCE))
        self._loop.jump(min(monotonic() - began, timeout))
        return ready


class SkippingLoop(JumpingLoop):
    """An event loop whose time (seconds, from 0) skips what nobody needs."""

    selector = _SkippingSelector

    def __init__(self) -> None:
        """Start at 0."""
        self._work: set[asyncio.Future[Any]] = set()
        super().__init__()
        # Time must not stand still just before a timer.
        self._clock_resolution = 1e-6

    @override
    def __setattr__(self, name: str, value: object) -> None:
        """Keep the clock, for which Home Assistant would put in a faster one."""
        if name != "time":
            super().__setattr__(name, value)

    @property
    def is_working(self) -> bool:
        """Whether threads work on something."""
        return bool(self._work)

    @override
    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """Let a thread do some work, and wait for it in earnest."""
        work = super().run_in_executor(executor, func, *args)
        self._work.add(work)
        work.add_done_callback(self._work.discard)
        return work

    @override
    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Wait for the threads, in earnest too."""
        ending = self.create_future()
        self._work.add(ending)
        try:
            await super().shutdown_default_executor(timeout)
        finally:
            self._work.discard(ending)
