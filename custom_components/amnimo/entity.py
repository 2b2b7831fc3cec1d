"""What all entities of a camera, and all of a port, have in common.

An entity belongs to something of the vendor's: its unique ID is built from the vendor's
identifiers, and it is written when the coordinator says that this very thing changed. Its device
is registered by `registry` before there is an entity, and so is handed to it as it is: to describe
the device once more for each entity takes a fifth of the time in which an account is set up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Set as AbstractSet
from dataclasses import dataclass
from itertools import batched
from typing import override

from homeassistant.const import Platform
from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .api import Camera, Port
from .coordinator import (
    CameraAspect,
    CameraCoordinator,
    DeviceState,
    LocatedCamera,
    PortAspect,
    PortCoordinator,
    PortKey,
    camera_context,
    port_context,
    port_label,
)
from .entity_budget import Importance, has_room
from .runtime import AmnimoConfigEntry

_IDENTIFIERS_A_TURN = 20


class AmnimoCameraEntity(CoordinatorEntity[CameraCoordinator]):
    """An entity of a camera."""

    _attr_has_entity_name = True

    def __init__(
        self,
        entry: AmnimoConfigEntry,
        camera_id: str,
        key: str | None = None,
        *,
        aspect: CameraAspect | None = None,
        importance: Importance = Importance.ESSENTIAL,
    ) -> None:
        """Take the camera, and what tells its entities apart.

        Args:
            entry: of the account.
            camera_id: UUID.
            key: what the entity shows; None for the camera itself.
            aspect: the only one of the camera that the entity is written for.
            importance: decides whether a large account begins with the entity.

        """
        context = camera_context(camera_id, aspect) if aspect else camera_id
        super().__init__(entry.runtime_data.cameras, context)
        self._runtime = entry.runtime_data
        self.camera_id = camera_id
        self.device_entry = self._runtime.devices.async_device(camera_id)
        self._attr_unique_id = f"{camera_id}_{key}" if key else camera_id
        if not _has_room(entry, importance):
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

    def __init__(
        self,
        entry: AmnimoConfigEntry,
        device_id: str,
        key: str,
        context: str,
        *,
        importance: Importance = Importance.STATE,
    ) -> None:
        """Take the device, and what tells its entities apart.

        Args:
            entry: of the account.
            device_id: UUID.
            key: what the entity is of, and shows of it.
            context: of the coordinator.
            importance: decides whether a large account begins with the entity.

        """
        super().__init__(entry.runtime_data.ports, context)
        self._runtime = entry.runtime_data
        self._device_id = device_id
        self.device_entry = self._runtime.devices.async_device(device_id)
        self._attr_unique_id = f"{device_id}_{key}"
        if not _has_room(entry, importance):
            self._attr_entity_registry_enabled_default = False

    @property
    def device_state(self) -> DeviceState | None:
        """The device with its ports, None where it is gone."""
        return self.coordinator.data.get(self._device_id)

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._update_name()
        super()._handle_coordinator_update()

    def _update_name(self) -> None:
        """Let the name follow the cloud; what the user calls it has precedence anyway."""
        placeholders = self._name_placeholders()
        if placeholders is None:
            return
        if getattr(self, "_attr_translation_placeholders", None) != placeholders:
            self._attr_translation_placeholders = placeholders
            # The name is put together once, and kept.
            self.__dict__.pop("name", None)

    def _name_placeholders(self) -> dict[str, str] | None:
        """Return what the name is made of, None where that is gone."""
        raise NotImplementedError


class AmnimoPortEntity(AmnimoDeviceEntity):
    """An entity of a port."""

    def __init__(
        self,
        entry: AmnimoConfigEntry,
        port_key: PortKey,
        key: str | None = None,
        *,
        aspect: PortAspect | None = None,
        importance: Importance = Importance.STATE,
    ) -> None:
        """Take the port, and what tells its entities apart.

        Args:
            entry: of the account.
            port_key: the port.
            key: what the entity shows or does; None for the port itself.
            aspect: the only one of the port that the entity is written for.
            importance: decides whether a large account begins with the entity.

        """
        device_id, self._port_id = port_key
        unique = f"{self._port_id}_{key}" if key else self._port_id
        context = port_context(*port_key, aspect)
        super().__init__(entry, device_id, unique, context, importance=importance)
        self._update_name()

    @property
    def port(self) -> Port | None:
        """The port as it was last read, None where it is gone."""
        return self.coordinator.port(self._device_id, self._port_id)

    @property
    @override
    def available(self) -> bool:
        """Whether the last reading of the device succeeded and held the port as it was."""
        state = self.device_state
        return (
            super().available
            and state is not None
            and state.available
            and self.port is not None
            and self._port_id not in state.missed_ports
        )

    @override
    def _name_placeholders(self) -> dict[str, str] | None:
        state, port = self.device_state, self.port
        if state is None or port is None:
            return None
        return {"port": port_label(state.device, port)}


def _has_room(entry: AmnimoConfigEntry, importance: Importance) -> bool:
    """Return whether an entity of the account may be enabled at first."""
    runtime = entry.runtime_data
    registry = er.async_get(runtime.cameras.hass)
    return has_room(
        importance,
        cameras=len(runtime.cameras.data.cameras),
        devices=len(runtime.ports.data),
        enabled=registry.entities.get_enabled_count_for_config_entry_id(entry.entry_id),
    )


async def async_add_for_cameras(
    entry: AmnimoConfigEntry,
    make: Callable[[str], Iterable[Entity]],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add what `make` returns for each camera ID, now and of what is found later."""
    cameras = entry.runtime_data.cameras
    known: set[str] = set()

    def find(camera_ids: Iterable[str]) -> None:
        entities: list[Entity] = []
        for camera_id in camera_ids:
            if cameras.locate(camera_id) is None:
                # Its entities left with its device.
                known.discard(camera_id)
            elif (
                camera_id not in known
                and entry.runtime_data.devices.async_is_registered(camera_id)
            ):
                known.add(camera_id)
                entities += make(camera_id)
        if entities:
            async_add_entities(entities)

    entry.async_on_unload(entry.runtime_data.devices.async_add_finder(find))
    await _async_in_turns(find, sorted(cameras.data.cameras))


async def async_add_for_ports(
    entry: AmnimoConfigEntry,
    platform: Platform,
    wanted: Callable[[Port], bool],
    make: Callable[[PortKey], Entity],
    async_add_entities: AddConfigEntryEntitiesCallback,
    *,
    kept: Callable[[Port], bool] | None = None,
) -> None:
    """Add what `make` returns for each port of a kind, now and of what is found later.

    Args:
        entry: of the account.
        platform: of the entities.
        wanted: whether a port has the entity.
        make: returns the entity of a port.
        async_add_entities: adds them.
        kept: whether a port keeps the entity that it has; as `wanted` unless given.

    """
    keeps = kept or wanted

    def belong(state: DeviceState) -> Belongings:
        read, missed = state.ports or {}, state.missed_ports
        known = (*read.items(), *missed.items())
        return Belongings(
            wanted={
                port_id
                for port_id, port in read.items()
                if wanted(port) and port_id not in missed
            },
            kept={port_id for port_id, port in known if keeps(port)},
        )

    await async_add_for_devices(
        entry,
        platform,
        belong,
        lambda device_id, port_id: make((device_id, port_id)),
        async_add_entities,
    )


@dataclass(frozen=True, slots=True)
class Belongings:
    """What of an edge device has an entity of a kind, by the vendor's identifiers."""

    wanted: AbstractSet[str]
    """What there is."""
    kept: AbstractSet[str]
    """What has not been missing for so long that its entity is to be removed."""


async def async_add_for_devices(
    entry: AmnimoConfigEntry,
    platform: Platform,
    belong: Callable[[DeviceState], Belongings],
    make: Callable[[str, str], Entity],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the entities of what belongs to edge devices, and remove those of what is gone.

    Args:
        entry: of the account.
        platform: of the entities.
        belong: says what has an entity.
        make: returns the entity, given the device ID and the ID of what belongs to it.
        async_add_entities: adds them.

    """
    ports, devices = entry.runtime_data.ports, entry.runtime_data.devices
    # Not the entities themselves: Home Assistant forgets those that are disabled.
    known: dict[str, dict[str, str | None]] = {}

    def find(device_ids: Iterable[str]) -> None:
        entities: list[Entity] = []
        for device_id in device_ids:
            if not devices.async_is_registered(device_id):
                # Its entities left with it.
                known.pop(device_id, None)
                continue
            state = ports.state_of(device_id)
            if state is None and device_id not in known:
                continue
            belongings = belong(state) if state else Belongings(set(), set())
            unique_ids = known.setdefault(device_id, {})
            gone = unique_ids.keys() - belongings.kept
            devices.async_withdraw(platform, map(unique_ids.pop, gone))
            new = {
                each: make(device_id, each)
                for each in sorted(belongings.wanted - unique_ids.keys())
            }
            devices.async_provide(device_id, platform, new.values())
            unique_ids |= {each: entity.unique_id for each, entity in new.items()}
            entities += new.values()
        if entities:
            async_add_entities(entities)

    entry.async_on_unload(devices.async_add_finder(find))
    await _async_in_turns(find, sorted(ports.data))


async def _async_in_turns(
    find: Callable[[Iterable[str]], None], identifiers: Iterable[str]
) -> None:
    """Look at a few cameras or devices at a time, so that others have their turn in between."""
    for some in batched(identifiers, _IDENTIFIERS_A_TURN, strict=False):
        find(some)
        await asyncio.sleep(0)
