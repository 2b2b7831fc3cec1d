"""Cameras, their thumbnails and recordings (API document, section 3. カメラ)."""

from tests.cloud.backend import Backend
from tests.cloud.call import Call
from tests.cloud.refusals import BadRequestError
from tests.cloud.templates import Json, render
from tests.cloud.terms import camera_terms
from tests.cloud.thumbnails import find_thumbnails, newest_thumbnail
from tests.cloud.world import Camera

from .storage import thumbnail_path

_MOST_CAMERA_IDS = 10
_LARGEST_PAGE = 500
_MOST_THUMBNAILS = 100


async def listing(call: Call) -> Json:
    """カメラ一覧取得: a page of cameras, or up to ten that are named."""
    tenant = call.tenant()
    with call.query() as query:
        page = query.integer("page", 0, 0)
        size = query.integer("size", _LARGEST_PAGE, 1, _LARGEST_PAGE)
        wanted = query.uuids("cameraId", _MOST_CAMERA_IDS)
        if wanted and query.given() != {"cameraId"}:
            raise BadRequestError("cameraId can't be combined with other parameters")
        expiration = query.url_seconds()
    everything = list(tenant.cameras.values())
    chosen = (
        [camera for camera in everything if camera.id in wanted]
        if wanted
        else everything[page * size : (page + 1) * size]
    )
    return render(
        call.backend.dialect.camera_page,
        {
            "cameras": [
                _write_camera(camera, call.backend, expiration) for camera in chosen
            ],
            "total": len(chosen if wanted else everything),
            "page": page,
            "size": size,
        },
    )


async def alone(call: Call) -> Json:
    """カメラ単体取得: one camera."""
    camera = call.camera()
    with call.query() as query:
        expiration = query.url_seconds()
    written = _write_camera(camera, call.backend, expiration)
    return render(call.backend.dialect.camera_alone, {"camera": written})


async def thumbnails(call: Call) -> Json:
    """サムネイル取得: thumbnails of a time, newest first unless only a start is given."""
    camera = call.camera()
    now = call.backend.clock.now()
    with call.query() as query:
        start = query.moment("startTime")
        end = query.moment("endTime")
        limit = query.integer("limit", 1, 1, _MOST_THUMBNAILS)
        expiration = query.url_seconds()
        if start is not None and end is not None and start > end:
            raise BadRequestError("startTime is after endTime")
    found, total = find_thumbnails(
        camera,
        0.0 if start is None else start,
        now if end is None else end,
        limit=limit,
        newest_first=start is None or end is not None,
    )
    dialect = call.backend.dialect
    return {
        "total": total if dialect.counts_all_thumbnails else len(found),
        "thumbnails": [
            render(
                dialect.thumbnail,
                {
                    "time": moment,
                    "url": _thumbnail_url(camera, moment, call.backend, expiration),
                },
            )
            for moment in found
        ],
    }


async def history(call: Call) -> Json:
    """クラウド録画履歴取得: what the cloud has recorded in a range."""
    camera = call.camera()
    with call.query() as query:
        start = query.required_moment("startTime")
        end = query.required_moment("endTime")
        if start >= end:
            raise BadRequestError("endTime is not after startTime")
    template = call.backend.dialect.recording
    return [
        render(template, {"start": span.start, "end": span.end})
        for span in camera.recorded_in_cloud(start, end)
    ]


def _write_camera(camera: Camera, backend: Backend, expiration: float | None) -> Json:
    moment = newest_thumbnail(camera, backend.clock.now())
    url = (
        None if moment is None else _thumbnail_url(camera, moment, backend, expiration)
    )
    return render(backend.dialect.camera, camera_terms(camera, moment, url))


def _thumbnail_url(
    camera: Camera, moment: float, backend: Backend, expiration: float | None
) -> str | None:
    if expiration is None:
        return None
    return backend.presigned_url(thumbnail_path(camera, moment), expiration)
