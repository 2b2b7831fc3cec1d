"""An AI looks at a camera: asked by voice, or by an event."""

from __future__ import annotations

from typing import override

import pytest

from homeassistant.components.ai_task import (
    DATA_COMPONENT,
    AITaskEntity,
    AITaskEntityFeature,
    GenDataTask,
    GenDataTaskResult,
)
from homeassistant.components.conversation import ChatLog
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from tests.cloud import FOREVER, CloudOptions, MediaPace, SimulatedCloud
from tests.cloud.world import Camera
from tests.entities import entity_id
from tests.media.passage import Passage

from .conftest import Automate, Say
from .homes import on_event, phone

SAID = {
    "": ("en", "What do you see at the Front Gate"),
    "_ja": ("ja", "正門に何が見えますか"),
}
NAMES = {"": "Front Gate", "_ja": "正門"}


class Seer(AITaskEntity):
    """An AI that says how it was asked, and keeps the pictures."""

    _attr_name = "Seer"
    _attr_unique_id = "seer"
    _attr_supported_features = (
        AITaskEntityFeature.GENERATE_DATA | AITaskEntityFeature.SUPPORT_ATTACHMENTS
    )

    def __init__(self) -> None:
        """Have seen nothing."""
        self.pictures: list[bytes] = []
        self.instructions: list[str] = []
        self.sources: list[str] = []
        self.fails = False
        self.fails_once = False

    @override
    async def _async_generate_data(
        self, task: GenDataTask, chat_log: ChatLog
    ) -> GenDataTaskResult:
        """Look at the pictures."""
        if self.fails or self.fails_once:
            self.fails_once = False
            raise HomeAssistantError("out of order")
        for each in task.attachments or []:
            content = await self.hass.async_add_executor_job(each.path.read_bytes)
            self.pictures.append(content)
            self.sources.append(each.media_content_id)
        self.instructions.append(task.instructions)
        return GenDataTaskResult(chat_log.conversation_id, "A white van.")


@pytest.fixture
async def seer(hass: HomeAssistant, passage: Passage, automate: Automate) -> Seer:
    """Return an AI at home."""
    for component in ("media_source", "ai_task"):
        assert await async_setup_component(hass, component, {})
    entity = Seer()
    await hass.data[DATA_COMPONENT].async_add_entities([entity])
    assert entity.entity_id == "ai_task.seer"
    return entity


@pytest.fixture(params=["", "_ja"])
def language(request: pytest.FixtureRequest) -> str:
    """Return what the blueprint of each language ends with."""
    return str(request.param)


@pytest.fixture
def gate(hass: HomeAssistant, passage: Passage, camera: Camera, language: str) -> str:
    """Return the camera at the gate."""
    entity = entity_id(hass, "camera", camera.id)
    er.async_get(hass).async_update_entity(entity, name=NAMES[language])
    return entity


async def test_the_ai_answers_with_what_a_fresh_snapshot_shows(
    automate: Automate,
    say: Say,
    seer: Seer,
    gate: str,
    cloud: SimulatedCloud,
    language: str,
) -> None:
    await automate(f"what_do_you_see{language}", cameras=[gate], ai_task="ai_task.seer")
    spoken, sentence = SAID[language]
    assert await say(sentence, spoken) == "A white van."
    assert cloud.stats.count("media_create", 200) == 1
    (picture,) = seer.pictures
    assert picture.startswith(b"\xff\xd8")
    assert seer.sources[0].startswith("media-source://media_source/local/amnimo/")
    assert sentence.lower() in seer.instructions[0].lower()


async def test_an_event_has_it_look_and_tell(
    hass: HomeAssistant,
    automate: Automate,
    passage: Passage,
    seer: Seer,
    gate: str,
    notified: list[ServiceCall],
    language: str,
) -> None:
    await automate(
        f"what_do_you_see{language}",
        cameras=[gate],
        ai_task="ai_task.seer",
        event=on_event(),
        event_camera=gate,
        notification=phone("path"),
    )
    hass.bus.async_fire("bell")
    await passage.until(lambda: notified)
    (told,) = notified
    assert told.data["title"] == NAMES[language]
    assert told.data["message"] == "A white van."
    assert told.data["data"]["path"].endswith(".jpg")
    assert len(seer.pictures) == 1


@pytest.mark.parametrize(
    "cloud_options",
    [
        CloudOptions(
            start_seconds=0, cloud_media=MediaPace(base_seconds=600, per_second=0)
        )
    ],
)
async def test_without_a_snapshot_in_time_it_looks_at_the_newest_picture(
    automate: Automate, say: Say, seer: Seer, gate: str, language: str
) -> None:
    await automate(
        f"what_do_you_see{language}",
        cameras=[gate],
        ai_task="ai_task.seer",
        patience=3,
    )
    spoken, sentence = SAID[language]
    answer = await say(sentence, spoken)
    assert {"": "newest picture", "_ja": "いちばん新しい画像"}[language] in answer
    assert answer.endswith("A white van.")
    assert seer.sources == [f"media-source://camera/{gate}"]
    assert seer.pictures[0].startswith(b"\xff\xd8")


async def test_an_ai_that_fails_on_the_snapshot_is_given_the_newest_picture(
    automate: Automate, say: Say, seer: Seer, gate: str, language: str
) -> None:
    seer.fails_once = True
    await automate(f"what_do_you_see{language}", cameras=[gate], ai_task="ai_task.seer")
    spoken, sentence = SAID[language]
    answer = await say(sentence, spoken)
    assert answer.startswith(
        {
            "": "The AI did not answer on the snapshot",
            "_ja": "スナップショットを AI が読み取れなかった",
        }[language]
    )
    assert answer.endswith("A white van.")
    assert seer.sources == [f"media-source://camera/{gate}"]


@pytest.mark.usefixtures("impatient")
async def test_an_ai_that_fails_is_told_of(
    automate: Automate,
    say: Say,
    seer: Seer,
    gate: str,
    cloud: SimulatedCloud,
    language: str,
) -> None:
    seer.fails = True
    cloud.faults.add("media_create", count=FOREVER, kind="status", status=403)
    await automate(f"what_do_you_see{language}", cameras=[gate], ai_task="ai_task.seer")
    spoken, sentence = SAID[language]
    answer = await say(sentence, spoken)
    assert {"": "I can't see", "_ja": "見えません"}[language] in answer


async def test_a_camera_that_was_not_chosen_is_not_looked_at(
    automate: Automate, say: Say, seer: Seer, gate: str, language: str
) -> None:
    await automate(f"what_do_you_see{language}", cameras=[gate], ai_task="ai_task.seer")
    answer = await say(
        {"": "What do you see at the pool", "_ja": "プールに何が見えますか"}[language],
        SAID[language][0],
    )
    assert NAMES[language] in answer
    assert seer.instructions == []
