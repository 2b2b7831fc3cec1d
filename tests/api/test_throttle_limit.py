"""The service's limit is never exceeded, and used up: a day on a clock that needs no waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
import math
import random

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

    def send(self) -> None:
        """Let a request go out now."""
        now = virtual_now()
        if now >= self._next_stall:
            self._stalled_until = now + self._chance.random() * self._longest_stall
            self._next_stall = now + self._chance.expovariate(1 / 20)
        arrival = now + self._chance.random() * 0.15
        self._arrivals.append(max(arrival, self._stalled_until))

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
        """Seconds that each person's request had to wait, but for those in a rush."""

    def work(self) -> Iterator[asyncio.Task[None]]:
        """Begin."""
        for _ in range(8):
            yield asyncio.create_task(self._sweep())
        for _ in range(10):
            yield asyncio.create_task(self._watch())
        yield asyncio.create_task(self._live_here())

    async def _request(self, lane: Lane) -> None:
        await self._throttle.acquire(lane, self._party)
        self._network.send()
        self.sent[lane] += 1

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
            count = self._chance.choice([1, 1, 1, 2, 4, 8, 25])
            before = virtual_now()
            wanted = [
                asyncio.create_task(self._request(Lane.USER)) for _ in range(count)
            ]
            if self._chance.random() < 0.3:
                await asyncio.sleep(self._chance.random())
                self.called_off += sum(task.cancel() for task in wanted)
            await asyncio.wait(wanted)
            if count <= 2:
                self.waits.append(virtual_now() - before)


async def day_of_three(
    seed: int, longest_stall: float = 0.25
) -> tuple[list[Household], Network]:
    """Let three accounts with one client ID work for a day."""
    chance = random.Random(seed)
    throttle = Throttle()
    network = Network(chance, longest_stall)
    parties = [Household(throttle, network, chance, name) for name in "abc"]
    tasks = [task for party in parties for task in party.work()]
    await asyncio.sleep(DAY)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    return parties, network


def refusals(arrivals: list[float], accepts: Callable[[float], bool]) -> int:
    """Return how many requests the service would refuse."""
    return sum(not accepts(arrival) for arrival in arrivals)


@virtual
async def test_a_day_of_mixed_load_is_never_refused_and_wastes_nothing() -> None:
    """Whichever way the service counts, and if its clock is slow."""
    parties, network = await day_of_three(seed=1)
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
    assert len(waits) > 300
    assert waits[len(waits) // 2] < 0.01
    assert waits[len(waits) * 9 // 10] < 1.0
    assert sum(party.called_off for party in parties) > 100
    for lane in Lane:
        assert all(party.sent[lane] > 500 for party in parties)
    polls = sorted(party.sent[Lane.POLL] for party in parties)
    assert polls[-1] < 1.001 * polls[0]


@pytest.mark.parametrize(
    ("rate", "burst"), [(SERVER_RATE, SERVER_BURST), (SERVER_RATE * 1.01, 18)]
)
@virtual
async def test_a_faster_throttle_would_be_refused(rate: float, burst: float) -> None:
    """The models do refuse."""
    chance = random.Random(3)
    throttle = Throttle(rate=rate, burst=burst, poll_reserve=0)
    network = Network(chance, 0.25)
    tasks = [*Household(throttle, network, chance, "a").work()]
    await asyncio.sleep(HOUR)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert refusals(network.arrivals(), IdealClient().accepts) > 0
    assert refusals(network.arrivals(CLOCK_ERROR), Bucket(0.01).accepts) > 0


@pytest.mark.parametrize("seed", range(3))
@virtual
async def test_bursts_after_rests_are_never_refused(seed: int) -> None:
    """Just when the whole burst was used the network has the longest hiccup there may be."""
    chance = random.Random(seed)
    throttle = Throttle()
    arrivals: list[float] = []
    delay = 0.0

    async def request(lane: Lane) -> None:
        await throttle.acquire(lane, chance.randint(0, 2))
        arrivals.append(virtual_now() + delay)

    for _ in range(1000):
        await asyncio.sleep(chance.expovariate(1 / 4))
        delay = 0.39
        burst = [
            asyncio.create_task(request(chance.choice(list(Lane))))
            for _ in range(chance.randint(1, 40))
        ]
        await asyncio.sleep(0.001)
        delay = chance.choice([0, 0.39])
        await asyncio.wait(burst)

    assert refusals(sorted(arrivals), IdealClient().accepts) == 0


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
