"""Media jobs of an account on the simulated cloud, without the rest of the integration."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
import time
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.amnimo.api import AmnimoClient
from custom_components.amnimo.coordinator import LocatedCamera
from custom_components.amnimo.media.jobs import MediaJobs
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from tests.cloud import SimulatedCloud
from tests.cloud.world import Camera, Storage

_MOST_STEPS = 3000
# Real seconds: the frozen time stands still while an answer is on its way.
_BREATH = 0.002
_QUIET_BREATHS = 3
_MOST_BREATHS = 500


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
        self.results: list[Any] = []
        self.known = True

    async def start(self) -> MediaJobs:
        """Load the jobs, as after a start of Home Assistant."""
        client = AmnimoClient(
            async_get_clientsession(self.hass),
            self.cloud.client_id,
            self.cloud.client_secret,
            api_url=self.cloud.url,
        )
        self.jobs = MediaJobs(
            self.hass,
            self.entry,
            client,
            self._locate,
            lambda: self.cloud.world.tenants,
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

    async def pass_seconds(self, seconds: float) -> None:
        """Let so many seconds pass."""
        for _ in range(round(seconds)):
            await self.step()

    async def step(self) -> None:
        """Let a second pass, and what it sets off happen."""
        await self._breathe()
        self._freezer.tick(timedelta(seconds=1))
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

    def _locate(self, camera_id: str) -> LocatedCamera | None:
        """Return a camera as a listing would show it."""
        from custom_components.amnimo import api  # noqa: PLC0415

        camera = self.cloud.world.cameras.get(camera_id)
        if camera is None or not self.known:
            return None
        shown = api.Camera(
            camera.id,
            camera.name,
            online=camera.online,
            storage=camera.storage.value,
        )
        return LocatedCamera(shown, camera.tenant.subscription_id)


@pytest.fixture
def media_folder(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Return the local media folder."""
    hass.config.media_dirs = {"local": str(tmp_path)}
    return tmp_path


@pytest.fixture
async def household(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    media_folder: Path,
) -> AsyncIterator[Household]:
    """Return Home Assistant with jobs that are loaded."""
    home = Household(hass, cloud, entry, freezer)
    await home.start()
    yield home
    await home.jobs.async_close()


@pytest.fixture
def camera(cloud: SimulatedCloud) -> Camera:
    """Return a camera whose recordings are in the cloud, without a gap for hours."""
    return next(
        camera
        for camera in cloud.world.cameras.values()
        if camera.storage is Storage.CLOUD and camera.online
    )
