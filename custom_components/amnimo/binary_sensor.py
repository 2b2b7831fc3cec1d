"""What is connected, what records, and what input ports say."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .api import Camera, ExternalDevice, PortKind
from .coordinator import CameraAspect, equipment_context
from .entity import (
    AmnimoCameraEntity,
    AmnimoDeviceEntity,
    AmnimoPortEntity,
    Belongings,
    async_add_for_cameras,
    async_add_for_devices,
    async_add_for_ports,
)
from .entity_budget import Importance
from .runtime import AmnimoConfigEntry

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class AmnimoCameraBinarySensorDescription(BinarySensorEntityDescription):
    """What a camera's binary sensor shows; None for unknown."""

    is_on_fn: Callable[[Camera], bool | None]
    aspect: CameraAspect
    importance: Importance
    """Decides whether a large account begins with it."""


CAMERA_DESCRIPTIONS = (
    AmnimoCameraBinarySensorDescription(
        key="connectivity",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
        aspect=CameraAspect.CONNECTIVITY,
        importance=Importance.STATE,
        is_on_fn=lambda camera: camera.online,
    ),
    AmnimoCameraBinarySensorDescription(
        key="recording",
        translation_key="recording",
        device_class=BinarySensorDeviceClass.RUNNING,
        aspect=CameraAspect.RECORDING,
        importance=Importance.EXTRA,
        is_on_fn=lambda camera: camera.recording,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AmnimoConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the binary sensors of cameras, input ports and external equipment."""
    await async_add_for_cameras(
        entry,
        lambda camera_id: [
            AmnimoCameraBinarySensor(entry, camera_id, description)
            for description in CAMERA_DESCRIPTIONS
        ],
        async_add_entities,
    )
    await async_add_for_ports(
        entry,
        Platform.BINARY_SENSOR,
        lambda port: port.kind is PortKind.INPUT,
        lambda port_key: AmnimoInputPort(entry, port_key),
        async_add_entities,
    )
    await async_add_for_devices(
        entry,
        Platform.BINARY_SENSOR,
        lambda state: Belongings(
            wanted=state.equipment.keys(),
            kept=state.equipment.keys() | state.missed_equipment.keys(),
        ),
        partial(AmnimoEquipmentConnectivity, entry),
        async_add_entities,
    )


class AmnimoCameraBinarySensor(AmnimoCameraEntity, BinarySensorEntity):
    """A state of a camera."""

    entity_description: AmnimoCameraBinarySensorDescription

    def __init__(
        self,
        entry: AmnimoConfigEntry,
        camera_id: str,
        description: AmnimoCameraBinarySensorDescription,
    ) -> None:
        """Take the camera's identifier and what to show of it."""
        super().__init__(
            entry,
            camera_id,
            description.key,
            aspect=description.aspect,
            importance=description.importance,
        )
        self.entity_description = description

    @property
    @override
    def is_on(self) -> bool | None:
        """Whether the camera is in the state, None for unknown."""
        camera = self.amnimo_camera
        return self.entity_description.is_on_fn(camera) if camera else None


class AmnimoInputPort(AmnimoPortEntity, BinarySensorEntity):
    """A digital input of an edge device."""

    _attr_translation_key = "input_port"

    @property
    @override
    def is_on(self) -> bool | None:
        """Whether the input is active, None for unknown."""
        return self.port.on if self.port else None


class AmnimoEquipmentConnectivity(AmnimoDeviceEntity, BinarySensorEntity):
    """Whether external equipment behind an edge device is connected."""

    _attr_translation_key = "external_device"
    _attr_device_class = BinarySensorDeviceClass.CONNECTIVITY
    _attr_entity_category = EntityCategory.DIAGNOSTIC

    def __init__(
        self, entry: AmnimoConfigEntry, device_id: str, equipment_id: str
    ) -> None:
        """Take the device and the equipment behind it."""
        super().__init__(
            entry,
            device_id,
            f"external_{equipment_id}",
            equipment_context(device_id, equipment_id),
        )
        self._equipment_id = equipment_id
        self._update_name()

    @property
    def equipment(self) -> ExternalDevice | None:
        """The equipment as it was last listed, None where it is gone."""
        state = self.device_state
        return state.equipment.get(self._equipment_id) if state else None

    @property
    @override
    def available(self) -> bool:
        """Whether the last listing of the tenant's devices held the equipment."""
        return (
            super().available
            and self.equipment is not None
            and self.coordinator.is_listed(self._device_id)
        )

    @property
    @override
    def is_on(self) -> bool | None:
        """Whether the equipment is connected, None for unknown."""
        return self.equipment.online if self.equipment else None

    @override
    def _name_placeholders(self) -> dict[str, str] | None:
        return {"name": self.equipment.name} if self.equipment else None
