"""How fast a large clip gets through the view and to disk, and what memory that takes.

A real Home Assistant and the simulated cloud, each in a process of its own. The same file is
read straight from the cloud by aiohttp alone; the ways take turns.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import os
from pathlib import Path
import time
from typing import Any, Final

import aiohttp
from yarl import URL

from custom_components.amnimo import api
from custom_components.amnimo.media.files import write_block
from tests.bench.comparison import Finding, median
from tests.bench.household import Household
from tests.bench.processor import processor_seconds
from tests.bench.proxy import running_proxy
from tests.bench.report import Cell, MustBeZero, Result, Table
from tests.demo.errors import DemoError
from tests.demo.talk import say

from .memory import Memory

_BYTES: Final = 1_000_000_000
_QUICK_BYTES: Final = 200_000_000
_ROUNDS: Final = 3
_QUICK_ROUNDS: Final = 2
_CLIP_SECONDS: Final = 5
# 1 Gbit/s, less what packets take: as much as a house has.
_NETWORK: Final = 117_000_000
_NETWORK_NAME: Final = "1 Gbit/s"
_NO_NETWORK_NAME: Final = "none"
_LEAST_RATIO: Final = 0.9
# As aiohttp reads a body in pieces by its own account.
_CHUNK: Final = 64 * 1024
_BLOCK: Final = 2 * 1024 * 1024
_MOST_MEMORY: Final = 64.0
_TIMEOUT: Final = aiohttp.ClientTimeout(total=600)


@dataclass(slots=True, eq=False)
class _Way:
    """A way that the file takes."""

    name: str
    take: Callable[[], Awaitable[int]]
    """Take it once; return its bytes."""
    clock: Callable[[], float | None]
    """Return the CPU seconds of whoever does it: Home Assistant, or who stands beside it."""
    rates: list[float] = field(default_factory=list)
    """MB a second."""
    busy: list[float] = field(default_factory=list)
    """CPU seconds of a GB."""
    grown: list[float] = field(default_factory=list)
    """MB of memory that Home Assistant took beyond what it had."""


async def run(house: Household, *, quick: bool) -> Result:
    """Take the file each way in turn, over a network and without one."""
    size = _QUICK_BYTES if quick else _BYTES
    rounds = _QUICK_ROUNDS if quick else _ROUNDS
    say(f"bench: a clip of {size // 1_000_000} MB, {2 * rounds} times each way …")
    memory = Memory(str(house.home_assistant.folder))
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as http:
        argument = f"--upstream={URL(house.cloud.credentials.url).origin()}"
        async with running_proxy(house.home_assistant.folder, argument) as proxy:
            source = await _Source.make(
                house, http, size, proxy=proxy, proxy_argument=argument
            )
            # The cloud makes the file when it is asked for first.
            await source.straight()
            paced, free = source.ways(memory), source.ways(memory)
            for pace, ways in ((_NETWORK, paced), (0, free)):
                await house.cloud.change_world("network_pace", bytes_a_second=pace)
                for _ in range(rounds):
                    for way in ways:
                        await _measure(way, size, memory)
    leaked = (await house.cloud.stats())["leaked_tokens"]
    return Result(
        "transfers",
        [_table(paced, free, size, quick=quick)],
        [MustBeZero("access tokens sent to presigned URLs", leaked)],
        findings=[
            *(
                Finding(
                    f"seconds a GB, {name}, {way.name}",
                    _seconds(way),
                    beside=_slowest(*beside),
                    most_ratio=1 / _LEAST_RATIO if ways is paced else None,
                )
                for name, ways in (
                    (_NETWORK_NAME, paced),
                    (f"network: {_NO_NETWORK_NAME}", free),
                )
                for way, beside in (
                    (ways[1], ways[:1]),
                    (ways[2], (ways[0], ways[3])),
                )
            ),
            Finding(
                "CPU seconds a GB, through the view, beside a bare proxy",
                median(free[1].busy),
                beside=median(free[4].busy),
                most_ratio=1 / _LEAST_RATIO,
            ),
            Finding(
                "CPU seconds a GB, to disk, beside reading and writing by themselves",
                median(free[2].busy),
                beside=_sum(median(free[0].busy), median(free[3].busy)),
            ),
            *(
                Finding(
                    f"MB of memory, {way.name}",
                    max((*way.grown, *other.grown), default=None),
                    most=_MOST_MEMORY,
                )
                for way, other in zip(paced[1:3], free[1:3], strict=True)
            ),
        ],
        samples={
            f"{name}, {way.name}": list(way.rates)
            for name, ways in ((_NETWORK_NAME, paced), (_NO_NETWORK_NAME, free))
            for way in ways
        },
    )


async def _measure(way: _Way, size: int, memory: Memory) -> None:
    before = memory.begin()
    busy_before = way.clock()
    began = time.perf_counter()
    got = await way.take()
    seconds = time.perf_counter() - began
    if got != size:
        raise DemoError(f"{way.name}: {got} of {size} bytes")
    way.rates.append(size / seconds / 1e6)
    busy = way.clock()
    if busy is not None and busy_before is not None:
        way.busy.append((busy - busy_before) / size * 1e9)
    most = memory.most()
    if before is not None and most is not None:
        way.grown.append(most - before)


@dataclass(frozen=True, slots=True)
class _Source:
    """A large clip, and all that leads to it."""

    house: Household
    http: aiohttp.ClientSession
    client: api.AmnimoClient
    subscription_id: str
    media_id: str
    path: str
    """Where Home Assistant serves it."""
    size: int
    """Bytes."""
    proxy: str
    """Where a bare proxy serves what the cloud's storage does."""
    proxy_argument: str
    """What its process was started with."""

    @classmethod
    async def make(
        cls,
        house: Household,
        http: aiohttp.ClientSession,
        size: int,
        *,
        proxy: str,
        proxy_argument: str,
    ) -> _Source:
        """Have a clip made that large."""
        camera = next(
            camera
            for camera in house.world["cameras"]
            if camera["online"] and camera["recording"]
        )
        made = await _make(house, camera)
        media_id = made["media_id"]
        await house.cloud.change_world("media_size", media_id=media_id, bytes=size)
        known = house.cloud.credentials
        client = api.AmnimoClient(
            http, known.client_id, known.client_secret, api_url=known.url
        )
        return cls(
            house,
            http,
            client,
            camera["subscription_id"],
            media_id,
            made["url"],
            size,
            proxy,
            proxy_argument,
        )

    def ways(self, memory: Memory) -> tuple[_Way, ...]:
        """Return the ways that the file can take, the one that others stand beside first.

        Args:
            memory: of Home Assistant's process.

        """
        return (
            _Way("straight", self.straight, time.process_time),
            _Way("through the view", self.through_view, memory.busy),
            _Way("to disk", self.to_disk, memory.busy),
            _Way("the disk alone", self.disk_alone, time.process_time),
            _Way("through a bare proxy", self.through_proxy, self._proxy_busy),
        )

    def _proxy_busy(self) -> float | None:
        return processor_seconds(self.proxy_argument)

    async def straight(self) -> int:
        """Read it straight from the cloud."""
        return await self._read(await self._url())

    async def through_proxy(self) -> int:
        """Read it from somebody who hands it on and does nothing else."""
        url = URL(await self._url(), encoded=True)
        return await self._read(URL(f"{self.proxy}{url.raw_path_qs}", encoded=True))

    async def _url(self) -> str:
        media = await self.client.media(self.subscription_id, self.media_id)
        if media.url is None:
            raise DemoError("the clip has no file")
        return media.url

    async def through_view(self) -> int:
        """Read it from Home Assistant."""
        return await self._read(self.house.home_assistant.url + self.path)

    async def to_disk(self) -> int:
        """Have Home Assistant save it."""
        answer = await self.house.api.act(
            "amnimo.download_media",
            data={
                "config_entry_id": self.house.home.entry_id,
                "media_id": self.media_id,
            },
            answer=True,
        )
        return await asyncio.to_thread(_take_away, Path(answer["path"]))

    async def disk_alone(self) -> int:
        """Write as much to the same disk, with nothing to wait for but that."""
        folder = self.house.home_assistant.folder
        return await asyncio.to_thread(_write_alone, folder / "alone", self.size)

    async def _read(self, url: str | URL) -> int:
        got = 0
        async with self.http.get(url) as response:
            response.raise_for_status()
            async for chunk in response.content.iter_chunked(_CHUNK):
                got += len(chunk)
        return got


async def _make(house: Household, camera: dict[str, Any]) -> dict[str, Any]:
    """Have a clip made; return what the action answers."""
    entity = next(
        each
        for device in house.home.cameras
        if device.amnimo_id == camera["id"]
        for each in device.of("camera")
    )
    start = datetime.now(UTC) - timedelta(minutes=10)
    answer = await house.api.act(
        "amnimo.generate_clip",
        entity.entity_id,
        {
            "start_time": start.isoformat(),
            "end_time": (start + timedelta(seconds=_CLIP_SECONDS)).isoformat(),
        },
        answer=True,
    )
    made: dict[str, Any] = answer[entity.entity_id]["media"][0]
    return made


def _write_alone(path: Path, size: int) -> int:
    """Write a file, sync it, and remove it; return its bytes."""
    block = bytes(_BLOCK)
    with path.open("wb", buffering=0) as file:
        for start in range(0, size, _BLOCK):
            write_block(file, [block[: size - start]])
        os.fsync(file.fileno())
    return _take_away(path)


def _slowest(*ways: _Way) -> float | None:
    """Return the seconds that 1 GB takes the slowest way, None if one was not measured."""
    seconds = [each for way in ways if (each := _seconds(way)) is not None]
    return max(seconds) if len(seconds) == len(ways) else None


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other


def _take_away(path: Path) -> int:
    """Remove a file; return its bytes."""
    size = path.stat().st_size
    path.unlink()
    return size


def _seconds(way: _Way) -> float | None:
    """Return the seconds that 1 GB takes."""
    rate = median(way.rates)
    return None if rate is None else 1000 / rate


def _table(
    paced: tuple[_Way, ...], free: tuple[_Way, ...], size: int, *, quick: bool
) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            name,
            way.name,
            median(way.rates),
            median(
                [
                    one / other
                    for one, other in zip(way.rates, ways[0].rates, strict=True)
                ]
            ),
            median(way.busy),
            max(way.grown, default=None) if way in ways[1:3] else None,
        )
        for name, ways in ((_NETWORK_NAME, paced), (_NO_NETWORK_NAME, free))
        for way in ways
    ]
    return Table(
        f"A clip of {size // 1_000_000} MB, medians of {len(free[0].rates)} turns",
        ("network", "way", "MB/s", "of straight", "CPU, s/GB", "memory, MB"),
        rows,
        (
            *(("Quick: a smaller file and fewer turns.",) if quick else ()),
            "Of straight: the median of the ratios of each turn.",
            "CPU: of who does it, the reader or writer itself, Home Assistant, the proxy.",
            "Memory: the most that Home Assistant's process took beyond what it had before.",
            "To disk is held against the slower of network and disk.",
            "A bare proxy: aiohttp in a process of its own that hands on what it gets.",
            "None: as fast as the processor goes, shared by cloud, Home Assistant and reader.",
        ),
    )
