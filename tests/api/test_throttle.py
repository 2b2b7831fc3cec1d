"""Who may send a request and when, on a clock that needs no waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
import random

import pytest

from custom_components.amnimo.api import BURST, POLL_RESERVE, RATE, Lane, Throttle
from tests.virtual_time import run_virtually, virtual_now

TOKEN = 1 / RATE
SOON = 1e-6
DAY = 24 * 3600.0

SERVER_RATE = 5.0
SERVER_BURST = 20


def virtual(test: Callable[..., Coroutine[None, None, None]]) -> Callable[..., None]:
    """Let a test run in virtual time."""

    @wraps(test)
    def run(*args: object, **kwargs: object) -> None:
        run_virtually(test(*args, **kwargs))

    return run


class ServerLimit:
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
        if ideal - now > SERVER_BURST / SERVER_RATE + SOON:
            return False
        self._ideal = ideal
        return True


async def at_once(throttle: Throttle, lane: Lane, wanted: int = 100) -> int:
    """Return how many requests of a lane may go this instant; nobody is left waiting."""
    start = virtual_now()
    granted = 0

    async def ask() -> None:
        nonlocal granted
        await throttle.acquire(lane)
        if virtual_now() == start:
            granted += 1

    tasks = [asyncio.create_task(ask()) for _ in range(wanted)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    return granted


def queue(
    throttle: Throttle, lane: Lane, count: int, granted: list[tuple[float, Lane]]
) -> list[asyncio.Task[None]]:
    """Let requests queue up, each to note when it may go."""

    async def ask() -> None:
        await throttle.acquire(lane)
        granted.append((virtual_now(), lane))

    return [asyncio.create_task(ask()) for _ in range(count)]


# --- Rate and burst ------------------------------------------------------------------------


@virtual
async def test_a_burst_goes_at_once_and_the_rest_at_the_rate() -> None:
    throttle = Throttle()
    granted: list[tuple[float, Lane]] = []

    await asyncio.gather(*queue(throttle, Lane.USER, BURST + 5, granted))

    times = [time for time, _ in granted]
    assert times[:BURST] == [0.0] * BURST
    assert times[BURST:] == pytest.approx([TOKEN * n for n in range(1, 6)])


@virtual
async def test_the_burst_comes_back_and_does_not_grow() -> None:
    throttle = Throttle()
    assert await at_once(throttle, Lane.USER) == BURST
    await asyncio.sleep(2 * TOKEN + SOON)
    assert await at_once(throttle, Lane.USER) == 2
    await asyncio.sleep(DAY)
    assert await at_once(throttle, Lane.USER) == BURST


@virtual
async def test_polls_leave_a_reserve_to_people_and_streams() -> None:
    throttle = Throttle()
    assert await at_once(throttle, Lane.POLL) == BURST - POLL_RESERVE
    assert await at_once(throttle, Lane.POLL) == 0
    assert await at_once(throttle, Lane.LIVE) == POLL_RESERVE
    assert await at_once(throttle, Lane.USER) == 0


@virtual
async def test_polls_alone_get_the_full_rate_for_hours() -> None:
    throttle = Throttle()
    granted: list[tuple[float, Lane]] = []
    polls = queue(throttle, Lane.POLL, 40_000, granted)

    await asyncio.sleep(2 * 3600.0)

    assert len(granted) == BURST - POLL_RESERVE + int(2 * 3600 * RATE)
    for poll in polls:
        poll.cancel()
    await asyncio.wait(polls)


@virtual
async def test_people_go_before_streams_before_polls() -> None:
    throttle = Throttle()
    await at_once(throttle, Lane.USER)
    granted: list[tuple[float, Lane]] = []

    tasks = [
        task
        for lane in (Lane.POLL, Lane.LIVE, Lane.USER, Lane.POLL, Lane.LIVE, Lane.USER)
        for task in queue(throttle, lane, 1, granted)
    ]
    await asyncio.sleep(0)
    assert throttle.waiting == {Lane.USER: 2, Lane.LIVE: 2, Lane.POLL: 2}
    await asyncio.gather(*tasks)

    assert [lane for _, lane in granted] == [
        Lane.USER,
        Lane.USER,
        Lane.LIVE,
        Lane.LIVE,
        Lane.POLL,
        Lane.POLL,
    ]
    assert throttle.granted == {Lane.USER: BURST + 2, Lane.LIVE: 2, Lane.POLL: 2}
    assert throttle.waiting == {Lane.USER: 0, Lane.LIVE: 0, Lane.POLL: 0}


@virtual
async def test_within_a_lane_first_come_is_first_served() -> None:
    throttle = Throttle()
    order: list[int] = []

    async def ask(number: int) -> None:
        await throttle.acquire(Lane.LIVE)
        order.append(number)

    await asyncio.gather(*(ask(number) for number in range(60)))

    assert order == list(range(60))


@virtual
async def test_a_person_does_not_wait_for_a_sweep() -> None:
    throttle = Throttle()
    sweep: list[tuple[float, Lane]] = []
    polls = queue(throttle, Lane.POLL, 1000, sweep)
    await asyncio.sleep(33.3)

    before = virtual_now()
    for _ in range(POLL_RESERVE):
        await throttle.acquire(Lane.USER)
    assert virtual_now() == before

    await throttle.acquire(Lane.USER)
    assert virtual_now() - before <= TOKEN + SOON
    for poll in polls:
        poll.cancel()
    await asyncio.wait(polls)


# --- Cancellation --------------------------------------------------------------------------


@virtual
async def test_who_is_cancelled_while_waiting_takes_no_token() -> None:
    throttle = Throttle()
    await at_once(throttle, Lane.USER)
    granted: list[tuple[float, Lane]] = []
    given_up = queue(throttle, Lane.USER, 1000, granted)
    patient = queue(throttle, Lane.USER, 1, granted)
    await asyncio.sleep(TOKEN / 2)

    for task in given_up:
        task.cancel()
    await patient[0]

    assert granted == [(pytest.approx(TOKEN), Lane.USER)]
    assert throttle.granted[Lane.USER] == BURST + 1
    assert throttle.waiting[Lane.USER] == 0


@virtual
async def test_who_is_cancelled_when_just_let_through_gives_the_token_back() -> None:
    throttle = Throttle()
    await at_once(throttle, Lane.USER)
    granted: list[tuple[float, Lane]] = []
    (waiter,) = queue(throttle, Lane.USER, 1, granted)
    await asyncio.sleep(0)
    # In the same round of the event loop as the throttle's own timer, but after it.
    asyncio.get_running_loop().call_later(TOKEN + 1e-10, waiter.cancel)
    await asyncio.wait([waiter])

    assert virtual_now() == pytest.approx(TOKEN)
    assert waiter.cancelled()
    assert throttle.granted[Lane.USER] == BURST
    assert await at_once(throttle, Lane.USER) == 1


@virtual
async def test_a_token_that_was_given_back_goes_to_the_next() -> None:
    throttle = Throttle()
    await at_once(throttle, Lane.USER)
    granted: list[tuple[float, Lane]] = []
    first, second = queue(throttle, Lane.USER, 2, granted)
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_later(TOKEN + 1e-10, first.cancel)
    await asyncio.wait([first, second])

    assert first.cancelled()
    assert granted == [(pytest.approx(TOKEN), Lane.USER)]


@virtual
async def test_a_cancelled_person_lets_polls_go_on() -> None:
    throttle = Throttle()
    await at_once(throttle, Lane.USER)
    granted: list[tuple[float, Lane]] = []
    people = queue(throttle, Lane.USER, 500, granted)
    (poll,) = queue(throttle, Lane.POLL, 1, granted)
    await asyncio.sleep(0)
    for person in people:
        person.cancel()
    await poll

    assert granted == [(pytest.approx((POLL_RESERVE + 1) * TOKEN), Lane.POLL)]


# --- Refusals ------------------------------------------------------------------------------


@virtual
async def test_a_refusal_empties_the_bucket_and_pauses_all() -> None:
    throttle = Throttle()
    throttle.refused()
    granted: list[tuple[float, Lane]] = []

    await asyncio.gather(
        *queue(throttle, Lane.LIVE, 1, granted), *queue(throttle, Lane.USER, 2, granted)
    )

    assert granted == [
        (pytest.approx(1 + TOKEN), Lane.USER),
        (pytest.approx(1 + 2 * TOKEN), Lane.USER),
        (pytest.approx(1 + 3 * TOKEN), Lane.LIVE),
    ]
    assert throttle.refusals == 1


@virtual
async def test_a_refusal_reaches_those_who_wait_already() -> None:
    throttle = Throttle()
    await at_once(throttle, Lane.USER)
    granted: list[tuple[float, Lane]] = []
    (person,) = queue(throttle, Lane.USER, 1, granted)
    await asyncio.sleep(TOKEN / 2)
    throttle.refused()
    await person
    assert granted == [(pytest.approx(TOKEN / 2 + 1 + TOKEN), Lane.USER)]


@pytest.mark.parametrize(
    ("asked", "waited"),
    [(None, 1), (0, 1), (0.5, 1), (7, 7), (120, 120), (86400, 300)],
)
@virtual
async def test_the_wait_that_the_service_asks_for_is_kept(
    asked: float | None, waited: float
) -> None:
    throttle = Throttle()
    throttle.refused(asked)
    await throttle.acquire(Lane.USER)
    assert virtual_now() == pytest.approx(waited + TOKEN)


@virtual
async def test_refusals_of_requests_under_way_together_count_as_one() -> None:
    throttle = Throttle()
    throttle.refused()
    throttle.refused(3)
    await asyncio.sleep(0.5)
    throttle.refused(1)
    await throttle.acquire(Lane.USER)
    assert virtual_now() == pytest.approx(3 + TOKEN)
    assert throttle.refusals == 3


@virtual
async def test_pauses_double_as_long_as_refusals_go_on() -> None:
    throttle = Throttle()
    pauses: list[float] = []
    for _ in range(8):
        before = virtual_now()
        throttle.refused()
        await throttle.acquire(Lane.USER)
        pauses.append(round(virtual_now() - before - TOKEN, 6))
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]

    await asyncio.sleep(61)
    before = virtual_now()
    throttle.refused()
    await throttle.acquire(Lane.USER)
    assert virtual_now() - before == pytest.approx(1 + TOKEN)


@virtual
async def test_polls_go_at_half_the_rate_for_a_minute_after_a_refusal() -> None:
    throttle = Throttle()
    throttle.refused()
    granted: list[tuple[float, Lane]] = []
    polls = queue(throttle, Lane.POLL, 2000, granted)
    await asyncio.sleep(200)
    for poll in polls:
        poll.cancel()
    await asyncio.wait(polls)

    times = [time for time, _ in granted]
    careful = [time for time in times if 10 <= time < 60]
    normal = [time for time in times if 70 <= time < 120]
    assert len(careful) == pytest.approx(50 * RATE / 2, abs=1)
    assert len(normal) == pytest.approx(50 * RATE, abs=1)


@virtual
async def test_people_are_not_slowed_down_by_caution() -> None:
    throttle = Throttle()
    throttle.refused()
    await asyncio.sleep(30)
    assert await at_once(throttle, Lane.USER) == BURST


# --- Against the service's own limit -------------------------------------------------------


@virtual
async def test_a_day_of_mixed_load_is_never_refused_and_wastes_nothing() -> None:
    """The network delays each request by up to 0.4 s, so that they also bunch up."""
    chance = random.Random(1)
    throttle = Throttle()
    arrivals: list[float] = []
    people_waited: list[float] = []

    def sent() -> None:
        arrivals.append(virtual_now() + chance.random() * 0.4)

    async def sweep() -> None:
        while True:
            await throttle.acquire(Lane.POLL)
            sent()

    async def keep_alive() -> None:
        while True:
            await asyncio.sleep(30 + chance.random())
            await throttle.acquire(Lane.LIVE)
            sent()

    async def person() -> None:
        before = virtual_now()
        await throttle.acquire(Lane.USER)
        people_waited.append(virtual_now() - before)
        sent()

    async def people() -> None:
        while True:
            await asyncio.sleep(chance.expovariate(1 / 120))
            await asyncio.gather(*(person() for _ in range(chance.randint(1, 8))))

    tasks = [
        *(asyncio.create_task(sweep()) for _ in range(8)),
        *(asyncio.create_task(keep_alive()) for _ in range(20)),
        asyncio.create_task(people()),
    ]
    await asyncio.sleep(DAY)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)

    server = ServerLimit()
    assert all(map(server.accepts, sorted(arrivals)))
    assert len(arrivals) > 0.99 * RATE * DAY
    assert sorted(people_waited)[len(people_waited) * 99 // 100] < 1.0
    assert len(people_waited) > 1000


@virtual
async def test_bursts_after_rests_are_never_refused() -> None:
    chance = random.Random(2)
    throttle = Throttle()
    arrivals: list[float] = []

    async def request(lane: Lane) -> None:
        await throttle.acquire(lane)
        arrivals.append(virtual_now() + chance.random() * 0.4)

    for _ in range(1000):
        await asyncio.sleep(chance.expovariate(1 / 4))
        await asyncio.gather(
            *(request(chance.choice(list(Lane))) for _ in range(chance.randint(1, 30)))
        )

    server = ServerLimit()
    assert all(map(server.accepts, sorted(arrivals)))


@virtual
async def test_another_program_with_the_same_client_id_is_made_room_for() -> None:
    """It takes half of what the service allows, and never asks anybody."""
    server = ServerLimit()
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

    assert 0 < refused < 0.01 * accepted
    assert others_refused < 0.02 * others
    assert accepted > 0.9 * 2.4 * 3600


@pytest.mark.parametrize("lane", list(Lane))
@virtual
async def test_a_throttle_of_other_limits_keeps_those(lane: Lane) -> None:
    throttle = Throttle(rate=1, burst=2, poll_reserve=0)
    granted: list[tuple[float, Lane]] = []
    await asyncio.gather(*queue(throttle, lane, 4, granted))
    assert [time for time, _ in granted] == [0, 0, 1, 2]
