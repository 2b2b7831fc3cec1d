"""When a token is asked for, and when it is not, on a clock that needs no waiting."""

from __future__ import annotations

import asyncio
from itertools import pairwise
import json
import random
from typing import Any, override

import pytest

from custom_components.amnimo.api import (
    QUOTA_GUARD,
    QUOTA_WARNING,
    AccessToken,
    AmnimoAuthError,
    AmnimoConnectionError,
    AmnimoError,
    AmnimoQuotaExhaustedError,
    AmnimoRateLimitedError,
    AmnimoResponseError,
    MemoryTokenStore,
    TokenGrant,
    TokenKeeper,
    TokenRecord,
    TokenStore,
    TokenUsage,
)
from tests.virtual_time import virtual, virtual_now

LIFETIME = 7200.0
MINUTE = 60.0
HOUR = 3600.0
DAY = 24 * HOUR
START = 1_790_000_000.0
TOO_MANY = AmnimoRateLimitedError("token: HTTP status 429")


class WallClock:
    """Epoch seconds that go with the event loop's time, but for jumps."""

    def __init__(self) -> None:
        """Start right."""
        self.wrong_by = 0.0

    def __call__(self) -> float:
        """Return what the clock shows."""
        return START + virtual_now() + self.wrong_by


class TokenService:
    """What a keeper asks for tokens."""

    def __init__(self, lifetime: float = LIFETIME) -> None:
        """Start with nobody having asked."""
        self.calls = 0
        self.seconds = 0.2
        self.errors: list[AmnimoError] = []
        self.only_newest = False
        """Whether a new token ends those before it."""
        self._lifetime = lifetime
        self._ends: dict[str, float] = {}

    async def issue(self) -> TokenGrant:
        """Issue a token, or fail as was arranged."""
        self.calls += 1
        number = self.calls
        issued = virtual_now()
        await asyncio.sleep(self.seconds)
        if self.errors:
            raise self.errors.pop(0)
        token = f"token-{number}"
        if self.only_newest:
            self._ends = dict.fromkeys(self._ends, 0.0)
        self._ends[token] = issued + self._lifetime
        return TokenGrant(token, self._lifetime)

    def accepts(self, token: AccessToken) -> bool:
        """Return whether the service would accept a request with the token now."""
        return virtual_now() < self._ends[token.value]


class JsonStore(TokenStore):
    """Keeps the record as text, as a file does."""

    def __init__(self) -> None:
        """Start with nothing kept."""
        self.text: str | None = None
        self.loads = 0

    @override
    async def load(self) -> TokenRecord | None:
        """Return what was kept."""
        self.loads += 1
        await asyncio.sleep(0.01)
        return TokenRecord.from_dict(json.loads(self.text)) if self.text else None

    @override
    async def save(self, record: TokenRecord) -> None:
        """Keep the record."""
        await asyncio.sleep(0.01)
        self.text = json.dumps(record.as_dict())


class World:
    """A keeper with all around it."""

    def __init__(self, lifetime: float = LIFETIME) -> None:
        """Start with no token."""
        self.clock = WallClock()
        self.service = TokenService(lifetime)
        self.store = JsonStore()
        self.keeper = self.restarted()

    def restarted(self) -> TokenKeeper:
        """Return a keeper that knows only what was stored."""
        return TokenKeeper(
            self.service.issue, self.store, clock=self.clock, steady=virtual_now
        )

    async def spend(self, calls: int) -> None:
        """Let there have been some calls for a token lately."""
        times = tuple(self.clock() - 10 * DAY + number for number in range(calls))
        await self.store.save(TokenRecord(None, times))
        self.keeper = self.restarted()


# --- Asking once ---------------------------------------------------------------------------


@virtual
async def test_a_token_is_asked_for_once_and_used_until_near_its_end() -> None:
    world = World()
    first = await world.keeper.get()
    for _ in range(115):
        await asyncio.sleep(MINUTE)
        assert await world.keeper.get() == first
    assert world.service.calls == 1
    assert world.keeper.current == first
    assert len(world.keeper.calls) == 1


@virtual
async def test_a_hundred_callers_share_one_call() -> None:
    world = World()
    tokens = await asyncio.gather(*(world.keeper.get() for _ in range(100)))
    assert len({token.value for token in tokens}) == 1
    assert world.service.calls == 1


@virtual
async def test_a_hundred_callers_share_one_failure() -> None:
    world = World()
    world.service.errors = [AmnimoResponseError("token: HTTP status 503", 503)]
    results = await asyncio.gather(
        *(world.keeper.get() for _ in range(100)), return_exceptions=True
    )
    assert all(isinstance(result, AmnimoResponseError) for result in results)
    assert world.service.calls == 1


@virtual
async def test_a_caller_that_is_cancelled_leaves_the_others_their_token() -> None:
    world = World()
    callers = [asyncio.create_task(world.keeper.get()) for _ in range(100)]
    await asyncio.sleep(0.1)
    for caller in callers[:50]:
        caller.cancel()
    await asyncio.wait(callers)

    assert all(caller.cancelled() for caller in callers[:50])
    assert {caller.result().value for caller in callers[50:]} == {"token-1"}
    assert world.service.calls == 1


@virtual
async def test_when_all_callers_are_cancelled_the_token_is_kept_all_the_same() -> None:
    world = World()
    caller = asyncio.create_task(world.keeper.get())
    await asyncio.sleep(0.1)
    caller.cancel()
    await asyncio.sleep(1)
    assert (await world.keeper.get()).value == "token-1"
    assert world.service.calls == 1


@virtual
async def test_closing_ends_a_call_under_way_and_tells_those_who_wait() -> None:
    world = World()
    callers = [asyncio.create_task(world.keeper.get()) for _ in range(3)]
    await asyncio.sleep(0.1)
    await world.keeper.close()
    results = await asyncio.gather(*callers, return_exceptions=True)
    assert all(isinstance(result, AmnimoConnectionError) for result in results)
    assert len(asyncio.all_tasks()) == 1
    assert len(world.keeper.calls) == 1

    assert (await world.keeper.get()).value == "token-2"


@virtual
async def test_closing_with_nothing_under_way_is_nothing() -> None:
    await World().keeper.close()


# --- Renewal before the end ----------------------------------------------------------------


@virtual
async def test_nobody_waits_for_the_renewal_before_the_end() -> None:
    world = World()
    first = await world.keeper.get()
    await asyncio.sleep(LIFETIME - 40)

    before = virtual_now()
    tokens = await asyncio.gather(*(world.keeper.get() for _ in range(100)))
    assert virtual_now() == before
    assert set(tokens) == {first}

    await asyncio.sleep(1)
    assert (await world.keeper.get()).value == "token-2"
    assert world.service.calls == 2


@virtual
async def test_a_token_whose_answer_was_slow_is_not_taken_for_younger() -> None:
    world = World()
    world.service.seconds = 30
    for _ in range(20):
        assert world.service.accepts(await world.keeper.get())
        await asyncio.sleep(LIFETIME - 31)
        assert world.service.accepts(await world.keeper.get())
        await asyncio.sleep(31)


@virtual
async def test_a_token_that_has_run_out_is_not_handed_out() -> None:
    world = World()
    await world.keeper.get()
    await asyncio.sleep(LIFETIME + 1)
    assert (await world.keeper.get()).value == "token-2"


@virtual
async def test_a_short_token_is_not_renewed_at_once() -> None:
    world = World(lifetime=60)
    await world.keeper.get()
    await asyncio.sleep(40)
    assert (await world.keeper.get()).value == "token-1"
    assert world.service.calls == 1
    await asyncio.sleep(8)
    await world.keeper.get()
    await asyncio.sleep(1)
    assert (await world.keeper.get()).value == "token-2"


@pytest.mark.parametrize(
    "error",
    [
        AmnimoConnectionError("token: the service can't be reached"),
        AmnimoResponseError("token: HTTP status 503", 503),
        AmnimoQuotaExhaustedError("no more tokens"),
        AmnimoAuthError("refused"),
    ],
)
@virtual
async def test_when_the_renewal_fails_the_token_is_used_to_its_end(
    error: AmnimoError,
) -> None:
    world = World()
    first = await world.keeper.get()
    world.service.errors = [error] * 100
    await asyncio.sleep(LIFETIME - 48)
    for _ in range(16):
        assert await world.keeper.get() == first
        await asyncio.sleep(3)
    # A handful of tries for 16 requests.
    assert 2 <= world.service.calls <= 5

    with pytest.raises(type(error)):
        await world.keeper.get()


# --- Calls that fail -----------------------------------------------------------------------


async def calls_in(world: World, seconds: int, error: type[AmnimoError]) -> int:
    """Return how often the service was asked while a token was wanted each second."""
    before = world.service.calls
    for _ in range(seconds):
        with pytest.raises(error):
            await world.keeper.get()
        await asyncio.sleep(1)
    return world.service.calls - before


async def asked_at(world: World, error: AmnimoError, seconds: float) -> list[float]:
    """Return when the service was asked while a token was wanted every five seconds."""
    return [
        time
        for time, told in await told_at(world, error, seconds)
        if told is type(error)
    ]


async def told_at(
    world: World, error: AmnimoError, seconds: float
) -> list[tuple[float, type[AmnimoError]]]:
    """Return when the service was asked as in `asked_at`, and the errors that callers got."""
    world.service.seconds = 0
    world.service.errors = [error] * 10_000
    told: list[tuple[float, type[AmnimoError]]] = []
    start = virtual_now()
    while virtual_now() < start + seconds:
        before = world.service.calls
        with pytest.raises(AmnimoError) as caught:
            await world.keeper.get()
        if world.service.calls > before:
            told.append((virtual_now() - start, type(caught.value)))
        await asyncio.sleep(5)
    return told


def pauses(times: list[float]) -> list[int]:
    """Return the seconds between times."""
    return [round(later - earlier) for earlier, later in pairwise(times)]


@virtual
async def test_a_secret_that_was_revoked_is_tried_a_few_times_a_day() -> None:
    """However many poll on."""
    world = World()
    asked = await asked_at(world, AmnimoAuthError("refused"), DAY)
    assert pauses(asked)[:6] == [300, 600, 1200, 2400, 4800, 9600]
    assert set(pauses(asked)[6:]) == {4 * 3600}
    assert len(asked) == world.service.calls == 11
    # It is valid again, or another one: what was does not count.
    world.service.errors.clear()
    world.keeper.forget_refusal()
    await world.keeper.get()
    await asyncio.sleep(LIFETIME)
    asked = await asked_at(world, AmnimoAuthError("refused"), HOUR)
    assert pauses(asked) == [300, 600, 1200]


@virtual
async def test_a_quota_that_is_spent_is_asked_about_each_hour() -> None:
    """The service says no more than that there were too many; our own count says of what."""
    world = World()
    await world.spend(QUOTA_WARNING)
    told = await told_at(world, TOO_MANY, DAY)
    asked = [time for time, _ in told]
    assert {each for _, each in told} == {AmnimoQuotaExhaustedError}
    assert pauses(asked)[:4] == [300, 600, 1200, 2400]
    assert set(pauses(asked)[4:]) == {3600}
    # Reloading does not help, and is not a reason to ask.
    world.keeper.forget_refusal()
    with pytest.raises(AmnimoQuotaExhaustedError):
        await world.keeper.get()
    assert world.service.calls == len(asked)


@virtual
async def test_too_many_requests_of_a_second_are_over_in_seconds() -> None:
    """Whoever else uses the client ID may have emptied the bucket; the month is far from spent."""
    world = World()
    world.service.errors = [TOO_MANY]
    with pytest.raises(AmnimoRateLimitedError) as refused:
        await world.keeper.get()
    assert refused.value.retry_after == 5
    await asyncio.sleep(2)
    with pytest.raises(AmnimoRateLimitedError) as refused:
        await world.keeper.get()
    assert refused.value.retry_after == pytest.approx(3)
    await asyncio.sleep(3)
    assert (await world.keeper.get()).value == "token-2"


@virtual
async def test_too_many_for_more_than_ten_minutes_are_those_of_the_month() -> None:
    """Others with the client ID count too, and what they used is not known here."""
    world = World()
    told = await told_at(world, TOO_MANY, 3 * HOUR)
    asked = [time for time, _ in told]
    assert [round(wait, -1) for wait in pauses(asked)[2:10]] == [
        *(20, 40, 80, 160, 300),
        *(600, 1200, 2400),
    ]
    kinds = [each for _, each in told]
    assert set(kinds[:7]) == {AmnimoRateLimitedError}
    assert set(kinds[7:]) == {AmnimoQuotaExhaustedError}
    # When one was issued after all, the next refusal is judged anew.
    world.service.errors.clear()
    await asyncio.sleep(HOUR)
    await world.keeper.get()
    await asyncio.sleep(LIFETIME)
    world.service.errors = [TOO_MANY]
    with pytest.raises(AmnimoRateLimitedError):
        await world.keeper.get()


@pytest.mark.parametrize(
    ("asked_for", "error", "rest"),
    [
        (2.0, AmnimoRateLimitedError, 5),
        (40.0, AmnimoRateLimitedError, 40),
        (300.0, AmnimoRateLimitedError, 300),
        (1800.0, AmnimoQuotaExhaustedError, 1800),
        (10 * DAY, AmnimoQuotaExhaustedError, HOUR),
    ],
)
@virtual
async def test_the_rest_that_the_service_asks_for_says_what_was_too_much(
    asked_for: float, error: type[AmnimoError], rest: float
) -> None:
    """No limit of requests a second takes longer than minutes, and none is waited for longer."""
    world = World()
    world.service.errors = [AmnimoRateLimitedError("429", retry_after=asked_for)]
    with pytest.raises(error):
        await world.keeper.get()
    await asyncio.sleep(rest - 1)
    with pytest.raises(error):
        await world.keeper.get()
    assert world.service.calls == 1
    await asyncio.sleep(1)
    assert (await world.keeper.get()).value == "token-2"


@virtual
async def test_a_call_that_was_never_made_says_nothing_of_the_quota() -> None:
    """While all requests pause, each need is told so, and the next one asks at once."""
    world = World()
    world.service.errors = [
        AmnimoRateLimitedError("a longer pause", retry_after=100, sent=False)
    ] * 20
    assert await calls_in(world, 20, AmnimoRateLimitedError) == 20
    assert (await world.keeper.get()).value == "token-21"


@pytest.mark.parametrize(
    "error",
    [
        AmnimoResponseError("token: HTTP status 500", 500),
        AmnimoConnectionError("no answer in time"),
    ],
)
@virtual
async def test_a_set_up_that_is_tried_each_minute_does_not_use_up_the_quota(
    error: AmnimoError,
) -> None:
    """Home Assistant does so without end, and each of the calls may count."""
    world = World()
    world.service.errors = [error] * 10_000
    tries = 0
    while virtual_now() < 10 * DAY:
        tries += 1
        world.keeper.forget_refusal()
        with pytest.raises(type(error)):
            await world.keeper.get()
        # At first it really tries.
        assert tries > 5 or world.service.calls == tries
        await asyncio.sleep(80)
    # As failures are answered in minutes until 900 calls, and in hours after that.
    assert 900 <= len(world.keeper.calls) <= 900 + 10 * 24


@virtual
async def test_while_the_service_stumbles_a_new_set_up_asks_at_once() -> None:
    world = World()
    world.service.errors = [AmnimoResponseError("token: HTTP status 500", 500)] * 2
    for _ in range(2):
        with pytest.raises(AmnimoResponseError):
            await world.keeper.get()
        world.keeper.forget_refusal()
    assert (await world.keeper.get()).value == "token-3"


@virtual
async def test_after_failures_it_is_asked_ever_more_rarely() -> None:
    world = World()
    world.service.seconds = 0
    world.service.errors = [AmnimoResponseError("token: HTTP status 500", 500)] * 100
    asked: list[float] = []
    while virtual_now() < HOUR:
        before = world.service.calls
        with pytest.raises(AmnimoResponseError) as caught:
            await world.keeper.get()
        assert caught.value.status == 500
        if world.service.calls > before:
            asked.append(virtual_now())
        await asyncio.sleep(1)

    assert pauses(asked) == [5, 10, 20, 40, 80, 160, *[300] * 10]


@virtual
async def test_a_success_ends_the_caution() -> None:
    world = World()
    failure = AmnimoResponseError("token: HTTP status 500", 500)
    world.service.errors = [failure] * 3
    for wait in (6, 11, 21):
        with pytest.raises(AmnimoResponseError):
            await world.keeper.get()
        await asyncio.sleep(wait)
    await world.keeper.get()
    await asyncio.sleep(LIFETIME)
    world.service.errors = [failure]
    with pytest.raises(AmnimoResponseError):
        await world.keeper.get()
    await asyncio.sleep(5)
    assert (await world.keeper.get()).value == "token-6"


@virtual
async def test_while_the_service_is_out_of_reach_it_is_tried_each_time() -> None:
    world = World()
    unreachable = AmnimoConnectionError("no connection", sent=False)
    world.service.seconds = 0
    world.service.errors = [unreachable] * 20
    assert await calls_in(world, 20, AmnimoConnectionError) == 20
    assert world.keeper.calls == ()
    assert (await world.keeper.get()).value == "token-21"


@pytest.mark.parametrize(
    ("error", "counted"),
    [
        (AmnimoAuthError("refused"), 1),
        (AmnimoResponseError("token: HTTP status 500", 500), 1),
        (AmnimoConnectionError("no answer in time"), 1),
        (AmnimoConnectionError("no connection", sent=False), 0),
        (AmnimoRateLimitedError("token: HTTP status 429"), 0),
        (AmnimoQuotaExhaustedError("no more tokens"), 0),
    ],
)
@virtual
async def test_calls_that_the_service_may_have_counted_are_counted(
    error: AmnimoError, counted: int
) -> None:
    world = World()
    world.service.errors = [error]
    with pytest.raises(type(error)):
        await world.keeper.get()
    assert len(world.keeper.calls) == counted
    # After a restart too.
    keeper = world.restarted()
    await keeper.load()
    assert len(keeper.calls) == counted


# --- Refused requests ----------------------------------------------------------------------


@virtual
async def test_a_token_of_a_minute_is_not_replaced() -> None:
    world = World()
    token = await world.keeper.get()
    for _ in range(5):
        assert await world.keeper.replace(token) is None
        await asyncio.sleep(14.9)
    assert world.service.calls == 1

    fresh = await world.keeper.replace(token)
    assert fresh is not None
    assert fresh.value == "token-2"


@virtual
async def test_a_token_of_an_earlier_run_is_not_believed_for_its_age() -> None:
    """Where the wall clock stood still with the machine, an old token looks like a new one."""
    world = World()
    token = await world.keeper.get()
    await asyncio.sleep(3 * HOUR)
    world.clock.wrong_by = -3 * HOUR + 30
    world.keeper = world.restarted()
    assert await world.keeper.get() == token
    fresh = await world.keeper.replace(token)
    assert fresh is not None
    assert fresh.value == "token-2"


@virtual
async def test_a_token_that_was_just_accepted_is_not_replaced() -> None:
    """Who may see one thing and not another has a good token, also after a restart."""
    world = World()
    await world.keeper.get()
    await asyncio.sleep(HOUR)
    world.keeper = world.restarted()
    token = await world.keeper.get()
    for _ in range(100):
        world.keeper.accepted(token)
        await asyncio.sleep(9)
        assert await world.keeper.replace(token) is None
    assert world.service.calls == 1

    await asyncio.sleep(2)
    assert await world.keeper.replace(token) is not None


@virtual
async def test_that_another_token_was_accepted_says_nothing() -> None:
    world = World()
    first = await world.keeper.get()
    await asyncio.sleep(HOUR)
    second = await world.keeper.replace(first)
    assert second is not None
    await asyncio.sleep(HOUR)
    world.keeper.accepted(first)
    assert await world.keeper.replace(second) is not None


@virtual
async def test_a_hundred_refused_requests_get_one_new_token() -> None:
    world = World()
    token = await world.keeper.get()
    await asyncio.sleep(HOUR)
    fresh = await asyncio.gather(*(world.keeper.replace(token) for _ in range(100)))
    assert {each.value for each in fresh if each} == {"token-2"}
    # One more, whose refusal was slow to arrive.
    assert await world.keeper.replace(token) == fresh[0]
    assert world.service.calls == 2


@virtual
async def test_a_caller_of_many_that_is_cancelled_leaves_the_others_a_new_token() -> (
    None
):
    world = World()
    token = await world.keeper.get()
    await asyncio.sleep(HOUR)
    first = asyncio.create_task(world.keeper.replace(token))
    second = asyncio.create_task(world.keeper.replace(token))
    await asyncio.sleep(0.1)
    first.cancel()
    fresh = await second
    assert fresh is not None
    assert fresh.value == "token-2"
    assert world.service.calls == 2


@virtual
async def test_renewals_that_do_not_help_become_rare() -> None:
    """Every other minute 50 requests are refused, whatever the token."""
    world = World(lifetime=30 * DAY)
    await world.keeper.get()
    renewed: list[float] = []
    while virtual_now() < DAY:
        await asyncio.sleep(2 * MINUTE)
        token = await world.keeper.get()
        before = world.service.calls
        fresh = await asyncio.gather(*(world.keeper.replace(token) for _ in range(50)))
        for each in fresh:
            if each is not None:
                world.keeper.renewal_was_futile()
        if world.service.calls > before:
            renewed.append(virtual_now())

    waits = [round((later - earlier) / MINUTE) for earlier, later in pairwise(renewed)]
    assert waits[:6] == [10, 20, 40, 80, 120, 120]
    assert world.service.calls == 2 + len(waits)


@virtual
async def test_a_renewal_that_helped_somebody_was_not_futile() -> None:
    """One path is forbidden, the others were refused for a token that was revoked."""
    for futile_first in (True, False):
        world = World()
        token = await world.keeper.get()
        await asyncio.sleep(HOUR / 2)
        fresh = await world.keeper.replace(token)
        assert fresh is not None
        if futile_first:
            world.keeper.renewal_was_futile()
        world.keeper.renewal_helped()
        if not futile_first:
            world.keeper.renewal_was_futile()

        await asyncio.sleep(2 * MINUTE)
        assert await world.keeper.replace(fresh) is not None


@virtual
async def test_help_makes_renewals_cheap_again() -> None:
    world = World(lifetime=30 * DAY)
    token: AccessToken | None = await world.keeper.get()
    for pause in (10, 20, 40):
        await asyncio.sleep(pause * MINUTE)
        assert token is not None
        token = await world.keeper.replace(token)
        assert token is not None
        world.keeper.renewal_was_futile()
    await asyncio.sleep(80 * MINUTE)
    token = await world.keeper.replace(token)
    assert token is not None
    world.keeper.renewal_helped()

    await asyncio.sleep(2 * MINUTE)
    token = await world.keeper.replace(token)
    assert token is not None
    world.keeper.renewal_was_futile()
    await asyncio.sleep(9 * MINUTE)
    assert await world.keeper.replace(token) is None
    await asyncio.sleep(2 * MINUTE)
    assert await world.keeper.replace(token) is not None


@virtual
async def test_futile_renewals_do_not_keep_a_token_beyond_its_end() -> None:
    world = World()
    token = await world.keeper.get()
    await asyncio.sleep(LIFETIME - 10 * MINUTE)
    fresh = await world.keeper.replace(token)
    assert fresh is not None
    world.keeper.renewal_was_futile()
    await asyncio.sleep(LIFETIME)
    renewed = await world.keeper.get()
    assert renewed.value == "token-3"


# --- The quota -----------------------------------------------------------------------------


@virtual
async def test_near_the_quota_a_token_is_used_to_its_end() -> None:
    world = World()
    await world.spend(QUOTA_GUARD - 1)
    token = await world.keeper.get()
    await asyncio.sleep(LIFETIME - 1)
    assert await world.keeper.get() == token
    assert await world.keeper.replace(token) is None
    await asyncio.sleep(1)
    assert world.service.calls == 1

    assert (await world.keeper.get()).value == "token-2"


@virtual
async def test_before_the_guard_a_token_is_renewed_as_ever() -> None:
    world = World()
    await world.spend(QUOTA_GUARD - 2)
    token = await world.keeper.get()
    assert len(world.keeper.calls) == QUOTA_GUARD - 1
    await asyncio.sleep(HOUR)
    assert await world.keeper.replace(token) is not None
    assert len(world.keeper.calls) == QUOTA_GUARD


@virtual
async def test_the_usage_of_the_quota_is_told_as_it_grows() -> None:
    world = World()
    await world.spend(QUOTA_WARNING - 2)
    told: list[TokenUsage] = []
    await world.keeper.load()
    end = world.keeper.listen(lambda: told.append(world.keeper.usage))
    for _ in range(3):
        token = await world.keeper.get()
        await asyncio.sleep(token.lifetime)
    assert [usage.calls for usage in told] == [899, 900, 901]
    assert [usage.is_high for usage in told] == [False, True, True]
    assert {usage.limit for usage in told} == {1000}
    assert not any(usage.is_nearly_spent for usage in told)

    # A call that failed may count as well.
    world.service.errors = [AmnimoAuthError("refused")]
    with pytest.raises(AmnimoAuthError):
        await world.keeper.get()
    assert told[-1].calls == 902

    end()
    await asyncio.sleep(301)
    await world.keeper.get()
    assert len(told) == 4
    assert world.keeper.usage == TokenUsage(903)
    assert TokenUsage(QUOTA_GUARD).is_nearly_spent


@virtual
async def test_calls_are_remembered_for_31_days() -> None:
    world = World()
    await world.keeper.get()
    await asyncio.sleep(31 * DAY - MINUTE)
    assert len(world.keeper.calls) == 1
    await asyncio.sleep(2 * MINUTE)
    assert world.keeper.calls == ()
    await world.keeper.get()
    assert world.store.text is not None
    assert len(json.loads(world.store.text)["calls"]) == 1


class Installation:
    """One that asks for something every 20 s, and sometimes for what it may not see."""

    def __init__(self, world: World, clock: WallClock | None = None) -> None:
        """Take part in a world, with a memory of its own."""
        self._world = world
        self.store = JsonStore()
        self._clock = clock or world.clock
        self.keeper = self.restarted()
        self._forbidden = False
        self.succeeded = self.failed = self.refused = 0

    def restarted(self) -> TokenKeeper:
        """Return a keeper that knows only what was stored."""
        return TokenKeeper(
            self._world.service.issue, self.store, clock=self._clock, steady=virtual_now
        )

    async def restart(self, down: float) -> None:
        """Stop, and start again after some seconds."""
        await self.keeper.close()
        await asyncio.sleep(down)
        self.keeper = self.restarted()
        self._forbidden = False

    async def poll(self) -> None:
        """Ask for something, as the client does."""
        token = await self.keeper.get()
        if not self._world.service.accepts(token):
            self.refused += 1
            fresh = await self.keeper.replace(token)
            if fresh is None or not self._world.service.accepts(fresh):
                self.failed += 1
                return
            self.keeper.renewal_helped()
            token = fresh
        self.succeeded += 1
        self.keeper.accepted(token)

    async def ask_for_what_is_forbidden(self) -> None:
        """Ask for something that is refused whatever the token."""
        token = await self.keeper.get()
        if self._forbidden:
            return
        if await self.keeper.replace(token) is not None:
            self._forbidden = True
            self.keeper.renewal_was_futile()


@pytest.mark.parametrize("days", [30, 31])
@pytest.mark.parametrize("forbidden", [False, True])
@virtual
async def test_a_month_with_two_hundred_restarts_costs_375_tokens_at_most(
    forbidden: bool, days: int
) -> None:
    """Of 31 days too, and with a tenant in the account that the client may not see."""
    world = World()
    home = Installation(world)
    chance = random.Random(1)
    restarts = sorted(chance.uniform(0, days * DAY) for _ in range(200))
    while virtual_now() < days * DAY:
        await home.poll()
        if forbidden:
            await home.ask_for_what_is_forbidden()
        if restarts and virtual_now() > restarts[0]:
            restarts.pop(0)
            await home.restart(chance.uniform(5, 90))
        else:
            await asyncio.sleep(20)
    await home.keeper.close()

    assert not restarts
    assert 12 * days - 5 <= world.service.calls <= 375
    assert home.refused == 0
    # The first one may be more than 31 days ago by now.
    assert len(home.keeper.calls) in (world.service.calls - 1, world.service.calls)


@virtual
async def test_two_installations_with_one_client_id_need_twice_as_many() -> None:
    """Where tokens live side by side, neither notices the other."""
    world = World()
    homes = [Installation(world) for _ in range(2)]
    while virtual_now() < 31 * DAY:
        for home in homes:
            await home.poll()
        await asyncio.sleep(20)
    assert world.service.calls <= 2 * 375
    assert [home.refused for home in homes] == [0, 0]


@pytest.mark.parametrize("restarts", [0, 200])
@virtual
async def test_two_installations_that_end_each_others_tokens_keep_to_the_quota(
    restarts: int,
) -> None:
    """Where only the newest token is good, they take turns rather than use up the month."""
    world = World()
    world.service.only_newest = True
    homes = [Installation(world) for _ in range(2)]
    chance = random.Random(1)
    times = sorted(chance.uniform(0, 31 * DAY) for _ in range(restarts))
    while virtual_now() < 31 * DAY:
        for home in homes:
            await home.poll()
        await asyncio.sleep(20)
        if times and virtual_now() > times[0]:
            times.pop(0)
            await chance.choice(homes).restart(30)
    assert world.service.calls <= 1000
    for home in homes:
        assert home.succeeded > 0.35 * (home.succeeded + home.failed)


@virtual
async def test_a_token_that_is_ended_once_is_replaced_at_once() -> None:
    """Somebody fetched a token by hand, once a day."""
    world = World()
    world.service.only_newest = True
    home = Installation(world)
    while virtual_now() < 7 * DAY:
        if virtual_now() % DAY < 20:
            await world.service.issue()
        await home.poll()
        await asyncio.sleep(20)
    assert home.failed <= 7
    assert home.refused <= 14
    assert world.service.calls <= 7 * (12 + 2) + 7


# --- Clocks that jump ----------------------------------------------------------------------


@virtual
async def test_a_clock_that_jumps_forward_costs_one_token() -> None:
    world = World()
    await world.keeper.get()
    world.clock.wrong_by = 400 * DAY
    assert (await world.keeper.get()).value == "token-2"
    assert (await world.keeper.get()).value == "token-2"


@pytest.mark.parametrize("back", [MINUTE, 2 * HOUR, DAY, 400 * DAY])
@pytest.mark.parametrize("spent", [True, False])
@virtual
async def test_a_clock_that_goes_back_changes_nothing(spent: bool, back: float) -> None:
    """The token is renewed when its time is over, and not before."""
    world = World()
    if spent:
        await world.spend(QUOTA_GUARD)
    token = await world.keeper.get()
    world.clock.wrong_by = -back
    await asyncio.sleep(LIFETIME - MINUTE)
    assert await world.keeper.get() == token
    assert world.service.calls == 1
    await asyncio.sleep(MINUTE)
    fresh = await world.keeper.get()
    assert fresh.value == "token-2"
    world.clock.wrong_by = 0
    await asyncio.sleep(1)
    assert world.service.accepts(await world.keeper.get())


@pytest.mark.parametrize("back", [2 * HOUR, DAY, 400 * DAY])
@pytest.mark.parametrize("spent", [True, False])
@virtual
async def test_a_kept_token_from_the_future_is_used_until_it_is_refused(
    spent: bool, back: float
) -> None:
    """After a restart nobody can tell how old it is."""
    world = World()
    if spent:
        await world.spend(QUOTA_GUARD)
    token = await world.keeper.get()
    world.keeper = world.restarted()
    world.clock.wrong_by = -back
    await asyncio.sleep(HOUR)
    assert await world.keeper.get() == token

    fresh = await world.keeper.replace(token)
    assert fresh is not None
    assert fresh.value == "token-2"
    await asyncio.sleep(HOUR)
    assert await world.keeper.get() == fresh
    assert world.service.calls == 2


@pytest.mark.parametrize("jump", [-DAY, -HOUR, HOUR, DAY])
@virtual
async def test_a_clock_that_jumps_does_not_end_the_memory_of_a_refusal(
    jump: float,
) -> None:
    world = World()
    world.service.errors = [AmnimoAuthError("refused")]
    with pytest.raises(AmnimoAuthError):
        await world.keeper.get()
    world.clock.wrong_by = jump
    with pytest.raises(AmnimoAuthError):
        await world.keeper.get()
    await asyncio.sleep(301)
    assert (await world.keeper.get()).value == "token-2"


@pytest.mark.parametrize("jump", [-DAY, -HOUR / 4, HOUR / 4])
@virtual
async def test_a_clock_that_jumps_does_not_end_the_memory_of_futile_renewals(
    jump: float,
) -> None:
    world = World()
    token = await world.keeper.get()
    await asyncio.sleep(HOUR)
    fresh = await world.keeper.replace(token)
    assert fresh is not None
    await asyncio.sleep(HOUR / 2)
    world.keeper.renewal_was_futile()
    world.clock.wrong_by = jump
    assert await world.keeper.replace(fresh) is None
    await asyncio.sleep(601)
    assert await world.keeper.replace(fresh) is not None


@virtual
async def test_a_start_in_1970_does_not_lose_the_count() -> None:
    """A machine without a clock of its own gets the time from the network, later."""
    world = World()
    await world.spend(500)
    world.clock.wrong_by = -START
    token = await world.keeper.get()
    assert len(world.keeper.calls) == 1
    await asyncio.sleep(MINUTE)
    world.clock.wrong_by = 0
    corrected = await world.keeper.get()
    assert corrected.value == token.value
    assert world.service.calls == 1
    assert len(world.keeper.calls) == 501
    assert corrected.issued_at == pytest.approx(world.clock() - MINUTE, abs=1)
    # And so it was written down.
    keeper = world.restarted()
    assert (await keeper.get()).value == token.value
    assert len(keeper.calls) == 501


@virtual
async def test_a_machine_that_starts_in_1970_each_day_needs_no_more_tokens() -> None:
    """It is off for some hours each night, and told the time a minute after its start."""
    world = World()
    for _ in range(31):
        world.clock.wrong_by = -START - virtual_now()
        world.keeper = world.restarted()
        for minute in range(16 * 60):
            token = await world.keeper.get()
            if not world.service.accepts(token):
                token = await world.keeper.replace(token)
                assert token is not None
                assert world.service.accepts(token)
            if minute == 1:
                world.clock.wrong_by = 0
            await asyncio.sleep(MINUTE)
        await asyncio.sleep(8 * HOUR)
    # Eight for 16 hours, and what is left of the last one is lost at night.
    assert world.service.calls <= 31 * 9
    # Those of the first day were before the last 31.
    assert 30 * 8 <= len(world.keeper.calls) <= world.service.calls


@virtual
async def test_a_year_that_was_wrong_for_a_moment_does_not_block_the_count() -> None:
    world = World()
    world.clock.wrong_by = 3650 * DAY
    await world.keeper.get()
    world.clock.wrong_by = 0
    assert world.keeper.calls == ()


# --- What outlives a restart ---------------------------------------------------------------


@virtual
async def test_a_restart_costs_no_token() -> None:
    world = World()
    token = await world.keeper.get()
    await asyncio.sleep(HOUR)
    assert await world.restarted().get() == token
    assert world.service.calls == 1


@virtual
async def test_a_hundred_callers_after_a_restart_load_once() -> None:
    world = World()
    token = await world.keeper.get()
    keeper = world.restarted()
    before = world.store.loads
    assert set(await asyncio.gather(*(keeper.get() for _ in range(100)))) == {token}
    assert world.store.loads == before + 1
    assert world.service.calls == 1


@virtual
async def test_a_token_from_elsewhere_is_taken_over() -> None:
    world = World()
    world.service.errors = [AmnimoAuthError("refused")]
    with pytest.raises(AmnimoAuthError):
        await world.keeper.get()

    await world.keeper.adopt(TokenGrant("elsewhere", LIFETIME))

    assert (await world.keeper.get()).value == "elsewhere"
    assert (await world.restarted().get()).value == "elsewhere"
    assert len(world.keeper.calls) == 2
    assert world.service.calls == 1


def test_a_record_survives_json() -> None:
    record = TokenRecord(AccessToken("secret", START, LIFETIME), (START - 5, START))
    assert TokenRecord.from_dict(json.loads(json.dumps(record.as_dict()))) == record
    empty = TokenRecord()
    assert TokenRecord.from_dict(json.loads(json.dumps(empty.as_dict()))) == empty


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ({}, TokenRecord()),
        ({"token": None, "calls": None}, TokenRecord()),
        ({"token": {"value": "x"}, "calls": [START]}, TokenRecord(None, (START,))),
        ({"token": [], "calls": ["soon"]}, TokenRecord()),
        (
            {
                "token": {"value": "x", "issued_at": 1, "lifetime": "2", "more": 3},
                "calls": [3, 1],
            },
            TokenRecord(AccessToken("x", 1.0, 2.0), (1.0, 3.0)),
        ),
    ],
)
def test_what_is_damaged_costs_a_token_at_most(
    kept: dict[str, Any], expected: TokenRecord
) -> None:
    assert TokenRecord.from_dict(kept) == expected


def test_no_token_is_shown() -> None:
    token = AccessToken("the-secret", START, LIFETIME)
    for each in (token, TokenRecord(token), TokenGrant("the-secret", LIFETIME)):
        assert "the-secret" not in repr(each)
        assert "the-secret" not in str(each)


@virtual
async def test_a_store_in_memory_keeps_what_it_was_given() -> None:
    store = MemoryTokenStore()
    assert await store.load() is None
    record = TokenRecord(AccessToken("x", 1.0, 2.0), (1.0,))
    await store.save(record)
    assert await store.load() == record
