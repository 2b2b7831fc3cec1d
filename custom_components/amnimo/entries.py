"""Which entries there are whose data this release can read.

One that a later release wrote is left as it is, for that release to be installed again.
"""

from __future__ import annotations

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .const import DOMAIN, ENTRY_VERSION
from .runtime import AmnimoConfigEntry


def is_readable(entry: AmnimoConfigEntry) -> bool:
    """Return whether the data of an entry have the form that this release knows."""
    return entry.version <= ENTRY_VERSION


@callback
def async_entries_in_use(hass: HomeAssistant) -> list[AmnimoConfigEntry]:
    """Return the entries that are neither disabled nor of a later release."""
    entries: list[AmnimoConfigEntry] = hass.config_entries.async_entries(
        DOMAIN, include_ignore=False, include_disabled=False
    )
    return [entry for entry in entries if is_readable(entry)]


@callback
def async_loaded_entry_of(
    hass: HomeAssistant, entity_id: str
) -> tuple[AmnimoConfigEntry, str] | None:
    """Return the account of an entity and its unique ID, None if that is not loaded."""
    entity = er.async_get(hass).async_get(entity_id)
    if entity is None or entity.config_entry_id is None:
        return None
    entry: AmnimoConfigEntry | None = hass.config_entries.async_get_entry(
        entity.config_entry_id
    )
    if entry is None or entry.state is not ConfigEntryState.LOADED:
        return None
    return entry, entity.unique_id
