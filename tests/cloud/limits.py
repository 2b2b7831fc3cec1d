"""The rate limit: 5 requests a second, 20 at once (API document, API 呼び出し制限).

Owns one token bucket a client ID. Knows nothing of requests.
"""

from collections.abc import Callable
import math

RATE_PER_SECOND = 5.0
BURST = 20.0


class TokenBucket:
    """A bucket that holds up to 20 tokens and gains 5 a second."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Start full."""
        self._monotonic = monotonic
        self._tokens = BURST
        self._filled_at = monotonic()

    def take(self) -> bool:
        """Take a token if there is one."""
        now = self._monotonic()
        self._tokens = min(
            BURST, self._tokens + (now - self._filled_at) * RATE_PER_SECOND
        )
        self._filled_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    @property
    def retry_after(self) -> int:
        """In how many whole seconds there will be a token again."""
        return max(1, math.ceil((1 - self._tokens) / RATE_PER_SECOND))


class RateLimits:
    """The buckets of all client IDs."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Start with no bucket used."""
        self._monotonic = monotonic
        self._buckets: dict[str, TokenBucket] = {}

    def bucket(self, client_id: str) -> TokenBucket:
        """Return a client's bucket."""
        if (bucket := self._buckets.get(client_id)) is None:
            bucket = self._buckets[client_id] = TokenBucket(self._monotonic)
        return bucket
