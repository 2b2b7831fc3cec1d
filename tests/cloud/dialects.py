"""The dialects of the simulated cloud: what the API document does not say.

The document states every request, but collapses most responses. Each dialect here is one
way the real service might write them: names, nesting, wrappers, words, forms of time,
missing fields, error bodies, and the style of its live streams. What the document states
(the keys of tokens, tenants and media, ``total`` and ``thumbnails``, ``data`` and
``summary``, ``result``) is the same in all. Nothing else in the simulated cloud knows a
wire name.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
import json
from typing import Any, Final

from .live_style import AfterEnd, Container, LiveStyle
from .templates import Always, Json, Of, Template

JAPAN: Final = timezone(timedelta(hours=9))


def iso_millis(moment: float) -> str:
    """Write a time as ``2026-02-02T15:00:00.000Z``."""
    return (
        f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%S}.{_millis(moment):03}Z"
    )


def iso_seconds(moment: float) -> str:
    """Write a time as ``2026-02-02T15:00:00Z``, as the document's media samples have it."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"


def iso_japan(moment: float) -> str:
    """Write a time as ``2026-02-03T00:00:00.000+09:00``."""
    return datetime.fromtimestamp(moment, JAPAN).isoformat(timespec="milliseconds")


def epoch_seconds(moment: float) -> int:
    """Write a time as whole seconds since the epoch."""
    return int(moment)


def epoch_millis(moment: float) -> int:
    """Write a time as milliseconds since the epoch."""
    return round(moment * 1000)


def epoch_millis_text(moment: float) -> str:
    """Write a time as milliseconds since the epoch, in a string."""
    return str(epoch_millis(moment))


def keyed_by(key: str) -> Callable[[list[Any]], Json]:
    """Write a list of objects as one object, under the value of one of their keys."""

    def write(items: list[Any]) -> Json:
        return {item[key]: item for item in items}

    return write


def _millis(moment: float) -> int:
    return datetime.fromtimestamp(moment, UTC).microsecond // 1000


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """What comes with an error status."""

    content_type: str
    text: str


def json_error(status: int, reason: str) -> ErrorBody:
    """Write an error as JSON."""
    return ErrorBody(
        "application/json", json.dumps({"code": status, "message": reason})
    )


def text_error(status: int, reason: str) -> ErrorBody:
    """Write an error as plain text."""
    return ErrorBody("text/plain", f"{status}: {reason}")


def html_error(status: int, reason: str) -> ErrorBody:
    """Write an error as a web page."""
    return ErrorBody("text/html", f"<html><h1>{status}</h1><p>{reason}</p></html>")


def empty_error(_status: int, _reason: str) -> ErrorBody:
    """Write nothing but the status."""
    return ErrorBody("text/plain", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One way to write what is not documented.

    The terms that each template may use are the keys in the module ``terms``.
    Without a ``device`` template, external devices are listed one by one, each with the
    terms of its device.
    ``counts_all_thumbnails`` makes ``total`` the number found instead of the number sent.
    ``offline_status`` answers a live request for a camera that is not there.
    """

    name: str
    camera: Template
    camera_page: Template
    camera_alone: Template
    thumbnail: Template
    counts_all_thumbnails: bool = False
    recording: Template
    stream: Template
    result: str = "success"
    media: Template
    device: Template | None
    equipment: Template
    external_devices: Template
    port: Template
    peripherals: Template
    error: Callable[[int, str], ErrorBody] = json_error
    says_retry_after: bool = False
    offline_status: int = 404
    live: LiveStyle = field(default_factory=LiveStyle)


MEDIA_STATES: Final = ("REQUESTED", "PROCESSING", "COMPLETED", "FAILED")


def media_template(
    *,
    time: Callable[[float], Json],
    states: tuple[str, str, str, str] = MEDIA_STATES,
    meta: dict[str, Template],
    beside: dict[str, Template] | None = None,
) -> Template:
    """Return a media object with the documented keys, and what a dialect puts into it."""
    return {
        "id": Of("media_id"),
        "cameraId": Of("camera_id"),
        "pid": Of("subscription_id"),
        "type": Of("type"),
        "source": Of("source"),
        "category": Of("category"),
        "startTime": Of("start", time),
        "endTime": Of("end", time),
        "name": Of("name"),
        "status": Of("state", dict(zip(MEDIA_STATES, states, strict=True))),
        "requestedDateTime": Of("requested", time),
        "size": Of("size"),
        "meta": Always(meta),
        **(beside or {}),
    }


DEFAULT = Dialect(
    name="default",
    camera={
        "id": Of("camera_id"),
        "name": Of("name"),
        "deviceId": Of("device_id"),
        "deviceName": Of("device_name"),
        "model": Of("model"),
        "status": Of("online", {True: "ONLINE", False: "OFFLINE"}),
        "recordingStatus": Of("recording", {True: "RECORDING", False: "STOPPED"}),
        "storage": Of("storage"),
        "version": Of("version"),
        "thumbnail": {
            "timestamp": Of("thumbnail_time", iso_millis),
            "url": Of("thumbnail_url"),
        },
    },
    camera_page={
        "cameras": Of("cameras"),
        "total": Of("total"),
        "page": Of("page"),
        "size": Of("size"),
    },
    camera_alone=Of("camera"),
    thumbnail={"timestamp": Of("time", iso_millis), "url": Of("url")},
    recording={"startTime": Of("start", iso_millis), "endTime": Of("end", iso_millis)},
    stream={"requestId": Of("request_id"), "url": Of("url")},
    media=media_template(
        time=iso_millis, meta={"url": Of("url"), "contentType": Of("content_type")}
    ),
    device={
        "deviceId": Of("device_id"),
        "deviceName": Of("device_name"),
        "model": Of("model"),
        "externalDevices": Of("equipment"),
    },
    equipment={
        "id": Of("equipment_id"),
        "name": Of("name"),
        "ipAddress": Of("ip_address"),
        "portId": Of("port_id"),
        "status": Of("online", {True: "ONLINE", False: "OFFLINE"}),
    },
    external_devices={
        "data": Of("rows"),
        "summary": {"total": Of("total"), "page": Of("page"), "size": Of("size")},
    },
    port={
        "portId": Of("port_id"),
        "name": Of("port_id"),
        "type": Of("kind"),
        "status": Of("on", {True: 1, False: 0}),
        "voltage": Of("volts"),
        "watt": Of("watts"),
    },
    peripherals={"data": Of("ports"), "summary": {"total": Of("total")}},
)

# Everything spelled out and nested, times of the company's own time zone.
PORTAL = Dialect(
    name="portal",
    camera={
        "cameraId": Of("camera_id"),
        "cameraName": Of("name"),
        "edgeDevice": {
            "edgeDeviceId": Of("device_id"),
            "edgeDeviceName": Of("device_name"),
            "modelName": Of("model"),
        },
        "connection": {
            "state": Of("online", {True: "CONNECTED", False: "DISCONNECTED"})
        },
        "recording": {"state": Of("recording", {True: "ON", False: "OFF"})},
        "storageType": Of("storage", {"CLOUD": "cloud", "EDGE": "edge"}),
        "versionInfo": {"firmwareVersion": Of("version")},
        "latestThumbnail": {
            "time": Of("thumbnail_time", iso_japan),
            "imageUrl": Of("thumbnail_url"),
        },
    },
    camera_page={
        "data": Of("cameras"),
        "paging": {"totalCount": Of("total"), "pageNumber": Of("page")},
    },
    camera_alone={"data": Of("camera")},
    thumbnail={"time": Of("time", iso_japan), "imageUrl": Of("url")},
    counts_all_thumbnails=True,
    recording={"start": Of("start", iso_japan), "end": Of("end", iso_japan)},
    stream={"data": {"requestId": Of("request_id"), "hlsUrl": Of("url")}},
    result="OK",
    media=media_template(
        time=iso_japan,
        states=("CREATING", "CREATING", "DONE", "ERROR"),
        meta={"presignedUrl": Of("url"), "mimeType": Of("content_type")},
    ),
    device={
        "device": {
            "id": Of("device_id"),
            "name": Of("device_name"),
            "model": Of("model"),
        },
        "equipments": Of("equipment"),
    },
    equipment={
        "externalDeviceId": Of("equipment_id"),
        "externalDeviceName": Of("name"),
        "ip": Of("ip_address"),
        "port": {"portId": Of("port_id")},
        "connectionStatus": Of("online", {True: "NORMAL", False: "ABNORMAL"}),
    },
    external_devices={"data": Of("rows"), "summary": {"totalCount": Of("total")}},
    port={
        "id": Of("port_id"),
        "portName": Of("port_id"),
        "portType": Of("kind", {"POE": "poe", "DO": "output", "DI": "input"}),
        "state": Of("on", {True: "ON", False: "OFF"}),
        "power": {"volt": Of("volts"), "watt": Of("watts")},
    },
    peripherals={
        "data": [{"deviceId": Of("device_id"), "ports": Of("ports")}],
        "summary": {"totalCount": Of("total")},
    },
    error=text_error,
    says_retry_after=True,
    offline_status=500,
    live=LiveStyle(
        container=Container.FRAGMENTED_MP4,
        suffix=".m4s",
        program_date_time=True,
    ),
)

# Names with underscores, states as numbers, times in milliseconds.
SNAKE = Dialect(
    name="snake",
    camera={
        "camera_id": Of("camera_id"),
        "camera_name": Of("name"),
        "device_id": Of("device_id"),
        "device_name": Of("device_name"),
        "device_model": Of("model"),
        "status": Of("online", {True: 1, False: 0}),
        "recording_status": Of("recording", {True: 1, False: 0}),
        "storage_type": Of("storage"),
        "firmware_version": Of("version"),
        "thumbnail": {
            "timestamp": Of("thumbnail_time", epoch_millis),
            "presigned_url": Of("thumbnail_url"),
        },
    },
    camera_page={"items": Of("cameras"), "total_count": Of("total")},
    camera_alone=Of("camera"),
    thumbnail={"timestamp": Of("time", epoch_millis), "presigned_url": Of("url")},
    recording={
        "start_time": Of("start", epoch_millis),
        "end_time": Of("end", epoch_millis),
    },
    stream={"request_id": Of("request_id"), "hls_url": Of("url")},
    media=media_template(
        time=epoch_millis,
        states=("requested", "processing", "completed", "failed"),
        meta={"presigned_url": Of("url")},
    ),
    device={
        "device_id": Of("device_id"),
        "device_name": Of("device_name"),
        "model": Of("model"),
        "external_devices": Of("equipment"),
    },
    equipment={
        "external_device_id": Of("equipment_id"),
        "display_name": Of("name"),
        "ip_address": Of("ip_address"),
        "port_id": Of("port_id"),
        "is_online": Of("online"),
    },
    external_devices={"data": Of("rows"), "summary": {"total": Of("total")}},
    port={
        "port_id": Of("port_id"),
        "port_type": Of("kind"),
        "is_on": Of("on"),
        "voltage": Of("volts"),
        "watts": Of("watts"),
    },
    peripherals={
        "data": [
            {"device_id": Of("device_id"), "ports": Of("ports", keyed_by("port_id"))}
        ],
        "summary": Always({}),
    },
    live=LiveStyle(master=True, after_end=AfterEnd.ENDLIST),
)

# Lists without a wrapper, thumbnails as plain strings, times in seconds.
BARE = Dialect(
    name="bare",
    camera={
        "uuid": Of("camera_id"),
        "displayName": Of("name"),
        "device": {
            "id": Of("device_id"),
            "name": Of("device_name"),
            "model": Of("model"),
        },
        "online": Of("online"),
        "recording": Of("recording"),
        "storage": Of("storage"),
        "version": {"firmware": Of("version")},
        "thumbnail": Of("thumbnail_url"),
    },
    camera_page=Of("cameras"),
    camera_alone=Of("camera"),
    thumbnail=Of("url"),
    recording={"from": Of("start", epoch_seconds), "to": Of("end", epoch_seconds)},
    stream={"requestId": Of("request_id"), "playback": {"playbackUrl": Of("url")}},
    media=media_template(
        time=iso_seconds,
        states=("ACCEPTED", "RUNNING", "SUCCEEDED", "FAILURE"),
        meta={},
        beside={"downloadUrl": Of("url")},
    ),
    device=None,
    equipment={
        "deviceId": Of("device_id"),
        "deviceName": Of("device_name"),
        "modelName": Of("model"),
        "id": Of("equipment_id"),
        "name": Of("name"),
        "ipAddress": Of("ip_address"),
        "portId": Of("port_id"),
        "connected": Of("online"),
    },
    external_devices={"data": Of("rows"), "summary": Always({})},
    port={
        "portId": Of("port_id"),
        "kind": Of("kind", {"POE": "PoE", "DO": "Output", "DI": "Input"}),
        "enabled": Of("on"),
        "voltage": Of("volts"),
        "power": Of("watts"),
    },
    peripherals={"data": [{"peripherals": Of("ports")}], "summary": Always({})},
    error=html_error,
    live=LiveStyle(audio=True, suffix=""),
)

# Everything is a string, even what is a number.
STRINGS = Dialect(
    name="strings",
    camera={
        "id": Of("camera_id"),
        "label": Of("name"),
        "edgeDeviceId": Of("device_id"),
        "edgeDeviceName": Of("device_name"),
        "productName": Of("model"),
        "connectionStatus": Of("online", {True: "online", False: "offline"}),
        "recStatus": Of("recording", {True: "1", False: "0"}),
        "storage": Of("storage"),
        "version": Of("version"),
        "thumbnail": {
            "timestamp": Of("thumbnail_time", epoch_millis_text),
            "url": Of("thumbnail_url"),
        },
    },
    camera_page={"results": Of("cameras"), "total": Of("total", str)},
    camera_alone={"results": [Of("camera")]},
    thumbnail={"timestamp": Of("time", epoch_millis_text), "presignedUrl": Of("url")},
    recording={
        "startTime": Of("start", epoch_millis_text),
        "endTime": Of("end", epoch_millis_text),
    },
    stream={"result": {"id": Of("request_id"), "streamUrl": Of("url")}},
    result="true",
    media=media_template(
        time=epoch_millis_text,
        states=("PENDING", "IN_PROGRESS", "FINISHED", "ERROR"),
        meta={"files": [{"url": Of("url"), "type": Of("content_type")}]},
    ),
    device={
        "deviceId": Of("device_id"),
        "deviceName": Of("device_name"),
        "deviceModel": Of("model"),
        "items": Of("equipment"),
    },
    equipment={
        "id": Of("equipment_id"),
        "externalDeviceName": Of("name"),
        "ipAddress": Of("ip_address"),
        "portNo": Of("port_id"),
        "status": Of("online", {True: "1", False: "0"}),
    },
    external_devices={"data": Of("rows"), "summary": {"total": Of("total", str)}},
    port={
        "portId": Of("port_id"),
        "name": Of("port_id"),
        "type": Of("kind", {"POE": "poe", "DO": "do", "DI": "di"}),
        "status": Of("on", {True: "1", False: "0"}),
        "voltage": Of("volts", str),
        "watt": Of("watts", str),
    },
    peripherals={"data": Of("ports"), "summary": {"total": Of("total", str)}},
    error=html_error,
    offline_status=409,
    live=LiveStyle(
        container=Container.FRAGMENTED_MP4,
        master=True,
        audio=True,
        suffix=".mp4",
        after_end=AfterEnd.GONE,
    ),
)

# Nothing but identifiers, what is documented, and what there would be no service without.
SPARSE = replace(
    DEFAULT,
    name="sparse",
    camera={"id": Of("camera_id")},
    camera_page={"content": Of("cameras")},
    thumbnail={"url": Of("url")},
    stream={"requestId": Of("request_id"), "streams": [Of("url")]},
    media=media_template(time=iso_seconds, meta={"file": Of("url")}),
    device={"deviceId": Of("device_id"), "externalDevices": Of("equipment")},
    equipment={"id": Of("equipment_id")},
    external_devices={"data": Of("rows"), "summary": Always({})},
    port={"portId": Of("port_id")},
    peripherals={"data": Of("ports"), "summary": Always({})},
    error=empty_error,
)

DIALECTS: Final = {
    dialect.name: dialect for dialect in (DEFAULT, PORTAL, SNAKE, BARE, STRINGS, SPARSE)
}
