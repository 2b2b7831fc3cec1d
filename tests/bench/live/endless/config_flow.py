"""How the benchmark adds cameras: by one form, through Home Assistant's API."""

from typing import Any, override

import probatio as vol

from homeassistant.config_entries import ConfigFlow, ConfigFlowResult
from homeassistant.helpers.selector import (
    BooleanSelector,
    TextSelector,
    TextSelectorConfig,
)

from .const import CONF_CAMERAS, CONF_WEBRTC, DOMAIN

_FORM = vol.Schema(
    {
        vol.Required(CONF_CAMERAS): TextSelector(TextSelectorConfig(multiple=True)),
        vol.Required(CONF_WEBRTC): BooleanSelector(),
    }
)


class EndlessConfigFlow(ConfigFlow, domain=DOMAIN):
    """Asks for the IDs of cameras, and whether there is a WebRTC provider."""

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Take them."""
        if user_input is None:
            return self.async_show_form(step_id="user", data_schema=_FORM)
        return self.async_create_entry(title=DOMAIN, data=user_input)
