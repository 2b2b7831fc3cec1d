"""What the page of the system's health says of the service and its limits."""

from __future__ import annotations

from datetime import datetime
import json
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.components.system_health import get_info
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from .cloud import SimulatedCloud
from .estate import Estate
from .passing_time import poll


async def health(hass: HomeAssistant) -> dict[str, Any]:
    """Return what the page shows."""
    assert await async_setup_component(hass, "system_health", {})
    return dict((await get_info(hass))["amnimo"])


@pytest.mark.usefixtures("loaded", "impatient")
async def test_the_service_and_its_limits_are_shown(
    hass: HomeAssistant, cloud: SimulatedCloud
) -> None:
    """It is asked whether it is there, which costs no request of the limit."""
    before = cloud.stats.total()
    shown = await health(hass)
    assert list(shown) == [
        "can_reach_server",
        "token_valid_until",
        "tokens",
        "refusals",
    ]
    assert shown["can_reach_server"] == "ok"
    assert shown["tokens"] == "1 / 1000"
    assert shown["refusals"] == 0
    left = datetime.fromisoformat(shown["token_valid_until"]) - dt_util.utcnow()
    assert 7000 < left.total_seconds() <= 7200
    assert cloud.stats.count("token") == 1
    asked = cloud.stats.total() - before
    assert asked == cloud.stats.count("unknown")

    cloud.faults.add("cameras", "status", status=429, count=1)
    await poll(hass, cloud)
    assert (await health(hass))["refusals"] == 1


async def test_a_service_that_is_away_is_shown_with_what_is_known_of_it(
    hass: HomeAssistant, cloud: SimulatedCloud, entry: MockConfigEntry
) -> None:
    """Also where nothing could be set up."""
    await cloud.stop()
    await hass.config_entries.async_setup(entry.entry_id)
    shown = await health(hass)
    assert shown == {
        "can_reach_server": "Failed: unreachable",
        "token_valid_until": None,
        "tokens": "0 / 1000",
        "refusals": 0,
    }


@pytest.mark.parametrize("language", ["en", "ja"])
async def test_client_ids_are_told_apart_by_their_accounts(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    loaded: MockConfigEntry,
    entry_data: dict[str, str],
    language: str,
) -> None:
    """Accounts of one client ID are one; no ID or secret is shown."""
    hass.config.language = language
    child = estate.root.children[0]
    neighbour = cloud.neighbour
    data = {
        "client_id": neighbour.client_id,
        "client_secret": neighbour.secret,
        "account_id": neighbour.accounts[0].account_id,
    }
    for title, changes in (
        ("Branch", {"account_id": child.account_id}),
        ("Neighbour", data),
    ):
        other = MockConfigEntry(
            domain="amnimo",
            title=title,
            unique_id=changes["account_id"],
            data={**entry_data, **changes},
        )
        other.add_to_hass(hass)
        await hass.config_entries.async_setup(other.entry_id)
    shown = await health(hass)
    assert len(shown) == 8
    label = {"en": "Access tokens in 31 days", "ja": "アクセストークン発行数(31日間)"}
    for accounts in ("Account, Branch", "Neighbour"):
        assert shown[f"{label[language]} ({accounts})"] == "1 / 1000"
    text = json.dumps(shown)
    for client in (cloud.client, neighbour):
        assert client.client_id not in text
        assert client.secret not in text
