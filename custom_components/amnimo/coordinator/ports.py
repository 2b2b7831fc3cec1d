"""The devices with external equipment and their ports, read at intervals.

What could not be listed or read keeps what was known of it, a device that could not be read is
marked so, and the rest goes on.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Set as AbstractSet
from dataclasses import replace
from functools import partial
import logging
from typing import override

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from ..api import AmnimoAuthError, AmnimoError, AmnimoRefusedError, Device, Lane, Port
from ..runtime import AmnimoConfigEntry
from .cameras import CameraCoordinator
from .contexts import LISTED, changed_device_contexts, equipment_context
from .selective import SelectiveCoordinator
from .states import DeviceState
from .sweep import Sweep, sweep_order

_LOGGER = logging.getLogger(__name__)

_DEVICE_LIST_INTERVAL = 600.0
_SHORTEST_SWEEP_INTERVAL = 60.0
# The throttle lets a sweep have a little more, so that it is over before the next begins.
_SWEEP_RATE = 4.0
_TRIES = 3
# A set-up that waited for a large fleet's ports would be taken for one that hangs.
_FIRST_SWEEP_WAIT = 8.0


class PortCoordinator(SelectiveCoordinator[dict[str, DeviceState]]):
    """The devices with external equipment, and the ports of each.

    The service reads one device's ports a request, so a sweep over a large fleet takes a
    while: each device's answer counts as soon as it is there.
    """

    def __init__(
        self, hass: HomeAssistant, entry: AmnimoConfigEntry, cameras: CameraCoordinator
    ) -> None:
        """Take the coordinator that knows the tenants."""
        super().__init__(hass, entry, cameras.client, "port", _SHORTEST_SWEEP_INTERVAL)
        self.data = {}
        self._cameras = cameras
        self._list_due = 0.0
        self._again: frozenset[str] = frozenset()
        self._again_due = 0.0
        self.listings: Counter[str] = Counter()
        """Times that a tenant's devices could be listed, by subscription ID."""
        self.answers: dict[str, AmnimoError | None] = {}
        """What went wrong with the last listing of each tenant, None for nothing."""
        self._first_sweep: asyncio.Task[None] | None = None
        self._missed: dict[str, DeviceState] = {}
        self._reads_begun = 0
        self._newest_read: dict[str, int] = {}
        self._asked: dict[str, int] = {}
        self._swept_from = 0
        self._readers: list[Callable[[str], None]] = []

    @callback
    def async_follow_readings(self, reader: Callable[[str], None]) -> CALLBACK_TYPE:
        """Tell somebody, after the listeners, each device ID of which a reading is news."""
        self._readers.append(reader)
        return lambda: self._readers.remove(reader)

    @override
    async def _async_poll(self) -> dict[str, DeviceState]:
        await self._async_list_devices()
        self.interval = max(_SHORTEST_SWEEP_INTERVAL, len(self.data) / _SWEEP_RATE)
        if self._first_sweep is None:
            await self._async_begin_first_sweep()
        elif not self._first_sweep.done():
            await asyncio.wait({self._first_sweep})
        else:
            await self._async_sweep()
        return self.data

    async def _async_begin_first_sweep(self) -> None:
        """Read what a short wait allows; the rest follows by itself."""
        self._first_sweep = self.config_entry.async_create_background_task(
            self.hass, self._async_sweep(), "amnimo first sweep"
        )
        done, _ = await asyncio.wait({self._first_sweep}, timeout=_FIRST_SWEEP_WAIT)
        for sweep in done:
            sweep.result()
        if not done:
            self._first_sweep.add_done_callback(_log_unfinished_sweep)

    def _tenants_to_list(self) -> frozenset[str]:
        """Return the tenants whose devices are to be listed now.

        All at intervals; sooner those that are new, and those that failed. What was refused for
        a reason can wait for the interval.
        """
        tenants = frozenset(self._cameras.data.tenants)
        if self._now() >= self._list_due:
            return tenants
        again = self._again if self._now() >= self._again_due else frozenset()
        return (tenants - self.answers.keys()) | (tenants & again)

    async def _async_list_devices(self) -> None:
        """Bring the known devices in step with the listings that are due.

        Raises:
            AmnimoError: no tenant's devices could be listed ever, or the credentials are no
                longer good.

        """
        tenants = list(self._cameras.data.tenants)
        to_list = self._tenants_to_list()
        if not to_list and self.answers.keys() == set(tenants):
            return
        listings: dict[str, tuple[Device, ...]] = {}
        errors: dict[str, AmnimoError] = {}

        async def list_devices(subscription_id: str) -> None:
            try:
                listings[subscription_id] = await self.client.devices(subscription_id)
            except AmnimoError as err:
                errors[subscription_id] = err

        await asyncio.gather(*map(list_devices, filter(to_list.__contains__, tenants)))
        for err in errors.values():
            _LOGGER.debug("A tenant's devices could not be listed: %s", err)
            if isinstance(err, AmnimoAuthError):
                raise err
        before = self.answers
        self.answers = {
            each: errors.get(each) if each in to_list else before.get(each)
            for each in tenants
        }
        for err in errors.values():
            if not self.data and all(self.answers.values()):
                raise err
        self.listings.update(listings.keys())
        complete = self._take_listings(
            {each: listings[each] for each in tenants if each in listings},
            left_alone=set(tenants) - listings.keys(),
        )
        self._note_when_due(to_list, errors, complete=complete)
        self._note_turned(
            {
                each
                for each in before.keys() & self.answers.keys()
                if (before[each] is None) is not (self.answers[each] is None)
            }
        )

    def _note_when_due(
        self,
        listed: AbstractSet[str],
        errors: Mapping[str, AmnimoError],
        *,
        complete: bool,
    ) -> None:
        """Take note of when tenants are to be listed again, after some were.

        What is missed is unavailable until it is listed again, or known to be gone: by any
        tenant, for it may have moved.
        """
        now = self._now()
        if listed == self.answers.keys():
            self._list_due = now + _DEVICE_LIST_INTERVAL
        self._again_due = now + _SHORTEST_SWEEP_INTERVAL
        if not complete:
            self._list_due = min(self._list_due, self._again_due)
        self._again = (self._again - listed) | frozenset(
            each
            for each, err in errors.items()
            if not isinstance(err, AmnimoRefusedError)
        )

    def _note_turned(self, turned: AbstractSet[str]) -> None:
        """Tell the equipment of tenants that can be listed no more, or again."""
        if not turned:
            return
        for device_id, state in self.data.items():
            if state.subscription_id in turned:
                self._changed.update(
                    equipment_context(device_id, each.id)
                    for each in state.device.external_devices
                )

    def _take_listings(
        self,
        listings: Mapping[str, tuple[Device, ...]],
        left_alone: AbstractSet[str],
    ) -> bool:
        """Add, update and drop devices, keeping the ports that are known.

        Args:
            listings: what was listed, by subscription ID.
            left_alone: those whose listing failed, or was not asked for.

        Returns:
            whether all devices and all equipment were listed that were there before.

        """
        known, missed, data = self.data, self._missed, dict[str, DeviceState]()
        for subscription_id, devices in listings.items():
            for device in devices:
                before = known.get(device.id) or missed.get(device.id)
                state = before or DeviceState(device, subscription_id)
                data[device.id] = state.listed(device, subscription_id)
        for device_id, state in known.items():
            if state.subscription_id in left_alone:
                data.setdefault(device_id, state)
        self.data = data
        self._missed = {
            device_id: state
            for device_id, state in (missed | known).items()
            if device_id not in data
        }
        self._changed.add(LISTED)
        differing = {
            device_id
            for device_id in known.keys() | data.keys()
            if known.get(device_id) is not data.get(device_id)
        }
        for device_id in differing:
            self._changed.update(
                changed_device_contexts(known.get(device_id), data.get(device_id))
            )
        self._restructured |= differing
        return self._missed.keys() <= missed.keys() and not any(
            data[device.id].missed_equipment
            for devices in listings.values()
            for device in devices
        )

    async def _async_sweep(self) -> None:
        """Read the ports of all devices, some at a time.

        Raises:
            AmnimoError: the service can't be reached at all, or refuses the credentials.

        """
        sweep = Sweep(
            self._sweep_order(),
            partial(self.async_read_device, lane=Lane.POLL),
            self._availability,
            now=self._now,
            interval=self.interval,
        )
        for device_id in await sweep.async_run():
            asked = self._asked[device_id]
            # Somebody else may have read it since.
            if self._newest_read.get(device_id, 0) < asked:
                self._take(device_id, asked, None)

    def _sweep_order(self) -> list[str]:
        """Return the devices in the order in which the sweep that begins now asks them."""
        available = {each: state.available for each, state in self.data.items()}
        since, self._swept_from = self._swept_from, self._reads_begun
        return sweep_order(available, self._asked, since)

    def _availability(self, device_id: str) -> bool | None:
        """Return whether the last reading of a device succeeded, None where it's gone."""
        state = self.data.get(device_id)
        return None if state is None else state.available

    async def async_read_device(
        self,
        device_id: str,
        lane: Lane,
        *,
        tries: int = _TRIES,
        forgive: Callable[[], bool] = lambda: False,
    ) -> None:
        """Read the ports of one device, and tell its listeners if anything changed.

        Of readings that overlap, the one that was begun last counts.

        Args:
            device_id: UUID.
            lane: who waits.
            tries: how often it is asked where the service fails.
            forgive: called where that fails; returns whether the device is not marked yet.

        Raises:
            AmnimoError: they could not be read; unless it's the credentials that were
                refused, the device is marked so.

        """
        state = self.data.get(device_id)
        if state is None:
            return
        self._reads_begun += 1
        begun = self._asked[device_id] = self._reads_begun
        try:
            ports = await self.client.ports(
                state.subscription_id, device_id, tries=tries, lane=lane
            )
        except AmnimoAuthError:
            raise
        except AmnimoError:
            if not forgive():
                self._take(device_id, begun, None)
            raise
        self._take(device_id, begun, {port.id: port for port in ports})

    @callback
    def _take(
        self, device_id: str, begun: int, ports: Mapping[str, Port] | None
    ) -> None:
        """Keep a reading of a device, None for one that failed, and tell whom it concerns."""
        before = self.data.get(device_id)
        if before is None or begun < self._newest_read.get(device_id, 0):
            return
        self._newest_read[device_id] = begun
        after = (
            replace(before, available=False) if ports is None else before.read(ports)
        )
        if after == before:
            return
        self.data[device_id] = after
        self._changed.update(changed_device_contexts(before, after))
        if before.parts != after.parts:
            self._restructured.add(device_id)
        if self._told_success is not None:
            self.async_update_listeners()
        for reader in list(self._readers):
            reader(device_id)

    def state_of(self, device_id: str) -> DeviceState | None:
        """Return the state of a device, also of one that is missed."""
        return self.data.get(device_id) or self._missed.get(device_id)

    def is_missed(self, device_id: str) -> bool:
        """Return whether a device is listed no more, and not known to be gone."""
        return device_id in self._missed

    @callback
    def async_forget(self, device_id: str) -> None:
        """Take note that a device which is listed no more is gone."""
        self._missed.pop(device_id, None)

    def is_listed(self, device_id: str) -> bool:
        """Return whether the last listing of the devices of its tenant held a device."""
        state = self.data.get(device_id)
        return state is not None and self.answers.get(state.subscription_id) is None

    def port(self, device_id: str, port_id: str) -> Port | None:
        """Return a port as it was last read."""
        state = self.data.get(device_id)
        if state is None or state.ports is None:
            return None
        return state.ports.get(port_id)


def _log_unfinished_sweep(sweep: asyncio.Task[None]) -> None:
    """Say why a first sweep ended early; the next one tries again."""
    if not sweep.cancelled() and (err := sweep.exception()) is not None:
        _LOGGER.debug("The first sweep ended early: %s", err)
