"""What readers find at the URL of a camera, and what they don't."""

import asyncio
from http import HTTPStatus
import logging

import aiohttp
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.amnimo.live.relay import LiveRelay
from custom_components.amnimo.live.view import async_register_view
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from tests.cloud import SimulatedCloud
from tests.cloud.world import Camera

from .viewer import Viewer
from .waiting import has_segments, kill


async def test_a_segment_that_breaks_off_is_not_taken_for_whole(
    viewer: Viewer, cloud: SimulatedCloud
) -> None:
    playlist = await viewer.watch(has_segments(2))
    cloud.faults.add("segment", "truncated")
    with pytest.raises(aiohttp.ClientPayloadError):
        await viewer.get(playlist.segments[-1].resource.url)


async def test_part_of_a_segment_can_be_had(viewer: Viewer) -> None:
    playlist = await viewer.watch(has_segments(2))
    url = playlist.segments[-1].resource.url
    whole = await viewer.get(url)
    assert whole.headers["Content-Type"] == "video/mp2t"
    assert whole.headers["Cache-Control"] == "no-store"
    part = await viewer.get(url, Range="bytes=188-375")
    assert part.status == HTTPStatus.PARTIAL_CONTENT
    assert part.body == whole.body[188:376]
    assert part.headers["Content-Range"] == f"bytes 188-375/{len(whole.body)}"
    beyond = await viewer.get(url, Range="bytes=99999999-")
    assert beyond.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE


async def test_who_asks_about_a_file_only_is_not_sent_it(
    viewer: Viewer, cloud: SimulatedCloud
) -> None:
    """And to ask for its headers proves no demand."""
    async with aiohttp.ClientSession() as http:
        for _ in range(2):
            async with http.head(viewer.url) as response:
                assert response.status == HTTPStatus.METHOD_NOT_ALLOWED
    assert cloud.stats.streams_started == 0


async def test_playlists_are_not_kept_by_anybody(viewer: Viewer) -> None:
    look = await viewer.get()
    assert look.headers["Cache-Control"] == "no-store"
    assert look.headers["Content-Type"] == "application/vnd.apple.mpegurl"


async def test_only_what_a_playlist_lists_is_passed_on(
    viewer: Viewer, cloud: SimulatedCloud
) -> None:
    await viewer.watch(has_segments(1))
    asked = sum(cloud.stats.requests.values())
    for name in (
        "v0000000000.ts",
        "..%2F..%2Fsecret",
        "http%3A%2F%2F127.0.0.1%2F",
        "playlist.m3u",
        "%00",
    ):
        look = await viewer.get(viewer.url.replace("playlist.m3u8", name))
        assert (look.status, look.body) == (HTTPStatus.NOT_FOUND, b"")
    stranger = viewer.url.replace(viewer.url.split("/")[-2], "f" * 40)
    assert (await viewer.get(stranger)).status == HTTPStatus.NOT_FOUND
    assert sum(cloud.stats.requests.values()) == asked


async def test_live_video_is_not_to_be_had_at_home_assistants_own_port(
    hass: HomeAssistant,
    hass_client_no_auth: ClientSessionGenerator,
    viewer: Viewer,
    cloud: SimulatedCloud,
) -> None:
    """Its address stands in the log where Home Assistant's stream could not open it."""
    assert await async_setup_component(hass, "http", {})
    async_register_view(hass)
    web = await hass_client_no_auth()
    path = "/api" + viewer.url.partition("/api")[2]
    name = (
        (await viewer.watch(has_segments(1))).segments[-1].resource.url.split("/")[-1]
    )
    for asked in (path, path.replace("playlist.m3u8", name), "/api/amnimo/hls/x/y"):
        assert (await web.get(asked)).status == HTTPStatus.NOT_FOUND
    assert cloud.stats.streams_started == 1


async def test_readers_come_in_by_a_door_of_their_own(
    hass: HomeAssistant, viewer: Viewer
) -> None:
    """Plain HTTP on the loopback address, whatever Home Assistant's own port is like."""
    assert viewer.url.startswith("http://127.0.0.1:")
    assert "http" not in hass.config.components
    assert (await viewer.get()).status == HTTPStatus.OK


async def test_sound_that_is_no_playlist_of_its_own_is_not_found(
    viewer: Viewer,
) -> None:
    await viewer.watch(has_segments(1))
    look = await viewer.get(viewer.url.replace("playlist.m3u8", "audio.m3u8"))
    assert look.status == HTTPStatus.NOT_FOUND
    look = await viewer.get(viewer.url.replace("playlist.m3u8", "video.m3u8"))
    assert look.playlist.segments


async def test_nothing_secret_is_told(
    relay: LiveRelay,
    viewer: Viewer,
    camera: Camera,
    cloud: SimulatedCloud,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, logger="custom_components.amnimo")
    await viewer.watch(has_segments(2))
    kill(cloud)
    cloud.faults.add("playlist", "status", count=2, status=404)
    cloud.faults.add("stream_start", "status", count=1, status=409)
    async with asyncio.timeout(10):
        while relay.last_error(camera.id) is None:
            await viewer.get()
    report = repr(relay.diagnostics()) + caplog.text
    assert "A stream ended" in caplog.text
    token = viewer.url.split("/")[-2]
    session = cloud.stats.sessions.all()[0]
    for secret in (token, session.token, session.request_id, "http://", "Signature"):
        assert secret not in report
