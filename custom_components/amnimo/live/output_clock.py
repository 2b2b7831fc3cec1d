"""Which time stamps viewers get: one line through all runs of upstream.

Owns by how much the segments of each run are shifted. The first run stays as it is; each
further one begins where the last segment that was fetched before it ends.
"""

from collections.abc import Mapping

from aiohttp import ClientSession

from .fetch import FetchError, read_resource
from .playlist import Resource
from .retime import (
    TICKS_A_SECOND,
    FragmentRetimer,
    MpegTsRetimer,
    Retimer,
    read_timescales,
)
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
        self._timescales: dict[Resource, Mapping[int, int]] = {}

    def restart(self) -> None:
        """Let the next run keep its own time stamps: nobody has seen the last one."""
        self._shifts.clear()
        self._newest = None
        self._timescales.clear()

    def is_untouched(self, entry: Entry) -> bool:
        """Return whether a segment goes through as it is."""
        return self._shifts.get(entry.clock) == 0

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
        timescales = await self._timescales_of(entry.segment.init)
        return FragmentRetimer(shift_for, timescales)

    def _shift(self, entry: Entry, first: int) -> int:
        """Return by how many ticks to shift a segment, given its first time stamp."""
        shift = self._shifts.get(entry.clock)
        if shift is None:
            shift = 0
            if self._newest is not None:
                position, sent = self._newest
                due = sent + round((entry.position - position) * TICKS_A_SECOND)
                shift = due - first
            self._shifts[entry.clock] = shift
            while len(self._shifts) > _SHIFTS_KEPT:
                del self._shifts[next(iter(self._shifts))]
        if self._newest is None or entry.position > self._newest[0]:
            self._newest = (entry.position, first + shift)
        return shift

    async def _timescales_of(self, init: Resource) -> Mapping[int, int]:
        if init not in self._timescales:
            try:
                content = await read_resource(self._http, init, _LARGEST_INIT)
            except FetchError:
                return {}
            self._timescales[init] = read_timescales(content)
            while len(self._timescales) > _SHIFTS_KEPT:
                del self._timescales[next(iter(self._timescales))]
        return self._timescales[init]
