"""Accounts with more cameras than Home Assistant takes entities for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .cloud import SimulatedCloud
from .entities import state
from .estate import Estate

LARGE_FLEET = "custom_components.amnimo.const.LARGE_FLEET"
DISPENSABLE = {
    ("image", "thumbnail"),
    ("event", "media"),
    ("binary_sensor", "recording"),
}

type SetUp = Callable[[], Awaitable[MockConfigEntry]]


def disabled(
    hass: HomeAssistant, entry: MockConfigEntry, camera_id: str
) -> set[tuple[str, str]]:
    """Return domain and key of the entities of a camera that are disabled."""
    entries = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {
        (each.domain, each.unique_id.removeprefix(camera_id).lstrip("_"))
        for each in entries
        if each.unique_id.startswith(camera_id) and each.disabled
    }


async def test_a_large_fleet_starts_with_what_matters(
    hass: HomeAssistant,
    estate: Estate,
    set_up: SetUp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Beyond a number of cameras each begins with its picture and its connection alone."""
    monkeypatch.setattr(LARGE_FLEET, 5)
    assert len(estate.cameras) > 5
    entry = await set_up()
    for camera_id in estate.cameras:
        assert disabled(hass, entry, camera_id) == DISPENSABLE
        assert state(hass, "camera", camera_id).state != "unavailable"
        assert state(hass, "binary_sensor", f"{camera_id}_connectivity")
    assert not hass.states.async_entity_ids("image")
    assert not hass.states.async_entity_ids("event")
    assert hass.states.async_entity_ids("switch")


async def test_what_a_large_fleet_left_out_can_be_enabled(
    hass: HomeAssistant,
    estate: Estate,
    set_up: SetUp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A user who wants an entity of one camera enables it, and it stays so."""
    monkeypatch.setattr(LARGE_FLEET, 5)
    entry = await set_up()
    registry = er.async_get(hass)
    wanted, other, *_ = [each.id for each in estate.cameras.values() if each.recording]
    for domain, key in DISPENSABLE:
        found = registry.async_get_entity_id(domain, "amnimo", f"{wanted}_{key}")
        assert found is not None
        registry.async_update_entity(found, disabled_by=None)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert not disabled(hass, entry, wanted)
    assert disabled(hass, entry, other) == DISPENSABLE
    assert state(hass, "binary_sensor", f"{wanted}_recording").state == "on"
    assert state(hass, "image", f"{wanted}_thumbnail").state != "unavailable"


async def test_a_fleet_that_grows_large_keeps_what_it_has(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    set_up: SetUp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Up to the number all is enabled, and stays so when cameras are added beyond it."""
    before = list(estate.cameras)
    monkeypatch.setattr(LARGE_FLEET, len(before))
    entry = await set_up()
    assert not [each for each in before if disabled(hass, entry, each)]

    added = cloud.world.add_camera(estate.root, "屋上")
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert disabled(hass, entry, added.id) == DISPENSABLE
    assert state(hass, "camera", added.id).state != "unavailable"
    assert not [each for each in before if disabled(hass, entry, each)]
