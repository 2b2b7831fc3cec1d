"""Commands to ports that meet: on one port, on two of a device, with resets and with sweeps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.amnimo.api import AmnimoRateLimitedError, Lane
from custom_components.amnimo.port_moves import SIGNAL_PORT_MOVED
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from .cloud import CloudOptions, SimulatedCloud
from .cloud.world import Device, Port, PortKind
from .entities import entity_id
from .estate import Estate
from .passing_time import poll

COMMANDS = "custom_components.amnimo.port_commands"
PORT_SECONDS = 5


@pytest.fixture
def cloud_options() -> CloudOptions:
    """Return a cloud whose ports move after a while that a test lets pass."""
    return CloudOptions(port_seconds=PORT_SECONDS, start_seconds=0)


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let confirmations come within moments, and wait for them as long as a test takes."""
    monkeypatch.setattr(f"{COMMANDS}._FIRST_CHECK", 0.01)
    monkeypatch.setattr(f"{COMMANDS}._CHECK_INTERVAL", 0.01)


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


class Person:
    """Somebody who gives commands and watches a switch."""

    def __init__(self, hass: HomeAssistant, cloud: SimulatedCloud) -> None:
        """Take the home and its cloud."""
        self._hass = hass
        self._cloud = cloud

    def call(self, action: str, entity: str, **data: Any) -> asyncio.Task[None]:
        """Call an action, and go on."""
        domain, name = action.split(".")
        return self._hass.async_create_task(
            self._hass.services.async_call(
                domain, name, {ATTR_ENTITY_ID: entity, **data}, blocking=True
            )
        )

    async def command(
        self, action: str, entity: str, **data: Any
    ) -> asyncio.Task[None]:
        """Call an action, and go on when the cloud has taken the command."""
        taken = self._cloud.stats.count("port", 200)
        call = self.call(action, entity, **data)
        await until(lambda: self._cloud.stats.count("port", 200) > taken)
        return call

    def shown(self, entity: str) -> str:
        """Return what a switch shows."""
        found = self._hass.states.get(entity)
        assert found is not None
        return found.state


async def until(happened: Callable[[], bool]) -> None:
    """Wait until something has happened."""
    async with asyncio.timeout(20):
        while not happened():
            await asyncio.sleep(0.01)


@pytest.fixture
def person(
    hass: HomeAssistant, cloud: SimulatedCloud, loaded: MockConfigEntry
) -> Person:
    """Return somebody at home."""
    return Person(hass, cloud)


@pytest.fixture
def switch(hass: HomeAssistant, person: Person, device: Device, port: Port) -> str:
    """Return the switch of the port."""
    return entity_id(hass, "switch", f"{device.id}_{port.id}")


@pytest.fixture
def button(hass: HomeAssistant, person: Person, device: Device, port: Port) -> str:
    """Return the reset button of the port."""
    return entity_id(hass, "button", f"{device.id}_{port.id}_reset")


async def test_the_newest_wish_is_shown_while_an_older_command_is_on_its_way(
    cloud: SimulatedCloud, person: Person, switch: str, port: Port
) -> None:
    """Commands to one port go one after the other; what was wished last shows from the start."""
    slow = cloud.faults.add("port", "delay", seconds=0.3)
    first = person.call("switch.turn_off", switch)
    await until(lambda: slow.count == 0)
    assert person.shown(switch) == "off"
    second = person.call("switch.turn_on", switch)
    await asyncio.sleep(0)
    assert person.shown(switch) == "on"
    third = person.call("switch.turn_off", switch)
    await asyncio.sleep(0)
    assert person.shown(switch) == "off"
    assert cloud.stats.count("port") == 0

    await until(lambda: cloud.stats.count("port", 200) == 3)
    cloud.clock.advance(PORT_SECONDS + 1)
    await asyncio.gather(first, second, third)
    assert not port.on
    assert person.shown(switch) == "off"


@pytest.mark.usefixtures("impatient")
async def test_a_command_that_fails_does_not_take_the_next_one_with_it(
    cloud: SimulatedCloud, person: Person, switch: str, port: Port
) -> None:
    """The first caller gets the error, the second one what was wished."""
    cloud.faults.add("port", "delay", seconds=0.2)
    refusal = cloud.faults.add("port", "status", status=404)
    first = person.call("switch.turn_on", switch)
    await asyncio.sleep(0)
    second = person.call("switch.turn_off", switch)
    await asyncio.sleep(0)
    third = person.call("switch.turn_off", switch)
    await until(lambda: refusal.count == 0)
    await until(lambda: cloud.stats.count("port", 200) == 2)
    assert person.shown(switch) == "off"
    cloud.clock.advance(PORT_SECONDS + 1)
    results = await asyncio.gather(first, second, third, return_exceptions=True)
    assert len([each for each in results if isinstance(each, HomeAssistantError)]) == 1
    assert not port.on
    assert person.shown(switch) == "off"


async def test_a_command_that_is_called_off_before_its_turn_is_never_sent(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    person: Person,
    switch: str,
    port: Port,
) -> None:
    """What waited behind another command leaves no trace, neither there nor here."""
    slow = cloud.faults.add("port", "delay", seconds=0.3)
    first = person.call("switch.turn_off", switch)
    await until(lambda: slow.count == 0)
    second = person.call("switch.turn_on", switch)
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.wait([second])
    cloud.clock.advance(1)
    await until(lambda: cloud.stats.count("port", 200) == 1)
    cloud.clock.advance(PORT_SECONDS + 1)
    await first
    await poll(hass, cloud)
    assert not port.on
    assert person.shown(switch) == "off"
    assert cloud.stats.count("port") == 1


async def test_a_reset_during_a_reset_starts_the_time_anew(
    cloud: SimulatedCloud,
    person: Person,
    switch: str,
    port: Port,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The port is shown off until the second reset is over, and then on."""
    monkeypatch.setattr(f"{COMMANDS}._FIRST_CHECK", -0.99)
    first = await person.command("amnimo.reset_port", switch, off_seconds=1)
    await first
    assert person.shown(switch) == "off"
    second = await person.command("amnimo.reset_port", switch, off_seconds=60)
    await second
    monkeypatch.setattr(f"{COMMANDS}._FIRST_CHECK", 0.01)
    await asyncio.sleep(0.1)
    cloud.clock.advance(PORT_SECONDS + 30)
    assert not port.on
    assert person.shown(switch) == "off"
    assert cloud.stats.count("port", 200) == 2


async def test_switching_off_during_a_reset_keeps_it_off(
    hass: HomeAssistant, cloud: SimulatedCloud, person: Person, switch: str, port: Port
) -> None:
    """The reset's end is not waited for any more, and nothing switches on."""
    await (await person.command("amnimo.reset_port", switch, off_seconds=30))
    call = await person.command("switch.turn_off", switch)
    cloud.clock.advance(PORT_SECONDS + 60)
    await call
    await poll(hass, cloud)
    assert not port.on
    assert person.shown(switch) == "off"


async def test_switching_on_during_a_reset_ends_it(
    cloud: SimulatedCloud, person: Person, switch: str, button: str, port: Port
) -> None:
    """The port is shown on at once, and is on as soon as it has moved."""
    await (await person.command("button.press", button))
    cloud.clock.advance(PORT_SECONDS + 1)
    assert not port.on
    assert person.shown(switch) == "off"
    call = await person.command("switch.turn_on", switch)
    assert person.shown(switch) == "on"
    cloud.clock.advance(PORT_SECONDS + 1)
    await call
    assert port.on
    assert person.shown(switch) == "on"


async def test_a_reset_replaces_a_command_that_waits_for_its_confirmation(
    cloud: SimulatedCloud, person: Person, switch: str, port: Port
) -> None:
    """Whoever switched is not told of a failure, since somebody else wished otherwise."""
    call = await person.command("switch.turn_off", switch)
    await (await person.command("amnimo.reset_port", switch, off_seconds=1))
    await call
    assert person.shown(switch) == "off"
    cloud.clock.advance(PORT_SECONDS + 2)
    assert port.on
    await until(lambda: person.shown(switch) == "on")


async def test_another_port_of_the_device_is_free_during_a_reset(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    person: Person,
    switch: str,
    device: Device,
) -> None:
    """A reset concerns its own port alone."""
    other = device.ports_of(PortKind.POE)[1]
    neighbour = entity_id(hass, "switch", f"{device.id}_{other.id}")
    await (await person.command("amnimo.reset_port", switch, off_seconds=600))
    call = await person.command("switch.turn_off", neighbour)
    cloud.clock.advance(PORT_SECONDS + 1)
    await call
    assert not other.on
    assert person.shown(neighbour) == "off"
    assert person.shown(switch) == "off"


async def test_two_ports_of_a_device_are_confirmed_with_the_same_reading(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    person: Person,
    switch: str,
    port: Port,
    device: Device,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both move, and the device is not asked twice for what one answer says."""
    monkeypatch.setattr(f"{COMMANDS}._FIRST_CHECK", 0.2)
    other = device.ports_of(PortKind.POE)[1]
    neighbour = entity_id(hass, "switch", f"{device.id}_{other.id}")
    read = cloud.stats.count("peripherals")
    calls = [
        await person.command("switch.turn_off", each) for each in (switch, neighbour)
    ]
    # Of two that ask nearly at once, the second finds the answer of the first on its way.
    cloud.faults.add("peripherals", "delay", seconds=0.5)
    cloud.clock.advance(PORT_SECONDS + 1)
    await asyncio.gather(*calls)
    assert not port.on
    assert not other.on
    assert person.shown(switch) == person.shown(neighbour) == "off"
    assert cloud.stats.count("peripherals") == read + 1


async def test_a_command_that_is_refused_leaves_the_one_before_it(
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    person: Person,
    switch: str,
    port: Port,
    device: Device,
) -> None:
    """The port still does what it was told first: that is shown, and waited for."""
    first = await person.command("switch.turn_off", switch)
    cloud.faults.add("port", "status", status=404)
    second = person.call("switch.turn_on", switch)
    await asyncio.sleep(0)
    assert person.shown(switch) == "on"
    with pytest.raises(HomeAssistantError):
        await second
    assert person.shown(switch) == "off"
    assert not first.done()

    cloud.clock.advance(PORT_SECONDS + 1)
    await first
    assert not port.on
    known = loaded.runtime_data.ports.port(device.id, port.id)
    assert known is not None
    assert known.on is False
    assert person.shown(switch) == "off"


async def test_a_command_that_is_called_off_shows_the_one_on_its_way(
    cloud: SimulatedCloud, person: Person, switch: str
) -> None:
    """What waited behind it is gone, and what the port is being told shows again."""
    slow = cloud.faults.add("port", "delay", seconds=0.5)
    first = person.call("switch.turn_off", switch)
    await until(lambda: slow.count == 0)
    second = person.call("switch.turn_on", switch)
    await asyncio.sleep(0)
    assert person.shown(switch) == "on"
    second.cancel()
    await asyncio.wait([second])
    assert cloud.stats.count("port") == 0
    assert person.shown(switch) == "off"
    await until(lambda: cloud.stats.count("port", 200) == 1)
    cloud.clock.advance(PORT_SECONDS + 1)
    await first


async def test_a_command_is_not_carried_out_minutes_later(
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    person: Person,
    switch: str,
    port: Port,
) -> None:
    """While the service wants to be left in peace, whoever asks is told so at once."""
    cloud.faults.add("hierarchy", "status", status=429, seconds=120)
    with pytest.raises(AmnimoRateLimitedError):
        await loaded.runtime_data.hub.client.hierarchy(cloud.account_id)
    with pytest.raises(HomeAssistantError) as refused:
        await person.call("switch.turn_off", switch)
    assert refused.value.translation_domain == "amnimo"
    assert refused.value.translation_key == "rate_limited"
    assert person.shown(switch) == "on"
    assert cloud.stats.count("port") == 0
    assert port.on


async def test_a_pause_does_not_keep_a_command_from_being_confirmed(
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    person: Person,
    switch: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was accepted is shown as long as nobody may ask, and the device is not lost."""
    throttle = loaded.runtime_data.hub.client.throttle
    monkeypatch.setattr(f"{COMMANDS}._FIRST_CHECK", 0.2)
    call = await person.command("switch.turn_off", switch)
    throttle.refused(120)
    await until(lambda: throttle.waiting[Lane.LIVE])
    assert not call.done()
    assert person.shown(switch) == "off"


@pytest.mark.usefixtures("impatient")
async def test_a_command_whose_answer_was_lost_shows_what_became_of_it(
    hass: HomeAssistant, cloud: SimulatedCloud, person: Person, switch: str, port: Port
) -> None:
    """The caller gets an error; the port may have moved all the same, and then shows so."""
    cloud.faults.add("port", "truncated", count=-1)
    with pytest.raises(HomeAssistantError):
        await person.call("switch.turn_off", switch)
    cloud.clock.advance(PORT_SECONDS + 1)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not port.on
    assert person.shown(switch) == "off"


async def test_a_reading_that_was_overtaken_does_not_count(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    person: Person,
    switch: str,
    port: Port,
    device: Device,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An answer of before a command that comes after its confirmation is old news."""
    ports = loaded.runtime_data.ports
    ask = ports.client.ports
    answered, overtaken = asyncio.Event(), asyncio.Event()

    async def ask_and_dawdle(*args: Any, **kwargs: Any) -> Any:
        answer = await ask(*args, **kwargs)
        answered.set()
        await overtaken.wait()
        return answer

    with monkeypatch.context() as dawdling:
        dawdling.setattr(ports.client, "ports", ask_and_dawdle)
        sweep = hass.async_create_task(ports.async_read_device(device.id, Lane.POLL))
        await answered.wait()
    call = await person.command("switch.turn_off", switch)
    cloud.clock.advance(PORT_SECONDS + 1)
    await call
    overtaken.set()
    await sweep
    assert not port.on
    assert person.shown(switch) == "off"


async def test_a_reading_from_before_a_command_confirms_nothing(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    person: Person,
    switch: str,
    port: Port,
    device: Device,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was begun for another port; whoever switches this one is told what became of it."""
    monkeypatch.setattr(f"{COMMANDS}._PATIENCE", 0.5)
    ports = loaded.runtime_data.ports
    ask = ports.client.ports
    answered, overtaken = asyncio.Event(), asyncio.Event()

    async def ask_and_dawdle(*args: Any, **kwargs: Any) -> Any:
        answer = await ask(*args, **kwargs)
        answered.set()
        await overtaken.wait()
        return answer

    other = device.ports_of(PortKind.POE)[1]
    neighbour = entity_id(hass, "switch", f"{device.id}_{other.id}")
    other.set(on=False)
    with monkeypatch.context() as dawdling:
        dawdling.setattr(ports.client, "ports", ask_and_dawdle)
        first = await person.command("switch.turn_off", neighbour)
        await answered.wait()
    port.set(on=False)
    port.stuck = True
    second = await person.command("switch.turn_on", switch)
    await asyncio.sleep(0.1)
    overtaken.set()
    with pytest.raises(HomeAssistantError) as still_off:
        await second
    assert still_off.value.translation_key == "port_still_off"
    assert person.shown(switch) == "off"
    await first


async def test_a_reading_that_fails_confirms_nothing(
    cloud: SimulatedCloud,
    person: Person,
    switch: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was read before the command is no answer to it."""
    monkeypatch.setattr(f"{COMMANDS}._PATIENCE", 0.3)
    cloud.faults.add("peripherals", "status", status=404, count=-1)
    call = await person.command("switch.turn_on", switch)
    with pytest.raises(HomeAssistantError) as unknown:
        await call
    assert unknown.value.translation_key == "port_not_confirmed"


@pytest.mark.parametrize("reloaded_while", ["on its way", "accepted"])
@pytest.mark.parametrize(
    "cloud_options",
    [
        CloudOptions(
            tenants=1, cameras=2, devices=1, port_seconds=PORT_SECONDS, start_seconds=0
        )
    ],
)
async def test_a_port_that_moves_after_a_reload_obeys_all_the_same(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    person: Person,
    switch: str,
    monkeypatch: pytest.MonkeyPatch,
    reloaded_while: str,
) -> None:
    """Nobody outside moved it; who does so later has."""
    monkeypatch.setattr(f"{COMMANDS}._CHECK_INTERVAL", 0.5)
    moves: list[tuple[bool | None, bool]] = []
    async_dispatcher_connect(
        hass,
        SIGNAL_PORT_MOVED,
        lambda move: moves.append((move.port.on, move.outside)),
    )
    if reloaded_while == "accepted":
        call = await person.command("switch.turn_off", switch)
    else:
        slow = cloud.faults.add("port", "delay", seconds=1)
        call = person.call("switch.turn_off", switch)
        await until(lambda: slow.count == 0)
    await hass.config_entries.async_reload(loaded.entry_id)
    await until(lambda: cloud.stats.count("port", 200) == 1)
    cloud.clock.advance(PORT_SECONDS + 1)
    await call
    await poll(hass, cloud)
    assert moves == [(False, False)]
    assert person.shown(switch) == "off"


@pytest.mark.parametrize(
    "cloud_options",
    [
        CloudOptions(
            tenants=1, cameras=2, devices=1, port_seconds=PORT_SECONDS, start_seconds=0
        )
    ],
)
async def test_a_port_that_is_back_after_a_reload_was_reset(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    person: Person,
    switch: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However long the reset takes, it is nobody outside who ends it."""
    moves: list[tuple[bool | None, bool]] = []
    async_dispatcher_connect(
        hass,
        SIGNAL_PORT_MOVED,
        lambda move: moves.append((move.port.on, move.outside)),
    )
    monkeypatch.setattr(f"{COMMANDS}._LATE_SWEEPS", 0)
    await (await person.command("amnimo.reset_port", switch, off_seconds=600))
    await hass.config_entries.async_reload(loaded.entry_id)
    for seconds in (61, 600):
        await poll(hass, cloud, seconds)
    assert moves == [(False, False), (True, False)]
    assert person.shown(switch) == "on"


async def test_a_device_that_left_meanwhile_can_not_be_commanded(
    hass: HomeAssistant, loaded: MockConfigEntry, person: Person, device: Device
) -> None:
    """Whoever still holds its switch is told that it is gone."""
    del loaded.runtime_data.ports.data[device.id]
    with pytest.raises(HomeAssistantError) as gone:
        await loaded.runtime_data.port_commands.async_switch(
            device.id, "lan1", on=False
        )
    assert gone.value.translation_key == "not_found"


async def test_reset_port_takes_the_seconds_that_are_asked_for(
    cloud: SimulatedCloud, person: Person, switch: str, port: Port
) -> None:
    """The port is off for the time of the action, not for that of the options."""
    await (await person.command("amnimo.reset_port", switch, off_seconds=120))
    cloud.clock.advance(PORT_SECONDS + 119)
    assert not port.on
    cloud.clock.advance(2)
    assert port.on
