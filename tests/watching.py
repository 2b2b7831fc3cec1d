"""Watching a camera as people do: through Home Assistant's own stream, over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol, Self
from urllib.parse import urljoin

import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket

from custom_components.amnimo.live.timing import Timing
from homeassistant.components.camera import DATA_COMPONENT, Camera
from homeassistant.components.stream import Stream
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .cloud import SimulatedCloud
from .demo.video import Footage, decode

# Home Assistant ends an output that nobody read for half a minute, and one that nobody ever
# read after a minute.
IDLE_SECONDS = 61


class Http(Protocol):
    """What fetches a path of Home Assistant's."""

    def get(self, path: str) -> Any:
        """Return a context manager of the response."""
        ...


def shorten(monkeypatch: pytest.MonkeyPatch, **seconds: float) -> None:
    """Let the relays that are made from now on be less patient, and Home Assistant too."""
    timing = replace(Timing(), **{"lease": 4.0, "outage_probe": 0.5, **seconds})
    monkeypatch.setattr("custom_components.amnimo.live.relay.Timing", lambda: timing)
    monkeypatch.setattr("homeassistant.components.stream.STREAM_RESTART_INCREMENT", 1)


async def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


def camera_entity(hass: HomeAssistant, entity_id: str) -> Camera:
    """Return the entity that there is now."""
    entity = hass.data[DATA_COMPONENT].get_entity(entity_id)
    assert entity is not None
    return entity


def stream_of(hass: HomeAssistant, entity_id: str) -> Stream:
    """Return Home Assistant's stream of a camera."""
    stream = camera_entity(hass, entity_id).stream
    assert stream is not None
    return stream


async def command(client: MockHAClientWebSocket, type_: str, **data: Any) -> Any:
    """Send a command as the frontend does; return the answer, whether good or bad."""
    await client.send_json_auto_id({"type": type_, **data})
    return await client.receive_json()


async def call(
    client: MockHAClientWebSocket, domain: str, service: str, **data: Any
) -> Any:
    """Call an action as the frontend does; return the answer, whether good or bad."""
    return await command(
        client, "call_service", domain=domain, service=service, service_data=data
    )


async def watch(
    client: MockHAClientWebSocket, http: Http, entity_id: str
) -> HomeViewer:
    """Open a camera's picture as the frontend does."""
    answer = await command(client, "camera/stream", entity_id=entity_id)
    assert answer["success"], answer
    return await HomeViewer(http, answer["result"]["url"]).open()


class HomeViewer:
    """Somebody who plays the HLS that Home Assistant makes of a camera."""

    def __init__(self, http: Http, master: str) -> None:
        """Take what fetches, and the path of the master playlist."""
        self._http = http
        self.master = master
        self._media = ""
        self._seen: set[str] = set()

    async def fetch(self, path: str) -> tuple[int, bytes]:
        """Return the status and the body of what is at a path."""
        async with asyncio.timeout(30), self._http.get(path) as response:
            return response.status, await response.read()

    async def open(self) -> Self:
        """Find the media playlist."""
        status, body = await self.fetch(self.master)
        assert status == 200, status
        lines = body.decode().splitlines()
        self._media = urljoin(
            self.master, next(line for line in lines if not line.startswith("#"))
        )
        return self

    async def playlist(self) -> str:
        """Return the media playlist; raises AssertionError where there is none."""
        status, body = await self.fetch(self._media)
        assert status == 200, status
        return body.decode()

    async def footage(self, segments: int = 2) -> Footage:
        """Return so many segments that were not seen yet, decoded as one piece of video."""
        found: list[str] = []
        content = b""
        async with asyncio.timeout(30):
            while len(found) < segments:
                text = await self.playlist()
                for line in text.splitlines():
                    if line and not line.startswith("#") and line not in self._seen:
                        self._seen.add(line)
                        found.append(line)
                await asyncio.sleep(0.1)
        for name in ("init.mp4", *found):
            status, body = await self.fetch(urljoin(self._media, name))
            assert status == 200, (status, name)
            content += body
        return decode(content)


def assert_moves(footage: Footage) -> None:
    """Check that video is decodable to its end, and that the clock in it runs."""
    assert footage.frames > 5
    assert len(footage.clocks) == footage.frames
    assert footage.runs_forward


async def everybody_leaves(hass: HomeAssistant, cloud: SimulatedCloud) -> None:
    """Let Home Assistant find that nobody reads any more, and the relay too."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=IDLE_SECONDS))
    await until(lambda: cloud.stats.live_sessions == 0)


def assert_silent(cloud: SimulatedCloud) -> None:
    """Check that nothing is open, that all was stopped, and that nothing is uploaded."""
    assert cloud.stats.live_sessions == 0
    assert cloud.stats.stops == cloud.stats.streams_started
    uploaded = cloud.stats.seconds_uploaded
    cloud.clock.advance(30)
    assert cloud.stats.seconds_uploaded == uploaded
