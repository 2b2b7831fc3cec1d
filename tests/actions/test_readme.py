"""The examples of the documentation that call an action, run as they stand there."""

from __future__ import annotations

from pathlib import Path
import re
from typing import Any

import pytest
import yaml

from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.script import Script
from tests.cloud import SimulatedCloud
from tests.cloud.media import Media
from tests.cloud.world import Camera, PortKind
from tests.docs.pages import LANGUAGES, Page
from tests.entities import entity_id
from tests.estate import Estate
from tests.media.passage import Passage

from .calling import ago, media_files

CAMERAS = ("camera.front_gate", "camera.loading_dock")
SWITCH = "switch.ag10_02_lan1_front_gate"
MEDIA_ID = "b6f0907d-a2cc-4cb3-88e5-2a0982d2e948"
EVERY_ACTION = {
    "generate_clip",
    "generate_snapshot",
    "search_media",
    "get_recordings",
    "get_thumbnails",
    "rename_media",
    "download_media",
    "delete_media",
    "reset_port",
    "install_sentences",
}


def examples(language: str) -> list[str]:
    """Return what of a language's examples calls an action of ours."""
    return [
        block.text
        for path in LANGUAGES[language]
        for block in Page.read(path).code
        if block.language == "yaml" and "action: amnimo." in block.text
    ]


def title(text: str) -> str:
    """Return what an example is about."""
    found: dict[str, Any] = yaml.safe_load(text)
    return str(found.get("alias", found.get("action")))


@pytest.fixture
def clip(cloud: SimulatedCloud, camera: Camera, passage: Passage) -> Media:
    """Return a clip that has been ready for a while."""
    start = ago(hours=2).timestamp()
    return cloud.media.create_clip(camera, start, start + 7, "Delivery", start + 60)


@pytest.mark.parametrize(
    "text",
    list(dict.fromkeys(text for each in LANGUAGES for text in examples(each))),
    ids=title,
)
async def test_an_example_does_what_it_says(
    hass: HomeAssistant,
    passage: Passage,
    estate: Estate,
    camera: Camera,
    clip: Media,
    media_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
    text: str,
) -> None:
    hass.config.config_dir = str(tmp_path_factory.mktemp("config"))
    poe = next(
        f"{device.id}_{port.id}"
        for device in estate.devices.values()
        for port in device.ports_of(PortKind.POE)
    )
    names = {
        **dict.fromkeys(CAMERAS, entity_id(hass, "camera", camera.id)),
        SWITCH: entity_id(hass, "switch", poe),
        MEDIA_ID: clip.id,
    }
    for shown, real in names.items():
        text = text.replace(shown, real)
    said: list[str] = []
    hass.services.async_register(
        "notify", "notify", lambda call: said.append(call.data["message"])
    )
    example: dict[str, Any] = yaml.safe_load(text)
    steps = cv.SCRIPT_SCHEMA(example.get("actions", [example]))
    script = Script(hass, steps, title(text), "automation")
    result = await passage.result_of(script.async_run(context=Context()))
    assert result is not None
    for step in steps:
        variable = step.get("response_variable")
        assert variable is None or result.variables[variable]
    saved = media_files(media_folder)
    assert bool(saved) is ("download" in text)
    if "notify" in text:
        assert [each.endswith(str(saved[0])) for each in said] == [True]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_action_has_an_example(
    hass: HomeAssistant, passage: Passage, language: str
) -> None:
    shown = set(re.findall(r"action: amnimo\.(\w+)", "".join(examples(language))))
    assert (
        shown == EVERY_ACTION == set(hass.services.async_services_for_domain("amnimo"))
    )
