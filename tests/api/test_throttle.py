"""Who may send a request and when, on a clock that needs no waiting."""

from __future__ import annotations

import asyncio
import random

import pytest

from custom_components.amnimo.api import (
    BURST,
    POLL_RESERVE,
    RATE,
    AmnimoRateLimitedError,
    Lane,
    Throttle,
)
from tests.virtual_time import virtual, virtual_now

TOKEN = 1 / RATE
SOON = 1e-6
HOUR = 3600.0
DAY = 24 * HOUR


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


# --- Several accounts ----------------------------------------------------------------------


def crowd(
    throttle: Throttle, lane: Lane, party: str, count: int, order: list[str]
) -> list[asyncio.Task[None]]:
    """Let a party's requests queue up, each to note whose it is when it may go."""

    async def ask() -> None:
        await throttle.acquire(lane, party)
        order.append(party)

    return [asyncio.create_task(ask()) for _ in range(count)]


@pytest.mark.parametrize("lane", list(Lane))
@virtual
async def test_parties_of_a_lane_take_turns(lane: Lane) -> None:
    throttle = Throttle(burst=1, poll_reserve=0)
    order: list[str] = []
    await throttle.acquire(lane)
    tasks = [
        *crowd(throttle, lane, "large", 6, order),
        *crowd(throttle, lane, "small", 2, order),
        *crowd(throttle, lane, "other", 3, order),
    ]
    await asyncio.gather(*tasks)
    assert order == [
        *("large", "small", "other"),
        *("large", "small", "other"),
        *("large", "other"),
        *("large", "large", "large"),
    ]


@virtual
async def test_a_sweep_of_five_hundred_devices_does_not_hold_up_a_small_account() -> (
    None
):
    """It waits for one of the large account's requests before each of its own."""
    throttle = Throttle()
    order: list[str] = []
    large = crowd(throttle, Lane.POLL, "large", 500, order)
    await asyncio.sleep(10)
    before = len(order)
    began = virtual_now()
    for _ in range(10):
        await throttle.acquire(Lane.POLL, "small")
    assert len(order) - before <= 11
    assert virtual_now() - began <= 20 * TOKEN + SOON
    for task in large:
        task.cancel()
    await asyncio.wait(large)


@virtual
async def test_parties_that_keep_asking_get_the_same() -> None:
    """However many requests each of them keeps waiting."""
    throttle = Throttle()
    order: list[str] = []

    async def sweep(party: str) -> None:
        while True:
            await throttle.acquire(Lane.POLL, party)
            order.append(party)

    workers = {"one": 1, "eight": 8, "hundred": 100}
    tasks = [
        asyncio.create_task(sweep(party))
        for party, count in workers.items()
        for _ in range(count)
    ]
    await asyncio.sleep(HOUR)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    for party in workers:
        assert order.count(party) == pytest.approx(HOUR * RATE / 3, abs=10)


@virtual
async def test_a_party_whose_requests_are_called_off_loses_its_turn() -> None:
    throttle = Throttle(burst=1, poll_reserve=0)
    order: list[str] = []
    await throttle.acquire(Lane.USER)
    leaving = crowd(throttle, Lane.USER, "leaving", 50, order)
    staying = crowd(throttle, Lane.USER, "staying", 2, order)
    await asyncio.sleep(TOKEN / 2)
    for task in leaving:
        task.cancel()
    await asyncio.wait(staying)
    assert order == ["staying"] * 2
    assert virtual_now() == pytest.approx(2 * TOKEN)


@virtual
async def test_an_urgent_request_of_one_party_goes_before_anothers_poll() -> None:
    throttle = Throttle()
    await at_once(throttle, Lane.USER)
    order: list[str] = []
    await asyncio.gather(
        *crowd(throttle, Lane.POLL, "polls", 3, order),
        *crowd(throttle, Lane.USER, "person", 3, order),
    )
    assert order == ["person"] * 3 + ["polls"] * 3


# --- Nobody is shut out --------------------------------------------------------------------


async def shares(throttle: Throttle, seconds: float, *greedy: Lane) -> dict[Lane, int]:
    """Return what the lanes got in a time in which some asked without end."""
    before = dict(throttle.granted)
    tasks = [
        task for lane in greedy for task in queue(throttle, lane, int(seconds * 6), [])
    ]
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    return {lane: throttle.granted[lane] - before[lane] for lane in Lane}


@virtual
async def test_people_who_ask_without_end_leave_a_little_to_the_others() -> None:
    throttle = Throttle()
    await at_once(throttle, Lane.USER)
    got = await shares(throttle, HOUR / 6, *Lane)
    tokens = HOUR / 6 * RATE
    assert sum(got.values()) == pytest.approx(tokens, abs=1)
    assert got[Lane.LIVE] == pytest.approx(tokens / 5, rel=0.05)
    assert got[Lane.POLL] == pytest.approx(tokens / 25, rel=0.05)


@pytest.mark.parametrize("greedy", [Lane.USER, Lane.LIVE])
@virtual
async def test_polls_go_on_whoever_asks_without_end(greedy: Lane) -> None:
    throttle = Throttle()
    await at_once(throttle, Lane.USER)
    got = await shares(throttle, HOUR / 6, greedy, Lane.POLL)
    assert got[Lane.POLL] == pytest.approx(HOUR / 6 * RATE / 25, rel=0.02)
    assert got[greedy] == pytest.approx(HOUR / 6 * RATE * 24 / 25, rel=0.02)


@virtual
async def test_what_nobody_waits_for_is_not_saved_up() -> None:
    """A thousand people went before nobody; a poll that comes then is not the first."""
    throttle = Throttle()
    await asyncio.gather(*queue(throttle, Lane.USER, 1000, []))
    granted: list[tuple[float, Lane]] = []
    await asyncio.gather(
        *queue(throttle, Lane.POLL, 1, granted), *queue(throttle, Lane.USER, 3, granted)
    )
    assert [lane for _, lane in granted] == [Lane.USER] * 3 + [Lane.POLL]


@virtual
async def test_polls_whose_turn_it_would_be_keep_to_caution() -> None:
    """After a refusal they don't go faster than half the rate, nor hold up people."""
    throttle = Throttle()
    throttle.refused()
    got = await shares(throttle, 30, Lane.USER, Lane.POLL)
    assert got[Lane.USER] + got[Lane.POLL] == pytest.approx(29 * RATE, abs=1)
    assert 4 <= got[Lane.POLL] <= 6


# --- Over a long time ----------------------------------------------------------------------


@pytest.mark.parametrize("up_for", [0, 30 * DAY, 10 * 365 * DAY])
@virtual
async def test_the_rate_does_not_drift(up_for: float) -> None:
    """Thirty days of work, on a machine that has run for years; slow, to be done soon."""
    await asyncio.sleep(up_for)
    rate = 0.013
    throttle = Throttle(rate=rate)
    granted: list[float] = []

    async def sweep() -> None:
        while True:
            await throttle.acquire(Lane.LIVE)
            granted.append(virtual_now())

    before = virtual_now()
    task = asyncio.create_task(sweep())
    await asyncio.sleep(30 * DAY)
    task.cancel()
    await asyncio.wait([task])
    assert len(granted) == pytest.approx(BURST + 30 * DAY * rate, abs=1)
    # Each token comes at its time: rounding does not add up.
    due = [before + number / rate for number in range(len(granted) - BURST + 1)]
    late = [time - when for time, when in zip(granted[BURST - 1 :], due, strict=True)]
    assert max(map(abs, late)) < 1e-5


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
async def test_a_token_given_back_after_a_refusal_is_not_in_the_bucket() -> None:
    throttle = Throttle()
    await at_once(throttle, Lane.USER)
    granted: list[tuple[float, Lane]] = []
    (waiter,) = queue(throttle, Lane.USER, 1, granted)
    await asyncio.sleep(0)

    def refuse_and_cancel() -> None:
        throttle.refused()
        waiter.cancel()

    asyncio.get_running_loop().call_later(TOKEN + 1e-10, refuse_and_cancel)
    await asyncio.wait([waiter])
    assert waiter.cancelled()
    await throttle.acquire(Lane.USER)
    assert virtual_now() == pytest.approx(TOKEN + 1 + TOKEN)


@pytest.mark.parametrize("seed", range(20))
@virtual
async def test_whoever_is_cancelled_whenever_no_token_is_lost_or_made(
    seed: int,
) -> None:
    """A tenth of a second at a time, somebody comes and somebody gives up."""
    chance = random.Random(seed)
    throttle = Throttle()
    waiting: set[asyncio.Task[None]] = set()
    used = 0

    async def ask(lane: Lane, party: int) -> None:
        nonlocal used
        await throttle.acquire(lane, party)
        used += 1

    while virtual_now() < 10 * 60:
        for _ in range(chance.randint(0, 2)):
            coming = ask(chance.choice(list(Lane)), chance.randint(0, 3))
            waiting.add(asyncio.create_task(coming))
        if waiting and chance.random() < 0.7:
            leaving = chance.choice(sorted(waiting, key=lambda task: task.get_name()))
            # At the very moment of a grant as often as not.
            delay = chance.choice([0, chance.random() * TOKEN])
            asyncio.get_running_loop().call_later(delay, leaving.cancel)
        await asyncio.sleep(chance.choice([0, 0.1, TOKEN]))
        waiting = {task for task in waiting if not task.done()}
        assert used <= BURST + virtual_now() * RATE + SOON
    for task in waiting:
        task.cancel()
    if waiting:
        await asyncio.wait(waiting)

    assert used == sum(throttle.granted.values())
    assert set(throttle.waiting.values()) == {0}
    await asyncio.sleep(BURST * TOKEN)
    assert await at_once(throttle, Lane.USER) == BURST


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


@pytest.mark.parametrize("lane", list(Lane))
@virtual
async def test_a_throttle_of_other_limits_keeps_those(lane: Lane) -> None:
    throttle = Throttle(rate=1, burst=2, poll_reserve=0)
    granted: list[tuple[float, Lane]] = []
    await asyncio.gather(*queue(throttle, lane, 4, granted))
    assert [time for time, _ in granted] == [0, 0, 1, 2]


# --- Deadlines -----------------------------------------------------------------------------


@virtual
async def test_a_pause_beyond_the_deadline_is_not_waited_for() -> None:
    """Who comes while it lasts is told at once, and how long it lasts."""
    throttle = Throttle()
    throttle.refused(120)
    await asyncio.sleep(20)
    with pytest.raises(AmnimoRateLimitedError) as too_late:
        await throttle.acquire(Lane.USER, deadline=virtual_now() + 30)
    assert virtual_now() == 20
    assert too_late.value.retry_after == pytest.approx(100)
    assert not too_late.value.sent
    assert throttle.granted[Lane.USER] == throttle.waiting[Lane.USER] == 0

    # From 90 on it is near enough.
    await asyncio.sleep(71)
    await throttle.acquire(Lane.USER, deadline=virtual_now() + 30)
    assert virtual_now() == pytest.approx(120 + TOKEN)


@virtual
async def test_who_waits_already_is_sent_away_when_the_pause_becomes_too_long() -> None:
    """And takes no token: it is there for those who have more time."""
    throttle = Throttle()
    await at_once(throttle, Lane.USER)
    granted: list[tuple[float, Lane]] = []
    (patient,) = queue(throttle, Lane.POLL, 1, granted)
    hurried = [
        asyncio.create_task(throttle.acquire(Lane.USER, deadline=deadline))
        for deadline in (30, 50, 30)
    ]
    await asyncio.sleep(TOKEN / 2)
    throttle.refused(40)
    hurried[2].cancel()
    await asyncio.wait([hurried[0], hurried[2]])
    assert virtual_now() == pytest.approx(TOKEN / 2)
    assert isinstance(hurried[0].exception(), AmnimoRateLimitedError)
    assert hurried[2].cancelled()
    assert throttle.waiting == {Lane.USER: 1, Lane.LIVE: 0, Lane.POLL: 1}

    await hurried[1]
    assert virtual_now() == pytest.approx(40 + 1.5 * TOKEN)
    await patient
    assert throttle.granted == {Lane.USER: BURST + 1, Lane.LIVE: 0, Lane.POLL: 1}


@virtual
async def test_a_queue_is_waited_for_whatever_the_deadline() -> None:
    """Who switches 300 ports at once sees them switched, one after the other."""
    throttle = Throttle()
    await asyncio.gather(
        *(throttle.acquire(Lane.USER, deadline=30) for _ in range(300))
    )
    assert virtual_now() == pytest.approx((300 - BURST) * TOKEN)
    # A pause that is over concerns nobody.
    throttle.refused()
    await asyncio.sleep(2)
    await throttle.acquire(Lane.USER, deadline=30)
