"""Faults on demand: what can go wrong between a client and the cloud.

Owns the list of faults that wait for requests. How a fault is put on the wire is the
gate's business.
"""

from dataclasses import dataclass
from enum import StrEnum

from .endpoints import Endpoint

ANY_ENDPOINT = "*"
FOREVER = -1


class FaultKind(StrEnum):
    """What goes wrong.

    ``drop`` closes the connection without an answer; ``delay`` answers late; ``status``
    answers with an error status; ``malformed`` answers 200 with half of the body as if it
    were all; ``truncated`` breaks off in the middle of the body; ``html`` answers 200 with
    a web page, as a captive portal does; ``reshaped`` answers 200 with JSON that has none of
    the usual keys, as after a change of the API.
    """

    DROP = "drop"
    DELAY = "delay"
    STATUS = "status"
    MALFORMED = "malformed"
    TRUNCATED = "truncated"
    HTML = "html"
    RESHAPED = "reshaped"


@dataclass(slots=True)
class Fault:
    """A fault of the next ``count`` requests to an endpoint, or of all (``FOREVER``).

    ``status`` is for the kind of that name; ``seconds`` is how long a delay takes, and
    what Retry-After says on a status where it is more than 0.
    """

    endpoint: str
    kind: FaultKind
    count: int = 1
    status: int = 503
    seconds: float = 0.0


class Faults:
    """The faults that wait; the oldest that fits a request is taken first."""

    def __init__(self) -> None:
        """Start with a cloud that works."""
        self._waiting: list[Fault] = []

    def add(
        self,
        endpoint: str,
        kind: FaultKind | str,
        *,
        count: int = 1,
        status: int = 503,
        seconds: float = 0.0,
    ) -> Fault:
        """Let something go wrong; raises ValueError for an unknown endpoint or kind.

        ``endpoint`` is an endpoint's name, or ``"*"`` for every one.
        """
        name = endpoint if endpoint == ANY_ENDPOINT else Endpoint(endpoint)
        fault = Fault(
            name, FaultKind(kind), count=count, status=status, seconds=seconds
        )
        self._waiting.append(fault)
        return fault

    def clear(self) -> None:
        """Let everything work again."""
        self._waiting.clear()

    def waiting(self) -> list[Fault]:
        """Return the faults that have not all happened yet."""
        return list(self._waiting)

    def take(self, endpoint: str) -> Fault | None:
        """Return the fault of the next request to an endpoint, and count it."""
        for fault in self._waiting:
            if fault.endpoint in (endpoint, ANY_ENDPOINT):
                if fault.count != FOREVER:
                    fault.count -= 1
                if fault.count == 0:
                    self._waiting.remove(fault)
                return fault
        return None
