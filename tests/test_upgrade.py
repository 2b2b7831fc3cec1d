"""What an earlier release left on disk is taken over, what a later one left is not touched.

The entries and files here are written as the releases wrote them, not by today's code: that would
follow each change without anybody noticing.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from homeassistant.components.system_health import get_info
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from .cloud import SimulatedCloud
from .entities import state
from .estate import Estate


def digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def token_file(cloud: SimulatedCloud) -> str:
    """Return the name of the file with the client's token."""
    return f"amnimo.token.{digest(cloud.url, cloud.client_id)[:16]}"


@pytest.fixture
def first_entry(hass: HomeAssistant, cloud: SimulatedCloud) -> MockConfigEntry:
    """Return an entry as release 1.0.0 stored it; it is added, but not loaded."""
    entry = MockConfigEntry(
        domain="amnimo",
        title="Account",
        unique_id=cloud.account_id,
        version=1,
        minor_version=1,
        data={
            "client_id": cloud.client_id,
            "client_secret": cloud.client_secret,
            "account_id": cloud.account_id,
            "api_url": cloud.url,
        },
        options={"tenants": []},
    )
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
def later_entry(hass: HomeAssistant, cloud: SimulatedCloud) -> MockConfigEntry:
    """Return an entry of a release to come, whose data have another form; it is added."""
    entry = MockConfigEntry(
        domain="amnimo",
        title="From the future",
        unique_id=cloud.account_id,
        version=2,
        minor_version=1,
        data={"access": {"id": cloud.client_id, "key": cloud.client_secret}},
        options={"cameras": {"interval": 60}},
    )
    entry.add_to_hass(hass)
    return entry


async def test_an_entry_of_the_first_release_is_loaded(
    hass: HomeAssistant, estate: Estate, first_entry: MockConfigEntry
) -> None:
    """With the defaults of what it does not know yet."""
    before = dict(first_entry.data), dict(first_entry.options)
    assert await hass.config_entries.async_setup(first_entry.entry_id)
    assert first_entry.state is ConfigEntryState.LOADED
    assert (first_entry.data, first_entry.options) == before
    assert {state(hass, "camera", each).state for each in estate.cameras}


async def test_a_token_that_the_first_release_kept_is_used(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    first_entry: MockConfigEntry,
    hass_storage: dict[str, Any],
) -> None:
    """An upgrade costs no access token, and forgets none that were issued."""
    value, issued_at = cloud.tokens.issue(cloud.client), time.time()
    hass_storage[token_file(cloud)] = {
        "version": 1,
        "minor_version": 1,
        "key": token_file(cloud),
        "data": {
            "fingerprint": digest(cloud.client_id, cloud.client_secret),
            "record": {
                "token": {"value": value, "issued_at": issued_at, "lifetime": 7200.0},
                "calls": [issued_at - 3600, issued_at],
            },
        },
    }
    assert await hass.config_entries.async_setup(first_entry.entry_id)
    assert cloud.stats.count("token") == 0
    assert first_entry.runtime_data.hub.client.tokens.usage.calls == 2


async def test_a_job_that_the_first_release_stored_is_finished(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    first_entry: MockConfigEntry,
    hass_storage: dict[str, Any],
) -> None:
    """A clip that was on order at the upgrade is looked after by the new release."""
    camera = next(iter(estate.cameras.values()))
    now = time.time()

    def moment(seconds_ago: float) -> str:
        text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now - seconds_ago))
        return f"{text}+00:00"

    name = f"amnimo.media_jobs.{first_entry.entry_id}"
    hass_storage[name] = {
        "version": 1,
        "minor_version": 1,
        "key": name,
        "data": {
            "jobs": [
                {
                    "id": "01JD0000000000000000000000",
                    "camera_id": camera.id,
                    "camera_name": camera.name,
                    "subscription_id": camera.tenant.subscription_id,
                    "category": "CLIP",
                    "name": "Delivery",
                    "start": moment(600),
                    "end": moment(540),
                    "download": False,
                    "wanted_at": moment(5),
                    "asked_at": None,
                    "media_id": None,
                    "accepted_at": None,
                    "requested_at": None,
                    "path": None,
                }
            ]
        },
    }
    assert await hass.config_entries.async_setup(first_entry.entry_id)
    while not cloud.stats.count("media_create"):
        await asyncio.sleep(0.01)
    [job] = first_entry.runtime_data.media.diagnostics()["jobs"]
    assert job["category"] == "CLIP"


async def test_an_entry_of_a_later_release_with_the_same_data_is_loaded_unchanged(
    hass: HomeAssistant, first_entry: MockConfigEntry
) -> None:
    """A minor version says that an earlier release can do with it."""
    hass.config_entries.async_update_entry(
        first_entry,
        minor_version=7,
        options={"tenants": [], "night_mode": True},
    )
    assert await hass.config_entries.async_setup(first_entry.entry_id)
    assert first_entry.state is ConfigEntryState.LOADED
    assert (first_entry.version, first_entry.minor_version) == (1, 7)
    assert first_entry.options["night_mode"] is True


async def test_an_entry_of_a_later_release_with_other_data_is_refused_untouched(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    later_entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is said why, and the service is not asked anything."""
    before = dict(later_entry.data), dict(later_entry.options)
    assert not await hass.config_entries.async_setup(later_entry.entry_id)
    assert later_entry.state is ConfigEntryState.MIGRATION_ERROR
    assert (later_entry.data, later_entry.options) == before
    assert later_entry.version == 2
    assert cloud.stats.total() == 0
    assert "From the future" in caplog.text
    assert cloud.client_secret not in caplog.text


async def test_an_entry_that_can_not_be_read_is_in_nobodys_way(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    later_entry: MockConfigEntry,
    second_entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    hass_storage: dict[str, Any],
) -> None:
    """Another account works beside it, and it can be looked at and removed."""
    await hass.config_entries.async_setup(later_entry.entry_id)
    second_entry.add_to_hass(hass)
    await hass.config_entries.async_setup(second_entry.entry_id)
    await hass.async_block_till_done()
    assert second_entry.state is ConfigEntryState.LOADED

    assert await async_setup_component(hass, "system_health", {})
    assert (await get_info(hass))["amnimo"]["can_reach_server"]
    assert await async_setup_component(hass, "diagnostics", {})
    download: Any = await get_diagnostics_for_config_entry(
        hass, hass_client, later_entry
    )
    assert download == {"version": 2, "state": "migration_error"}
    assert cloud.client_secret not in json.dumps(download)

    await hass.config_entries.async_remove(later_entry.entry_id)
    assert second_entry.state is ConfigEntryState.LOADED
    await hass.config_entries.async_remove(second_entry.entry_id)
    await hass.async_block_till_done()
    assert not [key for key in hass_storage if key.startswith("amnimo")]
