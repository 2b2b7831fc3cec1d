"""The gate that every request comes through.

Owns the order of things: latency, faults, who is asking, how often, the answer, and the
count. What is asked for is the routes' business.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

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
type Answering = Callable[[web.Request], Awaitable[Answer]]
type WebHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_WEB_PAGE = "<!DOCTYPE html><html><title>Sign in</title><body>Sign in to this network</body></html>"


class Gate:
    """Turns handlers into what the web server calls."""

    def __init__(self, backend: Backend) -> None:
        """Guard a backend."""
        self._backend = backend
        self._answering: set[asyncio.Task[object]] = set()

    async def close(self) -> None:
        """Give up the requests that are still being answered, to nobody by now."""
        for task in self._answering:
            task.cancel()
        while self._answering:
            await asyncio.sleep(0)

    def api(self, endpoint: Endpoint, handler: ApiHandler) -> WebHandler:
        """Let requests with a token through, 5 a second (API document, API 呼び出し制限)."""

        async def answer(request: web.Request) -> Answer:
            client = self._backend.tokens.holder(
                request.headers.get(hdrs.AUTHORIZATION)
            )
            bucket = self._backend.limits.bucket(client.client_id)
            if not bucket.take():
                self._backend.stats.rate_refusals += 1
                tells = self._backend.dialect.says_retry_after
                raise TooManyRequestsError(
                    "5 requests a second", bucket.retry_after if tells else None
                )
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

    def _guarded(self, endpoint: Endpoint, answer: Answering) -> WebHandler:
        async def handle(request: web.Request) -> web.StreamResponse:
            with self._noted():
                return await self._handle(endpoint, request, answer)

        return handle

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """Take note of the present task while it answers."""
        task = asyncio.current_task()
        assert task is not None
        self._answering.add(task)
        try:
            yield
        finally:
            self._answering.discard(task)

    async def _handle(
        self, endpoint: Endpoint, request: web.Request, answer: Answering
    ) -> web.StreamResponse:
        """Answer a request, or let go wrong what shall go wrong."""
        requests = self._backend.stats.requests
        await asyncio.sleep(self._backend.options.latency_ms / 1000)
        fault = self._backend.faults.take(endpoint)
        kind = None if fault is None else fault.kind
        if fault is not None and kind is FaultKind.DELAY:
            await asyncio.sleep(fault.seconds)
        if kind is FaultKind.DROP:
            requests[endpoint, DROPPED] += 1
            drop(request)
            return web.Response()
        reply = None if fault is None else _instead(fault, self._backend)
        if reply is None:
            reply = await self._reply(request, answer)
        requests[endpoint, reply.status] += 1
        if kind is FaultKind.MALFORMED:
            reply = reply.half()
        return await send(
            request,
            reply,
            broken_off=kind is FaultKind.TRUNCATED,
            pace=self._backend.network_pace,
        )

    async def _reply(self, request: web.Request, answer: Answering) -> Answer:
        """Return an answer, or the refusal that came instead."""
        try:
            return await answer(request)
        except Refusal as refusal:
            return _refused(refusal, self._backend)


def _instead(fault: Fault, backend: Backend) -> Answer | None:
    """Return what a fault answers in place of the cloud, if it does."""
    if fault.kind is FaultKind.HTML:
        return text_answer(_WEB_PAGE, "text/html")
    if fault.kind is FaultKind.RESHAPED:
        return json_answer({"weather": "fine"})
    if fault.kind is not FaultKind.STATUS:
        return None
    reply = _error(fault.status, "fault on demand", backend)
    if fault.seconds > 0:
        reply.headers[hdrs.RETRY_AFTER] = str(round(fault.seconds))
    return reply


def _refused(refusal: Refusal, backend: Backend) -> Answer:
    """Return a refusal as the dialect writes it."""
    reply = _error(refusal.status, refusal.reason, backend)
    if isinstance(refusal, RangeError):
        reply.headers[hdrs.CONTENT_RANGE] = f"bytes */{refusal.size}"
    if isinstance(refusal, TooManyRequestsError) and refusal.retry_after is not None:
        reply.headers[hdrs.RETRY_AFTER] = str(refusal.retry_after)
    return reply


def _error(status: int, reason: str, backend: Backend) -> Answer:
    body = backend.dialect.error(status, reason)
    return text_answer(body.text, body.content_type, status)
