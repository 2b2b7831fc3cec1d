"""A relay with a client on the simulated cloud, and viewers that are real."""

from collections.abc import AsyncIterator
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


@pytest.fixture
def timing() -> Timing:
    """Return durations short enough to wait for; what is not shortened is the product's."""
    return replace(Timing(), lease=2.5, stall_least=2.0, outage_probe=0.2)


@pytest.fixture
async def client(hass: HomeAssistant, cloud: SimulatedCloud) -> AmnimoClient:
    """Return a client of the cloud's account."""
    return AmnimoClient(
        async_get_clientsession(hass),
        cloud.client_id,
        cloud.client_secret,
        api_url=cloud.url,
    )


@pytest.fixture
async def relay(
    hass: HomeAssistant, client: AmnimoClient, estate: Estate, timing: Timing
) -> AsyncIterator[LiveRelay]:
    """Return a relay of the account's cameras."""

    def locate(camera_id: str) -> str | None:
        for tenant in estate.tenants:
            if camera_id in tenant.cameras:
                return tenant.subscription_id
        return None

    relay = LiveRelay(hass, client, locate, keep_alive_period=60, timing=timing)
    yield relay
    await relay.async_close()


@pytest.fixture
def camera(estate: Estate) -> Camera:
    """Return a camera whose device sends only on demand."""
    return next(
        camera
        for camera in estate.cameras.values()
        if camera.storage is Storage.EDGE and camera.online
    )
