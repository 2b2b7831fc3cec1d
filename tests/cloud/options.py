"""What a simulated cloud can be told before it starts.

Owns the names, defaults and ranges of the options; knows nothing of what they do.
"""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class MediaPace:
    """How long the making of a clip or snapshot takes, by the cloud's clock.

    ``base_seconds`` in any case, and ``per_second`` more for each second of video.
    """

    base_seconds: float
    per_second: float

    def duration(self, seconds: float) -> float:
        """Return how long the making of ``seconds`` of video takes, in seconds."""
        return self.base_seconds + seconds * self.per_second


@dataclass(frozen=True, slots=True)
class CloudOptions:
    """The options of one simulated cloud; raises ValueError where one is out of range.

    The world: ``tenants`` (1 or more), ``cameras`` and ``devices`` (0 or more) of the one
    account that the printed client may see, all derived from ``seed``. ``dialect`` names
    how the cloud writes what the API document leaves open; ``live_style`` changes what the
    dialect's live streams are like, by words joined with ``+`` (see ``STYLE_WORDS``).

    The service: ``latency_ms`` is added to every answer, ``token_seconds`` is how long an
    access token lasts. ``port`` 0 takes a free one. ``wall`` replaces the machine's time
    (seconds since the epoch), ``monotonic`` the clock of the rate limit (never falling).

    The pace: ``start_seconds`` is how long an edge device takes to begin a live upload (in
    real time; a fifth of it where the cloud itself has the video), ``port_seconds`` how
    long a port takes to move, ``edge_media`` and ``cloud_media`` how long a clip takes.

    Live video: segments of ``segment_seconds``, the newest ``window_segments`` of them in a
    playlist, ``preroll_segments`` of them there when the stream starts. Playback of
    recordings is appended at ``playback_pace`` times real time.
    """

    host: str = "127.0.0.1"
    port: int = 0
    tenants: int = 3
    cameras: int = 12
    devices: int = 4
    dialect: str = "default"
    live_style: str = ""
    latency_ms: float = 0.0
    token_seconds: int = 7200
    seed: int = 1
    start_seconds: float = 1.0
    port_seconds: float = 1.0
    edge_media: MediaPace = field(default=MediaPace(base_seconds=3.0, per_second=0.05))
    cloud_media: MediaPace = field(default=MediaPace(base_seconds=1.0, per_second=0.01))
    segment_seconds: int = 1
    window_segments: int = 6
    preroll_segments: int = 1
    playback_pace: float = 1.5
    wall: Callable[[], float] | None = None
    monotonic: Callable[[], float] | None = None

    def __post_init__(self) -> None:
        """Refuse what could not be simulated."""
        lowest: dict[str, float] = {
            "port": 0,
            "tenants": 1,
            "cameras": 0,
            "devices": 0,
            "latency_ms": 0,
            "token_seconds": 1,
            "start_seconds": 0,
            "port_seconds": 0,
            "segment_seconds": 1,
            "window_segments": 1,
            "preroll_segments": 0,
            "playback_pace": 1,
        }
        for name, low in lowest.items():
            if getattr(self, name) < low:
                raise ValueError(f"{name} must be {low} or more")
