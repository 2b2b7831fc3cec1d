"""Camera lists, thumbnails and recordings."""

import io
from itertools import pairwise

from PIL import Image
import pytest

from tests.cloud import read_clock
from tests.cloud.world import Camera, Storage

from .caller import Caller, in_tenant, of_camera
from .moments import read, wire
from .still import NOON

DAY = 86_400


async def test_pages_of_cameras_add_up(caller: Caller) -> None:
    cameras = [
        caller.cloud.world.add_camera(caller.tenant, f"Camera {number}")
        for number in range(7)
    ]
    path = f"{in_tenant(caller.tenant)}/cameras"
    everything = await caller.get(path)
    pages = [await caller.get(path, {"page": page, "size": 5}) for page in range(4)]

    assert everything["total"] == len(caller.tenant.cameras) >= len(cameras)
    joined = [camera for page in pages for camera in page["cameras"]]
    assert joined == everything["cameras"]
    assert (pages[1]["page"], pages[1]["size"]) == (1, 5)
    assert pages[-1]["cameras"] == []


async def test_cameras_by_id_are_those_of_the_tenant(caller: Caller) -> None:
    own = list(caller.tenant.cameras)[:2]
    foreign = next(iter(caller.cloud.neighbour.accounts[0].cameras))
    params = [("cameraId", camera_id) for camera_id in (*own, foreign)]
    path = f"{in_tenant(caller.tenant)}/cameras"
    answer = await caller.call("GET", path, params=params)
    assert [camera["id"] for camera in answer["cameras"]] == own


async def test_a_camera_tells_about_itself(caller: Caller, edge_camera: Camera) -> None:
    answer = await caller.get(of_camera(edge_camera))
    assert answer["name"] == edge_camera.name
    assert answer["deviceId"] == edge_camera.device.id  # type: ignore[union-attr]
    assert (answer["status"], answer["recordingStatus"]) == ("ONLINE", "RECORDING")
    edge_camera.online = False
    answer = await caller.get(of_camera(edge_camera))
    assert (answer["status"], answer["recordingStatus"]) == ("OFFLINE", "STOPPED")


async def test_a_bare_camera_is_nothing_but_an_id(caller: Caller) -> None:
    camera = caller.cloud.world.add_bare_camera(caller.tenant)
    assert await caller.get(of_camera(camera)) == {"id": camera.id}


async def test_cameras_come_move_and_go(caller: Caller) -> None:
    world, branch = caller.cloud.world, caller.tenant.children[0]
    camera = world.add_camera(caller.tenant, "新しいカメラ")

    async def where() -> list[str]:
        found = []
        for tenant in (caller.tenant, branch):
            page = await caller.get(f"{in_tenant(tenant)}/cameras")
            if camera.id in [each["id"] for each in page["cameras"]]:
                found.append(tenant.account_name)
        return found

    assert await where() == [caller.tenant.account_name]
    world.move_camera(camera, branch)
    assert await where() == [branch.account_name]
    world.remove_camera(camera)
    assert await where() == []


async def test_the_listing_has_thumbnail_urls_only_if_wanted(
    caller: Caller, edge_camera: Camera
) -> None:
    path = of_camera(edge_camera)
    with_url = (await caller.get(path))["thumbnail"]
    without = (await caller.get(path, {"isUrl": "false"}))["thumbnail"]
    assert without == {"timestamp": with_url["timestamp"]}
    assert NOON - 60 < read(with_url["timestamp"]) <= NOON


async def test_a_thumbnail_is_a_jpeg_of_its_time(
    caller: Caller, edge_camera: Camera
) -> None:
    thumbnail = (await caller.get(of_camera(edge_camera)))["thumbnail"]
    with Image.open(io.BytesIO(await caller.content(thumbnail["url"]))) as picture:
        assert (picture.format, picture.size) == ("JPEG", (640, 360))
        assert read_clock(picture) == read(thumbnail["timestamp"])


async def test_a_new_thumbnail_appears_every_minute(
    caller: Caller, edge_camera: Camera
) -> None:
    async def newest() -> float:
        answer = await caller.get(of_camera(edge_camera))
        return read(answer["thumbnail"]["timestamp"])

    first = await newest()
    caller.cloud.clock.advance(60)
    assert await newest() == first + 60
    edge_camera.online = False
    caller.cloud.clock.advance(600)
    assert await newest() == first + 60


@pytest.mark.parametrize(
    ("given", "offsets"),
    [
        ({}, [0, -1, -2]),
        ({"endTime": -5}, [-5, -6, -7]),
        ({"startTime": -5}, [-5, -4, -3]),
        ({"startTime": -5, "endTime": -4}, [-4, -5]),
    ],
)
async def test_thumbnails_are_found_in_the_documented_direction(
    caller: Caller, edge_camera: Camera, given: dict[str, int], offsets: list[int]
) -> None:
    path = of_camera(edge_camera)
    newest = read((await caller.get(path))["thumbnail"]["timestamp"])
    params = {key: wire(newest + minutes * 60) for key, minutes in given.items()}
    if "endTime" in params:
        params["endTime"] = wire(newest + given["endTime"] * 60 + 1)
    answer = await caller.get(f"{path}/thumbnails", {**params, "limit": 3})
    times = [read(each["timestamp"]) for each in answer["thumbnails"]]
    assert times == [newest + minutes * 60 for minutes in offsets]
    assert answer["total"] == len(offsets)
    assert answer.keys() == {"total", "thumbnails"}


async def test_one_thumbnail_is_the_default_and_urls_can_be_left_out(
    caller: Caller, edge_camera: Camera
) -> None:
    answer = await caller.get(
        f"{of_camera(edge_camera)}/thumbnails", {"isUrl": "false"}
    )
    assert [each.keys() for each in answer["thumbnails"]] == [{"timestamp"}]


async def test_recordings_have_gaps_and_reach_up_to_now(
    caller: Caller, edge_camera: Camera
) -> None:
    params = {"startTime": wire(NOON - 7 * DAY), "endTime": wire(NOON + DAY)}
    answer = await caller.get(f"{of_camera(edge_camera)}/history", params)
    spans = [(read(each["startTime"]), read(each["endTime"])) for each in answer]

    assert len(spans) > 7
    assert spans[0][0] == NOON - 7 * DAY
    assert spans[-1][1] == NOON
    assert all(start < end for start, end in spans)
    assert all(before[1] < after[0] for before, after in pairwise(spans))

    caller.cloud.clock.advance(120)
    answer = await caller.get(f"{of_camera(edge_camera)}/history", params)
    assert read(answer[-1]["endTime"]) == NOON + 120


async def test_gaps_and_outages_interrupt_recordings(
    caller: Caller, edge_camera: Camera
) -> None:
    edge_camera.add_gap(NOON - 600, NOON - 540)
    caller.cloud.clock.advance(100)
    edge_camera.online = False
    caller.cloud.clock.advance(100)
    edge_camera.online = True
    caller.cloud.clock.advance(100)
    params = {"startTime": wire(NOON - 900), "endTime": wire(NOON + 900)}
    answer = await caller.get(f"{of_camera(edge_camera)}/history", params)
    spans = [(read(each["startTime"]), read(each["endTime"])) for each in answer]
    assert spans == [
        (NOON - 900, NOON - 600),
        (NOON - 540, NOON + 100),
        (NOON + 200, NOON + 300),
    ]


async def test_some_cameras_have_nothing_in_the_cloud(caller: Caller) -> None:
    cameras = [
        camera
        for camera in caller.cloud.world.cameras.values()
        if caller.client.may_see(camera.tenant)
    ]
    never = [camera for camera in cameras if not camera.records]
    at_edge = [
        camera
        for camera in cameras
        if camera.storage is Storage.EDGE and camera.records and not camera.cloud_copy
    ]
    assert never
    assert at_edge
    params = {"startTime": wire(NOON - DAY), "endTime": wire(NOON)}
    for camera in (*never, *at_edge):
        assert await caller.get(f"{of_camera(camera)}/history", params) == []
    # It still has pictures, which need no recording.
    assert (await caller.get(of_camera(never[0])))["thumbnail"]["url"]
