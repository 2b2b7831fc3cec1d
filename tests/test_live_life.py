"""Home Assistant stops, an account is reloaded or removed, a camera goes: while people watch."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
import threading

import aiohttp
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.amnimo.stream_guard import RELOAD_SECONDS
from homeassistant.components.camera import (
    async_get_stream_source,
    async_request_stream,
)
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from .cloud import CloudOptions, SimulatedCloud
from .cloud.world import Camera, Storage
from .demo.video import decode
from .entities import entity_id
from .estate import Estate
from .logged import tracebacks
from .watching import (
    IDLE_SECONDS,
    HomeViewer,
    assert_moves,
    assert_silent,
    camera_entity,
    command,
    everybody_leaves,
    shorten,
    stream_of,
    until,
    watch,
)

VIEWERS = 50
CAMERAS = 30


@pytest.fixture
def cloud_options(request: pytest.FixtureRequest) -> CloudOptions:
    """Return a cloud whose devices still have some seconds of video when asked."""
    cameras = getattr(request, "param", 4)
    return CloudOptions(
        start_seconds=0, preroll_segments=6, cameras=cameras, tenants=1, devices=2
    )


@pytest.fixture
def camera(estate: Estate, monkeypatch: pytest.MonkeyPatch) -> Camera:
    """Return a camera whose device sends only on demand."""
    shorten(monkeypatch)
    return next(
        camera
        for camera in estate.cameras.values()
        if camera.storage is Storage.EDGE and camera.online
    )


@pytest.fixture
async def viewer(
    hass: HomeAssistant,
    camera: Camera,
    loaded: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
) -> HomeViewer:
    """Return somebody who watches the camera."""
    # A test may want it later, when the server runs and takes nothing new.
    assert await async_setup_component(hass, "websocket_api", {})
    url = await async_request_stream(hass, entity_id(hass, "camera", camera.id), "hls")
    viewer = await HomeViewer(await hass_client_no_auth(), url).open()
    assert_moves(await viewer.footage(1))
    return viewer


async def assert_gone(viewer: HomeViewer) -> None:
    """Check that a viewer is told that there is no such stream any more."""
    status, _ = await viewer.fetch(viewer.master)
    assert status == 404


async def test_home_assistant_stops_while_people_watch_and_record(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
    viewer: HomeViewer,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The session is stopped, nothing holds up the stop, and the recording is a good file."""
    hass.config.allowlist_external_dirs.add(str(tmp_path))
    entity = entity_id(hass, "camera", camera.id)
    file = tmp_path / "recording.mp4"
    recording = hass.async_create_task(
        hass.services.async_call(
            "camera",
            "record",
            {"entity_id": entity, "filename": str(file), "duration": 60},
            blocking=True,
        )
    )
    output = stream_of(hass, entity).outputs
    await until(lambda: "recorder" in output())
    seen = output()["recorder"]
    await until(lambda: seen.last_sequence > 1)

    await hass.async_stop(force=True)
    assert recording.done()
    assert hass.state is CoreState.stopped
    assert_silent(cloud)
    assert cloud.stats.streams_started == 1
    assert_moves(await asyncio.to_thread(lambda: decode(file.read_bytes())))
    # Home Assistant says so about whatever it waited for in vain.
    assert "Timed out waiting" not in caplog.text
    assert not tracebacks(caplog)


async def test_an_account_is_reloaded_while_somebody_watches(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
    viewer: HomeViewer,
    loaded: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """The picture comes back in the same player, and others join the same stream.

    The cloud takes so long to list the cameras that Home Assistant's worker finds nothing.
    """
    entity = entity_id(hass, "camera", camera.id)
    before = stream_of(hass, entity)
    settings = before.dynamic_stream_settings
    removed = camera_entity(hass, entity)
    cloud.faults.add("cameras", "delay", count=1, seconds=2.0)
    assert await hass.config_entries.async_reload(loaded.entry_id)
    assert camera_entity(hass, entity) is not removed
    assert stream_of(hass, entity) is before

    assert before.get_diagnostics()["worker_error"] >= 1
    back = cloud.clock.now()
    async with asyncio.timeout(30):
        while (await viewer.footage(1)).clocks[0] < back:
            pass
    other = await watch(await hass_ws_client(), await hass_client_no_auth(), entity)
    assert other.master == viewer.master
    assert cloud.stats.streams_started <= 2
    assert cloud.stats.live_sessions == 1
    await everybody_leaves(hass, cloud)
    assert_silent(cloud)
    # It's the camera's again, also when the time is over that it was kept for.
    assert RELOAD_SECONDS < IDLE_SECONDS
    assert stream_of(hass, entity).dynamic_stream_settings is settings


async def end_by_removal(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Remove the account."""
    await hass.config_entries.async_remove(entry.entry_id)


async def end_by_disabling(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Disable the account."""
    await hass.config_entries.async_set_disabled_by(
        entry.entry_id, ConfigEntryDisabler.USER
    )


async def end_by_unloading(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Unload the account, and do not load it again."""
    await hass.config_entries.async_unload(entry.entry_id)
    async_fire_time_changed(
        hass, dt_util.utcnow() + timedelta(seconds=RELOAD_SECONDS + 1)
    )


@pytest.mark.parametrize(
    ("end", "preloaded"),
    [(end_by_removal, False), (end_by_disabling, True), (end_by_unloading, True)],
)
async def test_an_account_goes_while_somebody_watches(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
    viewer: HomeViewer,
    loaded: MockConfigEntry,
    end: Callable[[HomeAssistant, MockConfigEntry], Awaitable[None]],
    preloaded: bool,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """Its sessions are stopped, and Home Assistant does not go on trying in vain."""
    entity = entity_id(hass, "camera", camera.id)
    await command(
        await hass_ws_client(),
        "camera/update_prefs",
        entity_id=entity,
        preload_stream=preloaded,
    )
    stream = stream_of(hass, entity)
    await end(hass, loaded)
    await hass.async_block_till_done()
    assert not stream.outputs()
    await assert_gone(viewer)
    assert_silent(cloud)
    assert "stream_worker" not in {thread.name for thread in threading.enumerate()}
    assert cloud.stats.streams_started == 1


async def test_a_camera_leaves_the_account_while_somebody_watches(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
    viewer: HomeViewer,
    loaded: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Two listings without it, and it's gone with its session and its stream."""
    entity = entity_id(hass, "camera", camera.id)
    stream = stream_of(hass, entity)
    cloud.world.remove_camera(camera)
    for _ in range(2):
        await loaded.runtime_data.cameras.async_refresh()
    await hass.async_block_till_done()
    assert hass.states.get(entity) is None
    assert not stream.outputs()
    await assert_gone(viewer)
    assert cloud.stats.live_sessions == 0
    assert not tracebacks(caplog)


async def test_a_camera_is_renamed_while_somebody_watches(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
    viewer: HomeViewer,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """Home Assistant adds the same entity again, and it plays under its new name."""
    before = entity_id(hass, "camera", camera.id)
    er.async_get(hass).async_update_entity(before, new_entity_id="camera.entrance")
    await hass.async_block_till_done()
    await assert_gone(viewer)
    await until(lambda: cloud.stats.live_sessions == 0)
    assert_silent(cloud)
    again = await watch(
        await hass_ws_client(), await hass_client_no_auth(), "camera.entrance"
    )
    assert_moves(await again.footage(1))
    assert cloud.stats.streams_started == 2


async def test_fifty_viewers_share_one_session(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
    viewer: HomeViewer,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """Each opens the picture for themselves, and reads playlists and segments."""
    entity = entity_id(hass, "camera", camera.id)
    client = await hass_ws_client()
    http = await hass_client_no_auth()
    viewers = [await watch(client, http, entity) for _ in range(VIEWERS)]
    seen = await asyncio.gather(*(each.footage(1) for each in viewers))
    assert all(footage.runs_forward and footage.frames > 5 for footage in seen)
    assert cloud.stats.streams_started == cloud.stats.live_sessions == 1
    await everybody_leaves(hass, cloud)
    assert_silent(cloud)


@pytest.mark.parametrize("cloud_options", [CAMERAS], indirect=True)
async def test_thirty_cameras_are_watched_at_once(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    monkeypatch: pytest.MonkeyPatch,
    set_up: Callable[[], Awaitable[MockConfigEntry]],
) -> None:
    """Each has a session of its own, and the service never has to say that it's too much."""
    shorten(monkeypatch)
    for camera in estate.cameras.values():
        camera.online = True
    await set_up()
    sources = [
        await async_get_stream_source(hass, entity_id(hass, "camera", camera_id))
        for camera_id in estate.cameras
    ]
    async with aiohttp.ClientSession() as http:

        async def look(source: str) -> int:
            async with http.get(source) as response:
                return (await response.text()).count("#EXTINF")

        assert all(await asyncio.gather(*(look(source) for source in sources)))
        assert all(await asyncio.gather(*(look(source) for source in sources)))
    assert len(sources) == CAMERAS
    assert cloud.stats.streams_started == cloud.stats.live_sessions == CAMERAS
    assert cloud.stats.refused == 0
    await until(lambda: cloud.stats.live_sessions == 0)
    assert cloud.stats.stops == CAMERAS
    assert cloud.stats.refused == 0
