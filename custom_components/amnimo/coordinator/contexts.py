"""Whom it concerns when something of a camera or a port differs.

The contexts of both coordinators are the vendor's identifiers of cameras, ports and external
equipment, those with an aspect, and LISTED. What is said here is only which of them two states
differ in; who listens is for the coordinators to know.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from ..api import Device, Port
from .states import DeviceState, LocatedCamera, PortKey, port_label

LISTED = "listed"
"""Context of those who care which cameras or devices there are: after each listing."""


class CameraAspect(StrEnum):
    """What some care for alone; a camera's ID is the context of who shows the camera itself.

    That is its model, and whether it records.
    """

    PRESENCE = "presence"
    """Whether it's there and its tenant can be listed; that concerns the other aspects, too."""
    CONNECTIVITY = "connectivity"
    RECORDING = "recording"
    THUMBNAIL = "thumbnail"


class PortAspect(StrEnum):
    """What some care for alone; the port itself is the context of who shows whether it's on."""

    PRESENCE = "presence"
    """Whether it can be read, and its label; that concerns the other aspects, too."""
    MEASUREMENT = "measurement"


def camera_context(camera_id: str, aspect: CameraAspect) -> str:
    """Return the context of those who care for one aspect of a camera, and can be told."""
    return f"{camera_id}/{aspect}"


def port_context(device_id: str, port_id: str, aspect: PortAspect | None = None) -> str:
    """Return the context of those who care for one aspect of a port, or for whether it's on."""
    port = f"{device_id}/{port_id}"
    return f"{port}/{aspect}" if aspect else port


def equipment_context(device_id: str, equipment_id: str) -> str:
    """Return the context of those who show a piece of external equipment."""
    return f"{device_id}/external/{equipment_id}"


def changed_device_contexts(
    before: DeviceState | None, after: DeviceState | None
) -> Iterator[str]:
    """Yield the contexts of a device, known as at least one of two states, that differ."""
    state = after or before
    assert state is not None
    device_id = state.device.id
    if before is None or after is None:
        for port_id in state.ports or ():
            yield from _all_port_contexts((device_id, port_id))
        for equipment_id in state.equipment:
            yield equipment_context(device_id, equipment_id)
        return
    yield from _changed_equipment_contexts(before, after)
    has_turned = before.available is not after.available
    relabelled = before.device is not after.device and (
        _hanging(before.device) != _hanging(after.device)
    )
    known, read = before.ports or {}, after.ports or {}
    for port_id in known.keys() | read.keys():
        key, was, is_ = (device_id, port_id), known.get(port_id), read.get(port_id)
        if (
            was is None
            or is_ is None
            or has_turned
            or (port_id in before.missed_ports) is not (port_id in after.missed_ports)
            or (
                (relabelled or was.name != is_.name)
                and port_label(before.device, was) != port_label(after.device, is_)
            )
        ):
            yield from _all_port_contexts(key)
        else:
            yield from _changed_port_contexts(key, was, is_)


def _hanging(device: Device) -> list[tuple[str, str | None]]:
    """Return what of a device the labels of its ports are made of."""
    return [(each.name, each.port_id) for each in device.external_devices]


def _changed_equipment_contexts(
    before: DeviceState, after: DeviceState
) -> Iterator[str]:
    """Yield the contexts of equipment that came, went or is otherwise than it was."""
    has_moved = before.subscription_id != after.subscription_id
    if before.device is after.device and not has_moved:
        return
    known, listed = before.equipment, after.equipment
    for equipment_id in known.keys() | listed.keys():
        was, is_ = known.get(equipment_id), listed.get(equipment_id)
        if (
            has_moved
            or was is None
            or is_ is None
            or (was.name, was.online) != (is_.name, is_.online)
        ):
            yield equipment_context(after.device.id, equipment_id)


def _all_port_contexts(key: PortKey) -> Iterator[str]:
    yield port_context(*key)
    for aspect in PortAspect:
        yield port_context(*key, aspect)


def _changed_port_contexts(key: PortKey, before: Port, after: Port) -> Iterator[str]:
    """Yield the contexts of a port that differ; most often it's what it measures alone."""
    if (before.power, before.voltage) != (after.power, after.voltage):
        yield port_context(*key, PortAspect.MEASUREMENT)
    if before.on is not after.on:
        yield port_context(*key)


def changed_camera_contexts(
    camera_id: str,
    before: LocatedCamera | None,
    after: LocatedCamera | None,
    *,
    as_a_whole: bool,
) -> Iterator[str]:
    """Yield the contexts of a camera that differ; most often it's the picture alone."""
    if (
        as_a_whole
        or before is None
        or after is None
        or before.subscription_id != after.subscription_id
    ):
        yield camera_id
        for aspect in CameraAspect:
            yield camera_context(camera_id, aspect)
        return
    was, is_ = before.camera, after.camera
    if was.online is not is_.online:
        yield camera_context(camera_id, CameraAspect.CONNECTIVITY)
    has_turned = was.recording is not is_.recording
    if has_turned:
        yield camera_context(camera_id, CameraAspect.RECORDING)
    if was.thumbnail != is_.thumbnail:
        yield camera_context(camera_id, CameraAspect.THUMBNAIL)
    # The rest is shown by nobody, or by the device, which follows it by itself.
    if has_turned or was.model != is_.model:
        yield camera_id
