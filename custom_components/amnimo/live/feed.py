"""What all viewers of one camera share: one stream at the service, one playlist from us.

Owns the life of a camera's stream by demand: the first request for the playlist starts it,
each later one proves that somebody watches, and a while after the last one it's stopped. When
upstream ends, stalls or refuses, it's started again and spliced. Knows nothing of how
requests come in.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
import logging
import math
import time
from typing import Any, Final

from aiohttp import ClientSession

from homeassistant.core import HomeAssistant

from ..api import (
    AmnimoClient,
    AmnimoConnectionError,
    AmnimoError,
    AmnimoNotFoundError,
    Lane,
)
from .backoff import StartBackoff
from .errors import LiveError, Reason, is_outage, live_error
from .fetch import FetchError, GoneError, TooLongError, fetch_playlist
from .freeze import FrozenPicture
from .freezer import Freezer
from .keep_alive import KeepAlivePeriods
from .lease import Lease
from .outage import OutageWatch
from .output_clock import OutputClock
from .playlist import MasterPlaylist, MediaPlaylist, Variant
from .retime import TICKS_A_SECOND
from .session import SessionEnd, Upstream, UpstreamSession
from .timeline import Entry, File, Timeline, write_master
from .timing import Timing
from .track import Track

_LOGGER = logging.getLogger(__name__)

PLAYLIST: Final = "playlist.m3u8"
"""What viewers ask for first, and most of them only."""
_COUNTED: Final = (
    "playlist_requests",
    "starts",
    "starts_failed",
    "splices",
    "stalls",
    "freezes",
    "playlists_failed",
    "files_fetched",
    "files_gone",
)
_VIDEO: Final = "video.m3u8"
_AUDIO: Final = "audio.m3u8"

# One segment may be lost on its way; so many in a row, and the stream is.
_SEGMENTS_LOST = 3
# A server that is slow, but keeps its pace, has not stalled.
_PACES_TO_STALL = 1.25
# So that what was waited for is over when a timer says so.
_MOMENT = 0.01


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the feeds of an account share."""

    hass: HomeAssistant
    http: ClientSession
    client: AmnimoClient
    locate: Callable[[str], str | None]
    """Returns the subscription ID of a camera, None for one that is gone."""
    timing: Timing
    periods: KeepAlivePeriods
    outage: OutageWatch


class Feed:
    """The stream of one camera for all its viewers."""

    def __init__(self, surroundings: Surroundings, camera_id: str) -> None:
        """Begin with nobody watching and nothing started."""
        self._around = surroundings
        self._timing = surroundings.timing
        self._camera_id = camera_id
        self._lease = Lease(self._timing.lease, self._now)
        self._backoff = StartBackoff(self._timing)
        # Numbers begin at the time of day, so that they don't fall back for a reader that
        # outlives this object.
        first = int(time.time())
        timeline = Timeline(next_number=first, init_number=first)
        self._video = Track("v", timeline)
        self._audio = Track("a", timeline)
        self.clock = OutputClock(surroundings.http)
        self.freezer = Freezer()
        self._variant: Variant | None = None
        """Set while the audio is a playlist of its own."""
        self._run_number = 0
        self._has_played = False
        """Whether the present run has brought segments, forgotten or not."""
        self._session: UpstreamSession | None = None
        self._runner: asyncio.Task[None] | None = None
        self._closings: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._news = asyncio.Event()
        self._answered = float("-inf")
        self._lost: set[int] = set()
        self._closed = False
        self.error: LiveError | None = None
        """Why the camera can't be played, since it last could."""
        self._failed = float("-inf")
        self._last_error: LiveError | None = None
        """Kept when the camera plays again."""
        self._session_began = float("-inf")
        self.counts: Counter[str] = Counter()
        self._first_playlist_seconds: float | None = None
        self._playlist_seconds: float | None = None
        self._answer_seconds: float | None = None

    # --- For viewers -----------------------------------------------------------------------

    @property
    def is_watched(self) -> bool:
        """Whether somebody asked for the playlist lately."""
        return not self._is_closed and self._lease.remaining > 0

    @property
    def _is_closed(self) -> bool:
        return self._closed or self._around.hass.is_stopping

    async def playlist(self, name: str, viewer: str) -> str | None:
        """Return a playlist by its name, None where there is no such name.

        Starts the stream, or waits for it, where that is needed.

        Args:
            name: as in a URL.
            viewer: tells one viewer from another.

        Raises:
            LiveError: there is nothing to play, and why.

        """
        if name not in (PLAYLIST, _VIDEO, _AUDIO):
            return None
        self.counts["playlist_requests"] += 1
        began = self._now()
        with self._lease.request(viewer):
            await self._until_fresh(self._track(name))
        self._answer_seconds = round(self._now() - began, 3)
        if self._variant is None:
            return None if name == _AUDIO else self._video.served.text
        if name == PLAYLIST:
            return write_master(self._variant, _VIDEO, _AUDIO)
        return self._track(name).served.text

    async def prepare(self, viewer: str) -> None:
        """Start the stream for somebody who is about to ask for the playlist.

        Returns once there is something to play.

        Args:
            viewer: tells one viewer from another.

        Raises:
            LiveError: there is nothing to play, and why.

        """
        errors_since = float("-inf") if self.is_watched else self._now()
        with self._lease.request(viewer):
            if not self._is_ready or self._is_lost:
                await self._until_fresh(self._video, errors_since)

    async def find(self, name: str) -> File | None:
        """Return what a name in one of the playlists stands for."""
        return self._video.files.get(name) or self._audio.files.get(name)

    def frozen(self, entry: Entry) -> bytes | None:
        """Return a segment in which the picture stands still; None if it's forgotten."""
        picture = self._frozen_picture(entry)
        start = self.clock.due(entry.position)
        if picture is None or start is None:
            return None
        duration = round(entry.segment.duration * TICKS_A_SECOND)
        return picture.segment(start, duration, entry.number)

    def _frozen_picture(self, last: Entry) -> FrozenPicture | None:
        init = last.segment.init
        if init is None:
            return self.freezer.picture(last, None)
        return self.freezer.picture(last, self.clock.known_init(last.init_number, init))

    def fetched(self, file: File, *, found: bool) -> None:
        """Take note of whether upstream still had a file that is or was listed."""
        self.counts["files_fetched" if found else "files_gone"] += 1
        if found:
            self._lost.clear()
        elif file.entry is not None and self._is_listed(file.entry):
            self._lost.add(file.entry.number)
            if len(self._lost) >= _SEGMENTS_LOST and self._session is not None:
                self._session.end(SessionEnd.SEGMENTS_GONE)

    def _is_listed(self, entry: Entry) -> bool:
        """Return whether upstream should have a segment: its present run lists it."""
        return entry.clock[0] == self._run_number and any(
            entry.number == each.number
            for track in self._tracks
            for each in track.timeline.entries
        )

    async def close(self) -> None:
        """Stop the stream, whoever watches. Viewers are told at once."""
        self._closed = True
        self._announce()
        if self._runner is not None:
            self._runner.cancel()
            await asyncio.wait([self._runner])
        if self._closings:
            await asyncio.wait(self._closings)

    def diagnostics(self) -> dict[str, Any]:
        """Return figures for a report, without URLs or names."""
        now = self._now()
        session = self._session
        under_way = 0 if session is None else session.extensions
        last = self._last_error
        return {
            "watched": self.is_watched,
            "playing": session is not None and self._is_ready,
            "viewers": self._lease.viewers,
            "most_viewers": self._lease.most_viewers,
            "session": None
            if session is None
            else {
                "period": session.period.seconds,
                "age": round(now - self._session_began, 1),
                "extensions": session.extensions,
            },
            "last_error": None if last is None else last.reason.value,
            "last_error_age": None if last is None else round(now - self._failed, 1),
            "failing": self.error is not None,
            "next_start_in": round(self._backoff.remaining(now), 1),
            "target_duration": self._video.timeline.target_duration,
            "first_playlist_seconds": self._first_playlist_seconds,
            "upstream_playlist_seconds": self._playlist_seconds,
            "relay_playlist_seconds": self._answer_seconds,
            **{name: self.counts[name] for name in _COUNTED},
            "extensions": self.counts["extensions"] + under_way,
            "ended": {each.value: self.counts[f"ended_{each}"] for each in SessionEnd},
        }

    # --- What viewers wait for -------------------------------------------------------------

    def _now(self) -> float:
        return self._around.hass.loop.time()

    def _track(self, name: str) -> Track:
        separate = name == _AUDIO and self._variant is not None
        return self._audio if separate else self._video

    @property
    def _tracks(self) -> tuple[Track, ...]:
        return (self._video,) if self._variant is None else (self._video, self._audio)

    @property
    def _is_ready(self) -> bool:
        """Whether there is something to play."""
        return all(track.timeline.entries for track in self._tracks)

    @property
    def _is_lost(self) -> bool:
        """Whether upstream has nothing to say, for whatever reason."""
        return self._session is None or self.error is not None

    def _is_fresh(self, track: Track) -> bool:
        """Whether upstream has been asked so lately that there's nothing to gain by more."""
        if not self._is_ready or self._session is None:
            return False
        current = track.run == self._run_number
        age = self._now() - track.answered
        return current and (track.timeline.ended or age < track.pause)

    async def _until_fresh(self, track: Track, errors_since: float = math.inf) -> None:
        """Wait for news of upstream; be content with what there is if that takes long.

        Args:
            track: whose news.
            errors_since: when it was found since then that the service can't be reached,
                that's not waited for.

        Raises:
            LiveError: there is nothing to play.

        """
        began = self._now()
        was_ready = self._is_ready
        while not self._is_fresh(track):
            if self._is_closed:
                raise LiveError(Reason.STOPPED)
            now = self._now()
            if self._is_lost and now - self._video.grew > self._patience_when_lost:
                self._give_up()
            pause = self._backoff.remaining(now)
            if not self._is_ready and pause and self.error is not None:
                raise self._error(pause)
            if not self._is_ready and self._is_outage and self._failed >= errors_since:
                break
            patience = self._timing.first_playlist
            if self._is_ready:
                patience = self._timing.later_playlist
            left = began + patience - now
            if left <= 0:
                break
            track.want(now)
            news = self._news
            self._run()
            if self._bridge():
                break
            await _wait(news, min(left, self._seconds_to_freeze + _MOMENT))
        if not self._is_ready:
            raise self._error(self._timing.outage_probe)
        if not was_ready:
            self._first_playlist_seconds = round(self._now() - began, 3)

    @property
    def _patience_when_lost(self) -> float:
        """Seconds for which viewers go on seeing what came last."""
        if self._is_outage:
            return self._timing.give_up_in_outage
        return self._timing.give_up

    @property
    def _is_outage(self) -> bool:
        """Whether the service could not be reached when it was last asked for the camera."""
        return self.error is not None and self.error.reason is Reason.UNREACHABLE

    @property
    def _seconds_to_freeze(self) -> float:
        """Seconds until the picture stands still, unless something comes."""
        left = self._timing.freeze - self._video.silence(self._now())
        return left if left > 0 else self._timing.later_playlist

    def _bridge(self) -> bool:
        """Let the last picture stand still where the next is overdue; return whether it is.

        Not where the audio is a playlist of its own: readers wait for both.
        """
        entries = self._video.timeline.entries
        now = self._now()
        if (
            not entries
            or self._variant is not None
            or self._video.silence(now) < self._timing.freeze
            or self._frozen_picture(entries[-1]) is None
        ):
            return False
        if not self._video.timeline.frozen:
            self.counts["freezes"] += 1
        self._video.freeze(now)
        return True

    def _error(self, retry_after: float) -> LiveError:
        """Return why there is nothing to play; each viewer gets an error of its own."""
        if self.error is None:
            return LiveError(Reason.STARTING, retry_after=retry_after)
        return LiveError(
            self.error.reason, status=self.error.status, retry_after=retry_after
        )

    def _announce(self) -> None:
        """Let all who wait look again."""
        self._news.set()
        self._news = asyncio.Event()

    def _give_up(self) -> None:
        """Let go of what has been lost for long; another start begins anew."""
        self._forget()
        if self._session is not None:
            self._session.end(SessionEnd.UNANSWERED)

    def _forget(self) -> None:
        """List nothing more: what was listed is too old to be called live."""
        self._video.forget()
        self._audio.forget()
        self.clock.restart()
        self.freezer.forget()

    # --- The life of the stream ------------------------------------------------------------

    def _run(self) -> None:
        """See to it that the stream is being taken care of."""
        self._wake.set()
        if self._runner is None or self._runner.done():
            self._runner = self._around.hass.async_create_background_task(
                self._live(), f"amnimo live {self._camera_id}"
            )
            self._runner.add_done_callback(self._ran)

    def _ran(self, runner: asyncio.Task[None]) -> None:
        if not runner.cancelled() and (err := runner.exception()) is not None:
            _LOGGER.error("The care for a live stream failed", exc_info=err)

    async def _live(self) -> None:
        """Play for as long as somebody watches."""
        while self.is_watched:
            session = await self._start()
            if session is None:
                break
            self._session = session
            self._session_began = self._now()
            try:
                await self._play(session)
            finally:
                self._session = None
                self._close(session)
            self._account_for(session)
        self._forget()

    async def _start(self) -> UpstreamSession | None:
        """Start a stream as soon as that is allowed; None when nobody watches any more."""
        while self.is_watched:
            if pause := self._backoff.remaining(self._now()):
                await self._doze(pause)
                continue
            subscription_id = self._around.locate(self._camera_id)
            if subscription_id is not None and self._is_outage:
                # A start may hang for a minute; a question that starts nothing does not.
                waiting = self._around.outage.wait(subscription_id, self._camera_id)
                if await self._while_watched(waiting) is None:
                    continue
            self._backoff.started(self._now())
            if subscription_id is None:
                self._fail(LiveError(Reason.GONE))
                self._backoff.died()
                continue
            period = self._around.periods.take()
            self.counts["starts"] += 1
            try:
                return await UpstreamSession.start(
                    self._around.client,
                    Upstream(subscription_id, self._camera_id, period),
                    self._timing,
                    on_end=self._wake.set,
                )
            except AmnimoError as err:
                self._around.periods.give_back(period)
                self.counts["starts_failed"] += 1
                _LOGGER.debug("A stream could not be started: %s", err)
                await self._start_failed(err, subscription_id)
            except asyncio.CancelledError:
                self._around.periods.give_back(period)
                raise
        return None

    async def _start_failed(self, err: AmnimoError, subscription_id: str) -> None:
        """Find out why, and when to try again."""
        if is_outage(err):
            self._fail(LiveError(Reason.UNREACHABLE))
            waiting = self._around.outage.wait(subscription_id, self._camera_id)
            if await self._while_watched(waiting) is not False:
                return
        if isinstance(err, AmnimoConnectionError):
            self._backoff.broke(float("-inf"))
        else:
            self._backoff.died()
        self._fail(await self._explained(err, subscription_id))

    async def _explained(self, err: AmnimoError, subscription_id: str) -> LiveError:
        """Return why a start was refused, with what is known of the camera now."""
        try:
            camera = await self._around.client.camera(
                subscription_id, self._camera_id, with_urls=False, lane=Lane.LIVE
            )
        except AmnimoNotFoundError:
            return LiveError(Reason.GONE)
        except AmnimoError:
            return live_error(err)
        return live_error(err, online=camera.online)

    def _fail(self, error: LiveError) -> None:
        if self.error is None or self.error.reason is not error.reason:
            _LOGGER.debug("A camera can't be played: %s", error.text)
        self.error = self._last_error = error
        self._failed = self._now()
        self._announce()

    async def _play(self, session: UpstreamSession) -> None:
        """Follow upstream at the viewers' pace until it ends or nobody watches."""
        self._run_number += 1
        self._has_played = False
        self._video.url = self._audio.url = None
        self._lost.clear()
        began = self._answered = self._now()
        while session.end_reason is None and self.is_watched:
            pause = self._pause_before_poll()
            if pause > 0:
                await self._doze(pause)
                continue
            await self._poll(session)
            self._announce()
            # Without an answer nobody knows whether there is video.
            if not self._has_played and self._answered - began > self._timing.no_video:
                session.end(SessionEnd.NO_VIDEO)

    def _pause_before_poll(self) -> float:
        """Return the seconds until upstream is to be asked again."""
        now = self._now()
        pauses = [self._timing.lease]
        for track in self._tracks:
            if track.run != self._run_number:
                pauses.append(track.polled + self._timing.poll_before_first - now)
            elif track.wanted and not track.timeline.ended:
                pauses.append(track.polled + track.pause - now)
        return min(pauses)

    async def _doze(self, seconds: float) -> None:
        """Sleep until something is wanted, ends, or the time is over."""
        self._wake.clear()
        await _wait(self._wake, min(seconds, self._lease.remaining + _MOMENT))

    async def _while_watched[T](self, work: Coroutine[Any, Any, T]) -> T | None:
        """Return the result of some work; None where nobody watches any more before."""
        task = asyncio.create_task(work)
        try:
            while not task.done() and self.is_watched:
                left = self._lease.remaining
                await asyncio.wait([task], timeout=left + _MOMENT)
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait([task])
        return None if task.cancelled() else task.result()

    async def _poll(self, session: UpstreamSession) -> None:
        """Ask upstream for news of all that is wanted."""
        if self._video.url is None:
            await self._open(session)
            return
        now = self._now()
        due = [
            track
            for track in self._tracks
            if track.wanted or track.run != self._run_number
        ]
        for track in due:
            track.polled = now
        await asyncio.gather(*(self._poll_track(session, track) for track in due))

    async def _open(self, session: UpstreamSession) -> None:
        """Find the playlists of a stream that has just been started."""
        self._video.polled = self._now()
        playlist = await self._fetch(session, session.url)
        if isinstance(playlist, MasterPlaylist):
            variant, audio = playlist.best()
            self._variant = None if audio is None else variant
            self._video.url = variant.url
            self._audio.url = None if audio is None else audio.url
            for track in self._tracks:
                track.polled = float("-inf")
        elif playlist is not None:
            self._variant = None
            self._video.url = session.url
            self._take(session, self._video, playlist)

    async def _poll_track(self, session: UpstreamSession, track: Track) -> None:
        assert track.url is not None
        playlist = await self._fetch(session, track.url)
        if isinstance(playlist, MediaPlaylist):
            self._take(session, track, playlist)
        if track.run != self._run_number or track.timeline.ended:
            return
        if self._now() - track.grew > self._stall_limit(track):
            if playlist is None:
                # The stream may be well, and only the way there broken.
                self._fail(LiveError(Reason.UNREACHABLE))
            else:
                self.counts["stalls"] += 1
                session.end(SessionEnd.STALLED)

    def _stall_limit(self, track: Track) -> float:
        return max(
            self._timing.stall_least,
            self._timing.stall_target_durations * track.timeline.target_duration,
            _PACES_TO_STALL * track.pace,
        )

    async def _fetch(
        self, session: UpstreamSession, url: str
    ) -> MasterPlaylist | MediaPlaylist | None:
        began = self._now()
        try:
            playlist = await fetch_playlist(self._around.http, url)
        except GoneError as err:
            _LOGGER.debug("A playlist is gone: %s", err)
            self._answered = self._now()
            # Before the first segment there may just be nothing yet.
            if self._has_played:
                session.end(SessionEnd.PLAYLIST_GONE)
            return None
        except FetchError as err:
            _LOGGER.debug("A playlist could not be fetched: %s", err)
            if isinstance(err, TooLongError) and self._has_played:
                session.end(SessionEnd.PLAYLIST_TOO_LONG)
            self.counts["playlists_failed"] += 1
            if began - self._answered > self._timing.unanswered:
                session.end(SessionEnd.UNANSWERED)
            return None
        self._answered = self._now()
        self._playlist_seconds = round(self._answered - began, 3)
        return playlist

    def _take(
        self, session: UpstreamSession, track: Track, playlist: MediaPlaylist
    ) -> None:
        """Take over what is new in a playlist of upstream."""
        follows_up = bool(track.timeline.entries) and track.run != self._run_number
        track.wanted = False
        grew = track.take(playlist, self._run_number, self._now())
        if grew and follows_up and track is self._video:
            self.counts["splices"] += 1
        if grew:
            self.error = None
            self._has_played = True
        if playlist.ended and not track.timeline.ended:
            session.end(SessionEnd.UPSTREAM_ENDED)

    def _close(self, session: UpstreamSession) -> None:
        """Stop a stream without letting anybody wait for it."""
        self.counts["extensions"] += session.extensions
        self._around.periods.give_back(session.period)
        closing = self._around.hass.async_create_background_task(
            session.close(), f"amnimo stop {self._camera_id}"
        )
        self._closings.add(closing)
        closing.add_done_callback(self._closings.discard)

    def _account_for(self, session: UpstreamSession) -> None:
        """Draw the conclusions from how a stream ended."""
        reason = session.end_reason
        if reason is not None:
            self.counts[f"ended_{reason}"] += 1
            _LOGGER.debug("A stream ended: %s", reason)
        if reason in (None, SessionEnd.EXPIRING):
            if self._has_played:
                self._backoff.done()
            else:
                self._backoff.broke(float("-inf"))
        elif self._has_played:
            self._backoff.broke(self._video.grew)
        else:
            self._backoff.died()
            unanswered = reason is SessionEnd.UNANSWERED
            self._fail(LiveError(Reason.UNREACHABLE if unanswered else Reason.NO_VIDEO))


async def _wait(event: asyncio.Event, seconds: float) -> None:
    """Wait for an event, but not longer than so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
