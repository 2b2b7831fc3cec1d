"""Something disconnects: a notification with a picture, whatever becomes of the picture."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from homeassistant.core import HomeAssistant, ServiceCall
from tests.actions.calling import media_files
from tests.cloud import FOREVER, CloudOptions, MediaPace, SimulatedCloud
from tests.cloud.world import Camera, Device, ExternalDevice, PortKind
from tests.entities import entity_id
from tests.estate import Estate
from tests.media.passage import Passage

from .conftest import Automate
from .homes import clock, phone


@pytest.fixture
def device(estate: Estate) -> Device:
    """Return a device with an input port that is on."""
    device = next(
        each for each in estate.devices.values() if each.ports_of(PortKind.INPUT)
    )
    device.ports_of(PortKind.INPUT)[0].set(True)
    return device


@pytest.fixture
def entry_options(device: Device) -> dict[str, Any]:
    """Return no options; the port is on before anybody looks."""
    return {}


@pytest.fixture
def contact(hass: HomeAssistant, device: Device, passage: Passage) -> str:
    """Return the entity of the input port."""
    port = device.ports_of(PortKind.INPUT)[0]
    return entity_id(hass, "binary_sensor", f"{device.id}_{port.id}")


@pytest.fixture
def watch(hass: HomeAssistant, automate: Automate, contact: str, camera: Camera) -> Any:
    """Return what makes the automation, in a language."""

    async def make(language: str = "", **inputs: Any) -> None:
        await automate(
            f"disconnection_alert{language}",
            watched=[contact],
            camera=entity_id(hass, "camera", camera.id),
            notification=phone("image", "path"),
            **inputs,
        )

    return make


def disconnect(equipment: ExternalDevice) -> None:
    """Take equipment off its edge device."""
    if equipment.camera is not None:
        equipment.camera.online = False
    equipment.reachable = False


async def cut(passage: Passage, device: Device) -> None:
    """Open the contact, and let the next sweep see it."""
    device.ports_of(PortKind.INPUT)[0].set(False)
    await passage.pass_time(seconds=70, step=10)


@pytest.mark.parametrize(
    ("language", "title"), [("", "is disconnected"), ("_ja", "が切断されました")]
)
async def test_the_notification_has_a_picture(
    hass: HomeAssistant,
    watch: Any,
    passage: Passage,
    device: Device,
    contact: str,
    cloud: SimulatedCloud,
    notified: list[ServiceCall],
    media_folder: Path,
    hass_client_no_auth: ClientSessionGenerator,
    language: str,
    title: str,
) -> None:
    await watch(language)
    await cut(passage, device)
    await passage.until(lambda: notified)
    (told,) = notified
    state = hass.states.get(contact)
    assert state is not None
    assert told.data["title"].startswith(state.name)
    assert title in told.data["title"]
    assert media_files(media_folder) == [Path(told.data["data"]["path"])]
    client = await hass_client_no_auth()
    response = await client.get(told.data["data"]["image"])
    assert response.status == HTTPStatus.OK
    assert response.content_type == "image/jpeg"
    assert cloud.stats.count("media_create", 200) == 1
    await passage.pass_time(seconds=130, step=10)
    assert len(notified) == 1


async def test_external_equipment_is_watched_as_well(
    hass: HomeAssistant,
    automate: Automate,
    passage: Passage,
    device: Device,
    camera: Camera,
    notified: list[ServiceCall],
) -> None:
    equipment = next(each for each in device.external_devices if each.online)
    entity = entity_id(hass, "binary_sensor", f"{device.id}_external_{equipment.id}")
    await automate(
        "disconnection_alert",
        watched=[entity],
        camera=entity_id(hass, "camera", camera.id),
        notification=phone("source"),
    )
    disconnect(equipment)
    await passage.pass_time(minutes=11, step=30)
    assert [each.data["data"]["source"] for each in notified] == [entity]


@pytest.mark.parametrize(
    ("language", "text"), [("", "records nothing now"), ("_ja", "録画していない")]
)
async def test_a_picture_that_fails_is_said_to(
    watch: Any,
    passage: Passage,
    device: Device,
    camera: Camera,
    cloud: SimulatedCloud,
    notified: list[ServiceCall],
    language: str,
    text: str,
) -> None:
    now = cloud.clock.now()
    camera.add_gap(now - 600, now + 600)
    await watch(language)
    await cut(passage, device)
    await passage.until(lambda: notified)
    assert text in notified[0].data["message"]
    assert notified[0].data["data"]["image"] == ""


async def test_a_service_that_refuses_pictures_does_not_keep_the_notification(
    watch: Any,
    passage: Passage,
    device: Device,
    cloud: SimulatedCloud,
    notified: list[ServiceCall],
) -> None:
    cloud.faults.add("media_create", count=FOREVER, kind="status", status=403)
    await watch()
    await cut(passage, device)
    await passage.until(lambda: notified)
    assert "did not take the request" in notified[0].data["message"]


@pytest.mark.parametrize(
    "cloud_options",
    [
        CloudOptions(
            start_seconds=0, cloud_media=MediaPace(base_seconds=600, per_second=0)
        )
    ],
)
async def test_a_picture_that_is_late_is_not_waited_for(
    watch: Any, passage: Passage, device: Device, notified: list[ServiceCall]
) -> None:
    await watch(patience=20)
    await cut(passage, device)
    await passage.pass_time(seconds=30, step=5)
    (told,) = notified
    assert "still being made" in told.data["message"]


@pytest.mark.parametrize(
    ("language", "since", "again"),
    [
        ("", "has been disconnected since", "could not be asked until"),
        ("_ja", "から切断されています", "それより前からの可能性があります"),
    ],
)
async def test_after_an_outage_it_is_not_said_to_have_begun_then(
    hass: HomeAssistant,
    watch: Any,
    passage: Passage,
    device: Device,
    contact: str,
    notified: list[ServiceCall],
    language: str,
    since: str,
    again: str,
) -> None:
    await watch(language)
    await cut(passage, device)
    await passage.until(lambda: len(notified) == 1)
    device.failing = True
    await passage.until(lambda: hass.states.is_state(contact, "unavailable"))
    device.failing = False
    await passage.until(lambda: len(notified) == 2)
    first, second = (each.data["message"] for each in notified)
    assert since in first
    assert again not in first
    assert since not in second
    assert again in second
    state = hass.states.get(contact)
    assert state is not None
    assert clock(state.last_changed) in second


async def test_what_was_disconnected_before_is_not_told_after_a_reload(
    hass: HomeAssistant,
    watch: Any,
    passage: Passage,
    device: Device,
    contact: str,
    notified: list[ServiceCall],
) -> None:
    await cut(passage, device)
    await watch()
    (entry,) = hass.config_entries.async_entries("amnimo")
    await passage.result_of(hass.config_entries.async_reload(entry.entry_id))
    await passage.pass_time(seconds=70, step=10)
    state = hass.states.get(contact)
    assert state is not None
    assert state.state == "off"
    assert notified == []
