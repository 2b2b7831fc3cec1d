"""A recording in the cloud, played to one viewer: any part of it, in any order.

The viewer gets one playlist of the whole, so that it can be searched like any film. The service
plays from a moment on, and no faster than it likes. So a segment that the viewer asks for is
awaited where the service is about to come to it, and played from anew where it is not. Nothing
is started before the viewer asks for the playlist, and all is stopped when nothing was asked
for during a while. Knows nothing of how requests come in.
"""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
import itertools
import logging
import math
import statistics

from ..api import AmnimoError, AmnimoNotFoundError
from .errors import LiveError, Reason, live_error
from .feed import PLAYLIST, Surroundings
from .fetch import FetchError, GoneError, fetch_playlist
from .freezer import Freezer
from .lease import Lease
from .output_clock import OutputClock
from .playlist import MasterPlaylist, MediaPlaylist, Segment
from .retime import TICKS_A_SECOND
from .session import Upstream, UpstreamSession
from .timeline import Entry, File, Served, Timeline, write

_LOGGER = logging.getLogger(__name__)

# What the service will come to within so many seconds of video is awaited.
_AWAITED_SECONDS = 10.0
# Presigned URLs of segments are renewed after so many seconds.
_FRESH_SECONDS = 45.0
_POLL_SECONDS = 0.5
# A rest as short as this is not worth a segment, and may not be there.
_SHORTEST_REST = 0.2


@dataclass(slots=True)
class _Run:
    """What the service plays from one moment on."""

    number: int
    first: int
    """Which of our segments it begins with."""
    session: UpstreamSession
    url: str = field(repr=False)
    segments: dict[int, Segment] = field(default_factory=dict)
    """By their places in the run."""
    first_sequence: int | None = None
    ended: bool = False
    lost: bool = False
    """Whether what it listed turned out to be gone."""
    answered: float = float("-inf")
    """When it was last asked."""

    grew: float = float("-inf")
    """When it last had something new."""

    def take(self, playlist: MediaPlaylist, now: float) -> None:
        """Take over what is in a playlist, the newest URLs included."""
        before = len(self.segments)
        self.answered = now
        self.ended = playlist.ended
        for segment in playlist.segments:
            if self.first_sequence is None:
                self.first_sequence = segment.sequence
            self.segments[segment.sequence - self.first_sequence] = segment
        if len(self.segments) > before:
            self.grew = now

    def segment(self, number: int) -> Segment | None:
        """Return one of our segments, if the service has come to it."""
        return self.segments.get(number - self.first)

    def comes_to(self, number: int, awaited: int) -> bool:
        """Return whether it has one of our segments, or is going to before long."""
        place = number - self.first
        if self.lost:
            return False
        if place in self.segments:
            return True
        alive = not self.ended and self.session.end_reason is None
        return alive and self._next_place <= place < self._next_place + awaited

    def ends_before(self, number: int) -> bool:
        """Return whether it has come to the end of what is recorded before one of ours."""
        at_end = self.ended and not self.lost
        return at_end and number - self.first >= self._next_place

    @property
    def _next_place(self) -> int:
        return max(self.segments, default=-1) + 1


class Playback:
    """One viewer's playing of a stretch that is recorded without a gap."""

    def __init__(
        self,
        surroundings: Surroundings,
        camera_id: str,
        start: datetime,
        end: datetime,
    ) -> None:
        """Begin with nothing started.

        Args:
            surroundings: what all streams of the account share.
            camera_id: UUID.
            start: aware datetime; from then on there is a recording.
            end: aware datetime, later than the start; until then there is one.

        """
        self._around = surroundings
        self._camera_id = camera_id
        self._start_time = start
        self._seconds = (end - start).total_seconds()
        self._lease = Lease(surroundings.timing.playback_lease, self._now)
        self._turn = asyncio.Lock()
        self._numbers = itertools.count(1)
        self._run: _Run | None = None
        self._served: Served | None = None
        self._positions: list[float] = []
        self._step = 1.0
        """Seconds of a segment."""
        self._ends_at: float = math.inf
        """From which of our segments on there turned out to be nothing."""
        self._caretaker: asyncio.Task[None] | None = None
        self._closed = False
        self.clock = OutputClock(surroundings.http)
        self.freezer = Freezer()

    # --- For the viewer --------------------------------------------------------------------

    @property
    def is_watched(self) -> bool:
        """Whether anything was asked for lately."""
        return not self._closed and self._lease.remaining > 0

    async def playlist(self, name: str, viewer: str) -> str | None:
        """Return the playlist of the whole, None where there is none of the name.

        Args:
            name: as in a URL.
            viewer: tells one viewer from another.

        Raises:
            LiveError: there is nothing to play, and why.

        """
        if name != PLAYLIST:
            return None
        with self._lease.request(viewer):
            async with self._turn:
                if self._served is None:
                    self._served = self._write(await self._begin_at(0))
        return self._served.text

    async def find(self, name: str) -> File | None:
        """Return what a name in the playlist stands for; waits for it where that helps.

        Raises:
            LiveError: it can't be had now, and why.

        """
        file = None if self._served is None else self._served.files.get(name)
        if file is None or file.entry is None:
            return file
        with self._lease.request("player"):
            async with self._turn:
                return await self._located(file.entry)

    def frozen(self, entry: Entry) -> bytes | None:
        """Return a segment that stands for the rest, where the recording ended before it."""
        init = entry.segment.init
        known = None
        if init is not None:
            known = self.clock.known_init(entry.init_number, init)
        picture = self.freezer.picture(entry, known)
        start = self.clock.due(entry.position)
        if picture is None or start is None:
            return None
        duration = round(entry.segment.duration * TICKS_A_SECOND)
        return picture.segment(start, duration, entry.number)

    def fetched(self, file: File, *, found: bool) -> None:
        """Take note of whether upstream had a file; if not, it's played from there anew."""
        run = self._run
        if found or run is None or file.entry is None:
            return
        if file.entry.clock[0] == run.number:
            run.lost = True

    async def close(self) -> None:
        """Stop playing. The viewer is told at the next request."""
        self._closed = True
        if self._caretaker is not None:
            self._caretaker.cancel()
            await asyncio.wait([self._caretaker])
        await self._stop()

    # --- Upstream --------------------------------------------------------------------------

    def _now(self) -> float:
        return self._around.hass.loop.time()

    async def _located(self, entry: Entry) -> File:
        """Return where one of our segments is upstream.

        Raises:
            LiveError: it can't be had now, and why.

        """
        number = entry.number
        if number >= self._ends_at:
            return _frozen(entry)
        run = self._run
        segment = None
        if run is not None and run.comes_to(number, self._awaited_segments):
            segment = await self._awaited(run, number)
        if segment is None and not (run is not None and run.ends_before(number)):
            try:
                run = await self._begin_at(number)
            except LiveError as err:
                if err.reason is not Reason.NOT_RECORDED:
                    raise
            else:
                segment = run.segment(number)
        if run is None or segment is None:
            self._ends_at = number
            return _frozen(entry)
        clock = (run.number, segment.discontinuity_number)
        return File(segment.resource, replace(entry, segment=segment, clock=clock))

    @property
    def _awaited_segments(self) -> int:
        return max(1, round(_AWAITED_SECONDS / self._step))

    async def _awaited(self, run: _Run, number: int) -> Segment | None:
        """Return one of our segments once there is one; None where the run does not bring it."""
        began = self._now()
        if began - run.answered > _FRESH_SECONDS:
            await self._ask(run)
        while (segment := run.segment(number)) is None:
            if run.ended or run.lost or self._closed:
                return None
            # While nobody wanted anything, nobody asked.
            if self._now() - max(run.grew, began) > self._stall_limit:
                run.lost = True
            await self._ask(run)
            if run.segment(number) is None:
                await asyncio.sleep(_POLL_SECONDS)
        return segment

    @property
    def _stall_limit(self) -> float:
        timing = self._around.timing
        return max(timing.stall_least, timing.stall_target_durations * self._step)

    async def _begin_at(self, number: int) -> _Run:
        """Let the service play from one of our segments on.

        Raises:
            LiveError: it does not, and why.

        """
        await self._stop()
        session = await self._start(self._positions[number] if self._positions else 0.0)
        run = _Run(next(self._numbers), number, session, session.url)
        self._run = run
        if self._closed:
            await self._stop()
            raise LiveError(Reason.STOPPED)
        self._take_care()
        deadline = self._now() + self._around.timing.first_playlist
        while not run.segments:
            if self._closed or self._now() > deadline:
                raise LiveError(Reason.STOPPED if self._closed else Reason.NO_VIDEO)
            await self._ask(run)
            if not run.segments:
                await asyncio.sleep(_POLL_SECONDS)
        return run

    async def _start(self, seconds: float) -> UpstreamSession:
        """Start the service so many seconds after the beginning.

        Raises:
            LiveError: it could not be started, and why.

        """
        if self._closed:
            raise LiveError(Reason.STOPPED)
        subscription_id = self._around.locate(self._camera_id)
        if subscription_id is None:
            raise LiveError(Reason.GONE)
        period = self._around.periods.take()
        moment = self._start_time + timedelta(seconds=seconds)
        upstream = Upstream(subscription_id, self._camera_id, period, moment)
        try:
            return await UpstreamSession.start(
                self._around.client, upstream, self._around.timing, on_end=_nothing
            )
        except AmnimoNotFoundError:
            self._around.periods.give_back(period)
            raise LiveError(Reason.NOT_RECORDED) from None
        except AmnimoError as err:
            self._around.periods.give_back(period)
            raise live_error(err) from None
        except asyncio.CancelledError:
            self._around.periods.give_back(period)
            raise

    async def _ask(self, run: _Run) -> None:
        """Ask upstream how far it is."""
        try:
            playlist = await fetch_playlist(self._around.http, run.url)
            if isinstance(playlist, MasterPlaylist):
                # Its audio, where that is a playlist of its own, is left out.
                run.url = playlist.best()[0].url
                playlist = await fetch_playlist(self._around.http, run.url)
        except GoneError as err:
            _LOGGER.debug("A recording's playlist is gone: %s", err)
            # Before the first segment there may just be nothing yet.
            run.lost = bool(run.segments)
            return
        except FetchError as err:
            _LOGGER.debug("A recording's playlist could not be fetched: %s", err)
            return
        if isinstance(playlist, MediaPlaylist):
            run.take(playlist, self._now())
        if run.ended:
            self._around.periods.give_back(run.session.period)
            run.session.finish()

    def _take_care(self) -> None:
        """See to it that the run is stopped when nobody plays any more."""
        if self._caretaker is None or self._caretaker.done():
            self._caretaker = self._around.hass.async_create_background_task(
                self._stop_when_left(), f"amnimo playback {self._camera_id}"
            )

    async def _stop_when_left(self) -> None:
        while left := self._lease.remaining:
            await asyncio.sleep(left)
        async with self._turn:
            await self._stop()

    async def _stop(self) -> None:
        run, self._run = self._run, None
        if run is not None:
            self._around.periods.give_back(run.session.period)
            await run.session.close()

    # --- The playlist ----------------------------------------------------------------------

    def _write(self, run: _Run) -> Served:
        """Return the playlist of the whole, as far as the first segments tell its steps.

        Raises:
            LiveError: it can't be played in this manner.

        """
        known = [run.segments[place] for place in sorted(run.segments)]
        if any(segment.keys for segment in known):
            raise LiveError(Reason.ENCRYPTED)
        durations = [segment.duration for segment in known]
        if not run.ended:
            # The last one may be shorter.
            self._step = max(0.1, statistics.median(durations[:-1] or durations))
            durations = _steps(self._seconds, self._step)
        self._positions = list(itertools.accumulate(durations, initial=0.0))
        entries = tuple(
            Entry(
                number,
                Segment(
                    known[0].resource,
                    sequence=number,
                    duration=duration,
                    init=known[0].init,
                ),
                discontinuity=False,
                stretch=0,
                clock=(run.number, 0),
                position=self._positions[number],
                init_number=0,
            )
            for number, duration in enumerate(durations)
        )
        longest = max(*durations, *(segment.duration for segment in known))
        return write(
            Timeline(
                entries=entries, ended=True, target_duration=max(1, round(longest))
            ),
            "r",
        )


def _steps(seconds: float, step: float) -> list[float]:
    """Return the durations of the segments of a recording."""
    whole = int(seconds / step)
    rest = seconds - whole * step
    durations = [step] * whole
    if rest >= _SHORTEST_REST or not durations:
        durations.append(max(rest, _SHORTEST_REST))
    return durations


def _frozen(entry: Entry) -> File:
    """Return what stands for a segment past the end of the recording."""
    return File(entry.segment.resource, replace(entry, frozen=True))


def _nothing() -> None:
    """Care for nothing at the end of a session: the next request sees it."""
