"""Reset buttons of ports: off for some seconds, then on again, as to restart what hangs there."""

from typing import override

from homeassistant.components.button import ButtonDeviceClass, ButtonEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_RESET_SECONDS, DEFAULT_RESET_SECONDS
from .coordinator import PortAspect, PortKey
from .entity import AmnimoPortEntity, async_add_for_ports
from .entity_budget import Importance
from .runtime import AmnimoConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AmnimoConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a reset button for each port that can be switched."""
    await async_add_for_ports(
        entry,
        Platform.BUTTON,
        lambda port: port.controllable,
        lambda port_key: AmnimoResetButton(entry, port_key),
        async_add_entities,
    )


class AmnimoResetButton(AmnimoPortEntity, ButtonEntity):
    """Resets a port."""

    _attr_translation_key = "reset"
    _attr_device_class = ButtonDeviceClass.RESTART

    def __init__(self, entry: AmnimoConfigEntry, port_key: PortKey) -> None:
        """Take the port, and from the options for how long it is off."""
        super().__init__(
            entry,
            port_key,
            "reset",
            aspect=PortAspect.PRESENCE,
            importance=Importance.RESET,
        )
        self._off_seconds = int(
            entry.options.get(CONF_RESET_SECONDS, DEFAULT_RESET_SECONDS)
        )

    @override
    async def async_press(self) -> None:
        """Switch the port off for a while."""
        await self._runtime.port_commands.async_reset(
            self._device_id, self._port_id, self._off_seconds
        )
