"""Streams that die while somebody watches: the picture comes back by itself."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
import itertools

import pytest

from custom_components.amnimo.api import AmnimoClient
from custom_components.amnimo.live.errors import Reason
from custom_components.amnimo.live.relay import LiveRelay
from custom_components.amnimo.live.timing import Timing
from homeassistant.components.camera import DynamicStreamSettings
from homeassistant.components.stream import create_stream
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from tests.cloud import FOREVER, CloudOptions, SimulatedCloud
from tests.cloud.world import Camera

from .viewer import Viewer, decode
from .waiting import has_segments, kill, until

# Between them: both containers, with and without sound, and each way to end.
MORTAL = ["snake", "bare", "strings"]


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
    counts = relay.diagnostics()["cameras"][0]
    assert counts["splices"] == 1


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


async def test_a_stream_that_can_not_be_reached_for_a_while_is_not_started_again(
    relay: LiveRelay, viewer: Viewer, camera: Camera, cloud: SimulatedCloud
) -> None:
    before = await viewer.watch(has_segments(1))
    cloud.faults.add("playlist", "drop", count=FOREVER)
    async with asyncio.timeout(10):
        while relay.last_error(camera.id) is None:
            assert (await viewer.get()).status == HTTPStatus.OK
    error = relay.last_error(camera.id)
    assert error is not None
    assert error.reason is Reason.UNREACHABLE
    cloud.faults.clear()
    await viewer.watch(
        lambda found: found.segments[-1].sequence > before.segments[-1].sequence
    )
    assert relay.last_error(camera.id) is None
    assert cloud.stats.streams_started == 1


@pytest.mark.parametrize(
    "timing",
    [replace(Timing(), lease=2.5, unanswered=0.3, stall_least=0.2, later_playlist=0.2)],
)
async def test_a_stream_that_is_not_to_be_reached_any_more_is_let_go(
    viewer: Viewer, cloud: SimulatedCloud
) -> None:
    await viewer.watch(has_segments(1))
    cloud.faults.add("playlist", "status", count=4, status=500)
    await viewer.watch(lambda _: cloud.stats.streams_started == 2)
    assert cloud.stats.stops == 1


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
