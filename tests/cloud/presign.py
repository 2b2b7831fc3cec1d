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
NONCE = "Nonce"
SIGNATURE = "Signature"


class Presigner:
    """Signs paths of one cloud and checks them."""

    def __init__(self, clock: CloudClock) -> None:
        """Sign with a key that nobody else has."""
        self._clock = clock
        self._key = secrets.token_bytes(32)

    def sign(self, path: str, expires: float, nonce: str = "") -> str:
        """Return a path with the query that opens it up to a moment (epoch seconds).

        With another nonce, it is another query.
        """
        until = str(int(expires))
        marked = f"&{NONCE}={nonce}" if nonce else ""
        signature = self._signature(path, until, nonce)
        return f"{path}?{EXPIRES}={until}{marked}&{SIGNATURE}={signature}"

    def check(self, path: str, query: Mapping[str, str]) -> None:
        """Raise ForbiddenError unless the query opens the path now."""
        expires = query.get(EXPIRES, "")
        expected = self._signature(path, expires, query.get(NONCE, ""))
        if not hmac.compare_digest(
            expected.encode(), query.get(SIGNATURE, "").encode()
        ):
            raise ForbiddenError("the signature does not match")
        if self._clock.now() >= int(expires):
            raise ForbiddenError("the URL has expired")

    def _signature(self, path: str, expires: str, nonce: str) -> str:
        text = f"{path}\n{expires}\n{nonce}"
        digest = hmac.digest(self._key, text.encode(), hashlib.sha256)
        return urlsafe_b64encode(digest).decode().rstrip("=")
