"""Live video and playback: what flows, how fast, and for how long."""

import asyncio

import pytest

from tests.cloud.world import Camera

from .caller import Caller, of_camera
from .moments import wire
from .playlists import found_urls, parse, start, start_somehow
from .still import NOON, still_options


async def test_a_playlist_grows_with_time_and_keeps_a_window(
    caller: Caller, edge_camera: Camera
) -> None:
    viewer = await start(caller, edge_camera, keep_alive=60)
    clock = caller.cloud.clock

    first = await viewer.playlist()
    assert (first.sequence, len(first.segments)) == (0, 1)
    clock.advance(0.9)
    assert await viewer.playlist() == first
    clock.advance(0.1)
    second = await viewer.playlist()
    assert second.segments[:1] == first.segments
    assert (second.sequence, len(second.segments)) == (0, 2)
    clock.advance(10)
    later = await viewer.playlist()
    assert (later.sequence, len(later.segments)) == (6, 6)
    assert later.seconds == [1.0] * 6
    assert later.value("EXT-X-TARGETDURATION") == "1"
    assert not later.ended


async def test_the_upload_ends_with_the_keep_alive(
    caller: Caller, edge_camera: Camera
) -> None:
    viewer = await start(caller, edge_camera, keep_alive=10)
    clock, stats = caller.cloud.clock, caller.cloud.stats

    clock.advance(9.9)
    assert stats.live_sessions == 1
    clock.advance(0.1)
    last = await viewer.playlist()
    assert len(last.segments) == 6
    clock.advance(5)
    assert await viewer.playlist() == last
    assert stats.live_sessions == 0
    assert stats.seconds_uploaded == {edge_camera.id: 10}
    await viewer.update(status=404)


async def test_an_update_counts_from_its_own_time(
    caller: Caller, edge_camera: Camera
) -> None:
    viewer = await start(caller, edge_camera, keep_alive=20)
    clock, stats = caller.cloud.clock, caller.cloud.stats

    clock.advance(5)
    assert await viewer.update() == {"result": "success"}
    clock.advance(19)
    assert stats.live_sessions == 1
    clock.advance(60)
    assert stats.live_sessions == 0
    assert stats.seconds_uploaded == {edge_camera.id: 25}
    assert stats.keep_alive_updates == 1


async def test_a_stop_ends_the_upload_at_once(
    caller: Caller, edge_camera: Camera
) -> None:
    viewer = await start(caller, edge_camera, keep_alive=3600)
    caller.cloud.clock.advance(7)
    assert await viewer.stop() == {"result": "success"}
    frozen = await viewer.playlist()
    caller.cloud.clock.advance(60)

    assert await viewer.playlist() == frozen
    assert caller.cloud.stats.seconds_uploaded == {edge_camera.id: 7}
    assert (caller.cloud.stats.live_sessions, caller.cloud.stats.stops) == (0, 1)
    await viewer.stop(status=404)
    await viewer.update(status=404)


async def test_sessions_of_one_camera_are_counted_each(
    caller: Caller, edge_camera: Camera
) -> None:
    viewers = [await start(caller, edge_camera) for _ in range(3)]
    assert len({viewer.request_id for viewer in viewers}) == 3
    assert caller.cloud.stats.live_sessions == 3
    caller.cloud.clock.advance(4)
    await viewers[0].stop()
    caller.cloud.clock.advance(60)
    assert caller.cloud.stats.seconds_uploaded == {edge_camera.id: 4 + 10 + 10}


async def test_a_request_id_belongs_to_its_camera(
    caller: Caller, edge_camera: Camera, cloud_camera: Camera
) -> None:
    viewer = await start(caller, edge_camera)
    viewer.camera = cloud_camera
    await viewer.update(status=404)
    await viewer.stop(status=404)
    viewer.request_id = "unknown"
    await viewer.update(status=404)


async def test_a_camera_in_the_cloud_goes_on_while_it_is_watched(
    caller: Caller, cloud_camera: Camera
) -> None:
    viewer = await start(caller, cloud_camera, keep_alive=10)
    for _ in range(10):
        caller.cloud.clock.advance(60)
        await viewer.playlist()
    assert (await viewer.playlist()).sequence > 590
    assert caller.cloud.stats.live_sessions == 1
    caller.cloud.clock.advance(181)
    assert caller.cloud.stats.live_sessions == 0
    # No edge device sends anything for it.
    assert caller.cloud.stats.seconds_uploaded == {}


async def test_an_offline_camera_has_no_live_video(
    caller: Caller, edge_camera: Camera
) -> None:
    edge_camera.online = False
    path = f"{of_camera(edge_camera)}/streams/hls/start"
    await caller.get(path, {"dt": "live"}, status=404)
    assert caller.cloud.stats.streams_started == 0


async def test_a_camera_that_is_lost_ends_its_streams(
    caller: Caller, edge_camera: Camera
) -> None:
    viewer = await start(caller, edge_camera, keep_alive=600)
    caller.cloud.clock.advance(3)
    assert edge_camera.port is not None
    edge_camera.port.reset(10, after=1)
    caller.cloud.clock.advance(60)
    assert edge_camera.online
    assert caller.cloud.stats.seconds_uploaded == {edge_camera.id: 4}
    await viewer.update(status=404)


async def test_a_camera_that_is_removed_ends_its_streams(
    caller: Caller, edge_camera: Camera
) -> None:
    viewer = await start(caller, edge_camera, keep_alive=600)
    caller.cloud.clock.advance(3)
    caller.cloud.world.remove_camera(edge_camera)
    caller.cloud.clock.advance(60)
    assert caller.cloud.stats.live_sessions == 0
    assert caller.cloud.stats.seconds_uploaded == {edge_camera.id: 3}
    await viewer.update(status=404)


async def test_the_url_of_a_stream_does_not_last_for_ever(
    caller: Caller, cloud_camera: Camera
) -> None:
    viewer = await start(caller, cloud_camera)
    for _ in range(12 * 60 // 2):
        await viewer.playlist()
        caller.cloud.clock.advance(120)
    await caller.fetch("GET", viewer.url, status=403)


async def test_a_failing_device_starts_nothing(
    caller: Caller, edge_camera: Camera
) -> None:
    assert edge_camera.device is not None
    edge_camera.device.failing = True
    path = f"{of_camera(edge_camera)}/streams/hls/start"
    await caller.get(path, {"dt": "live"}, status=500)


async def test_segments_stay_a_while_and_then_go(
    caller: Caller, edge_camera: Camera
) -> None:
    viewer = await start(caller, edge_camera, keep_alive=600)
    segment = (await viewer.playlist()).segments[0]
    caller.cloud.clock.advance(35)
    assert await caller.content(segment)
    caller.cloud.clock.advance(10)
    await caller.fetch("GET", segment, status=404)


async def test_an_old_session_is_forgotten(caller: Caller, edge_camera: Camera) -> None:
    viewer = await start(caller, edge_camera)
    caller.cloud.clock.advance(10 + 601)
    await caller.fetch("GET", viewer.url, status=404)


async def test_nothing_of_a_stream_that_is_to_come_can_be_fetched(
    caller: Caller, edge_camera: Camera
) -> None:
    viewer = await start(caller, edge_camera)
    (segment,) = (await viewer.playlist()).segments
    # The signature of one opens no other.
    await caller.fetch("GET", segment.replace("high-0", "high-1"), status=403)
    await caller.fetch("GET", viewer.url.replace("index", "low"), status=403)


@pytest.mark.parametrize(
    ("options", "listed", "ended"),
    [
        (still_options(dialect="default"), True, False),
        (still_options(dialect="snake"), True, True),
        (still_options(dialect="strings"), False, False),
    ],
    ids=["frozen", "ended", "gone"],
)
async def test_what_is_left_of_a_stream_that_has_ended(
    caller: Caller, edge_camera: Camera, listed: bool, ended: bool
) -> None:
    (url,) = found_urls(await start_somehow(caller, edge_camera))
    caller.cloud.clock.advance(10 + 31)
    if not listed:
        await caller.fetch("GET", url, status=404)
        return
    text = await caller.fetch("GET", url)
    if "EXT-X-STREAM-INF" in text:
        text = await caller.fetch("GET", parse(text, url).segments[0])
    assert ("#EXT-X-ENDLIST" in text) is ended


@pytest.mark.parametrize("options", [still_options(start_seconds=1.1)])
async def test_the_device_takes_its_time(caller: Caller, edge_camera: Camera) -> None:
    path = f"{of_camera(edge_camera)}/streams/hls/start"
    starting = asyncio.create_task(caller.get(path, {"dt": "live"}))
    # With one retry the cloud gives up before the device delivers.
    await caller.get(path, {"dt": "live", "retry": 1}, status=504)
    assert caller.cloud.stats.streams_started == 0
    await starting
    assert caller.cloud.stats.streams_started == 1


@pytest.mark.parametrize("options", [still_options(preroll_segments=0)])
async def test_a_playlist_without_a_segment_is_not_there_yet(
    caller: Caller, edge_camera: Camera
) -> None:
    viewer = await start(caller, edge_camera)
    await caller.fetch("GET", viewer.url, status=404)
    caller.cloud.clock.advance(1)
    assert len((await viewer.playlist()).segments) == 1


async def test_a_recording_is_played_to_its_end(
    caller: Caller, edge_camera: Camera
) -> None:
    edge_camera.add_gap(NOON - 87.5, NOON - 60)
    viewer = await start(caller, edge_camera, wire(NOON - 100), keep_alive=60)

    begun = await viewer.playlist()
    assert begun.value("EXT-X-PLAYLIST-TYPE") == "EVENT"
    assert (begun.sequence, len(begun.segments), begun.ended) == (0, 6, False)
    caller.cloud.clock.advance(2)
    going = await viewer.playlist()
    assert len(going.segments) == 9
    assert going.segments[:6] == begun.segments
    caller.cloud.clock.advance(30)
    over = await viewer.playlist()
    assert over.seconds == [1.0] * 12 + [0.5]
    assert over.ended
    assert caller.cloud.stats.live_sessions == 0
    assert caller.cloud.stats.seconds_uploaded == {}


async def test_a_recording_that_goes_on_is_played_up_to_now(
    caller: Caller, edge_camera: Camera
) -> None:
    viewer = await start(caller, edge_camera, wire(NOON - 8), keep_alive=3600)
    caller.cloud.clock.advance(100)
    playlist = await viewer.playlist()
    assert len(playlist.segments) == 108
    assert not playlist.ended
    assert caller.cloud.stats.live_sessions == 1


async def test_playback_from_the_edge_needs_its_keep_alive(
    caller: Caller, edge_camera: Camera, cloud_camera: Camera
) -> None:
    at_edge = await start(caller, edge_camera, wire(NOON - 3600), keep_alive=10)
    in_cloud = await start(caller, cloud_camera, wire(NOON - 3600), keep_alive=10)
    caller.cloud.clock.advance(20)
    assert len((await at_edge.playlist()).segments) == 6 + 15
    assert len((await in_cloud.playlist()).segments) == 6 + 30


@pytest.mark.parametrize("ago", [-60, 70, 40 * 86_400])
async def test_what_was_not_recorded_is_not_played(
    caller: Caller, edge_camera: Camera, ago: int
) -> None:
    edge_camera.add_gap(NOON - 80, NOON - 60)
    path = f"{of_camera(edge_camera)}/streams/hls/start"
    await caller.get(path, {"dt": wire(NOON - ago)}, status=404)


async def test_what_is_only_at_the_edge_is_not_played(
    caller: Caller, edge_camera: Camera
) -> None:
    edge_camera.cloud_copy = False
    path = f"{of_camera(edge_camera)}/streams/hls/start"
    await caller.get(path, {"dt": wire(NOON - 60)}, status=404)
    await caller.get(path, {"dt": "live"})
