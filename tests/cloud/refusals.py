"""How the simulated cloud says no.

Owns the HTTP status and the reason of each refusal. The API document gives no error body,
so what a refusal looks like on the wire is the dialect's business.
"""


class Refusal(Exception):
    """A request that gets an error status; the reason is for whoever debugs a client."""

    status = 500

    def __init__(self, reason: str, status: int | None = None) -> None:
        """Refuse for a reason, with the status of the class unless another is given."""
        super().__init__(reason)
        self.reason = reason
        if status is not None:
            self.status = status


class BadRequestError(Refusal):
    """Something in the request is not as the API document says."""

    status = 400


class UnauthorizedError(Refusal):
    """There are no credentials, or wrong ones."""

    status = 401


class ForbiddenError(Refusal):
    """The token is unknown or expired, or may not see what was asked for."""

    status = 403


class NotFoundError(Refusal):
    """There is no such thing."""

    status = 404


class RangeError(Refusal):
    """The file has no such bytes; ``size`` is how many it has."""

    status = 416

    def __init__(self, size: int) -> None:
        """Refuse, saying how long the file is."""
        super().__init__("the file has no such bytes")
        self.size = size


class TooManyRequestsError(Refusal):
    """The rate limit or the quota is used up; ``retry_after`` in seconds where known."""

    status = 429

    def __init__(self, reason: str, retry_after: int | None = None) -> None:
        """Refuse, saying when to come again."""
        super().__init__(reason)
        self.retry_after = retry_after


class DeviceFailureError(Refusal):
    """The edge device did not do what it was asked for."""

    status = 500


class NotReadyError(Refusal):
    """The edge device did not deliver within the retries the request allowed."""

    status = 504
