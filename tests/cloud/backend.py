"""Everything the simulated cloud is made of, but its sockets."""

from dataclasses import dataclass

from .auth import TokenOffice
from .clock import CloudClock
from .dialects import Dialect
from .faults import Faults
from .limits import RateLimits
from .live import Sessions
from .media import MediaLibrary
from .options import CloudOptions
from .presign import Presigner
from .stats import Stats
from .studio import Studio
from .world import World


@dataclass(slots=True, kw_only=True)
class Backend:
    """The parts that the routes work with.

    ``origin`` is known once the server listens; ``other_origin`` leads to the same server
    through another port, where the live style needs one. ``network_pace`` is how many bytes a
    second of an answer go out at most, 0 for as many as go.
    """

    options: CloudOptions
    dialect: Dialect
    clock: CloudClock
    world: World
    tokens: TokenOffice
    limits: RateLimits
    presigner: Presigner
    sessions: Sessions
    media: MediaLibrary
    studio: Studio
    faults: Faults
    stats: Stats
    origin: str = ""
    other_origin: str = ""
    network_pace: float = 0.0

    def presigned_url(self, path: str, seconds: float) -> str:
        """Return the URL of a path of this server, open for a time."""
        return self.origin + self.presigner.sign(path, self.clock.now() + seconds)
