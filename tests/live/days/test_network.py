"""The network changes while somebody watches: another router, another address, no name."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from http import HTTPStatus

import pytest
from yarl import URL

from custom_components.amnimo.api import AmnimoClient
from custom_components.amnimo.live.errors import LiveError, Reason
from custom_components.amnimo.live.relay import LiveRelay
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from tests.cloud import SimulatedCloud
from tests.cloud.world import Camera

from .audience import Audience, now
from .network import Network

# Seconds that a viewer may wait for the picture once there is a way again.
BACK = 15
# Seconds after which go2rtc takes a later playlist for lost.
READERS_PATIENCE = 5


@pytest.fixture
async def network(cloud: SimulatedCloud) -> AsyncIterator[Network]:
    """Return the way to the cloud."""
    origin = URL(cloud.origin)
    assert origin.host is not None
    assert origin.port is not None
    async with Network(origin.host, origin.port) as network:
        yield network


@pytest.fixture
async def client(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    network: Network,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[AmnimoClient]:
    """Return a client whose way to the cloud, and to its streams, is the network."""
    client = AmnimoClient(
        async_get_clientsession(hass),
        cloud.client_id,
        cloud.client_secret,
        api_url=cloud.url.replace(cloud.origin, network.origin),
    )
    start_stream = client.start_stream

    async def start_there(*args: str, **kwargs: int):  # type: ignore[no-untyped-def]
        stream = await start_stream(*args, **kwargs)
        return replace(stream, url=stream.url.replace(cloud.origin, network.origin))

    monkeypatch.setattr(client, "start_stream", start_there)
    yield client
    await client.close()


# The second is while the stream is being extended.
@pytest.mark.parametrize("after", [5.0, 29.9])
async def test_the_picture_comes_back_when_all_connections_have_gone_silent(
    audience: Audience, cloud: SimulatedCloud, network: Network, after: float
) -> None:
    audience.watch()
    await audience.until_moving()
    await asyncio.sleep(after)
    network.change()
    changed = now()
    await asyncio.sleep(65)
    assert audience.longest_without(changed) <= BACK
    assert audience.statuses() == {HTTPStatus.OK}
    # The stream was there all the time.
    assert cloud.stats.streams_started == 1
    assert cloud.stats.keep_alive_updates >= 2


async def test_the_picture_comes_back_when_there_is_a_network_again(
    relay: LiveRelay,
    camera: Camera,
    audience: Audience,
    cloud: SimulatedCloud,
    network: Network,
) -> None:
    """A minute without: connections are refused, and the stream goes on meanwhile."""
    audience.watch()
    await audience.until_moving()
    await network.cut()
    cut = now()
    # The service has been told to go on just before.
    await asyncio.sleep(25)
    error = relay.last_error(camera.id)
    assert error is not None
    assert error.reason is Reason.UNREACHABLE
    await network.connect()
    await audience.until_moving(BACK)
    assert relay.last_error(camera.id) is None
    assert max(seen.seconds for seen in audience.since(cut)) < READERS_PATIENCE
    assert audience.statuses() == {HTTPStatus.OK}
    assert cloud.stats.streams_started == 1


async def test_a_stop_finds_its_way_when_all_connections_have_gone_silent(
    relay: LiveRelay, audience: Audience, cloud: SimulatedCloud, network: Network
) -> None:
    audience.watch()
    await audience.until_moving()
    await audience.leave()
    network.change()
    await asyncio.sleep(60)
    assert cloud.stats.live_sessions == 0
    assert cloud.stats.stops == 1


async def test_a_cloud_of_which_the_name_leads_nowhere_is_said_to_be_out_of_reach(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def resolve(*_: object, **__: object) -> None:
        raise OSError("no such name")

    monkeypatch.setattr("aiohttp.TCPConnector._resolve_host", resolve)
    client = AmnimoClient(
        async_get_clientsession(hass),
        cloud.client_id,
        cloud.client_secret,
        api_url="http://cloud.invalid/ex",
    )
    relay = LiveRelay(hass, client, lambda _: "any", keep_alive_period=60)
    with pytest.raises(LiveError) as caught:
        await relay.async_prepare(camera.id)
    assert caught.value.reason is Reason.UNREACHABLE
    assert now() < 30
    await relay.async_close()
    await client.close()
