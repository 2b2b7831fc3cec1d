"""A camera that is unavailable is no reason to do nothing and to say nothing."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from tests.cloud import FOREVER, SimulatedCloud
from tests.cloud.world import Camera
from tests.entities import entity_id
from tests.media.passage import Passage

from .calling import Call, ago, local

ACTIONS = {
    "generate_clip": "media",
    "generate_snapshot": "media",
    "search_media": "media",
    "get_recordings": "recordings",
    "get_thumbnails": "thumbnails",
}
"""With what each answers."""


def fields_of(action: str) -> dict[str, Any]:
    """Return what an action is to be told."""
    moment = local(ago(hours=2))
    fields: dict[str, dict[str, Any]] = {
        "generate_clip": {"start_time": moment, "duration": "00:00:05"},
        "generate_snapshot": {"time": moment},
        "get_recordings": {"start_time": moment},
    }
    return fields.get(action, {})


@pytest.fixture
async def unlisted(
    hass: HomeAssistant,
    passage: Passage,
    loaded: MockConfigEntry,
    cloud: SimulatedCloud,
    camera: Camera,
) -> str:
    """Return the camera's entity ID, while no tenant's cameras can be listed."""
    cloud.faults.add("cameras", "status", count=FOREVER, status=500)
    await passage.result_of(loaded.runtime_data.cameras.async_refresh())
    entity = entity_id(hass, "camera", camera.id)
    state = hass.states.get(entity)
    assert state is not None
    assert state.state == STATE_UNAVAILABLE
    return entity


@pytest.mark.parametrize(("action", "kind"), ACTIONS.items())
@pytest.mark.usefixtures("unlisted", "impatient")
async def test_footage_is_had_of_a_camera_that_can_not_be_listed(
    call: Call, cloud: SimulatedCloud, camera: Camera, action: str, kind: str
) -> None:
    start = ago(hours=3).timestamp()
    cloud.media.create_snapshot(camera, start, "Before", start + 60)
    answer = await call(action, **fields_of(action))
    assert answer[kind]
    if action.startswith("generate"):
        assert [each["status"] for each in answer["media"]] == ["completed"]


@pytest.mark.usefixtures("unlisted", "impatient")
async def test_automations_that_want_no_answer_have_it_made_too(
    hass: HomeAssistant, passage: Passage, cloud: SimulatedCloud, unlisted: str
) -> None:
    for target in (unlisted, "all"):
        asked = cloud.stats.count("media_create")
        await passage.result_of(
            hass.services.async_call(
                "amnimo",
                "generate_snapshot",
                {"entity_id": target, **fields_of("generate_snapshot"), "wait": False},
                blocking=True,
            )
        )
        assert cloud.stats.count("media_create") > asked


@pytest.mark.parametrize("action", ["search_media", "get_recordings", "get_thumbnails"])
@pytest.mark.usefixtures("unlisted", "impatient")
async def test_what_can_not_be_done_is_told(
    call: Call, cloud: SimulatedCloud, action: str
) -> None:
    cloud.faults.add("*", "drop", count=FOREVER)
    with pytest.raises(HomeAssistantError) as told:
        await call(action, **fields_of(action))
    assert told.value.translation_key == "cannot_connect"


@pytest.mark.parametrize("action", ACTIONS)
async def test_an_account_that_is_not_loaded_is_told(
    hass: HomeAssistant,
    passage: Passage,
    loaded: MockConfigEntry,
    camera: Camera,
    cloud: SimulatedCloud,
    action: str,
) -> None:
    entity = entity_id(hass, "camera", camera.id)
    await hass.config_entries.async_unload(loaded.entry_id)
    asked = cloud.stats.total()
    for wants_answer in (True, False):
        if not wants_answer and not action.startswith("generate"):
            continue
        with pytest.raises(HomeAssistantError) as told:
            await hass.services.async_call(
                "amnimo",
                action,
                {"entity_id": entity, **fields_of(action)},
                blocking=True,
                return_response=wants_answer,
            )
        assert told.value.translation_key == "account_not_loaded"
        assert told.value.translation_placeholders == {"account": loaded.title}
    assert cloud.stats.total() == asked


@pytest.mark.parametrize(
    ("action", "endpoint"),
    [
        ("search_media", "camera_medias"),
        ("get_recordings", "history"),
        ("get_thumbnails", "thumbnails"),
    ],
)
@pytest.mark.usefixtures("unlisted", "impatient")
async def test_what_is_not_found_of_such_a_camera_may_be_the_camera(
    call: Call, cloud: SimulatedCloud, action: str, endpoint: str
) -> None:
    cloud.faults.add(endpoint, "status", count=FOREVER, status=404)
    with pytest.raises(HomeAssistantError) as told:
        await call(action, **fields_of(action))
    assert told.value.translation_key == "not_found"
