"""One playlist of a camera: upstream's latest in, ours out.

Owns what viewers are listed and what the names in it stand for, and when upstream was last
asked. Knows nothing of how it's asked or who wants to know.
"""

from dataclasses import dataclass, field

from .playlist import MediaPlaylist
from .timeline import File, Served, Timeline, write

# Seconds of a segment in which the picture stands still, at most; and so many at once.
_FROZEN_SECONDS = 2
_FROZEN_AT_ONCE = 3
# A viewer that is behind may ask for segments that are not listed any more.
_FILES_KEPT = 48


@dataclass(slots=True)
class Track:
    """The picture of a camera, with or without sound, or its sound alone.

    Times are seconds of any one clock.
    """

    prefix: str
    timeline: Timeline
    served: Served = field(init=False)
    files: dict[str, File] = field(default_factory=dict)
    url: str | None = field(default=None, repr=False)
    """Of the present run's playlist."""
    run: int | None = None
    """The last run of which segments came."""
    wanted: bool = False
    polled: float = float("-inf")
    """When upstream was last asked."""
    answered: float = float("-inf")
    """When upstream last answered with a playlist."""
    grew: float = float("-inf")
    """When upstream last had something new."""
    _covered: float = float("-inf")
    """Until when there is something to show, real or frozen."""

    def __post_init__(self) -> None:
        self.served = write(self.timeline, self.prefix)

    @property
    def pause(self) -> float:
        """Seconds for which a playlist is fresh: half a target duration."""
        return max(1, self.timeline.target_duration) / 2

    def take(self, playlist: MediaPlaylist, run: int, now: float) -> bool:
        """Take over what is new in a playlist; return whether anything is."""
        before = self.timeline
        self.answered = now
        self.timeline = before.extended(playlist, run)
        self._serve()
        if self.timeline.next_number == before.next_number:
            return False
        self.grew = now
        self._covered = now + self.timeline.entries[-1].segment.duration
        self.run = run
        return True

    def silence(self, now: float) -> float:
        """Return for how many seconds something new has been overdue."""
        if not self.timeline.entries:
            return 0.0
        newest = max(entry.segment.duration for entry in self.timeline.entries)
        return max(0.0, now - self.grew - newest)

    def freeze(self, now: float) -> int:
        """Let the last picture stand still up to now; return how many segments that takes."""
        seconds = min(_FROZEN_SECONDS, max(1, self.timeline.target_duration))
        begin = max(self._covered, now - _FROZEN_AT_ONCE * seconds)
        count = int((now - begin) / seconds)
        for _ in range(count):
            self.timeline = self.timeline.frozen_for(seconds)
        if count:
            self._covered = begin + count * seconds
            self._serve()
        return count

    def forget(self) -> None:
        """List nothing more, but go on counting."""
        self.timeline = self.timeline.emptied()
        self.files.clear()
        self.run = None
        self._serve()

    def _serve(self) -> None:
        self.served = write(self.timeline, self.prefix)
        for name, file in self.served.files.items():
            self.files.pop(name, None)
            self.files[name] = file
        while len(self.files) > max(_FILES_KEPT, len(self.served.files)):
            del self.files[next(iter(self.files))]
