"""The access token across Home Assistant: restarts, a revoked secret, several accounts."""

from __future__ import annotations

import random
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.amnimo.api import AmnimoAuthError, Lane
from custom_components.amnimo.hub import AmnimoHub
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from .cloud import CloudOptions, SimulatedCloud
from .logged import tracebacks
from .media.passage import Passage

DAY = 24 * 3600.0


@pytest.fixture
def cloud_options() -> CloudOptions:
    """Return a cloud that answers at once."""
    return CloudOptions(start_seconds=0)


@pytest.fixture
def passage(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> Passage:
    """Return the passing of time."""
    return Passage(hass, freezer)


def unavailable(hass: HomeAssistant, domain: str) -> set[str]:
    """Return the entities of a domain that are unavailable."""
    return {
        state.entity_id
        for state in hass.states.async_all(domain)
        if state.state == "unavailable"
    }


def token_file(hass_storage: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of the one client ID."""
    [kept] = [
        value for key, value in hass_storage.items() if key.startswith("amnimo.token.")
    ]
    return kept


async def test_a_revoked_secret_is_asked_for_once_and_tried_a_few_times(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    passage: Passage,
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """All is unavailable and one dialogue open, for a day in which people go on trying."""
    assert await passage.result_of(hass.config_entries.async_setup(entry.entry_id))
    assert entry.state is ConfigEntryState.LOADED
    await passage.pass_time(step=61, minutes=5)
    assert not unavailable(hass, "camera")

    cloud.client.secret = "renewed"
    cloud.tokens.revoke_all()
    before = cloud.stats.count("token")
    await passage.pass_time(step=30, minutes=5)
    [flow] = hass.config_entries.flow.async_progress()
    assert flow["step_id"] == "reauth_confirm"
    for domain in ("camera", "switch", "image"):
        assert unavailable(hass, domain) == set(hass.states.async_entity_ids(domain))

    client = entry.runtime_data.hub.client
    asked = 0
    for quarter in range(24 * 4):
        if quarter == 8:
            asked = cloud.stats.total()
        with pytest.raises(AmnimoAuthError):
            await passage.result_of(client.hierarchy(cloud.account_id, lane=Lane.USER))
        await passage.pass_time(step=300, minutes=15)
    assert cloud.stats.count("token") - before <= 12
    # Once the time of the old token is over there is nothing to ask with.
    assert cloud.stats.total() == asked
    assert hass.config_entries.flow.async_progress() == [flow]
    assert not tracebacks(caplog)

    answered = await passage.result_of(
        hass.config_entries.flow.async_configure(
            flow["flow_id"], {"client_secret": "renewed"}
        )
    )
    assert answered["type"] is FlowResultType.ABORT
    assert answered["reason"] == "reauth_successful"
    await passage.pass_time(step=5, seconds=30)
    assert entry.state is ConfigEntryState.LOADED
    assert not unavailable(hass, "camera")
    # The calls with the old secret were calls all the same.
    tokens = entry.runtime_data.hub.client.tokens
    assert tokens.usage.calls == cloud.stats.count("token")


@pytest.mark.timeout(300)
async def test_a_month_with_two_hundred_restarts_costs_375_tokens_at_most(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    freezer: FrozenDateTimeFactory,
    passage: Passage,
    hass_storage: dict[str, Any],
) -> None:
    """Over real sockets, with what is on disk, and the service's own quota."""
    chance = random.Random(1)

    async def started() -> AmnimoHub:
        hub = AmnimoHub(hass, cloud.client_id, cloud.client_secret, cloud.url)
        await hub.store.async_persist()
        return hub

    restarts = sorted(chance.uniform(0, 31 * DAY) for _ in range(200))
    hub = await started()
    now = 0.0
    while now < 31 * DAY:
        await hub.client.hierarchy(cloud.account_id)
        if restarts and now > restarts[0]:
            restarts.pop(0)
            await hub.client.close()
            hub = await started()
        pause = chance.uniform(30, 1800)
        now += pause
        freezer.tick(pause)
    assert not restarts
    assert 330 <= cloud.stats.tokens_issued <= 375
    assert cloud.stats.count("hierarchy", 403) == 0
    assert cloud.stats.refused == 0
    kept = token_file(hass_storage)["data"]["record"]["calls"]
    assert cloud.stats.tokens_issued - 2 <= len(kept) <= cloud.stats.tokens_issued


@pytest.mark.usefixtures("impatient")
async def test_a_token_that_is_refused_for_the_rate_is_not_taken_for_the_last(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    passage: Passage,
    entry: MockConfigEntry,
) -> None:
    """Somebody else with the client ID was quicker: the cameras are back within seconds."""
    assert await passage.result_of(hass.config_entries.async_setup(entry.entry_id))
    cameras = entry.runtime_data.cameras
    cloud.faults.add("token", "status", status=429, count=3)
    await passage.step(7201)
    await passage.pass_time(step=1, seconds=3)
    assert unavailable(hass, "camera") == set(hass.states.async_entity_ids("camera"))
    assert cameras.last_exception.translation_key == "rate_limited"
    await passage.pass_time(step=1, seconds=9)
    assert not unavailable(hass, "camera")
    assert cloud.stats.tokens_issued == 2


@pytest.mark.usefixtures("impatient")
async def test_a_token_that_is_refused_without_end_is_the_quota(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    passage: Passage,
    entry: MockConfigEntry,
) -> None:
    """Others may have used it up; it is asked for again when the keeper of the token does."""
    assert await passage.result_of(hass.config_entries.async_setup(entry.entry_id))
    cameras = entry.runtime_data.cameras
    cloud.faults.add("token", "status", status=429, count=-1)
    await passage.step(7201)
    await passage.pass_time(step=5, minutes=15)
    assert cameras.last_exception.translation_key == "quota_exhausted"
    assert unavailable(hass, "camera") == set(hass.states.async_entity_ids("camera"))

    cloud.faults.clear()
    await passage.pass_time(step=10, minutes=12)
    assert not unavailable(hass, "camera")
    assert cloud.stats.tokens_issued == 2


async def test_a_secret_of_before_does_not_put_its_token_in_place_of_a_new_one(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    passage: Passage,
    entry: MockConfigEntry,
    second_entry: MockConfigEntry,
    hass_storage: dict[str, Any],
) -> None:
    """One of two accounts got the new secret: a restart costs it no token, and no count."""
    second_entry.add_to_hass(hass)
    assert await passage.result_of(hass.config_entries.async_setup(entry.entry_id))
    assert second_entry.state is ConfigEntryState.LOADED
    cloud.client.secret = "renewed"
    cloud.tokens.revoke_all()
    await passage.pass_time(step=30, minutes=5)
    flow = next(
        flow
        for flow in hass.config_entries.flow.async_progress()
        if flow["context"]["entry_id"] == entry.entry_id
    )
    await passage.result_of(
        hass.config_entries.flow.async_configure(
            flow["flow_id"], {"client_secret": "renewed"}
        )
    )
    await passage.pass_time(step=5, seconds=30)
    assert entry.state is ConfigEntryState.LOADED
    tokens = entry.runtime_data.hub.client.tokens
    issued, asked = cloud.stats.tokens_issued, cloud.stats.count("token")

    await passage.pass_time(step=60, minutes=10)
    old = second_entry.runtime_data.hub.client
    with pytest.raises(AmnimoAuthError):
        await passage.result_of(old.hierarchy(cloud.account_id, lane=Lane.USER))
    assert cloud.stats.count("token") == asked + 1
    kept = token_file(hass_storage)["data"]["record"]
    assert kept["token"]["value"] == tokens.current.value
    assert len(kept["calls"]) == tokens.usage.calls

    hass.data.pop("amnimo_hubs")
    await passage.result_of(hass.config_entries.async_reload(entry.entry_id))
    assert entry.state is ConfigEntryState.LOADED
    assert cloud.stats.tokens_issued == issued


async def test_accounts_with_one_client_id_share_a_token_and_take_turns(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    second_entry: MockConfigEntry,
) -> None:
    """Each waits for itself, at the throttle that is there once."""
    second_entry.add_to_hass(hass)
    await hass.config_entries.async_setup(second_entry.entry_id)
    await hass.async_block_till_done()
    assert cloud.stats.tokens_issued == 1

    clients = [each.runtime_data.cameras.client for each in (loaded, second_entry)]
    assert clients[0].throttle is clients[1].throttle
    assert clients[0].tokens is clients[1].tokens
    assert clients[0].requests is clients[1].requests
    for each in (loaded, second_entry):
        runtime = each.runtime_data
        assert runtime.cameras.client.party == each.entry_id
        assert runtime.ports.client.party == each.entry_id


async def test_a_token_file_that_can_not_be_read_costs_a_token_and_no_more(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    hass_storage: dict[str, Any],
) -> None:
    """One that a later release wrote is replaced."""
    token_file(hass_storage)["version"] = 99
    hass.data.pop("amnimo_hubs")
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done()
    assert loaded.state is ConfigEntryState.LOADED
    assert cloud.stats.tokens_issued == 2
    assert token_file(hass_storage)["version"] == 1
    hass.data.pop("amnimo_hubs")
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done()
    assert cloud.stats.tokens_issued == 2
