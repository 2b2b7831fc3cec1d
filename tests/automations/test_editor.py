"""What the automation editor is told of the integration's triggers and conditions."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

import custom_components.amnimo
from custom_components.amnimo.condition import CONDITIONS
from custom_components.amnimo.trigger import TRIGGERS
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
from tests.cloud.world import Camera, Device

from .conftest import device_id

HOUSE = Path(custom_components.amnimo.__file__).parent
KINDS = [("trigger", set(TRIGGERS)), ("condition", set(CONDITIONS))]


@pytest.fixture
async def ask(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator, loaded: MockConfigEntry
) -> Any:
    """Return what sends a message as the frontend does, and returns the answer."""
    for domain in ("automation", "config", "frontend"):
        assert await async_setup_component(hass, domain, {})
    client = await hass_ws_client(hass)

    async def send(**message: Any) -> Any:
        await client.send_json_auto_id(message)
        answer = await client.receive_json()
        assert answer["success"], answer
        if message["type"].endswith("/subscribe"):
            return (await client.receive_json())["event"]
        return answer["result"]

    return send


@pytest.mark.parametrize(("kind", "names"), KINDS, ids=[kind for kind, _ in KINDS])
async def test_all_are_described(ask: Any, kind: str, names: set[str]) -> None:
    """Each with what it can be aimed at; and nothing is described that is not there."""
    described = await ask(type=f"{kind}_platforms/subscribe")
    ours = {
        key.partition(".")[2]: each
        for key, each in described.items()
        if key.startswith("amnimo.")
    }
    assert set(ours) == names
    for each in ours.values():
        assert each["target"]["entity"][0]["integration"] == "amnimo"


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize(("kind", "names"), KINDS, ids=[kind for kind, _ in KINDS])
async def test_all_have_texts_and_an_icon(
    ask: Any, kind: str, names: set[str], language: str
) -> None:
    """Names, descriptions and the names of all fields, in the language of the user."""
    described = await ask(type=f"{kind}_platforms/subscribe")
    texts = await ask(
        type="frontend/get_translations",
        language=language,
        category=f"{kind}s",
        integration=["amnimo"],
    )
    icons = await ask(
        type="frontend/get_icons", category=f"{kind}s", integration="amnimo"
    )
    start = f"component.amnimo.{kind}s."
    own = json.loads((HOUSE / "translations" / f"{language}.json").read_text("utf-8"))
    for name in names:
        for text in ("name", "description"):
            assert (
                texts["resources"][f"{start}{name}.{text}"]
                == own[f"{kind}s"][name][text]
            )
        for field in described[f"amnimo.{name}"]["fields"]:
            assert texts["resources"][f"{start}{name}.fields.{field}.name"]
        assert icons["resources"]["amnimo"][name][kind].startswith("mdi:")


async def test_what_is_offered_fits_what_is_chosen(
    hass: HomeAssistant,
    ask: Any,
    loaded: MockConfigEntry,
    camera: Camera,
    device: Device,
) -> None:
    """Of a camera its own, of an edge device that of ports and equipment."""

    async def offered(kind: str, identifier: str) -> set[str]:
        target = {"device_id": [device_id(hass, loaded, identifier)]}
        found = await ask(type=f"get_{kind}s_for_target", target=target)
        return {each.partition(".")[2] for each in found if each.startswith("amnimo.")}

    assert await offered("trigger", camera.id) >= {
        "camera_offline",
        "camera_online",
        "clip_ready",
        "media_failed",
        "snapshot_ready",
    }
    assert "port_changed" not in await offered("trigger", camera.id)
    assert await offered("trigger", device.id) == {
        "equipment_connected",
        "equipment_disconnected",
        "port_changed",
    }
    assert await offered("condition", device.id) == {
        "is_equipment_connected",
        "is_equipment_disconnected",
        "is_port_off",
        "is_port_on",
    }


async def test_the_editor_shows_a_condition_anew_when_its_target_changes(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    loaded: MockConfigEntry,
    camera: Camera,
) -> None:
    """A label that a camera is given counts at once, without a change of its state."""
    client = await hass_ws_client(hass)
    await client.send_json_auto_id(
        {
            "type": "subscribe_condition",
            "condition": {
                "condition": "amnimo.is_camera_online",
                "target": {"label_id": "watched"},
            },
        }
    )
    assert (await client.receive_json())["success"]
    assert (await client.receive_json())["event"] == {"result": False}
    dr.async_get(hass).async_update_device(
        device_id(hass, loaded, camera.id), labels={"watched"}
    )
    async with asyncio.timeout(5):
        assert (await client.receive_json())["event"] == {"result": True}


def test_a_cameras_connection_is_the_only_state_without_a_text(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    """By that it is told from the connection of equipment."""
    nameless = {
        entry.unique_id.rpartition("_")[2]
        for entry in er.async_get(hass).entities.values()
        if entry.domain == "binary_sensor" and entry.translation_key is None
    }
    assert nameless == {"connectivity"}
