"""The image entity of a camera: it changes when the picture does, and at no other time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .cloud import SimulatedCloud
from .cloud.thumbnails import newest_thumbnail
from .cloud.world import Camera
from .entities import state
from .estate import Estate
from .passing_time import poll


@pytest.fixture
def camera(estate: Estate) -> Camera:
    """Return a camera that makes thumbnails."""
    return next(camera for camera in estate.cameras.values() if camera.online)


async def test_only_another_picture_is_written(
    hass: HomeAssistant, cloud: SimulatedCloud, loaded: MockConfigEntry, camera: Camera
) -> None:
    """Each poll brings another URL of the same picture; nobody is told of that."""
    image = f"{camera.id}_thumbnail"
    cameras = loaded.runtime_data.cameras
    if newest_thumbnail(camera, cloud.clock.now()) != newest_thumbnail(
        camera, cloud.clock.now() + 25
    ):
        await poll(hass, cloud, 26)
    before = state(hass, "image", image)
    shown = cameras.locate(camera.id).camera.thumbnail
    polls = cloud.stats.count("cameras")
    # A presigned URL ends so many seconds after it was signed, so that it's another one now.
    cloud.clock.advance(3)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=61))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert cloud.stats.count("cameras") > polls
    again = cameras.locate(camera.id).camera.thumbnail
    assert again.time == shown.time
    after = state(hass, "image", image)
    assert after.last_reported == before.last_reported
    assert after.context is before.context

    await poll(hass, cloud, 121)
    later = state(hass, "image", image)
    assert later.last_reported > before.last_reported
    taken = dt_util.parse_datetime(later.state)
    assert taken == cameras.locate(camera.id).camera.thumbnail.time
    assert taken != shown.time
