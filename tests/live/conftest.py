"""A relay with a client on the simulated cloud, and viewers that are real."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from custom_components.amnimo.api import AmnimoClient
from custom_components.amnimo.live.relay import LiveRelay
from custom_components.amnimo.live.timing import Timing
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from tests.cloud import SimulatedCloud
from tests.cloud.world import Camera, Storage
from tests.estate import Estate

from .edge import Edge
from .viewer import Viewer


@pytest.fixture
def timing() -> Timing:
    """Return durations short enough to wait for.

    A test that needs others says so; what is not shortened is the product's.
    """
    return replace(
        Timing(),
        lease=1.6,
        later_playlist=1.5,
        no_video=1.0,
        poll_before_first=0.1,
        stall_least=1.5,
        stall_target_durations=1.5,
        outage_probe=0.5,
        extend_retry=0.1,
    )


@pytest.fixture
async def client(
    hass: HomeAssistant, cloud: SimulatedCloud, impatient: None
) -> AsyncIterator[AmnimoClient]:
    """Return a client of the cloud's account."""
    client = AmnimoClient(
        async_get_clientsession(hass),
        cloud.client_id,
        cloud.client_secret,
        api_url=cloud.url,
    )
    yield client
    await client.close()


@pytest.fixture
def camera(estate: Estate) -> Camera:
    """Return a camera whose device sends only on demand."""
    return next(
        camera
        for camera in estate.cameras.values()
        if camera.storage is Storage.EDGE and camera.online
    )


@pytest.fixture
def locate(estate: Estate) -> Callable[[str], str | None]:
    """Return what finds the subscription of a camera."""

    def find(camera_id: str) -> str | None:
        for tenant in estate.tenants:
            if camera_id in tenant.cameras:
                return tenant.subscription_id
        return None

    return find


@pytest.fixture
async def relay(
    hass: HomeAssistant,
    client: AmnimoClient,
    locate: Callable[[str], str | None],
    timing: Timing,
) -> AsyncIterator[LiveRelay]:
    """Return a relay of the account's cameras."""
    relay = LiveRelay(hass, client, locate, keep_alive_period=60, timing=timing)
    yield relay
    await relay.async_close()


@pytest.fixture
async def viewer(relay: LiveRelay, camera: Camera) -> AsyncIterator[Viewer]:
    """Return somebody who may watch the camera."""
    async with Viewer(relay.source_url(camera.id)) as viewer:
        yield viewer


@pytest.fixture
async def edge(
    client: AmnimoClient, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Edge]:
    """Return a streaming server of any kind, to which the cloud's starts lead."""
    async with Edge() as edge:
        start_stream = client.start_stream

        async def start_there(*args: str, **kwargs: int):  # type: ignore[no-untyped-def]
            return replace(await start_stream(*args, **kwargs), url=edge.url)

        monkeypatch.setattr(client, "start_stream", start_there)
        yield edge
