"""The world as plain figures and lists, for whoever compares a client with the cloud.

Owns the shape that the control API gives; these names are ours and follow no dialect.
"""

from collections import Counter

from .templates import Json
from .world import Camera, Device, ExternalDevice, Port, Tenant


def describe(owner: Tenant, now: float) -> Json:
    """Return what is in a tenant and all below it.

    ``counts`` has the numbers of tenants, cameras, devices (and of those that have external
    equipment, which are the ones the API lists), external devices, and ports by kind. The
    lists give IDs, names and present states.
    """
    tenants = list(owner.family())
    cameras = [camera for tenant in tenants for camera in tenant.cameras.values()]
    devices = [device for tenant in tenants for device in tenant.devices.values()]
    ports = Counter(
        port.kind.value for device in devices for port in device.ports.values()
    )
    return {
        "now": now,
        "counts": {
            "tenants": len(tenants),
            "cameras": len(cameras),
            "devices": len(devices),
            "listed_devices": sum(1 for device in devices if device.external_devices),
            "external_devices": sum(len(device.external_devices) for device in devices),
            "ports": dict(ports),
        },
        "tenants": [_describe_tenant(tenant) for tenant in tenants],
        "cameras": [_describe_camera(camera) for camera in cameras],
        "devices": [_describe_device(device) for device in devices],
    }


def _describe_tenant(tenant: Tenant) -> Json:
    return {
        "account_id": tenant.account_id,
        "subscription_id": tenant.subscription_id,
        "name": tenant.account_name,
        "parent": tenant.parent.subscription_id if tenant.parent else None,
    }


def _describe_camera(camera: Camera) -> Json:
    return {
        "id": camera.id,
        "name": camera.name,
        "subscription_id": camera.tenant.subscription_id,
        "device_id": camera.device.id if camera.device else None,
        "port_id": camera.port.id if camera.port else None,
        "storage": camera.storage.value,
        "online": camera.online,
        "recording": camera.recording,
    }


def _describe_device(device: Device) -> Json:
    return {
        "id": device.id,
        "name": device.name,
        "model": device.model.value,
        "subscription_id": device.tenant.subscription_id,
        "failing": device.failing,
        "ports": [_describe_port(port) for port in device.ports.values()],
        "external_devices": [
            _describe_equipment(each) for each in device.external_devices
        ],
    }


def _describe_port(port: Port) -> Json:
    return {"id": port.id, "kind": port.kind.value, "on": port.on, "stuck": port.stuck}


def _describe_equipment(equipment: ExternalDevice) -> Json:
    return {
        "id": equipment.id,
        "name": equipment.name,
        "ip_address": equipment.ip_address,
        "port_id": equipment.port.id if equipment.port else None,
        "camera_id": equipment.camera.id if equipment.camera else None,
        "online": equipment.online,
    }
