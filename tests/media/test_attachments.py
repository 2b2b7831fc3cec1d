"""Footage as an attachment of an AI task: what an AI is handed is the picture itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, override

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.components import media_source
from homeassistant.components.ai_task import (
    AITaskEntity,
    AITaskEntityFeature,
    GenDataTask,
    GenDataTaskResult,
)
from homeassistant.components.ai_task.const import DATA_COMPONENT
from homeassistant.components.conversation import ChatLog
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.setup import async_setup_component
from tests.cloud import CloudOptions, MediaPace, SimulatedCloud
from tests.cloud.media import Media
from tests.cloud.world import Camera
from tests.entities import entity_id

AT_ONCE = MediaPace(base_seconds=0, per_second=0)
READER = "ai_task.reader"

pytestmark = pytest.mark.usefixtures("media_folder")


@dataclass(frozen=True, slots=True)
class Attached:
    """What an AI was handed."""

    content: bytes
    mime_type: str
    path: Path


class Reader(AITaskEntity):
    """An AI that reads what is attached while the task lasts, as real ones do."""

    _attr_name = "Reader"
    _attr_supported_features = (
        AITaskEntityFeature.GENERATE_DATA | AITaskEntityFeature.SUPPORT_ATTACHMENTS
    )

    def __init__(self) -> None:
        """Begin with nothing read."""
        self.read: list[Attached] = []

    @override
    async def _async_generate_data(
        self, task: GenDataTask, chat_log: ChatLog
    ) -> GenDataTaskResult:
        for each in task.attachments or []:
            content = await self.hass.async_add_executor_job(each.path.read_bytes)
            self.read.append(Attached(content, each.mime_type, each.path))
        return GenDataTaskResult(chat_log.conversation_id, "a van")


type Hand = Callable[[str], Awaitable[Attached]]


@pytest.fixture
def cloud_options() -> CloudOptions:
    """Return a cloud that makes media in no time."""
    return CloudOptions(start_seconds=0, cloud_media=AT_ONCE, edge_media=AT_ONCE)


@pytest.fixture
async def reader(hass: HomeAssistant, loaded: MockConfigEntry) -> Reader:
    """Return an AI in a home with the integration."""
    for component in ("homeassistant", "conversation", "media_source", "ai_task"):
        assert await async_setup_component(hass, component, {})
    reader = Reader()
    await hass.data[DATA_COMPONENT].async_add_entities([reader])
    return reader


def task(content_id: str, mime_type: str = "") -> dict[str, Any]:
    """Return a task with an attachment, as the media selector gives it."""
    return {
        "entity_id": READER,
        "task_name": "Gate",
        "instructions": "What is at the gate?",
        "attachments": [
            {"media_content_id": content_id, "media_content_type": mime_type}
        ],
    }


@pytest.fixture
def hand(hass: HomeAssistant, reader: Reader) -> Hand:
    """Return what hands an item to the AI, and returns what arrived there."""

    async def run(content_id: str) -> Attached:
        answer = await hass.services.async_call(
            "ai_task",
            "generate_data",
            task(content_id),
            blocking=True,
            return_response=True,
        )
        assert answer is not None
        assert answer["data"] == "a van"
        return reader.read[-1]

    return run


@pytest.fixture
def uri(cloud: SimulatedCloud, camera: Camera) -> str:
    """Return the camera's folder."""
    return f"media-source://amnimo/{cloud.account_id.lower()}/{camera.id}"


async def in_the_cloud(hass: HomeAssistant, entry: MockConfigEntry, id_: str) -> bytes:
    """Return the file of a medium as the service has it."""
    media = await entry.runtime_data.media.library.async_get(id_)
    async with async_get_clientsession(hass).get(media.url) as response:
        return await response.read()


@pytest.mark.parametrize(
    ("category", "mime_type", "beginning"),
    [
        ("snapshot", "image/jpeg", b"\xff\xd8\xff"),
        ("clip", "video/mp4", b"\x00\x00\x00"),
    ],
)
async def test_what_was_downloaded_is_handed_over_from_the_disk(
    hass: HomeAssistant,
    hand: Hand,
    uri: str,
    cloud: SimulatedCloud,
    camera: Camera,
    loaded: MockConfigEntry,
    media_folder: Path,
    category: str,
    mime_type: str,
    beginning: bytes,
) -> None:
    now = cloud.clock.now()
    if category == "clip":
        media: Media = cloud.media.create_clip(camera, now - 600, now - 595, "Gate")
    else:
        media = cloud.media.create_snapshot(camera, now - 600, "Gate")
    answer = await hass.services.async_call(
        "amnimo",
        "download_media",
        {"media_id": media.id},
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    attached = await hand(f"{uri}/{category}s/{media.id}")
    assert attached.mime_type == mime_type
    assert attached.content.startswith(beginning)
    assert attached.content == await in_the_cloud(hass, loaded, media.id)
    if category == "clip":
        assert attached.path == Path(str(answer["path"]))
        assert attached.path.is_relative_to(media_folder)


@pytest.mark.skipif(
    not hasattr(media_source, "async_get_media_image"),
    reason="Home Assistant takes pictures of media sources since 2026.11",
)
async def test_a_picture_is_handed_over_without_a_download(
    hass: HomeAssistant,
    hand: Hand,
    uri: str,
    cloud: SimulatedCloud,
    camera: Camera,
    loaded: MockConfigEntry,
) -> None:
    media = cloud.media.create_snapshot(camera, cloud.clock.now() - 600, "Gate")
    attached = await hand(f"{uri}/snapshots/{media.id}")
    assert attached.mime_type == "image/jpeg"
    assert attached.content == await in_the_cloud(hass, loaded, media.id)
    times = await loaded.runtime_data.thumbnails.async_search(camera.id, limit=3)
    milliseconds = int(times[1].timestamp() * 1000)
    thumbnail = await hand(f"{uri}/thumbnails/at:{milliseconds}")
    newest = await hand(uri)
    assert thumbnail.content.startswith(b"\xff\xd8\xff")
    assert newest.content.startswith(b"\xff\xd8\xff")
    assert thumbnail.content != newest.content


async def test_the_pictures_of_entities_are_handed_over_too(
    hass: HomeAssistant, hand: Hand, camera: Camera
) -> None:
    image = entity_id(hass, "image", f"{camera.id}_thumbnail")
    attached = await hand(f"media-source://image/{image}")
    assert attached.mime_type == "image/jpeg"
    assert attached.content.startswith(b"\xff\xd8\xff")


async def test_who_may_not_see_a_camera_can_not_have_an_ai_look_at_it(
    hass: HomeAssistant,
    reader: Reader,
    uri: str,
    cloud: SimulatedCloud,
    camera: Camera,
    hass_admin_user: User,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """Home Assistant asks nobody for the rights to attachments of other sources."""
    media = cloud.media.create_snapshot(camera, cloud.clock.now() - 600, "Gate")
    await hass.services.async_call(
        "amnimo", "download_media", {"media_id": media.id}, blocking=True
    )
    socket = await hass_ws_client()
    hass_admin_user.groups = []
    hass_admin_user.invalidate_cache()
    hass_admin_user.mock_policy(  # type: ignore[attr-defined]
        {"entities": {"entity_ids": {READER: {POLICY_CONTROL: True}}}}
    )
    for path in (f"/snapshots/{media.id}", "/thumbnails/at:1000", ""):
        await socket.send_json_auto_id(
            {
                "type": "call_service",
                "domain": "ai_task",
                "service": "generate_data",
                "service_data": task(uri + path),
                "return_response": True,
            }
        )
        answer = await socket.receive_json()
        assert not answer["success"], path
    assert reader.read == []
