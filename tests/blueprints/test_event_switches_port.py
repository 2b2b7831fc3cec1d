"""An event switches a port for a while, whatever comes in between."""

from __future__ import annotations

import asyncio
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.core import HomeAssistant, ServiceCall
from tests.cloud import FOREVER, CloudOptions, SimulatedCloud
from tests.cloud.world import Port, PortKind
from tests.entities import entity_id
from tests.estate import Estate
from tests.media.passage import Passage

from .conftest import Automate
from .homes import is_running, on_event, phone

COMMANDS = "custom_components.amnimo.port_commands"


@pytest.fixture
def cloud_options() -> CloudOptions:
    """Return a cloud whose ports move at once."""
    return CloudOptions(start_seconds=0, port_seconds=0)


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let confirmations come within moments."""
    monkeypatch.setattr(f"{COMMANDS}._FIRST_CHECK", 0.01)
    monkeypatch.setattr(f"{COMMANDS}._CHECK_INTERVAL", 0.01)


@pytest.fixture
def device_and_port(estate: Estate) -> tuple[str, Port]:
    """Return an output port that is off, and its device's ID."""
    device = next(
        each for each in estate.devices.values() if each.ports_of(PortKind.OUTPUT)
    )
    port = device.ports_of(PortKind.OUTPUT)[0]
    port.set(False)
    return device.id, port


@pytest.fixture
def port(device_and_port: tuple[str, Port]) -> Port:
    """Return the port."""
    return device_and_port[1]


@pytest.fixture
def entry_options(port: Port) -> dict[str, Any]:
    """Return no options; the port is as it is before anybody looks."""
    return {}


@pytest.fixture
def siren(
    hass: HomeAssistant, device_and_port: tuple[str, Port], passage: Passage
) -> str:
    """Return the switch of the port."""
    device_id, port = device_and_port
    return entity_id(hass, "switch", f"{device_id}_{port.id}")


def shown(hass: HomeAssistant, siren: str) -> str:
    """Return what the switch shows."""
    state = hass.states.get(siren)
    assert state is not None
    return state.state


async def shut_down(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Stop Home Assistant, which takes the loop's time and some of the sockets'."""
    stopped = asyncio.ensure_future(hass.async_stop())
    while not stopped.done():
        for _ in range(50):
            await asyncio.sleep(0)
        freezer.tick(0.01)
    await stopped


@pytest.fixture
async def ring(hass: HomeAssistant, passage: Passage, siren: str) -> Any:
    """Return what fires the event, and lets a few seconds pass."""

    async def fire(seconds: int = 4) -> None:
        hass.bus.async_fire("bell")
        await passage.pass_time(seconds=seconds)

    return fire


@pytest.mark.parametrize("language", ["", "_ja"])
async def test_it_is_on_for_as_long_as_wanted_and_off_again(
    hass: HomeAssistant,
    automate: Automate,
    ring: Any,
    passage: Passage,
    siren: str,
    port: Port,
    cloud: SimulatedCloud,
    language: str,
) -> None:
    automation = await automate(
        f"event_switches_port{language}", event=on_event(), port=siren, seconds=20
    )
    await ring()
    assert port.on
    await passage.pass_time(seconds=10)
    assert port.on
    await passage.until(lambda: not is_running(hass, automation))
    assert not port.on
    assert shown(hass, siren) == "off"
    assert cloud.stats.count("port", 200) == 2


async def test_another_event_begins_the_time_anew(
    hass: HomeAssistant,
    automate: Automate,
    ring: Any,
    passage: Passage,
    siren: str,
    port: Port,
) -> None:
    automation = await automate(
        "event_switches_port", event=on_event(), port=siren, seconds=20
    )
    await ring(15)
    await ring(15)
    assert port.on
    await passage.until(lambda: not is_running(hass, automation))
    assert not port.on


async def test_a_port_that_is_on_already_stays_on(
    hass: HomeAssistant,
    automate: Automate,
    ring: Any,
    passage: Passage,
    siren: str,
    port: Port,
    cloud: SimulatedCloud,
) -> None:
    await automate("event_switches_port", event=on_event(), port=siren, seconds=5)
    await passage.result_of(
        hass.services.async_call(
            "switch", "turn_on", {"entity_id": siren}, blocking=True
        )
    )
    await ring(30)
    assert port.on
    assert cloud.stats.count("port", 200) == 1


async def test_it_can_be_the_other_way_round_and_under_a_condition(
    hass: HomeAssistant,
    automate: Automate,
    ring: Any,
    passage: Passage,
    siren: str,
    port: Port,
) -> None:
    await passage.result_of(
        hass.services.async_call(
            "switch", "turn_on", {"entity_id": siren}, blocking=True
        )
    )
    automation = await automate(
        "event_switches_port",
        event=on_event(),
        port=siren,
        seconds=10,
        wanted="off",
        conditions=[{"condition": "state", "entity_id": "sun.sun", "state": "up"}],
    )
    hass.states.async_set("sun.sun", "down")
    await ring()
    assert port.on
    hass.states.async_set("sun.sun", "up")
    await ring()
    assert not port.on
    await passage.until(lambda: not is_running(hass, automation))
    assert port.on


async def test_a_shutdown_in_between_leaves_the_port_as_it_was(
    hass: HomeAssistant,
    automate: Automate,
    ring: Any,
    passage: Passage,
    freezer: FrozenDateTimeFactory,
    siren: str,
    port: Port,
) -> None:
    await automate("event_switches_port", event=on_event(), port=siren, seconds=600)
    await ring()
    assert port.on
    await shut_down(hass, freezer)
    assert not port.on


async def test_a_shutdown_otherwise_moves_nothing(
    hass: HomeAssistant,
    automate: Automate,
    passage: Passage,
    freezer: FrozenDateTimeFactory,
    siren: str,
    cloud: SimulatedCloud,
) -> None:
    await automate("event_switches_port", event=on_event(), port=siren, seconds=600)
    await shut_down(hass, freezer)
    assert cloud.stats.count("port") == 0


async def test_a_port_that_does_not_come_back_is_tried_again(
    hass: HomeAssistant,
    automate: Automate,
    ring: Any,
    passage: Passage,
    siren: str,
    port: Port,
    cloud: SimulatedCloud,
    notified: list[ServiceCall],
) -> None:
    automation = await automate(
        "event_switches_port",
        event=on_event(),
        port=siren,
        seconds=10,
        trouble=phone(),
    )
    await ring()
    cloud.faults.add("port", count=1, kind="status", status=403)
    await passage.until(lambda: not is_running(hass, automation))
    assert not port.on
    assert notified == []


@pytest.mark.parametrize(
    ("language", "text"), [("", "should be off again"), ("_ja", "オフに戻そうと")]
)
async def test_a_port_that_never_comes_back_is_told_of(
    hass: HomeAssistant,
    automate: Automate,
    ring: Any,
    passage: Passage,
    siren: str,
    port: Port,
    cloud: SimulatedCloud,
    notified: list[ServiceCall],
    language: str,
    text: str,
) -> None:
    automation = await automate(
        f"event_switches_port{language}",
        event=on_event(),
        port=siren,
        seconds=10,
        trouble=phone(),
    )
    await ring()
    cloud.faults.add("port", count=FOREVER, kind="status", status=400)
    await passage.until(lambda: not is_running(hass, automation))
    assert port.on
    (told,) = notified
    assert text in told.data["message"]
    assert cloud.stats.count("port", 400) == 3
