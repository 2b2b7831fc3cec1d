"""Live viewing by demand, as viewers see it and as the cloud counts it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
import itertools

import pytest

from custom_components.amnimo.api import AmnimoClient
from custom_components.amnimo.live.relay import LiveRelay
from custom_components.amnimo.live.timing import Timing
from homeassistant.core import HomeAssistant
from tests.cloud import CloudOptions, SimulatedCloud
from tests.cloud.world import Camera
from tests.estate import Estate

from .viewer import Viewer, decode
from .waiting import has_segments, until

DIALECTS = ["default", "portal", "snake", "bare", "strings"]


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
    assert relay.diagnostics()["cameras"][0]["playlist_requests"] == 200


async def test_upstream_is_asked_no_more_than_twice_a_target_duration(
    viewer: Viewer, cloud: SimulatedCloud, hass: HomeAssistant
) -> None:
    await viewer.watch(has_segments(1))
    began, asked = hass.loop.time(), cloud.stats.count("playlist")
    while hass.loop.time() - began < 1.5:
        await viewer.get()
    assert cloud.stats.count("playlist") - asked <= 4


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
    assert relay.diagnostics()["cameras"] == []
    await relay.async_remove(camera.id)


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
