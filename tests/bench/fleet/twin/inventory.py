"""What the twin adds: as many devices and entities as were there, by name and identifier.

Owns how that is read from Home Assistant's registries and handed from one process to the next.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
import json
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util.hass_dict import HassKey

DOMAIN: Final = "twin"


@dataclass(frozen=True, slots=True)
class DeviceItem:
    """A device, and the identifier of what it hangs on."""

    identifier: str
    name: str
    model: str | None
    via: str | None


@dataclass(frozen=True, slots=True)
class EntityItem:
    """An entity of a device; some are disabled at first."""

    platform: str
    unique_id: str
    name: str | None
    device: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class Inventory:
    """Devices, parents before children, and entities."""

    devices: tuple[DeviceItem, ...]
    entities: tuple[EntityItem, ...]

    @property
    def enabled(self) -> int:
        """How many entities Home Assistant has states of."""
        return sum(each.enabled for each in self.entities)

    def write(self, path: Path) -> None:
        """Write a file for `read`."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Inventory:
        """Read what `write` wrote."""
        content = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            tuple(DeviceItem(**each) for each in content["devices"]),
            tuple(EntityItem(**each) for each in content["entities"]),
        )


INVENTORY: HassKey[Inventory] = HassKey(DOMAIN)
"""Where the twin finds what it adds."""


def take_inventory(hass: HomeAssistant, entry_id: str) -> Inventory:
    """Return what an entry has in the registries."""
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry_id)
    identifiers = {each.id: next(iter(each.identifiers))[1] for each in devices}
    return Inventory(
        devices=tuple(
            DeviceItem(
                identifier=identifiers[each.id],
                name=each.name or identifiers[each.id],
                model=each.model,
                via=identifiers.get(each.via_device_id or ""),
            )
            for each in devices
        ),
        entities=tuple(
            EntityItem(
                platform=each.domain,
                unique_id=each.unique_id,
                name=each.original_name,
                device=identifiers[each.device_id or ""],
                enabled=not each.disabled,
            )
            for each in er.async_entries_for_config_entry(er.async_get(hass), entry_id)
        ),
    )
