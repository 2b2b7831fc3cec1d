"""Automations by device, which Home Assistant makes of the entities by itself."""

from __future__ import annotations

from typing import Any

from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_get_device_automations,
)

from homeassistant.components.device_automation import DeviceAutomationType
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from tests.cloud import SimulatedCloud
from tests.cloud.world import Camera, Device
from tests.entities import entity_id
from tests.passing_time import poll

from .conftest import Automate, device_id

NOT_CONNECTED = """
triggers:
  - trigger: device
    domain: binary_sensor
    device_id: <device>
    entity_id: <entity>
    type: not_connected
actions:
  - event: told
"""


async def kinds(
    hass: HomeAssistant, device: str, of: DeviceAutomationType
) -> set[tuple[str, str]]:
    """Return domain and type of what a device offers."""
    found: list[dict[str, Any]] = await async_get_device_automations(hass, of, device)
    return {(each["domain"], each["type"]) for each in found}


async def test_devices_offer_what_home_assistant_makes_of_their_entities(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera, device: Device
) -> None:
    """Connections, switching and resets; nothing of it needs code of the integration's."""
    edge = device_id(hass, loaded, device.id)
    of_camera = device_id(hass, loaded, camera.id)
    triggers = await kinds(hass, of_camera, DeviceAutomationType.TRIGGER)
    assert {
        ("binary_sensor", "connected"),
        ("binary_sensor", "not_connected"),
    } <= triggers
    triggers = await kinds(hass, edge, DeviceAutomationType.TRIGGER)
    assert {("switch", "turned_on"), ("switch", "turned_off")} <= triggers
    actions = await kinds(hass, edge, DeviceAutomationType.ACTION)
    assert {
        ("switch", "turn_on"),
        ("switch", "turn_off"),
        ("button", "press"),
    } <= actions
    conditions = await kinds(hass, edge, DeviceAutomationType.CONDITION)
    assert {("switch", "is_on"), ("binary_sensor", "is_not_connected")} <= conditions


async def test_a_device_trigger_begins_an_automation(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    camera: Camera,
    automate: Automate,
) -> None:
    registered = er.async_get(hass).async_get(
        entity_id(hass, "binary_sensor", f"{camera.id}_connectivity")
    )
    assert registered is not None
    told = await automate(
        NOT_CONNECTED,
        device=device_id(hass, loaded, camera.id),
        entity=registered.id,
    )
    camera.online = False
    await poll(hass, cloud)
    assert len(told) == 1
