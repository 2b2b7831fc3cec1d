"""Cameras that can't be played: viewers are told why, and the service is left in peace."""

import asyncio
from dataclasses import replace
from http import HTTPStatus

import pytest

from custom_components.amnimo.api import AmnimoClient
from custom_components.amnimo.live.errors import LiveError, Reason
from custom_components.amnimo.live.relay import LiveRelay
from custom_components.amnimo.live.timing import Timing
from tests.cloud import FOREVER, CloudOptions, SimulatedCloud
from tests.cloud.world import Camera

from .viewer import Viewer
from .waiting import until


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
    assert relay.diagnostics()["cameras"][0]["next_start_in"] > 30


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


async def test_a_camera_the_service_does_not_know_is_said_to_be_gone(
    relay: LiveRelay, viewer: Viewer, camera: Camera, cloud: SimulatedCloud
) -> None:
    for endpoint in ("stream_start", "camera"):
        cloud.faults.add(endpoint, "status", count=FOREVER, status=404)
    assert (await viewer.get()).text == "the camera is not in the account any more\n"


@pytest.mark.parametrize(
    "timing", [replace(Timing(), lease=2.5, unanswered=0.5, poll_before_first=0.1)]
)
async def test_a_stream_that_can_not_be_reached_at_all_is_stopped_and_said_so(
    relay: LiveRelay, viewer: Viewer, cloud: SimulatedCloud
) -> None:
    cloud.faults.add("playlist", "status", count=FOREVER, status=500)
    look = await viewer.get()
    assert (look.status, look.text) == (503, "the cloud can't be reached\n")
    await until(lambda: cloud.stats.stops == 1)
    await viewer.get()
    assert cloud.stats.streams_started == 1


async def test_who_prepares_is_told_at_once_that_the_service_is_away(
    relay: LiveRelay, camera: Camera, client: AmnimoClient, cloud: SimulatedCloud
) -> None:
    """Playlists are waited for through an outage; somebody who asks for a picture is told."""
    await client.hierarchy(cloud.account_id)
    cloud.faults.add("*", "status", count=FOREVER, status=503)
    for _ in range(2):
        with pytest.raises(LiveError) as caught:
            async with asyncio.timeout(10):
                await relay.async_prepare(camera.id)
        assert caught.value.reason is Reason.UNREACHABLE
    await until(lambda: not relay.is_watched(camera.id))
    cloud.faults.clear()
    await relay.async_prepare(camera.id)
    assert cloud.stats.streams_started == 1
