"""Payload to model: the only place that knows the names on the wire.

The API document states requests exactly, but leaves most responses open. So each field is
looked for under an ordered list of names, and all but an identifier may be missing: an object
without one is dropped, everything else degrades. No reader here raises on what a 2xx response
may hold, whatever it is.

Names are compared without case, `_` and `-`, so `cameraId`, `camera_id` and `CameraID` are one.
A name with a dot leads into a nested object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
import math
import re
from typing import Any

from .models import (
    Camera,
    CameraPage,
    Device,
    DevicePage,
    ExternalDevice,
    Media,
    MediaCategory,
    MediaState,
    Port,
    PortKind,
    Recording,
    Stream,
    Tenant,
    Thumbnail,
    ThumbnailList,
    TokenGrant,
)

type Fields = dict[str, Any]

_LIST_KEYS = ("data", "items", "content", "list", "results")
_DEEPEST = 6
_URL = re.compile(r"https?://\S+")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NUMBER = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)")
_NOISE = re.compile(r"[\W_]+")

_ON = frozenset(
    "on 1 true yes enable enabled up active high closed powered poweron delivering"
    " オン 有効".split()
)
_OFF = frozenset(
    "off 0 false no disable disabled down inactive low open unpowered poweroff"
    " オフ 無効".split()
)
_ONLINE = frozenset(
    "online connected connect normal ok up active alive available reachable"
    " running good healthy on true yes 1 オンライン 接続 接続中 正常".split()
)
_OFFLINE = frozenset(
    "offline disconnected disconnect abnormal error fault down inactive dead unavailable"
    " unreachable lost ng bad unhealthy notconnected noconnection stopped off false no 0"
    " オフライン 切断 未接続 異常".split()
)
_RECORDING = frozenset(
    "recording rec record on true yes 1 active running started start enabled inprogress"
    " 録画 録画中".split()
)
_NOT_RECORDING = frozenset(
    "notrecording norecording stopped stop off false no 0 none idle inactive disabled paused"
    " standby unrecorded 停止 停止中 未録画".split()
)
_COMPLETED = frozenset(
    "completed complete done success succeeded successful finished ready available ok"
    " uploaded generated 完了 成功".split()
)
_FAILED = frozenset(
    "failed fail failure error errored aborted abort cancelled canceled rejected expired"
    " timeout timedout notfound norecording ng 失敗 エラー".split()
)

_STATE_NAMES = (
    "status",
    "state",
    "value",
    "connected",
    "online",
    "recording",
    "on",
    "active",
    "enabled",
    "code",
    "name",
    "text",
)


# --- The readers, one a kind of response ---------------------------------------------------


def token(payload: Any) -> TokenGrant | None:
    """Read an issued token; None without one. Known: access_token, expires_in."""
    fields = _fields(payload)
    value = _text(fields, "accesstoken")
    if value is None:
        return None
    lifetime = _number(fields, "expiresin")
    return TokenGrant(value, lifetime if lifetime and lifetime > 0 else 7200.0)


def tenant(payload: Any) -> Tenant | None:
    """Read a tenant and those below it; None for what holds neither. All names are known."""
    if isinstance(payload, list):
        payload = payload[0] if payload else None
    return _tenant(_fields(payload), 0)


def camera_page(payload: Any) -> CameraPage:
    """Read a page of cameras. Assumed: all but that there are cameras."""
    cameras = _each(payload, _camera, "cameras", "cameralist")
    return CameraPage(cameras, _total(payload))


def camera(payload: Any) -> Camera | None:
    """Read one camera, bare or in a wrapper; None without an identifier."""
    found = _camera(_fields(payload))
    if found is not None:
        return found
    return next(iter(camera_page(_unwrapped(payload, "camera")).cameras), None)


def thumbnails(payload: Any) -> ThumbnailList:
    """Read found thumbnails. Known: total, thumbnails; assumed: what is in them."""
    found = tuple(
        thumbnail
        for item in _list(payload, "thumbnails")
        if (thumbnail := _thumbnail(item)) is not None
    )
    return ThumbnailList(found, _total(payload))


def recordings(payload: Any) -> tuple[Recording, ...]:
    """Read the stretches of a recording history. Assumed: all names."""
    found = (
        _recording(item)
        for item in _list(payload, "history", "histories", "recordings")
    )
    return tuple(recording for recording in found if recording is not None)


def stream(payload: Any) -> Stream | None:
    """Read a started playback; None without a URL. Assumed: all names."""
    urls = [text for text in _strings(payload) if _URL.fullmatch(text)]
    if not urls:
        return None
    named = _search_text(
        payload, "hlsurl", "url", "playbackurl", "streamurl", "playlisturl"
    )
    candidates = [url for url in urls if ".m3u8" in url] or urls
    url = named if named in candidates else candidates[0]
    request_id = _search_text(
        payload, "requestid", "streamid", "sessionid", "playbackid", "id", "uuid"
    ) or next((text for text in _strings(payload) if _UUID.fullmatch(text)), None)
    return Stream(url, request_id)


def media(payload: Any) -> Media | None:
    """Read one media object; None without an identifier.

    Known: all names at its top level; assumed: what is in meta, and the status words.
    """
    found = _media(_fields(payload))
    if found is not None:
        return found
    return next(iter(media_list(_unwrapped(payload, "media"))), None)


def media_list(payload: Any) -> tuple[Media, ...]:
    """Read found media objects."""
    return _each(payload, _media, "medias", "media")


def device_page(payload: Any) -> DevicePage:
    """Read a page of devices with their external equipment. Known: data, summary."""
    devices: dict[str, Device] = {}
    for item in _list(payload, "data", "devices"):
        device = _device(_fields(item))
        if device is None:
            continue
        known = devices.get(device.id)
        if known is not None:
            # A flat listing repeats the device with each piece of equipment.
            equipment = known.external_devices + device.external_devices
            device = Device(device.id, known.name, known.model, equipment)
        devices[device.id] = device
    return DevicePage(tuple(devices.values()), _total(payload))


def external_devices(payload: Any) -> tuple[ExternalDevice, ...]:
    """Read the external equipment of one device. Known: data, summary."""
    found: dict[str, ExternalDevice] = {}
    for item in _list(payload, "data", "externaldevices"):
        fields = _fields(item)
        nested = _nested_list(fields, "externaldevices", "equipment", "equipments")
        for each in [fields] if nested is None else map(_fields, nested):
            equipment = _external_device(each)
            if equipment is not None:
                found[equipment.id] = equipment
    return tuple(found.values())


def ports(payload: Any) -> tuple[Port, ...]:
    """Read the ports of a device, however deep they lie. Known: data, summary."""
    found: dict[str, Port] = {}
    body = _fields(payload).get("data", payload)
    for fields, group in _port_objects(body, "", 0):
        port = _port(fields, group)
        if port is not None:
            found.setdefault(port.id, port)
    return tuple(found.values())


# --- Objects -------------------------------------------------------------------------------


def _tenant(fields: Fields, depth: int) -> Tenant | None:
    account_id = _text(fields, "accountid")
    subscription_id = _text(fields, "subscriptionid")
    children: list[Tenant] = []
    if depth < _DEEPEST:
        for item in _nested_list(fields, "childaccounts") or []:
            child = _tenant(_fields(item), depth + 1)
            if child is not None:
                children.append(child)
    if account_id is None and subscription_id is None and not children:
        return None
    identifier = account_id or subscription_id or ""
    return Tenant(
        account_id=identifier,
        account_name=_text(fields, "accountname") or identifier,
        subscription_id=subscription_id,
        subscription_name=_text(fields, "subscriptionname"),
        children=tuple(children),
    )


def _camera(fields: Fields) -> Camera | None:
    identifier = _text(fields, "id", "cameraid", "uuid", "camerauuid") or _own_id(
        fields
    )
    if identifier is None:
        return None
    online, status = _state(
        fields,
        _ONLINE,
        _OFFLINE,
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
    recording, recording_status = _state(
        fields,
        _RECORDING,
        _NOT_RECORDING,
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
    model = _text(fields, "model", "modelname", "cameramodel", "productname")
    device_model = _text(
        fields,
        "devicemodel",
        "edgedevicemodel",
        "gatewaymodel",
        "device.model",
        "edgedevice.model",
        "edge.model",
        "gateway.model",
    )
    if device_model is None and model is not None and re.match(r"A[GXRC]\d", model):
        # The vendor's gateways and routers are called so, its cameras are not.
        device_model, model = model, None
    storage = _text(
        fields,
        "storage",
        "storagetype",
        "recordingstorage",
        "storagelocation",
        "recordingdestination",
        "storage.type",
        "storage.location",
    )
    return Camera(
        id=identifier,
        name=_text(
            fields, "name", "cameraname", "displayname", "label", "title", "nickname"
        )
        or identifier,
        device_id=_text(
            fields,
            "deviceid",
            "edgedeviceid",
            "gatewayid",
            "edgeid",
            "device.id",
            "device.deviceid",
            "edgedevice.id",
            "edgedevice.deviceid",
            "edge.id",
            "gateway.id",
            "parentdeviceid",
        ),
        device_name=_text(
            fields,
            "devicename",
            "edgedevicename",
            "gatewayname",
            "device.name",
            "device.devicename",
            "device.displayname",
            "edgedevice.name",
            "edge.name",
            "gateway.name",
        ),
        device_model=device_model,
        model=model,
        online=online,
        status=status,
        recording=recording,
        recording_status=recording_status,
        storage=storage.upper() if storage else None,
        version=_text(
            fields,
            "version",
            "firmwareversion",
            "firmware",
            "fwversion",
            "softwareversion",
            "appversion",
            "version.firmware",
            "version.version",
            "versioninfo.firmware",
            "versioninfo.version",
            "versioninfo",
        ),
        thumbnail=_camera_thumbnail(fields),
    )


def _camera_thumbnail(fields: Fields) -> Thumbnail | None:
    names = (
        "thumbnail",
        "latestthumbnail",
        "thumbnails",
        "thumbnailinfo",
        "snapshot",
        "image",
    )
    for name in names:
        value = fields.get(name)
        if isinstance(value, list):
            value = value[0] if value else None
        if value and (found := _thumbnail(value)) is not None:
            time = found.time or _time(fields, *_FLAT_THUMBNAIL_TIMES)
            return _picture(time, found.url)
    url = _url(
        fields, "thumbnailurl", "thumbnailimageurl", "imageurl", "thumbnailpresignedurl"
    )
    time = _time(fields, *_FLAT_THUMBNAIL_TIMES)
    return _picture(time, url)


_FLAT_THUMBNAIL_TIMES = (
    "thumbnailtimestamp",
    "thumbnailtime",
    "thumbnaildatetime",
    "thumbnailat",
    "thumbnailupdatedat",
    "thumbnaildate",
)


def _thumbnail(item: Any) -> Thumbnail | None:
    if isinstance(item, str):
        return _picture(None, item) if _URL.fullmatch(item) else None
    fields = _fields(item)
    url = _url(
        fields,
        "url",
        "presignedurl",
        "imageurl",
        "thumbnailurl",
        "signedurl",
        "href",
        "src",
    ) or _first_url(item)
    time = _time(
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
    )
    if time is None and fields:
        time = _only_time(fields)
    return _picture(time, url)


def _picture(time: datetime | None, url: str | None) -> Thumbnail | None:
    if time is None and url is None:
        return None
    return Thumbnail(time, url, url.partition("?")[0] if url and time is None else None)


def _recording(item: Any) -> Recording | None:
    if isinstance(item, list) and len(item) == 2:
        item = {"start": item[0], "end": item[1]}
    fields = _fields(item)
    start = _time(
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
        "recordingstarttime",
        "range.start",
        "range.starttime",
        "range.from",
    )
    if start is None:
        return None
    end = _time(
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
        "recordingendtime",
        "range.end",
        "range.endtime",
        "range.to",
    )
    if end is None:
        seconds = _number(
            fields, "duration", "durationseconds", "durationsec", "length"
        )
        if seconds is not None and seconds >= 0:
            end = start + timedelta(seconds=min(seconds, 1e9))
    return None if end is not None and end < start else Recording(start, end)


def _media(fields: Fields) -> Media | None:
    identifier = _text(fields, "id", "mediaid", "uuid")
    if identifier is None:
        return None
    category = _text(fields, "category", "mediacategory") or ""
    meta = _fields(fields.get("meta"))
    url = (
        _url(fields, "url", "presignedurl", "downloadurl", "fileurl")
        or _url(meta, "url", "presignedurl", "downloadurl", "fileurl")
        or _first_url(fields)
    )
    state, status = _media_state(fields, url)
    size = _number(fields, "size", "filesize", "bytes")
    return Media(
        id=identifier,
        camera_id=_text(fields, "cameraid", "camera.id"),
        category=_CATEGORIES.get(category.upper()),
        name=_text(fields, "name", "medianame", "title"),
        state=state,
        status=status,
        start=_time(fields, "starttime", "start", "startdatetime"),
        end=_time(fields, "endtime", "end", "enddatetime"),
        requested=_time(
            fields, "requesteddatetime", "requestedat", "requestedtime", "createdat"
        ),
        size=int(size) if size is not None and size >= 0 else None,
        content_type=_text(
            {**fields, **meta}, "contenttype", "mimetype", "mediatype", "mime"
        ),
        type=_text(fields, "type"),
        source=_text(fields, "source"),
        pid=_text(fields, "pid"),
        url=url,
    )


_CATEGORIES = {category.value: category for category in MediaCategory}


def _media_state(fields: Fields, url: str | None) -> tuple[MediaState, str | None]:
    status = _state_text(fields.get("status", fields.get("state")))
    word = _word(status) if status is not None else ""
    if word in _COMPLETED or "complet" in word or "success" in word or "succe" in word:
        return MediaState.COMPLETED, status
    if word in _FAILED or "fail" in word or "error" in word:
        return MediaState.FAILED, status
    # Without a status that can be understood, a file to fetch is the best sign there is.
    if not word and url is not None:
        return MediaState.COMPLETED, status
    return MediaState.PENDING, status


def _device(fields: Fields) -> Device | None:
    identifier = _text(
        fields,
        "deviceid",
        "edgedeviceid",
        "gatewayid",
        "device.id",
        "device.deviceid",
        "edgedevice.id",
        "id",
        "uuid",
    ) or _own_id(fields)
    if identifier is None:
        return None
    nested = _nested_list(
        fields,
        "externaldevices",
        "externaldevicelist",
        "equipment",
        "equipments",
        "externals",
        *_LIST_KEYS,
    )
    equipment = [_external_device(_fields(item)) for item in nested or []]
    if nested is None and _is_flat_row(fields, identifier):
        equipment = [_external_device(fields)]
    return Device(
        id=identifier,
        name=_text(
            fields,
            "devicename",
            "edgedevicename",
            "gatewayname",
            "device.name",
            "device.devicename",
            "device.displayname",
            "edgedevice.name",
            "displayname",
            *(() if nested is None else ("name",)),
        ),
        model=_text(
            fields,
            "model",
            "devicemodel",
            "modelname",
            "device.model",
            "edgedevice.model",
            "producttype",
            "productname",
        ),
        external_devices=tuple(each for each in equipment if each is not None),
    )


def _is_flat_row(fields: Fields, device_id: str) -> bool:
    """Return whether a device's row is one of its equipment, with the device beside it."""
    own = _text(fields, "externaldeviceid", "equipmentid", "ipaddress", "ip", "id")
    return own is not None and own != device_id


def _external_device(fields: Fields) -> ExternalDevice | None:
    name = _text(
        fields,
        "name",
        "externaldevicename",
        "displayname",
        "equipmentname",
        "label",
        "hostname",
        "title",
    )
    address = _text(fields, "ipaddress", "ip", "address", "ipv4", "host")
    identifier = (
        _text(fields, "id", "externaldeviceid", "equipmentid", "uuid", "externalid")
        or address
        or name
    )
    if identifier is None:
        return None
    online, status = _state(
        fields,
        _ONLINE,
        _OFFLINE,
        "status",
        "connectionstatus",
        "connectionstate",
        "onlinestatus",
        "state",
        "connection",
        "alivestatus",
        "monitoringstatus",
        "alive",
        "isonline",
        "online",
        "isconnected",
        "connected",
        "reachable",
    )
    return ExternalDevice(
        id=identifier,
        name=name or address or identifier,
        ip_address=address,
        port_id=_text(
            fields,
            "portid",
            "port.id",
            "port.portid",
            "portname",
            "port.name",
            "port",
            "interface",
            "lanport",
            "portnumber",
        ),
        online=online,
        status=status,
    )


_PORT_IDS = (
    "portid",
    "id",
    "peripheralid",
    "port",
    "portnumber",
    "portno",
    "portname",
    "name",
)


def _port(fields: Fields, group: str) -> Port | None:
    identifier = _text(fields, *_PORT_IDS)
    if identifier is None:
        return None
    name = (
        _text(fields, "name", "portname", "displayname", "label", "title") or identifier
    )
    on, status = _state(
        fields,
        _ON,
        _OFF,
        "status",
        "state",
        "portstatus",
        "portstate",
        "powerstatus",
        "powerstate",
        "poestatus",
        "poestate",
        "value",
        "outputstate",
        "inputstate",
        "ison",
        "on",
        "enabled",
        "enable",
        "active",
        "level",
        "power",
    )
    kind = _text(
        fields,
        "type",
        "porttype",
        "kind",
        "category",
        "peripheraltype",
        "direction",
        "mode",
    )
    return Port(
        id=identifier,
        name=name,
        kind=_port_kind(kind, group, identifier, name),
        on=on,
        status=status,
        voltage=_number(
            fields, "voltage", "volt", "volts", "poevoltage", "v", "power.voltage"
        ),
        power=_number(
            fields,
            "watt",
            "watts",
            "wattage",
            "powerconsumption",
            "poewatt",
            "poepower",
            "consumption",
            "w",
            "power.watt",
            "power.watts",
            "power",
        ),
    )


_INPUT_WORDS = re.compile(
    r"^(di\d*|din\d*|in\d*|input.*|digitalin.*|dinput.*|contactin.*)$"
)
_OUTPUT_WORDS = re.compile(
    r"^(do\d*|dout\d*|out\d*|output.*|digitalout.*|doutput.*|relay.*|contactout.*)$"
)
_POE_WORDS = re.compile(r"^(.*poe.*|lan\d*|eth\d*|ethernet.*)$")


def _port_kind(*hints: str | None) -> PortKind:
    """Tell the kind from the first hint that says one: type, group, identifier, name."""
    for hint in hints:
        word = _word(hint or "")
        if _POE_WORDS.match(word):
            return PortKind.POE
        if _INPUT_WORDS.match(word):
            return PortKind.INPUT
        if _OUTPUT_WORDS.match(word):
            return PortKind.OUTPUT
    return PortKind.OTHER


def _port_objects(value: Any, group: str, depth: int) -> Iterator[tuple[Fields, str]]:
    """Find what looks like a port: an object with an identifier and no objects in lists.

    Yields each with the name of the group it lies in, which may tell its kind.
    """
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            yield from _port_objects(item, group, depth + 1)
        return
    fields = _fields(value)
    if "portid" in fields:
        yield fields, group
        return
    inner = [
        (name, child)
        for name, child in fields.items()
        if _objects_in(child) and not name.startswith(("external", "summary"))
    ]
    if inner:
        for name, child in inner:
            # "ports", "data" and the like say where, not what.
            said = name if _port_kind(name) is not PortKind.OTHER else group
            if isinstance(child, dict):
                for key, item in child.items():
                    if isinstance(item, dict):
                        yield from _port_objects({"id": key, **item}, said, depth + 1)
            else:
                yield from _port_objects(child, said, depth + 1)
    elif _text(fields, *_PORT_IDS) is not None:
        yield fields, group
    else:
        for key, item in value.items() if isinstance(value, dict) else ():
            if isinstance(item, dict):
                yield from _port_objects({"id": key, **item}, group, depth + 1)


def _objects_in(value: Any) -> bool:
    """Return whether a value is a list of objects, or an object made of objects only."""
    if isinstance(value, list):
        return any(isinstance(item, dict) for item in value)
    return (
        isinstance(value, dict)
        and bool(value)
        and all(isinstance(item, dict) for item in value.values())
    )


# --- Lists ---------------------------------------------------------------------------------


def _each[T](
    payload: Any, read: Callable[[Fields], T | None], *keys: str
) -> tuple[T, ...]:
    """Read each object of a list, without those that have no identifier."""
    found = (read(_fields(item)) for item in _list(payload, *keys))
    return tuple(item for item in found if item is not None)


def _list(payload: Any, *keys: str, depth: int = 0) -> list[Any]:
    """Find the list of a response: bare, under a key, in a wrapper, or the only one."""
    if isinstance(payload, list):
        return payload
    fields = _fields(payload)
    found = _nested_list(fields, *keys, *_LIST_KEYS)
    if found is not None:
        return found
    lists = [value for value in fields.values() if isinstance(value, list)]
    if len(lists) == 1:
        return lists[0]
    if depth < _DEEPEST:
        for key in (
            *keys,
            *_LIST_KEYS,
            "response",
            "result",
            "body",
            "payload",
            "page",
        ):
            inner = fields.get(key)
            if isinstance(inner, dict) and (
                found := _list(inner, *keys, depth=depth + 1)
            ):
                return found
    return []


def _nested_list(fields: Fields, *keys: str) -> list[Any] | None:
    """Return the list under the first key that has one; an object of objects is a list too."""
    for key in keys:
        value = fields.get(key)
        if isinstance(value, list):
            return value
        if isinstance(value, dict) and _UUID.fullmatch(next(iter(value), "")):
            return [
                {"id": name, **item}
                for name, item in value.items()
                if isinstance(item, dict)
            ]
    return None


def _total(payload: Any) -> int | None:
    """Read how many there are in all, from beside the list or from its summary."""
    names = (
        "total",
        "totalcount",
        "totalelements",
        "totalitems",
        "totalsize",
        "summary.total",
        "summary.totalcount",
        "summary.totalelements",
        "summary.count",
        "page.total",
        "page.totalelements",
        "pagination.total",
        "meta.total",
        "data.total",
    )
    number = _number(_fields(payload), *names)
    return int(number) if number is not None and number >= 0 else None


def _unwrapped(payload: Any, key: str) -> Any:
    """Return what lies in the wrapper of a single object, as a list of it."""
    fields = _fields(payload)
    for name in (key, *_LIST_KEYS, "result", "response"):
        inner = fields.get(name)
        if isinstance(inner, dict):
            return [inner]
    return payload


# --- Fields --------------------------------------------------------------------------------


def _fields(value: Any) -> Fields:
    """Return an object under comparable names; empty for anything else."""
    if not isinstance(value, Mapping):
        return {}
    return {_name(key): item for key, item in value.items()}


_names: dict[str, str] = {}


def _name(key: Any) -> str:
    """Return a key without case, `_` and `-`; remembered, for pages repeat few keys."""
    found = _names.get(key) if isinstance(key, str) else None
    if found is None:
        found = str(key).replace("_", "").replace("-", "").lower()
        if isinstance(key, str) and len(_names) < 4096:
            _names[key] = found
    return found


def _value(fields: Fields, name: str) -> Any:
    """Return what lies under a name, along its dots."""
    first, _, rest = name.partition(".")
    value = fields.get(first)
    if not rest or value is None:
        return value
    return _value(_fields(value), rest)


def _text(fields: Fields, *names: str) -> str | None:
    """Return the first of the fields that is a text or a number, as text without blanks."""
    for name in names:
        value = _value(fields, name)
        if isinstance(value, bool):
            continue
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, str | int | float) and (text := str(value).strip()):
            return text
    return None


def _number(fields: Fields, *names: str) -> float | None:
    """Return the first of the fields that is a number, or a text that begins with one."""
    for name in names:
        value = _value(fields, name)
        if isinstance(value, bool):
            continue
        if isinstance(value, str):
            match = _NUMBER.match(value)
            value = float(match.group(1)) if match else None
        if isinstance(value, int | float) and math.isfinite(value):
            return float(value)
    return None


def _own_id(fields: Fields) -> str | None:
    """Return the identifier of an object that calls it by an unexpected name.

    That is the first UUID under a name in "id" which does not name something else.
    """
    others = (
        "device",
        "edge",
        "gateway",
        "subscription",
        "account",
        "tenant",
        "partition",
    )
    for name, value in fields.items():
        if (
            isinstance(value, str)
            and name.endswith(("id", "guid", "key"))
            and not name.startswith(others)
            and _UUID.fullmatch(value)
        ):
            return value
    return None


def _state(
    fields: Fields, good: frozenset[str], bad: frozenset[str], *names: str
) -> tuple[bool | None, str | None]:
    """Return what the first understood field means, with its text.

    A word that is in neither set is kept as text and means unknown.
    """
    unknown: str | None = None
    for name in names:
        value = fields.get(name)
        meaning, text = _meaning(value, good, bad)
        if meaning is not None:
            return meaning, text
        unknown = unknown or text
    return None, unknown


def _meaning(
    value: Any, good: frozenset[str], bad: frozenset[str]
) -> tuple[bool | None, str | None]:
    if isinstance(value, dict):
        meaning, text = _state(_fields(value), good, bad, *_STATE_NAMES)
        if meaning is None and text is None:
            flags = [item for item in value.values() if isinstance(item, bool)]
            meaning = any(flags) if flags else None
        return meaning, text
    text = _state_text(value)
    if text is None:
        return None, None
    word = _word(text)
    if word in good:
        return True, text
    if word in bad:
        return False, text
    return None, text


def _state_text(value: Any) -> str | None:
    """Return a state as the service said it."""
    if isinstance(value, dict):
        return _search_state_text(_fields(value))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str | int | float):
        return str(value).strip() or None
    return None


def _search_state_text(fields: Fields) -> str | None:
    for name in _STATE_NAMES:
        value = fields.get(name)
        if value is not None and not isinstance(value, dict):
            return _state_text(value)
    return None


def _word(text: str) -> str:
    """Return a word without case, blanks and punctuation."""
    return _NOISE.sub("", text).casefold()


def _time(fields: Fields, *names: str) -> datetime | None:
    """Return the first of the fields that is a time, in UTC."""
    for name in names:
        value = _value(fields, name)
        if value is not None and (time := moment(value)) is not None:
            return time
    return None


def _only_time(fields: Fields) -> datetime | None:
    """Return the one ISO time of an object that calls it by an unexpected name."""
    texts = [
        value for value in fields.values() if isinstance(value, str) and "T" in value
    ]
    times = [time for text in texts if (time := moment(text)) is not None]
    return times[0] if len(times) == 1 else None


def moment(value: Any) -> datetime | None:
    """Read a time: ISO 8601 (UTC without an offset), or epoch seconds or milliseconds."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value.strip().replace("/", "-")
        try:
            value = float(text)
        except ValueError:
            try:
                time = datetime.fromisoformat(text)
            except ValueError:
                return None
            try:
                return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
            except OverflowError:
                return None
    if not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
        return None
    # Seconds reach this number in the year 5138, milliseconds reached it in 1973.
    seconds = value / 1000 if value >= 1e11 else value
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except OverflowError, OSError, ValueError:
        return None


def _url(fields: Fields, *names: str) -> str | None:
    """Return the first of the fields that is a URL."""
    for name in names:
        value = _value(fields, name)
        if isinstance(value, str) and _URL.fullmatch(value):
            return value
    return None


def _first_url(value: Any) -> str | None:
    """Return the first URL anywhere in a value."""
    return next((text for text in _strings(value) if _URL.fullmatch(text)), None)


def _strings(value: Any, depth: int = 0) -> Iterator[str]:
    """Yield all texts in a value, in order."""
    if isinstance(value, str):
        yield value
    elif depth < _DEEPEST:
        children = value.values() if isinstance(value, dict) else value
        if isinstance(value, dict | list):
            for child in children:
                yield from _strings(child, depth + 1)


def _search_text(value: Any, *names: str) -> str | None:
    """Return the text under the first of the names that stands anywhere in a value."""
    for name in names:
        found = _search(value, name, 0)
        if found is not None:
            return found
    return None


def _search(value: Any, name: str, depth: int) -> str | None:
    fields = _fields(value)
    found = _text(fields, name)
    if found is not None or depth >= _DEEPEST:
        return found
    children = fields.values() if fields else value if isinstance(value, list) else ()
    for child in children:
        if isinstance(child, dict | list):
            found = _search(child, name, depth + 1)
            if found is not None:
                return found
    return None
