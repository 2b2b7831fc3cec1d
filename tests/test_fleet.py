"""Accounts with more cameras than Home Assistant takes entities for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.amnimo.entity_budget import Importance, has_room
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .cloud import SimulatedCloud
from .entities import state
from .estate import Estate

BUDGET = "custom_components.amnimo.entity_budget.MOST_ENTITIES"
EXTRA = {
    ("image", "thumbnail"),
    ("event", "media"),
    ("binary_sensor", "recording"),
}
STATE = {("binary_sensor", "connectivity")}

# Room for all of 12 cameras and 4 devices but pictures, events and recording states.
ROOM_FOR_RESETS = 110
ROOM_FOR_STATES = 90
ROOM_FOR_ESSENTIALS = 40
NO_ROOM = 10

type SetUp = Callable[[], Awaitable[MockConfigEntry]]


def entities(hass: HomeAssistant, entry: MockConfigEntry) -> list[er.RegistryEntry]:
    """Return all entities of the account."""
    return er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)


def disabled(
    hass: HomeAssistant, entry: MockConfigEntry, camera_id: str
) -> set[tuple[str, str]]:
    """Return domain and key of the entities of a camera that are disabled."""
    return {
        (each.domain, each.unique_id.removeprefix(camera_id).lstrip("_"))
        for each in entities(hass, entry)
        if each.unique_id.startswith(camera_id) and each.disabled
    }


async def test_a_large_fleet_starts_with_what_matters(
    hass: HomeAssistant,
    estate: Estate,
    set_up: SetUp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where there is no room for all, pictures and events are the first to wait."""
    monkeypatch.setattr(BUDGET, ROOM_FOR_RESETS)
    entry = await set_up()
    for camera_id in estate.cameras:
        assert disabled(hass, entry, camera_id) == EXTRA
        assert state(hass, "camera", camera_id).state != "unavailable"
        assert state(hass, "binary_sensor", f"{camera_id}_connectivity")
    assert not hass.states.async_entity_ids("image")
    assert not hass.states.async_entity_ids("event")
    assert hass.states.async_entity_ids("switch")
    assert hass.states.async_entity_ids("button")


@pytest.mark.parametrize(
    ("room", "waiting"),
    [(ROOM_FOR_STATES, EXTRA), (ROOM_FOR_ESSENTIALS, EXTRA | STATE)],
)
async def test_a_larger_fleet_starts_with_less(
    hass: HomeAssistant,
    estate: Estate,
    set_up: SetUp,
    monkeypatch: pytest.MonkeyPatch,
    room: int,
    waiting: set[tuple[str, str]],
) -> None:
    """Reset buttons wait next, then states; cameras and switches are there in any case."""
    monkeypatch.setattr(BUDGET, room)
    entry = await set_up()
    for camera_id in estate.cameras:
        assert disabled(hass, entry, camera_id) == waiting
    assert not hass.states.async_entity_ids("button")
    assert len(hass.states.async_entity_ids("camera")) == len(estate.cameras)
    ports = list(estate.port_ids(inputs=False))
    assert len(hass.states.async_entity_ids("switch")) == len(ports)


async def test_what_there_is_no_room_for_at_all_can_be_enabled_all_the_same(
    hass: HomeAssistant,
    estate: Estate,
    set_up: SetUp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is dropped: a camera too many is there, but disabled."""
    monkeypatch.setattr(BUDGET, NO_ROOM)
    entry = await set_up()
    kept = {each.unique_id for each in entities(hass, entry)}
    assert estate.cameras.keys() <= kept
    assert set(estate.port_ids(inputs=False)) <= kept
    assert any(each.disabled for each in entities(hass, entry))
    assert hass.states.async_entity_ids("camera") or hass.states.async_entity_ids(
        "switch"
    )
    # The account's own sensors are not left out.
    assert len(hass.states.async_entity_ids("sensor")) == 2


async def test_what_a_large_fleet_left_out_can_be_enabled(
    hass: HomeAssistant,
    estate: Estate,
    set_up: SetUp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A user who wants an entity of one camera enables it, and it stays so."""
    monkeypatch.setattr(BUDGET, ROOM_FOR_RESETS)
    entry = await set_up()
    registry = er.async_get(hass)
    wanted, other, *_ = [each.id for each in estate.cameras.values() if each.recording]
    for domain, key in EXTRA:
        found = registry.async_get_entity_id(domain, "amnimo", f"{wanted}_{key}")
        assert found is not None
        registry.async_update_entity(found, disabled_by=None)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert not disabled(hass, entry, wanted)
    assert disabled(hass, entry, other) == EXTRA
    assert state(hass, "binary_sensor", f"{wanted}_recording").state == "on"
    assert state(hass, "image", f"{wanted}_thumbnail").state != "unavailable"


async def test_a_fleet_that_grows_large_keeps_what_it_has(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    set_up: SetUp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While there is room all is enabled, and stays so when cameras are added beyond it."""
    before = list(estate.cameras)
    monkeypatch.setattr(BUDGET, 12 * len(before))
    entry = await set_up()
    assert not [each for each in before if disabled(hass, entry, each)]

    added = cloud.world.add_camera(estate.root, "屋上")
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert disabled(hass, entry, added.id) == EXTRA
    assert state(hass, "camera", added.id).state != "unavailable"
    assert not [each for each in before if disabled(hass, entry, each)]


@pytest.mark.parametrize(
    ("cameras", "devices", "least"),
    [
        (12, 4, Importance.EXTRA),
        (1000, 200, Importance.EXTRA),
        (1980, 0, Importance.EXTRA),
        (1981, 0, Importance.RESET),
        (2000, 200, Importance.RESET),
        (3000, 250, Importance.STATE),
        (5000, 200, Importance.ESSENTIAL),
        (5000, 1000, Importance.ESSENTIAL),
    ],
)
def test_what_an_account_begins_with_depends_on_its_size(
    cameras: int, devices: int, least: Importance
) -> None:
    """The more there is, the fewer kinds of entities are enabled."""
    room = {
        importance
        for importance in Importance
        if has_room(importance, cameras=cameras, devices=devices, enabled=0)
    }
    assert room == {importance for importance in Importance if importance <= least}
