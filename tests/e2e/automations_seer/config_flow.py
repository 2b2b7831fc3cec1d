"""Adding it: there is nothing to choose."""

from typing import Any, override

from homeassistant.config_entries import ConfigFlow, ConfigFlowResult

DOMAIN = "automations_seer"


class SeerFlow(ConfigFlow, domain=DOMAIN):
    """Adds it at once."""

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Add it."""
        return self.async_create_entry(title="Seer", data={})
