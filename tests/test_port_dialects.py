"""Ports and equipment as every dialect of the cloud tells of them, and as a user sees them."""

from __future__ import annotations

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .cloud import CloudOptions, SimulatedCloud
from .cloud.dialects import DEFAULT, DIALECTS
from .cloud.templates import Of
from .cloud.world import Device, PortKind
from .entities import entity_id, state
from .estate import Estate
from .passing_time import poll

PORTS = "custom_components.amnimo.coordinator.ports"
SPEAKING = sorted(DIALECTS.keys() - {"sparse"})
"""All that tell states; the sparse one tells nothing but identifiers."""


@pytest.fixture
def cloud_options(request: pytest.FixtureRequest) -> CloudOptions:
    """Return a cloud that speaks the dialect a test asks for."""
    dialect = getattr(request, "param", "default")
    return CloudOptions(dialect=dialect, start_seconds=0)


@pytest.fixture(autouse=True)
def _always_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each sweep begin with a listing of the devices."""
    monkeypatch.setattr(f"{PORTS}._DEVICE_LIST_INTERVAL", 0)


@pytest.fixture
def device(estate: Estate) -> Device:
    """Return a device with ports of all kinds."""
    return next(
        device for device in estate.devices.values() if device.ports_of(PortKind.INPUT)
    )


@pytest.mark.parametrize("cloud_options", SPEAKING, indirect=True)
@pytest.mark.usefixtures("loaded")
async def test_every_port_shows_how_it_stands(
    hass: HomeAssistant, cloud: SimulatedCloud, estate: Estate, device: Device
) -> None:
    """Switches and inputs are on and off as the ports are, before and after these move."""
    for _ in range(2):
        shown = {}
        for each in estate.devices.values():
            for port in each.ports.values():
                domain = "switch" if port.can_be_switched else "binary_sensor"
                shown[each.id, port.id] = state(hass, domain, f"{each.id}_{port.id}")
        assert {key: found.state for key, found in shown.items()} == {
            (each.id, port.id): "on" if port.on else "off"
            for each in estate.devices.values()
            for port in each.ports.values()
        }
        for port in device.ports.values():
            port.set(not port.on)
        await poll(hass, cloud)


@pytest.mark.parametrize("cloud_options", SPEAKING, indirect=True)
@pytest.mark.usefixtures("loaded")
async def test_equipment_shows_whether_it_is_connected(
    hass: HomeAssistant, cloud: SimulatedCloud, estate: Estate, device: Device
) -> None:
    """What loses its connection shows so with the next listing of the devices."""
    for each in device.external_devices:
        if each.camera is not None:
            each.camera.online = False
        each.reachable = False
    await poll(hass, cloud)
    shown = {
        each.id: state(hass, "binary_sensor", f"{owner.id}_external_{each.id}").state
        for owner in estate.devices.values()
        for each in owner.external_devices
    }
    assert shown == {
        each.id: "on" if each.online else "off"
        for owner in estate.devices.values()
        for each in owner.external_devices
    }
    assert set(shown.values()) == {"on", "off"}


@pytest.mark.parametrize("cloud_options", SPEAKING, indirect=True)
async def test_poe_ports_show_what_they_deliver(
    hass: HomeAssistant, cloud: SimulatedCloud, loaded: MockConfigEntry, device: Device
) -> None:
    """Power and voltage are there for PoE ports alone, and are numbers."""
    fed, idle = device.ports_of(PortKind.POE)[:2]
    fed.load_watts = 7.4
    registry = er.async_get(hass)
    sensors = {
        (port.id, key): entity_id(hass, "sensor", f"{device.id}_{port.id}_{key}")
        for port in (fed, idle)
        for key in ("power", "voltage")
    }
    for sensor in sensors.values():
        registry.async_update_entity(sensor, disabled_by=None)
    idle.set(on=False)
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done()
    assert {
        key: float(hass.states.get(sensor).state) for key, sensor in sensors.items()
    } == {
        (fed.id, "power"): 7.4,
        (fed.id, "voltage"): 48.1,
        (idle.id, "power"): 0,
        (idle.id, "voltage"): 0,
    }
    contact = device.ports_of(PortKind.INPUT)[0]
    unique_id = f"{device.id}_{contact.id}_power"
    assert registry.async_get_entity_id("sensor", "amnimo", unique_id) is None


@pytest.mark.parametrize("cloud_options", ["sparse"], indirect=True)
@pytest.mark.usefixtures("loaded")
async def test_what_nobody_tells_is_unknown(
    hass: HomeAssistant, estate: Estate, device: Device
) -> None:
    """A port without a state is neither on nor off, nor is equipment."""
    for port in device.ports.values():
        # What an input is can be told from what it is called, as the vendor calls it.
        domain = "switch" if port.can_be_switched else "binary_sensor"
        assert state(hass, domain, f"{device.id}_{port.id}").state == "unknown"
    for each in device.external_devices:
        unique_id = f"{device.id}_external_{each.id}"
        assert state(hass, "binary_sensor", unique_id).state == "unknown"
    assert len(hass.states.async_entity_ids("sensor")) == 2


@pytest.mark.usefixtures("loaded")
async def test_a_word_that_nobody_knows_is_unknown_and_never_off(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    device: Device,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A state that is a new word does not switch anything off in somebody's automation."""
    unheard = {True: "WOBBLING", False: "WOBBLING"}
    monkeypatch.setitem(DEFAULT.port, "status", Of("on", unheard))
    monkeypatch.setitem(DEFAULT.equipment, "status", Of("online", unheard))
    await poll(hass, cloud)
    port, contact = device.ports_of(PortKind.POE)[0], device.ports_of(PortKind.INPUT)[0]
    equipment = device.external_devices[0]
    for domain, unique_id in (
        ("switch", f"{device.id}_{port.id}"),
        ("binary_sensor", f"{device.id}_{contact.id}"),
        ("binary_sensor", f"{device.id}_external_{equipment.id}"),
    ):
        assert state(hass, domain, unique_id).state == "unknown"
