"""An event loop in which waiting takes no time.

Owns the clock of the loop: when all are waiting, it jumps to the moment at which the first of
them goes on. A day of sleeps and timers passes as fast as what happens in it can be computed,
and always in the same order. It is for code that talks to nothing outside of the program: no
sockets, no threads, no processes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
import selectors
from typing import Any, override

from .jumping_loop import JumpingLoop, JumpingSelector


class NothingToWaitForError(RuntimeError):
    """Everybody waits for somebody else; on a real loop this would hang for ever."""


class _VirtualSelector(JumpingSelector[JumpingLoop]):
    """A selector that lets its loop's time pass instead of waiting."""

    @override
    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise NothingToWaitForError
        if not ready and timeout is not None:
            self._loop.jump(timeout)
        return ready


class VirtualTimeLoop(JumpingLoop):
    """An event loop whose time (seconds, from 0) passes only in jumps."""

    selector = _VirtualSelector

    def __init__(self) -> None:
        """Start at 0."""
        super().__init__()
        # Time that stands still must not stand just before a timer. After ten years that is
        # where rounding to the resolution of a clock that goes by itself would leave it.
        self._clock_resolution = 1e-7


def run_virtually[T](main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on a loop of its own in virtual time, and return its result."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)


def virtual(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Let a test run in virtual time."""

    @wraps(test)
    def run(*args: object, **kwargs: object) -> None:
        run_virtually(test(*args, **kwargs))

    return run


def virtual_now() -> float:
    """Return the time of the running loop."""
    return asyncio.get_running_loop().time()
