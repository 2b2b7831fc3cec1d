"""A service that answers badly, in part, or not at all: nobody loses more than that costs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.amnimo import stills
from custom_components.amnimo.coordinator import LISTED
from homeassistant.components.camera import async_get_image
from homeassistant.components.camera.const import CAMERA_IMAGE_TIMEOUT
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .cloud import CloudOptions, SimulatedCloud
from .cloud.world import Device
from .entities import entity_id
from .estate import Estate
from .logged import tracebacks
from .passing_time import poll

PORTS = "custom_components.amnimo.coordinator.ports"
SWEEP = "custom_components.amnimo.coordinator.sweep"

type SetUp = Callable[[], Awaitable[MockConfigEntry]]


@pytest.fixture
def cloud_options(request: pytest.FixtureRequest) -> CloudOptions:
    """Return a cloud that speaks the dialect a test asks for."""
    dialect = getattr(request, "param", "default")
    return CloudOptions(dialect=dialect, start_seconds=0)


def registered(hass: HomeAssistant, entry: MockConfigEntry) -> set[str]:
    """Return the unique IDs of all entities that Home Assistant keeps for an entry."""
    entries = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {each.unique_id for each in entries}


def unavailable(hass: HomeAssistant, domain: str) -> set[str]:
    """Return the entities of a domain that are unavailable."""
    return {
        state.entity_id
        for state in hass.states.async_all(domain)
        if state.state == "unavailable"
    }


def switches(hass: HomeAssistant, device: Device) -> set[str]:
    """Return the switches of a device."""
    return {
        entity_id(hass, "switch", f"{device.id}_{port.id}")
        for port in device.ports.values()
        if port.can_be_switched
    }


async def test_a_tenant_that_one_answer_lacks_stays(
    hass: HomeAssistant, cloud: SimulatedCloud, estate: Estate, loaded: MockConfigEntry
) -> None:
    """One answer without a tenant is doubted: all goes on, and the next poll asks again."""
    before = registered(hass, loaded)
    children = list(estate.root.children)
    estate.root.children.clear()
    loaded.runtime_data.cameras.ask_hierarchy_again()
    await poll(hass, cloud)
    assert cloud.stats.count("hierarchy") == 2
    assert registered(hass, loaded) == before
    assert not unavailable(hass, "camera")

    estate.root.children.extend(children)
    for _ in range(3):
        await poll(hass, cloud)
    assert cloud.stats.count("hierarchy") == 3
    assert registered(hass, loaded) == before
    assert not unavailable(hass, "camera")


@pytest.mark.usefixtures("impatient")
async def test_an_answer_that_fails_does_not_confirm_the_one_before(
    hass: HomeAssistant, cloud: SimulatedCloud, estate: Estate, loaded: MockConfigEntry
) -> None:
    """One answer without a tenant and then none at all are not two answers without it."""
    before = registered(hass, loaded)
    children = list(estate.root.children)
    estate.root.children.clear()
    loaded.runtime_data.cameras.ask_hierarchy_again()
    await poll(hass, cloud)
    cloud.faults.add("hierarchy", "status", status=500, count=-1)
    for _ in range(3):
        await poll(hass, cloud)
        assert registered(hass, loaded) == before
        assert not unavailable(hass, "camera")
    estate.root.children.extend(children)
    cloud.faults.clear()
    await poll(hass, cloud)
    assert registered(hass, loaded) == before


async def test_a_tenant_that_two_answers_lack_is_gone(
    hass: HomeAssistant, cloud: SimulatedCloud, estate: Estate, loaded: MockConfigEntry
) -> None:
    """A tenant that was really closed leaves with its cameras, within a few polls."""
    cameras = estate.cameras
    estate.root.children.clear()
    staying = estate.cameras
    assert staying.keys() < cameras.keys()
    loaded.runtime_data.cameras.ask_hierarchy_again()
    for _ in range(5):
        await poll(hass, cloud)
    assert cameras.keys() & registered(hass, loaded) == staying.keys()
    assert not unavailable(hass, "camera")


@pytest.mark.parametrize("cloud_options", ["default", "sparse"], indirect=True)
@pytest.mark.usefixtures("impatient")
async def test_a_camera_listing_that_holds_no_list_is_no_listing(
    hass: HomeAssistant, cloud: SimulatedCloud, loaded: MockConfigEntry
) -> None:
    """A success with an empty body, or with words only, does not mean that all are gone."""
    before = registered(hass, loaded)
    cloud.faults.add("cameras", "status", status=200, count=-1)
    for _ in range(4):
        await poll(hass, cloud)
    assert registered(hass, loaded) == before
    assert unavailable(hass, "camera") == set(hass.states.async_entity_ids("camera"))
    cloud.faults.clear()
    await poll(hass, cloud)
    assert not unavailable(hass, "camera")


@pytest.mark.parametrize("cloud_options", ["default", "sparse"], indirect=True)
@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.usefixtures("impatient")
async def test_a_device_listing_that_fails_costs_nothing(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    set_up: SetUp,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
) -> None:
    """The devices that are known go on, and are listed again with the next sweep."""
    with monkeypatch.context() as at_once:
        at_once.setattr(f"{PORTS}._DEVICE_LIST_INTERVAL", 0)
        entry = await set_up()
    monkeypatch.setattr(f"{PORTS}._SHORTEST_SWEEP_INTERVAL", 0)
    before = registered(hass, entry)
    listed = cloud.stats.count("external_devices")
    swept = cloud.stats.count("peripherals")
    cloud.faults.add("external_devices", "status", status=status, count=-1)
    await poll(hass, cloud)
    assert cloud.stats.count("external_devices") > listed
    assert cloud.stats.count("peripherals") > swept
    assert not unavailable(hass, "switch")

    cloud.faults.clear()
    listed = cloud.stats.count("external_devices")
    await poll(hass, cloud)
    assert cloud.stats.count("external_devices") > listed
    assert registered(hass, entry) == before
    assert not unavailable(hass, "switch")


@pytest.mark.parametrize("kind", ["truncated", "malformed", "status"])
@pytest.mark.usefixtures("loaded", "impatient")
async def test_a_device_whose_reading_breaks_off_takes_only_its_own_entities(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    """Whatever is wrong with the answers of one device, the others are read and shown."""
    monkeypatch.setattr(f"{SWEEP}._WORKERS", 1)
    tries = 3
    fault = cloud.faults.add("peripherals", kind, count=tries)
    await poll(hass, cloud)
    assert fault.count == 0
    of_devices = [switches(hass, device) for device in estate.devices.values()]
    assert len(of_devices) > 1
    assert unavailable(hass, "switch") in of_devices

    await poll(hass, cloud)
    assert not unavailable(hass, "switch")


@pytest.mark.usefixtures("loaded", "impatient")
async def test_ports_that_can_not_be_reached_leave_the_cameras_alone(
    hass: HomeAssistant, cloud: SimulatedCloud, caplog: pytest.LogCaptureFixture
) -> None:
    """Where no device can be read all ports are unavailable, which the log says once."""
    cloud.faults.add("peripherals", "drop", count=-1)
    for _ in range(3):
        await poll(hass, cloud)
    assert unavailable(hass, "switch") == set(hass.states.async_entity_ids("switch"))
    assert not unavailable(hass, "camera")
    assert caplog.text.count("Error fetching port data") == 1
    assert not tracebacks(caplog)
    cloud.faults.clear()
    await poll(hass, cloud)
    assert not unavailable(hass, "switch")


async def test_a_listener_that_fails_does_not_keep_the_news_from_the_others(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A fault in one listener is logged, and the next one is told all the same."""
    told: list[str] = []

    def fail() -> None:
        told.append("first")
        raise ValueError("a fault of this listener")

    coordinator: Any = loaded.runtime_data.cameras
    coordinator.async_add_listener(fail, LISTED)
    coordinator.async_add_listener(lambda: told.append("second"), LISTED)
    await poll(hass, cloud)
    assert told == ["first", "second"]
    assert "a fault of this listener" in caplog.text
    assert coordinator.last_update_success


@pytest.mark.usefixtures("loaded")
async def test_a_picture_that_hangs_leaves_the_last_one(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The wait for a new picture ends before Home Assistant's own, with the last picture."""
    camera = next(camera for camera in estate.cameras.values() if camera.recording)
    shown = entity_id(hass, "camera", camera.id)
    first = await async_get_image(hass, shown)
    assert stills._TIMEOUT.total < CAMERA_IMAGE_TIMEOUT  # noqa: SLF001
    monkeypatch.setattr(stills, "_TIMEOUT", aiohttp.ClientTimeout(total=0.1))
    fault = cloud.faults.add("thumbnail_file", "delay", count=9, seconds=3600)
    await poll(hass, cloud, 121)
    assert (await async_get_image(hass, shown)).content == first.content
    assert fault.count == 8

    monkeypatch.undo()
    cloud.faults.clear()
    await poll(hass, cloud, 61)
    assert (await async_get_image(hass, shown)).content != first.content
