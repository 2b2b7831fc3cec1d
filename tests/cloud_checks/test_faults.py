"""Faults on demand, as a client meets them."""

import asyncio
import json

import aiohttp
import pytest

from tests.cloud import ANY_ENDPOINT, FOREVER, SimulatedCloud
from tests.cloud.world import Camera

from .caller import Caller, in_tenant, of_camera
from .still import NOON, still_options


@pytest.fixture
def path(caller: Caller) -> str:
    """Return the path of a list of cameras."""
    return f"{in_tenant(caller.tenant)}/cameras"


async def test_a_dropped_connection(caller: Caller, path: str) -> None:
    caller.cloud.faults.add("cameras", "drop", count=2)
    # aiohttp itself tries a GET again once.
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await caller.get(path)
    await caller.get(path)
    assert caller.cloud.stats.count("cameras", 0) == 2


async def test_a_status_and_when_to_come_again(caller: Caller, path: str) -> None:
    caller.cloud.faults.add("cameras", "status", status=503, seconds=7, count=2)
    async with caller.session.get(
        caller.cloud.url + path, headers=caller.headers
    ) as response:
        assert (response.status, response.headers["Retry-After"]) == (503, "7")
    await caller.get(path, status=503)
    await caller.get(path)
    assert caller.cloud.stats.count("cameras", 503) == 2


async def test_a_web_page_instead_of_json(caller: Caller, path: str) -> None:
    caller.cloud.faults.add("cameras", "html")
    assert "<html>" in await caller.get(path)


async def test_json_of_another_shape(caller: Caller, path: str) -> None:
    caller.cloud.faults.add("cameras", "reshaped")
    assert await caller.get(path) == {"weather": "fine"}
    assert "weather" not in await caller.get(path)


async def test_json_that_breaks_off(caller: Caller, path: str) -> None:
    caller.cloud.faults.add("cameras", "malformed")
    with pytest.raises(json.JSONDecodeError):
        await caller.get(path)


async def test_a_body_that_breaks_off(caller: Caller, path: str) -> None:
    caller.cloud.faults.add("cameras", "truncated")
    with pytest.raises(aiohttp.ClientPayloadError):
        await caller.get(path)
    await caller.get(path)


async def test_an_answer_that_is_late(caller: Caller, path: str) -> None:
    caller.cloud.faults.add("cameras", "delay", seconds=60)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(caller.get(path), 0.2)
    caller.cloud.faults.add("cameras", "delay", seconds=0.01)
    await caller.get(path)


async def test_a_download_that_breaks_off_can_be_resumed(
    caller: Caller, cloud_camera: Camera
) -> None:
    media = caller.cloud.media.create_clip(cloud_camera, NOON - 9, NOON - 8, "clip")
    caller.cloud.clock.advance(60)
    answer = await caller.get(f"{in_tenant(cloud_camera.tenant)}/medias/{media.id}")
    url = answer["meta"]["url"]
    caller.cloud.faults.add("media_file", "truncated")
    received = bytearray()

    async def download() -> None:
        async with caller.session.get(url) as response:
            async for chunk in response.content.iter_any():
                received.extend(chunk)

    with pytest.raises(aiohttp.ClientPayloadError):
        await download()
    assert len(received) == media.size // 2
    rest = await caller.content(url, headers={"Range": f"bytes={len(received)}-"})
    assert bytes(received) + rest == await caller.content(url)


async def test_an_outage_of_everything_until_it_is_over(
    caller: Caller, edge_camera: Camera, path: str
) -> None:
    caller.cloud.faults.add(ANY_ENDPOINT, "status", count=FOREVER, status=502)
    for _ in range(3):
        await caller.get(path, status=502)
        await caller.get(of_camera(edge_camera), status=502)
    caller.cloud.faults.clear()
    await caller.get(path)
    assert caller.cloud.stats.rate_refusals == 0


async def test_a_fault_must_be_one_that_exists(cloud: SimulatedCloud) -> None:
    with pytest.raises(ValueError, match="camera_list"):
        cloud.faults.add("camera_list", "drop")
    with pytest.raises(ValueError, match="explode"):
        cloud.faults.add("cameras", "explode")


@pytest.mark.parametrize("options", [still_options(latency_ms=60_000)])
async def test_latency_is_added_to_everything(
    cloud: SimulatedCloud, session: aiohttp.ClientSession
) -> None:
    caller = Caller(cloud, session, cloud.client)
    for request in (caller.sign_in(), caller.get("/nothing")):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(request, 0.2)


async def test_a_cloud_that_was_away_comes_back_as_it_was(
    caller: Caller, path: str
) -> None:
    before, url = await caller.get(path), caller.cloud.url
    await caller.cloud.stop()
    with pytest.raises(aiohttp.ClientConnectionError):
        await caller.get(path)
    await caller.cloud.start()
    assert caller.cloud.url == url
    after = await caller.get(path)
    assert [each["id"] for each in after["cameras"]] == [
        each["id"] for each in before["cameras"]
    ]
