"""What Home Assistant wants to see of an integration with entries; nobody is asked anything."""

from homeassistant.config_entries import ConfigFlow

from .inventory import DOMAIN


class TwinConfigFlow(ConfigFlow, domain=DOMAIN):
    """Has no step: the benchmark adds the entry itself."""
