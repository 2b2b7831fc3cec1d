"""What the cloud says about cameras and ports, asked for at intervals.

Both coordinators call only the listeners whose context changed: with thousands of entities,
writing all of them after each poll would block the event loop. A context is the vendor's
identifier of a camera or a device, or one of LISTED and PORTS_FOUND. A part that could not be fetched keeps what was known of it
and is marked as failed; the rest goes on.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
import logging
from typing import override

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from .api import (
    AmnimoAuthError,
    AmnimoClient,
    AmnimoConnectionError,
    AmnimoError,
    Camera,
    Device,
    Lane,
    Port,
    PortKind,
    Tenant,
)
from .const import (
    CONF_ACCOUNT_ID,
    CONF_CAMERA_INTERVAL,
    CONF_TENANTS,
    DEFAULT_CAMERA_INTERVAL,
)
from .errors import update_failed
from .runtime import AmnimoConfigEntry

_LOGGER = logging.getLogger(__name__)

LISTED = "listed"
"""Context of those who care which cameras or devices there are: after each listing."""
PORTS_FOUND = "ports_found"
"""Context of those who care which ports there are, and what they measure: when that changes."""

type PortKey = tuple[str, str]
"""Device ID and port ID."""

_HIERARCHY_INTERVAL = 12 * 3600.0
_DEVICE_LIST_INTERVAL = 600.0
_SHORTEST_SWEEP_INTERVAL = 60.0
_SWEEP_RATE = 4.0
_SWEEP_WORKERS = 8
_FEW = 3
# A set-up that waited for a large fleet's ports would be taken for one that hangs.
_FIRST_SWEEP_WAIT = 8.0
_MOST_EXPIRATION = 10080
_SHORTEST_EXPIRATION = 60


@dataclass(frozen=True, slots=True)
class LocatedCamera:
    """A camera and the subscription of the tenant that it belongs to."""

    camera: Camera
    subscription_id: str


@dataclass(frozen=True, slots=True)
class CameraData:
    """The tenants of an account and their cameras."""

    tenants: Mapping[str, Tenant] = field(default_factory=dict)
    """The chosen ones, by subscription ID, parents first."""
    cameras: Mapping[str, LocatedCamera] = field(default_factory=dict)
    """By camera ID."""
    failed: frozenset[str] = frozenset()
    """Subscription IDs of the tenants whose last listing failed."""


@dataclass(frozen=True, slots=True)
class DeviceState:
    """A device with the state of its ports."""

    device: Device
    subscription_id: str
    ports: Mapping[str, Port] | None = None
    """By port ID; None until they were read for the first time."""
    available: bool = True
    """Whether the last reading succeeded."""


class SelectiveCoordinator[DataT](DataUpdateCoordinator[DataT]):
    """A coordinator that tells its listeners only what concerns them."""

    config_entry: AmnimoConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: AmnimoConfigEntry,
        client: AmnimoClient,
        name: str,
        interval: float,
    ) -> None:
        """Take the client and how often, in seconds, it is asked."""
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=name,
            update_interval=timedelta(seconds=interval),
        )
        self.client = client
        self._changed: set[str] = set()
        self._told_success: bool | None = None

    @override
    @callback
    def async_update_listeners(self) -> None:
        """Call the listeners whose context changed.

        When all data became available or unavailable at once, that concerns everybody.
        """
        changed, self._changed = self._changed, set()
        everybody = self._told_success is not self.last_update_success
        self._told_success = self.last_update_success
        for update, context in list(self._listeners.values()):
            if everybody or context in changed:
                try:
                    update()
                except Exception:
                    _LOGGER.exception("A listener for %s failed", self.name)

    @callback
    def async_tell(self, *contexts: str) -> None:
        """Call the listeners of some contexts, though the data is as it was."""
        self._changed.update(contexts)
        self.async_update_listeners()


class CameraCoordinator(SelectiveCoordinator[CameraData]):
    """The tenants of an account and all their cameras, one listing a tenant a poll."""

    def __init__(
        self, hass: HomeAssistant, entry: AmnimoConfigEntry, client: AmnimoClient
    ) -> None:
        """Take the interval and the choice of tenants from the entry's options."""
        interval = entry.options.get(CONF_CAMERA_INTERVAL, DEFAULT_CAMERA_INTERVAL)
        super().__init__(hass, entry, client, "camera", interval)
        # Thumbnail URLs must outlive the time until the next poll brings new ones.
        self._expiration = min(
            max(_SHORTEST_EXPIRATION, 2 * interval // 60), _MOST_EXPIRATION
        )
        self.data = CameraData()
        self.root: Tenant | None = None
        self._hierarchy_due = 0.0
        self._doubted: set[str] = set()
        self.hierarchy_answers = 0
        """Times that the service told the tenants."""
        self.listings: Counter[str] = Counter()
        """Times that a tenant's cameras could be listed, by subscription ID."""

    @override
    async def _async_update_data(self) -> CameraData:
        try:
            tenants = await self._async_tenants()
        except AmnimoError as err:
            raise update_failed(err) from err
        listings = await self._async_list_cameras(tenants)
        data = self._merge(tenants, listings)
        self.listings.update(tenants.keys() - data.failed)
        self._changed |= {LISTED, *_changed_cameras(self.data, data)}
        return data

    async def _async_tenants(self) -> dict[str, Tenant]:
        """Return the chosen tenants; the hierarchy is asked for twice a day."""
        if self.root is None or self.hass.loop.time() >= self._hierarchy_due:
            account_id = self.config_entry.data[CONF_ACCOUNT_ID]
            try:
                self.root = await self.client.hierarchy(account_id)
            except AmnimoError as err:
                if self.root is None or isinstance(err, AmnimoAuthError):
                    raise
                _LOGGER.debug("The tenants of yesterday have to do: %s", err)
            else:
                self._hierarchy_due = self.hass.loop.time() + _HIERARCHY_INTERVAL
                self.hierarchy_answers += 1
        chosen = set(self.config_entry.options.get(CONF_TENANTS, ()))
        told = {
            tenant.subscription_id: tenant
            for tenant in self.root.walk()
            if tenant.subscription_id is not None
            and (not chosen or tenant.subscription_id in chosen)
        }
        return {**told, **self._doubtfully_gone(told)}

    def _doubtfully_gone(self, told: Mapping[str, Tenant]) -> dict[str, Tenant]:
        """Return the tenants that one answer lacked; two in a row make it true.

        The answer is asked for again at the next poll.
        """
        gone = self.data.tenants.keys() - told.keys()
        doubted, self._doubted = self._doubted, gone
        if gone - doubted:
            self.ask_hierarchy_again()
        return {
            subscription_id: self.data.tenants[subscription_id]
            for subscription_id in gone - doubted
        }

    def ask_hierarchy_again(self) -> None:
        """Ask for the tenants at the next poll."""
        self._hierarchy_due = 0.0

    async def _async_list_cameras(
        self, tenants: Iterable[str]
    ) -> dict[str, tuple[Camera, ...] | None]:
        """Return the cameras by tenant, None for a tenant whose listing failed.

        Raises:
            UpdateFailed: where all listings failed.
            ConfigEntryAuthFailed: where the credentials are no longer good.

        """
        listings: dict[str, tuple[Camera, ...] | None] = {}
        errors: list[AmnimoError] = []

        async def list_cameras(subscription_id: str) -> None:
            try:
                listings[subscription_id] = await self.client.cameras(
                    subscription_id, expiration=self._expiration
                )
            except AmnimoError as err:
                listings[subscription_id] = None
                errors.append(err)

        await asyncio.gather(*map(list_cameras, tenants))
        for err in errors:
            if isinstance(err, AmnimoAuthError) or len(errors) == len(listings):
                raise update_failed(err) from err
        for err in errors:
            _LOGGER.debug("A tenant's cameras could not be listed: %s", err)
        return listings

    def _merge(
        self,
        tenants: Mapping[str, Tenant],
        listings: Mapping[str, tuple[Camera, ...] | None],
    ) -> CameraData:
        """Return what is known now.

        A camera that its tenant's listing lacks is dropped, one whose listing failed is kept
        as it was.
        """
        cameras = {
            camera.id: LocatedCamera(camera, subscription_id)
            for subscription_id, listed in listings.items()
            for camera in listed or ()
        }
        for camera_id, known in self.data.cameras.items():
            if listings.get(known.subscription_id, ()) is None:
                cameras.setdefault(camera_id, known)
        return CameraData(
            tenants=tenants,
            cameras=cameras,
            failed=frozenset(
                subscription_id
                for subscription_id, listed in listings.items()
                if listed is None
            ),
        )

    @callback
    def locate(self, camera_id: str) -> LocatedCamera | None:
        """Return a camera of the last poll."""
        return self.data.cameras.get(camera_id)

    @callback
    def subscription_of(self, camera_id: str) -> str | None:
        """Return the subscription ID of a camera's tenant, None where it is gone."""
        located = self.locate(camera_id)
        return located.subscription_id if located else None


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
        self.listings: Counter[str] = Counter()
        """Times that a tenant's devices could be listed, by subscription ID."""
        self._first_sweep: asyncio.Task[None] | None = None

    @override
    async def _async_update_data(self) -> dict[str, DeviceState]:
        if self.hass.loop.time() >= self._list_due:
            await self._async_list_devices()
        seconds = max(_SHORTEST_SWEEP_INTERVAL, len(self.data) / _SWEEP_RATE)
        self.update_interval = timedelta(seconds=seconds)
        try:
            if self._first_sweep is None:
                await self._async_begin_first_sweep()
            elif self._first_sweep.done():
                await self._async_sweep()
        except AmnimoError as err:
            raise update_failed(err) from err
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

    async def _async_list_devices(self) -> None:
        """Bring the known devices in step with the listings of all tenants."""
        listed: dict[str, DeviceState] = {}
        errors: list[AmnimoError] = []
        failed: set[str] = set()

        async def list_devices(subscription_id: str) -> None:
            try:
                devices = await self.client.devices(subscription_id)
            except AmnimoError as err:
                errors.append(err)
                failed.add(subscription_id)
            else:
                for device in devices:
                    listed[device.id] = DeviceState(device, subscription_id)

        tenants = self._cameras.data.tenants
        await asyncio.gather(*map(list_devices, tenants))
        for err in errors:
            _LOGGER.debug("A tenant's devices could not be listed: %s", err)
            nothing_known = not self.data and len(errors) == len(tenants)
            if isinstance(err, AmnimoAuthError) or nothing_known:
                raise update_failed(err) from err
        self._list_due = self.hass.loop.time() + (
            _SHORTEST_SWEEP_INTERVAL if failed else _DEVICE_LIST_INTERVAL
        )
        self.listings.update(tenants.keys() - failed)
        self._take_listed(listed, failed)

    def _take_listed(self, listed: Mapping[str, DeviceState], failed: set[str]) -> None:
        """Add, update and drop devices, keeping the ports that are known."""
        known, self.data = self.data, {}
        for device_id, state in listed.items():
            before = known.get(device_id)
            if before is not None:
                self.data[device_id] = replace(
                    before, device=state.device, subscription_id=state.subscription_id
                )
            else:
                self.data[device_id] = state
        for device_id, state in known.items():
            if state.subscription_id in failed:
                self.data.setdefault(device_id, state)
        self._changed.add(LISTED)
        if known.keys() - self.data.keys():
            self._changed.add(PORTS_FOUND)
        self._changed |= {
            device_id
            for device_id in known.keys() | self.data.keys()
            if known.get(device_id) != self.data.get(device_id)
        }

    async def _async_sweep(self) -> None:
        """Read the ports of all devices, some at a time.

        When the first few can't be reached, the service can't be, and the rest is left for
        the next time.

        Raises:
            AmnimoError: the service can't be reached at all, or refuses the credentials.

        """
        queue = list(self.data)
        queue.reverse()
        outages: list[AmnimoError] = []
        refusals: list[AmnimoError] = []
        succeeded = False

        async def work() -> None:
            nonlocal succeeded
            while queue and not refusals and (succeeded or len(outages) < _FEW):
                try:
                    await self.async_read_device(queue.pop(), Lane.POLL)
                except AmnimoAuthError as err:
                    refusals.append(err)
                except AmnimoError as err:
                    _LOGGER.debug("A device's ports could not be read: %s", err)
                    if isinstance(err, AmnimoConnectionError):
                        outages.append(err)
                else:
                    succeeded = True

        await asyncio.gather(*(work() for _ in range(_SWEEP_WORKERS)))
        for err in refusals or (outages if not succeeded else []):
            raise err

    async def async_read_device(self, device_id: str, lane: Lane) -> None:
        """Read the ports of one device, and tell its listeners if anything changed.

        Raises:
            AmnimoError: they could not be read; unless it's the credentials that were
                refused, the device is marked so.

        """
        state = self.data.get(device_id)
        if state is None:
            return
        try:
            ports = await self.client.ports(state.subscription_id, device_id, lane=lane)
        except AmnimoAuthError:
            raise
        except AmnimoError:
            self._take(device_id, available=False)
            raise
        self._take(device_id, {port.id: port for port in ports})

    @callback
    def _take(
        self,
        device_id: str,
        ports: Mapping[str, Port] | None = None,
        *,
        available: bool = True,
    ) -> None:
        """Keep a reading of a device, and tell those whom it concerns."""
        before = self.data.get(device_id)
        if before is None:
            return
        after = replace(
            before, ports=before.ports if ports is None else ports, available=available
        )
        if after != before:
            self.data[device_id] = after
            self._changed.add(device_id)
            if _abilities(before) != _abilities(after):
                self._changed.add(PORTS_FOUND)
            if self._told_success is not None:
                self.async_update_listeners()

    def port(self, device_id: str, port_id: str) -> Port | None:
        """Return a port as it was last read."""
        state = self.data.get(device_id)
        if state is None or state.ports is None:
            return None
        return state.ports.get(port_id)


def thumbnail_context(camera_id: str) -> str:
    """Return the context of those who care for the picture of a camera."""
    return f"{camera_id}/thumbnail"


def _changed_cameras(before: CameraData, after: CameraData) -> set[str]:
    """Return the contexts of the cameras that are not as they were.

    Nor are those whose tenant became reachable or unreachable.
    """
    turned = before.failed ^ after.failed
    changed = before.cameras.keys() - after.cameras.keys()
    pictured: set[str] = set()
    for camera_id, located in after.cameras.items():
        known = before.cameras.get(camera_id)
        if known == located and located.subscription_id not in turned:
            continue
        pictured.add(camera_id)
        if located.subscription_id in turned or not _only_picture(known, located):
            changed.add(camera_id)
    return changed | {thumbnail_context(camera_id) for camera_id in changed | pictured}


def _only_picture(before: LocatedCamera | None, after: LocatedCamera) -> bool:
    """Return whether nothing but its picture differs; each minute brings a new one."""
    if before is None or before.subscription_id != after.subscription_id:
        return False
    return replace(before.camera, thumbnail=after.camera.thumbnail) == after.camera


def _abilities(state: DeviceState) -> set[tuple[str, PortKind, bool, bool]]:
    """Return what the ports of a device are good for."""
    return {
        (port.id, port.kind, port.power is not None, port.voltage is not None)
        for port in (state.ports or {}).values()
    }


def _log_unfinished_sweep(sweep: asyncio.Task[None]) -> None:
    """Say why a first sweep ended early; the next one tries again."""
    if not sweep.cancelled() and (err := sweep.exception()) is not None:
        _LOGGER.debug("The first sweep ended early: %s", err)
