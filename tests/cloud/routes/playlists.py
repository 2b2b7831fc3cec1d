"""Playlists of the running streams, behind presigned URLs.

Not part of the API: a client gets these URLs from it, and must take them as they are.
"""

import asyncio
from dataclasses import replace
import gzip
import math
from typing import Final

from aiohttp import hdrs, web

from tests.cloud.answers import Answer, MemoryPart, text_answer
from tests.cloud.backend import Backend
from tests.cloud.encryption import chosen_iv, key_number
from tests.cloud.hls import (
    Initialization,
    Key,
    LowLatency,
    MasterPlaylist,
    MediaPlaylist,
    Part,
    Segment,
    Variant,
    report_line,
)
from tests.cloud.live import PART_SECONDS, Session
from tests.cloud.live_style import AfterEnd, LiveStyle
from tests.cloud.parameters import Query
from tests.cloud.refusals import BadRequestError, NotFoundError, Refusal
from tests.cloud.single_file import INITIALIZATION_BYTES, FileLayout
from tests.cloud.video import AUDIO_CODEC, HIGH, LOW, SOUND, Rendition

from .links import STREAM_URL_SECONDS, Links, path_of

PLAYLIST_PATH: Final = "/hls/{token}/{name}.m3u8"
RENDITIONS: Final = {rendition.name: rendition for rendition in (HIGH, LOW, SOUND)}

_PLAYLIST_TYPE: Final = "application/vnd.apple.mpegurl"
_ENTRANCE: Final = "index"
# How long a playlist is still there after its end, where the dialect removes it.
_GONE_AFTER_SECONDS: Final = 30.0
# RFC 8216, second edition: how far back parts are listed, how far back a playlist that
# skips begins, how long and how far ahead a request may wait; all but the last are
# target durations.
_PARTS_LISTED: Final = 3
_NEVER_SKIPPED: Final = 6
_LONGEST_BLOCK: Final = 3
_FARTHEST_BLOCK_SEGMENTS: Final = 2
_BLOCK_STEP_SECONDS: Final = 0.02


def playlist_url(session: Session, backend: Backend) -> str:
    """Return where the playlist of a session is, for half a day."""
    return backend.presigned_url(
        path_of(session, f"{_ENTRANCE}.m3u8"), STREAM_URL_SECONDS
    )


async def playlist(backend: Backend, request: web.Request) -> Answer:
    """Return a playlist as it is by now."""
    session = backend.sessions.at(request.match_info["token"])
    name = request.match_info["name"]
    style = backend.dialect.live
    now = backend.clock.now()
    if (
        style.after_end is AfterEnd.GONE
        and now > session.end(now) + _GONE_AFTER_SECONDS
    ):
        raise NotFoundError("the stream has ended")
    links = Links.for_playlist(backend, session)
    if style.master and name == _ENTRANCE:
        text = _master(links, style).text()
    else:
        rendition = HIGH if name == _ENTRANCE else RENDITIONS[name]
        session.watch(now)
        skips = False
        if style.low_latency:
            await _block(backend, session, Query(request.query))
            skips = request.query.get("_HLS_skip") in ("YES", "v2")
        text = _Writer(links, rendition).write(skips=skips).text()
    answer = text_answer(text, _PLAYLIST_TYPE)
    answer.headers[hdrs.CACHE_CONTROL] = "no-cache"
    if style.gzip and "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, ""):
        answer.headers[hdrs.CONTENT_ENCODING] = "gzip"
        answer = replace(answer, body=MemoryPart(gzip.compress(text.encode())))
    return answer


async def _block(backend: Backend, session: Session, query: Query) -> None:
    """Wait for the segment or part that a request wants to see in the playlist."""
    number = query.integer("_HLS_msn", -1, 0)
    part = query.integer("_HLS_part", -1, 0)
    if part >= 0 > number:
        raise BadRequestError("_HLS_part needs _HLS_msn")
    loop = asyncio.get_running_loop()
    until = loop.time() + _LONGEST_BLOCK * session.segment_seconds
    while session.is_open(now := backend.clock.now()):
        count = session.segment_count(now)
        if number < count or 0 <= part < session.part_count(number, now):
            return
        if number > count + _FARTHEST_BLOCK_SEGMENTS:
            raise BadRequestError("_HLS_msn is too far ahead")
        if loop.time() >= until:
            raise Refusal("what was waited for did not come", 503)
        await asyncio.sleep(_BLOCK_STEP_SECONDS)


def _master(links: Links, style: LiveStyle) -> MasterPlaylist:
    def codecs(rendition: Rendition) -> str:
        heard = style.audio if rendition.has_picture else True
        names = (rendition.codec, AUDIO_CODEC if heard else "")
        return ",".join(filter(None, names))

    return MasterPlaylist(
        [
            Variant(
                links.playlist(rendition.name),
                rendition.bits_per_second,
                codecs(rendition),
                (rendition.width, rendition.height) if rendition.has_picture else None,
            )
            for rendition in _renditions(style)
        ],
        sound=links.playlist(SOUND.name) if style.separate_audio else None,
    )


def _renditions(style: LiveStyle) -> list[Rendition]:
    """Return the renditions that a master playlist offers."""
    return [HIGH, LOW, SOUND] if style.audio else [HIGH, LOW]


class _Writer:
    """Writes the media playlist of a rendition, as it is now."""

    def __init__(self, links: Links, rendition: Rendition) -> None:
        """Write with the addresses of one playlist."""
        self._links = links
        self._session = links.session
        self._rendition = rendition
        self._style = links.backend.dialect.live
        self._now = links.backend.clock.now()
        self._count = self._session.segment_count(self._now)
        self._first = self._session.first_listed(self._count)
        self._layout = FileLayout.of(
            rendition, self._style, self._session.segment_seconds
        )

    def write(self, *, skips: bool) -> MediaPlaylist:
        """Return the playlist; raises NotFoundError before the first segment."""
        if self._count == 0:
            raise NotFoundError("nothing has arrived yet")
        session, style = self._session, self._style
        abandoned = style.after_end is AfterEnd.ENDLIST and not session.is_open(
            self._now
        )
        return MediaPlaylist(
            segments=[self._segment(each) for each in range(self._first, self._count)],
            target_seconds=session.segment_seconds,
            sequence=self._first,
            event=session.keeps_all,
            ended=abandoned or session.complete(self._now),
            initialization=self._initialization() if style.is_fragmented else None,
            low_latency=self._low_latency(skips) if style.low_latency else None,
        )

    def _initialization(self) -> Initialization:
        if self._style.byte_ranges:
            return Initialization(self._file(), f"{INITIALIZATION_BYTES}@0")
        return Initialization(self._links.lasting(f"{self._rendition.name}-init.mp4"))

    def _file(self) -> str:
        name = f"{self._rendition.name}-all{self._style.suffix}"
        return self._links.lasting(name)

    def _segment(self, number: int) -> Segment:
        place = self._session.segment(number, self._now)
        style, byte_range = self._style, None
        if style.byte_ranges:
            uri = self._file()
            byte_range = str(self._layout.segment_bytes)
            # The further ones follow it without a gap.
            if number == self._first:
                byte_range += f"@{self._layout.offset(number)}"
        else:
            name = f"{self._rendition.name}-{number}{style.suffix}"
            uri = self._links.passing(name, place.end)
        return Segment(
            uri,
            place.seconds,
            self._session.origin + place.start if style.program_date_time else None,
            byte_range,
            self._key(number) if style.encrypted else None,
            self._parts(number) if self._count - number <= _PARTS_LISTED else (),
        )

    def _key(self, segment: int) -> Key:
        number = key_number(segment)
        iv = None
        if self._style.explicit_iv:
            iv = f"0x{chosen_iv(self._session.token, number).hex()}"
        return Key(self._links.lasting(f"key-{number}"), iv)

    def _parts(self, number: int) -> tuple[Part, ...]:
        """Return the parts of a segment that there are by now."""
        if not self._style.low_latency:
            return ()
        count = self._session.part_count(number, self._now)
        return tuple(
            Part(self._part_uri(number, part), PART_SECONDS) for part in range(count)
        )

    def _part_uri(self, number: int, part: int) -> str:
        end = number * self._session.segment_seconds + (part + 1) * PART_SECONDS
        name = f"{self._rendition.name}-{number}-{part}{self._style.suffix}"
        return self._links.passing(name, end)

    def _low_latency(self, skips: bool) -> LowLatency:
        parts = self._parts(self._count)
        listed, target = self._count - self._first, self._session.segment_seconds
        others = [
            each
            for each in _renditions(self._style)
            if self._style.master and each is not self._rendition
        ]
        whole = math.ceil(target / PART_SECONDS)
        newest = (
            (self._count, len(parts) - 1) if parts else (self._count - 1, whole - 1)
        )
        return LowLatency(
            part_seconds=PART_SECONDS,
            skip_seconds=_NEVER_SKIPPED * target,
            parts=parts,
            hint=self._part_uri(self._count, len(parts))
            if self._session.is_open(self._now)
            else None,
            reports=tuple(
                report_line(self._links.playlist(each.name), *newest) for each in others
            ),
            skipped=max(0, listed - _NEVER_SKIPPED) if skips else 0,
        )
