"""Waiting for the service to finish what it was asked for, tenant by tenant.

However many media of a tenant are unfinished, they are asked about together. While the service
answers nothing nobody's patience runs out; one medium that it can't tell of keeps no other
waiting. What becomes of a finished medium is not decided here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
import logging

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..api import (
    AmnimoClient,
    AmnimoConnectionError,
    AmnimoError,
    AmnimoNotFoundError,
    AmnimoPermissionError,
    AmnimoResponseError,
    Lane,
    Media,
    MediaState,
)
from .job import MediaFailure, MediaJobError
from .library import LARGEST_SEARCH
from .pace import MOST_A_MINUTE, PollPace
from .retry import GRACE, is_final

_LOGGER = logging.getLogger(__name__)

_SMALLEST_PAGE = 20
_MOST_PAGES = 5
# Of those that a search tells nothing of; the limit leaves no more than 6 a minute.
_ALONE_A_POLL = 2
# The client asks again by itself before it says that something failed.
_REQUESTS_OF_A_FAILURE = 3
# The service's clock may differ between the nodes that answer.
_CLOCK_MARGIN = timedelta(minutes=1)
# A medium that was asked for just now need not be found everywhere yet.
_UNLISTED_GRACE = timedelta(minutes=1)


@dataclass(slots=True, eq=False)
class _Awaited:
    """A medium that is not finished."""

    requested_at: datetime
    """By the service's clock, as far as it tells."""
    since: datetime
    deadline: datetime
    urgencies: list[Callable[[], bool]]
    """Of each who waits for it, whether somebody waits for them right now."""
    future: asyncio.Future[Media]
    asked_at: datetime | None = None
    """When it was asked about alone, last, with or without an answer."""
    answered_at: datetime | None = None
    """When the service answered that, last; a refusal is an answer."""

    def urgent(self) -> bool:
        """Return whether somebody waits for it right now."""
        return any(urgency() for urgency in self.urgencies)

    def is_given_up(self) -> bool:
        """Return whether it took too long, by what was said of it alone since.

        A service that answers, only not of this one, has a while longer to do so.
        """
        answered = self.answered_at is not None and self.answered_at > self.deadline
        asked = self.asked_at is not None and self.asked_at > self.deadline + GRACE
        return answered or asked


@dataclass(slots=True, eq=False)
class _Poll:
    """What came of asking once."""

    told: list[Media] = field(default_factory=list)
    answered: int = 0
    """How many requests had a good answer."""
    failures: list[AmnimoError] = field(default_factory=list)

    @property
    def cost(self) -> int:
        """How many requests it may have been."""
        return self.answered + _REQUESTS_OF_A_FAILURE * len(self.failures)

    @property
    def is_outage(self) -> bool:
        """Whether the service answered nothing at all.

        Whatever is refused will not come back like a service that is down.
        """
        return (
            not self.answered
            and bool(self.failures)
            and not any(map(is_final, self.failures))
        )

    def may_go_on(self) -> bool:
        """Return whether the limit and what failed leave another request a chance."""
        if not all(map(_is_of_one, self.failures)):
            return False
        # Where one failed the next may fail as well.
        room = _REQUESTS_OF_A_FAILURE if self.failures else 1
        return self.cost + room <= MOST_A_MINUTE


class TenantWatch:
    """Asks about the unfinished media of one tenant while there are any.

    One alone is asked for by its ID, which yields the URL of its file in the same answer;
    several are found with one search, newest first, as far back as the oldest of them. The
    status is promised of one alone only (API document, section 5. メディア): what a search does
    not tell is asked for one after the other, and so is what is about to be given up.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        client: AmnimoClient,
        subscription_id: str,
    ) -> None:
        """Wait for nothing yet."""
        self._hass = hass
        self._entry = entry
        self._client = client
        self._subscription_id = subscription_id
        self._awaited: dict[str, _Awaited] = {}
        self._pace = PollPace()
        self._timer: asyncio.TimerHandle | None = None
        self._poll: asyncio.Task[None] | None = None
        self._out_since: datetime | None = None
        self._searchable = True
        """Whether searches tell the status, as far as is known."""

    async def finished(
        self,
        media_id: str,
        *,
        requested_at: datetime,
        deadline: datetime,
        urgent: Callable[[], bool],
        pressing: bool = False,
    ) -> Media:
        """Wait until a medium is completed or failed, and return it.

        Several may wait for the same one, and have the patience of the most patient.

        Args:
            media_id: the medium.
            requested_at: when the service was asked for it, by the service's clock.
            deadline: until when the service may take; it moves on while the service can't
                be reached.
            urgent: whether somebody waits for it right now.
            pressing: whether they count the seconds.

        Raises:
            MediaJobError: it took too long, or there is no such medium any more.

        """
        awaited = self._unfinished().get(media_id)
        if awaited is None:
            awaited = _Awaited(
                requested_at,
                dt_util.utcnow(),
                deadline,
                [],
                asyncio.get_running_loop().create_future(),
            )
            self._awaited[media_id] = awaited
        awaited.requested_at = min(awaited.requested_at, requested_at)
        awaited.deadline = max(awaited.deadline, deadline)
        awaited.urgencies.append(urgent)
        self._pace.restart(_now(), pressing=pressing)
        self._schedule()
        try:
            # Who is called off calls off nobody else who waits for it.
            return await asyncio.shield(awaited.future)
        finally:
            awaited.urgencies.remove(urgent)
            self._forget(media_id, awaited)

    @callback
    def _forget(self, media_id: str, awaited: _Awaited) -> None:
        """Ask no more about what nobody waits for."""
        if not awaited.urgencies and self._awaited.get(media_id) is awaited:
            del self._awaited[media_id]
        if not self._awaited:
            self.stop()
            self._pace.rest()
            self._searchable = True

    @callback
    def stop(self) -> None:
        """Ask no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._poll is not None:
            self._poll.cancel()
            self._poll = None

    @callback
    def _schedule(self) -> None:
        """Set the time of the next poll, unless one is under way."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._poll is None and self._unfinished():
            self._timer = self._hass.loop.call_later(
                self._pace.delay(_now()), self._start_poll
            )

    @callback
    def _start_poll(self) -> None:
        self._timer = None
        self._poll = self._entry.async_create_background_task(
            self._hass, self._poll_once(), "amnimo media poll", eager_start=False
        )

    async def _poll_once(self) -> None:
        """Ask once, tell those who wait for what was answered, and set the next time."""
        unfinished = self._unfinished()
        urgent = any(awaited.urgent() for awaited in unfinished.values())
        poll = _Poll()
        await self._ask(unfinished, Lane.USER if urgent else Lane.POLL, poll)
        if poll.answered or not poll.failures:
            self._pace.polled(_now(), poll.cost)
        else:
            self._pace.failed(_now(), poll.cost)
        if poll.is_outage:
            self._out_since = self._out_since or dt_util.utcnow()
        else:
            self._allow_for_outage()
        for media in poll.told:
            if media.id in unfinished and media.state is not MediaState.PENDING:
                _settle(unfinished[media.id], media)
        if self._out_since is None:
            self._give_up_late_ones()
        self._poll = None
        self._schedule()

    async def _ask(
        self, unfinished: dict[str, _Awaited], lane: Lane, poll: _Poll
    ) -> None:
        """Ask about media; what fails of one keeps no other from being asked about."""
        alone = len(unfinished) == 1
        if not alone and self._searchable:
            try:
                await self._search(unfinished, lane, poll)
            except AmnimoError as err:
                _LOGGER.debug("Searching for %s media failed: %s", len(unfinished), err)
                poll.failures.append(err)
        now = dt_util.utcnow()
        known = {media.id for media in poll.told if _tells(media)}
        done = {
            media.id for media in poll.told if media.state is not MediaState.PENDING
        }
        left = [
            media_id
            for media_id, awaited in unfinished.items()
            if media_id not in known
            or (now > awaited.deadline and media_id not in done)
        ]
        left.sort(key=lambda each: _turn(unfinished[each], now))
        for media_id in left[:_ALONE_A_POLL]:
            if not poll.may_go_on():
                break
            try:
                await self._get(media_id, unfinished[media_id], lane, poll)
            except AmnimoError as err:
                _LOGGER.debug("Asking about a medium failed: %s", err)
                poll.failures.append(err)

    async def _search(
        self, unfinished: dict[str, _Awaited], lane: Lane, poll: _Poll
    ) -> None:
        """Add what a search tells of the unfinished media, and learn whether it does."""
        oldest = min(awaited.requested_at for awaited in unfinished.values())
        size = min(max(2 * len(unfinished), _SMALLEST_PAGE), LARGEST_SEARCH)
        missing = set(unfinished)
        seen: set[str] = set()
        page = 0
        while missing and page < _MOST_PAGES:
            try:
                rows = await self._client.search_media(
                    self._subscription_id, page=page, size=size, lane=lane
                )
            except AmnimoError as err:
                if not is_final(err):
                    raise
                # Who may not search may still ask for each.
                poll.answered += 1
                self._searchable = False
                return
            poll.answered += 1
            page += 1
            poll.told += [media for media in rows if media.id in missing]
            missing.difference_update(media.id for media in rows)
            # A service that ignores the page number would be asked forever.
            if len(rows) < size or seen.issuperset(media.id for media in rows):
                break
            seen.update(media.id for media in rows)
            last = rows[-1].requested
            if last is not None and last < oldest - _CLOCK_MARGIN:
                break
        self._searchable = not poll.told or any(map(_tells, poll.told))

    async def _get(
        self, media_id: str, awaited: _Awaited, lane: Lane, poll: _Poll
    ) -> None:
        """Add what is told of one medium; that there is none ends the wait for it."""
        try:
            media = await self._client.media(self._subscription_id, media_id, lane=lane)
        except AmnimoNotFoundError:
            if dt_util.utcnow() - awaited.since > _UNLISTED_GRACE:
                _fail(awaited, MediaFailure.DELETED)
        except AmnimoError as err:
            awaited.asked_at = dt_util.utcnow()
            if is_final(err):
                awaited.answered_at = awaited.asked_at
            raise
        else:
            poll.told.append(media)
        poll.answered += 1
        awaited.asked_at = awaited.answered_at = dt_util.utcnow()

    def _allow_for_outage(self) -> None:
        """Move the deadlines on by the time in which the service could not be asked."""
        if self._out_since is not None:
            length = dt_util.utcnow() - self._out_since
            self._out_since = None
            for awaited in self._awaited.values():
                awaited.deadline += length

    def _give_up_late_ones(self) -> None:
        """Fail what took too long."""
        for awaited in self._unfinished().values():
            if awaited.is_given_up():
                _fail(awaited, MediaFailure.TIMED_OUT)

    def _unfinished(self) -> dict[str, _Awaited]:
        """Return what is waited for still; those who wait may not have noticed the end."""
        return {
            media_id: awaited
            for media_id, awaited in self._awaited.items()
            if not awaited.future.done()
        }


def _tells(media: Media) -> bool:
    """Return whether it is told how far a medium is."""
    return media.status is not None or media.state is not MediaState.PENDING


def _is_of_one(err: AmnimoError) -> bool:
    """Return whether a failure says nothing of what else is asked of the service."""
    if isinstance(err, AmnimoConnectionError):
        return err.sent
    return isinstance(
        err, AmnimoResponseError | AmnimoPermissionError | AmnimoNotFoundError
    )


def _turn(awaited: _Awaited, now: datetime) -> tuple[bool, bool, datetime]:
    """Return what orders media by whose turn it is to be asked about alone.

    First those that are late and were not asked about since, then those that never were, the
    oldest first, then those that were longest ago.
    """
    asked_at = awaited.asked_at
    late = now > awaited.deadline and (asked_at is None or asked_at <= awaited.deadline)
    return (not late, asked_at is not None, asked_at or awaited.requested_at)


def _settle(awaited: _Awaited, media: Media) -> None:
    if not awaited.future.done():
        awaited.future.set_result(media)


def _fail(awaited: _Awaited, reason: MediaFailure) -> None:
    if not awaited.future.done():
        awaited.future.set_exception(MediaJobError(reason))


def _now() -> float:
    return dt_util.utcnow().timestamp()
