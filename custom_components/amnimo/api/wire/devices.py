"""Edge devices and the equipment behind them (API document, section 6. デバイス).

Known are `data` and `summary`; all other names are assumed.
"""

from __future__ import annotations

from typing import Any

from ..models import Device, DevicePage, ExternalDevice
from .reading import (
    LIST_KEYS,
    Fields,
    fields_of,
    list_in,
    nested_list,
    object_in,
    text_in,
    total_in,
)
from .states import CONNECTED, state_in

_EQUIPMENT_LISTS = (
    "externaldevices",
    "externaldevicelist",
    "externaldevice",
    "externalequipment",
    "externalequipments",
    "externalequipmentlist",
    "equipment",
    "equipments",
    "externals",
    *LIST_KEYS,
)
_EQUIPMENT_IDS = ("id", "externaldeviceid", "equipmentid", "uuid", "externalid")
_DEVICE_IDS = ("deviceid", "edgedeviceid", "gatewayid", "deviceuuid", "routerid")
_DEVICE_NAMES = ("devicename", "edgedevicename", "gatewayname", "routername")
_ADDRESSES = ("ipaddress", "ip", "address", "ipv4", "host")


def device_page(payload: Any) -> DevicePage:
    """Read a page of devices with their external equipment.

    A row is a device with its equipment in it, or a piece of equipment with its device beside
    it; the rows of one device become one.
    """
    rows = list_in(payload, "data", "devices")
    devices: dict[str, Device] = {}
    for row in rows:
        device = _device(fields_of(row))
        if device is not None:
            known = devices.get(device.id)
            devices[device.id] = device if known is None else known.joined(device)
    return DevicePage(tuple(devices.values()), total_in(payload), len(rows))


def external_devices(payload: Any) -> tuple[ExternalDevice, ...]:
    """Read the external equipment of one device, listed with or without the device."""
    found: dict[str, ExternalDevice] = {}
    for row in list_in(payload, "data", *_EQUIPMENT_LISTS):
        fields = fields_of(row)
        nested = nested_list(fields, *_EQUIPMENT_LISTS)
        for each in [fields] if nested is None else map(fields_of, nested):
            equipment = _equipment(each)
            if equipment is not None:
                found[equipment.id] = equipment
    return tuple(found.values())


def _device(fields: Fields) -> Device | None:
    inner = object_in(fields, "device", "edgedevice", "gateway", "router", "deviceinfo")
    identifier = (
        text_in(fields, *_DEVICE_IDS)
        or text_in(inner, "id", *_DEVICE_IDS, "uuid")
        or text_in(fields, "id", "uuid")
    )
    if identifier is None:
        return None
    nested = nested_list(fields, *_EQUIPMENT_LISTS)
    single = object_in(fields, "externaldevice", "equipment", "external")
    listed = map(fields_of, [single] if single and not nested else nested or [])
    own_name: tuple[str, ...] = ("displayname", "name", "label", "alias")
    if nested is None and not single and _is_equipment(fields, identifier):
        listed = map(fields_of, [fields])
        own_name = ()
    return Device(
        id=identifier,
        name=text_in(fields, *_DEVICE_NAMES)
        or text_in(inner, "name", *_DEVICE_NAMES, "displayname")
        or text_in(fields, *own_name),
        model=text_in(fields, "model", "devicemodel", "modelname")
        or text_in(inner, "model", "devicemodel", "modelname", "productname")
        or text_in(fields, "producttype", "productname"),
        external_devices=tuple(
            equipment for each in listed if (equipment := _equipment(each)) is not None
        ),
    )


def _is_equipment(fields: Fields, device_id: str) -> bool:
    """Return whether a row is a piece of equipment, with its device beside it."""
    own = text_in(fields, *_EQUIPMENT_IDS)
    return (own is not None and own != device_id) or (
        text_in(fields, *_ADDRESSES) is not None
    )


def _equipment(fields: Fields) -> ExternalDevice | None:
    name = text_in(
        fields,
        "name",
        "externaldevicename",
        "displayname",
        "equipmentname",
        "label",
        "hostname",
        "title",
    )
    address = text_in(fields, *_ADDRESSES)
    identifier = text_in(fields, *_EQUIPMENT_IDS) or address or name
    if identifier is None:
        return None
    online, status = state_in(
        fields,
        CONNECTED,
        "status",
        "connectionstatus",
        "connectionstate",
        "onlinestatus",
        "state",
        "connection",
        "alivestatus",
        "monitoringstatus",
        "pingstatus",
        "alive",
        "isonline",
        "online",
        "isconnected",
        "connected",
        "reachable",
    )
    port = object_in(fields, "port")
    return ExternalDevice(
        id=identifier,
        name=name or address or identifier,
        ip_address=address,
        port_id=text_in(fields, "portid")
        or text_in(port, "id", "portid")
        or text_in(fields, "portname")
        or text_in(port, "name", "portname")
        or text_in(fields, "port", "portno", "interface", "lanport", "portnumber"),
        online=online,
        status=status,
    )
