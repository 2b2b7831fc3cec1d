"""Commands to ports, from the wish to the confirmed state.

A port takes a moment to move, longer than a person waits for a switch on a screen. So the
wanted state is shown at once, the device is read again until it agrees, and what the device
says counts when it has not agreed in time. One command at a time goes to a port; a later one
replaces an earlier one that still waits for its confirmation.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
import logging

from homeassistant.core import HomeAssistant, callback

from .api import AmnimoClient, AmnimoError, Lane, PortAction
from .coordinator import PortCoordinator
from .errors import translated
from .runtime import AmnimoConfigEntry

_LOGGER = logging.getLogger(__name__)

_FIRST_CHECK = 2.0
_CHECK_INTERVAL = 3.0
_PATIENCE = 15.0

type _PortKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Expectation:
    """What a port was told to be."""

    on: bool
    """What to show."""
    finally_on: bool
    """What the device must say in the end."""
    settles_in: float
    """Seconds until it can be that: the off time of a reset, else 0."""


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
        self._expected: dict[_PortKey, _Expectation] = {}
        self._locks: dict[_PortKey, asyncio.Lock] = {}

    def is_on(self, device_id: str, port_id: str) -> bool | None:
        """Return the state to show: the wanted one, or the one that was last read."""
        expected = self._expected.get((device_id, port_id))
        if expected is not None:
            return expected.on
        port = self._ports.port(device_id, port_id)
        return port.on if port else None

    async def async_switch(self, device_id: str, port_id: str, *, on: bool) -> None:
        """Switch a port.

        Raises:
            HomeAssistantError: the service refused or could not be reached.

        """
        action = PortAction.ON if on else PortAction.OFF
        subscription_id = self._ports.data[device_id].subscription_id
        async with self._lock(device_id, port_id):
            self._expect(device_id, port_id, _Expectation(on, on, 0))
            try:
                await self._client.switch_port(
                    subscription_id, device_id, port_id, action
                )
            except AmnimoError as err:
                self._forget(device_id, port_id)
                raise translated(err) from err
            self._confirm(device_id, port_id)

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
            try:
                await self._client.reset_port(
                    subscription_id, device_id, port_id, off_seconds
                )
            except AmnimoError as err:
                self._forget(device_id, port_id)
                raise translated(err) from err
            self._confirm(device_id, port_id)

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
            if port is not None and port.on is None:
                # A port that never tells is taken to be as it was told.
                self._expect(
                    device_id, port_id, replace(expectation, on=expectation.finally_on)
                )
                return
            if port is not None and port.on is expectation.finally_on:
                self._forget(device_id, port_id)
                return
            if loop.time() + _CHECK_INTERVAL > deadline:
                _LOGGER.warning(
                    "Port %s did not become %s",
                    port.name if port else port_id,
                    "on" if expectation.finally_on else "off",
                )
                self._forget(device_id, port_id)
                return
            await asyncio.sleep(_CHECK_INTERVAL)
