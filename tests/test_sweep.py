"""How long a sweep takes where devices don't answer, by a clock that passes only in jumps."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

import pytest

from custom_components.amnimo.api import (
    AmnimoConnectionError,
    AmnimoError,
    AmnimoResponseError,
    Device,
    Lane,
    Port,
    PortKind,
    Throttle,
)
from custom_components.amnimo.coordinator import DeviceState, PortCoordinator

from .virtual_time import virtual, virtual_now

TIMEOUT = 30.0
ANSWER = 0.3
DEVICES = 400
SWEEPS = 12


class Site:
    """A client of which some devices don't answer."""

    def __init__(self, hanging: set[str], failure: AmnimoError) -> None:
        """Have the service's rate."""
        self._throttle = Throttle()
        self._hanging = hanging
        self._failure = failure
        self.asked: dict[str, list[float]] = {}

    async def ports(
        self, _: str, device_id: str, *, tries: int, lane: Lane
    ) -> tuple[Port, ...]:
        """Answer, or let time pass."""
        async with self._throttle.turn(lane):
            self.asked.setdefault(device_id, []).append(virtual_now())
            if device_id in self._hanging:
                await asyncio.sleep(TIMEOUT)
                raise self._failure
            await asyncio.sleep(ANSWER)
        return (Port("1", "lan1", PortKind.POE, on=True),)


class Fleet(PortCoordinator):
    """A coordinator that knows its devices, and sweeps without Home Assistant."""

    def __init__(self, site: Site, device_ids: list[str]) -> None:
        """Take the client and what it knows."""
        loop = asyncio.get_running_loop()
        hass = cast(Any, SimpleNamespace(loop=loop))
        super().__init__(hass, cast(Any, None), cast(Any, SimpleNamespace(client=site)))
        self.data = {each: DeviceState(Device(each), "s1") for each in device_ids}

    async def sweep(self) -> None:
        """Sweep once, and wait until the next one is due."""
        began = virtual_now()
        await self._async_sweep()
        await asyncio.sleep(max(5.0, began + self.interval - virtual_now()))


NO_ANSWER = AmnimoConnectionError("peripherals: no answer", sent=True)
GIVEN_UP_BY_THE_SERVICE = AmnimoResponseError("peripherals: HTTP status 504", 504)


@pytest.mark.parametrize("failure", [NO_ANSWER, GIVEN_UP_BY_THE_SERVICE])
@pytest.mark.parametrize("hanging", [1, 200, 390])
@virtual
async def test_devices_that_do_not_answer_keep_nobody_waiting(
    hanging: int, failure: AmnimoError
) -> None:
    """Those that do are read at each interval, and the others get their turn, too."""
    device_ids = [f"d{number}" for number in range(DEVICES)]
    silent = set(device_ids[3 :: (DEVICES - 3) // hanging][:hanging])
    site = Site(silent, failure)
    fleet = Fleet(site, device_ids)
    fleet.interval = DEVICES / 4
    for _ in range(SWEEPS):
        await fleet.sweep()
    assert {each for each, state in fleet.data.items() if not state.available} == silent
    assert site.asked.keys() == set(device_ids)
    known_as_silent = max(times[0] for times in site.asked.values())
    for device_id in set(device_ids) - silent:
        times = site.asked[device_id]
        pauses = [after - before for before, after in pairwise(times)]
        # While it was found out who is silent, everybody had to wait a little.
        assert max(pauses) <= 3 * fleet.interval
        late = [
            pause
            for before, pause in zip(times, pauses, strict=False)
            if before > known_as_silent and pause > fleet.interval + TIMEOUT + 10
        ]
        assert not late
