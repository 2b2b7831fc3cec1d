"""Frozen time that passes only while nobody is at work on a socket or a file."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
import time

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

_MOST_STEPS = 3000
# Real seconds: the frozen time stands still while an answer is on its way.
_BREATH = 0.002
_QUIET_BREATHS = 2
_MOST_BREATHS = 100


class Passage:
    """The passing of Home Assistant's time."""

    def __init__(self, hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
        """Take the time in hand."""
        self._hass = hass
        self._freezer = freezer
        # Time that jumps is no sign of slow code.
        hass.loop.slow_callback_duration = float("inf")

    async def until[T](self, done: Callable[[], T]) -> T:
        """Let time pass until something is so, and return what it is."""
        await self._breathe()
        for _ in range(_MOST_STEPS):
            if value := done():
                return value
            await self.step()
        pytest.fail("it never came to that")

    async def result_of[T](self, work: Awaitable[T]) -> T:
        """Let time pass until some work is done."""
        task = asyncio.ensure_future(work)
        await self.until(task.done)
        return await task

    async def pass_time(self, *, step: float = 1, **length: float) -> None:
        """Let some time pass, in steps of so many seconds."""
        await self._breathe()
        for _ in range(round(timedelta(**length) / timedelta(seconds=step))):
            await self.step(step)

    async def step(self, seconds: float = 1) -> None:
        """Let some seconds pass, and what they set off happen."""
        self._freezer.tick(timedelta(seconds=seconds))
        async_fire_time_changed(self._hass)
        await self._breathe()

    async def _breathe(self) -> None:
        """Leave sockets and files real time until none of them is at work."""
        connector = async_get_clientsession(self._hass).connector
        assert connector is not None
        quiet = 0
        for _ in range(_MOST_BREATHS):
            await self._hass.async_add_executor_job(time.sleep, _BREATH)
            quiet = 0 if connector._acquired else quiet + 1  # noqa: SLF001 - or wait by guess
            if quiet >= _QUIET_BREATHS:
                return
