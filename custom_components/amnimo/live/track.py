"""One playlist of a camera: upstream's latest in, ours out.

Owns what viewers are listed and what the names in it stand for, and when upstream was last
asked. Knows nothing of how it's asked or who wants to know.
"""

from dataclasses import dataclass, field

from .playlist import MediaPlaylist
from .timeline import File, Served, Timeline, write

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
        self.run = run
        return True

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
