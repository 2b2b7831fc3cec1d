"""The loop that knows how long it kept everybody waiting, and the one that lets threads work."""

import asyncio
import time

from .watched_loop import Watch, WatchedLoop
from .working_loop import run_working

_BUSY = 0.05


def keep_busy() -> None:
    """Use the processor for a while."""
    until = time.thread_time() + _BUSY
    while time.thread_time() < until:
        pass


def watched(*, separately: bool) -> float:
    """Return the longest block of two tasks of work, in one turn of the loop or in two."""

    async def work() -> Watch:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, WatchedLoop)
        await asyncio.sleep(0)
        loop.watch.reset()
        keep_busy()
        if separately:
            await asyncio.sleep(0)
        keep_busy()
        await asyncio.sleep(0)
        return loop.watch

    with asyncio.Runner(loop_factory=WatchedLoop) as runner:
        return runner.run(work()).longest


def test_work_in_one_turn_is_one_block() -> None:
    """Whoever becomes ready waits for all of it."""
    assert watched(separately=False) >= 2 * _BUSY > watched(separately=True) >= _BUSY


def test_time_stands_still_while_a_thread_works() -> None:
    """Nothing is late for it; afterwards time jumps again."""

    async def work() -> tuple[float, float]:
        loop = asyncio.get_running_loop()
        sleeping = asyncio.create_task(asyncio.sleep(3600))
        await asyncio.to_thread(time.sleep, 0.01)
        worked = loop.time()
        await sleeping
        return worked, loop.time()

    worked, slept = run_working(work())
    assert worked == 0
    assert slept == 3600
