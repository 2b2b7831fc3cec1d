"""Where files are kept: clips, snapshots and thumbnails, behind presigned URLs.

Not part of the API: a client gets these URLs from it, and must take them as they are.
"""

from functools import partial
from typing import Final

from aiohttp import web

from tests.cloud.answers import Answer, FilePart, content_answer, file_answer
from tests.cloud.backend import Backend
from tests.cloud.media import CONTENT_TYPES, SUFFIXES, Category, Media, MediaState
from tests.cloud.refusals import NotFoundError
from tests.cloud.studio import scene_of
from tests.cloud.thumbnails import is_thumbnail
from tests.cloud.video import encode_snapshot, encode_thumbnail, write_clip
from tests.cloud.world import Camera

MEDIA_PATH: Final = "/storage/media/{name}"
THUMBNAIL_PATH: Final = r"/storage/thumbnails/{cameraId}/{millis:\d+}.jpg"


def media_path(media: Media) -> str:
    """Return where the file of a clip or snapshot is."""
    return f"/storage/media/{media.id}.{SUFFIXES[media.category]}"


def thumbnail_path(camera: Camera, moment: float) -> str:
    """Return where a thumbnail is."""
    return f"/storage/thumbnails/{camera.id}/{round(moment * 1000)}.jpg"


async def media(backend: Backend, request: web.Request) -> Answer:
    """Return the file of a clip or snapshot."""
    media_id, _, suffix = request.match_info["name"].partition(".")
    wanted = backend.media.find(media_id)
    ready = wanted is not None and (
        wanted.state(backend.clock.now()) is MediaState.COMPLETED
        and SUFFIXES[wanted.category] == suffix
    )
    if wanted is None or not ready:
        raise NotFoundError("there is no such file")
    scene = scene_of(wanted.camera)
    content_type = CONTENT_TYPES[wanted.category]
    if wanted.category is Category.SNAPSHOT:
        make = partial(encode_snapshot, scene, wanted.start)
        return content_answer(
            request, await backend.studio.content(wanted.id, make), content_type
        )
    write = partial(write_clip, scene=scene, spans=wanted.recorded, size=wanted.size)
    path = await backend.studio.file(wanted.id, write)
    part = FilePart(path, 0, path.stat().st_size)
    return file_answer(request, part, content_type, f"{wanted.id}-{len(part)}")


async def thumbnail(backend: Backend, request: web.Request) -> Answer:
    """Return a thumbnail."""
    camera = backend.world.cameras.get(request.match_info["cameraId"])
    moment = int(request.match_info["millis"]) / 1000
    if camera is None or not is_thumbnail(camera, moment):
        raise NotFoundError("there is no such thumbnail")
    make = partial(encode_thumbnail, scene_of(camera), moment)
    key = (camera.id, camera.name, moment)
    return content_answer(
        request,
        await backend.studio.content(key, make),
        CONTENT_TYPES[Category.SNAPSHOT],
    )
