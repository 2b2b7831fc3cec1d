"""The addresses of what belongs to a stream, written as the live style has them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
import secrets
from typing import Final

from aiohttp import hdrs, web

from tests.cloud.answers import Answer, MemoryPart
from tests.cloud.backend import Backend
from tests.cloud.live import Session

STREAM_URL_SECONDS: Final = 12 * 3600.0
_SEGMENT_URL_SECONDS: Final = 300.0
_FRESH_URL_SECONDS: Final = 30.0
# Tells that a request has been led on already.
_HOP: Final = "Hop"

type OpenHandler = Callable[[Backend, web.Request], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses in one playlist of a session; ``nonce`` makes them unlike others."""

    backend: Backend
    session: Session
    nonce: str

    @classmethod
    def for_playlist(cls, backend: Backend, session: Session) -> Links:
        """Return the addresses for one more playlist."""
        fresh = backend.dialect.live.fresh_signatures
        return cls(backend, session, secrets.token_hex(4) if fresh else "")

    def playlist(self, name: str) -> str:
        """Return the URI of another playlist of the stream."""
        return self._uri(f"{name}.m3u8", self._stream_ends)

    def lasting(self, name: str) -> str:
        """Return the URI of what is needed as long as the stream."""
        return self._uri(name, self._fresh_until(self._stream_ends))

    def passing(self, name: str, end: float) -> str:
        """Return the URI of what was filmed up to ``end``, in seconds of the stream."""
        if self.session.keeps_all:
            return self.lasting(name)
        until = self.session.started + end + _SEGMENT_URL_SECONDS
        return self._uri(name, self._fresh_until(until))

    @property
    def _stream_ends(self) -> float:
        return self.session.started + STREAM_URL_SECONDS

    def _fresh_until(self, otherwise: float) -> float:
        """Return until when an address opens that is written anew in each playlist."""
        if not self.nonce:
            return otherwise
        return self.backend.clock.now() + _FRESH_URL_SECONDS

    def _uri(self, name: str, expires: float) -> str:
        path = path_of(self.session, name)
        signed = self.backend.presigner.sign(path, expires, self.nonce)
        if self.backend.dialect.live.absolute_urls:
            return self.backend.origin + signed
        return signed.rpartition("/")[2]


def path_of(session: Session, name: str) -> str:
    """Return the path of something that belongs to a stream."""
    return f"/hls/{session.token}/{name}"


def led_on(handler: OpenHandler) -> OpenHandler:
    """Lead requests to the other port before they are answered, where the style has it so."""

    async def answer(backend: Backend, request: web.Request) -> Answer:
        if not backend.dialect.live.redirects or _HOP in request.query:
            return await handler(backend, request)
        here = f"http://{request.host}"
        there = backend.other_origin if here == backend.origin else backend.origin
        location = f"{there}{request.raw_path}&{_HOP}=1"
        return Answer(
            MemoryPart(b""), "text/plain", 302, headers={hdrs.LOCATION: location}
        )

    return answer
