"""Media files at an address of Home Assistant's: for who may see the camera, and no more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
import gzip
from http import HTTPStatus

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestServer
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.core import HomeAssistant
from tests.cloud import FOREVER, CloudOptions, MediaPace, SimulatedCloud
from tests.cloud.backend import Backend
from tests.cloud.media import Media
from tests.cloud.world import Camera, Storage
from tests.entities import entity_id
from tests.estate import Estate

LARGE = 3_000_000
AT_ONCE = MediaPace(base_seconds=0, per_second=0)

type Get = Callable[..., Awaitable[ClientResponse]]


@pytest.fixture
def cloud_options() -> CloudOptions:
    """Return a cloud that makes media in no time."""
    return CloudOptions(start_seconds=0, cloud_media=AT_ONCE, edge_media=AT_ONCE)


@pytest.fixture
def cameras(estate: Estate) -> list[Camera]:
    """Return cameras whose recordings are in the cloud."""
    return [
        camera
        for camera in estate.cameras.values()
        if camera.storage is Storage.CLOUD and camera.online
    ]


@pytest.fixture
def clip(cloud: SimulatedCloud, cameras: list[Camera]) -> Media:
    """Return a clip that Home Assistant has not heard of."""
    now = cloud.clock.now()
    media = cloud.media.create_clip(cameras[0], now - 600, now - 595, "Clip")
    media.size = LARGE
    return media


@pytest.fixture
def snapshot(cloud: SimulatedCloud, cameras: list[Camera]) -> Media:
    """Return a snapshot that Home Assistant has not heard of."""
    return cloud.media.create_snapshot(cameras[0], cloud.clock.now() - 600, "Picture")


@pytest.fixture
def get(loaded: MockConfigEntry, hass_client: ClientSessionGenerator) -> Get:
    """Return what gets the file of a medium."""

    async def request(media_id: str, **headers: str) -> ClientResponse:
        client = await hass_client()
        address = f"/api/amnimo/media/{loaded.entry_id}/{media_id}/file"
        return await client.get(
            address,
            headers={name.replace("_", "-"): text for name, text in headers.items()},
        )

    return request


async def test_a_clip_comes_whole_with_its_type(get: Get, clip: Media) -> None:
    response = await get(clip.id)
    assert response.status == HTTPStatus.OK
    assert response.content_type == "video/mp4"
    assert response.content_length == LARGE
    content = await response.read()
    assert len(content) == LARGE
    assert content[4:8] == b"ftyp"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "private" in response.headers["Cache-Control"]


async def test_a_snapshot_comes_with_its_type(get: Get, snapshot: Media) -> None:
    response = await get(snapshot.id)
    assert response.status == HTTPStatus.OK
    assert response.content_type == "image/jpeg"
    assert (await response.read()).startswith(b"\xff\xd8\xff")


async def test_players_may_ask_for_a_range(get: Get, clip: Media) -> None:
    whole = await (await get(clip.id)).read()
    response = await get(clip.id, Range="bytes=1000-1999")
    assert response.status == HTTPStatus.PARTIAL_CONTENT
    assert response.headers["Content-Range"] == f"bytes 1000-1999/{LARGE}"
    assert response.content_length == 1000
    assert await response.read() == whole[1000:2000]
    tail = await get(clip.id, Range="bytes=-500")
    assert await tail.read() == whole[-500:]
    same = await get(clip.id, Range="bytes=0-9", If_Range=response.headers["ETag"])
    assert same.status == HTTPStatus.PARTIAL_CONTENT
    changed = await get(clip.id, Range="bytes=0-9", If_Range='"another"')
    assert changed.status == HTTPStatus.OK


async def test_what_a_client_has_is_not_sent_again(
    get: Get, clip: Media, cloud: SimulatedCloud
) -> None:
    """Neither by its tag nor by its date, and the storage is not asked at all."""
    response = await get(clip.id)
    tag, date = response.headers["ETag"], response.headers["Last-Modified"]
    files = cloud.stats.count("media_file")
    for same in (
        {"If_None_Match": tag},
        {"If_None_Match": f'"other", W/{tag}'},
        {"If_None_Match": "*"},
        {"If_Modified_Since": date},
        {"If_None_Match": tag, "If_Modified_Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"If_None_Match": tag, "Range": "bytes=0-9"},
    ):
        again = await get(clip.id, **same)
        assert again.status == HTTPStatus.NOT_MODIFIED
        assert again.headers["ETag"] == tag
        assert await again.read() == b""
    assert cloud.stats.count("media_file") == files
    for other in (
        {"If_None_Match": '"other"'},
        {"If_Modified_Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"If_None_Match": '"other"', "If_Modified_Since": date},
    ):
        assert (await get(clip.id, **other)).status == HTTPStatus.OK


async def test_a_range_may_be_continued_by_date(get: Get, clip: Media) -> None:
    date = (await get(clip.id)).headers["Last-Modified"]
    same = await get(clip.id, Range="bytes=0-9", If_Range=date)
    assert same.status == HTTPStatus.PARTIAL_CONTENT
    other = await get(
        clip.id, Range="bytes=0-9", If_Range="Thu, 01 Jan 1970 00:00:00 GMT"
    )
    assert other.status == HTTPStatus.OK


async def test_a_file_can_be_asked_about(
    loaded: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    clip: Media,
    cloud: SimulatedCloud,
) -> None:
    """As players and download managers do; the file does not leave the storage for that."""
    client = await hass_client()
    address = f"/api/amnimo/media/{loaded.entry_id}/{clip.id}/file"
    told = await client.head(address)
    assert told.status == HTTPStatus.OK
    assert told.headers["Content-Length"] == str(LARGE)
    assert told.headers["Accept-Ranges"] == "bytes"
    assert await told.read() == b""
    assert cloud.stats.count("media_file", HTTPStatus.PARTIAL_CONTENT) == 1
    whole = await client.get(address)
    for name in ("ETag", "Last-Modified", "Content-Type", "Cache-Control"):
        assert told.headers[name] == whole.headers[name]
    known = await client.head(address, headers={"If-None-Match": told.headers["ETag"]})
    assert known.status == HTTPStatus.NOT_MODIFIED
    gone = await client.head(f"/api/amnimo/media/{loaded.entry_id}/no-such/file")
    assert gone.status == HTTPStatus.NOT_FOUND


async def test_a_range_beyond_the_end_is_refused(get: Get, clip: Media) -> None:
    response = await get(clip.id, Range=f"bytes={LARGE}-")
    assert response.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    assert response.headers["Content-Range"] == f"bytes */{LARGE}"


async def test_a_file_that_the_storage_encodes_comes_whole_too(
    get: Get,
    hass_client: ClientSessionGenerator,
    clip: Media,
    monkeypatch: pytest.MonkeyPatch,
    aiohttp_server: Callable[[web.Application], Awaitable[TestServer]],
) -> None:
    """Though nobody asked for that: what is said of its size and of ranges of it is not so."""
    content = b"\0\0\0\x10ftypisom\0\0\0\0" + bytes(200_000)
    encoded = gzip.compress(content)
    ranges: list[str | None] = []

    async def answer(request: web.Request) -> web.Response:
        wanted = request.headers.get("Range")
        ranges.append(wanted)
        headers = {"Content-Encoding": "gzip"}
        if wanted is None:
            return web.Response(body=encoded, headers=headers)
        headers["Content-Range"] = f"bytes 0-9/{len(encoded)}"
        return web.Response(
            status=HTTPStatus.PARTIAL_CONTENT, body=encoded[:10], headers=headers
        )

    app = web.Application()
    app.router.add_get("/file", answer)
    url = str((await aiohttp_server(app)).make_url("/file"))
    monkeypatch.setattr(Backend, "presigned_url", lambda *_: url)
    response = await get(clip.id)
    assert await response.read() == content
    assert "Content-Encoding" not in response.headers
    assert response.headers["Accept-Ranges"] == "none"
    part = await get(clip.id, Range="bytes=0-9")
    assert part.status == HTTPStatus.OK
    assert await part.read() == content
    assert ranges == [None, "bytes=0-9", None]
    client = await hass_client()
    told = await client.head(str(response.url.relative()))
    assert told.status == HTTPStatus.OK
    assert "Content-Length" not in told.headers
    assert told.headers["Accept-Ranges"] == "none"


async def test_nothing_of_the_client_goes_to_the_storage(
    get: Get, clip: Media, cloud: SimulatedCloud
) -> None:
    """The client's token least of all."""
    response = await get(clip.id, Cookie="session=secret", X_Secret="1")
    assert response.status == HTTPStatus.OK
    assert cloud.stats.count("media_file", HTTPStatus.OK) == 1
    assert cloud.stats.leaked_tokens == 0


async def test_nothing_of_the_storage_but_the_file_comes_back(
    get: Get, clip: Media, cloud: SimulatedCloud
) -> None:
    response = await get(clip.id)
    told = str(response.headers)
    assert cloud.origin not in told
    assert "Signature" not in told
    assert "Location" not in response.headers


async def test_a_medium_is_looked_for_once_and_then_known(
    get: Get, clip: Media, cloud: SimulatedCloud, estate: Estate
) -> None:
    await get(clip.id)
    first = cloud.stats.count("media_get")
    assert first <= len(estate.tenants)
    await get(clip.id)
    assert cloud.stats.count("media_get") == first + 1


async def test_an_error_page_is_not_passed_on_as_what_it_says_it_is(
    get: Get, clip: Media, cloud: SimulatedCloud
) -> None:
    cloud.faults.add("media_file", "html")
    response = await get(clip.id)
    assert response.content_type == "video/mp4"


@pytest.mark.parametrize(
    ("endpoint", "fault", "status"),
    [
        ("media_file", {"kind": "status", "status": 400}, HTTPStatus.NOT_FOUND),
        ("media_file", {"kind": "status", "status": 401}, HTTPStatus.NOT_FOUND),
        ("media_file", {"kind": "status", "status": 403}, HTTPStatus.NOT_FOUND),
        ("media_file", {"kind": "status", "status": 404}, HTTPStatus.NOT_FOUND),
        ("media_file", {"kind": "status", "status": 500}, HTTPStatus.BAD_GATEWAY),
        ("media_file", {"kind": "drop"}, HTTPStatus.BAD_GATEWAY),
        (
            "media_file",
            {"kind": "status", "status": 503},
            HTTPStatus.SERVICE_UNAVAILABLE,
        ),
        ("media_get", {"kind": "status", "status": 404}, HTTPStatus.NOT_FOUND),
        ("media_get", {"kind": "status", "status": 403}, HTTPStatus.NOT_FOUND),
        ("media_get", {"kind": "html"}, HTTPStatus.BAD_GATEWAY),
        (
            "media_get",
            {"kind": "status", "status": 429},
            HTTPStatus.SERVICE_UNAVAILABLE,
        ),
    ],
)
@pytest.mark.usefixtures("impatient")
async def test_what_goes_wrong_behind_is_told_by_the_status(
    get: Get,
    clip: Media,
    cloud: SimulatedCloud,
    endpoint: str,
    fault: dict[str, object],
    status: HTTPStatus,
) -> None:
    cloud.faults.add(endpoint, count=FOREVER, **fault)
    response = await get(clip.id)
    assert response.status == status
    assert cloud.origin not in await response.text()
    busy = status is HTTPStatus.SERVICE_UNAVAILABLE
    assert response.headers.get("Retry-After") == ("30" if busy else None)


async def test_a_file_that_breaks_off_does_not_pass_for_a_whole_one(
    get: Get, clip: Media, cloud: SimulatedCloud
) -> None:
    cloud.faults.add("media_file", "truncated")
    response = await get(clip.id)
    with pytest.raises(Exception, match=r"(?i)payload|reset|closed|disconnect"):
        await response.read()


async def test_what_is_not_there_is_not_found(
    get: Get,
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    cloud: SimulatedCloud,
    cameras: list[Camera],
    hass_client: ClientSessionGenerator,
) -> None:
    assert (await get("no-such-media")).status == HTTPStatus.NOT_FOUND
    unrecorded = cloud.media.create_snapshot(cameras[0], 1.0, "Failed")
    assert (await get(unrecorded.id)).status == HTTPStatus.NOT_FOUND
    client = await hass_client()
    foreign = MockConfigEntry(domain="other")
    foreign.add_to_hass(hass)
    for entry_id in ("no-such-entry", foreign.entry_id):
        response = await client.get(f"/api/amnimo/media/{entry_id}/1/file")
        assert response.status == HTTPStatus.NOT_FOUND


async def test_an_account_that_is_not_loaded_has_nothing(
    get: Get, hass: HomeAssistant, loaded: MockConfigEntry, clip: Media
) -> None:
    await hass.config_entries.async_unload(loaded.entry_id)
    assert (await get(clip.id)).status == HTTPStatus.NOT_FOUND


async def test_strangers_get_nothing(
    loaded: MockConfigEntry, clip: Media, hass_client_no_auth: ClientSessionGenerator
) -> None:
    client = await hass_client_no_auth()
    response = await client.get(f"/api/amnimo/media/{loaded.entry_id}/{clip.id}/file")
    assert response.status == HTTPStatus.UNAUTHORIZED


async def test_users_get_what_they_may_see(
    get: Get,
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    clip: Media,
    cameras: list[Camera],
    hass_admin_user: User,
) -> None:
    """A user who may see one camera gets its media, and none of another's."""
    allowed = entity_id(hass, "camera", cameras[0].id)
    hass_admin_user.groups = []
    hass_admin_user.invalidate_cache()
    hass_admin_user.mock_policy(  # type: ignore[attr-defined]
        {"entities": {"entity_ids": {allowed: {POLICY_READ: True}}}}
    )
    other = cloud.media.create_snapshot(
        cameras[1], cloud.clock.now() - 600, "Another camera's"
    )
    assert (await get(clip.id)).status == HTTPStatus.OK
    files = cloud.stats.count("media_file")
    assert (await get(other.id)).status == HTTPStatus.FORBIDDEN
    told = await get(other.id, If_None_Match="*")
    assert told.status == HTTPStatus.FORBIDDEN
    assert "ETag" not in told.headers
    assert cloud.stats.count("media_file") == files


async def test_who_may_not_see_it_costs_no_request_and_is_told_nothing(
    get: Get,
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    clip: Media,
    cameras: list[Camera],
    hass_admin_user: User,
) -> None:
    """Of whom nobody knows yet whether they may, it's asked once."""
    other = cloud.media.create_snapshot(cameras[1], cloud.clock.now() - 600, "Other")
    assert (await get(clip.id)).status == HTTPStatus.OK
    hass_admin_user.groups = []
    hass_admin_user.invalidate_cache()
    hass_admin_user.mock_policy({})  # type: ignore[attr-defined]
    asked = cloud.stats.total()
    for media_id in (clip.id, other.id, "no-such-media"):
        assert (await get(media_id)).status == HTTPStatus.FORBIDDEN
    assert cloud.stats.total() == asked
    allowed = entity_id(hass, "camera", cameras[1].id)
    hass_admin_user.mock_policy(  # type: ignore[attr-defined]
        {"entities": {"entity_ids": {allowed: {POLICY_READ: True}}}}
    )
    assert (await get(clip.id)).status == HTTPStatus.FORBIDDEN
    assert cloud.stats.total() == asked
    unknown = cloud.media.create_snapshot(cameras[0], cloud.clock.now() - 600, "New")
    answers = [await get(each) for each in (unknown.id, "no-such-media")]
    assert [each.status for each in answers] == [HTTPStatus.FORBIDDEN] * 2
    assert await answers[0].text() == await answers[1].text()
    assert (await get(other.id)).status == HTTPStatus.OK
    known = cloud.stats.total()
    assert (await get(unknown.id)).status == HTTPStatus.FORBIDDEN
    assert cloud.stats.total() == known
