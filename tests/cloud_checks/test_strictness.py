"""Whatever is not exactly as the API document says is refused."""

from typing import Any

import pytest

from tests.cloud.world import Camera, Device

from .caller import Caller, in_tenant, of_camera, of_device
from .moments import wire
from .still import NOON

UNKNOWN = "00000000-0000-4000-8000-000000000000"
HOUR_AGO, NOW = wire(NOON - 3600), wire(NOON)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/accounts/nonsense/hierarchy", 400),
        (f"/accounts/{UNKNOWN}/hierarchy", 403),
        ("/partitions/nonsense/cameras", 400),
        (f"/partitions/{UNKNOWN}/cameras", 403),
        ("{tenant}/cameras/nonsense", 400),
        (f"{{tenant}}/cameras/{UNKNOWN}", 404),
        (f"{{tenant}}/cameras/{UNKNOWN}/thumbnails", 404),
        (f"{{tenant}}/medias/{UNKNOWN}", 404),
        ("{tenant}/medias/nonsense", 404),
        ("{tenant}/devices/nonsense/peripherals", 400),
        (f"{{tenant}}/devices/{UNKNOWN}/peripherals", 404),
        (f"{{tenant}}/devices/{UNKNOWN}/externalDevices", 404),
        ("{tenant}/nothing", 404),
    ],
)
async def test_ids_in_paths(caller: Caller, path: str, status: int) -> None:
    await caller.get(path.format(tenant=in_tenant(caller.tenant)), status=status)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("", "page=-1"),
        ("", "page=1.0"),
        ("", "page="),
        ("", "page=１"),
        ("", "page=1&page=2"),
        ("", "size=0"),
        ("", "size=501"),
        ("", "isUrl=yes"),
        ("", "isUrl=True"),
        ("", "expiration=0"),
        ("", "expiration=1e3"),
        ("", "expiration=10081"),
        ("", "limit=1"),
        ("", "cameraId=nonsense"),
        ("", f"cameraId={UNKNOWN}&page=0"),
        ("", f"cameraId={UNKNOWN}&isUrl=true"),
        ("", "&".join([f"cameraId={UNKNOWN}"] * 11)),
        ("/camera", "expiration=10081"),
        ("/camera", "page=0"),
        ("/camera/thumbnails", "limit=0"),
        ("/camera/thumbnails", "limit=101"),
        ("/camera/thumbnails", "limit=1.5"),
        ("/camera/thumbnails", "startTime=2026-11-23T03:00:00Z"),
        ("/camera/thumbnails", "startTime=2026-11-23T03:00:00.000%2B09:00"),
        ("/camera/thumbnails", "endTime=2026-02-30T03:00:00.000Z"),
        ("/camera/thumbnails", "endTime=1795402800000"),
        ("/camera/thumbnails", f"startTime={NOW}&endTime={HOUR_AGO}"),
        ("/camera/history", ""),
        ("/camera/history", f"startTime={NOW}"),
        ("/camera/history", f"startTime=&endTime={NOW}"),
        ("/camera/history", f"startTime={NOW}&endTime={NOW}"),
        ("/camera/history", f"startTime={HOUR_AGO}&endTime={NOW}&limit=1"),
        ("/camera/streams/hls/start", ""),
        ("/camera/streams/hls/start", "dt="),
        ("/camera/streams/hls/start", "dt=LIVE"),
        ("/camera/streams/hls/start", "dt=2026-11-23T03:00:00Z"),
        ("/camera/streams/hls/start", "dt=live&retry=0"),
        ("/camera/streams/hls/start", "dt=live&retry=101"),
        ("/camera/streams/hls/start", "dt=live&keepAlivePeriod=9"),
        ("/camera/streams/hls/start", "dt=live&keepAlivePeriod=3601"),
        ("/camera/streams/hls/start", "dt=live&keepalivePeriod=60"),
        ("/camera/streams/hls/update", ""),
        ("/camera/streams/hls/update", "requestId="),
        ("/camera/streams/hls/update", "requestId=a&keepAlivePeriod=60"),
        ("/camera/streams/hls/stop", ""),
    ],
)
async def test_queries_about_cameras(
    caller: Caller, edge_camera: Camera, path: str, query: str
) -> None:
    cameras = f"{in_tenant(edge_camera.tenant)}/cameras"
    path = path.replace("/camera", f"/{edge_camera.id}")
    await caller.get(f"{cameras}{path}?{query}", status=400)
    assert caller.cloud.stats.streams_started == 0


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/externalDevices", "page=-1"),
        ("/externalDevices", "size=0"),
        ("/externalDevices", "isUrl=true"),
        ("/device/externalDevices", "page=0"),
        ("/device/peripherals", "page=0"),
    ],
)
async def test_queries_about_devices(
    caller: Caller, gateway: Device, path: str, query: str
) -> None:
    devices = f"{in_tenant(gateway.tenant)}/devices"
    path = path.replace("/device/", f"/{gateway.id}/")
    await caller.get(f"{devices}{path}?{query}", status=400)


def clip(**changed: Any) -> dict[str, Any]:
    """Return the body of a clip request, with some keys changed and others left out."""
    body = {
        "category": "CLIP",
        "startTime": HOUR_AGO,
        "endTime": NOW,
        "name": "正面",
        **changed,
    }
    return {key: value for key, value in body.items() if value is not ...}


@pytest.mark.parametrize(
    "body",
    [
        clip(category=...),
        clip(category="MOVIE"),
        clip(category="clip"),
        clip(startTime=...),
        clip(startTime=None),
        clip(startTime=1795402800000),
        clip(startTime="2026-11-23T02:00:00Z"),
        clip(endTime=...),
        clip(endTime=HOUR_AGO),
        clip(endTime=wire(NOON - 7200)),
        clip(startTime=wire(NOON - 3600.001)),
        clip(name=""),
        clip(name="x" * 65),
        clip(name=7),
        clip(quality="high"),
        clip(category="SNAPSHOT"),
        [clip()],
        "text",
    ],
)
async def test_clip_requests(
    caller: Caller, edge_camera: Camera, body: dict[str, Any]
) -> None:
    await caller.post(f"{of_camera(edge_camera)}/media", body, status=400)


@pytest.mark.parametrize(
    "body",
    [
        clip(),
        clip(name="x" * 64),
        clip(name=...),
        clip(category="SNAPSHOT", endTime=...),
    ],
)
async def test_clip_requests_that_are_right(
    caller: Caller, edge_camera: Camera, body: dict[str, Any]
) -> None:
    await caller.post(f"{of_camera(edge_camera)}/media", body)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"pageNumber": 0},
        {"pageSize": 10},
        {"pageNumber": -1, "pageSize": 10},
        {"pageNumber": 0, "pageSize": 0},
        {"pageNumber": 0, "pageSize": 1001},
        {"pageNumber": "0", "pageSize": 10},
        {"pageNumber": 0.0, "pageSize": 10},
        {"pageNumber": True, "pageSize": 10},
        {"pageNumber": 0, "pageSize": 10, "sortDir": "DESC"},
        {"pageNumber": 0, "pageSize": 10, "categories": "CLIP"},
        {"pageNumber": 0, "pageSize": 10, "categories": ["MOVIE"]},
        {"pageNumber": 0, "pageSize": 10, "name": "x"},
    ],
)
async def test_media_searches(
    caller: Caller, edge_camera: Camera, body: dict[str, Any]
) -> None:
    await caller.post(f"{of_camera(edge_camera)}/medias", body, status=400)
    await caller.post(f"{in_tenant(edge_camera.tenant)}/medias", body, status=400)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "x"},
        {"data": {}},
        {"data": "x"},
        {"data": {"name": ""}},
        {"data": {"name": "x" * 65}},
        {"data": {"name": "x", "size": 1}},
        {"data": {"name": "x"}, "id": "x"},
    ],
)
async def test_media_updates(
    caller: Caller, edge_camera: Camera, body: dict[str, Any]
) -> None:
    media = caller.cloud.media.create_snapshot(edge_camera, NOON - 60, "before")
    path = f"{in_tenant(edge_camera.tenant)}/medias/{media.id}"
    await caller.call("PUT", path, json=body, status=400)
    assert media.name == "before"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"action": 3},
        {"action": -1},
        {"action": "1"},
        {"action": 1.0},
        {"action": True},
        {"action": 2},
        {"action": 2, "resetTimer": 0},
        {"action": 2, "resetTimer": 1.5},
        {"action": 2, "resetTimer": "10"},
        {"action": 1, "resetTimer": 0},
        {"action": 1, "timer": 5},
        [],
    ],
)
async def test_port_operations(caller: Caller, gateway: Device, body: Any) -> None:
    await caller.post(f"{of_device(gateway)}/ports/lan1", body, status=400)
    caller.cloud.clock.advance(60)
    assert gateway.ports["lan1"].on


async def test_a_body_must_be_declared_as_json(caller: Caller, gateway: Device) -> None:
    path = f"{of_device(gateway)}/ports/lan1"
    for headers in ({}, {"Content-Type": "text/plain"}):
        await caller.fetch(
            "POST",
            caller.cloud.url + path,
            data=b'{"action": 0}',
            headers={**caller.headers, **headers},
            status=400,
        )
    await caller.fetch(
        "POST",
        caller.cloud.url + path,
        data=b'{"action": ',
        headers={**caller.headers, "Content-Type": "application/json"},
        status=400,
    )


async def test_a_method_the_document_does_not_have(caller: Caller) -> None:
    await caller.call("POST", f"{in_tenant(caller.tenant)}/cameras", status=404)
    assert caller.cloud.stats.count("unknown", 404) == 1
