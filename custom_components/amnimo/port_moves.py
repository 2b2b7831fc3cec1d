"""Ports that moved, and whether somebody outside Home Assistant moved them.

What counts is what the service says of a port, not what is shown while a command is under way.
Who hears of it, and what they do, is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util.signal_type import SignalType

from .api import Port
from .coordinator import PortCoordinator, PortKey
from .port_commands import PortCommands


@dataclass(frozen=True, slots=True)
class PortMove:
    """A port that went on or off."""

    entry_id: str
    device_id: str
    port: Port
    """As it is now; on or off, never unknown."""
    outside: bool
    """Whether it was not a command of Home Assistant's that it obeyed."""


SIGNAL_PORT_MOVED: SignalType[PortMove] = SignalType("amnimo_port_moved")


class PortMoves:
    """Tells of the ports of an entry that moved."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry_id: str,
        ports: PortCoordinator,
        commands: PortCommands,
    ) -> None:
        """Take who reads the ports, and who commands them."""
        self._hass = hass
        self._entry_id = entry_id
        self._ports = ports
        self._commands = commands
        self._known: dict[PortKey, bool] = {}

    @callback
    def async_start(self) -> CALLBACK_TYPE:
        """Tell from now on; return what ends that."""
        for device_id in self._ports.data:
            self._moved(device_id)
        return self._ports.async_follow_readings(self._async_compare)

    @callback
    def _async_compare(self, device_id: str) -> None:
        for port in self._moved(device_id):
            key = (device_id, port.id)
            own = self._commands.async_claim(key, on=bool(port.on))
            move = PortMove(self._entry_id, device_id, port, outside=not own)
            async_dispatcher_send(self._hass, SIGNAL_PORT_MOVED, move)

    def _moved(self, device_id: str) -> list[Port]:
        """Return the ports of a device that are not as they were when last known."""
        state = self._ports.data.get(device_id)
        moved: list[Port] = []
        for port in (state.ports or {}).values() if state else ():
            key = (device_id, port.id)
            # Between two words for it, a port may be missing, unreachable or silent.
            if port.on is None or self._known.get(key) is port.on:
                continue
            if key in self._known:
                moved.append(port)
            self._known[key] = port.on
        return moved
