"""Thumbnails at an address of Home Assistant's: for who may see the camera, and no more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from aiohttp import ClientResponse
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.amnimo.media.thumbnail_view import (
    async_thumbnail_url,
    thumbnail_path,
)
from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.core import HomeAssistant
from tests.cloud import FOREVER, SimulatedCloud
from tests.cloud.thumbnails import find_thumbnails
from tests.cloud.world import Camera
from tests.entities import entity_id
from tests.estate import Estate

JPEG = b"\xff\xd8\xff"

type Get = Callable[..., Awaitable[ClientResponse]]


@pytest.fixture
def cameras(estate: Estate) -> list[Camera]:
    """Return cameras that have thumbnails."""
    return [camera for camera in estate.cameras.values() if camera.online]


@pytest.fixture
def times(cloud: SimulatedCloud, cameras: list[Camera]) -> list[datetime]:
    """Return when the first camera has thumbnails, newest first, not counting the newest."""
    now = cloud.clock.now()
    found, _ = find_thumbnails(cameras[0], 0, now - 120, limit=60, newest_first=True)
    return [datetime.fromtimestamp(each, UTC) for each in found]


@pytest.fixture
def get(
    loaded: MockConfigEntry, hass_client: ClientSessionGenerator, cameras: list[Camera]
) -> Get:
    """Return what gets a thumbnail of the first camera."""

    async def request(moment: datetime | str, **headers: str) -> ClientResponse:
        client = await hass_client()
        path = (
            f"/api/amnimo/thumbnail/{loaded.entry_id}/{cameras[0].id}/{moment}.jpg"
            if isinstance(moment, str)
            else thumbnail_path(loaded.entry_id, cameras[0].id, moment)
        )
        return await client.get(
            path,
            headers={name.replace("_", "-"): text for name, text in headers.items()},
        )

    return request


async def test_a_thumbnail_comes_with_its_type_and_may_be_kept(
    get: Get, times: list[datetime], cloud: SimulatedCloud
) -> None:
    response = await get(times[0])
    assert response.status == HTTPStatus.OK
    assert response.content_type == "image/jpeg"
    assert (await response.read()).startswith(JPEG)
    assert response.headers["Cache-Control"] == "private, max-age=86400, immutable"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    again = await get(times[0], If_None_Match=response.headers["ETag"])
    assert again.status == HTTPStatus.NOT_MODIFIED
    assert await again.read() == b""
    assert cloud.stats.count("thumbnail_file") == 1


async def test_a_thumbnail_can_be_asked_about(
    get: Get, times: list[datetime], hass_client: ClientSessionGenerator
) -> None:
    whole = await get(times[0])
    client = await hass_client()
    told = await client.head(str(whole.url.relative()))
    assert told.status == HTTPStatus.OK
    for name in ("Content-Type", "Content-Length", "ETag", "Cache-Control"):
        assert told.headers[name] == whole.headers[name]
    assert await told.read() == b""


async def test_each_moment_has_its_own_picture(get: Get, times: list[datetime]) -> None:
    first, second = await get(times[0]), await get(times[1])
    assert first.headers["ETag"] != second.headers["ETag"]
    assert await first.read() != await second.read()


async def test_pictures_of_an_hour_cost_one_request(
    get: Get, times: list[datetime], cloud: SimulatedCloud
) -> None:
    responses = await asyncio.gather(*(get(each) for each in times[:40]))
    assert {each.status for each in responses} == {HTTPStatus.OK}
    assert cloud.stats.count("thumbnails") == 1


async def test_the_newest_costs_no_request(
    get: Get, cloud: SimulatedCloud, loaded: MockConfigEntry, cameras: list[Camera]
) -> None:
    located = loaded.runtime_data.cameras.locate(cameras[0].id)
    response = await get(located.camera.thumbnail.time)
    assert response.status == HTTPStatus.OK
    assert cloud.stats.count("thumbnails") == 0


async def test_a_url_that_ran_out_is_renewed(
    get: Get, times: list[datetime], cloud: SimulatedCloud
) -> None:
    assert (await get(times[0])).status == HTTPStatus.OK
    cloud.clock.advance(3700)
    assert (await get(times[0])).status == HTTPStatus.OK
    assert cloud.stats.count("thumbnail_file", HTTPStatus.FORBIDDEN) == 1
    assert cloud.stats.count("thumbnails") == 2


@pytest.mark.parametrize("refusal", [400, 401, 404, 410])
async def test_a_storage_may_refuse_a_url_that_ran_out_in_its_own_way(
    get: Get, times: list[datetime], cloud: SimulatedCloud, refusal: int
) -> None:
    cloud.faults.add("thumbnail_file", "status", status=refusal)
    response = await get(times[0])
    assert response.status == HTTPStatus.OK
    assert (await response.read()).startswith(JPEG)
    assert cloud.stats.count("thumbnails") == 2


async def test_nothing_leaks_in_either_direction(
    get: Get, times: list[datetime], cloud: SimulatedCloud
) -> None:
    response = await get(times[0], Cookie="session=secret")
    assert response.status == HTTPStatus.OK
    told = str(response.headers)
    assert cloud.origin not in told
    assert "Signature" not in told
    assert cloud.stats.leaked_tokens == 0


@pytest.mark.parametrize(
    ("endpoint", "fault", "status"),
    [
        ("thumbnail_file", {"kind": "status", "status": 403}, HTTPStatus.NOT_FOUND),
        ("thumbnail_file", {"kind": "status", "status": 404}, HTTPStatus.NOT_FOUND),
        ("thumbnail_file", {"kind": "status", "status": 500}, HTTPStatus.BAD_GATEWAY),
        (
            "thumbnail_file",
            {"kind": "status", "status": 503},
            HTTPStatus.SERVICE_UNAVAILABLE,
        ),
        ("thumbnail_file", {"kind": "drop"}, HTTPStatus.BAD_GATEWAY),
        ("thumbnail_file", {"kind": "html"}, HTTPStatus.BAD_GATEWAY),
        ("thumbnail_file", {"kind": "truncated"}, HTTPStatus.BAD_GATEWAY),
        ("thumbnails", {"kind": "status", "status": 404}, HTTPStatus.NOT_FOUND),
        ("thumbnails", {"kind": "status", "status": 403}, HTTPStatus.NOT_FOUND),
        ("thumbnails", {"kind": "html"}, HTTPStatus.BAD_GATEWAY),
        (
            "thumbnails",
            {"kind": "status", "status": 429},
            HTTPStatus.SERVICE_UNAVAILABLE,
        ),
    ],
)
@pytest.mark.usefixtures("impatient")
async def test_what_goes_wrong_behind_is_told_by_the_status(
    get: Get,
    times: list[datetime],
    cloud: SimulatedCloud,
    endpoint: str,
    fault: dict[str, object],
    status: HTTPStatus,
) -> None:
    cloud.faults.add(endpoint, count=FOREVER, **fault)
    response = await get(times[0])
    assert response.status == status
    assert cloud.origin not in await response.text()
    busy = status is HTTPStatus.SERVICE_UNAVAILABLE
    assert response.headers.get("Retry-After") == ("30" if busy else None)


async def test_what_is_not_there_is_not_found(
    get: Get,
    times: list[datetime],
    loaded: MockConfigEntry,
    cameras: list[Camera],
    hass_client: ClientSessionGenerator,
) -> None:
    between = times[0] + timedelta(seconds=1)
    for moment in (between, "x", "-1", "1e5", "9" * 15, "9" * 5000, "²", "١"):
        assert (await get(moment)).status == HTTPStatus.NOT_FOUND, moment
    client = await hass_client()
    for entry_id, camera_id in (
        ("no-such-entry", cameras[0].id),
        (loaded.entry_id, "no-such-camera"),
    ):
        path = thumbnail_path(entry_id, camera_id, times[0])
        assert (await client.get(path)).status == HTTPStatus.NOT_FOUND


async def test_an_account_that_is_not_loaded_has_nothing(
    get: Get, hass: HomeAssistant, loaded: MockConfigEntry, times: list[datetime]
) -> None:
    await hass.config_entries.async_unload(loaded.entry_id)
    assert (await get(times[0])).status == HTTPStatus.NOT_FOUND


async def test_strangers_need_a_signed_path(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    cameras: list[Camera],
    times: list[datetime],
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    client = await hass_client_no_auth()
    bare = thumbnail_path(loaded.entry_id, cameras[0].id, times[0])
    assert (await client.get(bare)).status == HTTPStatus.UNAUTHORIZED
    signed = async_thumbnail_url(hass, loaded.entry_id, cameras[0].id, times[0])
    response = await client.get(signed)
    assert response.status == HTTPStatus.OK
    assert (await response.read()).startswith(JPEG)
    other = signed.replace(cameras[0].id, cameras[1].id)
    assert (await client.get(other)).status == HTTPStatus.UNAUTHORIZED


async def test_users_get_what_they_may_see(
    get: Get,
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    cameras: list[Camera],
    times: list[datetime],
    hass_admin_user: User,
    hass_client: ClientSessionGenerator,
) -> None:
    """A user who may see one camera gets its thumbnails, and none of another's."""
    allowed = entity_id(hass, "camera", cameras[0].id)
    hass_admin_user.groups = []
    hass_admin_user.invalidate_cache()
    hass_admin_user.mock_policy(  # type: ignore[attr-defined]
        {"entities": {"entity_ids": {allowed: {POLICY_READ: True}}}}
    )
    assert (await get(times[0])).status == HTTPStatus.OK
    asked = cloud.stats.total()
    client = await hass_client()
    for camera_id in (cameras[1].id, "no-such-camera"):
        path = thumbnail_path(loaded.entry_id, camera_id, times[0])
        assert (await client.get(path)).status == HTTPStatus.FORBIDDEN
    assert cloud.stats.total() == asked
