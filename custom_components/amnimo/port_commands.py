"""Commands to ports, from the wish to the confirmed state.

A port takes a moment to move, longer than a person waits for a switch on a screen. So the
wanted state is shown at once, the device is read again until it agrees, and what the device
says counts when it has not agreed in time; whoever asked is told so. Commands to one port go out
one after the other, and the newest is the one that is shown and waited for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
import logging
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from .api import (
    AmnimoClient,
    AmnimoConnectionError,
    AmnimoError,
    AmnimoNotFoundError,
    AmnimoResponseError,
    Lane,
    Port,
    PortAction,
)
from .const import DOMAIN
from .coordinator import PortCoordinator, PortKey, port_context
from .errors import translated
from .runtime import AmnimoConfigEntry

_LOGGER = logging.getLogger(__name__)

_FIRST_CHECK = 2.0
_CHECK_INTERVAL = 3.0
_PATIENCE = 15.0
# What moves after nobody waits any more shows at the next sweep, which may be a slow one.
_LATE_SWEEPS = 2


@dataclass(frozen=True, slots=True, eq=False)
class _Wish:
    """What a port was told to be; each command has one of its own."""

    on: bool
    """What to show."""
    finally_on: bool
    """What the device must say in the end."""
    settles_in: float = 0.0
    """Seconds until it can be that: the off time of a reset."""
    pending: bool = True
    """Whether the device is given time; later, it counts only where the device is silent."""


@dataclass(frozen=True, slots=True)
class _LateMoves:
    """What a port may still do on the last command that the service may have accepted.

    One that was refused after it does not take that back.
    """

    steps: tuple[bool, ...]
    """The states that it may take, one after the other, some left out."""
    until: float
    """On the event loop's clock."""


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
        self._wishes: dict[PortKey, _Wish] = {}
        self._late: dict[PortKey, _LateMoves] = {}
        self._locks: dict[PortKey, asyncio.Lock] = {}
        self._readings: dict[str, asyncio.Task[None]] = {}

    def is_on(self, device_id: str, port_id: str) -> bool | None:
        """Return the state to show: the wanted one, or the one that was last read."""
        wish = self._wishes.get((device_id, port_id))
        port = self._ports.port(device_id, port_id)
        on = port.on if port else None
        if wish is not None and (wish.pending or on is None):
            return wish.on
        return on

    def will_be_on(self, device_id: str, port_id: str) -> bool | None:
        """Return whether a port is on once what it was told to do is done, None for unknown."""
        wish = self._wishes.get((device_id, port_id))
        if wish is not None:
            return wish.finally_on
        port = self._ports.port(device_id, port_id)
        return None if port is None else port.on

    @callback
    def async_claim(self, key: PortKey, *, on: bool) -> bool:
        """Return whether a port that was read to have moved obeyed a command given here.

        That is so while a command is waited for, and for about two sweeps after one of which
        nobody knows what became of it.
        """
        wish = self._wishes.get(key)
        if wish is not None and wish.pending:
            return True
        late = self._late.pop(key, None)
        if late is None or self._hass.loop.time() > late.until or on not in late.steps:
            return False
        if remaining := late.steps[late.steps.index(on) + 1 :]:
            self._expect_late(key, remaining, self._late_sweeps)
        return True

    @property
    def _late_sweeps(self) -> float:
        """Seconds within which a sweep has certainly seen what happened before."""
        return _LATE_SWEEPS * self._ports.interval

    def _expect_late(
        self, key: PortKey, steps: tuple[bool, ...], seconds: float
    ) -> None:
        """Take moves of the next seconds for those of a command."""
        self._late[key] = _LateMoves(steps, self._hass.loop.time() + seconds)

    def _expect_moves(self, key: PortKey, wish: _Wish) -> None:
        """Take the moves that were wished for those of a command, once it may be accepted."""
        self._expect_late(key, _steps(wish), wish.settles_in + self._late_sweeps)

    async def async_switch(self, device_id: str, port_id: str, *, on: bool) -> None:
        """Switch a port, and wait until it has moved.

        A later command to the port ends the wait.

        Raises:
            HomeAssistantError: the service refused or could not be reached, or the port has
                not moved in 15 s.

        """
        action = PortAction.ON if on else PortAction.OFF
        watch = await self._async_command(
            (device_id, port_id),
            _Wish(on=on, finally_on=on),
            lambda subscription_id: self._client.switch_port(
                subscription_id, device_id, port_id, action
            ),
        )
        await asyncio.wait({watch})
        if not watch.cancelled() and not watch.result():
            port = self._ports.port(device_id, port_id)
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key=self._complaint(device_id, on=on),
                translation_placeholders={"port": port.name if port else port_id},
            )

    def _complaint(self, device_id: str, *, on: bool) -> str:
        """Return the translation key of what went wrong with a command that was sent."""
        device = self._ports.data.get(device_id)
        if device is None or not device.available:
            return "port_not_confirmed"
        return "port_still_off" if on else "port_still_on"

    async def async_reset(self, device_id: str, port_id: str, off_seconds: int) -> None:
        """Switch a port off for some seconds, then on again; don't wait for that.

        Raises:
            HomeAssistantError: the service refused or could not be reached.

        """
        await self._async_command(
            (device_id, port_id),
            _Wish(on=False, finally_on=True, settles_in=off_seconds),
            lambda subscription_id: self._client.reset_port(
                subscription_id, device_id, port_id, off_seconds
            ),
        )

    async def _async_command(
        self, key: PortKey, wish: _Wish, send: Callable[[str], Awaitable[None]]
    ) -> asyncio.Task[bool]:
        """Show a wish and send it, after those before it; return who sees what becomes of it.

        One that is called off on its way may have reached the service all the same.

        Args:
            key: of the port.
            wish: what it shall be.
            send: sends the command, given the subscription ID of the device's tenant.

        Raises:
            HomeAssistantError: the service refused or could not be reached.

        """
        state = self._ports.data.get(key[0])
        if state is None:
            raise translated(AmnimoNotFoundError("The device is listed no more"))
        self._show(key, wish)
        under_way = False
        try:
            async with self._locks.setdefault(key, asyncio.Lock()):
                under_way = True
                await send(state.subscription_id)
                self._expect_moves(key, wish)
        except AmnimoError as err:
            if _may_have_arrived(err):
                self._expect_moves(key, wish)
            self._drop(key, wish)
            self._in_background(self._async_look_again(key[0]))
            raise translated(err) from err
        except asyncio.CancelledError:
            if under_way:
                self._expect_moves(key, wish)
                self._in_background(self._async_watch(key, wish))
            else:
                self._drop(key, wish)
            raise
        return self._in_background(self._async_watch(key, wish))

    @callback
    def _show(self, key: PortKey, wish: _Wish) -> None:
        """Show a wish from now on."""
        self._wishes[key] = wish
        self._ports.async_tell(port_context(*key))

    @callback
    def _drop(self, key: PortKey, wish: _Wish) -> None:
        """Show what the device says, unless there is a newer wish."""
        if self._wishes.get(key) is wish:
            del self._wishes[key]
            self._ports.async_tell(port_context(*key))

    def _in_background[T](self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        return self._entry.async_create_background_task(
            self._hass, work, "amnimo port confirmation"
        )

    async def _async_watch(self, key: PortKey, wish: _Wish) -> bool:
        """Read the device until it agrees, or until that has taken too long.

        Returns whether nobody has reason to complain: the port is as it was wished, or
        another command came, or the service does not tell.
        """
        loop = self._hass.loop
        await asyncio.sleep(wish.settles_in + _FIRST_CHECK)
        deadline = loop.time() - _FIRST_CHECK + _PATIENCE
        while self._wishes.get(key) is wish:
            await self._async_read(key[0])
            if self._wishes.get(key) is not wish:
                break
            port = self._ports.port(*key)
            if port is not None and port.on is wish.finally_on:
                self._late.pop(key, None)
                if wish.settles_in:
                    # A port that is on may be back, or not have been off yet.
                    self._expect_late(key, _steps(wish), deadline - loop.time())
                self._drop(key, wish)
                break
            if _never_tells(port) or loop.time() + _CHECK_INTERVAL > deadline:
                return self._give_up(key, wish, port)
            await asyncio.sleep(_CHECK_INTERVAL)
        return True

    @callback
    def _give_up(self, key: PortKey, wish: _Wish, port: Port | None) -> bool:
        """Show what the device says; where it says nothing, assume that it obeyed.

        Returns whether it may have.
        """
        if port is not None and port.on is None:
            self._show(key, replace(wish, on=wish.finally_on, pending=False))
            self._expect_late(key, _steps(wish), self._late_sweeps)
            return True
        self._expect_late(key, _steps(wish), self._late_sweeps)
        _LOGGER.warning(
            "Port %s was told to be %s, and the service does not confirm it",
            port.name if port else key[1],
            "on" if wish.finally_on else "off",
        )
        self._drop(key, wish)
        return False

    async def _async_look_again(self, device_id: str) -> None:
        """Read a device after a command that failed: it may have arrived."""
        await asyncio.sleep(_FIRST_CHECK)
        await self._async_read(device_id)

    async def _async_read(self, device_id: str) -> None:
        """Read a device, once for all who want that now."""
        reading = self._readings.get(device_id)
        if reading is None:
            reading = self._in_background(self._async_read_alone(device_id))
            self._readings[device_id] = reading
            reading.add_done_callback(lambda _: self._readings.pop(device_id, None))
        await asyncio.wait({reading})

    async def _async_read_alone(self, device_id: str) -> None:
        try:
            await self._ports.async_read_device(device_id, Lane.USER)
        except AmnimoError as err:
            _LOGGER.debug("A command could not be confirmed yet: %s", err)


def _steps(wish: _Wish) -> tuple[bool, ...]:
    """Return the states that a command takes a port through."""
    return (wish.on, wish.finally_on) if wish.settles_in else (wish.finally_on,)


def _may_have_arrived(err: AmnimoError) -> bool:
    """Return whether the service may do what it has not said that it would."""
    if isinstance(err, AmnimoConnectionError):
        return err.sent
    return isinstance(err, AmnimoResponseError)


def _never_tells(port: Port | None) -> bool:
    """Return whether the service has no word at all for the state of a port."""
    return port is not None and port.on is None and port.status is None
