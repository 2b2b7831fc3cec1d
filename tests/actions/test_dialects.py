"""Actions on a cloud of every dialect: what is not documented changes nothing in the answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from tests.cloud import CloudOptions, SimulatedCloud
from tests.cloud.dialects import DIALECTS
from tests.cloud.thumbnails import find_thumbnails
from tests.cloud.world import Camera
from tests.entities import entity_id

from .calling import Call, ago, iso, local

EVERY = sorted(DIALECTS)
UNDATED = ["bare", "sparse"]
"""They write a thumbnail as its URL alone."""
DATED = sorted(DIALECTS.keys() - set(UNDATED))
PLACELESS = "sparse"
"""It does not say where a camera's recordings are."""


@pytest.fixture
def cloud_options(request: pytest.FixtureRequest) -> CloudOptions:
    """Return a cloud that speaks the dialect a test asks for."""
    return CloudOptions(dialect=request.param, start_seconds=0)


@pytest.mark.parametrize("cloud_options", EVERY, indirect=True)
async def test_media_are_found_renamed_downloaded_and_deleted(
    hass: HomeAssistant,
    call: Call,
    call_library: Call,
    cloud: SimulatedCloud,
    camera: Camera,
) -> None:
    start = ago(hours=2).timestamp()
    clip = cloud.media.create_clip(camera, start, start + 7, "Delivery", start + 60)
    (found,) = (await call("search_media"))["media"]
    url = found.pop("url")
    assert url.startswith("/api/amnimo/media/")
    assert found == {
        "media_id": clip.id,
        "category": "clip",
        "name": "Delivery",
        "status": "completed",
        "start_time": iso(start),
        "end_time": iso(start + 7),
        "requested_time": iso(start + 60),
        "size": clip.size,
    }
    renamed = await call_library("rename_media", clip.id, name="Parcel")
    assert (renamed["name"], renamed["old_name"]) == ("Parcel", "Delivery")
    saved = await call_library("download_media", clip.id)
    assert size(saved["path"]) == saved["size"] == clip.size
    gone = await call_library("delete_media", clip.id)
    assert (gone["name"], gone["status"]) == ("Parcel", "deleted")
    assert gone["camera"] == entity_id(hass, "camera", camera.id)
    assert cloud.media.find(clip.id) is None


@pytest.mark.parametrize("cloud_options", EVERY, indirect=True)
async def test_recordings_are_told_alike(
    call: Call, cloud: SimulatedCloud, camera: Camera
) -> None:
    start = ago(minutes=90)
    moment = start.timestamp()
    camera.add_gap(moment + 600, moment + 900)
    answer = await call(
        "get_recordings",
        start_time=local(start),
        end_time=local(start + timedelta(minutes=30)),
    )
    assert [
        (each["start_time"], each["end_time"], each["seconds"])
        for each in answer["recordings"]
    ] == [
        (iso(moment), iso(moment + 600), 600),
        (iso(moment + 900), iso(moment + 1800), 900),
    ]
    assert answer["total_seconds"] == 1500


@pytest.mark.parametrize("cloud_options", EVERY, indirect=True)
async def test_nothing_recorded_is_said_only_where_it_is_known(
    call: Call, cloud: SimulatedCloud, camera: Camera, edge_camera: Camera
) -> None:
    start = ago(minutes=90)
    camera.add_gap(start.timestamp() - 1, start.timestamp() + 61)
    edge_camera.cloud_copy = False
    told = {}
    for each in (camera, edge_camera):
        answer = await call(
            "get_recordings",
            cameras=(each,),
            start_time=local(start),
            end_time=local(start + timedelta(minutes=1)),
        )
        assert answer["recordings"] == []
        told[each.id] = (answer["status"], answer["storage"])
    if cloud.options.dialect == PLACELESS:
        assert set(told.values()) == {("not_in_cloud", None)}
    else:
        assert told[camera.id] == ("nothing_recorded", "cloud")
        assert told[edge_camera.id] == ("not_in_cloud", "edge")


@pytest.mark.parametrize("cloud_options", DATED, indirect=True)
async def test_thumbnails_are_told_alike(call: Call, camera: Camera) -> None:
    start = ago(hours=5)
    end = start + timedelta(hours=2)
    answer = await call(
        "get_thumbnails", start_time=local(start), end_time=local(end), limit=110
    )
    found, _ = find_thumbnails(
        camera, start.timestamp(), end.timestamp(), limit=110, newest_first=True
    )
    assert len(found) == 110
    times = [datetime.fromisoformat(each["time"]) for each in answer["thumbnails"]]
    assert [each.timestamp() for each in times] == found


@pytest.mark.parametrize("cloud_options", UNDATED, indirect=True)
async def test_thumbnails_without_a_time_are_an_error_and_not_an_empty_list(
    call: Call,
) -> None:
    with pytest.raises(HomeAssistantError) as raised:
        await call("get_thumbnails")
    assert raised.value.translation_key == "thumbnails_undated"
    assert "thumbnails_undated" not in str(raised.value)


def size(path: str) -> int:
    """Return the size of a file in bytes."""
    return Path(path).stat().st_size
