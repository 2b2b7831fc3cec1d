"""A hasty event loop on which work for threads is done at once.

Whoever works in a thread is elsewhere, and a loop whose time jumps would not wait for them.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, override

from tests.bench.live.hasty_loop import HastyLoop


class InlineLoop(HastyLoop):
    """A hasty loop without threads."""

    @override
    def run_in_executor[*ArgsT, ResultT](
        self,
        executor: Executor | None,
        func: Callable[[*ArgsT], ResultT],
        *args: *ArgsT,
    ) -> asyncio.Future[ResultT]:
        """Do some work now; what it raises is in the future that is returned."""
        future: asyncio.Future[ResultT] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as err:  # noqa: BLE001 - it is the caller's
            future.set_exception(err)
        return future


def run_inline[T](main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on a loop of its own, and return its result."""
    with asyncio.Runner(loop_factory=InlineLoop) as runner:
        return runner.run(main)
