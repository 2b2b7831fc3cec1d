"""Commands to ports, from the wish to the confirmed state.

A port takes a moment to move, longer than a person waits for a switch on a screen. So the
wanted state is shown at once, the device is read again until it agrees, and what the device
says counts when it has not agreed in time. One command at a time goes to a port; a later one
replaces an earlier one that still waits for its confirmation.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, replace
import logging

from homeassistant.core import HomeAssistant, callback

from .api import AmnimoClient, AmnimoError, Lane, Port, PortAction
from .coordinator import PortCoordinator, PortKey
from .errors import translated
from .runtime import AmnimoConfigEntry

_LOGGER = logging.getLogger(__name__)

_FIRST_CHECK = 2.0
_CHECK_INTERVAL = 3.0
_PATIENCE = 15.0


@dataclass(frozen=True, slots=True)
class _Expectation:
    """What a port was told to be."""

    on: bool
    """What to show."""
    finally_on: bool
    """What the device must say in the end."""
    settles_in: float
    """Seconds until it can be that: the off time of a reset, else 0."""
    pending: bool = True
    """Whether the device is given time; later, it counts only where the device is silent."""


class PortCommands:
    """Switches and resets the ports of an entry."""

    def __init__(
        self, hass: HomeAssistant, entry: AmnimoConfigEntry, ports: PortCoordinator
    ) -> None:
        """Take the coordinator that reads the ports."""
        self._hass = hass
        self._entry = entry
        self._ports = ports
        self._client: AmnimoClient = ports.client
        self._expected: dict[PortKey, _Expectation] = {}
        self._locks: dict[PortKey, asyncio.Lock] = {}

    def is_on(self, device_id: str, port_id: str) -> bool | None:
        """Return the state to show: the wanted one, or the one that was last read."""
        expected = self._expected.get((device_id, port_id))
        port = self._ports.port(device_id, port_id)
        on = port.on if port else None
        if expected is not None and (expected.pending or on is None):
            return expected.on
        return on

    async def async_switch(self, device_id: str, port_id: str, *, on: bool) -> None:
        """Switch a port.

        Raises:
            HomeAssistantError: the service refused or could not be reached.

        """
        action = PortAction.ON if on else PortAction.OFF
        subscription_id = self._ports.data[device_id].subscription_id
        async with self._lock(device_id, port_id):
            self._expect(device_id, port_id, _Expectation(on, on, 0))
            await self._async_send(
                (device_id, port_id),
                self._client.switch_port(subscription_id, device_id, port_id, action),
            )

    async def async_reset(self, device_id: str, port_id: str, off_seconds: int) -> None:
        """Switch a port off for some seconds, then on again.

        Raises:
            HomeAssistantError: the service refused or could not be reached.

        """
        subscription_id = self._ports.data[device_id].subscription_id
        async with self._lock(device_id, port_id):
            self._expect(
                device_id,
                port_id,
                _Expectation(on=False, finally_on=True, settles_in=off_seconds),
            )
            await self._async_send(
                (device_id, port_id),
                self._client.reset_port(
                    subscription_id, device_id, port_id, off_seconds
                ),
            )

    async def _async_send(self, key: PortKey, command: Awaitable[None]) -> None:
        """Send a command and see what becomes of it.

        One that is called off may have reached the service all the same.

        Raises:
            HomeAssistantError: the service refused or could not be reached.

        """
        try:
            await command
        except AmnimoError as err:
            self._forget(*key)
            raise translated(err) from err
        except asyncio.CancelledError:
            self._confirm(*key)
            raise
        self._confirm(*key)

    def _lock(self, device_id: str, port_id: str) -> asyncio.Lock:
        return self._locks.setdefault((device_id, port_id), asyncio.Lock())

    @callback
    def _expect(self, device_id: str, port_id: str, expectation: _Expectation) -> None:
        self._expected[device_id, port_id] = expectation
        self._ports.async_tell(device_id)

    @callback
    def _forget(self, device_id: str, port_id: str) -> None:
        """Show what the device says from now on."""
        del self._expected[device_id, port_id]
        self._ports.async_tell(device_id)

    @callback
    def _confirm(self, device_id: str, port_id: str) -> None:
        """Watch the port for the newest of its commands."""
        expectation = self._expected[device_id, port_id]
        self._entry.async_create_background_task(
            self._hass,
            self._async_watch(device_id, port_id, expectation),
            "amnimo port confirmation",
        )

    async def _async_watch(
        self, device_id: str, port_id: str, expectation: _Expectation
    ) -> None:
        """Read the device until it agrees, or until that has taken too long."""
        key = (device_id, port_id)
        loop = self._hass.loop
        await asyncio.sleep(expectation.settles_in + _FIRST_CHECK)
        deadline = loop.time() - _FIRST_CHECK + _PATIENCE
        while self._expected.get(key) is expectation:
            try:
                await self._ports.async_read_device(device_id, Lane.USER)
            except AmnimoError as err:
                _LOGGER.debug("A command could not be confirmed yet: %s", err)
            if self._expected.get(key) is not expectation:
                return
            port = self._ports.port(device_id, port_id)
            if port is not None and port.on is expectation.finally_on:
                self._forget(device_id, port_id)
                return
            if loop.time() + _CHECK_INTERVAL > deadline:
                self._give_up(key, expectation, port)
                return
            await asyncio.sleep(_CHECK_INTERVAL)

    @callback
    def _give_up(
        self, key: PortKey, expectation: _Expectation, port: Port | None
    ) -> None:
        """Show what the device says; where it says nothing, assume that it obeyed."""
        if port is not None and port.on is None:
            self._expect(
                *key, replace(expectation, on=expectation.finally_on, pending=False)
            )
            return
        _LOGGER.warning(
            "Port %s was told to be %s, and the service does not confirm it",
            port.name if port else key[1],
            "on" if expectation.finally_on else "off",
        )
        self._forget(*key)
