"""Presigned URLs: paths that carry their own permission for a while.

Owns the signature and its expiry; knows nothing of what lies behind a path. The query
names are made up: a client must take a presigned URL as a whole.
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
import hashlib
import hmac
import secrets

from .clock import CloudClock
from .refusals import ForbiddenError

EXPIRES = "Expires"
SIGNATURE = "Signature"


class Presigner:
    """Signs paths of one cloud and checks them."""

    def __init__(self, clock: CloudClock) -> None:
        """Sign with a key that nobody else has."""
        self._clock = clock
        self._key = secrets.token_bytes(32)

    def sign(self, path: str, expires: float) -> str:
        """Return a path with the query that opens it up to a moment (epoch seconds)."""
        signature = self._signature(path, str(int(expires)))
        return f"{path}?{EXPIRES}={int(expires)}&{SIGNATURE}={signature}"

    def check(self, path: str, query: Mapping[str, str]) -> None:
        """Raise ForbiddenError unless the query opens the path now."""
        expires = query.get(EXPIRES, "")
        expected = self._signature(path, expires)
        if not hmac.compare_digest(
            expected.encode(), query.get(SIGNATURE, "").encode()
        ):
            raise ForbiddenError("the signature does not match")
        if self._clock.now() >= int(expires):
            raise ForbiddenError("the URL has expired")

    def _signature(self, path: str, expires: str) -> str:
        digest = hmac.digest(self._key, f"{path}\n{expires}".encode(), hashlib.sha256)
        return urlsafe_b64encode(digest).decode().rstrip("=")
