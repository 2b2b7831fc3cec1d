"""The examples of the README, run as they stand there."""

from __future__ import annotations

from collections.abc import Iterator
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
from tests.entities import entity_id
from tests.estate import Estate
from tests.media.passage import Passage

from .calling import ago, media_files

README = Path(__file__).parents[2] / "README.md"
CAMERA = "camera.front_gate"
SWITCH = "switch.ag20_01_lan1_front_gate"
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


def examples() -> Iterator[str]:
    """Yield what of the README's examples calls an action of ours."""
    for text in re.findall(r"```yaml\n(.*?)```", README.read_text("utf-8"), re.DOTALL):
        if "action: amnimo." in text:
            yield text


def title(text: str) -> str:
    """Return what an example is about."""
    found: dict[str, Any] = yaml.safe_load(text)
    return str(found.get("alias", found.get("action")))


@pytest.fixture
def clip(cloud: SimulatedCloud, camera: Camera, passage: Passage) -> Media:
    """Return a clip that has been ready for a while."""
    start = ago(hours=2).timestamp()
    return cloud.media.create_clip(camera, start, start + 7, "Delivery", start + 60)


@pytest.mark.parametrize("text", examples(), ids=title)
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
        CAMERA: entity_id(hass, "camera", camera.id),
        "camera.back_door": entity_id(hass, "camera", camera.id),
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
        assert said == [f"Back door: {saved[0]}"]


async def test_every_action_has_an_example(
    hass: HomeAssistant, passage: Passage
) -> None:
    shown = set(re.findall(r"action: amnimo\.(\w+)", "".join(examples())))
    assert (
        shown == EVERY_ACTION == set(hass.services.async_services_for_domain("amnimo"))
    )
