"""What the cloud said of an account: tenants, cameras, devices and ports.

Knows what a state is made of, and not whom it concerns when that differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..api import Camera, Device, ExternalDevice, Port, Tenant

type PortKey = tuple[str, str]
"""Device ID and port ID."""

_READINGS_TO_BE_SURE = 2


@dataclass(frozen=True, slots=True)
class LocatedCamera:
    """A camera and the subscription of the tenant that it belongs to."""

    camera: Camera
    subscription_id: str

    @property
    def placement(self) -> tuple[object, ...]:
        """What of the camera its device in Home Assistant is made of."""
        camera = self.camera
        return (
            self.subscription_id,
            camera.name,
            camera.model,
            camera.version,
            camera.device_id,
            camera.device_name,
            camera.device_model,
        )


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
    missed_ports: Mapping[str, Port] = field(default_factory=dict)
    """What the last reading lacked or told to be of another kind, as it was before.

    It may come back: one reading doesn't prove anything.
    """
    missed_equipment: Mapping[str, ExternalDevice] = field(default_factory=dict)
    """What external equipment the last listing lacked, and the one before had."""
    readings: int = 0
    """How often the ports were read, up to 2: from then on, what is missing is gone."""

    @property
    def equipment(self) -> dict[str, ExternalDevice]:
        """The external equipment that there is, by ID."""
        return {each.id: each for each in self.device.external_devices}

    @property
    def parts(self) -> tuple[object, ...]:
        """What the ports are good for, and how sure that is."""
        abilities = {
            (port.id, port.kind, port.power is not None, port.voltage is not None)
            for port in (self.ports or {}).values()
        }
        return abilities, self.missed_ports.keys(), self.readings

    def listed(self, device: Device, subscription_id: str) -> DeviceState:
        """Return the state with what a listing says; itself, where that is nothing new."""
        if (
            device == self.device
            and subscription_id == self.subscription_id
            and not self.missed_equipment
        ):
            return self
        after = {each.id for each in device.external_devices}
        missed = {id_: each for id_, each in self.equipment.items() if id_ not in after}
        return replace(
            self,
            device=device,
            subscription_id=subscription_id,
            missed_equipment=missed,
        )

    def read(self, ports: Mapping[str, Port]) -> DeviceState:
        """Return the state with what a reading says."""
        return replace(
            self,
            ports=ports,
            available=True,
            missed_ports=self._missed_by(ports),
            readings=min(self.readings + 1, _READINGS_TO_BE_SURE),
        )

    def _missed_by(self, ports: Mapping[str, Port]) -> dict[str, Port]:
        """Return what a reading lacks, or is the first to tell to be of another kind."""
        known = self.ports or {}
        doubted = known.keys() & self.missed_ports.keys()
        before = {**known, **{each: self.missed_ports[each] for each in doubted}}
        return {
            port_id: port
            for port_id, port in before.items()
            if (now := ports.get(port_id)) is None
            or (now.controllable is not port.controllable and port_id not in doubted)
        }


def port_label(device: Device, port: Port) -> str:
    """Return what a port is called: by its name and what hangs on it."""
    equipment = [
        each.name
        for each in device.external_devices
        if each.port_id is not None and each.port_id in (port.id, port.name)
    ]
    return " ".join([port.name, *equipment])
