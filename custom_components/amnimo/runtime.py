"""What one entry owns while it is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from homeassistant.config_entries import ConfigEntry

if TYPE_CHECKING:
    from .coordinator import CameraCoordinator, PortCoordinator
    from .hub import AmnimoHub
    from .live.relay import LiveRelay
    from .media.jobs import MediaJobs
    from .media.thumbnails import Thumbnails
    from .port_commands import PortCommands
    from .registry import DeviceTree
    from .stills import StillCache


@dataclass(kw_only=True, slots=True)
class AmnimoRuntimeData:
    """The parts of an entry, for its platforms."""

    hub: AmnimoHub
    cameras: CameraCoordinator
    ports: PortCoordinator
    devices: DeviceTree
    port_commands: PortCommands
    stills: StillCache
    live: LiveRelay
    media: MediaJobs
    thumbnails: Thumbnails


type AmnimoConfigEntry = ConfigEntry[AmnimoRuntimeData]
