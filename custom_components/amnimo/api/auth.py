"""The access token: fetched once for everybody, kept, and renewed as rarely as possible.

A client ID may ask for 1,000 tokens a month (API document, 認証の呼び出し制限), and a token is
good for two hours, so each call for one counts. How a token is asked for and where it is kept
is somebody else's; here is decided when.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
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
QUOTA_GUARD = 990
"""From here on only a token that has run out is renewed."""

_MONTH = 31 * 24 * 3600.0
# Early enough for a second try, late enough for 30 days to cost no more than 375 tokens.
_RENEW_BEFORE_END = 240.0
_YOUNG = 60.0
_REFUSED_FOR = 300.0
_FAILED_FOR = 5.0
_FUTILE_FOR = 600.0
_FUTILE_FOR_LONGEST = 7200.0


def _wall_clock() -> float:
    # Looked up at each call, for a frozen clock replaces it.
    return time.time()


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
    def renew_at(self) -> float:
        """Epoch seconds from which on a renewal is due: early, but not at once."""
        return self.expires_at - min(_RENEW_BEFORE_END, self.lifetime / 4)


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
class _Setback:
    """A call for a token that failed, and how long none is made after it."""

    error: AmnimoError
    at: float
    seconds: float

    def holds(self, now: float) -> bool:
        """Return whether it is too early for the next call; not after the clock went back."""
        return 0 <= now - self.at < self.seconds


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
    ) -> None:
        """Take the call that asks for a token and the place to keep it.

        Args:
            fetch: asks the service for a token; raises AmnimoError.
            store: keeps the token between runs.
            clock: epoch seconds; may jump both ways, as clocks do.

        """
        self._fetch = fetch
        self._store = store
        self._clock = clock
        self._record = TokenRecord()
        self._loaded = False
        self._loading = asyncio.Lock()
        self._renewal: asyncio.Task[AccessToken] | None = None
        self._setback: _Setback | None = None
        self._judged: AccessToken | None = None
        self._futile_since: float | None = None
        self._futile_for = _FUTILE_FOR

    @property
    def calls(self) -> tuple[float, ...]:
        """Epoch seconds at which tokens were asked for in the last 31 days, oldest first."""
        now = self._clock()
        # A clock that was a year ahead for a moment must not block the count for that year.
        return tuple(call for call in self._record.calls if abs(now - call) < _MONTH)

    @property
    def current(self) -> AccessToken | None:
        """The token in use, be it good or not."""
        return self._record.token

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
            AmnimoQuotaExhaustedError: no more tokens this month.
            AmnimoConnectionError, AmnimoResponseError, AmnimoRateLimitedError: no token could
                be had for another reason.

        After the first two it is not asked again for 5 minutes, after others for 5 seconds
        and each time twice as long, up to 5 minutes, unless `forget_refusal` is called. Calls
        within that time raise the same error.

        """
        await self.load()
        token = self._record.token
        now = self._clock()
        if token is None or now >= token.expires_at:
            return await self._renewed()
        if (
            now >= token.renew_at
            and not self._is_set_back()
            and len(self.calls) < QUOTA_GUARD
        ):
            self._begin_renewal()
        return token

    async def replace(self, refused: AccessToken) -> AccessToken | None:
        """Return another token in place of one that was refused, or None for no use in that.

        A refusal of a token that is a minute old or younger is about the resource, not the
        token. So it is after renewals that did not help (see `renewal_was_futile`) and near
        the end of the quota.

        Raises:
            AmnimoError: as `get`.

        """
        current = self._record.token
        if current is not None and current.value != refused.value:
            return current
        now = self._clock()
        age = now - refused.issued_at
        if 0 <= age <= _YOUNG:
            return None
        spent = len(self.calls) >= QUOTA_GUARD
        # A token from the future is one whose end can't be known: the clock went back.
        may_be_good = 0 <= age < refused.lifetime
        if may_be_good and (spent or self._renewals_are_futile(now)):
            return None
        return await self._renewed()

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
        self._futile_since = self._clock()

    def renewal_helped(self) -> None:
        """Take note that a renewal after a refusal made a request succeed."""
        self._judged = self._record.token
        self._futile_since = None

    def forget_refusal(self) -> None:
        """Ask again at the next need, for the credentials may have changed."""
        self._setback = None

    async def adopt(self, grant: TokenGrant) -> None:
        """Take over a token that was asked for elsewhere with the same client ID."""
        await self.load()
        self._setback = None
        token = AccessToken(grant.access_token, self._clock(), grant.expires_in)
        await self._keep(token)

    async def close(self) -> None:
        """End a renewal that is under way; those who wait for it get an error."""
        if self._renewal is not None:
            self._renewal.cancel()
            await asyncio.wait([self._renewal])

    # --- Renewal ---------------------------------------------------------------------------

    async def _renewed(self) -> AccessToken:
        """Ask for a token, or join those who wait for one."""
        if self._is_set_back():
            assert self._setback is not None
            raise self._setback.error.with_traceback(None)
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
        try:
            grant = await self._fetch()
        except AmnimoError as err:
            await self._take_setback(err)
            raise
        await self.adopt(grant)
        assert self._record.token is not None
        return self._record.token

    async def _take_setback(self, err: AmnimoError) -> None:
        """Decide how long to ask no more, and count the call where the service may have."""
        if isinstance(err, AmnimoConnectionError) and not err.sent:
            return
        before = self._setback
        seconds = _FAILED_FOR
        if isinstance(err, AmnimoAuthError | AmnimoQuotaExhaustedError):
            seconds = _REFUSED_FOR
        elif before is not None:
            seconds = min(before.seconds * 2, _REFUSED_FOR)
        self._setback = _Setback(err, self._clock(), seconds)
        if not isinstance(err, AmnimoQuotaExhaustedError | AmnimoRateLimitedError):
            await self._keep(self._record.token)

    def _is_set_back(self) -> bool:
        return self._setback is not None and self._setback.holds(self._clock())

    def _renewals_are_futile(self, now: float) -> bool:
        return (
            self._futile_since is not None
            and 0 <= now - self._futile_since < self._futile_for
        )

    async def _keep(self, token: AccessToken | None) -> None:
        """Keep a token, and the calls of 31 days with the one that was just made."""
        now = self._clock()
        calls = [call for call in self._record.calls if now - call < _MONTH]
        self._record = TokenRecord(token, (*calls, now))
        await self._store.save(self._record)
