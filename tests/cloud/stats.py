"""What the cloud counted. Owns the counters; what they mean to a test is the test's."""

from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus

from .endpoints import Endpoint
from .live import Sessions

# In place of a status where a connection was closed without an answer.
DROPPED = 0


@dataclass(slots=True)
class Stats:
    """The figures since the cloud was made.

    ``requests`` by endpoint and HTTP status (0 where the connection was dropped);
    ``leaked_tokens`` counts requests that brought a token to a URL that is not the API's;
    ``rate_refusals`` and ``quota_refusals`` tell the two reasons of a 429 apart.
    """

    sessions: Sessions
    requests: Counter[tuple[Endpoint, int]] = field(default_factory=Counter)
    tokens_issued: int = 0
    leaked_tokens: int = 0
    rate_refusals: int = 0
    quota_refusals: int = 0

    def count(self, endpoint: Endpoint | str, status: int | None = None) -> int:
        """Return the requests to an endpoint, of one status or of all."""
        wanted = Endpoint(endpoint)
        return sum(
            number
            for (name, answered), number in self.requests.items()
            if name is wanted and status in (None, answered)
        )

    def total(self) -> int:
        """Return the requests to the API, whatever became of them, without the token's."""
        storage = (Endpoint.PLAYLIST, Endpoint.SEGMENT, Endpoint.MEDIA_FILE)
        others = (*storage, Endpoint.THUMBNAIL_FILE, Endpoint.TOKEN)
        return sum(
            number for (name, _), number in self.requests.items() if name not in others
        )

    @property
    def refused(self) -> int:
        """Requests that were answered with 429."""
        too_many = HTTPStatus.TOO_MANY_REQUESTS
        return sum(
            number
            for (_, status), number in self.requests.items()
            if status == too_many
        )

    @property
    def live_sessions(self) -> int:
        """Live and playback sessions that go on."""
        return len(self.sessions.open())

    @property
    def streams_started(self) -> int:
        """Live and playback sessions there have been."""
        return len(self.sessions.all())

    @property
    def keep_alive_updates(self) -> int:
        """Extensions of sessions."""
        return self.sessions.extended

    @property
    def stops(self) -> int:
        """Sessions that were stopped by request."""
        return self.sessions.stopped

    @property
    def seconds_uploaded(self) -> dict[str, float]:
        """Seconds of live upload by edge devices, by camera ID."""
        return self.sessions.seconds_uploaded()
