"""Taking a snapshot for somebody who waits: each outcome is told as what it is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.amnimo.snapshots import (
    Snapshot,
    SnapshotStatus,
    async_take_snapshot,
)
from homeassistant.core import Context, HomeAssistant
from tests.cloud import FOREVER, CloudOptions, MediaPace, SimulatedCloud
from tests.cloud.world import Camera
from tests.entities import entity_id, state
from tests.media.passage import Passage

type Take = Callable[..., Awaitable[Snapshot]]

SLOW = CloudOptions(
    start_seconds=0, cloud_media=MediaPace(base_seconds=60, per_second=0)
)


@pytest.fixture
def take(hass: HomeAssistant, passage: Passage, camera: Camera) -> Take:
    """Return what takes a snapshot of the camera."""

    async def run(context: Context | None = None, **options: Any) -> Snapshot:
        return await passage.result_of(
            async_take_snapshot(
                hass,
                entity_id(hass, "camera", camera.id),
                context or Context(),
                **options,
            )
        )

    return run


async def test_a_snapshot_is_there_with_its_file_and_its_address(
    take: Take,
    media_folder: Path,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    taken = await take()
    assert taken.status is SnapshotStatus.TAKEN
    assert taken.path is not None
    assert taken.path.is_relative_to(media_folder / "amnimo")
    assert taken.path.stat().st_size == taken.size
    assert taken.url is not None
    response = await (await hass_client_no_auth()).get(taken.url)
    assert response.status == HTTPStatus.OK
    assert await response.read() == taken.path.read_bytes()


@pytest.mark.parametrize("cloud_options", [SLOW])
async def test_the_service_is_asked_more_often_than_for_what_may_take_its_time(
    hass: HomeAssistant, passage: Passage, camera: Camera, cloud: SimulatedCloud
) -> None:
    asking = asyncio.ensure_future(
        async_take_snapshot(hass, entity_id(hass, "camera", camera.id), Context())
    )
    await passage.until(lambda: cloud.stats.count("media_get"))
    before = cloud.stats.count("media_get")
    await passage.pass_time(seconds=5, step=0.5)
    # At the usual pace it would be twice.
    assert cloud.stats.count("media_get") - before >= 5
    assert (await passage.result_of(asking)).status is SnapshotStatus.PENDING


@pytest.mark.parametrize("cloud_options", [SLOW])
async def test_one_that_takes_longer_arrives_all_the_same(
    hass: HomeAssistant,
    take: Take,
    camera: Camera,
    passage: Passage,
    media_folder: Path,
) -> None:
    pending = await take(within=timedelta(seconds=5))
    assert pending.status is SnapshotStatus.PENDING
    assert pending.media_id is not None
    event = f"{camera.id}_media"
    await passage.until(lambda: state(hass, "event", event).state != "unknown")
    shown = state(hass, "event", event).attributes
    assert shown["event_type"] == "snapshot_ready"
    assert shown["media_id"] == pending.media_id
    assert shown["path"].startswith(str(media_folder))


@pytest.mark.parametrize("cloud_options", [SLOW])
async def test_who_goes_away_does_not_stop_it(
    hass: HomeAssistant, take: Take, camera: Camera, passage: Passage
) -> None:
    hurried = await take(within=timedelta(seconds=0))
    assert hurried.status is SnapshotStatus.PENDING
    event = f"{camera.id}_media"
    await passage.until(lambda: state(hass, "event", event).state != "unknown")
    assert state(hass, "event", event).attributes["event_type"] == "snapshot_ready"


async def test_what_is_refused_later_is_told_by_the_event(
    hass: HomeAssistant,
    take: Take,
    camera: Camera,
    cloud: SimulatedCloud,
    passage: Passage,
) -> None:
    """Who was promised a picture and went away is not left waiting."""
    cloud.faults.add("media_create", kind="status", status=403, count=FOREVER)
    assert (await take(within=timedelta(0))).status is SnapshotStatus.PENDING
    event = f"{camera.id}_media"
    await passage.until(lambda: state(hass, "event", event).state != "unknown")
    shown = state(hass, "event", event).attributes
    assert (shown["event_type"], shown["reason"]) == ("media_failed", "refused")


async def test_of_a_camera_known_to_be_offline_none_is_asked_for(
    take: Take,
    camera: Camera,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    passage: Passage,
) -> None:
    camera.online = False
    await passage.result_of(loaded.runtime_data.cameras.async_refresh())
    assert (await take()).status is SnapshotStatus.CAMERA_OFFLINE
    assert cloud.stats.count("media_create") == 0


async def test_a_camera_that_came_back_since_is_not_called_offline(
    take: Take, camera: Camera, loaded: MockConfigEntry, passage: Passage
) -> None:
    camera.online = False
    await passage.result_of(loaded.runtime_data.cameras.async_refresh())
    camera.online = True
    await passage.step()
    assert (await take()).status is SnapshotStatus.TAKEN


@pytest.mark.parametrize("fault", [{"kind": "drop"}, {"kind": "delay", "seconds": 60}])
async def test_an_outage_is_not_taken_for_a_camera_that_is_offline(
    take: Take,
    camera: Camera,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    passage: Passage,
    fault: dict[str, Any],
) -> None:
    camera.online = False
    await passage.result_of(loaded.runtime_data.cameras.async_refresh())
    for endpoint in ("camera", "media_create", "camera_medias"):
        cloud.faults.add(endpoint, count=FOREVER, **fault)
    assert (await take()).status in (
        SnapshotStatus.UNREACHABLE,
        SnapshotStatus.PENDING,
    )


async def test_a_camera_that_went_offline_just_now_is_called_that(
    take: Take, camera: Camera, passage: Passage
) -> None:
    camera.online = False
    await passage.step()
    assert (await take()).status is SnapshotStatus.CAMERA_OFFLINE


async def test_a_camera_that_records_nothing_has_no_picture(
    take: Take, camera: Camera
) -> None:
    camera.records = False
    assert (await take()).status is SnapshotStatus.NO_RECORDING


@pytest.mark.parametrize(
    ("endpoint", "fault", "status"),
    [
        (
            "media_create",
            {"kind": "status", "status": 403},
            SnapshotStatus.PERMISSION_DENIED,
        ),
        (
            "media_create",
            {"kind": "status", "status": 429},
            SnapshotStatus.RATE_LIMITED,
        ),
        ("media_create", {"kind": "html"}, SnapshotStatus.FAILED),
    ],
)
async def test_what_the_service_refuses_is_told_as_that(
    take: Take,
    cloud: SimulatedCloud,
    endpoint: str,
    fault: dict[str, Any],
    status: SnapshotStatus,
) -> None:
    cloud.faults.add(endpoint, count=FOREVER, **fault)
    assert (await take(within=timedelta(minutes=5))).status is status


async def test_a_service_that_is_out_of_reach_is_told_as_that(
    take: Take, cloud: SimulatedCloud, passage: Passage
) -> None:
    await cloud.stop()
    # A connection that was left open is seen to be closed, so nothing is sent on it.
    await passage.pass_time(seconds=5)
    assert (await take()).status is SnapshotStatus.UNREACHABLE


async def test_a_picture_that_can_not_be_saved_is_there_all_the_same(
    take: Take, media_folder: Path, hass_client_no_auth: ClientSessionGenerator
) -> None:
    (media_folder / "amnimo").write_text("a file in its place")
    taken = await take()
    assert taken.status is SnapshotStatus.TAKEN
    assert taken.path is None
    assert taken.reason == "storage_failed"
    assert taken.url is not None
    response = await (await hass_client_no_auth()).get(taken.url)
    assert response.status == HTTPStatus.OK


async def test_who_may_not_control_the_camera_gets_none(
    take: Take, cloud: SimulatedCloud, hass_read_only_user: MockUser
) -> None:
    refused = await take(Context(user_id=hass_read_only_user.id))
    assert refused.status is SnapshotStatus.NOT_ALLOWED
    assert cloud.stats.count("media_create") == 0


async def test_an_account_that_is_not_loaded_has_no_cameras(
    hass: HomeAssistant, take: Take, passage: Passage, loaded: MockConfigEntry
) -> None:
    await passage.result_of(hass.config_entries.async_unload(loaded.entry_id))
    assert (await take()).status is SnapshotStatus.UNAVAILABLE


async def test_an_entity_of_somebody_else_is_no_camera_of_ours(
    hass: HomeAssistant, passage: Passage
) -> None:
    outcome = await async_take_snapshot(hass, "camera.other", Context())
    assert outcome.status is SnapshotStatus.UNAVAILABLE


async def test_the_outcome_is_plain_values(take: Take) -> None:
    taken = await take()
    told = taken.as_json()
    assert told["status"] == "taken"
    assert told["media_id"] == taken.media_id
    assert told["path"] == str(taken.path)
    assert isinstance(told["time"], str)
    assert told["time"].endswith("+09:00")
