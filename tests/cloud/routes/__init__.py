"""The requests that the simulated cloud answers, as the API document lists them.

Owns paths and methods. Whatever is not here is not part of the service, and gets a 404.
"""

from typing import Final

from aiohttp import hdrs, web

from tests.cloud.answers import Answer
from tests.cloud.backend import Backend
from tests.cloud.endpoints import Endpoint
from tests.cloud.gate import ApiHandler, Gate, OpenHandler
from tests.cloud.refusals import NotFoundError

from . import accounts, cameras, devices, medias, playlists, segments, storage, streams
from .links import led_on

API_PREFIX: Final = "/ex"

_TENANT: Final = "/partitions/{subscriptionId}"
_CAMERA: Final = _TENANT + "/cameras/{cameraId}"
_STREAM: Final = _CAMERA + "/streams/hls"
_MEDIA: Final = _TENANT + "/medias/{mediaId}"
_DEVICE: Final = _TENANT + "/devices/{deviceId}"

_API: Final[tuple[tuple[Endpoint, str, str, ApiHandler], ...]] = (
    (Endpoint.HIERARCHY, "GET", "/accounts/{accountId}/hierarchy", accounts.hierarchy),
    (Endpoint.CAMERAS, "GET", _TENANT + "/cameras", cameras.listing),
    (Endpoint.CAMERA, "GET", _CAMERA, cameras.alone),
    (Endpoint.THUMBNAILS, "GET", _CAMERA + "/thumbnails", cameras.thumbnails),
    (Endpoint.HISTORY, "GET", _CAMERA + "/history", cameras.history),
    (Endpoint.STREAM_START, "GET", _STREAM + "/start", streams.start),
    (Endpoint.STREAM_UPDATE, "GET", _STREAM + "/update", streams.update),
    (Endpoint.STREAM_STOP, "GET", _STREAM + "/stop", streams.stop),
    (Endpoint.MEDIA_CREATE, "POST", _CAMERA + "/media", medias.create),
    (Endpoint.CAMERA_MEDIAS, "POST", _CAMERA + "/medias", medias.search_camera),
    (Endpoint.MEDIAS, "POST", _TENANT + "/medias", medias.search_tenant),
    (Endpoint.MEDIA_GET, "GET", _MEDIA, medias.alone),
    (Endpoint.MEDIA_PUT, "PUT", _MEDIA, medias.rename),
    (Endpoint.MEDIA_DELETE, "DELETE", _MEDIA, medias.delete),
    (
        Endpoint.EXTERNAL_DEVICES,
        "GET",
        _TENANT + "/devices/externalDevices",
        devices.listing,
    ),
    (
        Endpoint.DEVICE_EXTERNAL_DEVICES,
        "GET",
        _DEVICE + "/externalDevices",
        devices.alone,
    ),
    (Endpoint.PERIPHERALS, "GET", _DEVICE + "/peripherals", devices.peripherals),
    (Endpoint.PORT, "POST", _DEVICE + "/ports/{portId}", devices.operate_port),
)

_PRESIGNED: Final[tuple[tuple[Endpoint, str, OpenHandler], ...]] = (
    (Endpoint.PLAYLIST, playlists.PLAYLIST_PATH, led_on(playlists.playlist)),
    (Endpoint.SEGMENT, segments.SEGMENT_PATH, led_on(segments.segment)),
    (Endpoint.SEGMENT, segments.PART_PATH, led_on(segments.part)),
    (Endpoint.SEGMENT, segments.INITIALIZATION_PATH, led_on(segments.initialization)),
    (Endpoint.SEGMENT, segments.FILE_PATH, led_on(segments.file)),
    (Endpoint.SEGMENT, segments.KEY_PATH, led_on(segments.key)),
    (Endpoint.MEDIA_FILE, storage.MEDIA_PATH, storage.media),
    (Endpoint.THUMBNAIL_FILE, storage.THUMBNAIL_PATH, storage.thumbnail),
)


def add_routes(router: web.UrlDispatcher, gate: Gate) -> None:
    """Make a web server answer for the cloud."""
    token = gate.open(Endpoint.TOKEN, accounts.token)
    router.add_route(hdrs.METH_POST, API_PREFIX + "/oauth2/token", token)
    for endpoint, method, path, handler in _API:
        router.add_route(method, API_PREFIX + path, gate.api(endpoint, handler))
    for endpoint, path, opened in _PRESIGNED:
        guarded = gate.presigned(endpoint, opened)
        router.add_route(hdrs.METH_GET, path, guarded)
        router.add_route(hdrs.METH_HEAD, path, guarded)
    unknown = gate.open(Endpoint.UNKNOWN, _unknown)
    router.add_route(hdrs.METH_ANY, "/{tail:.*}", unknown)


async def _unknown(_backend: Backend, _request: web.Request) -> Answer:
    raise NotFoundError("the API has no such request")
