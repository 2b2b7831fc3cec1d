"""The access token: fetched once for everybody, kept, and renewed as rarely as possible.

A client ID may ask for 1,000 tokens a month (API document, 認証の呼び出し制限), and a token is
good for two hours, so each call for one counts. How a token is asked for and where it is kept
is somebody else's; here is decided when.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
import time
from typing import Any, Protocol

from .errors import AmnimoAuthError, AmnimoError
from .models import TokenGrant
from .throttle import Lane

MONTHLY_QUOTA = 1000
"""Calls for a token that the service allows a client ID a month."""
QUOTA_WARNING = 900
"""From here on the user should know."""
QUOTA_GUARD = 990
"""From here on only a token that has run out is renewed."""

_MONTH = 31 * 24 * 3600.0
_RENEW_BEFORE_END = 300.0
_YOUNG = 60.0
_REFUSED_FOR = 300.0
_FUTILE_PAUSE = 600.0
_LONGEST_FUTILE_PAUSE = 7200.0


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
    def from_dict(cls, data: dict[str, Any]) -> TokenRecord:
        """Read what `as_dict` wrote."""
        token = data["token"]
        return cls(
            token=AccessToken(**token) if token else None,
            calls=tuple(data["calls"]),
        )


class TokenStore(Protocol):
    """Where a record is kept between runs; private, for it holds a secret."""

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


class TokenKeeper:
    """The one access token of a client ID, for all its callers.

    However many callers need a new token at a time, it is asked for once. A caller that is
    cancelled does not take the others' token with it.
    """

    def __init__(
        self,
        fetch: Callable[[Lane], Awaitable[TokenGrant]],
        store: TokenStore,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take the call that asks for a token and the place to keep it.

        Args:
            fetch: asks the service for a token; raises AmnimoError.
            store: keeps the token between runs.
            clock: epoch seconds.

        """
        self._fetch = fetch
        self._store = store
        self._clock = clock
        self._record = TokenRecord()
        self._loaded = False
        self._loading = asyncio.Lock()
        self._renewal: asyncio.Task[AccessToken] | None = None
        self._refused_at: float | None = None
        self._futile_pause = _FUTILE_PAUSE
        self._futile_until = float("-inf")

    @property
    def calls(self) -> tuple[float, ...]:
        """Epoch seconds at which tokens were asked for in the last 31 days, oldest first."""
        since = self._clock() - _MONTH
        return tuple(call for call in self._record.calls if call > since)

    @property
    def current(self) -> AccessToken | None:
        """The token in use, be it good or not."""
        return self._record.token

    async def load(self) -> None:
        """Read what the store holds, once; `get` does so by itself."""
        async with self._loading:
            if not self._loaded:
                self._record = await self._store.load() or self._record
                self._loaded = True

    async def get(self, lane: Lane) -> AccessToken:
        """Return a token that is good now, renewed where it is due.

        Raises:
            AmnimoAuthError: the client ID or the secret is refused. It is not asked again for
                5 minutes, unless `forget_refusal` is called.
            AmnimoQuotaExhaustedError: no more tokens this month.
            AmnimoConnectionError, AmnimoResponseError, AmnimoRateLimitedError: no token could
                be had for another reason, and the present one is no longer good.

        """
        await self.load()
        token = self._record.token
        now = self._clock()
        if token is not None and now < token.renew_at:
            return token
        still_good = token is not None and now < token.expires_at
        if token is not None and still_good and len(self.calls) >= QUOTA_GUARD:
            return token
        try:
            return await self._renew(lane)
        except AmnimoError:
            if token is not None and still_good:
                return token
            raise

    async def replace(self, refused: AccessToken, lane: Lane) -> AccessToken | None:
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
        if 0 <= now - refused.issued_at <= _YOUNG:
            return None
        spent = len(self.calls) >= QUOTA_GUARD
        if now < refused.expires_at and (spent or now < self._futile_until):
            return None
        return await self._renew(lane)

    def renewal_was_futile(self) -> None:
        """Take note that a renewal after a refusal was refused just so.

        Resources that the client may not see are asked for again and again, by polls and by
        people. Each time a renewal proves useless the next one waits longer: 10 minutes, then
        up to 2 hours.
        """
        self._futile_until = self._clock() + self._futile_pause
        self._futile_pause = min(self._futile_pause * 2, _LONGEST_FUTILE_PAUSE)

    def renewal_helped(self) -> None:
        """Take note that a renewal after a refusal made the request succeed."""
        self._futile_pause = _FUTILE_PAUSE

    def forget_refusal(self) -> None:
        """Ask again at the next need, for the credentials may have changed."""
        self._refused_at = None

    async def adopt(self, grant: TokenGrant) -> None:
        """Take over a token that was asked for elsewhere with the same client ID."""
        await self.load()
        now = self._clock()
        self._record = TokenRecord(
            token=AccessToken(grant.access_token, now, grant.expires_in),
            calls=(*self.calls, now),
        )
        await self._store.save(self._record)

    async def close(self) -> None:
        """End a renewal that is under way."""
        if self._renewal is not None:
            self._renewal.cancel()
            await asyncio.wait([self._renewal])

    async def _renew(self, lane: Lane) -> AccessToken:
        """Ask for a token, or join those who wait for one."""
        if (
            self._refused_at is not None
            and 0 <= self._clock() - self._refused_at < _REFUSED_FOR
        ):
            raise AmnimoAuthError("The client ID or the secret was refused")
        if self._renewal is None:
            self._renewal = asyncio.create_task(
                self._ask(lane), name="amnimo access token"
            )
            self._renewal.add_done_callback(self._renewal_done)
        return await asyncio.shield(self._renewal)

    def _renewal_done(self, renewal: asyncio.Task[AccessToken]) -> None:
        """Let the next need start anew, and look at the error nobody may wait for."""
        self._renewal = None
        if not renewal.cancelled():
            renewal.exception()

    async def _ask(self, lane: Lane) -> AccessToken:
        """Ask the service for a token and keep it."""
        try:
            grant = await self._fetch(lane)
        except AmnimoAuthError:
            self._refused_at = self._clock()
            await self._count_call()
            raise
        self._refused_at = None
        await self.adopt(grant)
        assert self._record.token is not None
        return self._record.token

    async def _count_call(self) -> None:
        """Count a call that brought no token: the quota is on calls."""
        self._record = replace(self._record, calls=(*self.calls, self._clock()))
        await self._store.save(self._record)
