"""Whom it concerns when something of a camera or a port differs.

The contexts of both coordinators are the vendor's identifiers of cameras, devices and ports, those
with an aspect, and LISTED. What is said here is only which of them two states differ in; who
listens is for the coordinators to know.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum

from ..api import Port
from .states import DeviceState, LocatedCamera, PortKey

LISTED = "listed"
"""Context of those who care which cameras or devices there are: after each listing."""


class CameraAspect(StrEnum):
    """What some care for alone; a camera's ID is the context of who cares for all the rest."""

    PRESENCE = "presence"
    """Whether it's there and its tenant can be listed; that concerns the other aspects, too."""
    CONNECTIVITY = "connectivity"
    RECORDING = "recording"
    THUMBNAIL = "thumbnail"


class PortAspect(StrEnum):
    """What some care for alone; the port itself is the context of who shows whether it's on."""

    PRESENCE = "presence"
    """Whether it can be read, and what it's called; that concerns the other aspects, too."""
    MEASUREMENT = "measurement"


def camera_context(camera_id: str, aspect: CameraAspect) -> str:
    """Return the context of those who care for one aspect of a camera, and can be told."""
    return f"{camera_id}/{aspect}"


def port_context(device_id: str, port_id: str, aspect: PortAspect | None = None) -> str:
    """Return the context of those who care for one aspect of a port, or for whether it's on."""
    port = f"{device_id}/{port_id}"
    return f"{port}/{aspect}" if aspect else port


def changed_device_contexts(
    before: DeviceState | None, after: DeviceState | None
) -> Iterator[str]:
    """Yield the contexts of a device, known as at least one of two states, that differ."""
    state = after or before
    assert state is not None
    device_id = state.device.id
    as_a_whole = (
        before is None
        or after is None
        or before.available is not after.available
        or before.device != after.device
    )
    if as_a_whole:
        yield device_id
    known = (before and before.ports) or {}
    read = (after and after.ports) or {}
    for port_id in known.keys() | read.keys():
        yield from _changed_port_contexts(
            (device_id, port_id),
            known.get(port_id),
            read.get(port_id),
            as_a_whole=as_a_whole,
        )


def _changed_port_contexts(
    key: PortKey, before: Port | None, after: Port | None, *, as_a_whole: bool
) -> Iterator[str]:
    """Yield the contexts of a port that differ; most often it's what it measures alone."""
    if as_a_whole or before is None or after is None or before.name != after.name:
        yield port_context(*key)
        for aspect in PortAspect:
            yield port_context(*key, aspect)
        return
    if before == after:
        return
    if (before.power, before.voltage) != (after.power, after.voltage):
        yield port_context(*key, PortAspect.MEASUREMENT)
    if replace(before, power=after.power, voltage=after.voltage) != after:
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
    if was.recording is not is_.recording:
        yield camera_context(camera_id, CameraAspect.RECORDING)
    if was.thumbnail != is_.thumbnail:
        yield camera_context(camera_id, CameraAspect.THUMBNAIL)
    if replace(was, online=is_.online, thumbnail=is_.thumbnail) != is_:
        yield camera_id
