"""A Home Assistant that knows the names, places and sentences of the listed phrases."""

from collections.abc import Mapping
from typing import Any

from tests.bench.household import Household
from tests.demo.errors import DemoError
from tests.demo.home import Device

_ALIASES = {
    "Cash register": ("till", "レジ", "れじ"),
}
_SIREN_ALIASES = ("siren", "サイレン")
_BASEMENT_CAMERA = "Server room"


async def furnish(house: Household) -> None:
    """Install the sentences, expose cameras and ports, and give the names that are said."""
    api = house.api
    await api.act("amnimo.install_sentences", answer=True)
    cameras = [device.of("camera")[0] for device in house.home.cameras]
    ports = [each for each in house.home.entities("switch") if not each.is_disabled]
    await api.command(
        "homeassistant/expose_entity",
        assistants=["conversation"],
        entity_ids=[each.entity_id for each in (*cameras, *ports)],
        should_expose=True,
    )
    for name, aliases in _ALIASES.items():
        await _alias(house, camera(house, name).of("camera")[0].entity_id, *aliases)
    siren = next(each for each in ports if "_do" in each.unique_id)
    await _alias(house, siren.entity_id, *_SIREN_ALIASES)
    floor = await api.command(
        "config/floor_registry/create",
        name="lower",
        aliases=["lower floor", "地下一階"],
    )
    area = await api.command(
        "config/area_registry/create",
        name="basement",
        aliases=["地下室"],
        floor_id=floor["floor_id"],
    )
    await api.command(
        "config/device_registry/update",
        device_id=camera(house, _BASEMENT_CAMERA).id,
        area_id=area["area_id"],
    )


def camera(house: Household, name: str) -> Device:
    """Return a camera by its name; raises DemoError where there is none."""
    for device in house.home.cameras:
        if device.name == name:
            return device
    raise DemoError(f"no camera is called {name}")


async def say(house: Household, text: str, language: str) -> Mapping[str, Any]:
    """Say something to Home Assistant's own agent; return its response."""
    answer = await house.api.command(
        "conversation/process", text=text, language=language
    )
    response: Mapping[str, Any] = answer["response"]
    return response


async def recognised(
    house: Household, texts: list[str], language: str
) -> list[str | None]:
    """Return the intent that each sentence is understood as, None for none."""
    answer = await house.api.command(
        "conversation/agent/homeassistant/debug", sentences=texts, language=language
    )
    return [
        found["intent"]["name"]
        if found is not None and found["match"] and "intent" in found
        else None
        for found in answer["results"]
    ]


async def _alias(house: Household, entity_id: str, *aliases: str) -> None:
    # None stands for the name that the entity has anyway.
    await house.api.command(
        "config/entity_registry/update",
        entity_id=entity_id,
        aliases=[None, *aliases],
    )
