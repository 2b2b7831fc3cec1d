"""The cloud is away for minutes, or hangs, and comes back."""

import asyncio
from contextlib import AsyncExitStack
from http import HTTPStatus

import pytest

from custom_components.amnimo.api import AmnimoClient
from custom_components.amnimo.live.errors import Reason
from custom_components.amnimo.live.relay import LiveRelay
from tests.cloud import FOREVER, CloudOptions, SimulatedCloud
from tests.cloud.world import Camera
from tests.estate import Estate

from .audience import Audience, now

# Seconds that a viewer may wait for the picture after the cloud has come back.
BACK = 15
OUTAGE = 180
# Seconds after which go2rtc takes a later playlist for lost.
READERS_PATIENCE = 5


async def test_the_picture_comes_back_soon_after_three_minutes_without_a_cloud(
    relay: LiveRelay, camera: Camera, audience: Audience, cloud: SimulatedCloud
) -> None:
    audience.watch()
    await audience.until_moving()
    await cloud.stop()
    down = now()
    await asyncio.sleep(OUTAGE)
    error = relay.last_error(camera.id)
    assert error is not None
    assert error.reason is Reason.UNREACHABLE
    assert cloud.stats.count("stream_start") == 1

    await cloud.start()
    await audience.until_moving(BACK)
    assert relay.last_error(camera.id) is None
    # Its keep-alive period ran out meanwhile.
    assert cloud.stats.count("stream_start") == 2
    assert max(seen.seconds for seen in audience.since(down)) < READERS_PATIENCE
    assert cloud.stats.tokens_issued == 1


@pytest.mark.parametrize(
    "cloud_options", [CloudOptions(tenants=1, cameras=20, segment_seconds=2)]
)
async def test_an_outage_costs_a_start_a_camera_and_one_question_for_all(
    relay: LiveRelay, cloud: SimulatedCloud, estate: Estate
) -> None:
    cameras = [camera for camera in estate.cameras.values() if camera.online][:8]
    async with AsyncExitStack() as stack:
        audiences = [
            await stack.enter_async_context(
                Audience(relay.source_url(camera.id), cloud)
            )
            for camera in cameras
        ]
        for audience in audiences:
            audience.watch()
        await asyncio.gather(*(audience.until_moving() for audience in audiences))
        started = cloud.stats.count("stream_start")
        assert started == len(cameras)
        cloud.faults.add("*", "status", count=FOREVER, status=503)
        await asyncio.sleep(OUTAGE)
        # Who has no stream any more asks for another once, and then waits.
        assert cloud.stats.count("stream_start") <= 2 * len(cameras)
        # A question every 5 seconds, which the client repeats twice by itself.
        assert 0 < cloud.stats.count("camera") <= 3 * OUTAGE / 5
        assert cloud.stats.refused == 0

        cloud.faults.clear()
        await asyncio.gather(*(each.until_moving(BACK) for each in audiences))
        assert cloud.stats.live_sessions == len(cameras)
        assert cloud.stats.count("stream_start", HTTPStatus.OK) <= 2 * len(cameras)


async def test_no_reader_hangs_while_the_cloud_does(
    relay: LiveRelay, camera: Camera, audience: Audience, cloud: SimulatedCloud
) -> None:
    """It takes requests and says nothing, for as long as the stream lasts."""
    audience.watch()
    await audience.until_moving()
    cloud.faults.add("*", "delay", count=FOREVER, seconds=3600)
    hanging = now()
    await asyncio.sleep(40)
    assert max(seen.seconds for seen in audience.since(hanging)) < READERS_PATIENCE
    cloud.faults.clear()
    await audience.until_moving(BACK)
    assert cloud.stats.streams_started == 1


@pytest.mark.parametrize(
    "cloud_options", [CloudOptions(token_seconds=120, segment_seconds=2)]
)
async def test_a_token_that_runs_out_while_somebody_watches_is_renewed_once(
    audience: Audience, cloud: SimulatedCloud
) -> None:
    """By the extension that needs it; no viewer notices."""
    audience.watch()
    began = (await audience.until_moving()).answered
    assert cloud.stats.tokens_issued == 1
    await asyncio.sleep(130)
    assert cloud.stats.tokens_issued == 2
    assert cloud.stats.count("stream_update", HTTPStatus.FORBIDDEN) == 0
    assert cloud.stats.streams_started == 1
    assert audience.longest_without(began) < READERS_PATIENCE


async def test_a_token_that_is_refused_while_somebody_watches_is_renewed_once(
    audience: Audience, client: AmnimoClient, cloud: SimulatedCloud
) -> None:
    audience.watch()
    began = (await audience.until_moving()).answered
    await asyncio.sleep(70)
    token = client.tokens.current
    assert token is not None
    cloud.faults.add("stream_update", "status", status=HTTPStatus.FORBIDDEN)
    await asyncio.sleep(40)
    assert client.tokens.current != token
    assert cloud.stats.tokens_issued == 2
    assert cloud.stats.streams_started == 1
    assert audience.longest_without(began) < READERS_PATIENCE


async def test_nothing_runs_for_longer_when_home_assistant_reloads_in_an_outage(
    relay: LiveRelay, audience: Audience, cloud: SimulatedCloud
) -> None:
    audience.watch()
    await audience.until_moving()
    cloud.faults.add("*", "status", count=FOREVER, status=503)
    await asyncio.sleep(20)
    closing = now()
    await audience.leave()
    await relay.async_close()
    assert now() - closing <= 10
    await asyncio.sleep(60)
    assert cloud.stats.live_sessions == 0


@pytest.mark.parametrize("seconds", [70, 100, 180])
async def test_the_picture_comes_back_soon_after_the_cloud_has_hung_for_minutes(
    audience: Audience, cloud: SimulatedCloud, seconds: int
) -> None:
    """It takes requests and says nothing; nobody waits for the answer to a start then."""
    audience.watch()
    await audience.until_moving()
    cloud.faults.add("*", "delay", count=FOREVER, seconds=3600)
    hanging = now()
    await asyncio.sleep(seconds)
    assert max(seen.seconds for seen in audience.since(hanging)) < READERS_PATIENCE
    cloud.faults.clear()
    await audience.until_moving(BACK)
    assert cloud.stats.live_sessions == 1
