"""Access tokens (API document, section 1. 認証).

Owns who is who: the Basic credentials of the token endpoint with its monthly quota, and
the bearer tokens that come of it.
"""

import base64
import binascii
from collections import Counter
from datetime import UTC, datetime
import hmac
import secrets

from .clock import CloudClock
from .refusals import ForbiddenError, TooManyRequestsError, UnauthorizedError
from .world import Client, World

TOKENS_A_MONTH = 1_000


class TokenOffice:
    """Issues access tokens and recognises them until they expire."""

    def __init__(self, world: World, clock: CloudClock, token_seconds: int) -> None:
        """Serve the clients of a world."""
        self._world = world
        self._clock = clock
        self._holders: dict[str, tuple[Client, float]] = {}
        self._calls: Counter[tuple[str, int, int]] = Counter()
        self.token_seconds = token_seconds

    def identify(self, authorization: str | None) -> Client:
        """Return whose Basic credentials these are; raises UnauthorizedError."""
        client_id, _, secret = _decode_basic(authorization).partition(":")
        client = self._world.clients.get(client_id)
        if client is None or not hmac.compare_digest(
            client.secret.encode(), secret.encode()
        ):
            raise UnauthorizedError("unknown client ID or wrong secret")
        return client

    def issue(self, client: Client) -> str:
        """Return a new token; raises TooManyRequestsError after 1,000 calls in a month (UTC)."""
        today = datetime.fromtimestamp(self._clock.now(), UTC)
        month = (client.client_id, today.year, today.month)
        if self._calls[month] >= TOKENS_A_MONTH:
            raise TooManyRequestsError("the monthly quota of access tokens is used up")
        self._calls[month] += 1
        token = secrets.token_urlsafe(48)
        self._holders[token] = (client, self._clock.now() + self.token_seconds)
        return token

    def holder(self, authorization: str | None) -> Client:
        """Return whose bearer token this is; raises UnauthorizedError or ForbiddenError."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme != "Bearer" or not token:
            raise UnauthorizedError("no bearer token")
        client, expires = self._holders.get(token, (None, 0.0))
        if client is None or client.client_id not in self._world.clients:
            raise ForbiddenError("unknown token")
        if self._clock.now() >= expires:
            raise ForbiddenError("the token has expired")
        return client

    def revoke_all(self) -> None:
        """Forget every token, as after an incident at the service."""
        self._holders.clear()


def _decode_basic(authorization: str | None) -> str:
    """Return ``client_id:secret``; raises UnauthorizedError."""
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme != "Basic":
        raise UnauthorizedError("no Basic credentials")
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as err:
        raise UnauthorizedError(
            "the credentials are not base64 of clientId:secretKey"
        ) from err
