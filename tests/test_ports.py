"""Switching and resetting ports: what a user sees, and what the cloud was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
    get_diagnostics_for_device,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.amnimo.api import (
    AmnimoError,
    AmnimoPermissionError,
    AmnimoResponseError,
)
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component

from .cloud import CloudOptions, SimulatedCloud
from .cloud.dialects import DEFAULT
from .cloud.templates import Of
from .cloud.world import Device, Port, PortKind
from .entities import entity_id, state
from .estate import Estate
from .passing_time import poll

COMMANDS = "custom_components.amnimo.port_commands"


@pytest.fixture
def cloud_options() -> CloudOptions:
    """Return a cloud whose ports move after a while that a test lets pass."""
    return CloudOptions(port_seconds=5, start_seconds=0)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let confirmations come and give up within moments."""
    monkeypatch.setattr(f"{COMMANDS}._FIRST_CHECK", 0.01)
    monkeypatch.setattr(f"{COMMANDS}._CHECK_INTERVAL", 0.01)
    monkeypatch.setattr(f"{COMMANDS}._PATIENCE", 0.5)


@pytest.fixture
def device(estate: Estate) -> Device:
    """Return a device with ports of all kinds."""
    return next(
        device for device in estate.devices.values() if device.ports_of(PortKind.INPUT)
    )


@pytest.fixture
def port(device: Device) -> Port:
    """Return a PoE port that is on."""
    return device.ports_of(PortKind.POE)[0]


async def act(hass: HomeAssistant, action: str, entity: str, **data: Any) -> None:
    """Call an action as a user does."""
    domain, name = action.split(".")
    await hass.services.async_call(
        domain, name, {ATTR_ENTITY_ID: entity, **data}, blocking=True
    )


async def begin(
    hass: HomeAssistant, cloud: SimulatedCloud, action: str, entity: str, **data: Any
) -> asyncio.Task[None]:
    """Call an action, and wait only until the cloud has taken the command."""
    taken = cloud.stats.count("port", 200)
    call = hass.async_create_task(act(hass, action, entity, **data))
    async with asyncio.timeout(10):
        while cloud.stats.count("port", 200) == taken:
            await asyncio.sleep(0.01)
    return call


@pytest.mark.usefixtures("loaded", "hurried")
async def test_a_switch_shows_what_was_wanted_at_once_and_then_what_is(
    hass: HomeAssistant, cloud: SimulatedCloud, device: Device, port: Port
) -> None:
    """Off is shown before the port moved, and stays when the cloud agrees."""
    switch = entity_id(hass, "switch", f"{device.id}_{port.id}")
    assert hass.states.get(switch).state == "on"
    call = await begin(hass, cloud, "switch.turn_off", switch)
    assert hass.states.get(switch).state == "off"
    assert port.on
    cloud.clock.advance(6)
    await call
    assert not port.on
    assert hass.states.get(switch).state == "off"
    assert cloud.stats.count("port", 200) == 1

    call = await begin(hass, cloud, "switch.turn_on", switch)
    cloud.clock.advance(6)
    await call
    assert port.on
    assert hass.states.get(switch).state == "on"


@pytest.mark.usefixtures("loaded", "hurried", "impatient")
async def test_a_command_that_can_not_be_confirmed_is_not_said_to_have_failed(
    hass: HomeAssistant, cloud: SimulatedCloud, device: Device, port: Port
) -> None:
    """The service went away after it was told: what became of it is not known."""
    switch = entity_id(hass, "switch", f"{device.id}_{port.id}")
    cloud.faults.add("peripherals", "status", status=500, count=-1)
    call = await begin(hass, cloud, "switch.turn_off", switch)
    with pytest.raises(HomeAssistantError) as unknown:
        await call
    assert unknown.value.translation_key == "port_not_confirmed"
    assert hass.states.get(switch).state == "unavailable"


@pytest.mark.usefixtures("loaded", "hurried")
async def test_a_port_that_never_moves_is_shown_as_it_is(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    device: Device,
    port: Port,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """When the cloud has not agreed in time, the truth comes back and whoever asked is told."""
    port.stuck = True
    switch = entity_id(hass, "switch", f"{device.id}_{port.id}")
    call = await begin(hass, cloud, "switch.turn_off", switch)
    assert hass.states.get(switch).state == "off"
    with pytest.raises(HomeAssistantError) as never_moved:
        await call
    assert never_moved.value.translation_domain == "amnimo"
    assert never_moved.value.translation_key == "port_still_on"
    assert never_moved.value.translation_placeholders == {"port": port.id}
    assert hass.states.get(switch).state == "on"
    assert f"Port {port.id} was told to be off" in caplog.text


@pytest.mark.usefixtures("loaded", "hurried", "impatient")
async def test_a_device_that_can_not_be_read_for_a_moment_is_asked_again(
    hass: HomeAssistant, cloud: SimulatedCloud, device: Device, port: Port
) -> None:
    """A command is confirmed also when the first reading after it fails."""
    switch = entity_id(hass, "switch", f"{device.id}_{port.id}")
    cloud.faults.add("peripherals", "status", status=404)
    call = await begin(hass, cloud, "switch.turn_off", switch)
    cloud.clock.advance(6)
    await call
    assert hass.states.get(switch).state == "off"
    assert cloud.stats.count("peripherals", 404) == 1


@pytest.mark.parametrize(
    "cloud_options", [CloudOptions(dialect="sparse", start_seconds=0)]
)
@pytest.mark.usefixtures("loaded", "hurried")
async def test_a_port_that_never_tells_is_taken_to_be_as_it_was_told(
    hass: HomeAssistant, cloud: SimulatedCloud, device: Device, port: Port
) -> None:
    """Where the service gives no state, the switch assumes what it was told last."""
    switch = entity_id(hass, "switch", f"{device.id}_{port.id}")
    assert hass.states.get(switch).state == "unknown"
    assert hass.states.get(switch).attributes["assumed_state"] is True
    for action, wanted in (("turn_off", "off"), ("turn_on", "on")):
        await act(hass, f"switch.{action}", switch)
        cloud.clock.advance(6)
        await hass.async_block_till_done(wait_background_tasks=True)
        assert hass.states.get(switch).state == wanted
    assert port.on


@pytest.mark.usefixtures("hurried")
async def test_a_port_that_falls_silent_for_a_while_is_believed_again(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    device: Device,
    port: Port,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A word that nobody knows is waited out, and assumed away only as long as it lasts."""
    switch = entity_id(hass, "switch", f"{device.id}_{port.id}")
    with monkeypatch.context() as unheard:
        words = Of("on", {True: "SWITCHING", False: "SWITCHING"})
        unheard.setitem(DEFAULT.port, "status", words)
        read = cloud.stats.count("peripherals")
        await act(hass, "switch.turn_off", switch)
        assert hass.states.get(switch).state == "off"
        await hass.async_block_till_done(wait_background_tasks=True)
        assert cloud.stats.count("peripherals") > read + 1
        assert hass.states.get(switch).state == "off"
        await poll(hass, cloud)
        assert hass.states.get(switch).state == "off"
    port.set(on=True)
    await poll(hass, cloud)
    assert hass.states.get(switch).state == "on"
    # Nor does anybody else believe any more that it was left off.
    assert loaded.runtime_data.port_commands.will_be_on(device.id, port.id)


@pytest.mark.usefixtures("loaded", "hurried")
async def test_a_port_that_is_understood_in_time_is_shown_as_it_is(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    device: Device,
    port: Port,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Reading goes on while the state is an unknown word, until it is one that counts."""
    monkeypatch.setattr(f"{COMMANDS}._PATIENCE", 30)
    switch = entity_id(hass, "switch", f"{device.id}_{port.id}")
    with monkeypatch.context() as unheard:
        words = Of("on", {True: "SWITCHING", False: "SWITCHING"})
        unheard.setitem(DEFAULT.port, "status", words)
        read = cloud.stats.count("peripherals")
        call = hass.async_create_task(act(hass, "switch.turn_off", switch))
        async with asyncio.timeout(10):
            while cloud.stats.count("peripherals") < read + 3:
                await asyncio.sleep(0.01)
    cloud.clock.advance(6)
    await call
    assert hass.states.get(switch).state == "off"
    port.set(on=True)
    await poll(hass, cloud)
    assert hass.states.get(switch).state == "on"


@pytest.mark.usefixtures("loaded", "hurried")
async def test_a_command_that_is_called_off_is_watched_all_the_same(
    hass: HomeAssistant, cloud: SimulatedCloud, device: Device, port: Port
) -> None:
    """It may have arrived or not: what the port does is shown in the end."""
    switch = entity_id(hass, "switch", f"{device.id}_{port.id}")
    fault = cloud.faults.add("port", "delay", count=9, seconds=3600)
    call = hass.async_create_task(act(hass, "switch.turn_off", switch))
    async with asyncio.timeout(10):
        while fault.count == 9:
            await asyncio.sleep(0.01)
    assert hass.states.get(switch).state == "off"
    call.cancel()
    await asyncio.wait([call])
    await hass.async_block_till_done(wait_background_tasks=True)
    assert hass.states.get(switch).state == "on"

    cloud.faults.clear()
    call = await begin(hass, cloud, "switch.turn_off", switch)
    cloud.clock.advance(6)
    await call
    assert not port.on
    assert hass.states.get(switch).state == "off"


@pytest.mark.usefixtures("loaded", "hurried")
async def test_the_last_of_two_commands_wins(
    hass: HomeAssistant, cloud: SimulatedCloud, device: Device, port: Port
) -> None:
    """A second command replaces the first one's wish while that waits for its confirmation."""
    switch = entity_id(hass, "switch", f"{device.id}_{port.id}")
    first = await begin(hass, cloud, "switch.turn_off", switch)
    second = await begin(hass, cloud, "switch.turn_on", switch)
    assert hass.states.get(switch).state == "on"
    cloud.clock.advance(6)
    await asyncio.gather(first, second)
    assert port.on
    assert hass.states.get(switch).state == "on"
    assert cloud.stats.count("port", 200) == 2


@pytest.mark.usefixtures("loaded", "hurried", "impatient")
@pytest.mark.parametrize(
    ("status", "key"),
    [
        (403, "permission_denied"),
        (404, "not_found"),
        (429, "rate_limited"),
        (500, "unexpected_response"),
    ],
)
async def test_a_refused_command_is_an_error_and_the_switch_stays(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    device: Device,
    port: Port,
    status: int,
    key: str,
) -> None:
    """A refusal is told to whoever asked, in words, and the port is shown as it is."""
    switch = entity_id(hass, "switch", f"{device.id}_{port.id}")
    cloud.faults.add("port", "status", status=status, count=-1)
    with pytest.raises(HomeAssistantError) as refused:
        await act(hass, "switch.turn_off", switch)
    assert refused.value.translation_domain == "amnimo"
    assert refused.value.translation_key == key
    assert hass.states.get(switch).state == "on"


@pytest.mark.usefixtures("loaded", "hurried")
@pytest.mark.parametrize("entry_options", [{"reset_seconds": 2}])
async def test_a_reset_switches_off_and_on_again(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    device: Device,
    port: Port,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The button resets for the time of the options; the switch shows off, then on."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        cloud.clock.advance(seconds)

    monkeypatch.setattr(f"{COMMANDS}.asyncio.sleep", sleep)
    switch = entity_id(hass, "switch", f"{device.id}_{port.id}")
    button = entity_id(hass, "button", f"{device.id}_{port.id}_reset")
    states: list[str] = []
    hass.bus.async_listen(
        "state_changed",
        lambda event: (
            event.data["entity_id"] == switch
            and states.append(event.data["new_state"].state)
        ),
    )
    await act(hass, "button.press", button)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert states == ["off", "on"]
    assert any(seconds == pytest.approx(2.01) for seconds in slept)
    assert cloud.stats.count("port", 200) == 1


@pytest.mark.usefixtures("loaded", "hurried", "impatient")
async def test_a_refused_reset_is_an_error_and_is_not_repeated(
    hass: HomeAssistant, cloud: SimulatedCloud, device: Device, port: Port
) -> None:
    """A reset that may have happened is not asked for twice."""
    cloud.faults.add("port", "status", status=502, count=-1)
    button = entity_id(hass, "button", f"{device.id}_{port.id}_reset")
    with pytest.raises(HomeAssistantError) as refused:
        await act(hass, "button.press", button)
    assert refused.value.translation_key == "unexpected_response"
    assert cloud.stats.count("port") == 1
    assert state(hass, "switch", f"{device.id}_{port.id}").state == "on"


@pytest.mark.usefixtures("loaded")
async def test_a_change_made_elsewhere_shows_within_a_sweep(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    device: Device,
    port: Port,
) -> None:
    """Ports and inputs that others move are read again every minute."""
    contact = device.ports_of(PortKind.INPUT)[0]
    before = contact.on
    port.set(on=False)
    contact.set(on=not before)
    await poll(hass, cloud)
    assert state(hass, "switch", f"{device.id}_{port.id}").state == "off"
    wanted = "off" if before else "on"
    assert state(hass, "binary_sensor", f"{device.id}_{contact.id}").state == wanted


@pytest.mark.usefixtures("loaded", "impatient")
async def test_a_device_that_fails_takes_only_its_own_entities(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    device: Device,
) -> None:
    """One device that can't be read is unavailable, the others go on; it comes back."""
    device.failing = True
    await poll(hass, cloud)
    unavailable = {
        switch
        for switch in hass.states.async_entity_ids("switch")
        if hass.states.get(switch).state == "unavailable"
    }
    assert unavailable == {
        entity_id(hass, "switch", f"{device.id}_{port.id}")
        for port in device.ports.values()
        if port.can_be_switched
    }
    device.failing = False
    await poll(hass, cloud)
    assert not [
        switch
        for switch in hass.states.async_entity_ids("switch")
        if hass.states.get(switch).state == "unavailable"
    ]


@pytest.mark.usefixtures("loaded")
async def test_a_port_is_named_after_what_hangs_on_it(
    hass: HomeAssistant, cloud: SimulatedCloud, device: Device
) -> None:
    """A switch says the port and the equipment, its button that it resets them."""
    equipment = next(each for each in device.external_devices if each.port is not None)
    assert equipment.port is not None
    name = f"{device.name} {equipment.port.id} {equipment.name}"
    switch = state(hass, "switch", f"{device.id}_{equipment.port.id}")
    assert switch.name == name
    button = state(hass, "button", f"{device.id}_{equipment.port.id}_reset")
    assert button.name == f"{device.name} Reset {equipment.port.id} {equipment.name}"


async def test_equipment_that_disconnects_is_shown(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    set_up: Callable[[], Awaitable[MockConfigEntry]],
    device: Device,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The connection of external equipment follows the device listing."""
    monkeypatch.setattr(
        "custom_components.amnimo.coordinator.ports._DEVICE_LIST_INTERVAL", 0
    )
    await set_up()
    equipment = device.external_devices[0]
    unique_id = f"{device.id}_external_{equipment.id}"
    assert state(hass, "binary_sensor", unique_id).state == "on"
    equipment.reachable = False
    if equipment.camera is not None:
        equipment.camera.online = False
    await poll(hass, cloud)
    assert state(hass, "binary_sensor", unique_id).state == "off"


@pytest.fixture
def broken_tenants(
    loaded: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> dict[str, AmnimoError]:
    """Return what goes wrong with the listing of devices by tenant, nothing at first."""
    broken: dict[str, AmnimoError] = {}
    client = loaded.runtime_data.ports.client
    listed = client.devices

    async def list_devices(subscription_id: str) -> Any:
        devices = await listed(subscription_id)
        if subscription_id in broken:
            raise broken[subscription_id]
        return devices

    monkeypatch.setattr(client, "devices", list_devices)
    return broken


@pytest.fixture
def pass_time(
    loaded: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> Callable[[float], Awaitable[None]]:
    """Return what lets seconds pass for the coordinator of ports, and polls then."""
    ports = loaded.runtime_data.ports
    now = ports._now()  # noqa: SLF001 - or wait
    monkeypatch.setattr(ports, "_now", lambda: now)

    async def pass_seconds(seconds: float) -> None:
        nonlocal now
        now += seconds
        await ports.async_refresh()
        await ports.hass.async_block_till_done()

    return pass_seconds


REFUSED = AmnimoPermissionError("external_devices: HTTP status 403")
FAILED = AmnimoResponseError("external_devices: HTTP status 500", 500)


@pytest.mark.parametrize("error", [REFUSED, FAILED])
async def test_equipment_of_a_tenant_that_can_not_be_listed_is_unavailable(
    hass: HomeAssistant,
    estate: Estate,
    loaded: MockConfigEntry,
    broken_tenants: dict[str, AmnimoError],
    pass_time: Callable[[float], Awaitable[None]],
    hass_client: ClientSessionGenerator,
    error: AmnimoError,
) -> None:
    """Nobody knows whether it is connected; ports, which are read one by one, go on."""
    assert await async_setup_component(hass, "diagnostics", {})
    tenant, *others = [each for each in estate.tenants if each.devices]
    assert others

    def unavailable() -> set[str]:
        return {
            each.entity_id
            for domain in ("binary_sensor", "button", "camera", "switch")
            for each in hass.states.async_all(domain)
            if each.state == "unavailable"
        }

    async def diagnostics() -> tuple[Any, Any]:
        told: Any = await get_diagnostics_for_config_entry(hass, hass_client, loaded)
        of_edge: Any = await get_diagnostics_for_device(hass, hass_client, loaded, edge)
        errors = told["cloud"]["device_listing_errors"]
        return errors, of_edge["edge_device"]["listed"]

    concerned = {
        entity_id(hass, "binary_sensor", f"{device.id}_external_{equipment.id}")
        for device in tenant.devices.values()
        for equipment in device.external_devices
    }
    edge = dr.async_get(hass).async_get_device_by_identifier(
        ("amnimo", next(iter(tenant.devices))), loaded.entry_id
    )
    assert edge is not None
    assert unavailable() == set()
    broken_tenants[tenant.subscription_id] = error
    await pass_time(600)
    assert unavailable() == concerned
    assert await diagnostics() == ({type(error).__name__: 1}, False)

    broken_tenants.clear()
    await pass_time(600)
    assert unavailable() == set()
    assert await diagnostics() == ({}, True)


@pytest.mark.parametrize(("error", "again"), [(REFUSED, 0), (FAILED, 1)])
async def test_only_the_tenant_that_failed_is_listed_again_soon(
    cloud: SimulatedCloud,
    estate: Estate,
    broken_tenants: dict[str, AmnimoError],
    pass_time: Callable[[float], Awaitable[None]],
    error: AmnimoError,
    again: int,
) -> None:
    """After a minute; what was refused for a reason waits for the interval with all others."""
    broken_tenants[estate.root.subscription_id] = error
    listings = []
    for seconds in (600, 60, 60, 480):
        before = cloud.stats.count("external_devices")
        await pass_time(seconds)
        listings.append(cloud.stats.count("external_devices") - before)
    tenants = len(estate.tenants)
    assert listings == [tenants, again, again, tenants]


@pytest.mark.parametrize("missing", ["device", "equipment"])
async def test_what_one_listing_lacks_is_there_again_after_a_minute(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    pass_time: Callable[[float], Awaitable[None]],
    device: Device,
    missing: str,
) -> None:
    """It is unavailable until the next listing, which doesn't wait for the interval."""
    equipment = list(device.external_devices)
    shown = entity_id(hass, "binary_sensor", f"{device.id}_external_{equipment[0].id}")
    switch = entity_id(
        hass, "switch", f"{device.id}_{device.ports_of(PortKind.POE)[0].id}"
    )
    device.external_devices[:] = [] if missing == "device" else equipment[1:]
    await pass_time(600)
    assert hass.states.get(shown).state == "unavailable"
    assert (hass.states.get(switch).state == "unavailable") is (missing == "device")
    device.external_devices[:] = equipment
    await pass_time(60)
    assert hass.states.get(shown).state == "on"
    assert hass.states.get(switch).state == "on"
    listed = cloud.stats.count("external_devices")
    await pass_time(599)
    assert cloud.stats.count("external_devices") == listed


@pytest.mark.parametrize("kept", [0, 1], ids=["device", "equipment"])
async def test_what_is_gone_costs_one_more_listing(
    cloud: SimulatedCloud,
    estate: Estate,
    pass_time: Callable[[float], Awaitable[None]],
    device: Device,
    kept: int,
) -> None:
    """The second one says that it was no slip, and then all is as before."""
    assert len(device.external_devices) > 1
    del device.external_devices[kept:]
    listings = []
    for seconds in (600, 60, 60, 60):
        before = cloud.stats.count("external_devices")
        await pass_time(seconds)
        listings.append(cloud.stats.count("external_devices") - before)
    tenants = len(estate.tenants)
    assert listings == [tenants, tenants, 0, 0]


async def test_power_is_there_to_be_enabled(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    device: Device,
    port: Port,
) -> None:
    """Power and voltage sensors are disabled at first, and show what the port delivers."""
    registry = er.async_get(hass)
    port.load_watts = 4.3
    for key, value in (("power", "4.3"), ("voltage", "48.1")):
        sensor = entity_id(hass, "sensor", f"{device.id}_{port.id}_{key}")
        assert hass.states.get(sensor) is None
        registry.async_update_entity(sensor, disabled_by=None)
        await hass.config_entries.async_reload(loaded.entry_id)
        await hass.async_block_till_done()
        assert hass.states.get(sensor).state == value
