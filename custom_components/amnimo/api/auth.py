"""The access token: fetched once for everybody, kept, and renewed as rarely as possible.

A client ID may ask for 1,000 tokens a month (API document, 認証の呼び出し制限), and a token is
good for two hours, so each call for one counts. How a token is asked for and where it is kept
is somebody else's; here is decided when.

Two clocks are needed for that. The wall clock is the only one that tells after a restart how old
a token is, but it may be wrong, and is set right while all is running. So whatever began in this
run is timed by a clock that only goes forward, and the wall clock may at most make a token older
than that: a machine that was suspended knows the time of its sleep from nowhere else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import pairwise
import random
import time
from typing import Any, Protocol

from .errors import (
    AmnimoAuthError,
    AmnimoConnectionError,
    AmnimoError,
    AmnimoQuotaExhaustedError,
    AmnimoRateLimitedError,
)
from .models import TokenGrant

MONTHLY_QUOTA = 1000
"""Calls for a token that the service allows a client ID a month."""
QUOTA_WARNING = 900
"""From here on people should know; failures are followed by long rests."""
QUOTA_GUARD = 990
"""From here on only a token that has run out is renewed."""

_DAY = 24 * 3600.0
_MONTH = 31 * _DAY
# Time for four tries, and so little that 31 days cost no more than 375 tokens.
_RENEW_BEFORE_END = 50.0
_YOUNG = 60.0
# A sweep asks five times a second, so what it is refused comes right after what it is given.
_PROOF_LASTS = 10.0
# A token that ends before its time is replaced at once, but for where that happens again and
# again: two installations with one client ID may end each other's tokens. They then take turns,
# at random, for neither knows of the other, and need less than 500 tokens a month each.
_EARLY_A_DAY = 6
_USUAL_TURN = (4320.0, 7200.0)
_FULL_TURN = 6480.0
_FAILED_FOR = 5.0
_FAILED_FOR_LONGEST = 300.0
_PATIENTLY_ASKED_AGAIN = 60.0
_REFUSED_FOR = 300.0
_REFUSED_FOR_LONGEST = 4 * 3600.0
_SCARCE_FOR_LONGEST = 3600.0
# In a row that takes more than ten minutes, and so long no limit of requests a second holds.
_REFUSALS_OF_A_QUOTA = 8
_FUTILE_FOR = 600.0
_FUTILE_FOR_LONGEST = 7200.0
# 2026-01-01. A clock that shows less has never been set, as at the start of a Raspberry Pi.
_CLOCK_IS_SET = 1_767_225_600.0


def _wall_clock() -> float:
    # Looked up at each call, for a frozen clock replaces it.
    return time.time()


def _steady_clock() -> float:
    return time.monotonic()


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token with the time of its issue (epoch seconds) and its lifetime (seconds)."""

    value: str = field(repr=False)
    issued_at: float
    lifetime: float

    @property
    def expires_at(self) -> float:
        """Epoch seconds from which on the service refuses the token."""
        return self.issued_at + self.lifetime

    @property
    def full_age(self) -> float:
        """Seconds after which a renewal is due: before the end, but not at once."""
        return self.lifetime - min(_RENEW_BEFORE_END, self.lifetime / 4)


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """What must outlive a restart: the token, and when tokens were asked for."""

    token: AccessToken | None = None
    calls: tuple[float, ...] = ()
    """Epoch seconds, oldest first."""

    def as_dict(self) -> dict[str, Any]:
        """Return the record as JSON types."""
        token = self.token and {
            "value": self.token.value,
            "issued_at": self.token.issued_at,
            "lifetime": self.token.lifetime,
        }
        return {"token": token, "calls": list(self.calls)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> TokenRecord:
        """Read what `as_dict` wrote, as far as it is still there."""
        token: AccessToken | None = None
        calls: tuple[float, ...] = ()
        with suppress(KeyError, TypeError, ValueError):
            calls = tuple(sorted(float(call) for call in data["calls"]))
        with suppress(KeyError, TypeError, ValueError):
            kept = data["token"]
            token = AccessToken(
                value=str(kept["value"]),
                issued_at=float(kept["issued_at"]),
                lifetime=float(kept["lifetime"]),
            )
        return cls(token, calls)


class TokenStore(Protocol):
    """Where a record is kept between runs; private, for it holds a secret.

    What can't be loaded or saved costs a token and no more, so neither raises.
    """

    async def load(self) -> TokenRecord | None:
        """Return the record kept last, or None."""

    async def save(self, record: TokenRecord) -> None:
        """Keep the record."""


class MemoryTokenStore:
    """Keeps the record for as long as the program runs."""

    def __init__(self) -> None:
        """Start with nothing kept."""
        self._record: TokenRecord | None = None

    async def load(self) -> TokenRecord | None:
        """Return the record kept last, or None."""
        return self._record

    async def save(self, record: TokenRecord) -> None:
        """Keep the record."""
        self._record = record


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """How much of the monthly quota is used."""

    calls: int
    """Calls for a token in the last 31 days, as far as this installation made them."""
    limit: int = MONTHLY_QUOTA
    """Calls that the service allows a month."""

    @property
    def is_high(self) -> bool:
        """Whether people should know: 900 calls and more."""
        return self.calls >= QUOTA_WARNING

    @property
    def is_nearly_spent(self) -> bool:
        """Whether only tokens that have run out are renewed: 990 calls and more."""
        return self.calls >= QUOTA_GUARD


@dataclass(frozen=True, slots=True)
class _Setback:
    """A call for a token that failed, and for how many seconds none is made after it."""

    error: AmnimoError
    at: float
    seconds: float
    refusals: int
    """Calls in a row, with this one, for which the service says that there were too many."""


class TokenKeeper:
    """The one access token of a client ID, for all its callers.

    However many callers need a new token at a time, it is asked for once. A caller that is
    cancelled does not take the others' token with it.
    """

    def __init__(
        self,
        fetch: Callable[[], Awaitable[TokenGrant]],
        store: TokenStore,
        *,
        clock: Callable[[], float] = _wall_clock,
        steady: Callable[[], float] = _steady_clock,
    ) -> None:
        """Take the call that asks for a token and the place to keep it.

        Args:
            fetch: asks the service for a token; raises AmnimoError. It need not tell the two
                limits apart: AmnimoRateLimitedError may mean either.
            store: keeps the token between runs.
            clock: epoch seconds; may jump both ways, as clocks do.
            steady: seconds from anywhere; only goes forward.

        """
        self._fetch = fetch
        self._store = store
        self._clock = clock
        self._steady = steady
        self._record = TokenRecord()
        self._loaded = False
        self._loading = asyncio.Lock()
        self._renewal: asyncio.Task[AccessToken] | None = None
        self._setback: _Setback | None = None
        self._born: float | None = None
        self._accepted: float | None = None
        self._unset_by: float | None = None
        self._judged: AccessToken | None = None
        self._futile_since: float | None = None
        self._futile_for = _FUTILE_FOR
        self._turn = random.uniform(*_USUAL_TURN)
        self._listeners: list[Callable[[], None]] = []

    @property
    def calls(self) -> tuple[float, ...]:
        """Epoch seconds at which tokens were asked for in the last 31 days, oldest first."""
        return self._calls_within(_MONTH)

    @property
    def usage(self) -> TokenUsage:
        """How much of the monthly quota is used."""
        return TokenUsage(len(self.calls))

    @property
    def current(self) -> AccessToken | None:
        """The token in use, be it good or not."""
        return self._record.token

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have a listener called after each call for a token, when `usage` is up to date.

        Returns what ends that.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def load(self) -> None:
        """Read what the store holds, once; `get` does so by itself."""
        if self._loaded:
            return
        async with self._loading:
            if not self._loaded:
                self._record = await self._store.load() or self._record
                self._loaded = True

    async def get(self) -> AccessToken:
        """Return a token that is good now.

        Shortly before its end it is renewed, and nobody waits for that.

        Raises:
            AmnimoAuthError: the client ID or the secret is refused.
            AmnimoQuotaExhaustedError: no more tokens now, most likely for the rest of the month.
            AmnimoConnectionError, AmnimoResponseError, AmnimoRateLimitedError: no token could
                be had for another reason.

        After that it is not asked again for a while, and calls within that time raise the
        same error: after the first for 5 minutes and each time twice as long, up to 4 hours;
        after the second for as long, up to an hour; after others for 5 seconds and each time
        twice as long, up to 5 minutes (an hour from 900 calls on). Where the service asks for
        a longer rest it gets that, within the same limits. See `forget_refusal`.

        The service refuses with the same words what is too much for a second and for a month.
        It is taken for the quota from 900 calls on, where it asks for a rest of more than 5
        minutes, and when it has gone on for ten: then others use the quota up.

        """
        await self.load()
        await self._set_right()
        token = self._record.token
        if token is None or self._age(token) >= token.lifetime:
            return await self._renewed()
        if (
            self._age(token) >= token.full_age
            and not self._is_set_back()
            and not self.usage.is_nearly_spent
        ):
            self._begin_renewal()
        return token

    async def replace(self, refused: AccessToken) -> AccessToken | None:
        """Return another token in place of one that was refused, or None for no use in that.

        A refusal of a token that was issued or accepted just before is about the resource, not
        the token. So it is after renewals that did not help (see `renewal_was_futile`). And
        where tokens end early again and again, as where another installation's tokens end
        ours, or the quota is nearly spent, a token is used until its time is over.

        Raises:
            AmnimoError: as `get`.

        """
        current = self._record.token
        if current is not None and current.value != refused.value:
            return current
        if self._is_since(self._born, _YOUNG):
            return None
        if self._is_since(self._accepted, _PROOF_LASTS):
            return None
        # A token from the future is one whose end can't be known: the clock was wrong.
        may_be_good = 0 <= self._age(refused) < refused.lifetime
        if may_be_good and not self._may_renew_early(refused):
            return None
        return await self._renewed()

    def accepted(self, token: AccessToken) -> None:
        """Take note that a request succeeded with a token."""
        if self._record.token is not None and self._record.token.value == token.value:
            self._accepted = self._steady()

    def renewal_was_futile(self) -> None:
        """Take note that a request was refused with the token of a renewal just so.

        Resources that the client may not see are asked for again and again, by polls and by
        people. Each time a renewal proves useless the next one waits longer: 10 minutes, then
        up to 2 hours. What counts is the renewal, not how many requests it did not help.
        """
        if self._judged is not None and self._judged == self._record.token:
            return
        self._judged = self._record.token
        self._futile_for = (
            _FUTILE_FOR
            if self._futile_since is None
            else min(self._futile_for * 2, _FUTILE_FOR_LONGEST)
        )
        self._futile_since = self._steady()

    def renewal_helped(self) -> None:
        """Take note that a renewal after a refusal made a request succeed."""
        self._judged = self._record.token
        self._futile_since = None

    def forget_refusal(self) -> None:
        """Ask again at the next need, for the credentials may have changed.

        A quota does not, and a service that failed again and again is left in peace whoever
        asks: a program that tries again each minute would use up the quota in a day.
        """
        setback = self._setback
        if setback is None or isinstance(setback.error, AmnimoAuthError):
            self._setback = None
        elif not isinstance(setback.error, AmnimoQuotaExhaustedError):
            if setback.seconds < _PATIENTLY_ASKED_AGAIN:
                self._setback = replace(setback, at=float("-inf"))

    async def adopt(self, grant: TokenGrant) -> None:
        """Take over a token that was asked for elsewhere with the same client ID."""
        await self._take(grant, self._steady())

    async def close(self) -> None:
        """End a renewal that is under way; those who wait for it get an error."""
        if (renewal := self._renewal) is not None:
            renewal.cancel()
            await asyncio.wait([renewal])
            if renewal.cancelled():
                # The service may have counted the call all the same.
                await self._keep(self._record.token)

    # --- Renewal ---------------------------------------------------------------------------

    async def _renewed(self) -> AccessToken:
        """Ask for a token, or join those who wait for one."""
        if self._is_set_back():
            raise self._error_of_setback()
        renewal = self._begin_renewal()
        try:
            return await asyncio.shield(renewal)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if renewal.cancelled() and not (task and task.cancelling()):
                raise AmnimoConnectionError(
                    "The client was closed", sent=False
                ) from None
            raise

    def _begin_renewal(self) -> asyncio.Task[AccessToken]:
        """Return the renewal that is under way, or begin one."""
        if self._renewal is None:
            self._renewal = asyncio.create_task(self._ask(), name="amnimo access token")
            self._renewal.add_done_callback(self._renewal_done)
        return self._renewal

    def _renewal_done(self, renewal: asyncio.Task[AccessToken]) -> None:
        """Let the next need start anew, and look at the error nobody may wait for."""
        self._renewal = None
        if not renewal.cancelled():
            renewal.exception()

    async def _ask(self) -> AccessToken:
        """Ask the service for a token and keep it."""
        began = self._steady()
        try:
            grant = await self._fetch()
        except AmnimoError as err:
            raise await self._take_setback(err) from None
        return await self._take(grant, began)

    async def _take(self, grant: TokenGrant, born: float) -> AccessToken:
        """Keep a token that was issued after a moment of the steady clock."""
        await self.load()
        issued_at = self._clock() - (self._steady() - born)
        token = AccessToken(grant.access_token, issued_at, grant.expires_in)
        self._setback = None
        self._born = born
        self._accepted = None
        self._turn = random.uniform(*_USUAL_TURN)
        await self._keep(token)
        return token

    async def _take_setback(self, err: AmnimoError) -> AmnimoError:
        """Decide how long to ask no more, and count the call where the service may have.

        Returns the error as it is to be understood.
        """
        if isinstance(err, AmnimoConnectionError | AmnimoRateLimitedError):
            if not err.sent:
                return err
        refusals = 0
        if isinstance(err, AmnimoRateLimitedError | AmnimoQuotaExhaustedError):
            refusals = 1 + (self._setback.refusals if self._setback else 0)
        if isinstance(err, AmnimoRateLimitedError) and self._is_quota(err, refusals):
            err = AmnimoQuotaExhaustedError(
                "The service issues no more access tokens now",
                retry_after=err.retry_after,
            )
        seconds = self._seconds_of_rest(err)
        self._setback = _Setback(err, self._steady(), seconds, refusals)
        if not refusals:
            await self._keep(self._record.token)
        return self._error_of_setback()

    def _is_quota(self, err: AmnimoRateLimitedError, refusals: int) -> bool:
        """Return whether it is the calls of the month, and not those of a second."""
        return (
            self.usage.is_high
            or (err.retry_after or 0.0) > _FAILED_FOR_LONGEST
            or refusals >= _REFUSALS_OF_A_QUOTA
        )

    def _error_of_setback(self) -> AmnimoError:
        """Return the error to raise for a setback, with the time that is left of the rest."""
        setback = self._setback
        assert setback is not None
        err = setback.error
        if isinstance(err, AmnimoRateLimitedError | AmnimoQuotaExhaustedError):
            left = setback.at + setback.seconds - self._steady()
            return type(err)(str(err), retry_after=left)
        return err.with_traceback(None)

    def _seconds_of_rest(self, err: AmnimoError) -> float:
        """Return how long not to ask after an error: longer, the more came before it."""
        if isinstance(err, AmnimoAuthError):
            shortest, longest = _REFUSED_FOR, _REFUSED_FOR_LONGEST
        elif isinstance(err, AmnimoQuotaExhaustedError):
            shortest, longest = _REFUSED_FOR, _SCARCE_FOR_LONGEST
        elif self.usage.is_high:
            shortest, longest = _FAILED_FOR, _SCARCE_FOR_LONGEST
        else:
            shortest, longest = _FAILED_FOR, _FAILED_FOR_LONGEST
        before = self._setback
        seconds = shortest if before is None else max(before.seconds * 2, shortest)
        if isinstance(err, AmnimoRateLimitedError | AmnimoQuotaExhaustedError):
            seconds = max(seconds, err.retry_after or 0.0)
        return min(seconds, longest)

    def _is_set_back(self) -> bool:
        setback = self._setback
        return setback is not None and self._is_since(setback.at, setback.seconds)

    def _may_renew_early(self, token: AccessToken) -> bool:
        """Return whether a token may be renewed that might be good."""
        if self.usage.is_nearly_spent:
            return False
        if self._is_since(self._futile_since, self._futile_for):
            return False
        early = sum(
            later - earlier < _FULL_TURN
            for earlier, later in pairwise(self._calls_within(_DAY))
        )
        return early < _EARLY_A_DAY or self._age(token) >= self._turn

    # --- Times -----------------------------------------------------------------------------

    def _is_since(self, moment: float | None, seconds: float) -> bool:
        """Return whether a moment of the steady clock is less than some seconds ago."""
        return moment is not None and self._steady() - moment < seconds

    def _age(self, token: AccessToken) -> float:
        """Return the seconds since a token was issued; less than 0 where nobody can tell."""
        age = self._clock() - token.issued_at
        if self._born is None or token != self._record.token:
            return age
        return max(age, self._steady() - self._born)

    def _calls_within(self, seconds: float) -> tuple[float, ...]:
        now = self._clock()
        # A clock that was a year ahead for a moment must not block the count for that year.
        return tuple(call for call in self._record.calls if abs(now - call) < seconds)

    async def _keep(self, token: AccessToken | None) -> None:
        """Keep a token, and the calls of 31 days with the one that was just made."""
        now = self._clock()
        if now < _CLOCK_IS_SET:
            self._unset_by = now - self._steady()
        calls = [call for call in self._record.calls if now - call < _MONTH]
        self._record = TokenRecord(token, (*calls, now))
        await self._save()

    async def _set_right(self) -> None:
        """Correct what was noted before the machine was told the time."""
        now = self._clock()
        if self._unset_by is None or now < _CLOCK_IS_SET:
            return
        step = now - self._steady() - self._unset_by
        self._unset_by = None

        def corrected(noted: float) -> float:
            return noted + step if noted < _CLOCK_IS_SET else noted

        token = self._record.token
        self._record = TokenRecord(
            token and replace(token, issued_at=corrected(token.issued_at)),
            tuple(sorted(map(corrected, self._record.calls))),
        )
        await self._save()

    async def _save(self) -> None:
        await self._store.save(self._record)
        for listener in tuple(self._listeners):
            listener()
