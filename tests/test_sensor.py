"""What an account has used of the service's limits."""

from __future__ import annotations

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant

from .cloud import SimulatedCloud
from .entities import state
from .passing_time import poll


@pytest.mark.usefixtures("loaded", "impatient")
async def test_tokens_and_refusals_are_counted(
    hass: HomeAssistant, cloud: SimulatedCloud
) -> None:
    """The account shows the tokens it asked for, and how often it was refused for haste."""
    tokens = f"{cloud.account_id}_tokens"
    refusals = f"{cloud.account_id}_refusals"
    assert state(hass, "sensor", tokens).state == "1"
    assert state(hass, "sensor", refusals).state == "0"

    cloud.faults.add("cameras", "status", status=429, count=1)
    await poll(hass, cloud)
    await poll(hass, cloud)
    assert state(hass, "sensor", refusals).state == "1"
    assert cloud.stats.refused == 1


@pytest.mark.usefixtures("impatient")
async def test_counts_are_there_while_the_service_is_not(
    hass: HomeAssistant, cloud: SimulatedCloud, loaded: MockConfigEntry
) -> None:
    """The account's counts are ours, so an outage does not take them away."""
    cloud.faults.add("*", "drop", count=-1)
    await poll(hass, cloud)
    assert state(hass, "sensor", f"{cloud.account_id}_tokens").state == "1"


async def test_tokens_are_counted_across_restarts_and_refusals_since_the_last(
    hass: HomeAssistant, cloud: SimulatedCloud, loaded: MockConfigEntry
) -> None:
    """A reload changes neither; a start finds the tokens on disk, and begins at no refusal."""
    tokens = f"{cloud.account_id}_tokens"
    refusals = f"{cloud.account_id}_refusals"
    loaded.runtime_data.hub.client.throttle.refused()
    for start, shown in ((False, "1"), (True, "0")):
        if start:
            hass.data.pop("amnimo_hubs")
        await hass.config_entries.async_reload(loaded.entry_id)
        await hass.async_block_till_done()
        assert state(hass, "sensor", tokens).state == "1"
        assert state(hass, "sensor", refusals).state == shown
    cloud.tokens.revoke_all()
    # A token that was accepted just now is not what a refusal is about.
    hass.data.pop("amnimo_hubs")
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done()
    assert state(hass, "sensor", tokens).state == str(cloud.stats.tokens_issued) == "2"


@pytest.mark.usefixtures("impatient")
async def test_accounts_with_one_client_id_show_the_same_counts(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    second_entry: MockConfigEntry,
) -> None:
    """The limits are the client ID's, so what one account uses the other sees at once."""
    second_entry.add_to_hass(hass)
    await hass.config_entries.async_setup(second_entry.entry_id)
    await hass.async_block_till_done()
    cloud.faults.add("cameras", "status", status=429, count=1)
    await poll(hass, cloud)
    await poll(hass, cloud)

    def shown(key: str) -> set[str]:
        return {
            state(hass, "sensor", f"{account_id}_{key}").state
            for account_id in (cloud.account_id, second_entry.unique_id)
        }

    assert shown("tokens") == {"1"}
    assert shown("refusals") == {str(cloud.stats.refused)} == {"1"}
    # Nobody waits for the next minute to see a token that was just asked for.
    client = loaded.runtime_data.hub.client
    await client.tokens.adopt(await client.issue_token())
    await hass.async_block_till_done()
    assert shown("tokens") == {str(cloud.stats.tokens_issued)} == {"2"}
