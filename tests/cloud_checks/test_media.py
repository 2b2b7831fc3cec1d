"""Clips and snapshots: jobs that take time, and files that play."""

import io
from typing import Any

import av
from av.video.stream import VideoStream
from PIL import Image
import pytest

from tests.cloud import read_clock
from tests.cloud.world import Camera

from .caller import Caller, in_tenant, of_camera
from .moments import wire
from .still import NOON
from .test_video import decode

KEYS = {
    "id",
    "cameraId",
    "pid",
    "type",
    "source",
    "category",
    "startTime",
    "endTime",
    "name",
    "status",
    "requestedDateTime",
    "size",
    "meta",
}


async def ask_for_clip(
    caller: Caller, camera: Camera, start: float, end: float, name: str = "clip"
) -> dict[str, Any]:
    """Ask for a clip; return the media object."""
    body = {
        "category": "CLIP",
        "startTime": wire(start),
        "endTime": wire(end),
        "name": name,
    }
    media: dict[str, Any] = await caller.post(f"{of_camera(camera)}/media", body)
    return media


async def look(caller: Caller, camera: Camera, media: dict[str, Any]) -> dict[str, Any]:
    """Return a media object as it is now."""
    path = f"{in_tenant(camera.tenant)}/medias/{media['id']}"
    now: dict[str, Any] = await caller.get(path)
    return now


async def test_a_clip_is_made_step_by_step(caller: Caller, edge_camera: Camera) -> None:
    media = await ask_for_clip(caller, edge_camera, NOON - 60, NOON - 40, "夜")
    assert media.keys() == KEYS
    assert media["meta"] == {}
    assert media["status"] == "REQUESTED"
    assert media["cameraId"] == edge_camera.id
    assert (media["category"], media["name"]) == ("CLIP", "夜")
    assert media["startTime"] == wire(NOON - 60)
    assert media["requestedDateTime"] == wire(NOON)

    caller.cloud.clock.advance(2)
    assert (await look(caller, edge_camera, media))["status"] == "PROCESSING"
    caller.cloud.clock.advance(2)
    done = await look(caller, edge_camera, media)
    assert done.keys() == KEYS
    assert done["status"] == "COMPLETED"
    assert done["meta"]["contentType"] == "video/mp4"


async def test_a_clip_is_a_film_of_its_time(
    caller: Caller, edge_camera: Camera
) -> None:
    media = await ask_for_clip(caller, edge_camera, NOON - 60, NOON - 56.7)
    caller.cloud.clock.advance(60)
    done = await look(caller, edge_camera, media)
    content = await caller.content(done["meta"]["url"])

    assert len(content) == done["size"]
    frames = decode(content)
    assert len(frames) == 33
    assert frames[0] == (0.0, NOON - 60)
    assert frames[-1][1] == pytest.approx(NOON - 56.8)
    # A player need not read the whole file to begin.
    assert content.index(b"moov") < content.index(b"mdat")


async def test_the_edge_takes_longer_than_the_cloud(
    caller: Caller, edge_camera: Camera, cloud_camera: Camera
) -> None:
    cameras = (edge_camera, cloud_camera)
    clips = [
        await ask_for_clip(caller, each, NOON - 600, NOON - 300) for each in cameras
    ]
    caller.cloud.clock.advance(5)
    states = [
        (await look(caller, each, clip))["status"]
        for each, clip in zip(cameras, clips, strict=True)
    ]
    assert states == ["PROCESSING", "COMPLETED"]
    assert [clip["source"] for clip in clips] == ["EDGE", "CLOUD"]


async def test_only_what_was_recorded_is_in_a_clip(
    caller: Caller, edge_camera: Camera
) -> None:
    edge_camera.add_gap(NOON - 58, NOON - 32)
    media = await ask_for_clip(caller, edge_camera, NOON - 60, NOON - 30)
    caller.cloud.clock.advance(60)
    done = await look(caller, edge_camera, media)
    clocks = [clock for _, clock in decode(await caller.content(done["meta"]["url"]))]
    assert len(clocks) == 40
    assert clocks[19:21] == [pytest.approx(NOON - 58.1), pytest.approx(NOON - 32)]


async def test_what_was_not_recorded_fails(caller: Caller, edge_camera: Camera) -> None:
    edge_camera.add_gap(NOON - 100, NOON - 50)
    in_gap = await ask_for_clip(caller, edge_camera, NOON - 90, NOON - 60)
    to_come = await ask_for_clip(caller, edge_camera, NOON + 60, NOON + 90)
    snapshot = await caller.post(
        f"{of_camera(edge_camera)}/media",
        {"category": "SNAPSHOT", "startTime": wire(NOON - 60), "name": "in the gap"},
    )
    caller.cloud.clock.advance(120)
    for media in (in_gap, to_come, snapshot):
        failed = await look(caller, edge_camera, media)
        assert (failed["status"], failed["size"]) == ("FAILED", 0)
        assert failed["meta"] == {}


async def test_a_camera_that_never_records_has_no_clips(
    caller: Caller, edge_camera: Camera
) -> None:
    edge_camera.records = False
    media = await ask_for_clip(caller, edge_camera, NOON - 60, NOON - 30)
    caller.cloud.clock.advance(60)
    assert (await look(caller, edge_camera, media))["status"] == "FAILED"


async def test_a_file_that_is_made_anew_is_the_same(
    caller: Caller, cloud_camera: Camera
) -> None:
    media = await ask_for_clip(caller, cloud_camera, NOON - 60, NOON - 58)
    caller.cloud.clock.advance(60)
    url = (await look(caller, cloud_camera, media))["meta"]["url"]
    first = await caller.content(url)
    caller.cloud.studio.discard_file(media["id"])
    assert await caller.content(url) == first


async def test_a_failing_device_makes_no_clips(
    caller: Caller, edge_camera: Camera
) -> None:
    assert edge_camera.device is not None
    edge_camera.device.failing = True
    media = await ask_for_clip(caller, edge_camera, NOON - 60, NOON - 30)
    caller.cloud.clock.advance(60)
    assert (await look(caller, edge_camera, media))["status"] == "FAILED"


async def test_a_snapshot_is_a_jpeg_of_its_time(
    caller: Caller, edge_camera: Camera
) -> None:
    media = await caller.post(
        f"{of_camera(edge_camera)}/media",
        {"category": "SNAPSHOT", "startTime": wire(NOON - 33.3), "name": "now"},
    )
    caller.cloud.clock.advance(60)
    done = await look(caller, edge_camera, media)
    assert (done["type"], done["category"]) == ("IMAGE", "SNAPSHOT")
    assert "endTime" not in done
    content = await caller.content(done["meta"]["url"])
    assert len(content) == done["size"]
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.format == "JPEG"
        assert read_clock(picture) == pytest.approx(NOON - 33.3)


async def test_an_hour_is_an_hour_long(caller: Caller, cloud_camera: Camera) -> None:
    media = await ask_for_clip(caller, cloud_camera, NOON - 3600, NOON)
    caller.cloud.clock.advance(3600)
    done = await look(caller, cloud_camera, media)
    content = await caller.content(done["meta"]["url"])
    assert len(content) == done["size"]
    with av.open(io.BytesIO(content), "r") as container:
        (stream,) = container.streams
        assert isinstance(stream, VideoStream)
        assert stream.frames == 36_000
        assert stream.duration is not None
        assert stream.time_base is not None
        assert stream.duration * stream.time_base == 3600
        container.seek(3_599_000_000)
        last = [frame.time for frame in container.decode(stream)][-1]
        assert last == pytest.approx(3599.9)


async def test_a_file_can_be_made_as_large_as_a_test_wants(
    caller: Caller, cloud_camera: Camera
) -> None:
    media = caller.cloud.media.create_clip(cloud_camera, NOON - 9, NOON - 8, "large")
    media.size = 64 * 1024 * 1024
    caller.cloud.clock.advance(60)
    done = await look(caller, cloud_camera, {"id": media.id})
    content = await caller.content(done["meta"]["url"])
    assert len(content) == done["size"] == media.size
    assert len(decode(content)) == 10


async def test_media_are_searched_by_camera_category_and_time(
    caller: Caller, edge_camera: Camera
) -> None:
    tenant = edge_camera.tenant
    sibling = caller.cloud.world.add_camera(tenant, "sibling")
    library = caller.cloud.media
    made = [
        library.create_clip(edge_camera, NOON - 90, NOON - 80, "a", NOON - 30),
        library.create_snapshot(edge_camera, NOON - 90, "b", NOON - 10),
        library.create_clip(sibling, NOON - 90, NOON - 80, "c", NOON - 20),
    ]
    stranger = next(iter(caller.cloud.neighbour.accounts[0].cameras.values()))
    library.create_snapshot(stranger, NOON - 90, "foreign")

    async def search(path: str, **body: Any) -> list[str]:
        found = await caller.post(path, {"pageNumber": 0, "pageSize": 10, **body})
        assert all(each["meta"] == {} for each in found)
        return [each["name"] for each in found]

    in_all, in_camera = (
        f"{in_tenant(tenant)}/medias",
        f"{of_camera(edge_camera)}/medias",
    )
    assert await search(in_all) == ["b", "c", "a"]
    assert await search(in_all, sortDir="asc") == ["a", "c", "b"]
    assert await search(in_all, categories=["CLIP"]) == ["c", "a"]
    assert await search(in_all, categories=[]) == ["b", "c", "a"]
    assert await search(in_all, pageNumber=1, pageSize=2) == ["a"]
    assert await search(in_camera) == ["b", "a"]
    assert await search(in_camera, categories=["SNAPSHOT"]) == ["b"]
    assert len(made) == 3


async def test_a_clip_is_renamed_and_deleted(
    caller: Caller, edge_camera: Camera
) -> None:
    media = await ask_for_clip(caller, edge_camera, NOON - 60, NOON - 59)
    path = f"{in_tenant(edge_camera.tenant)}/medias/{media['id']}"
    renamed = await caller.call("PUT", path, json={"data": {"name": "門"}})
    assert renamed["name"] == "門"
    caller.cloud.clock.advance(60)
    done = await caller.get(path)
    assert done["name"] == "門"
    await caller.content(done["meta"]["url"])

    (deleted,) = await caller.call("DELETE", path)
    assert deleted["id"] == media["id"]
    await caller.get(path, status=404)
    await caller.call("DELETE", path, status=404)
    await caller.fetch("GET", done["meta"]["url"], status=404)
