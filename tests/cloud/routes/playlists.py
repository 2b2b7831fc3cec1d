"""Playlists and segments of the running streams, behind presigned URLs.

Not part of the API: a client gets these URLs from it, and must take them as they are.
"""

from functools import partial
from typing import Final

from aiohttp import hdrs, web

from tests.cloud.answers import Answer, content_answer, text_answer
from tests.cloud.backend import Backend
from tests.cloud.dialects import AfterEnd, Container
from tests.cloud.hls import Segment, Variant, master_playlist, media_playlist
from tests.cloud.live import Session
from tests.cloud.refusals import NotFoundError
from tests.cloud.spans import Span
from tests.cloud.studio import scene_of
from tests.cloud.video import (
    AUDIO_CODEC,
    HIGH,
    LOW,
    MEDIA_TYPES,
    Rendition,
    encode_segment,
    split_segment,
)

PLAYLIST_PATH: Final = "/hls/{token}/{name}.m3u8"
SEGMENT_PATH: Final = r"/hls/{token}/{rendition}-{number:\d+|init}{suffix:(\.\w+)?}"

_PLAYLIST_TYPE: Final = "application/vnd.apple.mpegurl"
_ENTRANCE: Final = "index"
_INITIALIZATION: Final = "init"
_RENDITIONS: Final = {rendition.name: rendition for rendition in (HIGH, LOW)}
_STREAM_URL_SECONDS: Final = 12 * 3600.0
_SEGMENT_URL_SECONDS: Final = 300.0
# How long a playlist is still there after its end, where the dialect removes it.
_GONE_AFTER_SECONDS: Final = 30.0


def playlist_url(session: Session, backend: Backend) -> str:
    """Return where the playlist of a session is, for half a day."""
    return backend.presigned_url(
        _path(session, f"{_ENTRANCE}.m3u8"), _STREAM_URL_SECONDS
    )


async def playlist(backend: Backend, request: web.Request) -> Answer:
    """Return a playlist as it is by now."""
    session = backend.sessions.at(request.match_info["token"])
    name = request.match_info["name"]
    now = backend.clock.now()
    style = backend.dialect.live
    if (
        style.after_end is AfterEnd.GONE
        and now > session.end(now) + _GONE_AFTER_SECONDS
    ):
        raise NotFoundError("the stream has ended")
    if style.master and name == _ENTRANCE:
        text = _write_master(session, backend)
    else:
        rendition = HIGH if name == _ENTRANCE else _RENDITIONS[name]
        session.watch(now)
        text = _write_playlist(session, rendition, backend, now)
    answer = text_answer(text, _PLAYLIST_TYPE)
    answer.headers[hdrs.CACHE_CONTROL] = "no-cache"
    return answer


async def segment(backend: Backend, request: web.Request) -> Answer:
    """Return a segment that is in the playlist or has left it a moment ago."""
    session = backend.sessions.at(request.match_info["token"])
    rendition = _RENDITIONS[request.match_info["rendition"]]
    number = request.match_info["number"]
    style = backend.dialect.live
    fragmented = style.container is Container.FRAGMENTED_MP4
    if number == _INITIALIZATION:
        whole = await _encode(backend, session, rendition, Span(0, 1))
        content = split_segment(whole)[0]
    else:
        place = session.segment(int(number), backend.clock.now())
        whole = await _encode(backend, session, rendition, place)
        content = split_segment(whole)[1] if fragmented else whole
    return content_answer(request, content, MEDIA_TYPES[style.container])


def _write_master(session: Session, backend: Backend) -> str:
    expires = session.started + _STREAM_URL_SECONDS
    sound = f",{AUDIO_CODEC}" if backend.dialect.live.audio else ""
    return master_playlist(
        Variant(
            _uri(session, f"{rendition.name}.m3u8", expires, backend),
            rendition.bits_per_second,
            rendition.width,
            rendition.height,
            rendition.codec + sound,
        )
        for rendition in _RENDITIONS.values()
    )


def _write_playlist(
    session: Session, rendition: Rendition, backend: Backend, now: float
) -> str:
    style = backend.dialect.live
    count = session.segment_count(now)
    if count == 0:
        raise NotFoundError("nothing has arrived yet")
    first = session.first_listed(count)
    stream_expires = session.started + _STREAM_URL_SECONDS

    def listed(number: int) -> Segment:
        place = session.segment(number, now)
        expires = session.started + place.end + _SEGMENT_URL_SECONDS
        name = f"{rendition.name}-{number}{style.suffix}"
        return Segment(
            _uri(
                session, name, stream_expires if session.keeps_all else expires, backend
            ),
            place.seconds,
            session.origin + place.start if style.program_date_time else None,
        )

    initialization = None
    if style.container is Container.FRAGMENTED_MP4:
        name = f"{rendition.name}-{_INITIALIZATION}.mp4"
        initialization = _uri(session, name, stream_expires, backend)
    abandoned = style.after_end is AfterEnd.ENDLIST and not session.is_open(now)
    return media_playlist(
        map(listed, range(first, count)),
        target_seconds=session.segment_seconds,
        sequence=first,
        event=session.keeps_all,
        ended=abandoned or session.complete(now),
        initialization=initialization,
    )


async def _encode(
    backend: Backend, session: Session, rendition: Rendition, place: Span
) -> bytes:
    make = partial(
        encode_segment,
        scene_of(session.camera),
        backend.dialect.live,
        rendition,
        session.origin + place.start,
        place,
    )
    return await backend.studio.content((session.token, rendition.name, place), make)


def _path(session: Session, name: str) -> str:
    return f"/hls/{session.token}/{name}"


def _uri(session: Session, name: str, expires: float, backend: Backend) -> str:
    """Return the signed URI of something beside the playlist, relative to it."""
    return backend.presigner.sign(_path(session, name), expires).rpartition("/")[2]
