"""What the playlists of the running streams list, behind presigned URLs.

Not part of the API: a client gets these URLs from it, and must take them as they are.
"""

from collections.abc import Iterator
from functools import partial
import math
from typing import Final

from aiohttp import hdrs, web

from tests.cloud.answers import Answer, MemoryPart, content_answer, wanted_range
from tests.cloud.backend import Backend
from tests.cloud.encryption import chosen_iv, encrypted, key_bytes, key_number
from tests.cloud.live import PART_SECONDS, Session
from tests.cloud.refusals import NotFoundError
from tests.cloud.single_file import INITIALIZATION_BYTES, FileLayout
from tests.cloud.spans import Span
from tests.cloud.studio import scene_of
from tests.cloud.video import (
    MEDIA_TYPES,
    Rendition,
    encode_segment,
    padded,
    split_segment,
)

from .playlists import RENDITIONS

_RENDITION: Final = "/hls/{token}/{rendition:" + "|".join(RENDITIONS) + "}"
SEGMENT_PATH: Final = _RENDITION + r"-{number:\d+}{suffix:(\.\w+)?}"
PART_PATH: Final = _RENDITION + r"-{number:\d+}-{part:\d+}{suffix:(\.\w+)?}"
INITIALIZATION_PATH: Final = _RENDITION + "-init.mp4"
FILE_PATH: Final = _RENDITION + r"-all{suffix:(\.\w+)?}"
KEY_PATH: Final = r"/hls/{token}/key-{number:\d+}"

_KEY_TYPE: Final = "application/octet-stream"


async def segment(backend: Backend, request: web.Request) -> Answer:
    """Return a segment that is in the playlist or has left it a moment ago."""
    track = _Track.requested(backend, request)
    content = await track.segment(int(request.match_info["number"]))
    return content_answer(request, content, track.content_type)


async def part(backend: Backend, request: web.Request) -> Answer:
    """Return a part of a segment, perhaps of one that is under way."""
    track = _Track.requested(backend, request)
    number, index = (int(request.match_info[name]) for name in ("number", "part"))
    place = track.session.part(number, index, backend.clock.now())
    return content_answer(request, await track.piece(place), track.content_type)


async def initialization(backend: Backend, request: web.Request) -> Answer:
    """Return the initialization section of a rendition."""
    track = _Track.requested(backend, request)
    return content_answer(request, await track.initialization(), track.content_type)


async def file(backend: Backend, request: web.Request) -> Answer:
    """Return the file with all segments so far, or the range of it that was asked for."""
    track = _Track.requested(backend, request)
    size = track.layout.offset(track.session.segment_count(backend.clock.now()))
    wanted = wanted_range(request, size)
    start, end = wanted or (0, size)
    headers: dict[str, str] = {hdrs.ACCEPT_RANGES: "bytes"}
    if wanted is not None:
        headers[hdrs.CONTENT_RANGE] = f"bytes {start}-{end - 1}/{size}"
    body = MemoryPart(await track.file_bytes(start, end))
    status = 200 if wanted is None else 206
    return Answer(body, track.content_type, status, headers)


async def key(backend: Backend, request: web.Request) -> Answer:
    """Return a key of a stream."""
    session = backend.sessions.at(request.match_info["token"])
    number = int(request.match_info["number"])
    if number > key_number(session.segment_count(backend.clock.now())):
        raise NotFoundError("there is no such key yet")
    return content_answer(request, key_bytes(session.token, number), _KEY_TYPE)


class _Track:
    """The segments of one rendition of a session, as they are sent."""

    def __init__(
        self, backend: Backend, session: Session, rendition: Rendition
    ) -> None:
        """Make what is asked for in the backend's studio."""
        self._backend = backend
        self._style = backend.dialect.live
        self.session = session
        self._rendition = rendition
        self.layout = FileLayout.of(rendition, self._style, session.segment_seconds)

    @classmethod
    def requested(cls, backend: Backend, request: web.Request) -> _Track:
        """Return what a request's path is about."""
        session = backend.sessions.at(request.match_info["token"])
        return cls(backend, session, RENDITIONS[request.match_info["rendition"]])

    @property
    def content_type(self) -> str:
        """What all of it is."""
        return MEDIA_TYPES[self._style.container]

    async def segment(self, number: int) -> bytes:
        """Return a segment; raises NotFoundError if it is not there."""
        place = self.session.segment(number, self._backend.clock.now())
        pieces = _pieces(place) if self._style.low_latency else (place,)
        content = b"".join([await self.piece(each) for each in pieces])
        if self._style.byte_ranges:
            content = padded(content, self.layout.clear_bytes, self._style.container)
        if self._style.encrypted:
            content = self._encrypted(content, number)
        return content

    def _encrypted(self, content: bytes, number: int) -> bytes:
        token, which = self.session.token, key_number(number)
        iv = number.to_bytes(16)
        if self._style.explicit_iv:
            iv = chosen_iv(token, which)
        return encrypted(content, key_bytes(token, which), iv)

    async def piece(self, place: Span) -> bytes:
        """Return a place of the stream, without an initialization."""
        whole = await self._encode(place)
        return split_segment(whole)[1] if self._style.is_fragmented else whole

    async def initialization(self) -> bytes:
        """Return the initialization section."""
        return split_segment(await self._encode(Span(0, 1)))[0]

    async def file_bytes(self, start: int, end: int) -> bytes:
        """Return some bytes of the file that holds all segments."""
        pieces: list[bytes] = []
        numbers = self.layout.numbers(start, end)
        begin = self.layout.offset(numbers.start)
        if start < self.layout.head_bytes:
            head = await self.initialization()
            pieces.append(padded(head, INITIALIZATION_BYTES, self._style.container))
            begin = 0
        pieces += [await self.segment(number) for number in numbers]
        return b"".join(pieces)[start - begin : end - begin]

    async def _encode(self, place: Span) -> bytes:
        make = partial(
            encode_segment,
            scene_of(self.session.camera),
            self._style,
            self._rendition,
            self.session.origin + place.start,
            place,
        )
        key = (self.session.token, self._rendition.name, place)
        return await self._backend.studio.content(key, make)


def _pieces(place: Span) -> Iterator[Span]:
    """Yield the parts of a segment; the last of a recording may be short."""
    for index in range(math.ceil(place.seconds / PART_SECONDS)):
        start = place.start + index * PART_SECONDS
        yield Span(start, min(start + PART_SECONDS, place.end))
