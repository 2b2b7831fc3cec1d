"""The control API: how another process arranges the world and reads the figures.

Owns ``/_control/…``, which the real service does not have. Everything is JSON; a request
that makes no sense gets an error status and ``{"error": …}``. In the same process, use
the objects instead.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Final

from aiohttp import hdrs, web

from .backend import Backend
from .changes import change_world
from .endpoints import Endpoint
from .faults import ANY_ENDPOINT, FOREVER, FaultKind
from .overview import describe
from .parameters import Body
from .refusals import Refusal
from .templates import Json
from .world import Tenant

STATS_PATH: Final = "/_control/stats"
FAULTS_PATH: Final = "/_control/faults"
WORLD_PATH: Final = "/_control/world"

type Handler = Callable[[web.Request], Awaitable[Json]]


class Control:
    """The control API of one cloud."""

    def __init__(self, backend: Backend, owner: Tenant) -> None:
        """Control a backend, and describe what is ``owner``'s."""
        self._backend = backend
        self._owner = owner

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Make a web server answer for the control API."""
        for method, path, handler in (
            (hdrs.METH_GET, STATS_PATH, self._get_stats),
            (hdrs.METH_GET, FAULTS_PATH, self._get_faults),
            (hdrs.METH_POST, FAULTS_PATH, self._add_fault),
            (hdrs.METH_DELETE, FAULTS_PATH, self._clear_faults),
            (hdrs.METH_GET, WORLD_PATH, self._get_world),
            (hdrs.METH_POST, WORLD_PATH, self._change_world),
        ):
            router.add_route(method, path, _answering(handler))

    async def _get_stats(self, _request: web.Request) -> Json:
        stats = self._backend.stats
        requests: defaultdict[str, dict[str, Json]] = defaultdict(dict)
        for (endpoint, status), number in sorted(stats.requests.items()):
            requests[endpoint.value][str(status)] = number
        return {
            "requests": dict(requests),
            "tokens_issued": stats.tokens_issued,
            "leaked_tokens": stats.leaked_tokens,
            "rate_refusals": stats.rate_refusals,
            "quota_refusals": stats.quota_refusals,
            "streams_started": stats.streams_started,
            "live_sessions": stats.live_sessions,
            "keep_alive_updates": stats.keep_alive_updates,
            "stops": stats.stops,
            "seconds_uploaded": dict(stats.seconds_uploaded),
        }

    async def _get_faults(self, _request: web.Request) -> Json:
        return [asdict(fault) for fault in self._backend.faults.waiting()]

    async def _add_fault(self, request: web.Request) -> Json:
        wanted = await _body(request)
        fault = self._backend.faults.add(
            wanted.word("endpoint", (ANY_ENDPOINT, *Endpoint)),
            wanted.word("kind", tuple(FaultKind)),
            count=wanted.integer("count", FOREVER, default=1),
            status=wanted.integer("status", 400, 599, default=503),
            seconds=wanted.number("seconds", 0, default=0.0),
        )
        wanted.finish()
        return asdict(fault)

    async def _clear_faults(self, _request: web.Request) -> Json:
        self._backend.faults.clear()
        return []

    async def _get_world(self, _request: web.Request) -> Json:
        return describe(self._owner, self._backend.clock.now())

    async def _change_world(self, request: web.Request) -> Json:
        wanted = await _body(request)
        answer = change_world(self._backend, wanted)
        wanted.finish()
        return answer


async def _body(request: web.Request) -> Body:
    return Body.parse(request.content_type, await request.read())


def _answering(handler: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Return a handler that answers with JSON, also when it refuses."""

    async def answer(request: web.Request) -> web.Response:
        try:
            return web.json_response(await handler(request))
        except Refusal as refusal:
            return web.json_response({"error": refusal.reason}, status=refusal.status)

    return answer
