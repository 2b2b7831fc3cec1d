"""The gate that every request comes through.

Owns the order of things: latency, faults, who is asking, how often, the answer, and the
count. What is asked for is the routes' business.
"""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web

from .answers import Answer, drop, json_answer, send, text_answer
from .backend import Backend
from .call import Call
from .endpoints import Endpoint
from .faults import Fault, FaultKind
from .refusals import BadRequestError, RangeError, Refusal, TooManyRequestsError
from .stats import DROPPED
from .templates import Json

type ApiHandler = Callable[[Call], Awaitable[Json]]
type OpenHandler = Callable[[Backend, web.Request], Awaitable[Answer]]
type WebHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_WEB_PAGE = "<!DOCTYPE html><html><title>Sign in</title><body>Sign in to this network</body></html>"


class Gate:
    """Turns handlers into what the web server calls."""

    def __init__(self, backend: Backend) -> None:
        """Guard a backend."""
        self._backend = backend

    def api(self, endpoint: Endpoint, handler: ApiHandler) -> WebHandler:
        """Let requests with a token through, 5 a second (API document, API 呼び出し制限)."""

        async def answer(request: web.Request) -> Answer:
            client = self._backend.tokens.holder(
                request.headers.get(hdrs.AUTHORIZATION)
            )
            bucket = self._backend.limits.bucket(client.client_id)
            if not bucket.take():
                self._backend.stats.rate_refusals += 1
                raise TooManyRequestsError("5 requests a second", bucket.retry_after)
            return json_answer(await handler(Call(self._backend, request, client)))

        return self._guarded(endpoint, answer)

    def presigned(self, endpoint: Endpoint, handler: OpenHandler) -> WebHandler:
        """Let requests through whose URL is signed; a token has no business here."""

        async def answer(request: web.Request) -> Answer:
            if hdrs.AUTHORIZATION in request.headers:
                self._backend.stats.leaked_tokens += 1
                raise BadRequestError("a presigned URL was requested with credentials")
            self._backend.presigner.check(request.path, request.query)
            return await handler(self._backend, request)

        return self._guarded(endpoint, answer)

    def open(self, endpoint: Endpoint, handler: OpenHandler) -> WebHandler:
        """Let every request through."""

        async def answer(request: web.Request) -> Answer:
            return await handler(self._backend, request)

        return self._guarded(endpoint, answer)

    def _guarded(
        self, endpoint: Endpoint, answer: Callable[[web.Request], Awaitable[Answer]]
    ) -> WebHandler:
        async def handle(request: web.Request) -> web.StreamResponse:
            await asyncio.sleep(self._backend.options.latency_ms / 1000)
            fault = self._backend.faults.take(endpoint)
            if fault is not None and fault.kind is FaultKind.DELAY:
                await asyncio.sleep(fault.seconds)
            if fault is not None and fault.kind is FaultKind.DROP:
                self._backend.stats.requests[endpoint, DROPPED] += 1
                drop(request)
                return web.Response()
            reply = _instead(fault, self._backend)
            if reply is None:
                try:
                    reply = await answer(request)
                except Refusal as refusal:
                    reply = _refused(refusal, self._backend)
            self._backend.stats.requests[endpoint, reply.status] += 1
            if fault is not None and fault.kind is FaultKind.MALFORMED:
                reply = reply.half()
            broken_off = fault is not None and fault.kind is FaultKind.TRUNCATED
            return await send(request, reply, broken_off=broken_off)

        return handle


def _instead(fault: Fault | None, backend: Backend) -> Answer | None:
    """Return what a fault answers in place of the cloud, if it does."""
    match fault:
        case Fault(kind=FaultKind.HTML):
            return text_answer(_WEB_PAGE, "text/html")
        case Fault(kind=FaultKind.STATUS, status=status, seconds=seconds):
            reply = _error(status, "fault on demand", backend)
            if seconds > 0:
                reply.headers[hdrs.RETRY_AFTER] = str(round(seconds))
            return reply
    return None


def _refused(refusal: Refusal, backend: Backend) -> Answer:
    """Return a refusal as the dialect writes it."""
    reply = _error(refusal.status, refusal.reason, backend)
    match refusal:
        case TooManyRequestsError(retry_after=int(seconds)) if (
            backend.dialect.says_retry_after
        ):
            reply.headers[hdrs.RETRY_AFTER] = str(seconds)
        case RangeError(size=size):
            reply.headers[hdrs.CONTENT_RANGE] = f"bytes */{size}"
    return reply


def _error(status: int, reason: str, backend: Backend) -> Answer:
    body = backend.dialect.error(status, reason)
    return text_answer(body.text, body.content_type, status)
