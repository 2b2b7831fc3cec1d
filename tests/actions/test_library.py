"""The actions on media that are there: rename, delete, download."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import probatio
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
    UnknownUser,
)
from tests.cloud import FOREVER, CloudOptions, MediaPace, SimulatedCloud
from tests.cloud.media import Media
from tests.cloud.world import Camera, Tenant
from tests.entities import entity_id, state
from tests.estate import Estate
from tests.media.passage import Passage

from .calling import Call, ago, iso, media_files

NOWHERE = "00000000-0000-4000-8000-000000000000"
SLOW = CloudOptions(
    start_seconds=0, cloud_media=MediaPace(base_seconds=60, per_second=0)
)

type CallAs = Callable[..., Any]


@pytest.fixture
def clip(cloud: SimulatedCloud, camera: Camera, passage: Passage) -> Media:
    """Return a clip that has been ready for a while."""
    start = ago(hours=2).timestamp()
    return cloud.media.create_clip(camera, start, start + 7, "Delivery", start + 60)


@pytest.fixture
def call_as(hass: HomeAssistant, passage: Passage) -> CallAs:
    """Return what calls an action on behalf of a user."""

    async def run(user_id: str, action: str, media_id: str, **data: Any) -> Any:
        return await passage.result_of(
            hass.services.async_call(
                "amnimo",
                action,
                {"media_id": media_id, **data},
                blocking=True,
                return_response=True,
                context=Context(user_id=user_id),
            )
        )

    return run


def resident(hass: HomeAssistant, camera: Camera, *policies: str) -> MockUser:
    """Return a user with certain rights to a camera, and none to anything else."""
    user = MockUser().add_to_hass(hass)
    name = entity_id(hass, "camera", camera.id)
    rights = dict.fromkeys(policies, True)
    user.mock_policy({"entities": {"entity_ids": {name: rights}}})
    return user


def files(folder: Path) -> list[str]:
    """Return the names of the media files in a folder."""
    return [each.name for each in media_files(folder)]


def size(path: Path | str) -> int:
    """Return the size of a file in bytes."""
    return Path(path).stat().st_size


# --- Rename --------------------------------------------------------------------------------


async def test_a_medium_gets_another_name(
    hass: HomeAssistant,
    call_library: Call,
    cloud: SimulatedCloud,
    camera: Camera,
    clip: Media,
) -> None:
    answer = await call_library("rename_media", clip.id, name="  Parcel 荷物 ")
    assert clip.name == "Parcel 荷物"
    assert answer.pop("url").startswith("/api/amnimo/media/")
    assert answer == {
        "media_id": clip.id,
        "category": "clip",
        "name": "Parcel 荷物",
        "old_name": "Delivery",
        "status": "completed",
        "start_time": iso(clip.start),
        "end_time": iso(clip.end),
        "requested_time": iso(clip.requested),
        "size": clip.size,
        "camera": entity_id(hass, "camera", camera.id),
    }
    assert cloud.stats.count("media_put") == 1


@pytest.mark.parametrize("name", ["   ", "x" * 65])
async def test_a_name_has_1_to_64_characters(
    call_library: Call, cloud: SimulatedCloud, clip: Media, name: str
) -> None:
    with pytest.raises(ServiceValidationError) as raised:
        await call_library("rename_media", clip.id, name=name)
    assert raised.value.translation_key == "media_name_length"
    assert clip.name == "Delivery"
    assert cloud.stats.count("media_get") == cloud.stats.count("media_put") == 0


# --- Delete --------------------------------------------------------------------------------


async def test_what_was_deleted_is_confirmed(
    hass: HomeAssistant,
    call_library: Call,
    cloud: SimulatedCloud,
    camera: Camera,
    clip: Media,
) -> None:
    answer = await call_library("delete_media", clip.id)
    assert cloud.media.find(clip.id) is None
    assert answer == {
        "media_id": clip.id,
        "category": "clip",
        "name": "Delivery",
        "status": "deleted",
        "start_time": iso(clip.start),
        "end_time": iso(clip.end),
        "requested_time": iso(clip.requested),
        "size": clip.size,
        "url": None,
        "camera": entity_id(hass, "camera", camera.id),
    }
    with pytest.raises(ServiceValidationError) as raised:
        await call_library("delete_media", clip.id)
    assert raised.value.translation_key == "media_not_found"
    assert clip.id in str(raised.value)
    assert cloud.stats.count("media_delete") == 1


async def test_only_administrators_delete(
    hass: HomeAssistant,
    call_as: CallAs,
    cloud: SimulatedCloud,
    camera: Camera,
    clip: Media,
    hass_admin_user: MockUser,
) -> None:
    user = resident(hass, camera, POLICY_READ, POLICY_CONTROL)
    with pytest.raises(Unauthorized):
        await call_as(user.id, "delete_media", clip.id)
    assert cloud.media.find(clip.id) is clip
    assert cloud.stats.count("media_get") == 0
    await call_as(hass_admin_user.id, "delete_media", clip.id)
    assert cloud.media.find(clip.id) is None


async def test_an_answer_is_not_needed(
    hass: HomeAssistant, passage: Passage, cloud: SimulatedCloud, clip: Media
) -> None:
    await passage.result_of(
        hass.services.async_call(
            "amnimo", "delete_media", {"media_id": clip.id}, blocking=True
        )
    )
    assert cloud.media.find(clip.id) is None


@pytest.mark.usefixtures("impatient")
async def test_a_deletion_whose_answer_was_lost_is_confirmed_all_the_same(
    call_library: Call, cloud: SimulatedCloud, clip: Media
) -> None:
    cloud.faults.add("media_delete", kind="truncated")
    answer = await call_library("delete_media", clip.id)
    assert answer["status"] == "deleted"
    assert cloud.media.find(clip.id) is None


# --- Download ------------------------------------------------------------------------------


async def test_a_file_is_saved_and_said_where(
    hass: HomeAssistant,
    call_library: Call,
    camera: Camera,
    clip: Media,
    media_folder: Path,
) -> None:
    """It is not new, so there's no event: one that downloads what is new would not end."""
    answer = await call_library("download_media", clip.id)
    path = Path(answer["path"])
    assert path.parent == media_folder / "amnimo" / "server-room"
    assert path.name.endswith("_server-room_clip.mp4")
    assert answer["status"] == "completed"
    assert answer["size"] == size(path)
    assert answer["url"].startswith("/api/amnimo/media/")
    with av.open(path) as video:
        assert video.duration is not None
        assert abs(video.duration / av.time_base - 7) < 1
    assert files(media_folder) == [path.name]
    assert state(hass, "event", f"{camera.id}_media").state == "unknown"


async def test_a_ready_file_costs_one_request(
    call_library: Call, cloud: SimulatedCloud, clip: Media
) -> None:
    await call_library("download_media", clip.id)
    assert cloud.stats.count("media_get") == 1 + other_tenants(cloud, clip)
    assert cloud.stats.count("media_file") == 1


def other_tenants(cloud: SimulatedCloud, media: Media) -> int:
    """Return how many tenants are asked before the one that has a medium."""
    return Estate(cloud).tenants.index(media.tenant)


@pytest.mark.parametrize("cloud_options", [SLOW])
async def test_what_is_not_ready_is_waited_for(
    call_library: Call, cloud: SimulatedCloud, camera: Camera, passage: Passage
) -> None:
    start = ago(hours=2).timestamp()
    clip = cloud.media.create_clip(camera, start, start + 7, "Delivery")
    answer = await call_library("download_media", clip.id)
    assert answer["status"] == "completed"
    assert answer["size"] == size(answer["path"]) == clip.size


@pytest.mark.parametrize("cloud_options", [SLOW])
async def test_what_is_under_way_is_not_fetched_twice(
    hass: HomeAssistant,
    call: Call,
    call_library: Call,
    cloud: SimulatedCloud,
    camera: Camera,
    passage: Passage,
    media_folder: Path,
) -> None:
    """One file, and one event: of the clip that came to be."""
    (media,) = (await call("generate_clip", last="00:00:30", wait=False))["media"]
    answer = await call_library("download_media", media["media_id"])
    assert files(media_folder) == [Path(answer["path"]).name]
    shown = state(hass, "event", f"{camera.id}_media").attributes
    assert shown["event_type"] == "clip_ready"
    assert shown["path"] == answer["path"]
    assert cloud.stats.count("media_file") == 1


@pytest.mark.parametrize("cloud_options", [SLOW])
async def test_a_download_outlives_a_reload(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
    passage: Passage,
    media_folder: Path,
    loaded: MockConfigEntry,
) -> None:
    start = ago(hours=2).timestamp()
    clip = cloud.media.create_clip(camera, start, start + 7, "Delivery")
    call = hass.async_create_task(
        hass.services.async_call(
            "amnimo", "download_media", {"media_id": clip.id}, blocking=True
        )
    )
    await passage.pass_time(seconds=5)
    await passage.result_of(hass.config_entries.async_reload(loaded.entry_id))
    with pytest.raises(HomeAssistantError) as raised:
        await call
    assert raised.value.translation_key == "media_interrupted"
    await passage.until(
        lambda: any(name.endswith(".mp4") for name in files(media_folder))
    )
    (name,) = files(media_folder)
    assert size(media_folder / "amnimo" / "server-room" / name) == clip.size


async def test_a_failed_medium_says_why(
    call_library: Call, cloud: SimulatedCloud, camera: Camera, passage: Passage
) -> None:
    start = ago(hours=2).timestamp()
    camera.add_gap(start - 60, start + 60)
    clip = cloud.media.create_clip(camera, start, start + 7, "Delivery", start + 60)
    with pytest.raises(HomeAssistantError) as raised:
        await call_library("download_media", clip.id)
    assert raised.value.translation_key == "media_no_recording"
    assert "Delivery" in str(raised.value)


async def test_a_file_that_can_not_be_saved_is_told_in_words(
    call_library: Call, clip: Media, media_folder: Path
) -> None:
    (media_folder / "amnimo").write_text("a file in its place")
    with pytest.raises(HomeAssistantError) as raised:
        await call_library("download_media", clip.id)
    assert raised.value.translation_key == "media_storage_failed"


# --- Whose media ---------------------------------------------------------------------------


async def test_the_tenant_is_found_by_itself(
    hass: HomeAssistant,
    call_library: Call,
    cloud: SimulatedCloud,
    estate: Estate,
    passage: Passage,
) -> None:
    start = ago(hours=2).timestamp()
    for tenant in estate.tenants:
        camera = next(iter(tenant.cameras.values()))
        still = cloud.media.create_snapshot(camera, start, "Guest", start + 60)
        answer = await call_library("rename_media", still.id, name=tenant.account_name)
        assert still.name == tenant.account_name
        assert answer["camera"] == entity_id(hass, "camera", camera.id)


async def test_the_tenant_of_what_was_found_is_known(
    call: Call, call_library: Call, cloud: SimulatedCloud, clip: Media
) -> None:
    (found,) = (await call("search_media"))["media"]
    await call_library("rename_media", found["media_id"], name="Parcel")
    assert cloud.stats.count("media_get") == 1


@pytest.mark.parametrize(
    ("action", "media_id"),
    [
        ("rename_media", NOWHERE),
        ("delete_media", ".."),
        ("download_media", "a/b"),
        ("download_media", "一二三"),
    ],
)
async def test_what_there_is_not_is_told_in_words(
    call_library: Call, media_folder: Path, action: str, media_id: str
) -> None:
    data = {"name": "Parcel"} if action == "rename_media" else {}
    with pytest.raises(ServiceValidationError) as raised:
        await call_library(action, media_id, **data)
    assert raised.value.translation_key == "media_not_found"
    assert media_id in str(raised.value)
    assert files(media_folder) == []


async def test_a_neighbours_media_are_not_there(
    call_library: Call, cloud: SimulatedCloud, passage: Passage
) -> None:
    theirs = next(
        camera
        for tenant in cloud.neighbour.accounts[0].family()
        for camera in tenant.cameras.values()
    )
    start = ago(hours=2).timestamp()
    still = cloud.media.create_snapshot(theirs, start, "theirs", start + 60)
    with pytest.raises(ServiceValidationError) as raised:
        await call_library("delete_media", still.id)
    assert raised.value.translation_key == "media_not_found"
    assert cloud.media.find(still.id) is still


async def test_the_right_to_see_a_camera_is_enough_to_download(
    hass: HomeAssistant,
    call_as: CallAs,
    camera: Camera,
    edge_camera: Camera,
    clip: Media,
    media_folder: Path,
) -> None:
    neighbour = resident(hass, edge_camera, POLICY_READ, POLICY_CONTROL)
    with pytest.raises(Unauthorized):
        await call_as(neighbour.id, "download_media", clip.id)
    assert files(media_folder) == []
    guest = resident(hass, camera, POLICY_READ)
    assert (await call_as(guest.id, "download_media", clip.id))["path"]


async def test_a_list_that_shows_other_cameras_media_gives_no_right_to_them(
    hass: HomeAssistant,
    call: Call,
    call_as: CallAs,
    cloud: SimulatedCloud,
    camera: Camera,
    clip: Media,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nor does it take one away from who has it."""
    search = cloud.media.search

    def heedless(tenant: Tenant, _: object, *args: Any, **options: Any) -> list[Media]:
        return search(tenant, None, *args, **options)

    monkeypatch.setattr(cloud.media, "search", heedless)
    other = next(each for each in camera.tenant.cameras.values() if each is not camera)
    start = ago(hours=2).timestamp()
    theirs = cloud.media.create_snapshot(other, start, "theirs", start + 60)
    assert [each["media_id"] for each in (await call("search_media"))["media"]] == [
        clip.id
    ]
    guest = resident(hass, camera, POLICY_READ)
    with pytest.raises(Unauthorized):
        await call_as(guest.id, "download_media", theirs.id)
    owner = resident(hass, other, POLICY_READ)
    assert (await call_as(owner.id, "download_media", theirs.id))["path"]


async def test_to_rename_takes_the_right_to_control_the_camera(
    hass: HomeAssistant, call_as: CallAs, camera: Camera, clip: Media
) -> None:
    guest = resident(hass, camera, POLICY_READ)
    with pytest.raises(Unauthorized):
        await call_as(guest.id, "rename_media", clip.id, name="Parcel")
    assert clip.name == "Delivery"
    host = resident(hass, camera, POLICY_CONTROL)
    await call_as(host.id, "rename_media", clip.id, name="Parcel")
    assert clip.name == "Parcel"


@pytest.mark.parametrize("action", ["rename_media", "download_media"])
async def test_who_has_no_right_costs_no_request_and_is_told_nothing(
    hass: HomeAssistant,
    call: Call,
    call_as: CallAs,
    cloud: SimulatedCloud,
    camera: Camera,
    edge_camera: Camera,
    clip: Media,
    action: str,
) -> None:
    """What is there and what is not are the same to them."""
    data = {"name": "Parcel"} if action == "rename_media" else {}
    stranger = resident(hass, camera)
    neighbour = resident(hass, edge_camera, POLICY_READ, POLICY_CONTROL)
    asked = cloud.stats.count("media_get")
    for media_id in (clip.id, NOWHERE):
        with pytest.raises(Unauthorized):
            await call_as(stranger.id, action, media_id, **data)
    assert cloud.stats.count("media_get") == asked
    told = []
    for media_id in (clip.id, NOWHERE):
        with pytest.raises(Unauthorized) as raised:
            await call_as(neighbour.id, action, media_id, **data)
        told.append((str(raised.value), raised.value.entity_id))
    assert told[0] == told[1]
    await call("search_media")
    asked = cloud.stats.count("media_get")
    with pytest.raises(Unauthorized):
        await call_as(neighbour.id, action, clip.id, **data)
    assert cloud.stats.count("media_get") == asked
    assert clip.name == "Delivery"


async def test_nobody_gets_nothing(call_as: CallAs, clip: Media) -> None:
    with pytest.raises(UnknownUser):
        await call_as("nobody", "download_media", clip.id)


async def test_the_account_is_needed_only_where_there_are_several(
    hass: HomeAssistant,
    call_library: Call,
    cloud: SimulatedCloud,
    clip: Media,
    loaded: MockConfigEntry,
    second_entry: MockConfigEntry,
) -> None:
    named = {"config_entry_id": loaded.entry_id, "name": "Parcel"}
    await call_library("rename_media", clip.id, **named)
    assert clip.name == "Parcel"
    await call_library("rename_media", clip.id, name="Letter")
    assert clip.name == "Letter"
    second_entry.add_to_hass(hass)
    with pytest.raises(ServiceValidationError) as raised:
        await call_library(
            "rename_media", clip.id, name="Box", config_entry_id=second_entry.entry_id
        )
    assert raised.value.translation_key == "service_config_entry_not_loaded"
    with pytest.raises(ServiceValidationError) as raised:
        await call_library(
            "rename_media", clip.id, name="Box", config_entry_id="nothing"
        )
    assert raised.value.translation_key == "service_config_entry_not_found"
    assert clip.name == "Letter"


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("rename_media", {}),
        ("delete_media", {"name": "Parcel"}),
        ("download_media", {"media_id": "  "}),
    ],
)
async def test_a_field_that_can_not_be_so_is_refused(
    call_library: Call, clip: Media, action: str, data: dict[str, str]
) -> None:
    with pytest.raises(probatio.Invalid):
        await call_library(action, **{"media_id": clip.id, **data})


@pytest.mark.parametrize(
    ("action", "endpoint", "fault", "key"),
    [
        ("download_media", "media_get", {"status": 429}, "rate_limited"),
        ("rename_media", "media_put", {"status": 403}, "permission_denied"),
        ("delete_media", "media_delete", {"status": 500}, "unexpected_response"),
    ],
)
@pytest.mark.usefixtures("impatient")
async def test_a_service_that_refuses_is_told_in_words(
    call_library: Call,
    cloud: SimulatedCloud,
    clip: Media,
    action: str,
    endpoint: str,
    fault: dict[str, Any],
    key: str,
) -> None:
    cloud.faults.add(endpoint, count=FOREVER, kind="status", **fault)
    data = {"name": "Parcel"} if action == "rename_media" else {}
    with pytest.raises(HomeAssistantError) as raised:
        await call_library(action, clip.id, **data)
    assert raised.value.translation_key == key
    assert cloud.media.find(clip.id) is clip
    assert clip.name == "Delivery"
