"""The service's limit is never exceeded, and used up: a day on a clock that needs no waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
import math
import random
from typing import override

import aiohttp
import pytest

from custom_components.amnimo.api import RATE, AmnimoClient, Lane, Throttle
from tests.cloud import CloudOptions, SimulatedCloud
from tests.cloud.endpoints import Endpoint
from tests.virtual_time import virtual, virtual_now

HOUR = 3600.0
DAY = 24 * HOUR
SERVER_RATE = 5.0
SERVER_BURST = 20
# The clocks of two machines may differ by so much while one of them is being set right.
CLOCK_ERROR = 0.0005
ROUNDING = 1e-6


class IdealClient:
    """The service's rate limit as "virtual scheduling", not as a bucket that is filled.

    A request is refused where it comes earlier than an ideal client, that sends one each
    200 ms, would have come by more than the burst allows.
    """

    def __init__(self) -> None:
        """Start as after a long rest."""
        self._ideal = float("-inf")

    def accepts(self, now: float) -> bool:
        """Return whether the service would accept a request."""
        ideal = max(self._ideal, now) + 1 / SERVER_RATE
        if ideal - now > SERVER_BURST / SERVER_RATE + ROUNDING:
            return False
        self._ideal = ideal
        return True


class Bucket:
    """The service's rate limit as a bucket that is filled at intervals, not all the time."""

    def __init__(self, interval: float) -> None:
        """Start full."""
        self._interval = interval
        self._level = float(SERVER_BURST)
        self._filled = 0

    def accepts(self, now: float) -> bool:
        """Return whether the service would accept a request."""
        filled = math.floor(now / self._interval)
        flowed = (filled - self._filled) * self._interval * SERVER_RATE
        self._level = min(SERVER_BURST, self._level + flowed)
        self._filled = filled
        if self._level < 1 - ROUNDING:
            return False
        self._level -= 1
        return True


class Network:
    """What is between the throttle and the service.

    Each request takes up to 150 ms, differently. Now and then nothing gets through for a while,
    and what was sent in the meantime arrives at one time.
    """

    def __init__(self, chance: random.Random, longest_stall: float) -> None:
        """Start with no request under way."""
        self._chance = chance
        self._longest_stall = longest_stall
        self._stalled_until = 0.0
        self._next_stall = 0.0
        self._arrivals: list[float] = []

    async def exchange(self) -> None:
        """Let a request go out now, and wait for its answer."""
        now = virtual_now()
        if now >= self._next_stall:
            self._stalled_until = now + self._chance.random() * self._longest_stall
            self._next_stall = now + self._chance.expovariate(1 / 20)
        arrival = max(now + self._chance.random() * 0.15, self._stalled_until)
        self._arrivals.append(arrival)
        await asyncio.sleep(arrival - now + self._chance.random() * 0.1)

    def arrivals(self, clock_error: float = 0.0) -> list[float]:
        """Return when the requests arrived, by a clock that is that much slow."""
        return [time * (1 - clock_error) for time in sorted(self._arrivals)]


class Household:
    """An account at work: sweeps without end, live views, and people who change their minds."""

    def __init__(
        self, throttle: Throttle, network: Network, chance: random.Random, party: str
    ) -> None:
        """Take what it shares with others."""
        self._throttle = throttle
        self._network = network
        self._chance = chance
        self._party = party
        self.sent = dict.fromkeys(Lane, 0)
        self.called_off = 0
        self.waits: list[float] = []
        """Seconds that each person's request had to wait."""

    def work(self) -> Iterator[asyncio.Task[None]]:
        """Begin."""
        for _ in range(8):
            yield asyncio.create_task(self._sweep())
        for _ in range(10):
            yield asyncio.create_task(self._watch())
        yield asyncio.create_task(self._live_here())

    async def _request(self, lane: Lane) -> None:
        before = virtual_now()
        async with self._throttle.turn(lane, self._party):
            if lane is Lane.USER:
                self.waits.append(virtual_now() - before)
            self.sent[lane] += 1
            await self._network.exchange()

    async def _sweep(self) -> None:
        while True:
            await self._request(Lane.POLL)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(30 + self._chance.random())
            await self._request(Lane.LIVE)

    async def _live_here(self) -> None:
        while True:
            await asyncio.sleep(self._chance.expovariate(1 / 300))
            count = self._chance.choice([1, 1, 2, 4, 8, 12])
            wanted = [
                asyncio.create_task(self._request(Lane.USER)) for _ in range(count)
            ]
            if self._chance.random() < 0.3:
                await asyncio.sleep(self._chance.random())
                self.called_off += sum(task.cancel() for task in wanted)
            await asyncio.wait(wanted)


async def three_accounts(
    seconds: float, throttle: Throttle, longest_stall: float
) -> tuple[list[Household], Network]:
    """Let three accounts with one client ID work for a time."""
    chance = random.Random(1)
    network = Network(chance, longest_stall)
    parties = [Household(throttle, network, chance, name) for name in "abc"]
    tasks = [task for party in parties for task in party.work()]
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    return parties, network


def refusals(arrivals: list[float], accepts: Callable[[float], bool]) -> int:
    """Return how many requests the service would refuse."""
    return sum(not accepts(arrival) for arrival in arrivals)


@pytest.mark.timeout(300)
@virtual
async def test_a_day_of_mixed_load_is_never_refused_and_wastes_nothing() -> None:
    """Whichever way the service counts, and if its clock is slow."""
    parties, network = await three_accounts(DAY, Throttle(), longest_stall=0.4)
    arrivals = network.arrivals()

    assert refusals(arrivals, IdealClient().accepts) == 0
    assert refusals(network.arrivals(CLOCK_ERROR), IdealClient().accepts) == 0
    for interval in (0.01, 0.1, 0.2):
        assert refusals(arrivals, Bucket(interval).accepts) == 0
    # Nobody says that it counts by the second, and the margin is not meant for that.
    assert refusals(arrivals, Bucket(1.0).accepts) < 1e-4 * len(arrivals)
    assert len(arrivals) > 0.99 * SERVER_RATE * DAY
    assert len(arrivals) > 0.999 * RATE * DAY

    waits = sorted(wait for party in parties for wait in party.waits)
    assert len(waits) > 2000
    assert waits[len(waits) // 2] < ROUNDING
    assert waits[len(waits) * 95 // 100] < 1.0
    assert sum(party.called_off for party in parties) > 100
    for lane in Lane:
        assert all(party.sent[lane] > 500 for party in parties)
    polls = sorted(party.sent[Lane.POLL] for party in parties)
    assert polls[-1] < 1.001 * polls[0]


class HastyThrottle(Throttle):
    """Takes requests for arrived as soon as they are sent."""

    @override
    @asynccontextmanager
    async def turn(
        self, lane: Lane, party: Hashable = None, *, deadline: float | None = None
    ) -> AsyncIterator[None]:
        """Only wait."""
        await self.acquire(lane, party, deadline=deadline)
        yield


@pytest.mark.parametrize(
    "throttle",
    [Throttle(rate=SERVER_RATE * 1.01), HastyThrottle(rate=SERVER_RATE, burst=20)],
    ids=["rate", "hasty"],
)
@virtual
async def test_other_throttles_would_be_refused(throttle: Throttle) -> None:
    """The models do refuse."""
    _, network = await three_accounts(2 * HOUR, throttle, longest_stall=1.9)
    assert refusals(network.arrivals(), IdealClient().accepts) > 0
    assert refusals(network.arrivals(), Bucket(0.01).accepts) > 0


@virtual
async def test_a_network_that_stalls_for_seconds_makes_no_difference() -> None:
    """What bunches up there arrives together, and no more follows than there is room for."""
    _, network = await three_accounts(2 * HOUR, Throttle(), longest_stall=1.9)
    arrivals = network.arrivals()
    assert refusals(arrivals, IdealClient().accepts) == 0
    assert len(arrivals) > 0.98 * SERVER_RATE * 2 * HOUR


@pytest.mark.parametrize("stall", [0.0, 0.4, 1.0, 1.9])
@virtual
async def test_bursts_after_rests_are_never_refused(stall: float) -> None:
    """Just when the whole burst was used nothing gets through, and then all at once."""
    chance = random.Random(stall)
    throttle = Throttle()
    arrivals: list[float] = []
    through_at = 0.0

    async def request(lane: Lane) -> None:
        async with throttle.turn(lane, chance.randint(0, 2)):
            arrival = max(virtual_now(), through_at)
            arrivals.append(arrival)
            await asyncio.sleep(arrival - virtual_now() + 0.05)

    for _ in range(1000):
        await asyncio.sleep(chance.expovariate(1 / 4))
        through_at = virtual_now() + stall
        await asyncio.gather(
            *(request(chance.choice(list(Lane))) for _ in range(chance.randint(1, 40)))
        )

    assert refusals(sorted(arrivals), IdealClient().accepts) == 0


@virtual
async def test_requests_that_are_called_off_on_their_way_still_count() -> None:
    """The service gets them later, with those that were sent after them."""
    throttle = Throttle()
    arrivals: list[float] = []

    async def request(arrival: float) -> None:
        async with throttle.turn(Lane.USER):
            arrivals.append(max(virtual_now(), arrival))
            await asyncio.sleep(arrivals[-1] - virtual_now() + 0.05)

    called_off = [asyncio.create_task(request(1.9)) for _ in range(18)]
    await asyncio.sleep(0.1)
    for task in called_off:
        task.cancel()
    await asyncio.gather(*called_off, return_exceptions=True)
    await asyncio.gather(*(request(0) for _ in range(18)))
    assert len(arrivals) == 36
    assert refusals(sorted(arrivals), IdealClient().accepts) == 0


@virtual
async def test_requests_that_take_a_minute_hold_up_nobody() -> None:
    """Two seconds later they count as arrived, answered or not."""
    throttle = Throttle()

    async def start_stream() -> None:
        async with throttle.turn(Lane.LIVE):
            await asyncio.sleep(60)

    streams = [asyncio.create_task(start_stream()) for _ in range(18)]
    await asyncio.sleep(2 + 18 / RATE)
    before = virtual_now()
    await asyncio.gather(*(throttle.acquire(Lane.USER) for _ in range(18)))
    assert virtual_now() - before < ROUNDING
    await asyncio.gather(*streams)


@pytest.mark.parametrize("seconds", [0.05, 0.5, 1.5])
@virtual
async def test_a_sweep_gets_all_there_is_however_slow_the_answers(
    seconds: float,
) -> None:
    throttle = Throttle()
    answered = 0

    async def sweep() -> None:
        nonlocal answered
        while True:
            async with throttle.turn(Lane.POLL):
                await asyncio.sleep(seconds)
            answered += 1

    tasks = [asyncio.create_task(sweep()) for _ in range(8)]
    await asyncio.sleep(HOUR)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert answered > 0.995 * RATE * HOUR


@virtual
async def test_another_program_with_the_same_client_id_is_made_room_for() -> None:
    """It takes half of what the service allows, and never asks anybody."""
    server = IdealClient()
    throttle = Throttle()
    accepted = refused = others = others_refused = 0

    async def sweep() -> None:
        nonlocal accepted, refused
        while True:
            await throttle.acquire(Lane.POLL)
            if server.accepts(virtual_now()):
                accepted += 1
            else:
                refused += 1
                throttle.refused()

    async def other() -> None:
        nonlocal others, others_refused
        while True:
            await asyncio.sleep(0.4)
            others += 1
            others_refused += not server.accepts(virtual_now())

    tasks = [
        *(asyncio.create_task(sweep()) for _ in range(8)),
        asyncio.create_task(other()),
    ]
    await asyncio.sleep(3600)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)

    assert 0 < refused < 0.015 * accepted
    assert others_refused < 0.02 * others
    assert accepted > 0.9 * 2.4 * 3600


@virtual
async def test_a_program_that_asks_now_and_then_is_not_noticed() -> None:
    """Two requests a minute beside a sweep without end are within the margin of the rate."""
    server = IdealClient()
    throttle = Throttle()
    refused = 0

    async def sweep() -> None:
        nonlocal refused
        while True:
            await throttle.acquire(Lane.POLL)
            refused += not server.accepts(virtual_now())

    tasks = [asyncio.create_task(sweep()) for _ in range(8)]
    for _ in range(2 * 60 * 6):
        await asyncio.sleep(30)
        refused += not server.accepts(virtual_now())
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert refused == 0


async def test_accounts_at_work_are_never_refused_over_real_sockets(
    cloud_options: CloudOptions, session: aiohttp.ClientSession
) -> None:
    """All limits as they are, on both sides: a burst, and then as much as there is."""
    options = replace(cloud_options, monotonic=None)
    async with SimulatedCloud(options) as cloud:
        client = AmnimoClient(
            session, cloud.client_id, cloud.client_secret, api_url=cloud.url
        )
        order: list[str] = []

        async def ask(party: str, lane: Lane) -> None:
            await client.on_behalf_of(party).hierarchy(cloud.account_id, lane=lane)
            order.append(party)

        await client.tokens.get()
        polls = [
            asyncio.create_task(ask(party, Lane.POLL))
            for party, count in (("large", 20), ("small", 4))
            for _ in range(count)
        ]
        await asyncio.sleep(0.1)
        people = [asyncio.create_task(ask("person", Lane.USER)) for _ in range(20)]
        await asyncio.sleep(0.1)
        for person in people[10:]:
            person.cancel()
        await asyncio.wait([*polls, *people])

        assert cloud.stats.refused == 0
        assert client.throttle.refusals == 0
        assert cloud.stats.tokens_issued == 1
        done = [task for task in (*polls, *people) if not task.cancelled()]
        assert cloud.stats.count(Endpoint.HIERARCHY, 200) >= len(done) == len(order)
        assert 34 <= len(done) < 44
        # The small account was through long before the large one.
        last = {party: len(order) - order[::-1].index(party) for party in set(order)}
        assert last["large"] - last["small"] > 5
