"""The automations of the documentation begin when it says so, and do what it says."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_mock_service,
)
import yaml

from homeassistant.const import STATE_ON
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
from tests.actions.conftest import media_folder, passage
from tests.cloud import SimulatedCloud
from tests.cloud.world import Device, ExternalDevice, Port, PortKind
from tests.entities import entity_id
from tests.estate import Estate
from tests.media.passage import Passage

from .pages import LANGUAGES, Page

__all__ = ["media_folder", "passage"]


def examples() -> list[str]:
    """Return the automations of all pages."""
    return [
        block.text
        for pages in LANGUAGES.values()
        for path in pages
        for block in Page.read(path).code
        if block.text.startswith("alias:")
    ]


def about(trigger: str) -> pytest.MarkDecorator:
    """Run a test with the example of each language that has a trigger."""
    found = [text for text in examples() if f"trigger: {trigger}\n" in text]
    assert len(found) == len(LANGUAGES)
    return pytest.mark.parametrize("text", found, ids=list(LANGUAGES))


@pytest.fixture
def device(estate: Estate) -> Device:
    """Return a device with ports of all kinds, and a camera at one of them."""
    return next(
        device for device in estate.devices.values() if device.ports_of(PortKind.INPUT)
    )


@pytest.fixture
def port(device: Device) -> Port:
    """Return the PoE port of the examples."""
    return device.ports_of(PortKind.POE)[0]


@pytest.fixture
def output(device: Device) -> Port:
    """Return the output of the examples."""
    return device.ports_of(PortKind.OUTPUT)[0]


@pytest.fixture
def equipment(device: Device) -> ExternalDevice:
    """Return the equipment of the examples."""
    return next(each for each in device.external_devices if each.camera is None)


@pytest.fixture
def notified(hass: HomeAssistant) -> list[ServiceCall]:
    """Return what is told by notification."""
    return async_mock_service(hass, "notify", "notify")


@pytest.fixture
def names(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    estate: Estate,
    device: Device,
    port: Port,
    output: Port,
    equipment: ExternalDevice,
) -> dict[str, str]:
    """Return what the entities of the examples are called here."""
    camera = next(
        each for each in estate.cameras.values() if each.recording and each.online
    )
    return {
        "camera.front_gate": entity_id(hass, "camera", camera.id),
        "camera.loading_dock": entity_id(hass, "camera", camera.id),
        "switch.ag10_02_lan1_front_gate": entity_id(
            hass, "switch", f"{device.id}_{port.id}"
        ),
        "switch.ag20_01_do1": entity_id(hass, "switch", f"{device.id}_{output.id}"),
        "binary_sensor.ag10_02_intercom": entity_id(
            hass, "binary_sensor", f"{device.id}_external_{equipment.id}"
        ),
    }


async def automate(hass: HomeAssistant, text: str, names: dict[str, str]) -> None:
    """Make an automation of an example."""
    for shown, real in names.items():
        text = text.replace(shown, real)
    config: dict[str, Any] = {"id": "example", **yaml.safe_load(text)}
    assert await async_setup_component(hass, "automation", {"automation": config})
    await hass.async_block_till_done()
    (automation,) = hass.states.async_all("automation")
    assert automation.state == STATE_ON, "the automation is not valid"


@pytest.mark.parametrize("text", examples(), ids=lambda text: text.splitlines()[0])
async def test_home_assistant_takes_it(
    hass: HomeAssistant, names: dict[str, str], text: str
) -> None:
    await automate(hass, text, names)
    # A trigger of the clock would wait on.
    (automation,) = hass.states.async_entity_ids("automation")
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": automation}, blocking=True
    )


@about("amnimo.port_changed")
async def test_a_port_that_somebody_else_switched_is_told_of(
    passage: Passage,
    hass: HomeAssistant,
    names: dict[str, str],
    port: Port,
    notified: list[ServiceCall],
    text: str,
) -> None:
    await automate(hass, text, names)
    port.set(on=False)
    await passage.pass_time(step=30, minutes=2)
    (call,) = notified
    assert call.data["message"].startswith(port.id)
    assert call.data["message"].endswith("off")


@about("amnimo.camera_offline")
async def test_the_power_of_a_camera_that_stays_offline_is_cycled(
    passage: Passage,
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    names: dict[str, str],
    text: str,
) -> None:
    await automate(hass, text, names)
    camera = next(
        each for each in estate.cameras.values() if each.recording and each.online
    )
    camera.online = False
    await passage.pass_time(step=60, minutes=8)
    assert cloud.stats.count("port") == 0
    await passage.pass_time(step=60, minutes=4)
    assert cloud.stats.count("port") == 1


@about("amnimo.equipment_disconnected")
async def test_the_siren_goes_on_when_the_intercom_disconnects(
    passage: Passage,
    hass: HomeAssistant,
    names: dict[str, str],
    output: Port,
    equipment: ExternalDevice,
    text: str,
) -> None:
    await automate(hass, text, names)
    output.set(on=False)
    await passage.pass_time(step=60, minutes=2)
    equipment.reachable = False
    await passage.pass_time(step=60, minutes=12)
    assert output.on


@about("amnimo.clip_ready")
async def test_the_clip_is_sent_when_it_is_ready(
    passage: Passage,
    hass: HomeAssistant,
    names: dict[str, str],
    notified: list[ServiceCall],
    text: str,
) -> None:
    await automate(hass, text, names)
    await passage.result_of(
        hass.services.async_call(
            "amnimo",
            "generate_clip",
            {
                "entity_id": names["camera.front_gate"],
                "last": {"seconds": 10},
                "name": "Delivery",
            },
            blocking=True,
        )
    )
    await passage.until(lambda: notified)
    (call,) = notified
    assert call.data["message"] == "Delivery"
    assert "/api/amnimo/media/" in call.data["data"]["video"]
