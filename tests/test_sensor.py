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
