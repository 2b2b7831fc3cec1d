"""What the fleet is measured beside: as many entities, without anything that makes them quick.

A custom integration for the benchmarks alone. It has the devices and entities that the amnimo
account has. Either they are bare: they show something that never changes. Or they follow a plain
`DataUpdateCoordinator` that lists the cameras through the same client, with the same requests.
"""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

from .coordinator import PlainCoordinator
from .inventory import DOMAIN, INVENTORY

PLATFORMS = (
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.CAMERA,
    Platform.EVENT,
    Platform.IMAGE,
    Platform.SENSOR,
    Platform.SWITCH,
)


async def async_setup_entry(
    hass: HomeAssistant, entry: ConfigEntry[PlainCoordinator | None]
) -> bool:
    """Register the devices and add the entities."""
    entry.runtime_data = None
    if (account := _account(hass, entry.data)) is not None:
        entry.runtime_data = PlainCoordinator(hass, entry, account)
        await entry.runtime_data.async_refresh()
    registry = dr.async_get(hass)
    ids: dict[str, str] = {}
    for item in hass.data[INVENTORY].devices:
        info = dr.DeviceInfo(
            identifiers={(DOMAIN, item.identifier)},
            manufacturer="amnimo",
            name=item.name,
            model=item.model,
        )
        if item.via is not None:
            info["via_device_id"] = ids[item.via]
        device = registry.async_get_or_create(config_entry_id=entry.entry_id, **info)
        ids[item.identifier] = device.id
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    return True


def _account(hass: HomeAssistant, data: Mapping[str, Any]) -> ConfigEntry[Any] | None:
    """Return the entry of the account whose cameras are listed, None for bare entities."""
    entry_id = data.get("account")
    return hass.config_entries.async_get_entry(entry_id) if entry_id else None
