"""Everything in Home Assistant that reads a camera gets moving pictures from one stream."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, override

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
    setup_test_component_platform,
)
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from homeassistant.components.camera import (
    Camera as CameraEntity,
    CameraWebRTCProvider,
    WebRTCSendMessage,
    async_get_stream_source,
    async_register_webrtc_provider,
)
from homeassistant.components.camera.img_util import TurboJPEGSingleton
from homeassistant.components.media_player import (
    MediaPlayerEntity,
    MediaPlayerEntityFeature,
)
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import HomeAssistant, callback
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from .cloud import CloudOptions, SimulatedCloud
from .cloud.world import Camera, Storage
from .demo.video import decode, picture_size
from .entities import entity_id, state
from .estate import Estate
from .live import viewer as ffmpeg
from .watching import (
    IDLE_SECONDS,
    assert_moves,
    assert_silent,
    command,
    everybody_leaves,
    shorten,
    stream_of,
    until,
    watch,
)

RECORDING_SECONDS = 30


@pytest.fixture
def cloud_options() -> CloudOptions:
    """Return a cloud whose devices still have some seconds of video when asked."""
    return CloudOptions(start_seconds=0, preroll_segments=6)


@pytest.fixture
def camera(estate: Estate, monkeypatch: pytest.MonkeyPatch) -> Camera:
    """Return a camera whose device sends only on demand."""
    shorten(monkeypatch)
    return next(
        camera
        for camera in estate.cameras.values()
        if camera.storage is Storage.EDGE and camera.online
    )


async def test_the_frontend_plays_what_home_assistants_stream_makes(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
    loaded: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """Playlist and segments over HTTP, decoded; two who watch cost one session."""
    entity = entity_id(hass, "camera", camera.id)
    client = await hass_ws_client()
    viewer = await watch(client, await hass_client_no_auth(), entity)
    first = await viewer.footage(1)
    assert_moves(first)

    other = await watch(client, await hass_client_no_auth(), entity)
    assert_moves(await other.footage(1))
    then = await viewer.footage(1)
    assert_moves(then)
    assert then.clocks[0] > first.clocks[-1]
    assert cloud.stats.streams_started == cloud.stats.live_sessions == 1
    assert state(hass, "camera", camera.id).state != "unavailable"

    await everybody_leaves(hass, cloud)
    assert_silent(cloud)
    assert cloud.stats.streams_started == 1
    assert not stream_of(hass, entity).outputs()


async def test_a_stream_that_was_asked_for_but_not_read_ends_as_soon_as_any(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
    loaded: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """The frontend asks for HLS and for WebRTC, and drops the one that is slower."""
    entity = entity_id(hass, "camera", camera.id)
    client = await hass_ws_client()
    answer = await command(client, "camera/stream", entity_id=entity)
    assert answer["success"]
    await until(lambda: bool(stream_of(hass, entity).outputs()["hls"].sequences))
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=31))
    await until(lambda: not stream_of(hass, entity).outputs())
    await until(lambda: cloud.stats.live_sessions == 0)
    assert_silent(cloud)


@pytest.mark.parametrize("entry_options", [{"keep_alive_period": 20}])
async def test_a_recording_is_made_while_others_watch(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
    loaded: MockConfigEntry,
    tmp_path: Path,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """Half a minute in a file, and one session for it, for a browser and for FFmpeg."""
    hass.config.allowlist_external_dirs.add(str(tmp_path))
    entity = entity_id(hass, "camera", camera.id)
    file = tmp_path / "new" / "recording.mp4"
    recording = hass.async_create_task(
        hass.services.async_call(
            "camera",
            "record",
            {
                "entity_id": entity,
                "filename": str(file),
                "duration": RECORDING_SECONDS,
            },
            blocking=True,
        )
    )
    viewer = await watch(await hass_ws_client(), await hass_client_no_auth(), entity)
    assert_moves(await viewer.footage())
    source = await async_get_stream_source(hass, entity)
    assert source is not None
    assert len(await ffmpeg.decode(source, 15)) == 15
    assert not file.exists()
    await recording

    footage = await asyncio.to_thread(lambda: decode(file.read_bytes()))
    assert_moves(footage)
    # It ends with a segment of Home Assistant's, and these are of two or three seconds.
    assert RECORDING_SECONDS - 3 <= footage.seconds <= RECORDING_SECONDS + 6
    filmed = footage.clocks[-1] - footage.clocks[0]
    assert filmed == pytest.approx(footage.seconds, abs=0.5)
    assert cloud.stats.streams_started == 1
    assert cloud.stats.keep_alive_updates >= 2
    await everybody_leaves(hass, cloud)
    assert_silent(cloud)


async def test_a_snapshot_is_of_the_thumbnail_and_starts_nothing(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
    loaded: MockConfigEntry,
    tmp_path: Path,
) -> None:
    """Nobody watches, so the snapshot is the newest picture that the cloud has anyway."""
    hass.config.allowlist_external_dirs.add(str(tmp_path))
    file = tmp_path / "snapshot.jpg"
    await hass.services.async_call(
        "camera",
        "snapshot",
        {
            "entity_id": entity_id(hass, "camera", camera.id),
            "filename": str(file),
        },
        blocking=True,
    )
    assert min(picture_size(file.read_bytes())) > 100
    assert cloud.stats.count("thumbnail_file") == 1
    assert cloud.stats.streams_started == 0


async def test_a_snapshot_while_somebody_watches_is_of_the_stream(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
    loaded: MockConfigEntry,
    tmp_path: Path,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """It's the newest keyframe, and costs neither a download nor a session."""
    if not TurboJPEGSingleton.instance():
        pytest.skip("Home Assistant needs libturbojpeg to make a JPEG of a keyframe")
    hass.config.allowlist_external_dirs.add(str(tmp_path))
    entity = entity_id(hass, "camera", camera.id)
    viewer = await watch(await hass_ws_client(), await hass_client_no_auth(), entity)
    seen = await viewer.footage()
    file = tmp_path / "snapshot.jpg"
    await hass.services.async_call(
        "camera",
        "snapshot",
        {"entity_id": entity, "filename": str(file)},
        blocking=True,
    )
    size = picture_size(file.read_bytes())
    assert size == (seen.width, seen.height)
    assert cloud.stats.count("thumbnail_file") == 0
    assert cloud.stats.streams_started == 1


class Television(MediaPlayerEntity):
    """A media player that remembers what it was told to play."""

    _attr_name = "Television"
    _attr_unique_id = "television"
    _attr_supported_features = MediaPlayerEntityFeature.PLAY_MEDIA

    def __init__(self) -> None:
        """Begin with nothing to play."""
        self.url = ""
        self.kind = ""

    @override
    async def async_play_media(
        self, media_type: str, media_id: str, **kwargs: Any
    ) -> None:
        self.kind, self.url = media_type, media_id


async def test_a_media_player_gets_a_url_that_plays(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
    loaded: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """`camera.play_stream` hands over a URL at which FFmpeg finds moving pictures."""
    television = Television()
    setup_test_component_platform(hass, "media_player", [television])
    assert await async_setup_component(
        hass, "media_player", {"media_player": {"platform": "test"}}
    )
    await hass.async_block_till_done()
    http = await hass_client_no_auth()
    await hass.config.async_update(internal_url=str(http.make_url("")).rstrip("/"))
    await hass.services.async_call(
        "camera",
        "play_stream",
        {
            "entity_id": entity_id(hass, "camera", camera.id),
            "media_player": television.entity_id,
        },
        blocking=True,
    )
    assert television.kind == "application/vnd.apple.mpegurl"
    pictures = await ffmpeg.decode(television.url, 30, timeout=30)
    clocks = [picture.clock for picture in pictures]
    assert clocks == sorted(clocks)
    assert clocks[-1] - clocks[0] > 1
    assert cloud.stats.streams_started == 1


async def test_a_preloaded_camera_stays_on_until_it_is_switched_off(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
    loaded: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """It plays from Home Assistant's start on, though nobody watches, and for no longer."""
    entity = entity_id(hass, "camera", camera.id)
    client = await hass_ws_client()
    prefs = await command(
        client, "camera/update_prefs", entity_id=entity, preload_stream=True
    )
    assert prefs["success"], prefs
    assert cloud.stats.streams_started == 0
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await until(lambda: cloud.stats.live_sessions == 1)
    output = stream_of(hass, entity).outputs()["hls"]
    for minute in (1, 2):
        seen = output.last_sequence
        async_fire_time_changed(
            hass, dt_util.utcnow() + timedelta(seconds=minute * IDLE_SECONDS)
        )
        await until(lambda seen=seen: output.last_sequence > seen)
    assert cloud.stats.streams_started == cloud.stats.live_sessions == 1

    await command(client, "camera/update_prefs", entity_id=entity, preload_stream=False)
    # Home Assistant's idle timer starts anew with a new segment.
    await until(lambda: not output.idle)
    async_fire_time_changed(
        hass, dt_util.utcnow() + timedelta(seconds=4 * IDLE_SECONDS)
    )
    await until(lambda: cloud.stats.live_sessions == 0)
    assert_silent(cloud)
    assert cloud.stats.streams_started == 1


async def test_a_dead_camera_that_is_preloaded_plays_when_it_is_back(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
    set_up: Callable[[], Awaitable[MockConfigEntry]],
    monkeypatch: pytest.MonkeyPatch,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """Home Assistant preloads once: an error then must not be the end of it."""
    shorten(monkeypatch, start_spacing=1.0, first_playlist=3.0)
    camera.online = False
    await set_up()
    entity = entity_id(hass, "camera", camera.id)
    await command(
        await hass_ws_client(),
        "camera/update_prefs",
        entity_id=entity,
        preload_stream=True,
    )
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await until(lambda: cloud.stats.count("stream_start") > 0)
    await hass.async_block_till_done()
    assert cloud.stats.streams_started == 0
    camera.online = True
    output = stream_of(hass, entity).outputs()["hls"]
    await until(lambda: bool(output.sequences))
    assert cloud.stats.live_sessions == 1


class Doorman(CameraWebRTCProvider):
    """A WebRTC provider that looks at each camera's source, as go2rtc does."""

    def __init__(self) -> None:
        """Begin without cameras."""
        self.sources: list[str] = []

    @property
    @override
    def domain(self) -> str:
        return "doorman"

    @callback
    @override
    def async_is_supported(self, stream_source: str) -> bool:
        self.sources.append(stream_source)
        return stream_source.startswith("http")

    @override
    async def async_handle_async_webrtc_offer(
        self,
        camera: CameraEntity,
        offer_sdp: str,
        session_id: str,
        send_message: WebRTCSendMessage,
    ) -> None:
        raise AssertionError("nobody watches")

    @override
    async def async_on_webrtc_candidate(self, session_id: str, candidate: Any) -> None:
        raise AssertionError("nobody watches")

    @callback
    @override
    def async_close_session(self, session_id: str) -> None:
        raise AssertionError("nobody watches")


async def test_nothing_starts_with_home_assistant(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    set_up: Callable[[], Awaitable[MockConfigEntry]],
    hass_ws_client: WebSocketGenerator,
) -> None:
    """A WebRTC provider asks for all sources, preloading is off, and nobody watches."""
    assert await async_setup_component(hass, "camera", {})
    doorman = Doorman()
    async_register_webrtc_provider(hass, doorman)
    await set_up()
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(set(doorman.sources)) == len(estate.cameras) > 0
    client = await hass_ws_client()
    for camera_id in estate.cameras:
        entity = entity_id(hass, "camera", camera_id)
        answer = await command(client, "camera/capabilities", entity_id=entity)
        assert set(answer["result"]["frontend_stream_types"]) == {"hls", "web_rtc"}
    assert cloud.stats.count("stream_start") == 0
    assert cloud.stats.seconds_uploaded == {}
