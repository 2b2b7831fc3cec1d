"""Automations that begin when cameras and external equipment come and go."""

from __future__ import annotations

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr
from tests.cloud import SimulatedCloud
from tests.cloud.world import Camera
from tests.entities import entity_id, state
from tests.estate import Estate
from tests.passing_time import poll

from .conftest import Automate, device_id

TELL_CAMERA = """
mode: parallel
triggers:
  - trigger: amnimo.<trigger>
    target:
      <target>
    options:
      behavior: <behavior>
      for: <duration>
actions:
  - event: told
    event_data:
      camera: "{{ trigger.camera }}"
      device_id: "{{ trigger.device_id }}"
      entity_id: "{{ trigger.entity_id }}"
      from: "{{ trigger.from_state.state }}"
      to: "{{ trigger.to_state.state }}"
      for: "{{ trigger.for }}"
"""


@pytest.fixture
def cameras(estate: Estate) -> list[Camera]:
    """Return three cameras that are online, and stay so unless a test says otherwise."""
    online = [each for each in estate.cameras.values() if each.online]
    for each in online:
        each.port = None
    return online[:3]


@pytest.fixture
def area(hass: HomeAssistant, loaded: MockConfigEntry, cameras: list[Camera]) -> str:
    """Return the area in which the cameras are."""
    area = ar.async_get(hass).async_create("Yard")
    for camera in cameras:
        dr.async_get(hass).async_update_device(
            device_id(hass, loaded, camera.id), area_id=area.id
        )
    return area.id


def target(hass: HomeAssistant, camera: Camera) -> str:
    """Return a camera as the target of a trigger."""
    return f"entity_id: {entity_id(hass, 'camera', camera.id)}"


async def test_a_camera_that_goes_offline_is_told_of_by_its_name(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    cameras: list[Camera],
    automate: Automate,
) -> None:
    """It is the camera that is named and handed over, not only the sensor that tells."""
    camera, other, _ = cameras
    told = await automate(
        TELL_CAMERA,
        trigger="camera_offline",
        target=target(hass, camera),
        behavior="each",
        duration="00:00:00",
    )
    other.online = False
    await poll(hass, cloud)
    assert told == []
    camera.online = False
    await poll(hass, cloud)
    (event,) = told
    assert event.data == {
        "camera": entity_id(hass, "camera", camera.id),
        "device_id": device_id(hass, loaded, camera.id),
        "entity_id": entity_id(hass, "binary_sensor", f"{camera.id}_connectivity"),
        "from": "on",
        "to": "off",
        "for": "0:00:00",
    }
    camera.online = True
    await poll(hass, cloud)
    assert len(told) == 1


@pytest.mark.usefixtures("loaded")
async def test_a_camera_that_comes_back_is_told_of(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    cameras: list[Camera],
    automate: Automate,
) -> None:
    camera = cameras[0]
    camera.online = False
    await poll(hass, cloud)
    told = await automate(
        TELL_CAMERA,
        trigger="camera_online",
        target=target(hass, camera),
        behavior="each",
        duration="00:00:00",
    )
    camera.online = True
    await poll(hass, cloud)
    assert [(event.data["from"], event.data["to"]) for event in told] == [("off", "on")]


@pytest.mark.usefixtures("loaded")
async def test_a_camera_has_been_offline_though_the_service_was_away_meanwhile(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    cameras: list[Camera],
    automate: Automate,
) -> None:
    """Ten minutes are over after ten minutes, and are told of when it is sure again."""
    camera = cameras[0]
    told = await automate(
        TELL_CAMERA,
        trigger="camera_offline",
        target=target(hass, camera),
        behavior="each",
        duration="00:10:00",
    )
    camera.online = False
    await poll(hass, cloud)
    cloud.faults.add("cameras", "status", status=500, count=-1)
    await poll(hass, cloud)
    assert (
        state(hass, "binary_sensor", f"{camera.id}_connectivity").state == "unavailable"
    )
    await poll(hass, cloud, 601)
    assert told == []
    cloud.faults.clear()
    await poll(hass, cloud, 661)
    (event,) = told
    assert event.data["for"] == "0:10:00"


@pytest.mark.usefixtures("loaded")
async def test_a_camera_that_was_back_in_time_is_not_told_of(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    cameras: list[Camera],
    automate: Automate,
) -> None:
    """Also where nobody saw it come back: it was when the service was."""
    camera = cameras[0]
    told = await automate(
        TELL_CAMERA,
        trigger="camera_offline",
        target=target(hass, camera),
        behavior="each",
        duration="00:10:00",
    )
    camera.online = False
    await poll(hass, cloud)
    cloud.faults.add("cameras", "status", status=500, count=-1)
    await poll(hass, cloud)
    camera.online = True
    await poll(hass, cloud, 601)
    cloud.faults.clear()
    await poll(hass, cloud, 661)
    await poll(hass, cloud, 1300)
    assert told == []


@pytest.mark.usefixtures("loaded")
async def test_a_camera_that_went_offline_while_the_service_was_away_is_told_of(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    cameras: list[Camera],
    automate: Automate,
) -> None:
    camera, other, _ = cameras
    told = await automate(
        TELL_CAMERA,
        trigger="camera_offline",
        target=target(hass, camera),
        behavior="each",
        duration="00:00:00",
    )
    cloud.faults.add("cameras", "status", status=500, count=-1)
    await poll(hass, cloud)
    camera.online = other.online = False
    cloud.faults.clear()
    assert told == []
    await poll(hass, cloud)
    assert [event.data["from"] for event in told] == ["on"]


@pytest.mark.parametrize(
    ("behavior", "after_each"),
    [("each", [1, 2, 3]), ("first", [1, 1, 1]), ("all", [0, 0, 1])],
)
async def test_one_the_first_or_the_last_of_an_area(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    cameras: list[Camera],
    area: str,
    automate: Automate,
    behavior: str,
    after_each: list[int],
) -> None:
    """An area's cameras that go one after the other start as many automations as wanted."""
    told = await automate(
        TELL_CAMERA,
        trigger="camera_offline",
        target=f"area_id: {area}",
        behavior=behavior,
        duration="00:00:00",
    )
    for camera, count in zip(cameras, after_each, strict=True):
        camera.online = False
        await poll(hass, cloud)
        assert len(told) == count


@pytest.mark.parametrize("behavior", ["first", "all"])
async def test_cameras_of_an_area_that_are_offline_for_a_while(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    cameras: list[Camera],
    area: str,
    automate: Automate,
    behavior: str,
) -> None:
    """One that comes back ends the time of all, and not that of the first."""
    told = await automate(
        TELL_CAMERA,
        trigger="camera_offline",
        target=f"area_id: {area}",
        behavior=behavior,
        duration="00:10:00",
    )
    for camera in cameras:
        camera.online = False
    await poll(hass, cloud)
    cameras[1].online = True
    await poll(hass, cloud)
    await poll(hass, cloud, 601)
    assert len(told) == (1 if behavior == "first" else 0)


async def test_an_automation_may_be_there_before_the_cameras(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    entry: MockConfigEntry,
    cameras: list[Camera],
    automate: Automate,
) -> None:
    """What is offline when Home Assistant starts is no news, what happens then is."""
    gone, camera, _ = cameras
    gone.online = False
    devices = dr.async_get(hass)
    label = "label_id: watched"
    devices_known = [
        devices.async_get_or_create(
            config_entry_id=entry.entry_id, identifiers={("amnimo", each.id)}
        )
        for each in (gone, camera)
    ]
    for device in devices_known:
        devices.async_update_device(device.id, labels={"watched"})
    told = await automate(
        TELL_CAMERA,
        trigger="camera_offline",
        target=label,
        behavior="each",
        duration="00:00:00",
    )
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert told == []
    camera.online = False
    await poll(hass, cloud)
    assert [event.data["camera"] for event in told] == [
        entity_id(hass, "camera", camera.id)
    ]


async def test_a_reload_is_no_news_and_hides_none(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    cameras: list[Camera],
    automate: Automate,
) -> None:
    camera = cameras[0]
    told = await automate(
        TELL_CAMERA,
        trigger="camera_offline",
        target=target(hass, camera),
        behavior="each",
        duration="00:00:00",
    )
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done()
    assert told == []
    await hass.config_entries.async_unload(loaded.entry_id)
    camera.online = False
    await hass.config_entries.async_setup(loaded.entry_id)
    await hass.async_block_till_done()
    assert len(told) == 1


@pytest.mark.usefixtures("loaded")
async def test_an_automation_that_is_turned_off_waits_for_nothing(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    cameras: list[Camera],
    automate: Automate,
) -> None:
    """Neither for what comes, nor for a time that has begun."""
    camera = cameras[0]
    told = await automate(
        TELL_CAMERA,
        trigger="camera_offline",
        target=target(hass, camera),
        behavior="each",
        duration="00:10:00",
    )
    camera.online = False
    await poll(hass, cloud)
    await hass.services.async_call(
        "automation",
        "turn_off",
        {"entity_id": "automation.automation"},
        blocking=True,
    )
    await poll(hass, cloud, 601)
    assert told == []


RESET_ITS_PORT = """
triggers:
  - trigger: amnimo.equipment_disconnected
    target:
      device_id: <device>
conditions: "{{ trigger.port is not none }}"
actions:
  - event: told
    event_data:
      name: "{{ trigger.to_state.name }}"
      port: "{{ trigger.port }}"
  - action: amnimo.reset_port
    target:
      entity_id: "{{ trigger.port }}"
    data:
      off_seconds: 5
"""


async def test_the_port_of_equipment_that_is_disconnected_can_be_reset(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    estate: Estate,
    automate: Automate,
) -> None:
    """The trigger names the port, so that one automation serves all equipment of a device."""
    device, equipment = next(
        (device, equipment)
        for device in estate.devices.values()
        for equipment in device.external_devices
        if equipment.port is not None and equipment.camera is None and equipment.online
    )
    edge = device_id(hass, loaded, device.id)
    told = await automate(RESET_ITS_PORT, device=edge)
    equipment.reachable = False
    # Equipment is listed every ten minutes; this one is listed with the next sweep.
    loaded.runtime_data.ports._list_due = 0.0  # noqa: SLF001 - or wait
    await poll(hass, cloud)
    (event,) = told
    assert equipment.port is not None
    assert event.data["port"] == entity_id(
        hass, "switch", f"{device.id}_{equipment.port.id}"
    )
    assert equipment.name in event.data["name"]
    assert cloud.stats.count("port", 200) == 1
