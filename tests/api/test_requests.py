"""What exactly each call of the client sends."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import aiohttp
import pytest

from custom_components.amnimo.api import (
    AmnimoClient,
    AmnimoNotFoundError,
    Lane,
    MediaCategory,
    PortAction,
    Throttle,
    api_time,
)

from .scripted import TOKEN, ScriptedService

START = datetime(2026, 2, 2, 15, 0, tzinfo=UTC)
END = START + timedelta(minutes=30)
START_TEXT, END_TEXT = "2026-02-02T15:00:00.000Z", "2026-02-02T15:30:00.000Z"

type Call = Callable[[AmnimoClient], Awaitable[object]]

# What each call needs to be content with the answer.
ANSWER = {
    "id": "x",
    "accountId": "a",
    "url": "https://video.example/1.m3u8",
    "data": [],
}

REQUESTS: list[tuple[Call, str, str, Any]] = [
    (lambda c: c.hierarchy("a1"), "GET", "/accounts/a1/hierarchy", None),
    (
        lambda c: c.camera_page("s1"),
        "GET",
        "/partitions/s1/cameras?page=0&size=500&expiration=60",
        None,
    ),
    (
        lambda c: c.camera_page("s1", page=3, size=250, expiration=10080),
        "GET",
        "/partitions/s1/cameras?page=3&size=250&expiration=10080",
        None,
    ),
    (
        lambda c: c.camera_page("s1", with_urls=False),
        "GET",
        "/partitions/s1/cameras?page=0&size=500&isUrl=false",
        None,
    ),
    (
        lambda c: c.cameras_by_id("s1", ["c1", "c2", "c3"]),
        "GET",
        "/partitions/s1/cameras?cameraId=c1&cameraId=c2&cameraId=c3",
        None,
    ),
    (
        lambda c: c.camera("s1", "c1"),
        "GET",
        "/partitions/s1/cameras/c1?expiration=60",
        None,
    ),
    (
        lambda c: c.thumbnails("s1", "c1"),
        "GET",
        "/partitions/s1/cameras/c1/thumbnails?limit=1&expiration=60",
        None,
    ),
    (
        lambda c: c.thumbnails("s1", "c1", start=START, end=END, limit=100),
        "GET",
        (
            "/partitions/s1/cameras/c1/thumbnails?limit=100&expiration=60"
            f"&startTime={START_TEXT}&endTime={END_TEXT}"
        ),
        None,
    ),
    (
        lambda c: c.history("s1", "c1", START, END),
        "GET",
        f"/partitions/s1/cameras/c1/history?startTime={START_TEXT}&endTime={END_TEXT}",
        None,
    ),
    (
        lambda c: c.start_stream("s1", "c1"),
        "GET",
        "/partitions/s1/cameras/c1/streams/hls/start?dt=live&keepAlivePeriod=60&retry=20",
        None,
    ),
    (
        lambda c: c.start_stream("s1", "c1", at=START, keep_alive_period=10, retry=1),
        "GET",
        (
            f"/partitions/s1/cameras/c1/streams/hls/start?dt={START_TEXT}"
            "&keepAlivePeriod=10&retry=1"
        ),
        None,
    ),
    (
        lambda c: c.update_stream("s1", "c1", "r1"),
        "GET",
        "/partitions/s1/cameras/c1/streams/hls/update?requestId=r1",
        None,
    ),
    (
        lambda c: c.stop_stream("s1", "c1", "r1"),
        "GET",
        "/partitions/s1/cameras/c1/streams/hls/stop?requestId=r1",
        None,
    ),
    (
        lambda c: c.create_clip("s1", "c1", START, END, "media Name"),
        "POST",
        "/partitions/s1/cameras/c1/media",
        {
            "category": "CLIP",
            "startTime": START_TEXT,
            "endTime": END_TEXT,
            "name": "media Name",
        },
    ),
    (
        lambda c: c.create_snapshot("s1", "c1", START, "門"),
        "POST",
        "/partitions/s1/cameras/c1/media",
        {"category": "SNAPSHOT", "startTime": START_TEXT, "name": "門"},
    ),
    (
        lambda c: c.search_camera_media("s1", "c1"),
        "POST",
        "/partitions/s1/cameras/c1/medias",
        {"pageNumber": 0, "pageSize": 100, "sortDir": "desc"},
    ),
    (
        lambda c: c.search_media(
            "s1",
            categories=[MediaCategory.CLIP, MediaCategory.SNAPSHOT],
            page=2,
            size=1000,
            newest_first=False,
        ),
        "POST",
        "/partitions/s1/medias",
        {
            "pageNumber": 2,
            "pageSize": 1000,
            "sortDir": "asc",
            "categories": ["CLIP", "SNAPSHOT"],
        },
    ),
    (
        lambda c: c.media("s1", "m1", expiration=5),
        "GET",
        "/partitions/s1/medias/m1?expiration=5",
        None,
    ),
    (
        lambda c: c.rename_media("s1", "m1", "update-media-name"),
        "PUT",
        "/partitions/s1/medias/m1",
        {"data": {"name": "update-media-name"}},
    ),
    (lambda c: c.delete_media("s1", "m1"), "DELETE", "/partitions/s1/medias/m1", None),
    (
        lambda c: c.device_page("s1", page=3, size=250),
        "GET",
        "/partitions/s1/devices/externalDevices?page=3&size=250",
        None,
    ),
    (
        lambda c: c.devices("s1"),
        "GET",
        "/partitions/s1/devices/externalDevices?page=0&size=100",
        None,
    ),
    (
        lambda c: c.external_devices("s1", "d1"),
        "GET",
        "/partitions/s1/devices/d1/externalDevices",
        None,
    ),
    (
        lambda c: c.ports("s1", "d1"),
        "GET",
        "/partitions/s1/devices/d1/peripherals",
        None,
    ),
    (
        lambda c: c.switch_port("s1", "d1", "lan1", PortAction.ON),
        "POST",
        "/partitions/s1/devices/d1/ports/lan1",
        {"action": 1},
    ),
    (
        lambda c: c.switch_port("s1", "d1", "lan1", PortAction.OFF),
        "POST",
        "/partitions/s1/devices/d1/ports/lan1",
        {"action": 0},
    ),
    (
        lambda c: c.reset_port("s1", "d1", "lan1", 10),
        "POST",
        "/partitions/s1/devices/d1/ports/lan1",
        {"action": 2, "resetTimer": 10},
    ),
]


@pytest.mark.parametrize(
    ("call", "method", "target", "body"),
    REQUESTS,
    ids=[target for _, _, target, _ in REQUESTS],
)
async def test_a_call_is_one_request_as_documented(
    scripted: AmnimoClient,
    service: ScriptedService,
    call: Call,
    method: str,
    target: str,
    body: Any,
) -> None:
    service.answers(ANSWER)

    await call(scripted)

    (request,) = service.requests
    assert (request.method, request.target) == (method, target)
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.headers["Accept"] == "application/json"
    if body is None:
        assert request.body == ""
        assert "Content-Type" not in request.headers
    else:
        assert request.json == body
        assert request.headers["Content-Type"] == "application/json"


async def test_a_token_is_asked_for_as_documented(
    scripted: AmnimoClient, service: ScriptedService
) -> None:
    grant = await scripted.issue_token()

    assert (grant.access_token, grant.expires_in) == (TOKEN, 7200)
    (request,) = service.token_requests
    assert request.method == "POST"
    assert request.target == "/oauth2/token"
    assert request.body == "grant_type=client_credentials"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    credentials = b64encode(b"client-id:client-secret").decode()
    assert request.headers["Authorization"] == f"Basic {credentials}"


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (START, "2026-02-02T15:00:00.000Z"),
        (START.replace(microsecond=123999), "2026-02-02T15:00:00.123Z"),
        (START.astimezone(timezone(timedelta(hours=9))), "2026-02-02T15:00:00.000Z"),
    ],
)
def test_times_are_sent_in_utc_with_milliseconds(time: datetime, text: str) -> None:
    assert api_time(time) == text


@pytest.mark.parametrize(
    ("identifier", "part"),
    [
        ("lan 1", "lan%201"),
        ("a/b", "a%2Fb"),
        ("a?b#c", "a%3Fb%23c"),
        ("../../x", "..%2F..%2Fx"),
        ("ポート1", "%E3%83%9D%E3%83%BC%E3%83%881"),
        ("100%", "100%25"),
        ("\ud800", "%3F"),
    ],
)
async def test_an_identifier_is_one_part_of_the_path(
    scripted: AmnimoClient, service: ScriptedService, identifier: str, part: str
) -> None:
    await scripted.switch_port("s1", "d1", identifier, PortAction.ON)
    assert service.requests[0].target == f"/partitions/s1/devices/d1/ports/{part}"


@pytest.mark.parametrize("identifier", ["", ".", ".."])
async def test_what_can_not_be_an_identifier_is_not_asked_for(
    scripted: AmnimoClient, service: ScriptedService, identifier: str
) -> None:
    for call in (
        scripted.media("s1", identifier),
        scripted.delete_media("s1", identifier),
        scripted.delete_media(identifier, "m1"),
        scripted.camera("s1", identifier),
        scripted.ports("s1", identifier),
        scripted.hierarchy(identifier),
    ):
        with pytest.raises(AmnimoNotFoundError):
            await call
    assert service.requests == []


@pytest.mark.parametrize("count", [0, 11])
async def test_only_ten_cameras_can_be_named_at_once(
    scripted: AmnimoClient, service: ScriptedService, count: int
) -> None:
    with pytest.raises(ValueError, match="1 to 10"):
        await scripted.cameras_by_id("s1", ["c"] * count)
    assert service.requests == []


async def test_an_address_may_end_in_a_slash(
    service: ScriptedService, session: aiohttp.ClientSession
) -> None:
    client = AmnimoClient(session, "id", "secret", api_url=service.url + "/")
    service.answers({"data": []})
    await client.ports("s1", "d1")
    assert service.requests[0].target == "/partitions/s1/devices/d1/peripherals"


LANES: list[tuple[Call, Lane]] = [
    (lambda c: c.hierarchy("a1"), Lane.POLL),
    (lambda c: c.cameras("s1"), Lane.POLL),
    (lambda c: c.devices("s1"), Lane.POLL),
    (lambda c: c.ports("s1", "d1"), Lane.POLL),
    (lambda c: c.external_devices("s1", "d1"), Lane.POLL),
    (lambda c: c.start_stream("s1", "c1"), Lane.LIVE),
    (lambda c: c.update_stream("s1", "c1", "r1"), Lane.LIVE),
    (lambda c: c.stop_stream("s1", "c1", "r1"), Lane.LIVE),
    (lambda c: c.camera("s1", "c1"), Lane.USER),
    (lambda c: c.thumbnails("s1", "c1"), Lane.USER),
    (lambda c: c.history("s1", "c1", START, END), Lane.USER),
    (lambda c: c.create_clip("s1", "c1", START, END, "n"), Lane.USER),
    (lambda c: c.search_media("s1"), Lane.USER),
    (lambda c: c.switch_port("s1", "d1", "lan1", PortAction.ON), Lane.USER),
    (lambda c: c.reset_port("s1", "d1", "lan1", 5), Lane.USER),
    (lambda c: c.ports("s1", "d1", lane=Lane.USER), Lane.USER),
    (lambda c: c.search_media("s1", lane=Lane.POLL), Lane.POLL),
]


@pytest.mark.parametrize(("call", "lane"), LANES)
async def test_each_call_takes_one_token_in_its_lane(
    scripted: AmnimoClient,
    service: ScriptedService,
    throttle: Throttle,
    call: Call,
    lane: Lane,
) -> None:
    service.answers(ANSWER)
    await scripted.tokens.get()
    # The access token goes before everybody's requests, for all of them need it.
    assert throttle.granted == {Lane.USER: 1, Lane.LIVE: 0, Lane.POLL: 0}

    await call(scripted)

    taken = {**dict.fromkeys(Lane, 0), Lane.USER: 1}
    taken[lane] += 1
    assert throttle.granted == taken
