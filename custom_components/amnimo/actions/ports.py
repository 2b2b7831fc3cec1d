"""The action that resets a port for a time of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

import probatio as vol

from homeassistant.components.switch import DOMAIN as SWITCH_DOMAIN
from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.helpers.service import async_register_platform_entity_service

from ..const import CONF_RESET_SECONDS, DEFAULT_RESET_SECONDS, DOMAIN
from ..coordinator import PortCoordinator

ACTION_RESET_PORT: Final = "reset_port"
ATTR_OFF_SECONDS: Final = "off_seconds"
LONGEST_OFF_SECONDS: Final = 3600


class _Resettable(Protocol):
    """A switch of a port."""

    coordinator: PortCoordinator

    async def async_reset_port(self, off_seconds: int) -> None:
        """Switch the port off for some seconds, then on again."""


@callback
def async_setup(hass: HomeAssistant) -> None:
    """Register the action."""
    async_register_platform_entity_service(
        hass,
        DOMAIN,
        ACTION_RESET_PORT,
        entity_domain=SWITCH_DOMAIN,
        schema={
            vol.Optional(ATTR_OFF_SECONDS): vol.All(
                vol.Coerce(int), vol.Range(min=1, max=LONGEST_OFF_SECONDS)
            )
        },
        func=_async_reset_port,
    )


async def _async_reset_port(port: _Resettable, call: ServiceCall) -> None:
    """Switch a port off for a while; for how long, the options say where the call does not."""
    options: Mapping[str, Any] = port.coordinator.config_entry.options
    default = options.get(CONF_RESET_SECONDS, DEFAULT_RESET_SECONDS)
    await port.async_reset_port(int(call.data.get(ATTR_OFF_SECONDS, default)))
