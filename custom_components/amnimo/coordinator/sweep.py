"""One sweep over a fleet: who is asked first, how many at a time, and who is asked again.

Knows devices by their IDs alone. What reading one means, and what becomes of the answer, is for
the caller to know.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Set as AbstractSet
from functools import partial
from itertools import islice
import logging
from typing import Protocol

from ..api import AmnimoAuthError, AmnimoConnectionError, AmnimoError

_LOGGER = logging.getLogger(__name__)

# An edge device takes its time to answer; what keeps the rate is the throttle.
_WORKERS = 24
_FEW = 3
_TRIES_OF_FIRST = 3
_SHARE_ASKED_AGAIN = 10


class Read(Protocol):
    """Reads one device."""

    async def __call__(
        self, device_id: str, *, tries: int, forgive: Callable[[], bool]
    ) -> None:
        """Read a device, and keep the answer.

        Args:
            device_id: UUID.
            tries: how often it is asked where the service fails.
            forgive: called where that fails; returns whether the device is not marked yet.

        Raises:
            AmnimoError: it could not be read.

        """


class Sweep:
    """One sweep over all devices, some at a time; each object is good for one.

    A few go first: when none of them can be reached, the service can't be, and the rest is left
    for the next time. Then each is asked once, those that failed the last time after the others:
    the next sweep is their next try. Of those that failed just now a tenth is asked once more at
    the end, so that not every slip makes one unavailable.

    Where devices can't be reached, each takes its time, until it is given up or the service says
    so. So that the others don't wait for them, no more are asked then when the interval is over:
    the next sweep begins with those that were not asked for the longest time.
    """

    def __init__(
        self,
        order: Iterable[str],
        read: Read,
        available: Callable[[str], bool | None],
        *,
        now: Callable[[], float],
        interval: float,
    ) -> None:
        """Take what is to be read; the interval begins now.

        Args:
            order: device IDs, as `sweep_order` returns them.
            read: reads one.
            available: whether the last reading of a device succeeded, None where it's gone.
            now: the time, in seconds.
            interval: seconds from the start of this sweep to the start of the next.

        """
        # The next one is the last.
        self._queue = list(order)
        self._queue.reverse()
        self._read = read
        self._available = available
        self._now = now
        self._end = now() + interval
        self._most_again = max(_FEW, len(self._queue) // _SHARE_ASKED_AGAIN)
        self._again: set[str] = set()
        self._outages: list[AmnimoError] = []
        self._refusals: list[AmnimoError] = []
        self._succeeded = self._failed = False
        self._answered = asyncio.Event()

    async def async_run(self) -> AbstractSet[str]:
        """Read the devices, and return those that failed and are not marked yet.

        For them there was no time for another try.

        Raises:
            AmnimoError: the service can't be reached at all, or refuses the credentials.

        """
        first = min(_FEW, _WORKERS)
        await asyncio.gather(
            *(self._async_work() for _ in range(first)),
            *(self._async_join() for _ in range(_WORKERS - first)),
        )
        for err in self._refusals or (self._outages if not self._succeeded else []):
            raise err
        return self._again.intersection(self._queue)

    async def _async_work(self) -> None:
        """Read one device after the other, as long as there is one to be asked."""
        while self._goes_on():
            device_id = self._queue.pop()
            if self._available(device_id) is None:
                continue
            try:
                await self._read(
                    device_id,
                    tries=1 if self._succeeded else _TRIES_OF_FIRST,
                    forgive=partial(self._forgive, device_id),
                )
            except AmnimoAuthError as err:
                self._refusals.append(err)
            except AmnimoError as err:
                self._failed = True
                _LOGGER.debug("A device's ports could not be read: %s", err)
                if isinstance(err, AmnimoConnectionError):
                    self._outages.append(err)
                    continue
            else:
                self._succeeded = True
            self._answered.set()
        self._answered.set()

    async def _async_join(self) -> None:
        """Work, too, as soon as one of the first was answered, or has nothing left to do."""
        await self._answered.wait()
        await self._async_work()

    def _goes_on(self) -> bool:
        """Return whether one more device is to be asked."""
        if not self._queue or self._refusals:
            return False
        if not self._succeeded and len(self._outages) >= _FEW:
            return False
        return not self._failed or self._now() < self._end

    def _forgive(self, device_id: str) -> bool:
        """Have a device that failed asked once more at the end, if it's one of few that did.

        Nobody is forgiven twice, nor while it isn't known whether the service can be reached.
        """
        forgiven = (
            self._succeeded
            and self._available(device_id) is True
            and device_id not in self._again
            and len(self._again) < self._most_again
        )
        if forgiven:
            self._again.add(device_id)
            self._queue.insert(0, device_id)
        return forgiven


def sweep_order(
    available: Mapping[str, bool], asked: Mapping[str, int], since: int
) -> list[str]:
    """Return all devices: a few that answered last time, the others, those that failed.

    Each in the order in which they were asked last.

    Args:
        available: whether the last reading succeeded, by device ID.
        asked: the number of the last reading of each that was ever asked.
        since: the number of the last reading before the sweep of last time.

    """
    order = sorted(
        available,
        key=lambda device_id: (not available[device_id], asked.get(device_id, 0)),
    )
    answered = (
        each for each in order if available[each] and asked.get(each, 0) > since
    )
    first = list(islice(answered, _FEW))
    return first + [each for each in order if each not in first]
