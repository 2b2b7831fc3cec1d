"""Automations that begin when a port moves, and whose doing counts as whose."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.amnimo.api import Lane
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from tests.cloud import SimulatedCloud
from tests.cloud.world import Device, Port, PortKind
from tests.entities import entity_id
from tests.estate import Estate
from tests.passing_time import poll

from .conftest import COMMANDS, Automate, device_id

TELL_PORT = """
mode: parallel
triggers:
  - trigger: amnimo.port_changed
    target:
      <target>
    options:
      outside_only: <outside_only>
      for: <duration>
actions:
  - event: told
    event_data:
      entity_id: "{{ trigger.entity_id }}"
      device_id: "{{ trigger.device_id }}"
      name: "{{ trigger.name }}"
      move: "{{ trigger.from }} > {{ trigger.to }}"
      outside: "{{ trigger.outside }}"
"""

type Order = Callable[..., Any]


@pytest.fixture
def switch(
    hass: HomeAssistant, loaded: MockConfigEntry, device: Device, port: Port
) -> str:
    """Return the switch of the port."""
    return entity_id(hass, "switch", f"{device.id}_{port.id}")


@pytest.fixture
def order(hass: HomeAssistant, cloud: SimulatedCloud, switch: str) -> Order:
    """Return what gives a command to the port, and goes on once the cloud has taken it."""

    async def run(action: str, **data: Any) -> asyncio.Task[None]:
        taken = cloud.stats.count("port", 200)
        domain, name = action.split(".")
        call = hass.async_create_task(
            hass.services.async_call(
                domain, name, {"entity_id": switch, **data}, blocking=True
            )
        )
        async with asyncio.timeout(10):
            while cloud.stats.count("port", 200) == taken and not call.done():
                await asyncio.sleep(0.01)
        return call

    return run


async def tell(automate: Automate, target: str, **options: str) -> list[Any]:
    """Return the events of the moves from outside, or of what the options say."""
    defaults = {"outside_only": "true", "duration": "00:00:00"}
    return await automate(TELL_PORT, target=target, **{**defaults, **options})


async def test_a_port_that_somebody_else_switches_is_told_of(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    device: Device,
    port: Port,
    switch: str,
    automate: Automate,
) -> None:
    """In the vendor's portal, for example; with all that an answer to it may need."""
    told = await tell(automate, f"entity_id: {switch}")
    device.ports_of(PortKind.POE)[1].set(on=False)
    port.set(on=False)
    await poll(hass, cloud)
    (event,) = told
    assert event.data == {
        "entity_id": switch,
        "device_id": device_id(hass, loaded, device.id),
        "name": port.id,
        "move": "on > off",
        "outside": True,
    }
    await poll(hass, cloud)
    port.set(on=True)
    await poll(hass, cloud)
    assert [event.data["move"] for event in told] == ["on > off", "off > on"]


@pytest.mark.usefixtures("hurried")
async def test_what_home_assistant_switched_is_not_from_outside(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    port: Port,
    switch: str,
    order: Order,
    automate: Automate,
) -> None:
    """And the next move of somebody else's is, at once."""
    told = await tell(automate, f"entity_id: {switch}")
    call = await order("switch.turn_off")
    cloud.clock.advance(6)
    await call
    await poll(hass, cloud)
    assert not port.on
    assert told == []
    port.set(on=True)
    await poll(hass, cloud)
    assert [event.data["move"] for event in told] == ["off > on"]


@pytest.mark.usefixtures("hurried")
async def test_what_shows_a_sweep_later_is_not_from_outside_either(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    port: Port,
    switch: str,
    order: Order,
    automate: Automate,
) -> None:
    """The switch went back meanwhile, and whoever switched was told so: that is no move."""
    told = await tell(automate, f"entity_id: {switch}")
    call = await order("switch.turn_off")
    with pytest.raises(HomeAssistantError, match=port.id):
        await call
    assert hass.states.get(switch).state == "on"
    await poll(hass, cloud)
    assert hass.states.get(switch).state == "off"
    assert told == []
    port.set(on=True)
    await poll(hass, cloud)
    assert [event.data["move"] for event in told] == ["off > on"]


@pytest.mark.usefixtures("hurried", "impatient")
async def test_a_command_whose_answer_was_lost_may_be_obeyed_all_the_same(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    port: Port,
    switch: str,
    order: Order,
    automate: Automate,
) -> None:
    told = await tell(automate, f"entity_id: {switch}")
    cloud.faults.add("port", "truncated", count=-1)
    call = await order("switch.turn_off")
    with pytest.raises(HomeAssistantError):
        await call
    await poll(hass, cloud)
    assert not port.on
    assert hass.states.get(switch).state == "off"
    assert told == []


@pytest.mark.usefixtures("hurried")
async def test_a_command_that_was_refused_is_nobodys(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    port: Port,
    switch: str,
    order: Order,
    automate: Automate,
) -> None:
    """Who then goes to the portal is somebody outside."""
    told = await tell(automate, f"entity_id: {switch}")
    cloud.faults.add("port", "status", status=404)
    with pytest.raises(HomeAssistantError):
        await (await order("switch.turn_off"))
    port.set(on=False)
    await poll(hass, cloud)
    assert [event.data["outside"] for event in told] == [True]


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("answer", ["heard", "lost"])
async def test_a_command_that_was_refused_does_not_disown_the_one_before(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    port: Port,
    switch: str,
    order: Order,
    automate: Automate,
    impatient: None,
    answer: str,
) -> None:
    """The port moves as it was told first, and that was told here."""
    told = await tell(automate, f"entity_id: {switch}")
    if answer == "lost":
        cloud.faults.add("port", "truncated", count=-1)
    first = await order("switch.turn_off")
    if answer == "lost":
        with pytest.raises(HomeAssistantError):
            await first
        cloud.faults.clear()
    cloud.faults.add("port", "status", status=404)
    with pytest.raises(HomeAssistantError):
        await (await order("switch.turn_on"))
    if answer == "heard":
        with pytest.raises(HomeAssistantError, match=port.id):
            await first
    await poll(hass, cloud)
    assert not port.on
    assert hass.states.get(switch).state == "off"
    assert told == []


@pytest.mark.usefixtures("hurried")
async def test_a_reset_is_not_from_outside_whatever_a_sweep_sees_of_it(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    device: Device,
    port: Port,
    switch: str,
    order: Order,
    automate: Automate,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither going off nor coming back; somebody else's moves after it are."""
    monkeypatch.setattr(f"{COMMANDS}._PATIENCE", 0)
    ports = loaded.runtime_data.ports
    told = await tell(automate, f"entity_id: {switch}")
    await (await order("amnimo.reset_port", off_seconds=1))
    cloud.clock.advance(5.5)
    await ports.async_read_device(device.id, Lane.POLL)
    assert ports.port(device.id, port.id).on is False
    cloud.clock.advance(2)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert ports.port(device.id, port.id).on is True
    assert told == []
    port.set(on=False)
    await poll(hass, cloud)
    assert [event.data["move"] for event in told] == ["on > off"]


@pytest.mark.usefixtures("hurried")
async def test_a_reset_that_begins_late_is_not_from_outside(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    port: Port,
    switch: str,
    order: Order,
    automate: Automate,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The port was still on when it should have been back, and went off after that."""
    monkeypatch.setattr(f"{COMMANDS}._PATIENCE", 60)
    port.stuck = True
    told = await tell(automate, f"entity_id: {switch}")
    await (await order("amnimo.reset_port", off_seconds=1))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert hass.states.get(switch).state == "on"
    for on in (False, True):
        port.set(on=on)
        await poll(hass, cloud)
        assert hass.states.get(switch).state == ("on" if on else "off")
    assert told == []
    port.set(on=False)
    await poll(hass, cloud)
    assert [event.data["move"] for event in told] == ["on > off"]


@pytest.mark.usefixtures("hurried")
async def test_own_moves_are_told_of_too_where_that_is_wanted(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    port: Port,
    switch: str,
    order: Order,
    automate: Automate,
) -> None:
    """Once each, when the device says so, and with whose they were."""
    told = await tell(automate, f"entity_id: {switch}", outside_only="false")
    call = await order("switch.turn_off")
    assert told == []
    cloud.clock.advance(6)
    await call
    port.set(on=True)
    await poll(hass, cloud)
    assert [(each.data["move"], each.data["outside"]) for each in told] == [
        ("on > off", False),
        ("off > on", True),
    ]


async def test_an_input_is_moved_by_what_is_wired_to_it(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    device: Device,
    automate: Automate,
) -> None:
    """By the device that it belongs to, beside its other ports."""
    contact = device.ports_of(PortKind.INPUT)[0]
    target = f"device_id: {device_id(hass, loaded, device.id)}"
    told = await tell(automate, target)
    contact.set(on=not contact.on)
    await poll(hass, cloud)
    (event,) = told
    assert event.data["entity_id"] == entity_id(
        hass, "binary_sensor", f"{device.id}_{contact.id}"
    )
    assert event.data["outside"] is True


async def test_a_move_that_does_not_last_is_not_told_of(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    port: Port,
    switch: str,
    automate: Automate,
) -> None:
    told = await tell(automate, f"entity_id: {switch}", duration="00:03:00")
    port.set(on=False)
    await poll(hass, cloud)
    port.set(on=True)
    await poll(hass, cloud)
    port.set(on=False)
    await poll(hass, cloud)
    assert told == []
    await poll(hass, cloud, 181)
    assert [event.data["move"] for event in told] == ["on > off"]


@pytest.mark.parametrize("still", [True, False])
async def test_whether_a_move_has_lasted_is_told_when_it_is_known(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    device: Device,
    port: Port,
    switch: str,
    automate: Automate,
    still: bool,
) -> None:
    """The time was over while the device was away; what counts is how it comes back."""
    told = await tell(automate, f"entity_id: {switch}", duration="00:03:00")
    port.set(on=False)
    await poll(hass, cloud)
    device.failing = True
    await poll(hass, cloud)
    await poll(hass, cloud, 181)
    assert hass.states.get(switch).state == "unavailable"
    assert told == []
    port.set(on=not still)
    device.failing = False
    await poll(hass, cloud)
    assert len(told) == (1 if still else 0)
    await poll(hass, cloud, 181)
    assert [event.data["move"] for event in told] == [
        "on > off" if still else "off > on"
    ]


@pytest.mark.parametrize(("still", "expected"), [(True, ["on > off"]), (False, [])])
async def test_a_move_lasts_over_a_reload_unless_the_port_is_back_after_it(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    port: Port,
    switch: str,
    automate: Automate,
    still: bool,
    expected: list[str],
) -> None:
    """Nobody saw it move while the account was unloaded."""
    told = await tell(automate, f"entity_id: {switch}", duration="00:03:00")
    port.set(on=False)
    await poll(hass, cloud)
    await hass.config_entries.async_unload(loaded.entry_id)
    port.set(on=not still)
    await poll(hass, cloud, 181)
    assert told == []
    await hass.config_entries.async_setup(loaded.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert [event.data["move"] for event in told] == expected


async def test_a_port_that_moved_while_its_device_was_away_is_told_of(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    device: Device,
    port: Port,
    switch: str,
    automate: Automate,
) -> None:
    """Being away and coming back is no move, and hides none."""
    told = await tell(automate, f"entity_id: {switch}")
    device.failing = True
    await poll(hass, cloud)
    assert hass.states.get(switch).state == "unavailable"
    device.failing = False
    await poll(hass, cloud)
    assert told == []
    device.failing = True
    await poll(hass, cloud)
    port.set(on=False)
    device.failing = False
    await poll(hass, cloud)
    assert [event.data["move"] for event in told] == ["on > off"]


async def test_an_automation_is_there_before_the_account_and_after_a_reload(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    entry: MockConfigEntry,
    device: Device,
    port: Port,
    automate: Automate,
) -> None:
    """How a port stands when Home Assistant comes is where it starts from."""
    edge = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={("amnimo", device.id)}
    )
    told = await tell(automate, f"device_id: {edge.id}")
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    port.set(on=False)
    await poll(hass, cloud)
    assert len(told) == 1
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(told) == 1
    port.set(on=True)
    await poll(hass, cloud)
    assert len(told) == 2

    await hass.services.async_call(
        "automation",
        "turn_off",
        {"entity_id": "automation.automation"},
        blocking=True,
    )
    port.set(on=False)
    await poll(hass, cloud)
    assert len(told) == 2
