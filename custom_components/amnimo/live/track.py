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
# News may be this many target durations apart (RFC 8216, section 6.2.1).
_TARGET_DURATIONS_APART = 1.5
# And so many seconds, for viewers that give up after half a minute.
_LONGEST_PACE = 20.0
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
    _asked: float | None = None
    """Since when somebody waits for something new."""
    _listed: float = 0.0
    """Seconds of video that were listed together when something was new."""
    _covered: float = float("-inf")
    """Until when there is something to show, real or frozen."""

    def __post_init__(self) -> None:
        self.served = write(self.timeline, self.prefix)

    @property
    def pause(self) -> float:
        """Seconds for which a playlist is fresh: half a target duration."""
        return max(1, self.timeline.target_duration) / 2

    @property
    def pace(self) -> float:
        """Seconds from news to news, where all is well: some servers list several at once."""
        newest = max(
            (entry.segment.duration for entry in self.timeline.entries), default=0.0
        )
        promised = _TARGET_DURATIONS_APART * self.timeline.target_duration
        return max(newest, min(_LONGEST_PACE, max(promised, self._listed)))

    def want(self, now: float) -> None:
        """Take note that a viewer wants something new."""
        self.wanted = True
        if self._asked is None:
            self._asked = now

    def take(self, playlist: MediaPlaylist, run: int, now: float) -> bool:
        """Take over what is new in a playlist; return whether anything is."""
        before = self.timeline
        self.answered = now
        self.timeline = before.extended(playlist, run)
        self._serve()
        if self.timeline.next_number == before.next_number:
            return False
        known = -1
        if run == self.run and before.last is not None:
            known = before.last.sequence
        self._listed = sum(
            each.duration for each in playlist.segments if each.sequence > known
        )
        self.grew = now
        self._asked = None
        self._covered = now + self.timeline.entries[-1].segment.duration
        self.run = run
        return True

    def silence(self, now: float) -> float:
        """Return for how many seconds something new has been overdue for a viewer."""
        if not self.timeline.entries or self._asked is None:
            return 0.0
        return max(0.0, now - max(self._asked, self.grew + self.pace))

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
