"""What the activity log shows of clips and snapshots."""

from __future__ import annotations

from datetime import timedelta
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

import custom_components.amnimo
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from tests.cloud.world import Camera
from tests.entities import entity_id
from tests.media.passage import Passage

TRANSLATIONS = Path(custom_components.amnimo.__file__).parent / "translations"


@pytest.fixture(autouse=True)
def _real_world(
    recorder_db_url: str,
    enable_custom_integrations: None,
    socket_enabled: None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Let there be a recorder's database before Home Assistant, that keeps to itself."""
    caplog.set_level(logging.WARNING, logger="sqlalchemy.engine")


@pytest.fixture
async def log(
    recorder_mock: object,
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
) -> Any:
    """Return what asks for the entries of an entity, as the frontend does."""
    assert await async_setup_component(hass, "logbook", {})
    client = await hass_ws_client(hass)

    async def ask(entity: str) -> list[dict[str, Any]]:
        await client.send_json_auto_id(
            {
                "type": "logbook/get_events",
                "start_time": (dt_util.utcnow() - timedelta(hours=1)).isoformat(),
                "end_time": (dt_util.utcnow() + timedelta(hours=1)).isoformat(),
                "entity_ids": [entity],
            }
        )
        entries: list[dict[str, Any]] = (await client.receive_json())["result"]
        return entries

    return ask


async def test_the_log_says_what_became_of_a_snapshot(
    log: Any, hass: HomeAssistant, passage: Passage, camera: Camera
) -> None:
    """The entry names the kind of event, and there is a text for it in both languages."""
    await passage.result_of(
        hass.services.async_call(
            "amnimo",
            "generate_snapshot",
            {"entity_id": entity_id(hass, "camera", camera.id)},
            blocking=True,
        )
    )
    event = entity_id(hass, "event", f"{camera.id}_media")
    await async_wait_recording_done(hass)
    entries = [each for each in await log(event) if each["state"] != "unknown"]
    assert [each["attributes"]["event_type"] for each in entries] == ["snapshot_ready"]
    for language, text in (
        ("en", "Snapshot ready"),
        ("ja", "スナップショットの生成完了"),
    ):
        own = json.loads((TRANSLATIONS / f"{language}.json").read_text("utf-8"))
        states = own["entity"]["event"]["media"]["state_attributes"]["event_type"]
        assert states["state"]["snapshot_ready"] == text
