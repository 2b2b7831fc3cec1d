"""Which time stamps viewers get: one line through all runs of upstream.

Owns by how much the segments of each run are shifted. The first run stays as it is; each
further one begins where the last segment that was fetched before it ends.
"""

from aiohttp import ClientSession

from .fetch import FetchError, read_resource
from .mp4 import read_tracks
from .playlist import Resource
from .retime import TICKS_A_SECOND, FragmentRetimer, MpegTsRetimer, Retimer
from .timeline import Entry

_SHIFTS_KEPT = 16
_LARGEST_INIT = 1024 * 1024


class OutputClock:
    """The time stamps of one camera, for all its viewers and tracks."""

    def __init__(self, http: ClientSession) -> None:
        """Begin with nothing fetched."""
        self._http = http
        self._shifts: dict[tuple[int, int], int] = {}
        self._newest: tuple[float, int] | None = None
        """Position (s) and time stamp as sent (ticks) of the newest segment fetched."""
        self._inits: dict[tuple[int, object], bytes] = {}
        """Initialization sections; picture and sound may have the same numbers."""

    def restart(self) -> None:
        """Let the next run keep its own time stamps: nobody has seen the last one."""
        self._shifts.clear()
        self._newest = None
        self._inits.clear()

    def is_untouched(self, entry: Entry) -> bool:
        """Return whether a segment goes through as it is."""
        return self._shifts.get(entry.clock) == 0

    def due(self, position: float) -> int | None:
        """Return the time stamp (ticks) at a position (s); None before the first segment."""
        if self._newest is None:
            return None
        newest, sent = self._newest
        return sent + round((position - newest) * TICKS_A_SECOND)

    def known_init(self, number: int, resource: Resource) -> bytes | None:
        """Return an initialization section that was needed before."""
        return self._inits.get((number, resource.identity))

    async def init(self, number: int, resource: Resource) -> bytes:
        """Return an initialization section; readers ask for it again and again.

        Raises:
            FetchError: it could not be fetched.

        """
        key = number, resource.identity
        if key not in self._inits:
            content = await read_resource(self._http, resource, _LARGEST_INIT)
            self._inits[key] = content
            while len(self._inits) > _SHIFTS_KEPT:
                del self._inits[next(iter(self._inits))]
            return content
        return self._inits[key]

    async def retimer(self, entry: Entry) -> Retimer | None:
        """Return what shifts a segment on its way; None for kinds that can't be shifted."""

        def shift_for(first: int) -> int:
            return self._shift(entry, first)

        if entry.segment.keys:
            return None
        if entry.suffix == ".ts":
            return MpegTsRetimer(shift_for)
        if entry.segment.init is None:
            return None
        try:
            init = await self.init(entry.init_number, entry.segment.init)
        except FetchError:
            init = b""
        return FragmentRetimer(shift_for, read_tracks(init))

    def _shift(self, entry: Entry, first: int) -> int:
        """Return by how many ticks to shift a segment, given its first time stamp."""
        shift = self._shifts.get(entry.clock)
        if shift is None:
            due = self.due(entry.position)
            shift = 0 if due is None else due - first
            self._shifts[entry.clock] = shift
            while len(self._shifts) > _SHIFTS_KEPT:
                del self._shifts[next(iter(self._shifts))]
        if self._newest is None or entry.position > self._newest[0]:
            self._newest = (entry.position, first + shift)
        return shift
