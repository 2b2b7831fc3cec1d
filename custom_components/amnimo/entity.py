"""What all entities of a camera, and all of a port, have in common.

An entity belongs to something of the vendor's: its unique ID is built from the vendor's
identifiers, its device is registered by `registry`, and it is written when the coordinator says
that this very thing changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set as AbstractSet
from typing import Any, override

from homeassistant.core import callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from . import const
from .api import Camera, Device, Port
from .const import DOMAIN
from .coordinator import (
    LISTED,
    PORTS_FOUND,
    CameraCoordinator,
    DeviceState,
    LocatedCamera,
    PortCoordinator,
    PortKey,
    SelectiveCoordinator,
)
from .runtime import AmnimoConfigEntry


class AmnimoCameraEntity(CoordinatorEntity[CameraCoordinator]):
    """An entity of a camera."""

    _attr_has_entity_name = True

    def __init__(
        self,
        entry: AmnimoConfigEntry,
        camera_id: str,
        key: str | None = None,
        *,
        context: str | None = None,
        dispensable: bool = False,
    ) -> None:
        """Take the camera, and what tells its entities apart.

        Args:
            entry: of the account.
            camera_id: UUID.
            key: what the entity shows; None for the camera itself.
            context: of the coordinator, where it is not the camera's ID.
            dispensable: whether a large fleet does without the entity until it is enabled.

        """
        super().__init__(entry.runtime_data.cameras, context or camera_id)
        self._runtime = entry.runtime_data
        self.camera_id = camera_id
        self._attr_unique_id = f"{camera_id}_{key}" if key else camera_id
        self._attr_device_info = dr.DeviceInfo(identifiers={(DOMAIN, camera_id)})
        # Home Assistant takes 10,000 enabled entities of an entry, and no more.
        fleet = len(self.coordinator.data.cameras)
        if dispensable and fleet > const.LARGE_FLEET:
            self._attr_entity_registry_enabled_default = False

    @property
    def located(self) -> LocatedCamera | None:
        """The camera and its tenant, None where it is gone."""
        return self.coordinator.locate(self.camera_id)

    @property
    def amnimo_camera(self) -> Camera | None:
        """The camera as the cloud knows it, None where it is gone."""
        return self.located.camera if self.located else None

    @property
    @override
    def available(self) -> bool:
        """Whether the last listing of the tenant held the camera."""
        located = self.located
        return (
            super().available
            and located is not None
            and located.subscription_id not in self.coordinator.data.failed
        )


class AmnimoDeviceEntity(CoordinatorEntity[PortCoordinator]):
    """An entity of an edge device: of one of its ports, or of equipment behind it."""

    _attr_has_entity_name = True

    def __init__(self, entry: AmnimoConfigEntry, device_id: str, key: str) -> None:
        """Take the device, and what tells its entities apart."""
        super().__init__(entry.runtime_data.ports, device_id)
        self._runtime = entry.runtime_data
        self._device_id = device_id
        self._attr_unique_id = f"{device_id}_{key}"
        self._attr_device_info = dr.DeviceInfo(identifiers={(DOMAIN, device_id)})

    @property
    def device_state(self) -> DeviceState | None:
        """The device with its ports, None where it is gone."""
        return self.coordinator.data.get(self._device_id)


class AmnimoPortEntity(AmnimoDeviceEntity):
    """An entity of a port."""

    def __init__(
        self, entry: AmnimoConfigEntry, port_key: PortKey, key: str | None = None
    ) -> None:
        """Take the port, and what tells its entities apart."""
        device_id, self._port_id = port_key
        unique = f"{self._port_id}_{key}" if key else self._port_id
        super().__init__(entry, device_id, unique)
        state = self.device_state
        if state is not None and self.port is not None:
            self._attr_translation_placeholders = {
                "port": port_label(state.device, self.port)
            }

    @property
    def port(self) -> Port | None:
        """The port as it was last read, None where it is gone."""
        return self.coordinator.port(self._device_id, self._port_id)

    @property
    @override
    def available(self) -> bool:
        """Whether the last reading of the device succeeded and held the port."""
        state = self.device_state
        return (
            super().available
            and state is not None
            and state.available
            and self.port is not None
        )


def port_label(device: Device, port: Port) -> str:
    """Return what a port is called: by its name and what hangs on it."""
    equipment = [
        each.name
        for each in device.external_devices
        if each.port_id is not None and each.port_id in (port.id, port.name)
    ]
    return " ".join([port.name, *equipment])


@callback
def async_add_for_cameras(
    entry: AmnimoConfigEntry,
    make: Callable[[str], Iterable[Entity]],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add what `make` returns for each camera ID, now and of what is found later."""
    cameras = entry.runtime_data.cameras

    def find() -> AbstractSet[str]:
        return cameras.data.cameras.keys()

    async_add_as_found(entry, cameras, LISTED, find, make, async_add_entities)


@callback
def async_add_for_ports(
    entry: AmnimoConfigEntry,
    wanted: Callable[[Port], bool],
    make: Callable[[PortKey], Iterable[Entity]],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add what `make` returns for each port of a kind, now and of what is found later."""
    ports = entry.runtime_data.ports

    def find() -> AbstractSet[PortKey]:
        return {
            (device_id, port.id)
            for device_id, state in ports.data.items()
            for port in (state.ports or {}).values()
            if wanted(port)
        }

    async_add_as_found(entry, ports, PORTS_FOUND, find, make, async_add_entities)


@callback
def async_add_as_found[KeyT: (str, PortKey)](
    entry: AmnimoConfigEntry,
    coordinator: SelectiveCoordinator[Any],
    context: str,
    find: Callable[[], AbstractSet[KeyT]],
    make: Callable[[KeyT], Iterable[Entity]],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the entities of all that there is now, and of what is found later.

    Args:
        entry: whose entities they are.
        coordinator: says when there may be more.
        context: of the coordinator, for that.
        find: returns the keys of all that there is: a camera or device, or a port.
        make: returns the entities of one key.
        async_add_entities: adds them.

    """
    registry = dr.async_get(coordinator.hass)
    known: set[KeyT] = set()

    def is_registered(key: KeyT) -> bool:
        identifier = key if isinstance(key, str) else key[0]
        return (
            registry.async_get_device_by_identifier(
                (DOMAIN, identifier), entry.entry_id
            )
            is not None
        )

    @callback
    def add_found() -> None:
        found = find()
        # What left the registry lost its entities, and gets new ones when it comes back.
        known.difference_update(
            [key for key in known - found if not is_registered(key)]
        )
        new = found - known
        known.update(new)
        if new:
            async_add_entities(entity for key in sorted(new) for entity in make(key))

    entry.async_on_unload(coordinator.async_add_listener(add_found, context))
    add_found()
