"""What of a failed request is worth another try, when, and for how long."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

from ..api import AmnimoError, AmnimoRefusedError, AmnimoResponseError

GRACE = timedelta(minutes=5)
"""After a restart an overdue job is asked about before it is given up."""
OUTAGE_PATIENCE = timedelta(hours=24)
"""For how long a service that can't be reached is waited for."""

_PAUSES = (2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)


def pause(failures: int) -> float:
    """Return how many seconds to wait after so many failures in a row."""
    return _PAUSES[min(failures, len(_PAUSES) - 1)]


def is_final(err: AmnimoError) -> bool:
    """Return whether the service will say the same next time."""
    if isinstance(err, AmnimoRefusedError):
        return True
    return (
        isinstance(err, AmnimoResponseError)
        and HTTPStatus.BAD_REQUEST <= err.status < HTTPStatus.INTERNAL_SERVER_ERROR
    )
