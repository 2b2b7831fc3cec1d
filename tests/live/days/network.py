"""A network between Home Assistant and the cloud that can be changed.

A TCP relay: it passes on bytes and knows nothing of them.
"""

import asyncio
import contextlib
from dataclasses import dataclass
from types import TracebackType
from typing import Self

_CHUNK = 64 * 1024


@dataclass(slots=True, eq=False)
class _Link:
    """A connection through the network, both ways."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter
    silent: bool = False


class Network:
    """The way to a server."""

    def __init__(self, host: str, port: int) -> None:
        """Lead to a server."""
        self._server_address = (host, port)
        self._server: asyncio.Server | None = None
        self._port = 0
        self._links: set[_Link] = set()
        self._passing: set[asyncio.Task[None]] = set()
        self.connections = 0
        """Connections there have been."""

    @property
    def origin(self) -> str:
        """Scheme, host and port of this end."""
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        """Be there."""
        await self.connect()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Be gone."""
        await self.cut()

    async def connect(self) -> None:
        """Let connections be made, from now on at the same address."""
        self._server = await asyncio.start_server(
            self._open, "127.0.0.1", self._port or None
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Close all connections, and refuse new ones."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for link in self._links:
            link.near.transport.abort()
            link.far.transport.abort()
        if self._passing:
            await asyncio.wait(self._passing)

    def change(self) -> None:
        """Let all open connections lead nowhere, as with another address or another router.

        Nobody is told: what is sent is lost, and nothing comes back. New ones work.
        """
        for link in self._links:
            link.silent = True

    async def _open(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.connections += 1
        try:
            far_reader, far_writer = await asyncio.open_connection(
                *self._server_address
            )
        except OSError:
            writer.transport.abort()
            return
        link = _Link(writer, far_writer)
        self._links.add(link)
        ways = (
            self._pass_on(link, reader, far_writer),
            self._pass_on(link, far_reader, writer),
        )
        tasks = [asyncio.create_task(way) for way in ways]
        self._passing.update(tasks)
        await asyncio.wait(tasks)
        self._passing.difference_update(tasks)
        self._links.discard(link)

    @staticmethod
    async def _pass_on(
        link: _Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                if not link.silent:
                    writer.write(chunk)
                    await writer.drain()
        if not link.silent:
            writer.close()
