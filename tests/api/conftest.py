"""What the tests of the client share: no Home Assistant, but real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import count
from types import SimpleNamespace

import aiohttp
import pytest

from custom_components.amnimo.api import AmnimoClient, Throttle, auth
from tests.cloud import CloudOptions, SimulatedCloud

from .scripted import ScriptedService

NOON = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


class ClientClock:
    """The client's idea of the time, that stands still unless it is moved."""

    def __init__(self) -> None:
        """Start at noon."""
        self.now = NOON.timestamp()

    def time(self) -> float:
        """Return epoch seconds."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


@pytest.fixture(autouse=True)
def _real_world(socket_enabled: None) -> None:
    """Let the client reach 127.0.0.1; there is no Home Assistant here to prepare."""


@pytest.fixture
def cloud_options() -> CloudOptions:
    """Return a cloud whose time stands still, and whose rate limit is nobody's concern."""
    return CloudOptions(
        start_seconds=0,
        port_seconds=0,
        wall=NOON.timestamp,
        monotonic=count(step=1.0).__next__,
    )


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> ClientClock:
    """Return the clock that tokens are kept by."""
    clock = ClientClock()
    clocks = SimpleNamespace(time=clock.time, monotonic=clock.time)
    monkeypatch.setattr(auth, "time", clocks)
    return clock


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Return an HTTP client session."""
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def throttle() -> Throttle:
    """Return a throttle that holds nobody back."""
    return Throttle(rate=1e6, burst=1e6)


@pytest.fixture
async def client(
    cloud: SimulatedCloud,
    session: aiohttp.ClientSession,
    throttle: Throttle,
    clock: ClientClock,
    impatient: None,
) -> AsyncIterator[AmnimoClient]:
    """Return a client of the simulated cloud, that tries again at once."""
    client = AmnimoClient(
        session,
        cloud.client_id,
        cloud.client_secret,
        api_url=cloud.url,
        throttle=throttle,
    )
    yield client
    await client.close()


@pytest.fixture
async def service() -> AsyncIterator[ScriptedService]:
    """Return a service that answers as it is told."""
    async with ScriptedService() as running:
        yield running


@pytest.fixture
async def scripted(
    service: ScriptedService,
    session: aiohttp.ClientSession,
    throttle: Throttle,
    clock: ClientClock,
    impatient: None,
) -> AsyncIterator[AmnimoClient]:
    """Return a client of the scripted service, that tries again at once."""
    client = AmnimoClient(
        session, "client-id", "client-secret", api_url=service.url, throttle=throttle
    )
    yield client
    await client.close()
