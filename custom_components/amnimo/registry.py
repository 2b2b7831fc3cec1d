"""The devices of an entry in Home Assistant's registry, in step with the cloud.

Account > tenant (where there are several) > edge device > camera. Parents are registered before
what hangs on them, and names follow the cloud. What the cloud no longer lists is removed, but
only after two listings of its tenant without it: one bad answer must not cost a user's settings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .const import CONF_ACCOUNT_ID, DOMAIN, MANUFACTURER
from .coordinator import (
    LISTED,
    PORTS_FOUND,
    CameraCoordinator,
    LocatedCamera,
    PortCoordinator,
)
from .runtime import AmnimoConfigEntry


@dataclass(frozen=True, slots=True)
class _Absence:
    """How often the service had been asked when a device was first missed."""

    hierarchy_answers: int
    cameras: Counter[str]
    devices: Counter[str]


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

    @callback
    def async_follow(self) -> None:
        """Register what there is now, and keep in step from here on."""
        self.async_sync()
        for coordinator in (self._cameras, self._ports):
            self._entry.async_on_unload(
                coordinator.async_add_listener(self.async_sync, LISTED)
            )

    @callback
    def async_sync(self) -> None:
        """Bring the registry in step with the coordinators."""
        self._register_account_and_tenants()
        self._register_edge_devices()
        for camera_id, located in self._cameras.data.cameras.items():
            self._register_camera(camera_id, located)
        self._remove_gone()

    @callback
    def async_let_go(self, identifier: str) -> bool:
        """Return whether a user may delete a device: the cloud does not list it any more.

        Should it come back, it is registered anew with all its entities.
        """
        if identifier in self._listed():
            return False
        self._forget(identifier)
        self._hass.loop.call_soon(self._tell_removal)
        return True

    def _register_account_and_tenants(self) -> None:
        root = self._cameras.root
        self._register(
            self._account_id,
            name=root.account_name if root else self._entry.title,
            model="Account",
            entry_type=dr.DeviceEntryType.SERVICE,
        )
        for subscription_id in self._shown_tenants():
            tenant = self._cameras.data.tenants[subscription_id]
            self._register(
                subscription_id,
                name=tenant.account_name,
                model="Tenant",
                entry_type=dr.DeviceEntryType.SERVICE,
                parent=self._account_id,
                subscription_id=subscription_id,
            )

    def _register_edge_devices(self) -> None:
        cameras = self._first_cameras()
        for device_id, state in self._ports.data.items():
            located = cameras.get(device_id)
            named = located.camera.device_name if located else None
            model = located.camera.device_model if located else None
            self._register(
                device_id,
                name=state.device.name or named or device_id,
                model=state.device.model or model,
                parent=self._tenant(state.subscription_id),
                subscription_id=state.subscription_id,
            )
        for device_id, located in cameras.items():
            if device_id not in self._ports.data:
                self._register(
                    device_id,
                    name=located.camera.device_name or device_id,
                    model=located.camera.device_model,
                    parent=self._tenant(located.subscription_id),
                    subscription_id=located.subscription_id,
                )

    def _register_camera(self, camera_id: str, located: LocatedCamera) -> None:
        camera = located.camera
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

    def _remove_gone(self) -> None:
        """Remove what two listings of its tenant in a row did not hold."""
        listed = self._listed()
        removed = False
        for identifier, device in list(self._own_devices()):
            if identifier in listed:
                self._absent.pop(identifier, None)
            elif identifier not in self._absent:
                self._absent[identifier] = self._asked_so_far()
                if identifier not in self._subscriptions:
                    # Left over from before the start: its tenant may be what is missing.
                    self._cameras.ask_hierarchy_again()
            elif self._is_gone(identifier, device):
                self._forget(identifier)
                self._registry.async_remove_device(device.id)
                removed = True
        if removed:
            self._tell_removal()

    def _asked_so_far(self) -> _Absence:
        return _Absence(
            self._cameras.hierarchy_answers,
            Counter(self._cameras.listings),
            Counter(self._ports.listings),
        )

    def _is_gone(self, identifier: str, device: dr.DeviceEntry) -> bool:
        """Return whether the service was asked again since a device was missed.

        Where it is not known which tenant had it, all of them must have been.
        """
        before = self._absent[identifier]
        tenants = self._cameras.data.tenants.keys()
        own = self._subscriptions.get(identifier)
        if own is None and self._cameras.hierarchy_answers == before.hierarchy_answers:
            return False
        asked = {own} if own in tenants else tenants
        of_devices = device.entry_type is None and not self._is_camera(device)
        return all(
            self._cameras.listings[each] > before.cameras[each]
            and (not of_devices or self._ports.listings[each] > before.devices[each])
            for each in asked
        )

    def _forget(self, identifier: str) -> None:
        """Register a device anew, should it ever come back."""
        for known in (self._registered, self._ids, self._subscriptions, self._absent):
            known.pop(identifier, None)

    @callback
    def _tell_removal(self) -> None:
        """Let the platforms see which of their entities went with a device."""
        self._cameras.async_tell(LISTED)
        self._ports.async_tell(LISTED, PORTS_FOUND)

    def _own_devices(self) -> Iterator[tuple[str, dr.DeviceEntry]]:
        entry_id = self._entry.entry_id
        for device in dr.async_entries_for_config_entry(self._registry, entry_id):
            for domain, identifier in device.identifiers:
                if domain == DOMAIN:
                    yield identifier, device

    def _is_camera(self, device: dr.DeviceEntry) -> bool:
        """Return whether a device that is listed no more was a camera."""
        entities = er.async_entries_for_device(
            er.async_get(self._hass), device.id, include_disabled_entities=True
        )
        return any(entity.domain == Platform.CAMERA for entity in entities)

    def _listed(self) -> set[str]:
        return {
            self._account_id,
            *self._shown_tenants(),
            *self._ports.data,
            *self._first_cameras(),
            *self._cameras.data.cameras,
        }

    def _shown_tenants(self) -> tuple[str, ...]:
        tenants = self._cameras.data.tenants
        return tuple(tenants) if len(tenants) > 1 else ()

    def _tenant(self, subscription_id: str) -> str:
        """Return the identifier of the device that stands for a tenant."""
        shown = subscription_id in self._shown_tenants()
        return subscription_id if shown else self._account_id

    @property
    def _account_id(self) -> str:
        account_id: str = self._entry.data[CONF_ACCOUNT_ID]
        return account_id

    def _first_cameras(self) -> dict[str, LocatedCamera]:
        """One camera for each edge device that cameras name."""
        found: dict[str, LocatedCamera] = {}
        for located in self._cameras.data.cameras.values():
            if located.camera.device_id is not None:
                found.setdefault(located.camera.device_id, located)
        return found
