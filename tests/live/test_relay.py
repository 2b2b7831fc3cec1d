"""Live viewing by demand, as viewers see it and as the cloud counts it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
import itertools
import logging

import aiohttp
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.amnimo.api import AmnimoClient
from custom_components.amnimo.live.errors import Reason
from custom_components.amnimo.live.playlist import MediaPlaylist
from custom_components.amnimo.live.relay import LiveRelay, async_register_view
from custom_components.amnimo.live.timing import Timing
from homeassistant.components.camera import DynamicStreamSettings
from homeassistant.components.stream import create_stream
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from tests.cloud import FOREVER, CloudOptions, SimulatedCloud
from tests.cloud.world import Camera
from tests.estate import Estate

from .viewer import Viewer, decode

DIALECTS = ["default", "portal", "snake", "bare", "strings"]

# Between them: both containers, with and without sound, and each way to end.
MORTAL = ["snake", "bare", "strings"]


def has_segments(count: int) -> Callable[[MediaPlaylist], bool]:
    """Return what tells whether a playlist has so many segments."""
    return lambda playlist: len(playlist.segments) >= count


def kill(cloud: SimulatedCloud) -> None:
    """End all streams, as if the devices had lost power for a moment."""
    for session in cloud.stats.sessions.open():
        session.stop(cloud.clock.now())


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


async def test_to_have_a_url_starts_nothing(
    relay: LiveRelay, camera: Camera, cloud: SimulatedCloud
) -> None:
    url = relay.source_url(camera.id)
    assert relay.source_url(camera.id) == url
    assert camera.id not in url
    assert not relay.is_watched(camera.id)
    assert relay.last_error(camera.id) is None
    assert cloud.stats.total() == 0


@pytest.mark.parametrize(
    "cloud_options",
    [CloudOptions(start_seconds=0, dialect=dialect) for dialect in DIALECTS],
    ids=DIALECTS,
)
async def test_the_picture_is_there_in_every_dialect(
    relay: LiveRelay, camera: Camera, cloud: SimulatedCloud
) -> None:
    pictures = await decode(relay.source_url(camera.id), 12)
    steps = [
        later.clock - sooner.clock for sooner, later in itertools.pairwise(pictures)
    ]
    assert steps == pytest.approx([0.1] * 11, abs=0.02)
    assert relay.is_watched(camera.id)
    assert cloud.stats.streams_started == 1
    assert cloud.stats.leaked_tokens == 0


async def test_the_stream_is_stopped_when_nobody_watches_any_more(
    relay: LiveRelay, viewer: Viewer, camera: Camera, cloud: SimulatedCloud
) -> None:
    await viewer.watch(has_segments(1))
    assert cloud.stats.live_sessions == 1
    await until(lambda: cloud.stats.live_sessions == 0)
    assert not relay.is_watched(camera.id)
    assert (cloud.stats.streams_started, cloud.stats.stops) == (1, 1)
    (uploaded,) = cloud.stats.seconds_uploaded.values()
    assert uploaded < 2 * Timing().lease


async def test_who_comes_back_gets_a_new_stream_with_numbers_that_go_on(
    viewer: Viewer, cloud: SimulatedCloud
) -> None:
    before = await viewer.watch(has_segments(1))
    await until(lambda: cloud.stats.stops == 1)
    after = await viewer.watch(has_segments(1))
    assert after.segments[0].sequence > before.segments[-1].sequence
    assert after.segments[0].discontinuity
    assert cloud.stats.streams_started == 2


async def test_fifty_viewers_share_one_stream_and_its_playlist(
    relay: LiveRelay, camera: Camera, cloud: SimulatedCloud
) -> None:
    viewers = [Viewer(relay.source_url(camera.id)) for _ in range(50)]
    for _ in range(4):
        looks = await asyncio.gather(*(viewer.get() for viewer in viewers))
        assert {look.status for look in looks} == {200}
        assert len({look.text for look in looks}) == 1
    await asyncio.gather(*(viewer.__aexit__(None, None, None) for viewer in viewers))
    assert cloud.stats.streams_started == 1
    # As many as one viewer alone would cause, and not a multiple.
    assert cloud.stats.count("playlist") <= 6
    assert relay.diagnostics()["cameras"][camera.id]["playlist_requests"] == 200


async def test_upstream_is_asked_no_more_than_twice_a_target_duration(
    viewer: Viewer, cloud: SimulatedCloud, hass: HomeAssistant
) -> None:
    await viewer.watch(has_segments(1))
    began, asked = hass.loop.time(), cloud.stats.count("playlist")
    while hass.loop.time() - began < 1.5:
        await viewer.get()
    assert cloud.stats.count("playlist") - asked <= 4


@pytest.mark.parametrize(
    "cloud_options",
    [CloudOptions(start_seconds=0, dialect=dialect) for dialect in MORTAL],
    ids=MORTAL,
)
async def test_the_picture_goes_on_after_a_stream_has_died(
    relay: LiveRelay, camera: Camera, cloud: SimulatedCloud
) -> None:
    """Whether the end shows as a frozen playlist, a finished one or none at all."""

    def die(count: int) -> None:
        if count == 12:
            kill(cloud)

    pictures = await decode(relay.source_url(camera.id), 34, on_picture=die)
    assert len(pictures) == 34
    times = [picture.seconds for picture in pictures]
    clocks = [picture.clock for picture in pictures]
    # Time stamps go on without a jump, although each stream of the cloud begins at zero.
    assert [b - a for a, b in itertools.pairwise(times)] == pytest.approx(
        [0.1] * 33, abs=0.06
    )
    assert clocks == sorted(clocks)
    assert cloud.stats.streams_started == 2
    assert cloud.stats.live_sessions <= 1
    counts = relay.diagnostics()["cameras"][camera.id]
    assert counts["splices"] == 1


@pytest.mark.parametrize("cloud_options", [CloudOptions(start_seconds=1.0)])
async def test_the_first_request_waits_for_a_device_that_takes_its_time(
    viewer: Viewer, cloud: SimulatedCloud
) -> None:
    look = await viewer.get()
    assert look.status == HTTPStatus.OK
    assert look.playlist.segments
    assert cloud.stats.streams_started == 1


@pytest.mark.parametrize("cloud_options", [CloudOptions(start_seconds=1.0)])
async def test_a_viewer_that_leaves_during_the_start_leaves_nothing_running(
    relay: LiveRelay, camera: Camera, cloud: SimulatedCloud
) -> None:
    async with Viewer(relay.source_url(camera.id)) as viewer:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await viewer.get()
    await until(lambda: cloud.stats.stops == 1)
    assert cloud.stats.live_sessions == 0
    assert cloud.stats.streams_started == 1


@pytest.mark.parametrize("cloud_options", [CloudOptions(start_seconds=1.0)])
@pytest.mark.parametrize("timing", [replace(Timing(), first_playlist=0.2, lease=2.5)])
async def test_a_viewer_is_not_kept_waiting_for_ever(
    viewer: Viewer, cloud: SimulatedCloud
) -> None:
    look = await viewer.get()
    assert look.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert look.text == "the camera has not begun to send yet\n"
    # The start goes on for the one who asks again.
    async with asyncio.timeout(5):
        while look.status != HTTPStatus.OK:
            look = await viewer.get()
    assert cloud.stats.streams_started == 1


@pytest.mark.parametrize("timing", [replace(Timing(), stop=0.2)])
async def test_a_start_that_hangs_does_not_hold_up_the_end(
    relay: LiveRelay, camera: Camera, cloud: SimulatedCloud
) -> None:
    cloud.faults.add("stream_start", "delay", seconds=30)
    async with Viewer(relay.source_url(camera.id)) as viewer:
        waiting = asyncio.create_task(viewer.get())
        await until(lambda: not cloud.faults.waiting())
        assert relay.diagnostics()["extensions_per_second"] > 0
        async with asyncio.timeout(5):
            await relay.async_close()
        assert (await waiting).status == HTTPStatus.SERVICE_UNAVAILABLE
    assert relay.diagnostics()["extensions_per_second"] == 0


async def test_a_start_that_is_lost_on_its_way_is_tried_once_more(
    viewer: Viewer, cloud: SimulatedCloud
) -> None:
    cloud.faults.add("stream_start", "truncated", count=1)
    assert (await viewer.get()).status == HTTPStatus.OK
    assert cloud.stats.count("stream_start") == 2


async def test_a_dead_camera_whose_starts_are_lost_costs_a_start_a_minute(
    viewer: Viewer, cloud: SimulatedCloud
) -> None:
    cloud.faults.add("stream_start", "drop", count=FOREVER)
    for _ in range(3):
        look = await viewer.get()
        assert look.status == HTTPStatus.SERVICE_UNAVAILABLE
    asked = cloud.stats.count("stream_start")
    await viewer.get()
    assert cloud.stats.count("stream_start") == asked


async def test_nobody_waits_for_the_cloud_when_nobody_watches(
    relay: LiveRelay, camera: Camera, client: AmnimoClient, cloud: SimulatedCloud
) -> None:
    await client.tokens.get()
    cloud.faults.add("*", "status", count=FOREVER, status=503)
    async with Viewer(relay.source_url(camera.id)) as viewer:
        waiting = asyncio.create_task(viewer.get())
        await until(lambda: cloud.stats.count("camera") > 0)
        waiting.cancel()
    await until(lambda: not relay.is_watched(camera.id))
    await asyncio.sleep(0)
    asked = cloud.stats.count("camera")
    await asyncio.sleep(1.0)
    assert cloud.stats.count("camera") == asked
    assert cloud.stats.count("stream_start") == 1


async def test_a_playlist_that_fails_for_a_moment_ends_nothing(
    viewer: Viewer, cloud: SimulatedCloud
) -> None:
    before = await viewer.watch(has_segments(1))
    cloud.faults.add("playlist", "status", count=1, status=503)
    cloud.faults.add("playlist", "html", count=1)
    after = await viewer.watch(
        lambda playlist: (
            playlist.segments[-1].sequence > before.segments[-1].sequence + 1
        )
    )
    assert not any(segment.discontinuity for segment in after.segments)
    assert cloud.stats.streams_started == 1


async def test_an_offline_camera_says_so_and_costs_one_start_a_minute(
    relay: LiveRelay, viewer: Viewer, camera: Camera, cloud: SimulatedCloud
) -> None:
    camera.online = False
    for _ in range(5):
        look = await viewer.get()
        assert look.status == HTTPStatus.SERVICE_UNAVAILABLE
        assert look.text == "the camera is offline\n"
        assert 1 <= int(look.headers["Retry-After"]) <= 60
    error = relay.last_error(camera.id)
    assert error is not None
    assert error.reason is Reason.OFFLINE
    assert error.translation_key == "live_camera_offline"
    assert cloud.stats.count("stream_start") == 1


@pytest.mark.parametrize(
    ("status", "reason", "text"),
    [
        (
            403,
            Reason.PERMISSION_DENIED,
            "the client has no permission to play the camera",
        ),
        (409, Reason.REFUSED, "the cloud refused to start the stream"),
        (404, Reason.REFUSED, "the cloud refused to start the stream"),
        (500, Reason.REFUSED, "the cloud refused to start the stream"),
    ],
)
async def test_a_refused_start_says_why(
    relay: LiveRelay,
    viewer: Viewer,
    camera: Camera,
    cloud: SimulatedCloud,
    status: int,
    reason: Reason,
    text: str,
) -> None:
    cloud.faults.add("stream_start", "status", count=FOREVER, status=status)
    look = await viewer.get()
    assert (look.status, look.text) == (HTTPStatus.SERVICE_UNAVAILABLE, f"{text}\n")
    asked = cloud.stats.count("stream_start")
    await viewer.get()
    assert cloud.stats.count("stream_start") == asked
    error = relay.last_error(camera.id)
    assert error is not None
    assert error.reason is reason
    if reason is Reason.REFUSED:
        assert error.translation_placeholders == {"status": str(status)}


async def test_a_camera_that_is_gone_says_so_without_a_request(
    viewer: Viewer, camera: Camera, cloud: SimulatedCloud
) -> None:
    cloud.world.remove_camera(camera)
    look = await viewer.get()
    assert look.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert look.text == "the camera is not in the account any more\n"
    assert cloud.stats.total() == 0


async def test_a_stream_without_video_is_stopped_and_said_so(
    relay: LiveRelay, viewer: Viewer, camera: Camera, cloud: SimulatedCloud
) -> None:
    cloud.faults.add("playlist", "status", count=FOREVER, status=404)
    look = await viewer.get()
    assert look.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert look.text == "the camera sends no video\n"
    await until(lambda: cloud.stats.stops == 1)
    await viewer.get()
    assert cloud.stats.streams_started == 1
    # It's tried again when its time has come.
    assert relay.diagnostics()["cameras"][camera.id]["next_start_in"] > 30


async def test_a_cloud_that_can_not_be_reached_is_asked_with_what_starts_nothing(
    relay: LiveRelay,
    viewer: Viewer,
    camera: Camera,
    client: AmnimoClient,
    cloud: SimulatedCloud,
) -> None:
    await client.tokens.get()
    cloud.faults.add("*", "status", count=FOREVER, status=503)
    looking = asyncio.create_task(viewer.get())
    await until(lambda: relay.last_error(camera.id) is not None)
    error = relay.last_error(camera.id)
    assert error is not None
    assert error.reason is Reason.UNREACHABLE
    await asyncio.sleep(0.5)
    assert not looking.done()
    cloud.faults.clear()
    assert (await looking).status == HTTPStatus.OK
    assert cloud.stats.streams_started == 1
    assert cloud.stats.count("stream_start") <= 2
    assert relay.last_error(camera.id) is None


async def test_the_picture_comes_back_when_the_cloud_does(
    viewer: Viewer, cloud: SimulatedCloud
) -> None:
    before = await viewer.watch(has_segments(2))
    await cloud.stop()
    kill(cloud)
    for _ in range(4):
        look = await viewer.get()
        assert look.status == HTTPStatus.OK
        assert look.playlist.segments[-1].sequence >= before.segments[-1].sequence
    await cloud.start()
    after = await viewer.watch(
        lambda playlist: (
            playlist.segments[-1].sequence > look.playlist.segments[-1].sequence
        )
    )
    assert any(segment.discontinuity for segment in after.segments)
    assert cloud.stats.streams_started == 2
    assert cloud.stats.count("stream_start") == 2


@pytest.mark.parametrize(
    "timing",
    [
        replace(
            Timing(),
            lease=2.5,
            later_playlist=0.2,
            give_up=1.0,
            stall_least=0.5,
            stall_target_durations=1,
            proof_of_life=60,
        )
    ],
)
async def test_viewers_are_told_when_the_picture_stays_away(
    relay: LiveRelay, viewer: Viewer, camera: Camera, cloud: SimulatedCloud
) -> None:
    await viewer.watch(has_segments(1))
    camera.online = False
    async with asyncio.timeout(10):
        while (look := await viewer.get()).status == HTTPStatus.OK:
            await asyncio.sleep(0.1)
    assert look.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert look.text == "the camera is offline\n"
    assert cloud.stats.streams_started == 1


async def test_a_refused_extension_is_answered_with_another_stream(
    hass: HomeAssistant,
    client: AmnimoClient,
    locate: Callable[[str], str | None],
    camera: Camera,
    cloud: SimulatedCloud,
    timing: Timing,
) -> None:
    often = replace(timing, extend_share=0.05)
    relay = LiveRelay(hass, client, locate, keep_alive_period=10, timing=often)
    async with Viewer(relay.source_url(camera.id)) as viewer:
        await viewer.watch(has_segments(1))
        cloud.faults.add("stream_update", "status", count=1, status=404)
        await viewer.watch(lambda _: cloud.stats.streams_started == 2)
        assert cloud.stats.stops == 1
        await relay.async_close()
    assert cloud.stats.stops == 2
    assert cloud.stats.live_sessions == 0


async def test_segments_that_are_listed_but_refused_end_the_stream(
    viewer: Viewer, cloud: SimulatedCloud
) -> None:
    playlist = await viewer.watch(has_segments(3))
    cloud.faults.add("segment", "status", count=3, status=403)
    for segment in playlist.segments[-3:]:
        look = await viewer.get(segment.resource.url)
        assert (look.status, look.body) == (HTTPStatus.NOT_FOUND, b"")
    await viewer.watch(lambda _: cloud.stats.streams_started == 2)
    assert cloud.stats.stops == 1


async def test_a_segment_that_fails_for_a_moment_ends_nothing(
    viewer: Viewer, cloud: SimulatedCloud
) -> None:
    playlist = await viewer.watch(has_segments(2))
    url = playlist.segments[-1].resource.url
    # A client tries a dropped request once more by itself.
    for kind, count in (("status", 1), ("drop", 2)):
        cloud.faults.add("segment", kind, count=count, status=503)
        assert (await viewer.get(url)).status == HTTPStatus.BAD_GATEWAY
    assert (await viewer.get(url)).status == HTTPStatus.OK
    assert cloud.stats.streams_started == 1


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


async def test_a_part_of_a_segment_whose_times_were_shifted_is_the_whole(
    viewer: Viewer, cloud: SimulatedCloud
) -> None:
    """A reader that asks for a part of what can only be made from its beginning."""
    before = await viewer.watch(has_segments(2))
    await viewer.get(before.segments[-1].resource.url)
    kill(cloud)
    after = await viewer.watch(lambda _: cloud.stats.streams_started == 2)
    after = await viewer.watch(
        lambda found: found.segments[-1].sequence > after.segments[-1].sequence
    )
    url = after.segments[-1].resource.url
    whole = await viewer.get(url)
    part = await viewer.get(url, Range="bytes=188-375")
    assert part.status == HTTPStatus.OK
    assert part.body == whole.body


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


async def test_home_assistants_own_port_gives_the_same_answers(
    hass: HomeAssistant,
    hass_client_no_auth: ClientSessionGenerator,
    relay: LiveRelay,
    viewer: Viewer,
    cloud: SimulatedCloud,
) -> None:
    assert await async_setup_component(hass, "http", {})
    async_register_view(hass)
    web = await hass_client_no_auth()
    path = "/api" + viewer.url.partition("/api")[2]
    response = await web.get(path)
    assert response.status == HTTPStatus.OK
    text = await response.text()
    assert text.startswith("#EXTM3U")
    name = text.splitlines()[-1]
    response = await web.get(path.replace("playlist.m3u8", name))
    assert response.status == HTTPStatus.OK
    assert (await response.read())[:1] == b"G"
    for unknown in (path.replace("playlist", "other"), "/api/amnimo/hls/x/y"):
        assert (await web.get(unknown)).status == HTTPStatus.NOT_FOUND
    assert cloud.stats.streams_started == 1


async def test_readers_come_in_by_a_door_of_their_own(
    hass: HomeAssistant, viewer: Viewer
) -> None:
    """Plain HTTP on the loopback address, whatever Home Assistant's own port is like."""
    assert viewer.url.startswith("http://127.0.0.1:")
    assert "http" not in hass.config.components
    assert (await viewer.get()).status == HTTPStatus.OK


async def test_closing_stops_everything_and_tells_who_waits(
    hass: HomeAssistant,
    relay: LiveRelay,
    viewer: Viewer,
    camera: Camera,
    cloud: SimulatedCloud,
) -> None:
    await viewer.watch(has_segments(1))
    cloud.faults.add("playlist", "delay", seconds=5)
    waiting = asyncio.create_task(viewer.watch(lambda _: False))
    await until(lambda: not cloud.faults.waiting())
    await relay.async_close()
    with pytest.raises(AssertionError, match="the relay is stopped"):
        await waiting
    assert (await viewer.get()).status == HTTPStatus.NOT_FOUND
    assert (cloud.stats.live_sessions, cloud.stats.stops) == (0, 1)
    assert not relay.is_watched(camera.id)


async def test_a_camera_that_is_removed_is_stopped_and_forgotten(
    relay: LiveRelay, viewer: Viewer, camera: Camera, cloud: SimulatedCloud
) -> None:
    await viewer.watch(has_segments(1))
    await relay.async_remove(camera.id)
    assert cloud.stats.stops == 1
    assert (await viewer.get()).status == HTTPStatus.NOT_FOUND
    assert relay.diagnostics()["cameras"] == {}
    await relay.async_remove(camera.id)


async def test_a_camera_the_service_does_not_know_is_said_to_be_gone(
    relay: LiveRelay, viewer: Viewer, camera: Camera, cloud: SimulatedCloud
) -> None:
    for endpoint in ("stream_start", "camera"):
        cloud.faults.add(endpoint, "status", count=FOREVER, status=404)
    assert (await viewer.get()).text == "the camera is not in the account any more\n"


async def test_sound_that_is_no_playlist_of_its_own_is_not_found(
    viewer: Viewer,
) -> None:
    await viewer.watch(has_segments(1))
    look = await viewer.get(viewer.url.replace("playlist.m3u8", "audio.m3u8"))
    assert look.status == HTTPStatus.NOT_FOUND
    look = await viewer.get(viewer.url.replace("playlist.m3u8", "video.m3u8"))
    assert look.playlist.segments


async def test_home_assistants_stream_plays_on_after_a_stream_has_died(
    hass: HomeAssistant, relay: LiveRelay, camera: Camera, cloud: SimulatedCloud
) -> None:
    assert await async_setup_component(hass, "stream", {})
    stream = create_stream(
        hass, relay.source_url(camera.id), {}, DynamicStreamSettings()
    )
    output = stream.add_provider("hls")
    await stream.start()
    try:
        await until(lambda: len(output.sequences) >= 1)
        kill(cloud)
        last = output.sequences[-1]
        await until(lambda: output.sequences[-1] >= last + 2)
        figures = stream.get_diagnostics()
        assert figures["start_worker"] == 1
        assert "worker_error" not in figures
    finally:
        await stream.remove_provider(output)
    assert cloud.stats.streams_started == 2


async def test_the_end_of_home_assistant_stops_everything(
    hass: HomeAssistant, relay: LiveRelay, viewer: Viewer, cloud: SimulatedCloud
) -> None:
    await viewer.watch(has_segments(1))
    assert cloud.stats.live_sessions == 1
    await hass.async_stop(force=True)
    assert (cloud.stats.live_sessions, cloud.stats.stops) == (0, 1)


async def test_a_relay_that_follows_another_keeps_urls_and_numbers(
    hass: HomeAssistant,
    client: AmnimoClient,
    locate: Callable[[str], str | None],
    relay: LiveRelay,
    viewer: Viewer,
    camera: Camera,
    timing: Timing,
) -> None:
    """A reload of the entry does not lose a reader that tries again."""
    before = await viewer.watch(has_segments(2))
    await relay.async_close()
    another = LiveRelay(hass, client, locate, keep_alive_period=60, timing=timing)
    assert another.source_url(camera.id) == viewer.url
    after = await viewer.watch(has_segments(1))
    assert after.segments[-1].sequence >= before.segments[-1].sequence
    await another.async_close()


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


@pytest.mark.parametrize(
    "cloud_options", [CloudOptions(start_seconds=0, cameras=20, tenants=1)]
)
async def test_many_cameras_are_watched_at_once(
    relay: LiveRelay, cloud: SimulatedCloud, estate: Estate
) -> None:
    cameras = [camera for camera in estate.cameras.values() if camera.online][:15]
    assert len(cameras) == 15
    viewers = [Viewer(relay.source_url(camera.id)) for camera in cameras]
    looks = await asyncio.gather(*(viewer.get() for viewer in viewers))
    assert {look.status for look in looks} == {HTTPStatus.OK}
    assert cloud.stats.streams_started == cloud.stats.live_sessions == 15
    assert cloud.stats.refused == 0
    assert relay.diagnostics()["extensions_per_second"] < 1
    await asyncio.gather(*(viewer.__aexit__(None, None, None) for viewer in viewers))
    await relay.async_close()
    assert cloud.stats.live_sessions == 0
    assert cloud.stats.refused == 0
