"""Live and playback sessions (API document, section 4. 映像再生).

Owns who is being sent video, until when, and which segments there are by now. All of it is
a function of the cloud's clock: no session has a task of its own. Knows nothing of
playlists as text or of encoding.
"""

from abc import ABC, abstractmethod
from collections import defaultdict
import secrets
from typing import override
import uuid

from .clock import CloudClock
from .live_style import LiveStyle
from .options import CloudOptions
from .refusals import NotFoundError
from .spans import Span
from .world import Camera, Storage

# Video that the cloud has anyway goes on this long after the playlist was last asked for.
CLOUD_LINGER_SECONDS = 180.0
# How long segments stay after they have left the playlist.
SEGMENT_LINGER_SECONDS = 30.0
# How long a session can be asked for after its end.
SESSION_LINGER_SECONDS = 600.0

SHORTEST_SEGMENT_SECONDS = 0.1
# What a segment is cut into for those who can't wait for the whole.
PART_SECONDS = 0.5

_ROUNDING = 1e-6


class Session(ABC):
    """Video of one camera on its way to somebody, in segments of equal length.

    Stream time 0 is ``origin``. ``keeps_all`` tells whether its segments stay listed, or
    only the newest, as many as the window holds.
    """

    def __init__(
        self, camera: Camera, options: CloudOptions, *, now: float, keep_alive: float
    ) -> None:
        """Begin now; with an edge camera, for ``keep_alive`` seconds."""
        self.request_id = str(uuid.uuid4())
        self.token = secrets.token_urlsafe(24)
        self.camera = camera
        self.started = now
        self.segment_seconds = options.segment_seconds
        self._options = options
        self._keep_alive = keep_alive
        self._stopped = float("inf")
        self._runs_out = now
        self.extend(now)

    @property
    @abstractmethod
    def origin(self) -> float:
        """When the first picture of the stream was taken (epoch seconds)."""

    @property
    @abstractmethod
    def keeps_all(self) -> bool:
        """Whether segments stay in the playlist."""

    @property
    @abstractmethod
    def uploads(self) -> bool:
        """Whether an edge device sends video for this session."""

    @abstractmethod
    def available_seconds(self, now: float) -> float:
        """Return how much of the stream there is by now."""

    @abstractmethod
    def complete(self, now: float) -> bool:
        """Say whether the stream has come to its natural end."""

    @property
    def needs_keep_alive(self) -> bool:
        """Whether the session ends unless it is extended by ``update``."""
        return self.camera.storage is Storage.EDGE

    def extend(self, now: float) -> None:
        """Let it go on, counted from now."""
        self._runs_out = now + (
            self._keep_alive if self.needs_keep_alive else CLOUD_LINGER_SECONDS
        )

    def watch(self, now: float) -> None:
        """Take note that the playlist was asked for."""
        if not self.needs_keep_alive and self.is_open(now):
            self.extend(now)

    def stop(self, now: float) -> None:
        """End it now."""
        self._stopped = now

    @property
    def ends(self) -> float:
        """When it ends, as far as is known by now."""
        return min(self._runs_out, self._stopped)

    def end(self, now: float) -> float:
        """Return when it ended, or ``now`` where it goes on."""
        return min(now, self.ends)

    def is_open(self, now: float) -> bool:
        """Say whether it goes on."""
        return now < self.ends and not self.complete(now)

    def seconds_uploaded(self, now: float) -> float:
        """Return for how long an edge device has been sending for it."""
        return self.end(now) - self.started if self.uploads else 0.0

    def segment_count(self, now: float) -> int:
        """Return how many segments there have been."""
        return int(self.available_seconds(now) / self.segment_seconds + _ROUNDING)

    def part(self, number: int, part: int, now: float) -> Span:
        """Return the place of a segment's part; raises NotFoundError if it is not there.

        Parts come before their segment is whole.
        """
        start = number * self.segment_seconds + part * PART_SECONDS
        if not 0 <= part < self.segment_seconds / PART_SECONDS or (
            start + PART_SECONDS > self.available_seconds(now) + _ROUNDING
        ):
            raise NotFoundError("there is no such part")
        if number < self.segment_count(now):
            self.segment(number, now)
        return Span(start, start + PART_SECONDS)

    def part_count(self, number: int, now: float) -> int:
        """Return how many parts of a segment there are."""
        seconds = self.available_seconds(now) - number * self.segment_seconds
        return max(
            0, int(min(seconds, self.segment_seconds) / PART_SECONDS + _ROUNDING)
        )

    def first_listed(self, count: int) -> int:
        """Return which of ``count`` segments is the first in the playlist."""
        return 0 if self.keeps_all else max(0, count - self._options.window_segments)

    def segment(self, number: int, now: float) -> Span:
        """Return a segment's place in the stream; raises NotFoundError if it is not there."""
        count = self.segment_count(now)
        kept = int(SEGMENT_LINGER_SECONDS / self.segment_seconds)
        if not self.first_listed(count) - kept <= number < count:
            raise NotFoundError("there is no such segment")
        return Span(number * self.segment_seconds, (number + 1) * self.segment_seconds)


class LiveSession(Session):
    """Pictures of now, sent for as long as the camera is there and somebody asks for them."""

    def __init__(
        self,
        camera: Camera,
        options: CloudOptions,
        *,
        now: float,
        keep_alive: float,
        event: bool = False,
    ) -> None:
        """Begin now; an ``event`` keeps its segments."""
        self._event = event
        super().__init__(camera, options, now=now, keep_alive=keep_alive)

    @property
    @override
    def keeps_all(self) -> bool:
        """Live playlists slide, except of events."""
        return self._event

    @property
    @override
    def origin(self) -> float:
        """A little before the start: what the device still had when it was asked."""
        return self.started - self._options.preroll_segments * self.segment_seconds

    @property
    @override
    def uploads(self) -> bool:
        """Live video of an edge camera is sent for this session alone."""
        return self.camera.storage is Storage.EDGE

    @property
    @override
    def ends(self) -> float:
        """When it ends; a camera that is lost ends it too."""
        return min(super().ends, self.camera.lost_after(self.started))

    @override
    def available_seconds(self, now: float) -> float:
        """Return how much was filmed from the origin to the end."""
        return self.end(now) - self.origin

    @override
    def complete(self, now: float) -> bool:
        """Live video has no natural end."""
        return False


class PlaybackSession(Session):
    """A recording in the cloud, from a moment up to the end of its span."""

    def __init__(
        self,
        camera: Camera,
        options: CloudOptions,
        *,
        now: float,
        keep_alive: float,
        origin: float,
    ) -> None:
        """Begin now with what was recorded at ``origin``; it must be recorded."""
        self._origin = origin
        super().__init__(camera, options, now=now, keep_alive=keep_alive)

    @property
    @override
    def keeps_all(self) -> bool:
        """What was appended stays."""
        return True

    @property
    @override
    def origin(self) -> float:
        """The moment that was asked for."""
        return self._origin

    @property
    @override
    def uploads(self) -> bool:
        """The cloud has the recording already."""
        return False

    def recorded_seconds(self, now: float) -> float:
        """Return how long the recording goes on from the origin, by now."""
        spans = self.camera.recorded_in_cloud(self._origin, now)
        return spans[0].seconds if spans and spans[0].start == self._origin else 0.0

    @override
    def available_seconds(self, now: float) -> float:
        """Return what was appended so far: a window at once, then a bit faster than life."""
        at_once = self._options.window_segments * self.segment_seconds
        appended = (self.end(now) - self.started) * self._options.playback_pace
        return min(at_once + appended, self.recorded_seconds(now))

    @override
    def segment_count(self, now: float) -> int:
        """Return how many segments there have been; the very last one may be short."""
        count = super().segment_count(now)
        rest = self.available_seconds(now) - count * self.segment_seconds
        return count + (self.complete(now) and rest >= SHORTEST_SEGMENT_SECONDS)

    @override
    def segment(self, number: int, now: float) -> Span:
        """Return a segment's place in the stream; raises NotFoundError if it is not there."""
        start, end = super().segment(number, now)
        return Span(start, min(end, self.available_seconds(now)))

    @override
    def complete(self, now: float) -> bool:
        """Say whether the end of a recording that has ended was reached."""
        recorded = self.recorded_seconds(now)
        has_ended = self._origin + recorded < now
        return has_ended and self.available_seconds(now) >= recorded


class Sessions:
    """All sessions there have been, and the figures about them."""

    def __init__(
        self, clock: CloudClock, options: CloudOptions, style: LiveStyle
    ) -> None:
        """Start with none."""
        self._clock = clock
        self._options = options
        self._style = style
        self._by_request: dict[str, Session] = {}
        self._by_token: dict[str, Session] = {}
        self.extended = 0
        self.stopped = 0

    def start_live(self, camera: Camera, keep_alive: float) -> Session:
        """Start sending live video."""
        return self._add(
            LiveSession(
                camera,
                self._options,
                now=self._clock.now(),
                keep_alive=keep_alive,
                event=self._style.event,
            )
        )

    def start_playback(
        self, camera: Camera, keep_alive: float, moment: float
    ) -> Session:
        """Start playing a recording; raises NotFoundError where there is none."""
        now = self._clock.now()
        spans = camera.recorded_in_cloud(moment, moment + 1)
        if not spans or spans[0].start != moment:
            raise NotFoundError("the cloud holds no recording of that time")
        return self._add(
            PlaybackSession(
                camera, self._options, now=now, keep_alive=keep_alive, origin=moment
            )
        )

    def _add(self, session: Session) -> Session:
        self._by_request[session.request_id] = session
        self._by_token[session.token] = session
        return session

    def extend(self, camera: Camera, request_id: str) -> None:
        """Extend a session of a camera from now; raises NotFoundError if it is not open."""
        self._open(camera, request_id).extend(self._clock.now())
        self.extended += 1

    def stop(self, camera: Camera, request_id: str) -> None:
        """Stop a session of a camera; raises NotFoundError if it is not open."""
        self._open(camera, request_id).stop(self._clock.now())
        self.stopped += 1

    def at(self, token: str) -> Session:
        """Return the session behind a playlist's path; raises NotFoundError."""
        now = self._clock.now()
        session = self._by_token.get(token)
        if session is None or now > session.end(now) + SESSION_LINGER_SECONDS:
            raise NotFoundError("there is no such stream")
        return session

    def all(self) -> list[Session]:
        """Return every session, the oldest first."""
        return list(self._by_request.values())

    def open(self) -> list[Session]:
        """Return the sessions that go on."""
        now = self._clock.now()
        return [
            session for session in self._by_request.values() if session.is_open(now)
        ]

    def seconds_uploaded(self) -> dict[str, float]:
        """Return the seconds of upload by camera ID, of cameras that uploaded at all."""
        now = self._clock.now()
        seconds: defaultdict[str, float] = defaultdict(float)
        for session in self._by_request.values():
            if session.uploads:
                seconds[session.camera.id] += session.seconds_uploaded(now)
        return dict(seconds)

    def _open(self, camera: Camera, request_id: str) -> Session:
        session = self._by_request.get(request_id)
        now = self._clock.now()
        if session is None or session.camera is not camera or not session.is_open(now):
            raise NotFoundError("there is no such stream, or it has ended")
        return session
