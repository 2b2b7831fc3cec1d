"""A home that imports the blueprints over HTTP, makes automations of them, and lets time pass."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_mock_service,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from homeassistant.components.conversation import async_converse
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
from tests.cloud.world import Camera, Storage
from tests.estate import Estate
from tests.media.passage import Passage

BLUEPRINTS = Path(__file__).parents[2] / "blueprints" / "automation" / "amnimo"

type Automate = Callable[..., Awaitable[str]]
"""Makes an automation of a blueprint, by the blueprint's name; returns its entity ID."""

type Say = Callable[..., Awaitable[str]]
"""Says a sentence to Home Assistant's own agent; returns what it answers."""


@pytest.fixture
def media_folder(tmp_path: Path, hass: HomeAssistant) -> Path:
    """Return the local media folder."""
    folder = tmp_path / "media"
    folder.mkdir()
    hass.config.media_dirs = {"local": str(folder)}
    return folder


@pytest.fixture
async def passage(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    media_folder: Path,
    loaded: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> Passage:
    """Return the passing of time, in a home with the integration."""
    await hass.config.async_set_time_zone("Asia/Tokyo")
    return Passage(hass, freezer)


@pytest.fixture
def camera(estate: Estate) -> Camera:
    """Return a camera whose recordings are in the cloud."""
    return next(
        camera
        for camera in estate.cameras.values()
        if camera.storage is Storage.CLOUD and camera.online
    )


@pytest.fixture
async def library() -> AsyncIterator[str]:
    """Return the address of a server that has the blueprints, as the repository's has."""
    app = web.Application()
    app.router.add_static("/amnimo", BLUEPRINTS)
    async with TestServer(app, host="127.0.0.1") as server:
        yield str(server.make_url("/amnimo"))


@pytest.fixture
async def automate(
    hass: HomeAssistant,
    tmp_path: Path,
    library: str,
    passage: Passage,
    hass_ws_client: WebSocketGenerator,
) -> AsyncIterator[Automate]:
    """Return what imports a blueprint and makes an automation of it, as the frontend does."""
    hass.config.config_dir = str(tmp_path)
    for domain in (
        "homeassistant",
        "persistent_notification",
        "conversation",
        "automation",
    ):
        assert await async_setup_component(hass, domain, {})

    async def make(name: str, **inputs: Any) -> str:
        client = await hass_ws_client(hass)
        url = f"{library}/{name}.yaml"
        await client.send_json_auto_id({"type": "blueprint/import", "url": url})
        answer = await client.receive_json()
        assert answer["success"], answer
        imported = answer["result"]
        assert not imported["validation_errors"]
        path = f"{imported['suggested_filename']}.yaml"
        await client.send_json_auto_id(
            {
                "type": "blueprint/save",
                "domain": "automation",
                "path": path,
                "yaml": imported["raw_data"],
                "source_url": url,
                "allow_override": True,
            }
        )
        answer = await client.receive_json()
        assert answer["success"], answer
        await client.close()
        automation = {
            "id": name,
            "alias": name,
            "use_blueprint": {"path": path, "input": inputs},
        }
        await reload(hass, automation)
        entity_id = f"automation.{name}"
        state = hass.states.get(entity_id)
        assert state is not None
        assert state.state == "on"
        return entity_id

    yield make
    if hass.is_running:
        await hass.services.async_call(
            "automation", "turn_off", {"entity_id": "all"}, blocking=True
        )


async def reload(hass: HomeAssistant, *automations: dict[str, Any]) -> None:
    """Have the automation engine load automations, and no others."""
    with pytest.MonkeyPatch.context() as patch:

        async def read(_: HomeAssistant) -> dict[str, Any]:
            return {"automation": list(automations)}

        patch.setattr(
            "homeassistant.helpers.entity_component.conf_util.async_hass_config_yaml",
            read,
        )
        await hass.services.async_call("automation", "reload", blocking=True)
    await hass.async_block_till_done()


@pytest.fixture
def notified(hass: HomeAssistant) -> list[ServiceCall]:
    """Return the notifications that reached a phone."""
    return async_mock_service(hass, "notify", "phone")


@pytest.fixture
def say(hass: HomeAssistant, passage: Passage) -> Say:
    """Return what says a sentence, and waits for the answer."""

    async def converse(sentence: str, language: str = "en") -> str:
        result = await passage.result_of(
            async_converse(hass, sentence, None, Context(), language=language)
        )
        return str(result.response.speech["plain"]["speech"])

    return converse
