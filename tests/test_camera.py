"""Stills of cameras and thumbnails: real pictures, fetched once, and never an error page."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from homeassistant.components.camera import async_get_image, async_get_stream_source
from homeassistant.const import EVENT_STATE_CHANGED, EVENT_STATE_REPORTED
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util import dt as dt_util

from .cloud import SimulatedCloud
from .cloud.world import Camera
from .entities import entity_id, state
from .estate import Estate
from .passing_time import poll


@pytest.fixture
def camera(estate: Estate) -> Camera:
    """Return a camera that is online and records."""
    return next(camera for camera in estate.cameras.values() if camera.recording)


@pytest.mark.usefixtures("loaded")
async def test_a_still_is_fetched_once_for_all_who_look(
    hass: HomeAssistant, cloud: SimulatedCloud, camera: Camera
) -> None:
    """Camera and image show the newest thumbnail, which costs one download and no request."""
    before = cloud.stats.total()
    shown = [
        await async_get_image(hass, entity_id(hass, "camera", camera.id))
        for _ in range(5)
    ]
    assert shown[0].content_type == "image/jpeg"
    assert shown[0].content.startswith(b"\xff\xd8\xff")
    assert {image.content for image in shown} == {shown[0].content}
    assert cloud.stats.count("thumbnail_file") == 1
    assert cloud.stats.total() == before
    assert cloud.stats.leaked_tokens == 0


@pytest.mark.usefixtures("loaded")
async def test_the_image_says_when_it_was_taken(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
    hass_client: ClientSessionGenerator,
) -> None:
    """The image's state is the thumbnail's time, and changes with the picture only."""
    unique_id = f"{camera.id}_thumbnail"
    taken = dt_util.parse_datetime(state(hass, "image", unique_id).state)
    assert taken is not None
    assert 0 <= (dt_util.utcnow() - taken).total_seconds() <= 120
    client = await hass_client()
    address = state(hass, "image", unique_id).attributes["entity_picture"]
    response = await client.get(address)
    assert response.status == HTTPStatus.OK
    assert response.content_type == "image/jpeg"
    first = await response.read()

    await poll(hass, cloud, 121)
    later = dt_util.parse_datetime(state(hass, "image", unique_id).state)
    assert later is not None
    assert later > taken
    assert await (await client.get(address)).read() != first
    assert cloud.stats.count("thumbnail_file") == 2


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500, "count": -1},
        {"kind": "html", "count": -1},
        {"kind": "drop", "count": -1},
    ],
)
async def test_a_picture_that_can_not_be_had_leaves_the_last_one(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
    fault: dict[str, Any],
) -> None:
    """When the next thumbnail fails the last one stays, and it is not tried in a storm."""
    camera_entity = entity_id(hass, "camera", camera.id)
    first = await async_get_image(hass, camera_entity)
    cloud.faults.add("thumbnail_file", **fault)
    await poll(hass, cloud, 121)
    for _ in range(5):
        assert (await async_get_image(hass, camera_entity)).content == first.content
    tries = cloud.stats.count("thumbnail_file") - 1
    # A connection that is dropped may be tried again by the HTTP client itself.
    assert 1 <= tries <= 2


async def test_a_picture_whose_url_is_refused_is_had_after_the_next_poll(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
    loaded: MockConfigEntry,
) -> None:
    """Presigned URLs may end before the time that was asked for, as their signer's rights do."""

    def url() -> str:
        return loaded.runtime_data.cameras.locate(camera.id).camera.thumbnail.url

    # The newest thumbnail stays what it is.
    camera.online = False
    await poll(hass, cloud)
    first = url()
    await poll(hass, cloud)
    assert url() == first
    cloud.faults.add("thumbnail_file", "status", status=403)
    camera_entity = entity_id(hass, "camera", camera.id)
    with pytest.raises(HomeAssistantError):
        await async_get_image(hass, camera_entity)
    await poll(hass, cloud)
    assert url() != first
    assert (await async_get_image(hass, camera_entity)).content
    assert cloud.stats.count("thumbnail_file") == 2


@pytest.mark.usefixtures("loaded")
async def test_a_camera_without_a_picture_says_so(
    hass: HomeAssistant, cloud: SimulatedCloud, camera: Camera
) -> None:
    """No picture yet is an error to the viewer, not an empty file."""
    cloud.faults.add("thumbnail_file", "html", count=-1)
    with pytest.raises(HomeAssistantError):
        await async_get_image(hass, entity_id(hass, "camera", camera.id))


@pytest.mark.usefixtures("loaded")
async def test_states_follow_the_cloud(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
) -> None:
    """Connectivity and recording are what the cloud says."""
    assert state(hass, "camera", camera.id).state == "recording"
    assert state(hass, "binary_sensor", f"{camera.id}_connectivity").state == "on"
    assert state(hass, "binary_sensor", f"{camera.id}_recording").state == "on"
    camera.online = False
    await poll(hass, cloud)
    assert state(hass, "binary_sensor", f"{camera.id}_connectivity").state == "off"
    assert state(hass, "binary_sensor", f"{camera.id}_recording").state == "off"
    # Footage of a camera that is offline can still be asked for.
    assert state(hass, "camera", camera.id).state == "idle"


@pytest.mark.usefixtures("loaded")
async def test_only_what_changed_is_written(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
) -> None:
    """A poll writes the entities of the camera that changed, and no others."""
    # Half a minute away from the moment at which all cameras have new thumbnails.
    await poll(hass, cloud, 120 + 30 - cloud.clock.now() % 60)
    written: set[str] = set()

    @callback
    def note(event: Event[Any]) -> None:
        written.add(event.data["entity_id"])

    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    hass.bus.async_listen(
        EVENT_STATE_REPORTED, note, event_filter=callback(lambda _: True)
    )
    camera.records = False
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=61))
    await hass.async_block_till_done(wait_background_tasks=True)
    own = {
        entity_id(hass, "camera", camera.id),
        entity_id(hass, "image", f"{camera.id}_thumbnail"),
        entity_id(hass, "event", f"{camera.id}_media"),
        entity_id(hass, "binary_sensor", f"{camera.id}_connectivity"),
        entity_id(hass, "binary_sensor", f"{camera.id}_recording"),
    }
    assert entity_id(hass, "binary_sensor", f"{camera.id}_recording") in written
    assert {each for each in written if not each.startswith("sensor.")} <= own


async def test_asking_for_the_stream_starts_nothing(
    hass: HomeAssistant, cloud: SimulatedCloud, loaded: MockConfigEntry, camera: Camera
) -> None:
    """The stream source is a local address, always the same, and nobody watches yet."""
    camera_entity = entity_id(hass, "camera", camera.id)
    source = await async_get_stream_source(hass, camera_entity)
    assert source is not None
    assert source == await async_get_stream_source(hass, camera_entity)
    assert camera.id not in source
    assert cloud.stats.streams_started == 0


@pytest.mark.parametrize("keyframe", [b"\xff\xd8\xff keyframe", None])
async def test_a_still_of_a_watched_camera_is_of_its_stream(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    camera: Camera,
    keyframe: bytes | None,
) -> None:
    """While somebody watches, the newest keyframe is shown; the thumbnail until there is one."""
    camera_entity = entity_id(hass, "camera", camera.id)
    entity = hass.data["camera"].get_entity(camera_entity)
    stream = await entity.async_create_stream()

    async def newest_keyframe(width: int | None, height: int | None) -> bytes | None:
        return keyframe

    stream.async_get_image = newest_keyframe
    thumbnail = await async_get_image(hass, camera_entity)
    assert thumbnail.content != keyframe

    stream.add_provider("hls")
    shown = await async_get_image(hass, camera_entity)
    assert shown.content == (keyframe or thumbnail.content)
    assert cloud.stats.live_sessions == 1
    await hass.config_entries.async_unload(loaded.entry_id)
    assert cloud.stats.live_sessions == 0


async def test_a_still_never_starts_the_stream(
    hass: HomeAssistant, cloud: SimulatedCloud, loaded: MockConfigEntry, camera: Camera
) -> None:
    """A dashboard that shows stills while another reader watches keeps nothing running."""
    camera_entity = entity_id(hass, "camera", camera.id)
    source = await async_get_stream_source(hass, camera_entity)
    assert source is not None
    entity = hass.data["camera"].get_entity(camera_entity)
    stream = await entity.async_create_stream()
    async with async_get_clientsession(hass).get(source) as playlist:
        assert playlist.status == HTTPStatus.OK
    await async_get_image(hass, camera_entity)
    assert not stream.outputs()
    assert cloud.stats.count("thumbnail_file") == 1
