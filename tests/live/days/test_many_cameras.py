"""A wall of screens: many cameras watched at the same time, within the service's rate."""

import asyncio
from contextlib import AsyncExitStack
from http import HTTPStatus

import pytest

from custom_components.amnimo.live.relay import LiveRelay
from tests.cloud import CloudOptions, SimulatedCloud
from tests.estate import Estate
from tests.live.viewer import Viewer

CAMERAS = 30
MINUTES = 3


@pytest.mark.parametrize(
    "cloud_options", [CloudOptions(tenants=1, cameras=45, segment_seconds=5)]
)
async def test_thirty_cameras_are_watched_for_minutes_with_a_stream_each(
    relay: LiveRelay, cloud: SimulatedCloud, estate: Estate
) -> None:
    cameras = [camera for camera in estate.cameras.values() if camera.online][:CAMERAS]
    assert len(cameras) == CAMERAS
    async with AsyncExitStack() as stack:
        viewers = [
            await stack.enter_async_context(Viewer(relay.source_url(camera.id)))
            for camera in cameras
        ]
        for _ in range(MINUTES * 12):
            looks = await asyncio.gather(*(viewer.get() for viewer in viewers))
            assert {look.status for look in looks} == {HTTPStatus.OK}
            await asyncio.sleep(5)
        assert cloud.stats.streams_started == cloud.stats.live_sessions == CAMERAS
        assert 0 < cloud.stats.keep_alive_updates < MINUTES * 60
    assert cloud.stats.refused == 0
    await asyncio.sleep(20)
    assert cloud.stats.live_sessions == 0
    # Each was let go on 15 seconds after its last viewer, and no longer.
    assert cloud.stats.stops == CAMERAS
