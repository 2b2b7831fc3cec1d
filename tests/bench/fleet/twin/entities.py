"""The entities of the twin, one class a platform, and the plain ones of what a camera shows."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final, override

from custom_components.amnimo.api import Camera as AmnimoCamera
from homeassistant.components.binary_sensor import BinarySensorEntity
from homeassistant.components.button import ButtonEntity
from homeassistant.components.camera import Camera, CameraEntityFeature
from homeassistant.components.event import EventEntity
from homeassistant.components.image import ImageEntity
from homeassistant.components.sensor import SensorEntity
from homeassistant.components.switch import SwitchEntity
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .coordinator import PlainCoordinator
from .inventory import DOMAIN, INVENTORY, EntityItem

type TwinEntry = ConfigEntry[PlainCoordinator | None]
type SetUp = Callable[
    [HomeAssistant, TwinEntry, AddConfigEntryEntitiesCallback], Awaitable[None]
]


class _Bare(Entity):
    """What all have in common."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def be(self, item: EntityItem) -> None:
        """Take what it is called, and where it belongs."""
        self._attr_unique_id = item.unique_id
        self._attr_name = item.name
        self._attr_device_info = dr.DeviceInfo(identifiers={(DOMAIN, item.device)})
        self._attr_entity_registry_enabled_default = item.enabled


class _BinarySensor(_Bare, BinarySensorEntity):
    _attr_is_on: bool | None = True


class _Button(_Bare, ButtonEntity):
    pass


class _Camera(_Bare, Camera):
    _attr_supported_features = CameraEntityFeature.STREAM
    _attr_brand = "amnimo"


class _Event(_Bare, EventEntity):
    _attr_event_types = ["clip_ready", "snapshot_ready", "media_failed"]


class _Image(_Bare, ImageEntity):
    _attr_image_last_updated: datetime | None = datetime(2026, 2, 2, tzinfo=UTC)


class _Sensor(_Bare, SensorEntity):
    _attr_native_value = 0


class _Switch(_Bare, SwitchEntity):
    _attr_is_on = True


class _Plain(CoordinatorEntity[PlainCoordinator], _Bare):
    """An entity of a camera that is written at each poll."""

    def follow(self, coordinator: PlainCoordinator, item: EntityItem) -> None:
        CoordinatorEntity.__init__(self, coordinator)
        self._camera_id = item.device
        self._update()

    @property
    @override
    def available(self) -> bool:
        """Whether the last listing held the camera."""
        return super().available and self._camera_id in self.coordinator.data

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._update()
        super()._handle_coordinator_update()

    def _update(self) -> None:
        if (camera := self.coordinator.data.get(self._camera_id)) is not None:
            self._take(camera)

    def _take(self, camera: AmnimoCamera) -> None:
        """Show what a listing says."""


class _PlainBinarySensor(_Plain, _BinarySensor):
    @override
    def _take(self, camera: AmnimoCamera) -> None:
        recording = str(self.unique_id).endswith("recording")
        self._attr_is_on = camera.recording if recording else camera.online


class _PlainCamera(_Plain, _Camera):
    @override
    def _take(self, camera: AmnimoCamera) -> None:
        self._attr_is_recording = bool(camera.recording)
        self._attr_model = camera.model


class _PlainEvent(_Plain, _Event):
    pass


class _PlainImage(_Plain, _Image):
    @override
    def _take(self, camera: AmnimoCamera) -> None:
        if camera.thumbnail is not None:
            self._attr_image_last_updated = camera.thumbnail.time


_BARE: Final[dict[Platform, type[_Bare]]] = {
    Platform.BINARY_SENSOR: _BinarySensor,
    Platform.BUTTON: _Button,
    Platform.CAMERA: _Camera,
    Platform.EVENT: _Event,
    Platform.IMAGE: _Image,
    Platform.SENSOR: _Sensor,
    Platform.SWITCH: _Switch,
}
_PLAIN: Final[dict[Platform, type[_Bare]]] = {
    Platform.BINARY_SENSOR: _PlainBinarySensor,
    Platform.CAMERA: _PlainCamera,
    Platform.EVENT: _PlainEvent,
    Platform.IMAGE: _PlainImage,
}


def adding(platform: Platform) -> SetUp:
    """Return what sets up a platform of the twin."""

    async def async_setup_entry(
        hass: HomeAssistant,
        entry: TwinEntry,
        async_add_entities: AddConfigEntryEntitiesCallback,
    ) -> None:
        coordinator = entry.runtime_data
        async_add_entities(
            _make(hass, platform, item, coordinator)
            for item in hass.data[INVENTORY].entities
            if item.platform == platform
        )

    return async_setup_entry


def _make(
    hass: HomeAssistant,
    platform: Platform,
    item: EntityItem,
    coordinator: PlainCoordinator | None,
) -> Entity:
    kind: type[_Bare] = _BARE[platform]
    if coordinator is not None and item.device in coordinator.data:
        kind = _PLAIN.get(platform, kind)
    entity: _Bare = kind.__new__(kind)
    if isinstance(entity, Camera):
        Camera.__init__(entity)
    if isinstance(entity, ImageEntity):
        ImageEntity.__init__(entity, hass)
    entity.be(item)
    if isinstance(entity, _Plain) and coordinator is not None:
        entity.follow(coordinator, item)
    return entity
