"""Which entries there are whose data this release can read.

One that a later release wrote is left as it is, for that release to be installed again.
"""

from __future__ import annotations

from homeassistant.core import HomeAssistant, callback

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
