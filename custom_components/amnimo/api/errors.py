"""What can go wrong between the client and the service.

The API document describes no error body, so an error is told by the HTTP status alone. No
error here carries a secret, a token, a URL or a body: they all may end up in a log.
"""

from __future__ import annotations


class AmnimoError(Exception):
    """Any failure of a call to the amnimo API."""


class AmnimoAuthError(AmnimoError):
    """The client ID or the secret was refused when asking for an access token."""


class AmnimoRefusedError(AmnimoError):
    """The service refuses this for a reason, and will next time."""


class AmnimoPermissionError(AmnimoRefusedError):
    """The service refuses this resource to this client ID, with a good token too."""


class AmnimoNotFoundError(AmnimoRefusedError):
    """The service does not know this resource."""


class AmnimoRateLimitedError(AmnimoError):
    """The service kept refusing the request with HTTP status 429.

    Attributes:
        retry_after: seconds after which another try is worth it, None where nobody knows.
        sent: whether the service was asked; not where it had told everybody to wait longer
            than a person does.

    """

    def __init__(
        self, message: str, *, retry_after: float | None = None, sent: bool = True
    ) -> None:
        """Remember when to come again."""
        super().__init__(message)
        self.retry_after = retry_after
        self.sent = sent


class AmnimoQuotaExhaustedError(AmnimoError):
    """The service issues no more access tokens: 1,000 calls a month are allowed.

    Attributes:
        retry_after: seconds after which another try is worth it, None where nobody knows.

    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        """Remember when to come again."""
        super().__init__(message)
        self.retry_after = retry_after


class AmnimoConnectionError(AmnimoError):
    """The service could not be reached, or did not answer in time.

    Attributes:
        sent: whether the service may have received the request nevertheless.

    """

    def __init__(self, message: str, *, sent: bool = True) -> None:
        """Remember how far the request came."""
        super().__init__(message)
        self.sent = sent


class AmnimoResponseError(AmnimoError):
    """The service answered with something that the call can't be content with.

    Attributes:
        status: the HTTP status of the answer, also where a 2xx held no JSON.

    """

    def __init__(self, message: str, status: int) -> None:
        """Remember the status beside the message."""
        super().__init__(message)
        self.status = status
