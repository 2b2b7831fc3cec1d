"""Options of clouds whose time stands still, so that only a check moves it."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from tests.cloud import CloudOptions

NOON = datetime(2026, 11, 23, 3, 0, tzinfo=UTC).timestamp()  # in Japan


def still() -> float:
    """Return the time that a cloud starts at; only ``advance`` moves it."""
    return NOON


def still_options(**changed: Any) -> CloudOptions:
    """Return options with some changed.

    Devices start at once, and the rate limit never hits: a second passes whenever it
    looks at its clock.
    """
    usual: dict[str, Any] = {
        "start_seconds": 0,
        "wall": still,
        "monotonic": count(step=1.0).__next__,
    }
    return CloudOptions(**{**usual, **changed})
