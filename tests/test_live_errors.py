"""Whoever asks for a picture that can't be played is told at once why, and nothing is left."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.amnimo.api import AmnimoClient, TokenGrant
from custom_components.amnimo.live.errors import LiveError, Reason
from homeassistant.components.camera import async_request_stream
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from .cloud import FOREVER, CloudOptions, SimulatedCloud
from .cloud.world import Camera, Storage
from .entities import entity_id
from .estate import Estate
from .logged import tracebacks
from .watching import (
    assert_moves,
    assert_silent,
    call,
    camera_entity,
    command,
    shorten,
    stream_of,
    until,
    watch,
)

type SetUp = Callable[[], Awaitable[MockConfigEntry]]


@pytest.fixture
def cloud_options() -> CloudOptions:
    """Return a cloud whose devices still have some seconds of video when asked."""
    return CloudOptions(start_seconds=0, preroll_segments=6)


@pytest.fixture
def camera(estate: Estate, monkeypatch: pytest.MonkeyPatch, impatient: None) -> Camera:
    """Return a camera whose device sends only on demand."""
    shorten(monkeypatch, first_playlist=3.0, no_video=1.0, poll_before_first=0.1)
    return next(
        camera
        for camera in estate.cameras.values()
        if camera.storage is Storage.EDGE and camera.online
    )


@pytest.fixture
def slow(
    cloud: SimulatedCloud, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let the camera be started, and send nothing for a long while."""
    shorten(monkeypatch, first_playlist=60.0, no_video=60.0)
    cloud.faults.add("playlist", "status", count=FOREVER, status=404)


type Arrange = Callable[[SimulatedCloud, Camera, AmnimoClient], Awaitable[None]]


def fault(endpoint: str, kind: str, **kwargs: Any) -> Arrange:
    """Return what lets an endpoint fail."""

    async def arrange(
        cloud: SimulatedCloud, camera: Camera, client: AmnimoClient
    ) -> None:
        cloud.faults.add(endpoint, kind, count=FOREVER, **kwargs)

    return arrange


def without_token(endpoint: str, kind: str, **kwargs: Any) -> Arrange:
    """Return what lets an endpoint fail just when the access token has run out."""

    async def arrange(
        cloud: SimulatedCloud, camera: Camera, client: AmnimoClient
    ) -> None:
        await client.tokens.adopt(TokenGrant("stale", expires_in=0))
        cloud.faults.add(endpoint, kind, count=FOREVER, **kwargs)

    return arrange


async def lose_connection(
    cloud: SimulatedCloud, camera: Camera, client: AmnimoClient
) -> None:
    """Take a camera offline."""
    camera.online = False


async def remove(cloud: SimulatedCloud, camera: Camera, client: AmnimoClient) -> None:
    """Take a camera out of the account, before Home Assistant notices."""
    cloud.world.remove_camera(camera)


OBSTACLES: dict[Reason, Arrange] = {
    Reason.AUTH_FAILED: without_token("token", "status", status=401),
    Reason.GONE: remove,
    Reason.NO_VIDEO: fault("playlist", "status", status=404),
    Reason.OFFLINE: lose_connection,
    Reason.PERMISSION_DENIED: fault("stream_start", "status", status=403),
    Reason.QUOTA_EXHAUSTED: without_token("token", "status", status=429, seconds=3600),
    Reason.RATE_LIMITED: fault("stream_start", "status", status=429),
    Reason.REFUSED: fault("stream_start", "status", status=409),
    Reason.UNREACHABLE: fault("*", "drop"),
}
PLACEHOLDERS = {Reason.REFUSED: {"status": "409"}}


async def text_of(hass: HomeAssistant, language: str, reason: Reason) -> str:
    """Return what a reason is in a language, as Home Assistant shows it."""
    texts = await async_get_translations(hass, language, "exceptions", ["amnimo"])
    text = texts[f"component.amnimo.exceptions.{reason.value}.message"]
    return text.format(**PLACEHOLDERS.get(reason, {})).rstrip(".")


@pytest.mark.parametrize("reason", OBSTACLES)
async def test_who_asks_for_a_picture_is_told_why_there_is_none(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
    loaded: MockConfigEntry,
    reason: Reason,
    tmp_path: Path,
    hass_ws_client: WebSocketGenerator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The dashboard, a recording and a media player: each at once, for one try to start."""
    hass.config.allowlist_external_dirs.add(str(tmp_path))
    await OBSTACLES[reason](cloud, camera, loaded.runtime_data.hub.client)
    entity = entity_id(hass, "camera", camera.id)
    client = await hass_ws_client()
    english = await text_of(hass, "en", reason)
    japanese = await text_of(hass, "ja", reason)
    assert english != japanese

    shown = await command(client, "camera/stream", entity_id=entity)
    assert shown["error"] == {"code": "start_stream_failed", "message": english}
    tried = cloud.stats.count("stream_start")
    file = tmp_path / "recording.mp4"
    recorded = await call(
        client, "camera", "record", entity_id=entity, filename=str(file)
    )
    played = await call(
        client,
        "camera",
        "play_stream",
        entity_id=entity,
        media_player="media_player.television",
    )
    for answer in (recorded, played):
        assert answer["error"] == {
            "code": "home_assistant_error",
            "message": english,
            "translation_domain": "amnimo",
            "translation_key": reason.value,
            "translation_placeholders": PLACEHOLDERS.get(reason),
        }
    assert cloud.stats.count("stream_start") == tried <= 3
    # No worker of Home Assistant's was started that would ask again and again.
    assert not stream_of(hass, entity).outputs()
    assert "start_worker" not in stream_of(hass, entity).get_diagnostics()
    assert not file.exists()
    assert camera_entity(hass, entity).available
    assert not tracebacks(caplog)


async def test_a_camera_that_is_back_plays_for_the_next_who_asks(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
    monkeypatch: pytest.MonkeyPatch,
    set_up: SetUp,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """An error is of its moment: the camera's stream is as good as new afterwards."""
    shorten(monkeypatch, start_spacing=0.5)
    await set_up()
    entity = entity_id(hass, "camera", camera.id)
    client = await hass_ws_client()
    camera.online = False
    answer = await command(client, "camera/stream", entity_id=entity)
    assert not answer["success"]
    camera.online = True
    await asyncio.sleep(0.5)
    viewer = await watch(client, await hass_client_no_auth(), entity)
    assert_moves(await viewer.footage(1))
    assert cloud.stats.live_sessions == 1


@pytest.mark.parametrize(("lookback", "preloaded"), [(0, False), (5, False), (5, True)])
async def test_a_recording_without_a_first_picture_ends(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
    loaded: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    hass_ws_client: WebSocketGenerator,
    caplog: pytest.LogCaptureFixture,
    lookback: int,
    preloaded: bool,
) -> None:
    """The camera lists video that then can't be had: nobody waits for that for ever."""
    monkeypatch.setattr("homeassistant.components.stream.worker.SOURCE_TIMEOUT", 1)
    hass.config.allowlist_external_dirs.add(str(tmp_path))
    entity = entity_id(hass, "camera", camera.id)
    cloud.faults.add("segment", "status", count=FOREVER, status=404)
    client = await hass_ws_client()
    await command(
        client, "camera/update_prefs", entity_id=entity, preload_stream=preloaded
    )
    if lookback:
        # Somebody watches already, of whose stream the beginning would be.
        answer = await command(client, "camera/stream", entity_id=entity)
        assert answer["success"], answer
    file = tmp_path / "recording.mp4"
    await call(
        client,
        "camera",
        "record",
        entity_id=entity,
        filename=str(file),
        lookback=lookback,
    )
    assert not file.exists()
    assert "Recording failed to capture anything" in caplog.text
    stream = stream_of(hass, entity)
    # What is preloaded is tried on, and would be found idle when that is switched off.
    assert set(stream.outputs()) == ({"hls"} if preloaded else set())
    if not preloaded:
        await until(lambda: cloud.stats.live_sessions == 0)
        assert_silent(cloud)
    assert not tracebacks(caplog)


async def test_who_gives_up_leaves_nothing_running(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
    slow: None,
    loaded: MockConfigEntry,
) -> None:
    """Two wait for a camera that is slow to begin; when both have gone it's stopped."""
    entity = entity_id(hass, "camera", camera.id)
    waiting = [
        hass.async_create_task(async_request_stream(hass, entity, "hls"))
        for _ in range(2)
    ]
    await until(lambda: cloud.stats.live_sessions == 1)
    waiting[0].cancel()
    await asyncio.wait(waiting, timeout=0.1)
    assert waiting[0].cancelled()
    assert not waiting[1].done()
    waiting[1].cancel()
    await until(lambda: cloud.stats.live_sessions == 0)
    assert_silent(cloud)
    assert cloud.stats.streams_started == 1
    stream = stream_of(hass, entity)
    assert not stream.outputs()
    assert "start_worker" not in stream.get_diagnostics()


async def test_who_waits_is_told_when_the_account_is_unloaded(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
    slow: None,
    loaded: MockConfigEntry,
) -> None:
    """Nobody waits for a camera that Home Assistant no longer has."""
    entity = entity_id(hass, "camera", camera.id)
    waiting = hass.async_create_task(async_request_stream(hass, entity, "hls"))
    await until(lambda: cloud.stats.live_sessions == 1)
    await hass.config_entries.async_unload(loaded.entry_id)
    with pytest.raises(LiveError) as error:
        await waiting
    assert error.value.reason is Reason.STOPPED
    assert_silent(cloud)
