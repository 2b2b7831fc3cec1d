"""A streaming server that does what the simulated cloud's does not.

Serves whatever files a test puts there, at their paths; a file may be a function, for one that
changes.
"""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from aiohttp import web

type File = bytes | str | Callable[[], bytes | str]


class Edge:
    """A web server with files; byte ranges are understood."""

    def __init__(self) -> None:
        """Begin without files."""
        self.files: dict[str, File] = {}
        self.redirects: dict[str, str] = {}
        self.content_types: dict[str, str] = {}
        self.requests: list[str] = []
        app = web.Application()
        app.router.add_get("/{name:.+}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        self.origin = ""

    @property
    def url(self) -> str:
        """Where a player begins."""
        return f"{self.origin}/index.m3u8"

    async def __aenter__(self) -> Self:
        """Start."""
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.origin = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop."""
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        self.requests.append(request.path_qs)
        name = request.match_info["name"]
        if name in self.redirects:
            return web.Response(status=302, headers={"Location": self.redirects[name]})
        file = self.files.get(name)
        if file is None:
            return web.Response(status=404)
        content = file() if callable(file) else file
        body = content.encode() if isinstance(content, str) else content
        if request.headers.get("Range") is None:
            about = self.content_types.get(name, "application/octet-stream")
            return web.Response(body=body, headers={"Content-Type": about})
        wanted = request.http_range
        part = body[wanted]
        first = wanted.start or 0
        about = f"bytes {first}-{first + len(part) - 1}/{len(body)}"
        return web.Response(body=part, status=206, headers={"Content-Range": about})
