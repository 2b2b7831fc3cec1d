"""What diagnostics tell of live viewing: enough to see what went wrong, and nothing secret."""

import asyncio
from http import HTTPStatus
import json

from custom_components.amnimo.live.relay import LiveRelay
from tests.cloud import SimulatedCloud
from tests.cloud.world import Camera
from tests.live.waiting import kill

from .audience import Audience


async def test_a_day_on_which_all_is_well(
    relay: LiveRelay, audience: Audience, cloud: SimulatedCloud
) -> None:
    audience.watch()
    await audience.until_moving()
    await asyncio.sleep(100)
    figures = relay.diagnostics()
    # Half of the chosen minute.
    assert figures["extensions_per_second"] == round(1 / 30, 3)
    (camera,) = figures["cameras"]
    assert camera["watched"]
    assert camera["playing"]
    assert (camera["viewers"], camera["most_viewers"]) == (1, 1)
    assert (camera["last_error"], camera["last_error_age"]) == (None, None)
    assert not camera["failing"]
    assert figures["sessions_open"] == 1
    assert camera["session"]["period"] == 60
    assert 100 <= camera["session"]["age"] < 103
    assert camera["extensions"] == camera["session"]["extensions"] == 3
    assert camera["starts"] == cloud.stats.streams_started == 1
    for count in ("splices", "stalls", "freezes", "starts_failed", "playlists_failed"):
        assert camera[count] == 0
    assert set(camera["ended"].values()) == {0}
    # The device began after a second, and nobody else took any time.
    assert 1 <= camera["first_playlist_seconds"] < 2
    assert camera["upstream_playlist_seconds"] < 0.5
    assert camera["relay_playlist_seconds"] < 3

    await audience.leave()
    await asyncio.sleep(20)
    (camera,) = relay.diagnostics()["cameras"]
    assert not camera["watched"]
    assert not camera["playing"]
    assert camera["viewers"] == 0
    assert camera["session"] is None
    assert relay.diagnostics()["sessions_open"] == 0
    assert camera["extensions"] == cloud.stats.keep_alive_updates == 3
    assert relay.diagnostics()["extensions_per_second"] == 0


async def test_a_day_on_which_it_is_not(
    relay: LiveRelay, audience: Audience, camera: Camera, cloud: SimulatedCloud
) -> None:
    audience.watch()
    await audience.until_moving()
    await asyncio.sleep(20)
    kill(cloud)
    await asyncio.sleep(30)
    cloud.faults.add("stream_update", "status", status=HTTPStatus.NOT_FOUND)
    await asyncio.sleep(30)
    camera.online = False
    await asyncio.sleep(200)
    (figures,) = relay.diagnostics()["cameras"]
    assert figures["last_error"] == "live_camera_offline"
    assert 0 < figures["next_start_in"] <= 60
    assert not figures["playing"]
    assert figures["starts"] == cloud.stats.count("stream_start")
    assert figures["starts_failed"] == figures["starts"] - cloud.stats.streams_started
    assert figures["splices"] == cloud.stats.streams_started - 1 == 2
    assert figures["ended"]["extension_refused"] == 1
    assert figures["stalls"] >= 1
    assert figures["failing"]

    camera.online = True
    await asyncio.sleep(90)
    (figures,) = relay.diagnostics()["cameras"]
    assert figures["playing"]
    assert not figures["failing"]
    assert figures["last_error"] == "live_camera_offline"
    assert 20 < figures["last_error_age"] < 151


async def test_nothing_secret_is_told(
    relay: LiveRelay, audience: Audience, camera: Camera, cloud: SimulatedCloud
) -> None:
    audience.watch()
    await audience.until_moving()
    (session,) = cloud.stats.sessions.open()
    told = json.dumps(relay.diagnostics())
    token = relay.source_url(camera.id).split("/")[-2]
    for secret in (
        camera.id,
        camera.name,
        token,
        session.token,
        session.request_id,
        "http",
        "127.0.0.1",
    ):
        assert secret not in told
