"""What the checks share: a cloud whose time stands still, and somebody who calls it."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.cloud import CloudOptions, SimulatedCloud
from tests.cloud.world import Camera, Device, DeviceModel, Storage

from .caller import Caller
from .still import still_options


@pytest.fixture(autouse=True)
def _real_sockets(socket_enabled: None) -> None:
    """Let everybody reach 127.0.0.1."""


@pytest.fixture
def enable_custom_integrations() -> None:
    """Set no Home Assistant up for a check that has nothing to do with it."""


@pytest.fixture
def options() -> CloudOptions:
    """Return how the cloud is; a parameter of this name says otherwise."""
    return still_options()


@pytest.fixture
async def cloud(options: CloudOptions) -> AsyncIterator[SimulatedCloud]:
    """Return a cloud that runs."""
    async with SimulatedCloud(options) as running:
        yield running


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Return an HTTP client session."""
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
async def caller(cloud: SimulatedCloud, session: aiohttp.ClientSession) -> Caller:
    """Return a caller who has signed in."""
    signed_in = Caller(cloud, session, cloud.client)
    await signed_in.sign_in()
    return signed_in


@pytest.fixture
def edge_camera(cloud: SimulatedCloud) -> Camera:
    """Return a camera that records at the edge, fed by a port of its device."""
    return next(
        camera
        for camera in cloud.world.cameras.values()
        if camera.storage is Storage.EDGE and camera.port is not None
    )


@pytest.fixture
def cloud_camera(cloud: SimulatedCloud) -> Camera:
    """Return a camera that records in the cloud."""
    return next(
        camera
        for camera in cloud.world.cameras.values()
        if camera.storage is Storage.CLOUD
    )


@pytest.fixture
def gateway(cloud: SimulatedCloud) -> Device:
    """Return a device with ports of every kind."""
    return next(
        device
        for device in cloud.world.devices.values()
        if device.model is DeviceModel.AG20
    )
