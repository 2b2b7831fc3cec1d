"""What the service knows, as frozen data classes.

Times are aware datetimes in UTC. A field that the service may leave out is optional; the
text of a state that was not understood is kept beside its meaning, which is then None. URLs
are presigned, so they are left out of every repr.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class TokenGrant:
    """An access token as issued (API document, section 1. 認証)."""

    access_token: str = field(repr=False)
    expires_in: float
    """Seconds from its issue during which the token is good."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant with those below it (API document, section 2. テナント)."""

    account_id: str
    account_name: str
    subscription_id: str | None
    """What every other call names the tenant by; None where it has no subscription."""
    subscription_name: str | None
    children: tuple[Tenant, ...] = ()

    def walk(self) -> Iterator[Tenant]:
        """Yield this tenant, then all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


class RecordingStorage(StrEnum):
    """Where recordings are kept (API document, section 3. カメラ)."""

    EDGE = "EDGE"
    CLOUD = "CLOUD"


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A still picture of a camera (API document, section 3. カメラ)."""

    time: datetime | None
    url: str | None = field(default=None, repr=False, compare=False)
    """Presigned anew in each answer, so two with other URLs may be one picture."""
    key: str | None = field(default=None, repr=False)
    """What changes with the picture where there is no time: the URL without its query."""


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera of a tenant (API document, section 3. カメラ)."""

    id: str
    name: str
    """The identifier, where the service gives no name."""
    device_id: str | None = None
    """The edge device that the camera hangs on."""
    device_name: str | None = None
    device_model: str | None = None
    model: str | None = None
    online: bool | None = None
    status: str | None = None
    recording: bool | None = None
    recording_status: str | None = None
    storage: str | None = None
    """Where recordings are kept, in upper case: a `RecordingStorage`, or the service's own word."""
    version: str | None = None
    thumbnail: Thumbnail | None = None


@dataclass(frozen=True, slots=True)
class CameraPage:
    """One page of a camera listing."""

    cameras: tuple[Camera, ...]
    total: int | None
    """Cameras on all pages together, where the service says so."""
    rows: int = 0
    """How many the service listed, those included that could not be read."""


@dataclass(frozen=True, slots=True)
class ThumbnailList:
    """Answer of a thumbnail search, in the order of the service."""

    thumbnails: tuple[Thumbnail, ...]
    total: int | None


@dataclass(frozen=True, slots=True)
class Recording:
    """A stretch of time that the cloud holds video of."""

    start: datetime
    end: datetime | None
    """None while the recording goes on."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A started playback (API document, section 4. 映像再生)."""

    url: str = field(repr=False)
    """Of an HLS playlist."""
    request_id: str | None = field(repr=False)
    """Names the playback in update and stop; None where the service gave none."""


class MediaCategory(StrEnum):
    """Kinds of media (API document, section 5. メディア)."""

    CLIP = "CLIP"
    SNAPSHOT = "SNAPSHOT"


class MediaState(StrEnum):
    """What a media status means."""

    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Media:
    """A video clip or snapshot (API document, section 5. メディア)."""

    id: str
    camera_id: str | None
    """None where the service does not say; so is the category."""
    category: MediaCategory | None
    name: str | None
    state: MediaState
    status: str | None
    """The service's own word for the state; None where it says none."""
    start: datetime | None
    end: datetime | None
    requested: datetime | None
    size: int | None
    """Bytes."""
    content_type: str | None = None
    type: str | None = None
    source: str | None = None
    pid: str | None = None
    url: str | None = field(default=None, repr=False)
    """Presigned; None until the file is ready, and in search results."""

    @property
    def duration(self) -> timedelta | None:
        """Length of the time range, where both ends are known."""
        if self.start is None or self.end is None:
            return None
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class ExternalDevice:
    """A piece of external equipment behind a device (API document, section 6. デバイス)."""

    id: str
    name: str
    ip_address: str | None = None
    port_id: str | None = None
    online: bool | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """An edge device with external equipment (API document, section 6. デバイス)."""

    id: str
    name: str | None = None
    model: str | None = None
    external_devices: tuple[ExternalDevice, ...] = ()

    def joined(self, other: Device) -> Device:
        """Return the device with the equipment that another reading of it knows."""
        equipment = {
            each.id: each for each in self.external_devices + other.external_devices
        }
        return replace(self, external_devices=tuple(equipment.values()))


@dataclass(frozen=True, slots=True)
class DevicePage:
    """One page of the device listing."""

    devices: tuple[Device, ...]
    total: int | None
    """Rows on all pages together, where the service says so."""
    rows: int = 0
    """How many the service listed; a row may be one of several pieces of equipment."""


class PortKind(StrEnum):
    """What a port of a device is for."""

    POE = "poe"
    OUTPUT = "output"
    INPUT = "input"
    OTHER = "other"
    """The service did not say."""


class PortAction(StrEnum):
    """What a port can be switched to."""

    OFF = "off"
    ON = "on"


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a device and its state (API document, section 6. デバイス)."""

    id: str
    name: str
    kind: PortKind
    on: bool | None = None
    status: str | None = None
    voltage: float | None = None
    """Volts."""
    power: float | None = None
    """Watts."""

    @property
    def controllable(self) -> bool:
        """Whether the port can be switched: all but inputs."""
        return self.kind is not PortKind.INPUT
