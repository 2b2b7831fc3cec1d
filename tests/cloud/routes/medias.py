"""Clips and snapshots (API document, section 5. メディア)."""

from tests.cloud.call import Call
from tests.cloud.media import CONTENT_TYPES, Category, Media, MediaState
from tests.cloud.parameters import read_moment
from tests.cloud.refusals import BadRequestError
from tests.cloud.templates import Json, render
from tests.cloud.world import Camera

from .storage import media_path

_LONGEST_CLIP_SECONDS = 3600
_LONGEST_NAME = 64
_LARGEST_PAGE = 1000
_TYPES = {Category.CLIP: "VIDEO", Category.SNAPSHOT: "IMAGE"}


async def create(call: Call) -> Json:
    """ビデオクリップ・スナップショット生成: ask for a clip or a snapshot."""
    camera = call.camera()
    call.refuse_query()
    async with call.body() as body:
        category = Category(body.word("category", tuple(Category)))
        start = read_moment("startTime", body.required("startTime"))
        end_text = body.optional("endTime")
        name = body.string("name", 1, _LONGEST_NAME, default="")
        if category is Category.SNAPSHOT and end_text is not None:
            raise BadRequestError("a snapshot has no endTime")
    library = call.backend.media
    if category is Category.SNAPSHOT:
        return _write(call, library.create_snapshot(camera, start, name))
    if end_text is None:
        raise BadRequestError("a clip needs an endTime")
    end = read_moment("endTime", end_text)
    if not start < end <= start + _LONGEST_CLIP_SECONDS:
        raise BadRequestError("endTime is not after startTime, or by more than an hour")
    return _write(call, library.create_clip(camera, start, end, name))


async def search_camera(call: Call) -> Json:
    """カメラのビデオクリップ・スナップショット検索: a page of a camera's media."""
    return await _search(call, call.camera())


async def search_tenant(call: Call) -> Json:
    """サブスクリプションのビデオクリップ・スナップショット検索: a page of a tenant's media."""
    return await _search(call, None)


async def alone(call: Call) -> Json:
    """ビデオクリップ・スナップショット取得: one, with the URL of its file once it is made."""
    media = call.media()
    with call.query() as query:
        expiration = query.expiration()
    return _write(call, media, expiration)


async def rename(call: Call) -> Json:
    """ビデオクリップ・スナップショット更新: give it another name."""
    media = call.media()
    call.refuse_query()
    async with call.body() as body:
        data = body.member("data")
        name = data.string("name", 1, _LONGEST_NAME)
        data.finish()
    media.name = name
    return _write(call, media)


async def delete(call: Call) -> Json:
    """ビデオクリップ・スナップショット削除: delete it, and return what it was."""
    media = call.media()
    call.refuse_query()
    call.backend.media.delete(media)
    call.backend.studio.discard_file(media.id)
    return [_write(call, media)]


async def _search(call: Call, camera: Camera | None) -> Json:
    tenant = call.tenant()
    call.refuse_query()
    async with call.body() as body:
        categories = body.words("categories", tuple(Category))
        page = body.integer("pageNumber", 0)
        size = body.integer("pageSize", 1, _LARGEST_PAGE)
        direction = body.word("sortDir", ("asc", "desc"), default="desc")
    found = call.backend.media.search(
        tenant, camera, categories, newest_first=direction == "desc"
    )
    return [_write(call, media) for media in found[page * size : (page + 1) * size]]


def _write(call: Call, media: Media, expiration: float | None = None) -> Json:
    """Write a clip or snapshot, with a URL where one is wanted and there is a file."""
    backend = call.backend
    state = media.state(backend.clock.now())
    ready = state is MediaState.COMPLETED
    url = None
    if ready and expiration is not None:
        url = backend.presigned_url(media_path(media), expiration)
    return render(
        backend.dialect.media,
        {
            "media_id": media.id,
            "camera_id": media.camera.id,
            "subscription_id": media.tenant.subscription_id,
            "type": _TYPES[media.category],
            "source": media.camera.storage.value,
            "category": media.category.value,
            "start": media.start,
            "end": media.end if media.category is Category.CLIP else None,
            "name": media.name,
            "state": state.value,
            "requested": media.requested,
            "size": media.size if ready else 0,
            "url": url,
            "content_type": CONTENT_TYPES[media.category] if url else None,
        },
    )
