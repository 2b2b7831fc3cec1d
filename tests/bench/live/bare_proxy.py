"""A proxy that hands everything on as it comes: the least that a relay in Python costs.

    python -m tests.bench.live.bare_proxy --upstream=http://host:port

Prints the URL that it serves on, and serves until it is ended.
"""

import argparse
import asyncio
from typing import Final

import aiohttp
from aiohttp import hdrs, web
from yarl import URL

_CHUNK: Final = 64 * 1024


class BareProxy:
    """Hands requests on to one server, with their paths and queries."""

    def __init__(self, http: aiohttp.ClientSession, upstream: str) -> None:
        """Take where the server is, `http://host:port` without a slash."""
        self._http = http
        self._upstream = upstream

    async def serve(self) -> None:
        """Serve on a free port of 127.0.0.1 until cancelled."""
        app = web.Application()
        app.router.add_get("/{path:.*}", self._hand_on)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            host, port = runner.addresses[0][:2]
            print(f"http://{host}:{port}", flush=True)  # noqa: T201
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()

    async def _hand_on(self, request: web.Request) -> web.StreamResponse:
        url = URL(self._upstream + request.raw_path, encoded=True)
        async with self._http.get(url) as answer:
            response = web.StreamResponse(status=answer.status)
            response.content_type = answer.content_type
            response.headers[hdrs.CACHE_CONTROL] = "no-store"
            response.content_length = answer.content_length
            await response.prepare(request)
            async for chunk in answer.content.iter_chunked(_CHUNK):
                await response.write(chunk)
            await response.write_eof()
            return response


async def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser("python -m tests.bench.live.bare_proxy")
    parser.add_argument("--upstream", required=True)
    upstream = parser.parse_args().upstream
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(
        connector=connector, auto_decompress=False
    ) as http:
        await BareProxy(http, upstream).serve()


if __name__ == "__main__":
    asyncio.run(main())
