"""Requests that the cloud counted, and what there is of them between two moments."""

from collections import Counter
from dataclasses import dataclass

from tests.cloud.endpoints import Endpoint
from tests.demo.simulated_cloud import SimulatedCloud

_TOO_MANY_REQUESTS = 429

# Tokens have a limit of their own; the others are no requests to the API.
_UNLIMITED = frozenset(
    {
        Endpoint.TOKEN,
        Endpoint.PLAYLIST,
        Endpoint.SEGMENT,
        Endpoint.MEDIA_FILE,
        Endpoint.THUMBNAIL_FILE,
    }
)


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests by endpoint and HTTP status."""

    counted: Counter[tuple[str, int]]

    def __sub__(self, earlier: Requests) -> Requests:
        """Return those that came after an earlier count."""
        return Requests(self.counted - earlier.counted)

    def to(self, endpoint: str) -> int:
        """Return how many there were to an endpoint, whatever became of them."""
        return self.by_endpoint().get(endpoint, 0)

    def by_endpoint(self) -> dict[str, int]:
        """Return the numbers by endpoint, without those that are 0."""
        numbers: Counter[str] = Counter()
        for (endpoint, _), number in self.counted.items():
            numbers[endpoint] += number
        return dict(numbers)

    @property
    def api(self) -> int:
        """Requests to the API that count for its limit of 5 a second."""
        return sum(
            number
            for endpoint, number in self.by_endpoint().items()
            if Endpoint(endpoint) not in _UNLIMITED
        )

    @property
    def refused(self) -> int:
        """Requests that were answered with 429."""
        return sum(
            number
            for (_, status), number in self.counted.items()
            if status == _TOO_MANY_REQUESTS
        )


async def read_requests(cloud: SimulatedCloud) -> Requests:
    """Return the requests since the cloud was started."""
    stats = await cloud.stats()
    return Requests(
        Counter(
            {
                (endpoint, int(status)): number
                for endpoint, statuses in stats["requests"].items()
                for status, number in statuses.items()
            }
        )
    )
