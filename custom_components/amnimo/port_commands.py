"""Commands to ports, from the wish to the confirmed state.

A port takes a moment to move, longer than a person waits for a switch on a screen. So the
wanted state is shown at once, the device is read again until it agrees, and what the device
says counts when it has not agreed in time; whoever asked is told so. Commands to one port go out
one after the other, and the newest is the one that is shown and waited for; where the service
refuses it, that is the one before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from functools import partial
import logging
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.hass_dict import HassKey

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


@dataclass(frozen=True, slots=True, eq=False)
class _Reading:
    """A device that is being read."""

    begun: float
    """On the event loop's clock."""
    task: asyncio.Task[bool]
    """Its result is whether the device could be read."""


# A port that was told to move does so whether the account is reloaded meanwhile or not.
_LATE_MOVES: HassKey[dict[str, dict[PortKey, _LateMoves]]] = HassKey(
    f"{DOMAIN}_late_moves"
)


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
        self._asked: dict[PortKey, list[_Wish]] = {}
        """What the service has not accepted yet, the newest last."""
        self._accepted: dict[PortKey, _Wish] = {}
        """What it accepted last, until the device agrees."""
        self._late = hass.data.setdefault(_LATE_MOVES, {}).setdefault(
            entry.entry_id, {}
        )
        self._locks: dict[PortKey, asyncio.Lock] = {}
        self._readings: dict[str, _Reading] = {}

    def is_on(self, device_id: str, port_id: str) -> bool | None:
        """Return the state to show: the wanted one, or the one that was last read."""
        wish, on = self._wish_and_reading((device_id, port_id))
        return wish.on if wish else on

    def will_be_on(self, device_id: str, port_id: str) -> bool | None:
        """Return whether a port is on once what it was told to do is done, None for unknown."""
        wish, on = self._wish_and_reading((device_id, port_id))
        return wish.finally_on if wish else on

    def _wish_and_reading(self, key: PortKey) -> tuple[_Wish | None, bool | None]:
        """Return the wish that counts, None where what was last read does, and that."""
        wish, port = self._newest(key), self._ports.port(*key)
        on = port.on if port else None
        counts = wish is not None and (wish.pending or on is None)
        return wish if counts else None, on

    def _newest(self, key: PortKey) -> _Wish | None:
        """Return what a port was told last and was not refused."""
        asked = self._asked.get(key)
        return asked[-1] if asked else self._accepted.get(key)

    @callback
    def async_claim(self, key: PortKey, *, on: bool) -> bool:
        """Return whether a port that was read to have moved obeyed a command given here.

        That is so while a command is waited for, and for about two sweeps after one of which
        nobody knows what became of it.
        """
        wish = self._newest(key)
        pending = wish is not None and wish.pending
        late = self._late.get(key)
        expected = late is not None and self._hass.loop.time() <= late.until
        if late is not None and expected and on in late.steps:
            del self._late[key]
            if remaining := late.steps[late.steps.index(on) + 1 :]:
                left = late.until - self._hass.loop.time()
                self._expect_late(key, remaining, max(left, self._late_sweeps))
            return True
        if not pending:
            self._late.pop(key, None)
        return pending

    @property
    def _late_sweeps(self) -> float:
        """Seconds within which a sweep has certainly seen what happened before."""
        return _LATE_SWEEPS * self._ports.interval

    def _expect_late(
        self, key: PortKey, steps: tuple[bool, ...], seconds: float
    ) -> None:
        """Take moves of the next seconds for those of a command."""
        self._late[key] = _LateMoves(steps, self._hass.loop.time() + seconds)

    def _expect_moves(self, key: PortKey, *wishes: _Wish) -> None:
        """Take the moves that were wished for those of a command, once it may be accepted."""
        steps = tuple(step for wish in wishes for step in _steps(wish))
        settled_in = max(wish.settles_in for wish in wishes)
        self._expect_late(key, steps, settled_in + self._late_sweeps)

    async def async_switch(self, device_id: str, port_id: str, *, on: bool) -> None:
        """Switch a port, and wait until it has moved.

        A later command to the port that the service accepts ends the wait.

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
        self._ask(key, wish)
        under_way = False
        try:
            async with self._locks.setdefault(key, asyncio.Lock()):
                under_way = True
                await send(state.subscription_id)
                self._accept(key, wish)
        except AmnimoError as err:
            if _may_have_arrived(err):
                before = self._accepted.get(key)
                either = (before,) if before is not None and before.pending else ()
                self._expect_moves(key, *either, wish)
            self._end_asking(key, wish)
            self._in_background(self._async_look_again(key[0]))
            raise translated(err) from err
        except asyncio.CancelledError:
            if under_way:
                self._accept(key, wish)
                self._in_background(self._async_watch(key, wish))
            else:
                self._end_asking(key, wish)
            raise
        return self._in_background(self._async_watch(key, wish))

    @callback
    def _ask(self, key: PortKey, wish: _Wish) -> None:
        """Show a wish from now on."""
        self._asked.setdefault(key, []).append(wish)
        self._ports.async_tell(port_context(*key))

    @callback
    def _accept(self, key: PortKey, wish: _Wish) -> None:
        """Take a wish in place of the one that was accepted before."""
        self._accepted[key] = wish
        self._expect_moves(key, wish)
        self._end_asking(key, wish)

    @callback
    def _end_asking(self, key: PortKey, wish: _Wish) -> None:
        """Take note that a wish was accepted or is given up, and show what counts now."""
        asked = self._asked[key]
        asked.remove(wish)
        if not asked:
            del self._asked[key]
        self._ports.async_tell(port_context(*key))

    @callback
    def _settle(self, key: PortKey) -> None:
        """Show what the device says, unless there is a newer wish."""
        del self._accepted[key]
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
        accepted_at = loop.time()
        await asyncio.sleep(wish.settles_in + _FIRST_CHECK)
        deadline = loop.time() - _FIRST_CHECK + _PATIENCE
        while self._accepted.get(key) is wish:
            heard = await self._async_read(key[0], since=accepted_at)
            if self._accepted.get(key) is not wish:
                break
            port = self._ports.port(*key)
            if heard and port is not None and port.on is wish.finally_on:
                if wish.settles_in:
                    # A port that is on may be back, or not have been off yet.
                    self._expect_late(key, _steps(wish), deadline - loop.time())
                self._settle(key)
                break
            silent = heard and _never_tells(port)
            if silent or loop.time() + _CHECK_INTERVAL > deadline:
                return self._give_up(key, wish, port)
            await asyncio.sleep(_CHECK_INTERVAL)
        return True

    @callback
    def _give_up(self, key: PortKey, wish: _Wish, port: Port | None) -> bool:
        """Show what the device says; where it says nothing, assume that it obeyed.

        Returns whether it may have.
        """
        late = self._late.get(key)
        self._expect_late(key, late.steps if late else _steps(wish), self._late_sweeps)
        if port is not None and port.on is None:
            self._accepted[key] = replace(wish, on=wish.finally_on, pending=False)
            self._ports.async_tell(port_context(*key))
            return True
        _LOGGER.warning(
            "Port %s was told to be %s, and the service does not confirm it",
            port.name if port else key[1],
            "on" if wish.finally_on else "off",
        )
        self._settle(key)
        return False

    async def _async_look_again(self, device_id: str) -> None:
        """Read a device after a command that failed: it may have arrived."""
        failed_at = self._hass.loop.time()
        await asyncio.sleep(_FIRST_CHECK)
        await self._async_read(device_id, since=failed_at)

    async def _async_read(self, device_id: str, *, since: float) -> bool:
        """Read a device, once for all who want that now; return whether that was possible.

        What was asked before a command may be answered with what was before it.
        """
        reading = self._readings.get(device_id)
        if reading is None or reading.begun < since:
            begun = self._hass.loop.time()
            task = self._in_background(self._async_read_alone(device_id))
            reading = self._readings[device_id] = _Reading(begun, task)
            task.add_done_callback(partial(self._forget_reading, device_id, reading))
        await asyncio.wait({reading.task})
        return not reading.task.cancelled() and reading.task.result()

    def _forget_reading(
        self, device_id: str, reading: _Reading, _task: asyncio.Task[bool]
    ) -> None:
        if self._readings.get(device_id) is reading:
            del self._readings[device_id]

    async def _async_read_alone(self, device_id: str) -> bool:
        try:
            # A pause that the service asks for is waited for: it says nothing of the device.
            await self._ports.async_read_device(device_id, Lane.LIVE)
        except AmnimoError as err:
            _LOGGER.debug("A command could not be confirmed yet: %s", err)
            return False
        return True


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
