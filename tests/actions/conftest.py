"""A home with the integration, whose time passes as tests like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from tests.cloud.world import Camera, Storage
from tests.entities import entity_id
from tests.estate import Estate
from tests.media.passage import Passage

from .calling import Call


@pytest.fixture
def media_folder(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Return the local media folder."""
    hass.config.media_dirs = {"local": str(tmp_path)}
    return tmp_path


@pytest.fixture
async def passage(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    media_folder: Path,
    loaded: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> Passage:
    """Return the passing of time, in a home with the integration."""
    await hass.config.async_set_time_zone("Asia/Tokyo")
    return Passage(hass, freezer)


@pytest.fixture
def camera(estate: Estate) -> Camera:
    """Return a camera whose recordings are in the cloud."""
    return next(
        camera
        for camera in estate.cameras.values()
        if camera.storage is Storage.CLOUD and camera.online
    )


@pytest.fixture
def edge_camera(estate: Estate) -> Camera:
    """Return a camera whose recordings are at its edge device."""
    return next(
        camera
        for camera in estate.cameras.values()
        if camera.storage is Storage.EDGE and camera.online
    )


@pytest.fixture
def call(hass: HomeAssistant, passage: Passage, camera: Camera) -> Call:
    """Return what calls an action on the camera and returns the camera's answer."""

    async def run(
        action: str, *, cameras: tuple[Camera, ...] = (camera,), **data: Any
    ) -> Any:
        targets = [entity_id(hass, "camera", each.id) for each in cameras]
        answer = await passage.result_of(
            hass.services.async_call(
                "amnimo",
                action,
                {"entity_id": targets, **data},
                blocking=True,
                return_response=True,
            )
        )
        return answer if len(targets) > 1 else answer[targets[0]]

    return run


@pytest.fixture
def call_library(hass: HomeAssistant, passage: Passage) -> Call:
    """Return what calls an action on media, and returns the answer."""

    async def run(action: str, media_id: str, **data: Any) -> Any:
        return await passage.result_of(
            hass.services.async_call(
                "amnimo",
                action,
                {"media_id": media_id, **data},
                blocking=True,
                return_response=True,
            )
        )

    return run
