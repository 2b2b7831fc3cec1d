"""An AI for a Home Assistant of tests, which can look at pictures and knows their size."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant


async def async_setup_entry(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Set it up."""
    await hass.config_entries.async_forward_entry_setups(entry, [Platform.AI_TASK])
