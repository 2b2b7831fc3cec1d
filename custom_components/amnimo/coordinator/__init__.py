"""What the cloud says about cameras and ports, asked for at intervals.

One file has the cameras, one the ports; both tell only those whom a change concerns. Whoever
uses them needs to know neither who that is nor how a large fleet is read.
"""

from .cameras import CameraCoordinator
from .contexts import (
    LISTED,
    CameraAspect,
    PortAspect,
    camera_context,
    equipment_context,
    port_context,
)
from .ports import PortCoordinator
from .states import DeviceState, LocatedCamera, PortKey, port_label

__all__ = [
    "LISTED",
    "CameraAspect",
    "CameraCoordinator",
    "DeviceState",
    "LocatedCamera",
    "PortAspect",
    "PortCoordinator",
    "PortKey",
    "camera_context",
    "equipment_context",
    "port_context",
    "port_label",
]
