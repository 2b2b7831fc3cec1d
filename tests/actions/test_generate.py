"""The actions that have clips and snapshots made, as an automation calls them."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

import av
import probatio
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.util import dt as dt_util
from tests.cloud import FOREVER, CloudOptions, MediaPace, SimulatedCloud
from tests.cloud.world import Camera, Storage
from tests.entities import entity_id, state
from tests.estate import Estate
from tests.media.passage import Passage

from .calling import Call, ago, local


async def test_a_clip_answers_with_all_that_a_template_needs(
    hass: HomeAssistant, call: Call, camera: Camera, media_folder: Path
) -> None:
    start = ago(minutes=10)
    answer = await call(
        "generate_clip",
        start_time=local(start),
        duration="00:00:07",
        name="Delivery",
        download=True,
    )
    (media,) = answer["media"]
    path = media_folder / "amnimo" / "server-room" / Path(media["path"]).name
    assert media["path"] == str(path)
    assert media["status"] == "completed"
    assert media["name"] == "Delivery"
    assert media["start_time"] == dt_util.as_local(start).isoformat()
    assert media["start_time"].endswith("+09:00")
    assert (
        media["end_time"] == dt_util.as_local(start + timedelta(seconds=7)).isoformat()
    )
    assert media["reason"] is None
    assert media["missing"] == []
    with av.open(path) as video:
        assert video.duration is not None
        assert abs(video.duration / av.time_base - 7) < 1
    shown = state(hass, "event", f"{camera.id}_media").attributes
    assert shown["event_type"] == "clip_ready"
    for key in ("media_id", "name", "start_time", "end_time", "size", "path"):
        assert shown[key] == media[key]


async def test_the_address_in_the_answer_opens_the_file(
    call: Call, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Without logging in: it is what a notification or a link needs."""
    answer = await call("generate_snapshot", time=local(ago(minutes=5)))
    (media,) = answer["media"]
    assert media["path"] is None
    assert media["end_time"] is None
    assert media["url"].startswith("/api/amnimo/media/")
    assert "server-room_snapshot.jpg" in media["url"]
    client = await hass_client_no_auth()
    response = await client.get(media["url"])
    assert response.status == HTTPStatus.OK
    assert response.content_type == "image/jpeg"
    assert len(await response.read()) == media["size"]
    unsigned = await client.get(media["url"].partition("?")[0])
    assert unsigned.status == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize(
    ("name", "in_address"),
    [
        ("正門　カメラ", "正門-カメラ"),
        ("Zufahrt Süd 🎥 2", "zufahrt-süd-2"),
        ("100% ?#&/ gate", "100-gate"),
    ],
)
async def test_the_address_can_be_opened_as_it_is_whatever_the_camera_is_called(
    call: Call,
    camera: Camera,
    passage: Passage,
    hass_client_no_auth: ClientSessionGenerator,
    name: str,
    in_address: str,
) -> None:
    """Not all that open addresses quote what is not ASCII."""
    camera.name = name
    await passage.pass_time(minutes=2, step=30)
    (media,) = (await call("generate_snapshot", time=local(ago(minutes=5))))["media"]
    url = media["url"]
    assert url.isascii()
    assert f"_{quote(in_address)}_snapshot.jpg?" in url
    client = await hass_client_no_auth()
    response = await client.get(URL(url, encoded=True))
    assert response.status == HTTPStatus.OK
    assert len(await response.read()) == media["size"]
    other = url.replace("_snapshot.jpg", "_snapshot2.jpg")
    assert (await client.get(other)).status == HTTPStatus.UNAUTHORIZED


async def test_a_snapshot_shows_now_unless_told_otherwise(
    call: Call, cloud: SimulatedCloud, passage: Passage
) -> None:
    await passage.step(0.5)
    now = dt_util.utcnow()
    (media,) = (await call("generate_snapshot"))["media"]
    assert media["status"] == "completed"
    taken = datetime.fromisoformat(media["start_time"])
    assert timedelta(0) <= now - taken < timedelta(milliseconds=1)


async def test_the_last_minutes_are_a_clip_too(call: Call) -> None:
    now = dt_util.utcnow()
    (media,) = (await call("generate_clip", last={"seconds": 30}))["media"]
    start = datetime.fromisoformat(media["start_time"])
    end = datetime.fromisoformat(media["end_time"])
    assert end - start == timedelta(seconds=30)
    assert abs(end - now) < timedelta(milliseconds=1)


async def test_an_offset_is_taken_as_it_is(call: Call) -> None:
    start = ago(minutes=10)
    (media,) = (
        await call(
            "generate_clip",
            start_time=start.isoformat(),
            end_time=(start + timedelta(seconds=5)).isoformat(),
        )
    )["media"]
    assert datetime.fromisoformat(media["start_time"]) == start


async def test_over_an_hour_is_answered_part_by_part(call: Call) -> None:
    start = ago(hours=5).replace(minute=30)
    answer = await call(
        "generate_clip", start_time=local(start), duration="02:15:00", name="Night"
    )
    shown = [
        (media["name"], media["start_time"][11:16], media["end_time"][11:16])
        for media in answer["media"]
    ]
    hour = dt_util.as_local(start).hour
    hours = [f"{(hour + number) % 24:02}" for number in range(4)]
    assert shown == [
        ("Night (1/3)", f"{hours[0]}:30", f"{hours[1]}:00"),
        ("Night (2/3)", f"{hours[1]}:00", f"{hours[2]}:00"),
        ("Night (3/3)", f"{hours[2]}:00", f"{hours[2]}:45"),
    ]


async def test_without_waiting_the_answer_comes_at_once(
    hass: HomeAssistant, call: Call, camera: Camera, passage: Passage
) -> None:
    """The event tells the rest."""
    before = dt_util.utcnow()
    (media,) = (await call("generate_clip", last="00:00:30", wait=False))["media"]
    assert dt_util.utcnow() == before
    assert media["status"] == "requested"
    assert media["media_id"]
    assert (media["url"], media["path"], media["size"]) == (None, None, None)
    event = f"{camera.id}_media"
    assert state(hass, "event", event).state == "unknown"
    await passage.until(lambda: state(hass, "event", event).state != "unknown")
    shown = state(hass, "event", event).attributes
    assert shown["event_type"] == "clip_ready"
    assert shown["media_id"] == media["media_id"]


async def test_several_cameras_answer_each_for_itself(
    hass: HomeAssistant, call: Call, estate: Estate
) -> None:
    cameras = tuple(
        camera
        for camera in estate.cameras.values()
        if camera.storage is Storage.CLOUD and camera.online
    )[:3]
    assert len(cameras) > 1
    answer = await call("generate_snapshot", cameras=cameras, time=local(ago(hours=1)))
    assert set(answer) == {entity_id(hass, "camera", each.id) for each in cameras}
    ids = {each["media"][0]["media_id"] for each in answer.values()}
    assert len(ids) == len(cameras)


async def test_an_answer_is_not_needed(
    hass: HomeAssistant, passage: Passage, camera: Camera, media_folder: Path
) -> None:
    await passage.result_of(
        hass.services.async_call(
            "amnimo",
            "generate_snapshot",
            {
                "entity_id": entity_id(hass, "camera", camera.id),
                "time": local(ago(minutes=5)),
                "download": True,
            },
            blocking=True,
        )
    )
    shown = state(hass, "event", f"{camera.id}_media").attributes
    assert shown["event_type"] == "snapshot_ready"
    assert shown["path"].startswith(str(media_folder))


# --- What goes wrong -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "data", "key"),
    [
        ("generate_clip", {}, "clip_range_unclear"),
        ("generate_clip", {"start_time": "2026-02-02 15:00"}, "clip_range_unclear"),
        (
            "generate_clip",
            {"start_time": "2026-02-02 15:00", "last": "00:01:00"},
            "clip_range_unclear",
        ),
        (
            "generate_clip",
            {"start_time": "2026-02-02 15:00", "end_time": "2026-02-02 14:00"},
            "clip_end_before_start",
        ),
        ("generate_clip", {"last": 0}, "clip_end_before_start"),
        (
            "generate_clip",
            {"start_time": "2026-02-02 15:00", "end_time": "2999-01-01 00:00"},
            "clip_end_in_future",
        ),
        ("generate_clip", {"last": {"hours": 25}}, "clip_too_long"),
        (
            "generate_clip",
            {"start_time": "0001-01-01 00:00", "duration": 10},
            "time_out_of_range",
        ),
        ("generate_clip", {"last": 10, "name": "x" * 65}, "media_name_length"),
        ("generate_snapshot", {"name": "  "}, "media_name_length"),
        ("generate_snapshot", {"time": "2999-01-01 00:00"}, "snapshot_in_future"),
    ],
)
async def test_bad_input_is_refused_in_words(
    call: Call, cloud: SimulatedCloud, action: str, data: dict[str, Any], key: str
) -> None:
    with pytest.raises(ServiceValidationError) as raised:
        await call(action, **data)
    assert raised.value.translation_key == key
    assert key not in str(raised.value)
    assert "{" not in str(raised.value)
    assert cloud.stats.count("media_create") == 0


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("generate_clip", {"start_time": "yesterday", "duration": 10}),
        ("generate_clip", {"last": "-00:01:00"}),
        ("generate_clip", {"last": 10, "wait": "perhaps"}),
        ("generate_clip", {"last": 10, "unknown": 1}),
        ("generate_snapshot", {"time": "noon"}),
    ],
)
async def test_what_is_not_even_a_time_is_refused_too(
    call: Call, action: str, data: dict[str, Any]
) -> None:
    with pytest.raises(probatio.Invalid):
        await call(action, **data)


async def test_a_failure_says_why(
    hass: HomeAssistant, call: Call, camera: Camera
) -> None:
    start = ago(minutes=10)
    camera.add_gap(start.timestamp() - 60, start.timestamp() + 60)
    with pytest.raises(HomeAssistantError) as raised:
        await call(
            "generate_clip", start_time=local(start), duration=30, name="Delivery"
        )
    assert raised.value.translation_key == "media_no_recording"
    message = str(raised.value)
    assert "Delivery" in message
    assert local(start) in message
    assert local(start + timedelta(seconds=30)) in message
    shown = state(hass, "event", f"{camera.id}_media").attributes
    assert shown["event_type"] == "media_failed"
    assert shown["reason"] == "no_recording"
    assert shown["missing"][0]["start_time"] == dt_util.as_local(start).isoformat()


async def test_of_several_parts_the_good_ones_are_answered(
    hass: HomeAssistant, call: Call, camera: Camera, passage: Passage
) -> None:
    start = ago(hours=5).replace(minute=0, second=0)
    camera.add_gap(start.timestamp() - 60, start.timestamp() + 3601)
    data = {"start_time": local(start), "duration": "02:00:00"}
    answer = await call("generate_clip", **data)
    assert [media["status"] for media in answer["media"]] == ["failed", "completed"]
    assert answer["media"][0]["reason"] == "no_recording"
    assert answer["media"][0]["url"] is None
    target = {"entity_id": entity_id(hass, "camera", camera.id)}
    with pytest.raises(HomeAssistantError) as raised:
        await passage.result_of(
            hass.services.async_call(
                "amnimo", "generate_clip", {**target, **data}, blocking=True
            )
        )
    assert raised.value.translation_key == "media_no_recording"


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        ({"kind": "status", "status": 403}, "permission_denied"),
        ({"kind": "status", "status": 429}, "rate_limited"),
        ({"kind": "html"}, "unexpected_response"),
    ],
)
async def test_a_service_that_refuses_is_told_in_words(
    call: Call, cloud: SimulatedCloud, fault: dict[str, Any], key: str
) -> None:
    cloud.faults.add("media_create", count=FOREVER, **fault)
    with pytest.raises(HomeAssistantError) as raised:
        await call("generate_snapshot")
    assert raised.value.translation_key == key
    assert key not in str(raised.value)


async def test_a_service_that_is_down_is_told_in_words(
    call: Call, cloud: SimulatedCloud, passage: Passage
) -> None:
    # What became due when time was taken in hand: a poll that fails makes cameras unavailable.
    await passage.step()
    await cloud.stop()
    # A connection that was left open is seen to be closed, so nothing is sent on it.
    await passage.step()
    with pytest.raises(HomeAssistantError) as raised:
        await call("generate_snapshot")
    assert raised.value.translation_key == "cannot_connect"


async def test_a_file_that_can_not_be_saved_is_told_in_words(
    call: Call, media_folder: Path
) -> None:
    (media_folder / "amnimo").write_text("a file in its place")
    with pytest.raises(HomeAssistantError) as raised:
        await call("generate_snapshot", time=local(ago(minutes=5)), download=True)
    assert raised.value.translation_key == "media_storage_failed"


async def test_who_may_not_control_a_camera_gets_nothing_of_it(
    hass: HomeAssistant,
    passage: Passage,
    camera: Camera,
    cloud: SimulatedCloud,
    hass_read_only_user: MockUser,
) -> None:
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            "amnimo",
            "generate_snapshot",
            {"entity_id": entity_id(hass, "camera", camera.id)},
            blocking=True,
            return_response=True,
            context=Context(user_id=hass_read_only_user.id),
        )
    assert cloud.stats.count("media_create") == 0


@pytest.mark.parametrize(
    "cloud_options",
    [
        CloudOptions(
            start_seconds=0,
            cloud_media=MediaPace(base_seconds=60, per_second=0),
        )
    ],
)
async def test_a_clip_outlives_a_reload(
    hass: HomeAssistant,
    call: Call,
    camera: Camera,
    cloud: SimulatedCloud,
    passage: Passage,
    loaded: MockConfigEntry,
) -> None:
    (media,) = (await call("generate_clip", last="00:00:30", wait=False))["media"]
    await passage.result_of(hass.config_entries.async_reload(loaded.entry_id))
    event = f"{camera.id}_media"
    await passage.until(lambda: state(hass, "event", event).attributes.get("media_id"))
    assert state(hass, "event", event).attributes["media_id"] == media["media_id"]
    assert cloud.stats.count("media_create") == 1


async def test_removing_the_account_forgets_its_jobs(
    hass: HomeAssistant,
    call: Call,
    passage: Passage,
    loaded: MockConfigEntry,
    hass_storage: dict[str, Any],
) -> None:
    await call("generate_clip", last="00:00:30", wait=False)
    assert any("media_jobs" in key for key in hass_storage)
    await passage.result_of(hass.config_entries.async_remove(loaded.entry_id))
    assert not any("media_" in key for key in hass_storage)
