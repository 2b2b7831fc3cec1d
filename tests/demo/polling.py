"""Waiting for something to come true elsewhere."""

import asyncio
from collections.abc import Awaitable, Callable
import time

from .errors import DemoError

# Slow machines of a build farm must not fail where quick ones pass.
PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.2


async def until[T](
    look: Callable[[], Awaitable[T]],
    wanted: str,
    *,
    within: float = PATIENCE_SECONDS,
    every: float = LOOK_SECONDS,
) -> T:
    """Look until the answer is true, and give it.

    `wanted` names what is waited for in the DemoError that is raised when the time
    is up; the last answer is part of it.
    """
    deadline = time.monotonic() + within
    while True:
        if answer := await look():
            return answer
        if time.monotonic() > deadline:
            raise DemoError(
                f"{wanted}: not within {within:.0f} s (last seen: {answer!r})"
            )
        await asyncio.sleep(every)
