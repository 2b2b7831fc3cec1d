"""What these tests share: time that skips, the product's timing, and somebody who watches."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
import time

import pytest

from custom_components.amnimo.api import AmnimoClient
from custom_components.amnimo.live.relay import LiveRelay
from custom_components.amnimo.live.timing import Timing
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from tests.cloud import CloudOptions, SimulatedCloud
from tests.cloud.world import Camera

from .audience import Audience
from .skipping_loop import SkippingLoop


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run the tests of this folder on a loop that does not wait."""
    return {"skipping": SkippingLoop}


@pytest.fixture(autouse=True)
async def _one_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every clock go as the loop's does: the cloud's, the tokens', the connections'."""
    loop = asyncio.get_running_loop()
    began = time.time() - loop.time()
    monkeypatch.setattr(time, "time", lambda: began + loop.time())
    monkeypatch.setattr(time, "monotonic", loop.time)
    monkeypatch.setattr("aiohttp.connector.monotonic", loop.time)


@pytest.fixture
def cloud_options() -> CloudOptions:
    """Return a cloud whose devices take a second to begin, as the product is made for."""
    return CloudOptions(start_seconds=1.0, segment_seconds=2)


@pytest.fixture
def timing() -> Timing:
    """Return the product's own durations."""
    return Timing()


@pytest.fixture
async def audience(
    relay: LiveRelay, camera: Camera, cloud: SimulatedCloud
) -> AsyncIterator[Audience]:
    """Return somebody who may watch the camera all the time."""
    async with Audience(relay.source_url(camera.id), cloud) as audience:
        yield audience


@pytest.fixture
async def client(
    hass: HomeAssistant, cloud: SimulatedCloud
) -> AsyncIterator[AmnimoClient]:
    """Return a client of the cloud's account, as patient as the product's."""
    client = AmnimoClient(
        async_get_clientsession(hass),
        cloud.client_id,
        cloud.client_secret,
        api_url=cloud.url,
    )
    yield client
    await client.close()
