"""What the editor of automations shows of the actions."""

from __future__ import annotations

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.helpers.service import async_get_all_descriptions
from homeassistant.helpers.translation import async_get_translations
from tests.media.passage import Passage

MEDIA = {"name", "download", "wait"}
MEDIUM = {"config_entry_id", "media_id"}
FIELDS = {
    "generate_clip": MEDIA | {"start_time", "end_time", "duration", "last"},
    "generate_snapshot": MEDIA | {"time"},
    "search_media": {"category", "limit", "newest_first"},
    "get_recordings": {"start_time", "end_time"},
    "get_thumbnails": {"start_time", "end_time", "limit"},
    "rename_media": MEDIUM | {"name"},
    "delete_media": MEDIUM,
    "download_media": MEDIUM,
    "reset_port": {"off_seconds"},
    "install_sentences": {"overwrite"},
}
ANSWERS = {
    "generate_clip": {"optional": True},
    "generate_snapshot": {"optional": True},
    "search_media": {"optional": False},
    "get_recordings": {"optional": False},
    "get_thumbnails": {"optional": False},
    "rename_media": {"optional": True},
    "delete_media": {"optional": True},
    "download_media": {"optional": True},
    "install_sentences": {"optional": True},
}


async def test_every_field_is_described(hass: HomeAssistant, passage: Passage) -> None:
    """What the editor shows is what the actions take."""
    described = (await async_get_all_descriptions(hass))["amnimo"]
    assert {action: set(each["fields"]) for action, each in described.items()} == FIELDS
    assert {
        action: each["response"]
        for action, each in described.items()
        if "response" in each
    } == ANSWERS


@pytest.mark.parametrize("language", ["en", "ja"])
async def test_every_field_has_a_name_and_a_description(
    hass: HomeAssistant, passage: Passage, language: str
) -> None:
    texts = await async_get_translations(hass, language, "services", {"amnimo"})
    places = [
        place
        for action, fields in FIELDS.items()
        for place in (action, *(f"{action}.fields.{field}" for field in fields))
    ]
    keys = {
        f"component.amnimo.services.{place}.{part}"
        for place in places
        for part in ("name", "description")
    }
    assert keys == texts.keys()
    assert all(texts.values())
