"""The devices of an entry in Home Assistant's registry, in step with the cloud.

Account > tenant (where there are several) > edge device > camera. Parents are registered before
what hangs on them, and names follow the cloud. What the cloud no longer lists is removed, but
only when all tenants, told anew, have listed what they have once more: neither one bad answer nor
a move to another tenant must cost a user's settings.

What a poll changes costs work, what it leaves costs none; much work is done in turns with others.
The platforms are told here what they may find entities for, once its device is registered.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Set as AbstractSet
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
import logging
from typing import Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.entity import Entity

from .api import AmnimoRefusedError, Tenant
from .const import CONF_ACCOUNT_ID, DOMAIN, MANUFACTURER
from .coordinator import LISTED, CameraCoordinator, LocatedCamera, PortCoordinator
from .runtime import AmnimoConfigEntry

_LOGGER = logging.getLogger(__name__)

DEVICES_A_TURN: Final = 20
"""How many devices are seen to before others have their turn: some milliseconds' worth."""

_TIMES_TO_BE_SURE = 2
_WAIT_FOR_PERMISSION = 24 * 3600.0

type Finder = Callable[[AbstractSet[str]], None]
"""Takes identifiers of cameras and edge devices that are new, gone, or have other parts."""


@dataclass(frozen=True, slots=True)
class _Listings:
    """What the tenants had answered a coordinator, at a moment."""

    complete: Counter[str]
    refused: frozenset[str]

    @classmethod
    def so_far(cls, coordinator: CameraCoordinator | PortCoordinator) -> _Listings:
        """Return what they have answered so far."""
        return cls(
            Counter(coordinator.listings),
            frozenset(filter(partial(_is_refused, coordinator), coordinator.answers)),
        )


@dataclass(frozen=True, slots=True)
class _Absence:
    """What the service had been asked when a device was first missed."""

    hierarchy_answers: int
    cameras: _Listings
    devices: _Listings
    since: float = field(compare=False)


class DeviceTree:
    """Registers and removes the devices of one entry."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: AmnimoConfigEntry,
        cameras: CameraCoordinator,
        ports: PortCoordinator,
    ) -> None:
        """Take the coordinators that know what there is."""
        self._hass = hass
        self._entry = entry
        self._cameras = cameras
        self._ports = ports
        self._registry = dr.async_get(hass)
        self._registered: dict[str, tuple[object, ...]] = {}
        self._ids: dict[str, str] = {}
        self._subscriptions: dict[str, str] = {}
        self._absent: dict[str, _Absence] = {}
        self._tenants: frozenset[str] = frozenset()
        # So that they are not looked at for each device of a sweep.
        self._told_by: tuple[Tenant | None, Mapping[str, Tenant] | None] = (None, None)
        self._edge_of: dict[str, str] = {}
        self._cameras_of: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._pending: dict[str, None] = {}
        self._working: asyncio.Task[None] | None = None
        self._finders: list[Finder] = []
        self._provided: defaultdict[str, set[tuple[str, str | None]]] = defaultdict(set)
        self._unchecked: set[str] = set()

    async def async_follow(self) -> None:
        """Register what there is now, and keep in step from here on."""
        for coordinator in (self._cameras, self._ports):
            self._entry.async_on_unload(coordinator.async_follow(self._see_to))
            self._entry.async_on_unload(
                coordinator.async_add_listener(self._look_round, LISTED)
            )
        now = (*self._ports.data, *self._cameras.data.cameras, *self._own_devices())
        self._see_to(now)
        if self._working is not None:
            await self._working

    @callback
    def async_add_finder(self, finder: Finder) -> CALLBACK_TYPE:
        """Tell a platform of what is registered, removed or has other parts from now on."""
        self._finders.append(finder)
        return lambda: self._finders.remove(finder)

    @callback
    def async_provide(
        self, identifier: str, platform: Platform, entities: Iterable[Entity]
    ) -> None:
        """Take note of entities that a device has, those included that are disabled.

        That is needed until it is known what is left over on the device.
        """
        if identifier in self._unchecked:
            self._provided[identifier].update(
                (platform, each.unique_id) for each in entities
            )

    @callback
    def async_withdraw(
        self, platform: Platform, unique_ids: Iterable[str | None]
    ) -> None:
        """Remove entities from the registry: what they showed is gone."""
        registry = er.async_get(self._hass)
        for unique_id in unique_ids:
            assert unique_id is not None
            entity_id = registry.async_get_entity_id(platform, DOMAIN, unique_id)
            if entity_id is not None:
                registry.async_remove(entity_id)

    @callback
    def async_is_registered(self, identifier: str) -> bool:
        """Return whether a camera or an edge device is in the registry."""
        return identifier in self._ids

    @callback
    def async_device(self, identifier: str) -> dr.AnyDeviceEntry | None:
        """Return what stands for a camera or an edge device, None where nothing does (yet)."""
        device_id = self._ids.get(identifier)
        return self._registry.async_get(device_id) if device_id else None

    @callback
    def async_let_go(self, identifier: str) -> bool:
        """Return whether a user may delete a device: the cloud does not list it any more.

        Should it come back, it is registered anew with all its entities.
        """
        if self._is_listed(identifier):
            return False
        self._forget(identifier)
        self._hass.loop.call_soon(self._tell_finders, {identifier})
        return True

    @callback
    def _look_round(self) -> None:
        """See what a listing says of what was missed before it, and of what is left over."""
        due = filter(self._is_due_for_check, self._unchecked)
        self._see_to({*self._absent, *due})

    @callback
    def _see_to(self, identifiers: Iterable[str]) -> None:
        """Bring some devices in step: a few at once, many by and by."""
        self._pending.update(dict.fromkeys(identifiers))
        self._register_account_and_tenants()
        if self._working is not None:
            return
        if len(self._pending) <= DEVICES_A_TURN:
            while self._pending:
                self._tell_finders(self._take_turn())
            return
        self._working = self._entry.async_create_task(
            self._hass, self._async_work(), "amnimo device registry"
        )

    async def _async_work(self) -> None:
        """Bring devices in step, and let others have their turn in between."""
        try:
            while self._pending:
                seen_to = self._take_turn()
                await asyncio.sleep(0)
                for finder in list(self._finders):
                    _tell_finder(finder, seen_to)
                    await asyncio.sleep(0)
                self._remove_left_over(seen_to)
        finally:
            self._working = None

    def _tell_finders(self, identifiers: AbstractSet[str]) -> None:
        for finder in list(self._finders):
            _tell_finder(finder, identifiers)
        self._remove_left_over(identifiers)

    def _take_turn(self) -> set[str]:
        """Bring the first pending devices in step; return those with news for platforms."""
        turn = list(islice(self._pending, DEVICES_A_TURN))
        return {identifier for identifier in turn if self._bring_in_step(identifier)}

    def _bring_in_step(self, identifier: str) -> bool:
        """Register, update or remove a device; return whether entities may come or go."""
        self._pending.pop(identifier, None)
        located = self._cameras.data.cameras.get(identifier)
        self._hang(identifier, located.camera.device_id if located else None)
        if located is not None:
            self._register_camera(identifier, located)
        elif self._is_edge_device(identifier):
            self._register_edge_device(identifier)
            if self._ports.is_missed(identifier):
                # It's there for its cameras; its ports and equipment are missed.
                return self._miss(identifier)
        elif not self._is_listed(identifier):
            return self._miss(identifier)
        self._absent.pop(identifier, None)
        return True

    def _hang(self, camera_id: str, device_id: str | None) -> None:
        """Take note of the edge device that a camera hangs on, and see to the one before."""
        before = self._edge_of.pop(camera_id, None)
        if before is not None and before != device_id:
            del self._cameras_of[before][camera_id]
            self._pending[before] = None
        if device_id is not None:
            self._edge_of[camera_id] = device_id
            self._cameras_of[device_id][camera_id] = None

    def _register_account_and_tenants(self) -> None:
        root, tenants = self._cameras.root, self._cameras.data.tenants
        if root is self._told_by[0] and tenants is self._told_by[1]:
            return
        self._told_by = (root, tenants)
        self._register(
            self._account_id,
            name=root.account_name if root else self._entry.title,
            model="Account",
            entry_type=dr.DeviceEntryType.SERVICE,
        )
        shown = frozenset(tenants if len(tenants) > 1 else ())
        for subscription_id in shown:
            self._register(
                subscription_id,
                name=tenants[subscription_id].account_name,
                model="Tenant",
                entry_type=dr.DeviceEntryType.SERVICE,
                parent=self._account_id,
                subscription_id=subscription_id,
            )
        if shown != self._tenants:
            gone, self._tenants = self._tenants - shown, shown
            moved = (*gone, *self._ports.data, *self._cameras.data.cameras)
            self._pending.update(dict.fromkeys(moved))

    def _register_edge_device(self, device_id: str) -> None:
        state = self._ports.data.get(device_id)
        located = next(
            filter(None, map(self._cameras.locate, self._cameras_of[device_id])), None
        )
        somebody = state or located
        assert somebody is not None
        names = [state.device.name] if state else []
        models = [state.device.model] if state else []
        if located is not None:
            names.append(located.camera.device_name)
            models.append(located.camera.device_model)
        if device_id not in self._ids:
            self._unchecked.add(device_id)
        self._register(
            device_id,
            name=next(filter(None, names), device_id),
            model=next(filter(None, models), None),
            parent=self._tenant(somebody.subscription_id),
            subscription_id=somebody.subscription_id,
        )

    def _register_camera(self, camera_id: str, located: LocatedCamera) -> None:
        camera = located.camera
        if camera.device_id is not None:
            self._register_edge_device(camera.device_id)
            if not self._ports.is_missed(camera.device_id):
                self._absent.pop(camera.device_id, None)
        self._register(
            camera_id,
            name=camera.name,
            model=camera.model or "Camera",
            sw_version=camera.version,
            parent=camera.device_id or self._tenant(located.subscription_id),
            subscription_id=located.subscription_id,
        )

    def _register(
        self,
        identifier: str,
        *,
        name: str,
        model: str | None,
        sw_version: str | None = None,
        entry_type: dr.DeviceEntryType | None = None,
        parent: str | None = None,
        subscription_id: str | None = None,
    ) -> None:
        """Create or update a device, unless it is just so already."""
        if subscription_id is not None:
            self._subscriptions[identifier] = subscription_id
        wanted = (name, model, sw_version, parent and self._ids[parent])
        if self._registered.get(identifier) == wanted:
            return
        info = dr.DeviceInfo(
            identifiers={(DOMAIN, identifier)},
            manufacturer=MANUFACTURER,
            name=name,
            model=model,
            sw_version=sw_version,
            entry_type=entry_type,
        )
        if parent is not None:
            info["via_device_id"] = self._ids[parent]
        device = self._registry.async_get_or_create(
            config_entry_id=self._entry.entry_id, **info
        )
        self._ids[identifier] = device.id
        self._registered[identifier] = wanted

    def _miss(self, identifier: str) -> bool:
        """Remove what is certainly gone; return whether something was."""
        device = self._registry.async_get_device_by_identifier(
            (DOMAIN, identifier), self._entry.entry_id
        )
        if device is None:
            self._forget(identifier)
            return True
        if identifier not in self._absent:
            self._absent[identifier] = self._asked_so_far()
            # It may be in a tenant that is new, or its tenant is what is missing.
            self._cameras.ask_hierarchy_again()
            return False
        if not self._is_gone(identifier, device):
            return False
        if self._is_edge_device(identifier):
            self._ports.async_forget(identifier)
            del self._absent[identifier]
        else:
            self._forget(identifier)
            self._registry.async_remove_device(device.id)
        return True

    def _asked_so_far(self) -> _Absence:
        absence = _Absence(
            self._cameras.hierarchy_answers,
            _Listings.so_far(self._cameras),
            _Listings.so_far(self._ports),
            self._hass.loop.time(),
        )
        # What is missed at once, which may be much, shares one.
        last = next(reversed(self._absent.values()), None)
        return last if last is not None and last == absence else absence

    def _is_gone(self, identifier: str, device: dr.DeviceEntry) -> bool:
        """Return whether the service was asked for everything since a device was missed.

        It may have moved, also to a tenant that is new. So the tenants must have been told since
        then, and each must have listed what it has. One that refuses to can't keep for ever what
        it may not have: it's waited for for a day, for a move may come before the permission for
        where it goes to; and not at all where it refused before something was missed. The tenant
        that had the device is waited for as long as there is such a tenant: what can't be listed
        is not gone.
        """
        absence = self._absent[identifier]
        if self._cameras.hierarchy_answers == absence.hierarchy_answers:
            return False
        tenants = self._cameras.data.tenants
        asked: list[tuple[CameraCoordinator | PortCoordinator, _Listings]]
        asked = [(self._cameras, absence.cameras)]
        if self._has_ports(identifier, device):
            asked.append((self._ports, absence.devices))
        own = self._tenant_of(identifier, device)
        waited = self._hass.loop.time() - absence.since >= _WAIT_FOR_PERMISSION
        return all(
            coordinator.listings[each] > before.complete[each]
            or (
                each != own
                and _is_refused(coordinator, each)
                and (waited or each in before.refused)
            )
            for coordinator, before in asked
            for each in tenants
        )

    def _has_ports(self, identifier: str, device: dr.DeviceEntry) -> bool:
        """Return whether the listings of devices, too, tell whether a device is gone."""
        if self._ports.is_missed(identifier):
            return True
        entities = er.async_entries_for_device(
            er.async_get(self._hass), device.id, include_disabled_entities=True
        )
        return bool(entities) and all(
            entity.domain != Platform.CAMERA for entity in entities
        )

    def _tenant_of(self, identifier: str, device: dr.DeviceEntry) -> str | None:
        """Return the tenant that had a device when it was listed last, None for unknown.

        What is left over from before the start hangs on the one that had it then.
        """
        if identifier in self._subscriptions:
            return self._subscriptions[identifier]
        above: dr.DeviceEntry | None = device
        while above is not None:
            for domain, each in above.identifiers:
                if domain == DOMAIN and each in self._cameras.data.tenants:
                    return each
            via = above.via_device_id
            above = (
                self._registry.async_get(via, include_child_devices=False)
                if via
                else None
            )
        return None

    def _forget(self, identifier: str) -> None:
        """Register a device anew, should it ever come back."""
        for known in (self._registered, self._ids, self._subscriptions, self._absent):
            known.pop(identifier, None)
        self._provided.pop(identifier, None)
        self._unchecked.discard(identifier)
        self._ports.async_forget(identifier)

    def _is_due_for_check(self, device_id: str) -> bool:
        """Return whether enough is known of an edge device to tell what is left over on it."""
        listings = self._ports.listings
        if self._ports.is_missed(device_id) or (
            listings[self._subscriptions[device_id]] < _TIMES_TO_BE_SURE
        ):
            return False
        state = self._ports.data.get(device_id)
        if state is not None:
            return state.readings >= _TIMES_TO_BE_SURE
        # It's there for its cameras, and may have its ports in another tenant.
        return all(
            listings[each] >= _TIMES_TO_BE_SURE or _is_refused(self._ports, each)
            for each in self._cameras.data.tenants
        )

    def _remove_left_over(self, identifiers: AbstractSet[str]) -> None:
        """Remove entities of what was gone already when Home Assistant started."""
        if self._entry.state is not ConfigEntryState.LOADED:
            return
        registry = er.async_get(self._hass)
        for device_id in filter(
            self._is_due_for_check, self._unchecked.intersection(identifiers)
        ):
            self._unchecked.discard(device_id)
            provided = self._provided.pop(device_id, ())
            for entity in er.async_entries_for_device(
                registry, self._ids[device_id], include_disabled_entities=True
            ):
                provision = (entity.domain, entity.unique_id)
                if entity.platform == DOMAIN and provision not in provided:
                    registry.async_remove(entity.entity_id)

    def _own_devices(self) -> Iterator[str]:
        entry_id = self._entry.entry_id
        for device in dr.async_entries_for_config_entry(self._registry, entry_id):
            for domain, identifier in device.identifiers:
                if domain == DOMAIN:
                    yield identifier

    def _is_edge_device(self, identifier: str) -> bool:
        return identifier in self._ports.data or bool(self._cameras_of.get(identifier))

    def _is_listed(self, identifier: str) -> bool:
        return (
            identifier == self._account_id
            or identifier in self._tenants
            or identifier in self._cameras.data.cameras
            or self._is_edge_device(identifier)
        )

    def _tenant(self, subscription_id: str) -> str:
        """Return the identifier of the device that stands for a tenant."""
        shown = subscription_id in self._tenants
        return subscription_id if shown else self._account_id

    @property
    def _account_id(self) -> str:
        account_id: str = self._entry.data[CONF_ACCOUNT_ID]
        return account_id


def _tell_finder(finder: Finder, identifiers: AbstractSet[str]) -> None:
    if not identifiers:
        return
    try:
        finder(identifiers)
    except Exception:
        _LOGGER.exception("A platform failed to find its entities")


def _is_refused(
    coordinator: CameraCoordinator | PortCoordinator, subscription_id: str
) -> bool:
    """Return whether a tenant was refused when it was asked last, which has a reason."""
    return isinstance(
        coordinator.answers.get(subscription_id),
        AmnimoRefusedError,
    )
