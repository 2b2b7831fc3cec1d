"""A fleet's cloud in a process of its own, and what it is told.

Owns both ends: each line that comes in is a JSON object with an order, each line that goes out
the JSON answer to it. The first one out are the credentials. It ends when nobody can tell it
anything any more.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
import json
import sys
import time
from typing import Any, Final, Literal

from tests.cloud import CloudOptions
from tests.demo.simulated_cloud import ROOT, Credentials

from .fleet import Fleet, FleetCloud

type Order = Literal["haste", "freeze", "change", "mishaps", "told"]

_LONGEST_LINE: Final = 1 << 24


class _Clocks:
    """The cloud's time, which can stand still, and that of its rate limit, which can hurry."""

    def __init__(self) -> None:
        self._frozen: float | None = None
        self._haste = 1.0
        self._since = time.monotonic()
        self._passed = 0.0

    def wall(self) -> float:
        """Return seconds since the epoch."""
        return time.time() if self._frozen is None else self._frozen

    def monotonic(self) -> float:
        """Return seconds that have passed for the rate limit."""
        return self._passed + (time.monotonic() - self._since) * self._haste

    def freeze(self, *, frozen: bool) -> None:
        """Let the cloud's time stand still, or be the machine's again."""
        self._frozen = time.time() if frozen else None

    def hurry(self, haste: float) -> None:
        """Let the rate limit's time pass so many times as fast."""
        self._passed, self._since = self.monotonic(), time.monotonic()
        self._haste = haste


class OtherCloud:
    """A cloud in another process."""

    def __init__(
        self, process: asyncio.subprocess.Process, credentials: Credentials
    ) -> None:
        """Own a process that has said its credentials."""
        self._process = process
        self.credentials = credentials

    async def hurry(self, haste: float) -> None:
        """Allow so many times as many requests a second as the service does."""
        await self._tell("haste", haste)

    async def freeze(self, *, frozen: bool) -> None:
        """Let nothing change by itself, no thumbnail be taken, or go on."""
        await self._tell("freeze", frozen)

    async def change(self, cameras: int) -> None:
        """Change so many cameras."""
        await self._tell("change", cameras)

    async def mishaps(self) -> dict[str, int]:
        """Return how many requests were refused with 429, and had a token they must not."""
        counted: dict[str, int] = await self._tell("mishaps", None)
        return counted

    async def told_ports(self) -> dict[str, float]:
        """Return when ports were told to switch last, in seconds of this machine's clock."""
        told: dict[str, float] = await self._tell("told", None)
        return told

    async def _tell(self, order: Order, value: Any) -> Any:
        process = self._process
        assert process.stdin is not None
        process.stdin.write(f"{json.dumps([order, value])}\n".encode())
        return await _answer(process)


@asynccontextmanager
async def other_cloud(fleet: Fleet) -> AsyncIterator[OtherCloud]:
    """Have a cloud of a fleet in another process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", __name__),
        *map(str, (fleet.tenants, fleet.cameras, fleet.devices)),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
    )
    assert process.stdin is not None
    try:
        yield OtherCloud(process, Credentials(**await _answer(process)))
    finally:
        process.stdin.close()
        await process.wait()


async def _answer(process: asyncio.subprocess.Process) -> Any:
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line:
        raise EOFError("the simulated cloud has ended")
    return json.loads(line)


async def _serve(fleet: Fleet) -> None:
    """Do as the lines say until there are no more."""
    clocks = _Clocks()
    options = CloudOptions(
        tenants=fleet.tenants,
        cameras=0,
        devices=0,
        wall=clocks.wall,
        monotonic=clocks.monotonic,
    )
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(orders), sys.stdin
    )
    async with FleetCloud(options, fleet) as cloud:
        _say(
            asdict(
                Credentials(
                    cloud.url, cloud.client_id, cloud.client_secret, cloud.account_id
                )
            )
        )
        async for line in orders:
            order, value = json.loads(line)
            _say(_obey(cloud, clocks, order, value))


def _obey(cloud: FleetCloud, clocks: _Clocks, order: Order, value: Any) -> Any:
    match order:
        case "haste":
            clocks.hurry(value)
        case "freeze":
            clocks.freeze(frozen=value)
        case "change":
            cloud.change_cameras(value)
        case "mishaps":
            return {"refused": cloud.stats.refused, "leaked": cloud.stats.leaked_tokens}
        case "told":
            return cloud.told_ports
    return None


def _say(answer: Any) -> None:
    sys.stdout.write(f"{json.dumps(answer)}\n")
    sys.stdout.flush()


def main() -> None:
    """Serve a fleet whose numbers are the arguments."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("tenants", "cameras", "devices"):
        parser.add_argument(name, type=int)
    asyncio.run(_serve(Fleet(**vars(parser.parse_args()))))


if __name__ == "__main__":
    main()
