"""Cameras with their thumbnails, recordings and streams.

API document, sections 3. カメラ and 4. 映像再生. Known are the parameters, that a camera has a
recording state and version information, and `total` and `thumbnails` of a thumbnail search;
all other names are assumed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
import re
from sys import intern
from typing import Any

from ..models import Camera, CameraPage, Recording, Stream, Thumbnail, ThumbnailList
from .reading import (
    Fields,
    fields_of,
    first_url,
    is_url,
    is_uuid,
    list_in,
    number_in,
    object_in,
    only_time_in,
    search_text,
    single_objects,
    spread,
    strings,
    text_in,
    time_in,
    total_in,
    url_in,
)
from .states import CONNECTED, RECORDED, state_in

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
    "rec",
)
_VERSION_NAMES = (
    "version",
    "firmwareversion",
    "firmware",
    "fwversion",
    "softwareversion",
    "appversion",
)
_FLAT_THUMBNAIL_TIMES = (
    "thumbnailtimestamp",
    "thumbnailtime",
    "thumbnaildatetime",
    "thumbnailat",
    "thumbnailupdatedat",
    "thumbnaildate",
)

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
    device = object_in(fields, "device", "edgedevice", "edge", "gateway")
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
            fields, "name", "cameraname", "displayname", "label", "title", "nickname"
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
            )
            or text_in(device, "id", "deviceid", "edgedeviceid", "gatewayid", "uuid")
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
        thumbnail=_camera_thumbnail(fields),
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
    found = text_in(
        fields,
        "storage",
        "storagetype",
        "recordingstorage",
        "storagelocation",
        "recordingdestination",
    ) or text_in(object_in(fields, "storage"), "type", "location", "name")
    return found.upper() if found else None


def _version(fields: Fields) -> str | None:
    """Return the version of the camera's software, out of version information of any form."""
    found = text_in(fields, *_VERSION_NAMES, "versioninfo")
    if found is not None:
        return found
    inner = object_in(fields, "versioninfo", "version", "versions", "firmware")
    return text_in(inner, "camera", "current", *_VERSION_NAMES)


# --- Thumbnails ----------------------------------------------------------------------------


def thumbnails(payload: Any) -> ThumbnailList:
    """Read found thumbnails, without those that have neither a time nor a URL."""
    found = map(_thumbnail, list_in(payload, "thumbnails"))
    return ThumbnailList(
        tuple(each for each in found if each is not None), total_in(payload)
    )


def _camera_thumbnail(fields: Fields) -> Thumbnail | None:
    """Return the newest picture that comes with a camera."""
    time = time_in(fields, *_FLAT_THUMBNAIL_TIMES)
    for name in (
        "thumbnail",
        "latestthumbnail",
        "thumbnails",
        "thumbnailinfo",
        "snapshot",
        "image",
    ):
        value = fields.get(name)
        if value is None:
            continue
        pictures = [
            picture
            for each in (value if isinstance(value, list) else [value])
            if (picture := _thumbnail(each)) is not None
        ]
        if pictures:
            # Of several without a time, the first: who lists them, lists the newest first.
            newest = max(pictures, key=_age_key)
            return _picture(newest.time or time, newest.url)
    url = url_in(
        fields, "thumbnailurl", "thumbnailimageurl", "imageurl", "thumbnailpresignedurl"
    )
    return _picture(time, url)


def _age_key(picture: Thumbnail) -> float:
    return picture.time.timestamp() if picture.time is not None else 0.0


def _thumbnail(item: Any) -> Thumbnail | None:
    if isinstance(item, str):
        return _picture(None, item) if is_url(item) else None
    fields = fields_of(item)
    url = url_in(
        fields,
        "url",
        "presignedurl",
        "imageurl",
        "thumbnailurl",
        "signedurl",
        "href",
        "src",
    ) or first_url(item)
    time = time_in(
        fields,
        "timestamp",
        "time",
        "datetime",
        "date",
        "shotat",
        "takenat",
        "capturedat",
        "createdat",
        "createddatetime",
        "updatedat",
        "starttime",
        "dt",
        "ts",
        *_FLAT_THUMBNAIL_TIMES,
    ) or only_time_in(fields)
    return _picture(time, url)


def _picture(time: datetime | None, url: str | None) -> Thumbnail | None:
    if time is None and url is None:
        return None
    return Thumbnail(time, url, url.partition("?")[0] if url and time is None else None)


# --- Recordings and streams ----------------------------------------------------------------


def recordings(payload: Any) -> tuple[Recording, ...]:
    """Read the stretches of a recording history, without those that have no start."""
    rows = list_in(payload, "history", "histories", "recordings")
    return tuple(each for row in rows if (each := _recording(row)) is not None)


def _recording(item: Any) -> Recording | None:
    if isinstance(item, list) and len(item) == 2:
        item = {"start": item[0], "end": item[1]}
    fields = fields_of(item)
    fields = {**object_in(fields, "range", "period", "time"), **fields}
    start = time_in(
        fields,
        "starttime",
        "start",
        "from",
        "begin",
        "startdatetime",
        "startat",
        "starttimestamp",
        "begintime",
        "startdate",
    ) or _time_called(fields, "start", "begin", "from", "timestamp")
    if start is None:
        return None
    end = time_in(
        fields,
        "endtime",
        "end",
        "to",
        "until",
        "enddatetime",
        "endat",
        "endtimestamp",
        "stoptime",
        "stop",
        "finishtime",
        "enddate",
    ) or (
        _time_called(fields, "end", "stop", "finish", "until")
        or _end_by_duration(start, fields)
    )
    return None if end is not None and end < start else Recording(start, end)


def _time_called(fields: Fields, *words: str) -> datetime | None:
    """Return the time of the first field whose name holds the first of the words that any does."""
    for word in words:
        names = [name for name in fields if word in name]
        if (time := time_in(fields, *names)) is not None:
            return time
    return None


def _end_by_duration(start: datetime, fields: Fields) -> datetime | None:
    seconds = number_in(fields, "duration", "durationseconds", "durationsec", "length")
    if seconds is None or seconds < 0:
        return None
    try:
        return start + timedelta(seconds=seconds)
    except OverflowError:
        return None


def stream(payload: Any) -> Stream | None:
    """Read a started playback; None without a URL."""
    urls = list(filter(is_url, strings(payload)))
    if not urls:
        return None
    candidates = [url for url in urls if ".m3u8" in url] or urls
    named = search_text(
        payload, "hlsurl", "url", "playbackurl", "streamurl", "playlisturl"
    )
    request_id = search_text(
        payload, "requestid", "streamid", "sessionid", "playbackid", "id", "uuid"
    ) or next(filter(is_uuid, strings(payload)), None)
    return Stream(named if named in candidates else candidates[0], request_id)
