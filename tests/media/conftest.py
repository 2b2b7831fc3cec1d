"""What the tests of media share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from tests.cloud import SimulatedCloud
from tests.cloud.world import Camera, Storage
from tests.estate import Estate

from .household import Household


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
    hass_storage: dict[str, Any],
) -> AsyncIterator[Household]:
    """Return Home Assistant with jobs that are loaded."""
    home = Household(hass, cloud, entry, freezer)
    await home.start()
    yield home
    await home.jobs.async_close()


@pytest.fixture
def camera(estate: Estate) -> Camera:
    """Return a camera whose recordings are in the cloud, without a gap for hours."""
    return next(
        camera
        for camera in estate.cameras.values()
        if camera.storage is Storage.CLOUD and camera.online
    )
