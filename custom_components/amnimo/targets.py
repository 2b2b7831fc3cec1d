"""Which entities of the integration the target of a trigger or a condition means.

People name a camera, a device, an area, a floor or a label; what tells a state is an entity that
they may never have seen. Knows what the platforms call their entities, and nothing of states.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.target import (
    TargetSelection,
    async_extract_referenced_entity_ids,
)
from homeassistant.helpers.typing import ConfigType

from .const import DOMAIN


@dataclass(frozen=True, slots=True)
class EntityKind:
    """What entities that tell the same have in common."""

    domain_and_key: frozenset[tuple[str, str | None]]
    """Domain and translation key of each; what its device class names has no key."""
    of_camera: tuple[str, str] | None = None
    """Domain, and what the unique ID has behind the camera's, where a camera has one."""


CAMERA_CONNECTIVITY: Final = EntityKind(
    frozenset({(Platform.BINARY_SENSOR, None)}),
    (Platform.BINARY_SENSOR, "connectivity"),
)
CAMERA_RECORDING: Final = EntityKind(
    frozenset({(Platform.BINARY_SENSOR, "recording")}),
    (Platform.BINARY_SENSOR, "recording"),
)
CAMERA_MEDIA: Final = EntityKind(
    frozenset({(Platform.EVENT, "media")}), (Platform.EVENT, "media")
)
EQUIPMENT: Final = EntityKind(frozenset({(Platform.BINARY_SENSOR, "external_device")}))
PORT: Final = EntityKind(
    frozenset(
        {
            (Platform.SWITCH, "port"),
            (Platform.SWITCH, "poe_port"),
            (Platform.BINARY_SENSOR, "input_port"),
        }
    )
)


@callback
def entities_meant(
    hass: HomeAssistant, kind: EntityKind, entity_ids: Iterable[str]
) -> set[str]:
    """Return the entities of a kind among some, and those of the cameras among them."""
    registry = er.async_get(hass)
    meant: set[str] = set()
    for entity_id in entity_ids:
        entry = registry.async_get(entity_id)
        if entry is None or entry.platform != DOMAIN:
            continue
        if (entry.domain, entry.translation_key) in kind.domain_and_key:
            meant.add(entity_id)
        elif kind.of_camera is not None and entry.domain == Platform.CAMERA:
            domain, key = kind.of_camera
            found = registry.async_get_entity_id(
                domain, DOMAIN, f"{entry.unique_id}_{key}"
            )
            if found is not None:
                meant.add(found)
    return meant


@callback
def entities_targeted(
    hass: HomeAssistant, kind: EntityKind, target: ConfigType, entity_ids: Iterable[str]
) -> set[str]:
    """Return the entities of a kind that a target means.

    Args:
        hass: where the entities are.
        kind: of the entities.
        target: as it is configured; who excludes a camera excludes what tells of it.
        entity_ids: what Home Assistant takes it for.

    """
    meant = entities_meant(hass, kind, entity_ids)
    # Home Assistant 2026.11 brought it.
    if not (excluded := target.get("exclude")):
        return meant
    selected = async_extract_referenced_entity_ids(
        hass, TargetSelection(excluded), expand_group=False, primary_entities_only=False
    )
    return meant - entities_meant(
        hass, kind, selected.referenced | selected.indirectly_referenced
    )


@callback
def camera_id_of(hass: HomeAssistant, kind: EntityKind, entity_id: str) -> str | None:
    """Return the vendor's ID of the camera that an entity of a kind belongs to."""
    entry = er.async_get(hass).async_get(entity_id)
    if entry is None or kind.of_camera is None:
        return None
    return entry.unique_id.removesuffix(f"_{kind.of_camera[1]}")


@callback
def camera_entity(hass: HomeAssistant, camera_id: str) -> str | None:
    """Return the entity ID of a camera, given the vendor's ID."""
    return er.async_get(hass).async_get_entity_id(Platform.CAMERA, DOMAIN, camera_id)


@callback
def device_of(hass: HomeAssistant, entity_id: str) -> str | None:
    """Return the ID that Home Assistant has given to the device of an entity."""
    entry = er.async_get(hass).async_get(entity_id)
    return entry.device_id if entry else None
