"""When what happened, in seconds since somebody began to wait for a picture."""

import asyncio
import contextlib
import time
from types import TracebackType
from typing import Final, Self

from tests.bench.requests import Requests, read_requests
from tests.demo.simulated_cloud import SimulatedCloud

START: Final = "the cloud answered the start"
_ENDPOINT: Final = "stream_start"

# Often enough to see where time goes, too seldom to take any.
LOOK_SECONDS: Final = 0.05


class Marks:
    """The moments of one wait, its own and the start that the cloud's counters show.

    The counters are looked at every 50 ms, so much later it may be noted. Nobody else may
    start a stream meanwhile; others may be watching.
    """

    def __init__(self, cloud: SimulatedCloud) -> None:
        """Begin on entering."""
        self._cloud = cloud
        self._began = 0.0
        self._watching: asyncio.Task[None] | None = None
        self.seconds: dict[str, float] = {}
        self.ages: list[float] = []
        """How old the pictures were when they were decoded, in seconds."""

    async def __aenter__(self) -> Self:
        """Begin to wait."""
        before = await read_requests(self._cloud)
        self._began = time.perf_counter()
        self._watching = asyncio.create_task(self._watch(before))
        return self

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Look at the counters no more."""
        assert self._watching is not None
        self._watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._watching

    def set(self, what: str) -> None:
        """Note that something happened now."""
        self.seconds[what] = time.perf_counter() - self._began

    async def _watch(self, before: Requests) -> None:
        while not (await read_requests(self._cloud) - before).to(_ENDPOINT):
            await asyncio.sleep(LOOK_SECONDS)
        self.set(START)
