"""Conditions on cameras, equipment and ports, in automations."""

from __future__ import annotations

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers import device_registry as dr
from tests.cloud import SimulatedCloud
from tests.cloud.world import Camera, Device, Port, PortKind
from tests.entities import entity_id
from tests.estate import Estate
from tests.passing_time import poll

from .conftest import Automate, device_id

TELL_ALL = """
triggers:
  - trigger: event
    event_type: asked
actions:
<parts>
"""
PART = """
  - if:
      - condition: amnimo.{condition}
        target:
          {target}
        options:
          behavior: {behavior}
    then:
      - event: told
        event_data:
          so: {condition}
"""


async def whether(
    hass: HomeAssistant,
    automate: Automate,
    conditions: list[str],
    target: str,
    behavior: str = "any",
) -> list[Event]:
    """Make an automation that tells which conditions hold when it is asked."""
    parts = "".join(
        PART.format(condition=each, target=target, behavior=behavior)
        for each in conditions
    )
    return await automate(TELL_ALL, parts=parts)


async def ask(hass: HomeAssistant, told: list[Event]) -> list[str]:
    """Return the conditions that hold now."""
    told.clear()
    hass.bus.async_fire("asked")
    await hass.async_block_till_done()
    return [event.data["so"] for event in told]


@pytest.mark.usefixtures("loaded")
async def test_how_a_camera_is(
    hass: HomeAssistant, cloud: SimulatedCloud, camera: Camera, automate: Automate
) -> None:
    """Named by the camera; while the service is away, nothing is so."""
    told = await whether(
        hass,
        automate,
        ["is_camera_online", "is_camera_offline", "is_recording", "is_not_recording"],
        f"entity_id: {entity_id(hass, 'camera', camera.id)}",
    )
    assert await ask(hass, told) == ["is_camera_online", "is_recording"]
    camera.records = False
    await poll(hass, cloud)
    assert await ask(hass, told) == ["is_camera_online", "is_not_recording"]
    camera.online = False
    await poll(hass, cloud)
    assert await ask(hass, told) == ["is_camera_offline", "is_not_recording"]
    cloud.faults.add("cameras", "status", status=500, count=-1)
    await poll(hass, cloud)
    assert await ask(hass, told) == []


@pytest.mark.parametrize(
    ("behavior", "expected"), [("any", ["is_camera_offline"]), ("all", [])]
)
async def test_some_or_all_cameras_of_a_label(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    estate: Estate,
    automate: Automate,
    behavior: str,
    expected: list[str],
) -> None:
    """All of none is not all: who power-cycles on that must be sure."""
    cameras = [each for each in estate.cameras.values() if each.online][:2]
    for each in cameras:
        dr.async_get(hass).async_update_device(
            device_id(hass, loaded, each.id), labels={"watched"}
        )
    told = await whether(
        hass, automate, ["is_camera_offline"], "label_id: watched", behavior
    )
    assert await ask(hass, told) == []
    cameras[0].online = False
    await poll(hass, cloud)
    assert await ask(hass, told) == expected
    cameras[1].online = False
    await poll(hass, cloud)
    assert await ask(hass, told) == ["is_camera_offline"]
    cloud.faults.add("cameras", "status", status=500, count=-1)
    await poll(hass, cloud)
    assert await ask(hass, told) == []


async def test_how_ports_and_equipment_are(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    device: Device,
    port: Port,
    automate: Automate,
) -> None:
    """All ports of a device; inputs are ports too."""
    conditions = ["is_port_on", "is_port_off"]
    told = await whether(
        hass,
        automate,
        [*conditions, "is_equipment_connected", "is_equipment_disconnected"],
        f"device_id: {device_id(hass, loaded, device.id)}",
        "all",
    )
    for each in device.ports.values():
        each.set(on=False)
    for equipment in device.external_devices:
        equipment.camera = None
        equipment.reachable = False
    # Equipment is listed every ten minutes; this one is listed with the next sweep.
    loaded.runtime_data.ports._list_due = 0.0  # noqa: SLF001 - or wait
    await poll(hass, cloud)
    assert await ask(hass, told) == ["is_port_off", "is_equipment_disconnected"]
    port.set(on=True)
    await poll(hass, cloud)
    assert await ask(hass, told) == ["is_equipment_disconnected"]
    for each in device.ports.values():
        each.set(on=True)
    for equipment in device.external_devices:
        equipment.reachable = True
    loaded.runtime_data.ports._list_due = 0.0  # noqa: SLF001 - or wait
    await poll(hass, cloud)
    assert await ask(hass, told) == ["is_port_on", "is_equipment_connected"]
    device.ports_of(PortKind.INPUT)[0].set(on=False)
    await poll(hass, cloud)
    assert await ask(hass, told) == ["is_equipment_connected"]
