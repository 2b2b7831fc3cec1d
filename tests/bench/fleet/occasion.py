"""All that is measured of fleets: what each size costs, and how that grows.

Owns the order, the limits and how figures become tables.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
import statistics
from typing import Final

from tests.bench.bench import Bench
from tests.bench.comparison import Finding
from tests.bench.report import MustBeZero, Result, Table
from tests.demo.talk import say

from . import by_hand, by_the_clock, inside
from .by_the_clock import ByTheClock
from .commands import centile
from .fleet import FLEETS, QUICK_FLEETS, Fleet
from .growth import Chart, draw
from .inside import Cost, Inside

_COMMAND_SECONDS: Final = 240.0
_QUICK_COMMAND_SECONDS: Final = 16.0
_BARE_TIMES: Final = 3
_RATE: Final = 5.0
_MOST_SWEEP: Final = 1.25
_MOST_COMMAND: Final = 1.3
_MOST_BLOCK_MILLISECONDS: Final = 20.0
_MOST_POLL: Final = 0.1
_MOST_SET_UP: Final = 1.5
_MILLI: Final = 1000.0
_MEGA: Final = 1e6


@dataclass(frozen=True, slots=True)
class _Found:
    """All that was found of a fleet."""

    fleet: Fleet
    clock: ByTheClock
    real: Inside
    bare: Inside

    def per_poll(self, costs: Sequence[Cost]) -> float:
        """Return the processor milliseconds of a poll."""
        return _MILLI * statistics.median(each.processor for each in costs)

    def answering(self, costs: Sequence[Cost]) -> float:
        """Return the processor milliseconds of a poll that its requests don't explain."""
        return max(0.0, self.per_poll(costs) - self.per_poll(self.real.fetches))

    @property
    def block(self) -> float:
        """The longest block of a cycle, in milliseconds."""
        return _MILLI * max(each.block for each in self.real.cycles)

    @property
    def block_wall(self) -> float:
        """The same by the clock on the wall."""
        return _MILLI * max(each.block_wall for each in self.real.cycles)


async def run(bench: Bench) -> AsyncIterator[Result]:
    """Measure one fleet after another; give each result when it is there."""
    yield await by_hand.run(quick=bench.quick)
    found = []
    for fleet in QUICK_FLEETS if bench.quick else FLEETS:
        say(f"bench: {fleet.name} …")
        found.append(await _measure(bench, fleet))
    notes = ("Quick: smaller fleets, and fewer commands.",) if bench.quick else ()
    yield replace(_requests(found, notes), pictures={"fleet.svg": draw(_charts(found))})
    for table in (_commands, _processor, _set_up):
        yield table(found, notes)


async def _measure(bench: Bench, fleet: Fleet) -> _Found:
    folder = bench.folder / "fleet"
    folder.mkdir(parents=True, exist_ok=True)
    things = folder / "inventory.json"
    seconds = _QUICK_COMMAND_SECONDS if bench.quick else _COMMAND_SECONDS
    clock = await by_the_clock.measure(fleet)
    real = await inside.measure(
        fleet, folder, things, commands=seconds, quick=bench.quick
    )
    bare = [
        await inside.measure_bare(fleet, folder, things)
        for _ in range(1 if bench.quick else _BARE_TIMES)
    ]
    bare.sort(key=lambda each: each.set_up.processor)
    return _Found(fleet, clock, real, bare[len(bare) // 2])


def _requests(found: Sequence[_Found], notes: Sequence[str]) -> Result:
    rows = [
        (
            each.fleet.name,
            each.clock.set_up,
            each.fleet.least_to_set_up,
            each.clock.cycle,
            each.fleet.least_a_cycle,
            each.clock.cycle / each.fleet.least_a_cycle,
            each.clock.sweep_seconds,
            each.fleet.devices / _RATE,
            each.clock.own_pace,
        )
        for each in found
    ]
    return Result(
        "fleet_requests",
        [
            Table(
                "API requests of a poll of everything, and how long it takes",
                (
                    "fleet",
                    "set-up",
                    "least",
                    "cycle",
                    "least",
                    "ratio",
                    "sweep, s",
                    "devices / 5 s",
                    "in 10 min",
                ),
                rows,
                ("By the clock of the rate limit.", *notes),
            )
        ],
        [MustBeZero("429s at own pace", sum(each.clock.refused for each in found))],
        findings=[
            finding
            for each in found
            for finding in (
                Finding(
                    f"requests of a cycle, {each.fleet.name}",
                    each.clock.cycle,
                    beside=each.fleet.least_a_cycle,
                    most_ratio=1.0,
                ),
                Finding(
                    f"seconds of a sweep, {each.fleet.name}",
                    each.clock.sweep_seconds,
                    beside=each.fleet.devices / _RATE,
                    most_ratio=_MOST_SWEEP,
                ),
            )
        ],
    )


def _commands(found: Sequence[_Found], notes: Sequence[str]) -> Result:
    rows = [
        (
            each.fleet.name,
            sum(map(len, (*answers.idle, *answers.sweeping))),
            _MILLI * centile(answers.idle, 50),
            _MILLI * centile(answers.sweeping, 50),
            _MILLI * centile(answers.idle, 95),
            _MILLI * centile(answers.sweeping, 95),
        )
        for each in found
        for answers in (each.real.answers,)
    ]
    return Result(
        "fleet_commands",
        [
            Table(
                "Milliseconds until the cloud has a port command, nothing else to do and "
                "while a sweep runs",
                (
                    "fleet",
                    "commands",
                    "p50 idle",
                    "p50 sweep",
                    "p95 idle",
                    "p95 sweep",
                ),
                rows,
                (
                    "A command every 0.8 s, in rounds of both; medians of the rounds.",
                    *notes,
                ),
            )
        ],
        [
            MustBeZero(
                "failed commands", sum(each.real.answers.failed for each in found)
            ),
            MustBeZero("429s", sum(each.real.refused for each in found)),
            MustBeZero(
                "access tokens sent to presigned URLs",
                sum(each.real.leaked for each in found),
            ),
        ],
        {
            each.fleet.name: {
                "idle": each.real.answers.idle,
                "sweeping": each.real.answers.sweeping,
            }
            for each in found
        },
        [
            Finding(
                f"p95 of a command during a sweep, ms, {each.fleet.name}",
                _MILLI * centile(each.real.answers.sweeping, 95),
                beside=_MILLI * centile(each.real.answers.idle, 95),
                most_ratio=_MOST_COMMAND,
            )
            for each in found
        ],
    )


def _processor(found: Sequence[_Found], notes: Sequence[str]) -> Result:
    rows = [
        (
            each.fleet.name,
            each.real.entities,
            each.block,
            each.block_wall,
            each.per_poll(each.real.fetches),
            each.answering(each.real.polls),
            each.answering(each.real.plain_polls),
            each.per_poll(each.real.polls),
            each.per_poll(each.real.plain_polls),
        )
        for each in found
    ]
    findings = []
    for each in found:
        findings += [
            Finding(
                f"longest block in a cycle, ms, {each.fleet.name}",
                each.block,
                most=_MOST_BLOCK_MILLISECONDS,
            ),
            Finding(
                f"CPU of a poll, parse, compare and write, ms, {each.fleet.name}",
                each.answering(each.real.polls),
                beside=each.answering(each.real.plain_polls),
                most_ratio=_MOST_POLL,
            ),
            Finding(
                f"CPU of a poll, with the fetch, ms, {each.fleet.name}",
                each.per_poll(each.real.polls),
                beside=each.per_poll(each.real.plain_polls),
            ),
        ]
    return Result(
        "fleet_processor",
        [
            Table(
                "Milliseconds: the longest block of a cycle, and the CPU of a poll after "
                "which 1 % of the cameras differ",
                (
                    "fleet",
                    "entities",
                    "block, CPU",
                    "block, wall",
                    "fetch",
                    "then",
                    "plain, then",
                    "all",
                    "plain, all",
                ),
                rows,
                (
                    "Blocks of the event loop's thread; CPU of the whole process.",
                    *notes,
                ),
            )
        ],
        findings=findings,
        samples={
            each.fleet.name: {
                "polls": _processor_seconds(each.real.polls),
                "plain": _processor_seconds(each.real.plain_polls),
                "fetches": _processor_seconds(each.real.fetches),
            }
            for each in found
        },
    )


def _set_up(found: Sequence[_Found], notes: Sequence[str]) -> Result:
    rows = [
        (
            each.fleet.name,
            each.real.entities,
            each.real.set_up.processor,
            each.bare.set_up.processor,
            each.real.set_up.memory / _MEGA,
            each.bare.set_up.memory / _MEGA,
            _MILLI * each.real.set_up.block,
            _MILLI * each.bare.set_up.block,
            each.clock.set_up_seconds,
        )
        for each in found
    ]
    findings = []
    for each in found:
        findings += [
            Finding(
                f"CPU of the set-up, s, {each.fleet.name}",
                each.real.set_up.processor,
                beside=each.bare.set_up.processor,
                most_ratio=_MOST_SET_UP,
            ),
            Finding(
                f"memory of the account, MB, {each.fleet.name}",
                each.real.set_up.memory / _MEGA,
                beside=each.bare.set_up.memory / _MEGA,
                most_ratio=_MOST_SET_UP,
            ),
        ]
    return Result(
        "fleet_set_up",
        [
            Table(
                "Adding the account, and as many bare entities",
                (
                    "fleet",
                    "entities",
                    "CPU, s",
                    "bare",
                    "memory, MB",
                    "bare",
                    "block, ms",
                    "bare",
                    "all known after, s",
                ),
                rows,
                (
                    "Until all ports are known: most become known after the set-up.",
                    "Bare: the one in the middle of three, by CPU.",
                    *notes,
                ),
            )
        ],
        findings=findings,
    )


def _charts(found: Sequence[_Found]) -> list[Chart]:
    cameras = [each.fleet.cameras for each in found]

    def chart(
        title: str,
        measured: Callable[[_Found], float],
        beside: Callable[[_Found], float] | None = None,
    ) -> Chart:
        return Chart(
            title,
            cameras,
            [measured(each) for each in found],
            [beside(each) for each in found] if beside else (),
        )

    return [
        chart(
            "Requests of a cycle (least)",
            lambda each: each.clock.cycle,
            lambda each: each.fleet.least_a_cycle,
        ),
        chart(
            "Sweep, s (devices / 5)",
            lambda each: each.clock.sweep_seconds,
            lambda each: each.fleet.devices / _RATE,
        ),
        chart(
            "Command p95 in a sweep, ms (idle)",
            lambda each: _MILLI * centile(each.real.answers.sweeping, 95),
            lambda each: _MILLI * centile(each.real.answers.idle, 95),
        ),
        chart("Longest block, ms", lambda each: each.block),
        chart(
            "CPU of a poll, ms (plain)",
            lambda each: each.per_poll(each.real.polls),
            lambda each: each.per_poll(each.real.plain_polls),
        ),
        chart(
            "CPU of the set-up, s (bare)",
            lambda each: each.real.set_up.processor,
            lambda each: each.bare.set_up.processor,
        ),
    ]


def _processor_seconds(costs: Sequence[Cost]) -> list[float]:
    return [each.processor for each in costs]
