"""What all tests share: a simulated cloud over real sockets, and an account on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

# Home Assistant looks for integrations in the `custom_components` that was imported first, and
# the test plugin brings one of its own.
import custom_components.amnimo  # noqa: F401
from homeassistant.core import HomeAssistant

from .cloud import CloudOptions, SimulatedCloud
from .estate import Estate


@pytest.fixture(autouse=True)
def _real_world(enable_custom_integrations: None, socket_enabled: None) -> None:
    """Let Home Assistant find the integration, and everybody reach 127.0.0.1."""


@pytest.fixture(autouse=True)
def enable_event_loop_debug() -> None:
    """Leave asyncio's debug mode to PYTHONASYNCIODEBUG: it takes a third of the time."""


@pytest.fixture
def cloud_options() -> CloudOptions:
    """Return how the cloud is; a test module or a parameter may say otherwise."""
    return CloudOptions(start_seconds=0)


@pytest.fixture
async def cloud(cloud_options: CloudOptions) -> AsyncIterator[SimulatedCloud]:
    """Return a simulated cloud that runs."""
    async with SimulatedCloud(cloud_options) as running:
        yield running


@pytest.fixture
def estate(cloud: SimulatedCloud) -> Estate:
    """Return what the account has."""
    return Estate(cloud)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the client try again at once."""
    monkeypatch.setattr("custom_components.amnimo.api.client._RETRY_PAUSE", (0, 0))
    monkeypatch.setattr("custom_components.amnimo.api.throttle._PAUSE", 0.0)


@pytest.fixture
def entry_data(cloud: SimulatedCloud) -> dict[str, str]:
    """Return the data of an entry for the cloud's account."""
    return {
        "client_id": cloud.client_id,
        "client_secret": cloud.client_secret,
        "account_id": cloud.account_id,
        "api_url": cloud.url,
    }


@pytest.fixture
def entry_options() -> dict[str, Any]:
    """Return the options of the entry."""
    return {}


@pytest.fixture
def entry(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    entry_data: dict[str, str],
    entry_options: dict[str, Any],
) -> MockConfigEntry:
    """Return an entry for the cloud's account that is not loaded yet."""
    entry = MockConfigEntry(
        domain="amnimo",
        title="Account",
        unique_id=cloud.account_id,
        data=entry_data,
        options=entry_options,
    )
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
def second_entry(estate: Estate, entry_data: dict[str, str]) -> MockConfigEntry:
    """Return an entry for an account below, with the same client ID; it is not added yet."""
    child = estate.root.children[0]
    return MockConfigEntry(
        domain="amnimo",
        title="Branch",
        unique_id=child.account_id,
        data={**entry_data, "account_id": child.account_id},
    )


@pytest.fixture
def set_up(
    hass: HomeAssistant, entry: MockConfigEntry
) -> Callable[[], Awaitable[MockConfigEntry]]:
    """Return what loads the entry, after the cloud was arranged."""

    async def load() -> MockConfigEntry:
        await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        return entry

    return load


@pytest.fixture
async def loaded(
    set_up: Callable[[], Awaitable[MockConfigEntry]],
) -> MockConfigEntry:
    """Return an entry that is loaded."""
    return await set_up()
