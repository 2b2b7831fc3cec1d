"""Cameras (API document, section 3. カメラ).

Known are the parameters, and that a camera has a recording state and version information; all
names are assumed.
"""

from __future__ import annotations

from functools import lru_cache
import re
from sys import intern
from typing import Any

from ..models import Camera, CameraPage, RecordingStorage
from .reading import (
    Fields,
    fields_of,
    is_uuid,
    list_in,
    object_in,
    single_objects,
    spread,
    text_in,
    total_in,
)
from .states import CONNECTED, RECORDED, state_in
from .thumbnails import camera_thumbnail

_CONNECTION_NAMES = (
    "status",
    "connectionstatus",
    "connectionstate",
    "onlinestatus",
    "camerastatus",
    "connection",
    "state",
    "connectivity",
    "isonline",
    "online",
    "isconnected",
    "connected",
)
_RECORDING_STATE_NAMES = (
    "recordingstatus",
    "recordingstate",
    "recordstatus",
    "recordstate",
    "recstatus",
    "recstate",
    "recording",
    "isrecording",
    "recordings",
    "recordinginfo",
    "recordinfo",
    "rec",
)
_VERSION_NAMES = (
    "version",
    "firmwareversion",
    "firmware",
    "fwversion",
    "firmversion",
    "softwareversion",
    "swversion",
    "appversion",
    "cameraversion",
    "currentversion",
)
_VERSION_PLACES = (
    "versioninfo",
    "versioninformation",
    "version",
    "versions",
    "firmware",
)
_STORAGE_NAMES = (
    "storage",
    "storagetype",
    "recordingstorage",
    "storagelocation",
    "recordingdestination",
    "storagemode",
    "recordinglocation",
    "savelocation",
    "recordto",
)
_STORAGE_WORDS = {
    RecordingStorage.CLOUD: re.compile(r"cloud|クラウド", re.IGNORECASE),
    RecordingStorage.EDGE: re.compile(r"edge|エッジ", re.IGNORECASE),
}
_CAMERA_PARTS = (
    "camera",
    "camerainfo",
    "cameradetail",
    "info",
    "detail",
    "details",
    "attributes",
    "properties",
    "profile",
    "basic",
)
"""Objects in a camera that hold what is its own."""

# The vendor's gateways and routers are called so, its cameras are not.
_EDGE_DEVICE_MODEL = re.compile(r"A[GXRC]\d")

# Identifiers in a camera that are of something else.
_OTHERS = (
    "account",
    "contract",
    "device",
    "edge",
    "gateway",
    "group",
    "location",
    "media",
    "model",
    "owner",
    "parent",
    "partition",
    "recording",
    "request",
    "site",
    "stream",
    "subscription",
    "tenant",
    "thumbnail",
    "trace",
    "user",
)


# --- Cameras -------------------------------------------------------------------------------


def camera_page(payload: Any) -> CameraPage:
    """Read a page of cameras."""
    rows = camera_rows(payload)
    found = (camera_in_row(row) for row in rows)
    cameras = tuple(each for each in found if each is not None)
    return CameraPage(cameras, total_in(payload), len(rows))


def camera_rows(payload: Any) -> list[Any]:
    """Find what a page of cameras lists, unread."""
    return list_in(payload, "cameras", "cameralist")


def camera_in_row(row: Any) -> Camera | None:
    """Read one of what a page lists; None without an identifier."""
    return _camera(fields_of(row))


def camera(payload: Any) -> Camera | None:
    """Read one camera, bare or in a wrapper; None without an identifier."""
    found = (_camera(fields) for fields in single_objects(payload, "camera"))
    return next((each for each in found if each is not None), None)


def _camera(fields: Fields) -> Camera | None:
    fields = spread(fields, *_CAMERA_PARTS)
    identifier = text_in(
        fields, "id", "cameraid", "uuid", "camerauuid"
    ) or _unexpected_id(fields)
    if identifier is None:
        return None
    online, status = state_in(fields, CONNECTED, *_CONNECTION_NAMES)
    recording, recording_status = state_in(fields, RECORDED, *_RECORDING_STATE_NAMES)
    device = object_in(
        fields, "device", "edgedevice", "edge", "gateway", "deviceinfo", "router"
    )
    model = text_in(fields, "model", "modelname", "cameramodel", "productname")
    device_model = text_in(
        fields, "devicemodel", "edgedevicemodel", "gatewaymodel"
    ) or text_in(device, "model", "modelname", "devicemodel", "productname")
    if (
        device_model is None
        and model is not None
        and _EDGE_DEVICE_MODEL.match(model) is not None
    ):
        device_model, model = model, None
    return Camera(
        id=identifier,
        name=text_in(
            fields,
            "name",
            "cameraname",
            "displayname",
            "label",
            "title",
            "nickname",
            "cameralabel",
            "alias",
            "friendlyname",
            "カメラ名",
            "名前",
        )
        or identifier,
        device_id=_shared(
            text_in(
                fields,
                "deviceid",
                "edgedeviceid",
                "gatewayid",
                "edgeid",
                "parentdeviceid",
                "deviceuuid",
                "routerid",
            )
            or text_in(
                device,
                "id",
                "deviceid",
                "edgedeviceid",
                "gatewayid",
                "uuid",
                "deviceuuid",
            )
        ),
        device_name=_shared(
            text_in(fields, "devicename", "edgedevicename", "gatewayname")
            or text_in(device, "name", "devicename", "edgedevicename", "displayname")
        ),
        device_model=_shared(device_model),
        model=_shared(model),
        online=online,
        status=_shared(status),
        recording=recording,
        recording_status=_shared(recording_status),
        storage=_shared(_storage(fields)),
        version=_shared(_version(fields)),
        thumbnail=camera_thumbnail(fields),
    )


def _shared(text: str | None) -> str | None:
    """Return a text that many cameras have as one object for all of them."""
    return intern(text) if text is not None else None


def _unexpected_id(fields: Fields) -> str | None:
    """Return the first UUID under a name in "id" which does not name something else."""
    for name, value in fields.items():
        if (
            isinstance(value, str)
            and name.endswith(("id", "guid", "key"))
            and not name.startswith(_OTHERS)
            and is_uuid(value)
        ):
            return value
    return None


def _storage(fields: Fields) -> str | None:
    found = text_in(fields, *_STORAGE_NAMES) or text_in(
        object_in(fields, "storage"), "type", "kind", "location", "name"
    )
    return _storage_called(found) if found is not None else None


@lru_cache(maxsize=256)
def _storage_called(text: str) -> str:
    known = [storage for storage, word in _STORAGE_WORDS.items() if word.search(text)]
    return known[0].value if len(known) == 1 else text.upper()


def _version(fields: Fields) -> str | None:
    """Return the version of the camera's software, out of version information of any form."""
    found = text_in(fields, *_VERSION_NAMES, *_VERSION_PLACES)
    if found is not None:
        return found
    inner = object_in(fields, *_VERSION_PLACES)
    return text_in(inner, "camera", "current", *_VERSION_NAMES, "main")
