"""A hasty event loop for programs that also let threads work.

Owns the difference: time stands still while a thread works, so that nothing is late for it.
"""

import asyncio
from collections.abc import Callable, Coroutine
import time
from typing import Any, Final, override

from tests.bench.live.hasty_loop import HastyLoop

_LOOK_SECONDS: Final = 0.0002


class WorkingLoop(HastyLoop):
    """An event loop whose time passes only in jumps, and not while a thread works."""

    def __init__(self) -> None:
        """Start at 0."""
        super().__init__()
        self._working = 0

    @override
    def run_in_executor[*Ts, T](
        self, executor: Any, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """Let a thread work."""
        work = super().run_in_executor(executor, func, *args)
        self._working += 1
        work.add_done_callback(self._has_worked)
        return work

    @override
    def jump(self, seconds: float) -> None:
        """Let time pass, unless somebody works in it."""
        if self._working:
            time.sleep(_LOOK_SECONDS)
        else:
            super().jump(seconds)

    @override
    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Wait for the threads, however long that takes."""
        await super().shutdown_default_executor()

    def _has_worked(self, _: asyncio.Future[Any]) -> None:
        self._working -= 1


def run_working[T](main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on a loop of its own, and return its result."""
    with asyncio.Runner(loop_factory=WorkingLoop) as runner:
        return runner.run(main)
