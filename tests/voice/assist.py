"""Talking to Home Assistant's own conversation agent, with the integration's sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    floor_registry as fr,
)
from homeassistant.helpers.entity_registry import COMPUTED_NAME
from homeassistant.setup import async_setup_component
from tests.cloud.world import Camera
from tests.entities import entity_id
from tests.estate import Estate
from tests.media.passage import Passage

PORT_ALIASES = ["siren", "Siren", "サイレン"]


class Assist:
    """A home to which one speaks."""

    def __init__(self, hass: HomeAssistant, passage: Passage, estate: Estate) -> None:
        """Take the home; `prepare` furnishes it."""
        self.hass = hass
        self.passage = passage
        self._estate = estate

    async def prepare(self, config_dir: Path) -> None:
        """Set up Assist, install the sentences, and expose cameras and two ports."""
        self.hass.config.config_dir = str(config_dir)
        for component in ("homeassistant", "intent", "conversation"):
            assert await async_setup_component(self.hass, component, {})
        await self.passage.result_of(
            self.hass.services.async_call("amnimo", "install_sentences", blocking=True)
        )
        for camera in self._estate.cameras.values():
            self.expose(self.entity_of(camera.name))
        self.expose(self.port_of("正面ゲート"))
        self.expose(self.port_of("Front gate"))
        self.alias(self.entity_of("Cash register"), "till", "レジ", "れじ")
        self.expose(self.siren)
        self.alias(self.siren, *PORT_ALIASES)
        floor = fr.async_get(self.hass).async_create(
            "lower", aliases={"lower floor", "地下一階"}
        )
        area = ar.async_get(self.hass).async_create(
            "basement", aliases={"地下室"}, floor_id=floor.floor_id
        )
        self.put(self.entity_of("Server room"), area.id)

    def camera(self, name: str) -> Camera:
        """Return a camera of the cloud by its name."""
        return next(each for each in self._estate.cameras.values() if each.name == name)

    def entity_of(self, camera: str) -> str:
        """Return the entity of a camera by its name."""
        return entity_id(self.hass, "camera", self.camera(camera).id)

    def port_of(self, camera: str) -> str:
        """Return the switch of the port that a camera hangs on."""
        found = self.camera(camera)
        assert found.device is not None
        assert found.port is not None
        return entity_id(self.hass, "switch", f"{found.device.id}_{found.port.id}")

    @property
    def siren(self) -> str:
        """The switch of an output."""
        return next(
            entity_id(self.hass, "switch", unique_id)
            for unique_id in self._estate.port_ids(inputs=False)
            if "_do" in unique_id
        )

    def alias(self, entity: str, *aliases: str) -> None:
        """Give an entity further names."""
        er.async_get(self.hass).async_update_entity(
            entity, aliases=[COMPUTED_NAME, *aliases]
        )

    def expose(self, entity: str, *, exposed: bool = True) -> None:
        """Let the assistant know an entity, or no more."""
        async_expose_entity(self.hass, "conversation", entity, exposed)

    def put(self, entity: str, area_id: str) -> None:
        """Put the device of an entity into an area."""
        entry = er.async_get(self.hass).async_get(entity)
        assert entry is not None
        assert entry.device_id is not None
        dr.async_get(self.hass).async_update_device(entry.device_id, area_id=area_id)

    async def say(
        self,
        text: str,
        language: str = "en",
        *,
        context: Context | None = None,
        conversation_id: str | None = None,
    ) -> dict[str, Any]:
        """Say something, as an automation or the app does, and return what is answered."""
        data = {"text": text, "language": language}
        if conversation_id is not None:
            data["conversation_id"] = conversation_id
        answer = await self.passage.result_of(
            self.hass.services.async_call(
                "conversation",
                "process",
                data,
                blocking=True,
                return_response=True,
                context=context,
            )
        )
        assert answer is not None
        return dict(answer)


def speech(answer: dict[str, Any]) -> str:
    """Return what is said aloud."""
    said: str = answer["response"]["speech"]["plain"]["speech"]
    return said


def data(answer: dict[str, Any]) -> dict[str, Any]:
    """Return what goes with what is said."""
    told: dict[str, Any] = answer["response"]["speech"]["plain"]["extra_data"]
    return told
