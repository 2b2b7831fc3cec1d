"""Automations that begin when a clip or a snapshot is ready, or came to nothing."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr
from homeassistant.util import dt as dt_util
from tests.actions.calling import media_files
from tests.cloud import FOREVER, CloudOptions, MediaPace, SimulatedCloud
from tests.cloud.world import Camera
from tests.entities import entity_id, state
from tests.media.passage import Passage

from .conftest import Automate, device_id

TELL_ALL = """
triggers:
  - trigger: amnimo.<trigger>
    target:
      entity_id: <entity>
actions:
  - event: told
    event_data:
      entity_id: "{{ trigger.entity_id }}"
      camera: "{{ trigger.camera }}"
      media_id: "{{ trigger.media_id }}"
      name: "{{ trigger.name }}"
      path: "{{ trigger.path }}"
      url: "{{ trigger.url }}"
      size: "{{ trigger.size }}"
      reason: "{{ trigger.reason }}"
"""

SLOW = CloudOptions(start_seconds=0, cloud_media=MediaPace(90.0, 0.0))


async def generate(
    hass: HomeAssistant, passage: Passage, action: str, camera: Camera, **data: Any
) -> list[dict[str, Any]]:
    """Have media made, and return what the action answers."""
    target = entity_id(hass, "camera", camera.id)
    answer = await passage.result_of(
        hass.services.async_call(
            "amnimo",
            action,
            {"entity_id": target, **data},
            blocking=True,
            return_response=True,
        )
    )
    await hass.async_block_till_done()
    media: list[dict[str, Any]] = answer[target]["media"]
    return media


async def test_a_clip_that_is_ready_is_handed_over_with_all_there_is_to_it(
    hass: HomeAssistant,
    passage: Passage,
    camera: Camera,
    automate: Automate,
    media_folder: Path,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """Named by its camera, with an address that a notification can open, and the file."""
    target = entity_id(hass, "camera", camera.id)
    told = await automate(TELL_ALL, trigger="clip_ready", entity=target)
    await generate(hass, passage, "generate_snapshot", camera)
    assert told == []

    (media,) = await generate(
        hass,
        passage,
        "generate_clip",
        camera,
        last={"seconds": 8},
        name="Delivery",
        download=True,
    )
    (event,) = told
    assert event.data["camera"] == target
    assert event.data["entity_id"] == entity_id(hass, "event", f"{camera.id}_media")
    for key in ("media_id", "name", "path", "size"):
        assert event.data[key] == media[key]
    assert event.data["name"] == "Delivery"
    assert media_files(media_folder) == [Path(event.data["path"])]
    client = await hass_client_no_auth()
    response = await client.get(event.data["url"])
    assert response.status == HTTPStatus.OK
    assert response.content_type == "video/mp4"


@pytest.mark.parametrize("by", ["area", "device", "label", "event"])
async def test_a_snapshot_is_told_of_wherever_its_camera_belongs(
    hass: HomeAssistant,
    passage: Passage,
    loaded: MockConfigEntry,
    camera: Camera,
    automate: Automate,
    by: str,
) -> None:
    """By area, device, label, or the event entity, where that is what is named."""
    device = device_id(hass, loaded, camera.id)
    area = ar.async_get(hass).async_create("Gate")
    dr.async_get(hass).async_update_device(device, area_id=area.id, labels={"outside"})
    target = {
        "area": f"area_id: {area.id}",
        "device": f"device_id: {device}",
        "label": "label_id: outside",
        "event": f"entity_id: {entity_id(hass, 'event', f'{camera.id}_media')}",
    }[by]
    text = TELL_ALL.replace("entity_id: <entity>", target)
    told = await automate(text, trigger="snapshot_ready")
    (media,) = await generate(hass, passage, "generate_snapshot", camera)
    assert [event.data["media_id"] for event in told] == [media["media_id"]]
    assert told[0].data["camera"] == entity_id(hass, "camera", camera.id)


@pytest.mark.parametrize("cloud_options", [SLOW])
async def test_each_of_several_snapshots_that_are_ready_at_once_is_told_of(
    hass: HomeAssistant, passage: Passage, camera: Camera, automate: Automate
) -> None:
    """One search finds them all done, and the event entity shows only the last."""
    target = entity_id(hass, "camera", camera.id)
    told = await automate(
        TELL_ALL + "mode: parallel\n", trigger="snapshot_ready", entity=target
    )
    names = ["First", "Second", "Third"]
    for name in names:
        await generate(
            hass, passage, "generate_snapshot", camera, name=name, wait=False
        )
    await passage.until(lambda: len(told) == len(names))
    assert {event.data["name"] for event in told} == set(names)


async def test_what_came_to_nothing_says_why(
    hass: HomeAssistant, passage: Passage, camera: Camera, automate: Automate
) -> None:
    camera.add_gap(0, dt_util.utcnow().timestamp() + 3600)
    target = entity_id(hass, "camera", camera.id)
    told = await automate(TELL_ALL, trigger="media_failed", entity=target)
    await generate(
        hass, passage, "generate_clip", camera, last={"seconds": 30}, wait=False
    )
    await passage.until(lambda: told)
    (event,) = told
    assert event.data["reason"] == "no_recording"
    assert event.data["url"] is None
    assert event.data["camera"] == target


async def test_an_automation_outlives_a_reload_of_the_account(
    hass: HomeAssistant,
    passage: Passage,
    loaded: MockConfigEntry,
    camera: Camera,
    automate: Automate,
) -> None:
    """What was told before is not told again, and what comes after is."""
    target = entity_id(hass, "camera", camera.id)
    told = await automate(TELL_ALL, trigger="snapshot_ready", entity=target)
    await generate(hass, passage, "generate_snapshot", camera, name="Before")
    await passage.result_of(hass.config_entries.async_reload(loaded.entry_id))
    assert [event.data["name"] for event in told] == ["Before"]
    await generate(hass, passage, "generate_snapshot", camera, name="After")
    assert [event.data["name"] for event in told] == ["Before", "After"]


@pytest.mark.parametrize("cloud_options", [SLOW])
async def test_a_snapshot_that_was_ready_while_its_camera_was_not_listed_is_told_of(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    passage: Passage,
    camera: Camera,
    automate: Automate,
) -> None:
    """Once, when the camera is there again; and not again when it comes back once more."""
    target = entity_id(hass, "camera", camera.id)
    told = await automate(TELL_ALL, trigger="snapshot_ready", entity=target)
    await generate(hass, passage, "generate_snapshot", camera, wait=False)

    async def lose_and_find(until: Callable[[], bool]) -> None:
        cloud.faults.add("cameras", "status", status=500, count=FOREVER)
        await passage.until(
            lambda: state(hass, "camera", camera.id).state == "unavailable" and until()
        )
        cloud.faults.clear()
        await passage.until(
            lambda: state(hass, "camera", camera.id).state != "unavailable"
        )
        await hass.async_block_till_done()

    asked = cloud.clock.now()
    await lose_and_find(lambda: cloud.clock.now() > asked + 110)
    assert len(told) == 1
    await lose_and_find(lambda: True)
    assert len(told) == 1
