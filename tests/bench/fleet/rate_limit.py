"""Whether a large account stays within the service's rate limit, and a person need not wait.

All is as in any home: polls at their own pace, and every 10 s somebody switches a port.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
import statistics
import time
from typing import Final

from tests.bench.bench import Bench
from tests.bench.household import Household, household
from tests.bench.processor import processor_seconds
from tests.bench.report import MustBeZero, Result, Table
from tests.bench.requests import Requests, read_requests
from tests.demo.api import ApiError
from tests.demo.simulated_cloud import Size
from tests.demo.talk import complain, say

_SIZE: Final = Size(tenants=3, cameras=300, devices=100)

_SECONDS: Final = 300.0
_QUICK_SECONDS: Final = 60.0
_COMMAND_EVERY: Final = 10.0


@dataclass(slots=True)
class _Commands:
    """The commands of a person: how long each took, in seconds, and how many failed."""

    seconds: list[float] = field(default_factory=list)
    failed: int = 0


async def run(bench: Bench) -> Result:
    """Let the time pass, switch ports, and count."""
    wanted = _QUICK_SECONDS if bench.quick else _SECONDS
    say(f"bench: {_SIZE.cameras} cameras and {_SIZE.devices} devices, {wanted:.0f} s …")
    async with household(bench.folder, _SIZE) as house:
        folder = str(house.home_assistant.folder)
        before = await read_requests(house.cloud)
        busy_before = processor_seconds(folder)
        began = time.monotonic()
        commands = await _switch_ports(house, began + wanted)
        seconds = time.monotonic() - began
        busy = _difference(processor_seconds(folder), busy_before)
        requests = await read_requests(house.cloud) - before
        stats = await house.cloud.stats()
    refused = house.set_up.refused + requests.refused
    return Result(
        "rate_limit",
        [_table(seconds, requests, refused, busy, commands.seconds, quick=bench.quick)],
        [
            MustBeZero("429s", refused),
            MustBeZero("failed port commands", commands.failed),
            MustBeZero("live sessions while nobody watches", stats["live_sessions"]),
            MustBeZero("access tokens sent to presigned URLs", stats["leaked_tokens"]),
        ],
        {"commands": commands.seconds, "requests": requests.by_endpoint()},
    )


async def _switch_ports(house: Household, until: float) -> _Commands:
    """Switch one port after another off and on again until the time has come."""
    commands = _Commands()
    switches = house.home.entities("switch")
    started = time.monotonic()
    number = 0
    while (due := started + number * _COMMAND_EVERY) < until:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        switch = switches[number // 2 % len(switches)].entity_id
        began = time.monotonic()
        try:
            await house.api.act(
                "switch.turn_on" if number % 2 else "switch.turn_off", switch
            )
        except ApiError as err:
            complain(f"bench: {switch}: {err}")
            commands.failed += 1
        else:
            commands.seconds.append(time.monotonic() - began)
        number += 1
    await asyncio.sleep(max(0.0, until - time.monotonic()))
    return commands


def _table(
    seconds: float,
    requests: Requests,
    refused: int,
    busy: float | None,
    commands: Sequence[float],
    *,
    quick: bool,
) -> Table:
    centiles = statistics.quantiles(commands, n=100, method="inclusive")
    notes = (f"Quick: {seconds:.0f} s instead of {_SECONDS:.0f} s.",) if quick else ()
    return Table(
        f"{_SIZE.cameras} cameras and {_SIZE.devices} devices for {seconds:.0f} s, "
        f"a port command every {_COMMAND_EVERY:.0f} s",
        ("figure", "value"),
        [
            ("API requests", requests.api),
            ("API requests per second", requests.api / seconds),
            ("refused with 429", refused),
            ("CPU seconds of Home Assistant", busy),
            (
                "  in percent of one core",
                None if busy is None else 100 * busy / seconds,
            ),
            ("port commands", len(commands)),
            ("  p50, milliseconds", 1000 * centiles[49]),
            ("  p95, milliseconds", 1000 * centiles[94]),
            ("  longest, milliseconds", 1000 * max(commands)),
        ],
        notes,
    )


def _difference(after: float | None, before: float | None) -> float | None:
    return None if after is None or before is None else after - before
