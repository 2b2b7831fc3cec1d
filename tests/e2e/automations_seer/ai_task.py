"""The AI: it really opens what it is handed, and says what that is."""

from pathlib import Path
from typing import override

from PIL import Image

from homeassistant.components.ai_task import (
    AITaskEntity,
    AITaskEntityFeature,
    GenDataTask,
    GenDataTaskResult,
)
from homeassistant.components.conversation import ChatLog
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback


class Seer(AITaskEntity):
    """Says of a picture how large it is, and in which language it was asked to answer."""

    _attr_name = "Seer"
    _attr_unique_id = "seer"
    _attr_supported_features = (
        AITaskEntityFeature.GENERATE_DATA | AITaskEntityFeature.SUPPORT_ATTACHMENTS
    )

    @override
    async def _async_generate_data(
        self, task: GenDataTask, chat_log: ChatLog
    ) -> GenDataTaskResult:
        """Look at the picture."""
        (picture,) = task.attachments or []
        size = await self.hass.async_add_executor_job(_measure, picture.path)
        saw = "見えるのは {} です。" if "日本語" in task.instructions else "I see {}."
        return GenDataTaskResult(chat_log.conversation_id, saw.format(size))


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the AI."""
    async_add_entities([Seer()])


def _measure(path: Path) -> str:
    with Image.open(path) as picture:
        picture.load()
        return f"{picture.width} x {picture.height}"
