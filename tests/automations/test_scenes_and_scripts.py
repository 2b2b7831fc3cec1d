"""Scenes that set ports, and scripts that reset them and use the answers of actions."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import parse_yaml
from tests.cloud import CloudOptions, SimulatedCloud
from tests.cloud.world import Camera, Device, Port, PortKind
from tests.entities import entity_id
from tests.media.passage import Passage

from .conftest import COMMANDS


@pytest.fixture
def cloud_options() -> CloudOptions:
    """Return a cloud whose ports move at once."""
    return CloudOptions(port_seconds=0, start_seconds=0)


@pytest.fixture
def switches(hass: HomeAssistant, loaded: MockConfigEntry, device: Device) -> list[str]:
    """Return the switches of the four PoE ports of a device."""
    return [
        entity_id(hass, "switch", f"{device.id}_{port.id}")
        for port in device.ports_of(PortKind.POE)
    ]


def stand(device: Device) -> list[bool]:
    """Return how the PoE ports of a device are, at the cloud."""
    return [port.on for port in device.ports_of(PortKind.POE)]


async def act(hass: HomeAssistant, action: str, **data: Any) -> None:
    """Call an action, and wait until it is done."""
    domain, name = action.split(".")
    await hass.services.async_call(domain, name, data, blocking=True)


@pytest.mark.usefixtures("hurried")
async def test_a_scene_that_is_applied_switches_the_ports_that_are_not_so(
    hass: HomeAssistant, cloud: SimulatedCloud, device: Device, switches: list[str]
) -> None:
    """One command a port that has to move, and none to one that is as it should be."""
    for port in device.ports_of(PortKind.POE):
        assert port.on
    assert await async_setup_component(hass, "scene", {})
    # The actions come with a platform that is set up after it.
    await hass.async_block_till_done()
    wanted = dict(zip(switches, ["off", "on", "off", "on"], strict=True))
    await act(hass, "scene.apply", entities=wanted)
    assert stand(device) == [False, True, False, True]
    assert {each: hass.states.get(each).state for each in switches} == wanted
    assert cloud.stats.count("port", 200) == 2
    await act(hass, "scene.apply", entities=wanted)
    assert cloud.stats.count("port", 200) == 2


@pytest.mark.usefixtures("hurried")
async def test_a_scene_brings_back_what_it_was_made_of(
    hass: HomeAssistant, cloud: SimulatedCloud, device: Device, switches: list[str]
) -> None:
    assert await async_setup_component(hass, "scene", {})
    # The actions come with a platform that is set up after it.
    await hass.async_block_till_done()
    await act(hass, "switch.turn_off", entity_id=switches[1])
    await act(hass, "scene.create", scene_id="before", snapshot_entities=switches)
    await act(hass, "switch.turn_off", entity_id=switches)
    assert stand(device) == [False] * 4
    await act(hass, "scene.turn_on", entity_id="scene.before")
    assert stand(device) == [True, False, True, True]
    assert [hass.states.get(each).state for each in switches] == [
        "on",
        "off",
        "on",
        "on",
    ]
    assert cloud.stats.count("port", 429) == 0


RESTART = """
restart:
  sequence:
    - choose:
        - conditions:
            - condition: amnimo.is_port_on
              target:
                entity_id: <first>
          sequence:
            - action: amnimo.reset_port
              target:
                entity_id: <first>
              data:
                off_seconds: 1
      default:
        - action: switch.turn_on
          target:
            entity_id: <first>
    - repeat:
        for_each: <others>
        sequence:
          - action: amnimo.reset_port
            target:
              entity_id: "{{ repeat.item }}"
            data:
              off_seconds: 1
"""


@pytest.mark.usefixtures("hurried")
async def test_a_script_resets_ports_one_after_the_other(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    device: Device,
    switches: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Many at once are taken in order, and it does not wait for any of them to be back."""
    monkeypatch.setattr(f"{COMMANDS}._PATIENCE", 10)
    text = RESTART.replace("<first>", switches[0]).replace(
        "<others>", str(switches[1:])
    )
    config = parse_yaml(text)
    assert await async_setup_component(hass, "script", {"script": config})
    order: list[str] = []
    reset = Port.reset

    def note(port: Port, *args: Any, **kwargs: Any) -> None:
        order.append(port.id)
        reset(port, *args, **kwargs)

    monkeypatch.setattr(Port, "reset", note)
    await act(hass, "script.restart")
    assert order == [port.id for port in device.ports_of(PortKind.POE)]
    assert cloud.stats.count("port", 200) == 4
    assert [hass.states.get(each).state for each in switches] == ["off"] * 4
    await hass.async_block_till_done(wait_background_tasks=True)
    assert stand(device) == [True] * 4
    assert [hass.states.get(each).state for each in switches] == ["on"] * 4


TELL_PICTURE = """
tell_picture:
  sequence:
    - action: amnimo.generate_snapshot
      target:
        entity_id: <camera>
      response_variable: taken
    - variables:
        picture: "{{ taken['<camera>'].media[0] }}"
    - if: "{{ picture.status == 'completed' }}"
      then:
        - event: told
          event_data:
            media_id: "{{ picture.media_id }}"
            url: "{{ picture.url }}"
"""


async def test_a_script_uses_the_answer_of_an_action(
    hass: HomeAssistant, passage: Passage, camera: Camera
) -> None:
    """The answer is that of the camera, and what it says can be chosen by."""
    told = async_capture_events(hass, "told")
    text = TELL_PICTURE.replace("<camera>", entity_id(hass, "camera", camera.id))
    assert await async_setup_component(hass, "script", {"script": parse_yaml(text)})
    await passage.result_of(act(hass, "script.tell_picture"))
    (event,) = told
    shown = hass.states.get(entity_id(hass, "event", f"{camera.id}_media"))
    assert shown is not None
    assert event.data["media_id"] == shown.attributes["media_id"]
    assert event.data["url"].startswith("/api/amnimo/media/")
