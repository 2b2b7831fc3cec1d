"""A service that answers as it is told, for what no faithful cloud would do.

Owns a real web server and the list of what it was asked. It knows nothing of the API but how a
token is asked for, so that requests can follow.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
import json
from types import TracebackType
from typing import Any, Self

from aiohttp import web
from aiohttp.test_utils import TestServer

TOKEN = "the-access-token"
TOKEN_PATH = "/oauth2/token"


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came."""

    method: str
    target: str
    """Path and query, as they were on the wire."""
    headers: Mapping[str, str]
    body: str

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer."""

    body: bytes = b"{}"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class ScriptedService:
    """Answers the requests but those for a token in turn, the last answer again and again."""

    def __init__(self) -> None:
        """Answer `{}` for a start."""
        self.requests: list[Received] = []
        """All but those for a token."""
        self.token_requests: list[Received] = []
        self._replies: deque[Reply] = deque([Reply()])
        self._token_reply = Reply(
            json.dumps(
                {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 7200}
            ).encode()
        )
        self._responder: Callable[[Received], Any] | None = None
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._answer)
        self._server = TestServer(app)

    @property
    def url(self) -> str:
        """The base of the API."""
        return str(self._server.make_url("")).rstrip("/")

    def answers(self, *replies: Reply | Any) -> None:
        """Give the next answers: replies, or what is to be sent as JSON."""
        self._responder = None
        self._replies = deque(map(_reply, replies))

    def answers_by(self, responder: Callable[[Received], Any]) -> None:
        """Let a function decide what is sent as JSON."""
        self._responder = responder

    def answers_for_token(self, reply: Reply | Any) -> None:
        """Give the answer to all requests for a token."""
        self._token_reply = _reply(reply)

    async def __aenter__(self) -> Self:
        """Start."""
        await self._server.start_server()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop."""
        await self._server.close()

    async def _answer(self, request: web.Request) -> web.Response:
        received = Received(
            request.method, request.raw_path, request.headers, await request.text()
        )
        if request.path == TOKEN_PATH:
            self.token_requests.append(received)
            reply = self._token_reply
        else:
            self.requests.append(received)
            reply = self._next(received)
        return web.Response(
            body=reply.body,
            status=reply.status,
            headers={"Content-Type": "application/json", **reply.headers},
        )

    def _next(self, received: Received) -> Reply:
        if self._responder is not None:
            return _reply(self._responder(received))
        return self._replies.popleft() if len(self._replies) > 1 else self._replies[0]


def _reply(content: Reply | Any) -> Reply:
    return (
        content if isinstance(content, Reply) else Reply(json.dumps(content).encode())
    )
