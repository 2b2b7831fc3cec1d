"""PoE and output ports of edge devices as switches."""

from typing import Any, override

from homeassistant.components.switch import SwitchDeviceClass, SwitchEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .api import PortKind
from .coordinator import PortKey
from .entity import AmnimoPortEntity, async_add_for_ports
from .entity_budget import Importance
from .runtime import AmnimoConfigEntry

# Each command waits for its own answer, and the throttle keeps their rate.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AmnimoConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a switch for each port that can be switched."""
    await async_add_for_ports(
        entry,
        Platform.SWITCH,
        lambda port: port.controllable,
        lambda port_key: AmnimoPortSwitch(entry, port_key),
        async_add_entities,
    )


class AmnimoPortSwitch(AmnimoPortEntity, SwitchEntity):
    """A port that can be switched."""

    _attr_translation_key = "port"

    def __init__(self, entry: AmnimoConfigEntry, port_key: PortKey) -> None:
        """Take the port; one that supplies power is an outlet."""
        super().__init__(entry, port_key, importance=Importance.ESSENTIAL)
        if self.port is not None and self.port.kind is PortKind.POE:
            self._attr_device_class = SwitchDeviceClass.OUTLET
            self._attr_translation_key = "poe_port"

    @property
    @override
    def assumed_state(self) -> bool:
        """Whether the service does not say how the port stands."""
        return self.port is not None and self.port.on is None

    @property
    @override
    def is_on(self) -> bool | None:
        """Whether the port is on, or was just told to be."""
        return self._runtime.port_commands.is_on(self._device_id, self._port_id)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Switch the port on."""
        await self._runtime.port_commands.async_switch(
            self._device_id, self._port_id, on=True
        )

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Switch the port off."""
        await self._runtime.port_commands.async_switch(
            self._device_id, self._port_id, on=False
        )

    async def async_reset_port(self, off_seconds: int) -> None:
        """Switch the port off for some seconds, then on again."""
        await self._runtime.port_commands.async_reset(
            self._device_id, self._port_id, off_seconds
        )
