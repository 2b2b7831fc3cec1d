"""Presigned URLs: what they open, for how long, and in which pieces."""

import aiohttp
import pytest

from tests.cloud.world import Camera

from .caller import Caller, in_tenant, of_camera
from .playlists import start
from .still import NOON


@pytest.fixture
async def clip_url(caller: Caller, cloud_camera: Camera) -> str:
    """Return the URL of a clip's file, good for an hour."""
    media = caller.cloud.media.create_clip(cloud_camera, NOON - 9, NOON - 8, "clip")
    caller.cloud.clock.advance(60)
    path = f"{in_tenant(cloud_camera.tenant)}/medias/{media.id}"
    url: str = (await caller.get(path))["meta"]["url"]
    return url


async def test_a_url_opens_for_the_time_that_was_asked_for(
    caller: Caller, edge_camera: Camera
) -> None:
    path = of_camera(edge_camera)
    an_hour = (await caller.get(path))["thumbnail"]["url"]
    a_minute = (await caller.get(path, {"expiration": 1}))["thumbnail"]["url"]
    a_week = (await caller.get(path, {"expiration": 10_080}))["thumbnail"]["url"]
    for advance, statuses in (
        (59, (200, 200, 200)),
        (1, (403, 200, 200)),
        (3540, (403, 403, 200)),
        (7 * 86_400 - 3601, (403, 403, 200)),
        (2, (403, 403, 403)),
    ):
        caller.cloud.clock.advance(advance)
        urls = (a_minute, an_hour, a_week)
        for url, status in zip(urls, statuses, strict=True):
            await caller.fetch("HEAD", url, status=status)


async def test_a_url_that_was_changed_opens_nothing(
    caller: Caller, clip_url: str
) -> None:
    bare, _, query = clip_url.partition("?")
    later = clip_url.replace("Expires=1", "Expires=2")
    for url in (bare, later, f"{bare}x?{query}", f"{bare}?Expires=x&Signature=é"):
        await caller.fetch("GET", url, status=403)


async def test_credentials_do_not_belong_here(
    caller: Caller, edge_camera: Camera, clip_url: str
) -> None:
    viewer = await start(caller, edge_camera)
    (segment,) = (await viewer.playlist()).segments
    thumbnail = (await caller.get(of_camera(edge_camera)))["thumbnail"]["url"]
    for url in (clip_url, viewer.url, segment, thumbnail):
        await caller.fetch("GET", url, headers=caller.headers, status=400)
    assert caller.cloud.stats.leaked_tokens == 4


@pytest.mark.parametrize(
    ("wanted", "expected", "told"),
    [
        ("bytes=0-0", slice(0, 1), "bytes 0-0/57344"),
        ("bytes=100-199", slice(100, 200), "bytes 100-199/57344"),
        ("bytes=57000-", slice(57000, None), "bytes 57000-57343/57344"),
        ("bytes=57000-99999", slice(57000, None), "bytes 57000-57343/57344"),
        ("bytes=-10", slice(-10, None), "bytes 57334-57343/57344"),
    ],
)
async def test_a_range_of_a_file(
    session: aiohttp.ClientSession,
    clip_url: str,
    wanted: str,
    expected: slice,
    told: str,
) -> None:
    async with session.get(clip_url) as response:
        assert response.status == 200
        assert response.headers["Accept-Ranges"] == "bytes"
        etag = response.headers["ETag"]
        whole = await response.read()
    async with session.get(
        clip_url, headers={"Range": wanted, "If-Range": etag}
    ) as part:
        assert (part.status, part.headers["Content-Range"]) == (206, told)
        assert await part.read() == whole[expected]
        assert part.headers["ETag"] == etag
    # Another file than the one that was begun comes whole.
    headers = {"Range": wanted, "If-Range": '"other"'}
    async with session.get(clip_url, headers=headers) as response:
        assert response.status == 200
        assert await response.read() == whole


async def test_a_range_that_is_not_there(
    session: aiohttp.ClientSession, clip_url: str
) -> None:
    for wanted in ("bytes=57344-", "bytes=60000-70000", "bytes=-0"):
        async with session.get(clip_url, headers={"Range": wanted}) as response:
            assert response.status == 416
            assert response.headers["Content-Range"] == "bytes */57344"


async def test_a_head_tells_all_but_the_content(
    session: aiohttp.ClientSession, clip_url: str
) -> None:
    async with session.head(clip_url) as response:
        assert response.status == 200
        assert response.content_type == "video/mp4"
        assert response.content_length == 57_344
        etag = response.headers["ETag"]
    async with session.get(clip_url, headers={"If-None-Match": etag}) as response:
        assert response.status == 304
        assert await response.read() == b""


async def test_types_of_content(
    session: aiohttp.ClientSession, caller: Caller, edge_camera: Camera
) -> None:
    viewer = await start(caller, edge_camera)
    (segment,) = (await viewer.playlist()).segments
    thumbnail = (await caller.get(of_camera(edge_camera)))["thumbnail"]["url"]
    for url, content_type in (
        (viewer.url, "application/vnd.apple.mpegurl"),
        (segment, "video/mp2t"),
        (thumbnail, "image/jpeg"),
    ):
        async with session.get(url) as response:
            assert response.content_type == content_type


async def test_a_thumbnail_that_never_was(caller: Caller, edge_camera: Camera) -> None:
    thumbnail = (await caller.get(of_camera(edge_camera)))["thumbnail"]["url"]
    edge_camera.add_gap(NOON - 3600, NOON)
    await caller.fetch("GET", thumbnail, status=404)
