"""Cameras that can't be played, or not for long: viewers are told, the service is spared."""

import asyncio
from http import HTTPStatus

import pytest

from custom_components.amnimo.live.relay import LiveRelay
from tests.cloud import FOREVER, CloudOptions, SimulatedCloud
from tests.cloud.world import Camera
from tests.live.waiting import kill

from .audience import Audience, now

# Seconds without a new picture that pass where only a stream has to be started again.
RESTART = 12


@pytest.mark.parametrize(
    "cloud_options", [CloudOptions(start_seconds=20, segment_seconds=2)]
)
async def test_a_viewer_gets_the_picture_of_a_device_that_takes_twenty_seconds(
    audience: Audience, cloud: SimulatedCloud
) -> None:
    audience.watch()
    first = await audience.until(lambda _: True)
    assert first.status == HTTPStatus.OK
    assert 20 <= first.seconds < 25
    await audience.until_moving(5)
    assert cloud.stats.count("stream_start") == 1


@pytest.mark.parametrize(
    "cloud_options", [CloudOptions(start_seconds=20, segment_seconds=2)]
)
async def test_a_device_that_takes_twenty_seconds_does_not_send_for_who_has_left(
    relay: LiveRelay, audience: Audience, cloud: SimulatedCloud
) -> None:
    """Whoever watched leaves, and the account is unloaded, before the device has begun."""
    audience.watch()
    await asyncio.sleep(2)
    await audience.leave()
    leaving = now()
    await relay.async_close()
    assert now() - leaving < 1
    await asyncio.sleep(20)
    assert (cloud.stats.streams_started, cloud.stats.stops) == (1, 1)
    assert sum(cloud.stats.seconds_uploaded.values()) < 1


async def test_an_offline_camera_costs_a_start_a_minute_and_says_why(
    relay: LiveRelay, camera: Camera, audience: Audience, cloud: SimulatedCloud
) -> None:
    camera.online = False
    audience.watch()
    await asyncio.sleep(600)
    assert audience.statuses() == {HTTPStatus.SERVICE_UNAVAILABLE}
    assert {seen.words for seen in audience.seen} == {"the camera is offline"}
    assert 10 <= cloud.stats.count("stream_start") <= 11

    camera.online = True
    await audience.until_moving(61)
    assert relay.last_error(camera.id) is None
    assert cloud.stats.streams_started == 1


async def test_a_camera_that_goes_offline_while_watched_costs_a_start_a_minute(
    relay: LiveRelay, camera: Camera, audience: Audience, cloud: SimulatedCloud
) -> None:
    audience.watch()
    await audience.until_moving()
    await asyncio.sleep(20)
    camera.online = False
    await asyncio.sleep(300)
    # At once, and then each minute.
    assert 4 <= cloud.stats.count("stream_start") - 1 <= 6
    last = audience.seen[-1]
    assert (last.status, last.words) == (503, "the camera is offline")
    camera.online = True
    await audience.until_moving(61)


async def test_a_stream_that_dies_again_and_again_after_a_while_goes_on_each_time(
    audience: Audience, cloud: SimulatedCloud
) -> None:
    audience.watch()
    began = (await audience.until_moving()).answered
    for _ in range(4):
        await asyncio.sleep(30)
        kill(cloud)
    await asyncio.sleep(RESTART)
    assert audience.statuses() == {HTTPStatus.OK}
    assert audience.longest_without(began) <= RESTART
    assert cloud.stats.streams_started == 5


async def test_a_stream_that_dies_at_once_each_time_costs_a_start_a_minute(
    audience: Audience, cloud: SimulatedCloud
) -> None:
    audience.watch()
    await audience.until_moving()
    for _ in range(100):
        await asyncio.sleep(3)
        kill(cloud)
    # One more for the benefit of the doubt.
    assert 5 <= cloud.stats.count("stream_start") <= 300 / 60 + 2


@pytest.mark.parametrize("status", [403, 404])
async def test_segments_that_are_refused_for_long_cost_a_start_a_minute(
    audience: Audience, cloud: SimulatedCloud, status: int
) -> None:
    audience.watch()
    await audience.until_moving()
    await asyncio.sleep(20)
    started = cloud.stats.streams_started
    cloud.faults.add("segment", "status", count=FOREVER, status=status)
    await asyncio.sleep(180)
    assert 1 <= cloud.stats.streams_started - started <= 180 / 60 + 2
    assert cloud.stats.live_sessions <= 1
    cloud.faults.clear()
    await audience.until_moving(61)


async def test_a_refused_extension_is_hardly_noticed(
    audience: Audience, cloud: SimulatedCloud
) -> None:
    audience.watch()
    began = (await audience.until_moving()).answered
    cloud.faults.add("stream_update", "status", status=HTTPStatus.NOT_FOUND)
    await asyncio.sleep(50)
    assert audience.longest_without(began) <= RESTART
    assert audience.statuses() == {HTTPStatus.OK}
    assert (cloud.stats.streams_started, cloud.stats.stops) == (2, 1)


async def test_extensions_that_do_not_get_through_for_a_while_are_not_noticed(
    audience: Audience, cloud: SimulatedCloud
) -> None:
    audience.watch()
    began = (await audience.until_moving()).answered
    # The client tries each three times.
    cloud.faults.add("stream_update", "status", count=6, status=503)
    await asyncio.sleep(70)
    assert audience.longest_without(began) < 5
    assert cloud.stats.streams_started == 1
    assert cloud.stats.keep_alive_updates >= 1
