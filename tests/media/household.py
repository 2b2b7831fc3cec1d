"""Media jobs of an account on the simulated cloud, without the rest of the integration."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
import time

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.amnimo import api
from custom_components.amnimo.coordinator import LocatedCamera
from custom_components.amnimo.media.job import MediaResult
from custom_components.amnimo.media.jobs import MediaJobs
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from tests.cloud import SimulatedCloud
from tests.estate import Estate

_MOST_STEPS = 3000
# Real seconds: the frozen time stands still while an answer is on its way.
_BREATH = 0.002
_QUIET_BREATHS = 2
_MOST_BREATHS = 100


class Household:
    """Home Assistant with the media jobs of one account, which can be restarted."""

    def __init__(
        self,
        hass: HomeAssistant,
        cloud: SimulatedCloud,
        entry: MockConfigEntry,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Begin with no jobs loaded."""
        self.hass = hass
        self.cloud = cloud
        self.entry = entry
        self._freezer = freezer
        # Time that jumps is no sign of slow code.
        hass.loop.slow_callback_duration = float("inf")
        self.results: list[MediaResult] = []
        self.client = api.AmnimoClient(
            async_get_clientsession(hass),
            cloud.client_id,
            cloud.client_secret,
            api_url=cloud.url,
        )

    async def start(self) -> MediaJobs:
        """Load the jobs, as after a start of Home Assistant."""
        self.jobs = MediaJobs(
            self.hass, self.entry, self.client, self._locate, self._subscriptions
        )
        for camera in self.cloud.world.cameras.values():
            self.jobs.async_listen(camera.id, self.results.append)
        await self.jobs.async_load()
        return self.jobs

    async def crash(self) -> None:
        """End everything at once; what is on disk is all that remains."""
        tasks = list(self.jobs._tasks)  # noqa: SLF001 - a crash asks nobody
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.jobs.async_close()

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
        async_fire_time_changed(self.hass)
        await self._breathe()

    async def _breathe(self) -> None:
        """Leave sockets and files real time until none of them is at work."""
        connector = async_get_clientsession(self.hass).connector
        assert connector is not None
        quiet = 0
        for _ in range(_MOST_BREATHS):
            await self.hass.async_add_executor_job(time.sleep, _BREATH)
            quiet = 0 if connector._acquired else quiet + 1  # noqa: SLF001 - or wait by guess
            if quiet >= _QUIET_BREATHS:
                return

    def _subscriptions(self) -> list[str]:
        return [tenant.subscription_id for tenant in Estate(self.cloud).tenants]

    def _locate(self, camera_id: str) -> LocatedCamera | None:
        """Return a camera as a listing would show it."""
        camera = self.cloud.world.cameras.get(camera_id)
        if camera is None:
            return None
        shown = api.Camera(
            camera.id,
            camera.name,
            online=camera.online,
            storage=camera.storage.value,
        )
        return LocatedCamera(shown, camera.tenant.subscription_id)
