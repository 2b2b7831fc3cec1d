"""The world in the cloud's own terms, ready for a dialect to write down.

Owns which facts of an object there are to tell. The keys made here are those that the
templates of the dialects name; None means that there is nothing to tell.
"""

from .templates import Json, Terms
from .world import Camera, Device, ExternalDevice, Port, PortKind


def camera_terms(
    camera: Camera, thumbnail_time: float | None, thumbnail_url: str | None
) -> Terms:
    """Return the terms of a camera; a bare one has its ID alone."""
    known = not camera.bare
    device = camera.device if known else None
    return {
        "camera_id": camera.id,
        "name": camera.name if known else None,
        "device_id": device.id if device else None,
        "device_name": device.name if device else None,
        "model": device.model.value if device else None,
        "online": camera.online if known else None,
        "recording": camera.recording if known else None,
        "storage": camera.storage.value if known else None,
        "version": camera.version if known else None,
        "thumbnail_time": thumbnail_time if known else None,
        "thumbnail_url": thumbnail_url if known else None,
    }


def device_terms(device: Device, equipment: list[Json]) -> Terms:
    """Return the terms of a device, with what hangs on it as already written."""
    return {
        "device_id": device.id,
        "device_name": device.name,
        "model": device.model.value,
        "equipment": equipment,
    }


def equipment_terms(equipment: ExternalDevice, device: Device) -> Terms:
    """Return the terms of external equipment, and of the device it is behind."""
    return {
        "device_id": device.id,
        "device_name": device.name,
        "model": device.model.value,
        "equipment_id": equipment.id,
        "name": equipment.name,
        "ip_address": equipment.ip_address,
        "port_id": equipment.port.id if equipment.port else None,
        "online": equipment.online,
    }


def port_terms(port: Port) -> Terms:
    """Return the terms of a port; only a PoE port is measured."""
    measured = port.kind is PortKind.POE
    return {
        "port_id": port.id,
        "kind": port.kind.value,
        "on": port.on,
        "volts": port.volts if measured else None,
        "watts": port.watts if measured else None,
    }
