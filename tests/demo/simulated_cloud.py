"""The simulated cloud in a process of its own, and its control API.

Owns how it is started and what it prints. What the control API answers is handed on
as it came: its meaning is the business of those who ask.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import json
from pathlib import Path
import sys
from typing import Any

import aiohttp

from .errors import DemoError
from .processes import Program

ROOT = Path(__file__).resolve().parents[2]

START_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody who uses the API is given, and where the API is."""

    url: str
    client_id: str
    client_secret: str
    account_id: str


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is in the cloud: tenants, cameras and edge devices."""

    tenants: int
    cameras: int
    devices: int


class SimulatedCloud:
    """A running simulated cloud."""

    def __init__(
        self,
        program: Program,
        credentials: Credentials,
        *,
        stats_url: str,
        world_url: str,
        faults_url: str,
    ) -> None:
        """Own what `start` started."""
        self.credentials = credentials
        self.stats_url = stats_url
        self.world_url = world_url
        self.faults_url = faults_url
        self._program = program
        self._http = aiohttp.ClientSession()

    @classmethod
    async def start(
        cls, size: Size, *, port: int, log: Path, options: Sequence[str] = ()
    ) -> SimulatedCloud:
        """Start one and wait until it serves; raises DemoError if it does not.

        `options` are further ones of the command line.
        """
        program = await Program.start(
            "the simulated cloud",
            [
                sys.executable,
                "-m",
                "tests.cloud",
                *("--port", str(port)),
                *("--tenants", str(size.tenants)),
                *("--cameras", str(size.cameras)),
                *("--devices", str(size.devices)),
                *options,
            ],
            log=log,
            folder=ROOT,
            read_output=True,
        )
        try:
            async with asyncio.timeout(START_SECONDS):
                line = await program.read_line()
            if not line:
                await program.wait()
                raise program.ended_error()
            told = json.loads(line)
        except BaseException:
            await program.stop()
            raise
        return cls(
            program,
            Credentials(
                url=told["url"],
                client_id=told["client_id"],
                client_secret=told["client_secret"],
                account_id=told["account_id"],
            ),
            stats_url=told["stats_url"],
            world_url=told["world_url"],
            faults_url=told["faults_url"],
        )

    async def stats(self) -> dict[str, Any]:
        """Give what the cloud counted."""
        counted: dict[str, Any] = await self._control("GET", self.stats_url)
        return counted

    async def world(self) -> dict[str, Any]:
        """Give what there is in the cloud, and how it is."""
        world: dict[str, Any] = await self._control("GET", self.world_url)
        return world

    async def change_world(self, change: str, **details: Any) -> dict[str, Any]:
        """Change something in the cloud, as somebody on site would; give what it tells."""
        told: dict[str, Any] = await self._control(
            "POST", self.world_url, {"change": change, **details}
        )
        return told

    async def let_fail(self, endpoint: str, kind: str, **details: Any) -> None:
        """Have something go wrong with requests to an endpoint, or with `*` to all."""
        await self._control(
            "POST", self.faults_url, {"endpoint": endpoint, "kind": kind, **details}
        )

    async def let_work(self) -> None:
        """Have all go well again."""
        await self._control("DELETE", self.faults_url)

    async def _control(
        self, method: str, url: str, content: Mapping[str, Any] | None = None
    ) -> Any:
        async with self._http.request(method, url, json=content) as response:
            response.raise_for_status()
            return await response.json()

    async def wait_until_ended(self) -> DemoError:
        """Wait until it ends on its own; give the error that says so."""
        await self._program.wait()
        return self._program.ended_error()

    async def stop(self) -> None:
        """Stop it."""
        await self._http.close()
        await self._program.stop()
