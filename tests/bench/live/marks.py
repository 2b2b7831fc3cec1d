"""When what happened, in seconds since somebody began to wait for a picture."""

import asyncio
from collections.abc import Mapping
import contextlib
import time
from types import TracebackType
from typing import Final, Self

from tests.bench.requests import Requests, read_requests
from tests.demo.simulated_cloud import SimulatedCloud

START: Final = "the cloud answered the start"
PLAYLIST: Final = "the cloud gave its first playlist"
SEGMENT: Final = "the cloud gave its first segment"

_ENDPOINTS: Final[Mapping[str, str]] = {
    "stream_start": START,
    "playlist": PLAYLIST,
    "segment": SEGMENT,
}

# Often enough to see where time goes, too seldom to take any.
LOOK_SECONDS: Final = 0.05


class Marks:
    """The moments of one wait, its own and those that the cloud's counters show.

    The counters are looked at every 50 ms, so much later the cloud's moments may be noted.
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
        while True:
            counted = (await read_requests(self._cloud) - before).by_endpoint()
            for endpoint, what in _ENDPOINTS.items():
                if endpoint in counted and what not in self.seconds:
                    self.set(what)
            await asyncio.sleep(LOOK_SECONDS)
