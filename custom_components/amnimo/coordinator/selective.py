"""A coordinator for fleets: it tells few, a little at a time, and comes back soon after a failure.

Home Assistant's own coordinator calls every listener after every poll. With thousands of entities
that writes all for the sake of one, and blocks the event loop while it does. Here a listener has
a context and is called when something in that context changed; many calls at once are spread over
the loop's turns. Knows nothing of what is polled.
"""

from __future__ import annotations

from abc import abstractmethod
import asyncio
from collections.abc import Callable, Iterable, Set as AbstractSet
from datetime import timedelta
from functools import partial
import logging
from typing import Any, Final, override

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from ..api import AmnimoClient, AmnimoError, AmnimoRefusedError
from ..errors import update_failed
from ..runtime import AmnimoConfigEntry

_LOGGER = logging.getLogger(__name__)

LISTENERS_A_TURN: Final = 50
"""How many listeners are called before others have their turn: some milliseconds' worth."""

_SHORTEST_REST = 5.0
_SHORTEST_PAUSE = 10.0
# The longer the service has been away, the less likely it is to be back in the next moment.
_PAUSE_SHARE = 0.1

type Follower = Callable[[AbstractSet[str]], None]
"""Takes the identifiers of what is new, gone, called otherwise, or has other parts."""


class SelectiveCoordinator[DataT](DataUpdateCoordinator[DataT]):
    """A coordinator that tells its listeners only what concerns them."""

    config_entry: AmnimoConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: AmnimoConfigEntry,
        client: AmnimoClient,
        name: str,
        interval: float,
    ) -> None:
        """Take the client and how often, in seconds, it is asked."""
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=name,
            update_interval=timedelta(seconds=interval),
        )
        self.client = client
        self.interval = interval
        """Seconds from the start of one update to the start of the next."""
        self._changed: set[str] = set()
        self._restructured: set[str] = set()
        self._followers: list[Follower] = []
        self._reviewers: list[CALLBACK_TYPE] = []
        self._by_context: dict[Any, dict[int, CALLBACK_TYPE]] = {}
        self._untold: dict[int, None] = {}
        self._telling: asyncio.Task[None] | None = None
        self._told_success: bool | None = None
        self._failing_since: float | None = None

    @override
    @callback
    def async_add_listener(
        self, update_callback: CALLBACK_TYPE, context: Any = None
    ) -> Callable[[], None]:
        """Listen for what changes in a context."""
        remove = super().async_add_listener(update_callback, context)
        listener_id = self._last_listener_id
        self._by_context.setdefault(context, {})[listener_id] = update_callback

        return partial(self._remove_listener, remove, context, listener_id)

    def _remove_listener(
        self, remove: CALLBACK_TYPE, context: Any, listener_id: int
    ) -> None:
        remove()
        listeners = self._by_context[context]
        del listeners[listener_id]
        if not listeners:
            del self._by_context[context]

    @callback
    def async_follow(self, follower: Follower) -> CALLBACK_TYPE:
        """Tell somebody, before the listeners, which things are no longer what they were."""
        self._followers.append(follower)
        return lambda: self._followers.remove(follower)

    @callback
    def async_review(self, reviewer: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call somebody after each update, also after one that failed like the one before."""
        self._reviewers.append(reviewer)
        return lambda: self._reviewers.remove(reviewer)

    @override
    @callback
    def async_update_listeners(self) -> None:
        """Call the listeners whose context changed: a few at once, many by and by.

        When all data became available or unavailable at once, that concerns everybody. Who
        begins to listen because of what changed knows it already.
        """
        changed, self._changed = self._changed, set()
        everybody = self._told_success is not self.last_update_success
        self._told_success = self.last_update_success
        told = list(self._listeners) if everybody else self._listening_to(changed)
        self._tell_followers()
        if len(told) <= LISTENERS_A_TURN:
            self._tell(told)
            return
        self._untold.update(dict.fromkeys(told))
        if self._telling is None:
            self._telling = self.config_entry.async_create_task(
                self.hass, self._async_tell_untold(), f"amnimo {self.name} listeners"
            )

    @callback
    def async_tell(self, *contexts: str) -> None:
        """Call the listeners of some contexts, though the data is as it was."""
        self._changed.update(contexts)
        self.async_update_listeners()

    def _tell_followers(self) -> None:
        restructured, self._restructured = self._restructured, set()
        if not restructured:
            return
        for follower in list(self._followers):
            try:
                follower(restructured)
            except Exception:
                _LOGGER.exception("A follower of %s failed", self.name)

    def _listening_to(self, contexts: Iterable[str]) -> list[int]:
        """Return the listeners of some contexts, in the order in which they came."""
        return sorted(
            listener_id
            for context in contexts
            for listener_id in self._by_context.get(context, ())
        )

    async def _async_tell_untold(self) -> None:
        """Call the listeners that wait for it, and let others have their turn in between."""
        try:
            while self._untold:
                self._tell(list(self._untold)[:LISTENERS_A_TURN])
                await asyncio.sleep(0)
        finally:
            self._telling = None

    def _tell(self, listener_ids: Iterable[int]) -> None:
        """Call listeners; one that was removed meanwhile is not called any more."""
        for listener_id in list(listener_ids):
            self._untold.pop(listener_id, None)
            if (listener := self._listeners.get(listener_id)) is None:
                continue
            try:
                listener[0]()
            except Exception:
                _LOGGER.exception("A listener for %s failed", self.name)

    def _now(self) -> float:
        """Return the time that intervals are reckoned with, in seconds."""
        return self.hass.loop.time()

    @override
    async def _async_update_data(self) -> DataT:
        started = self._now()
        try:
            return await self._async_poll()
        except AmnimoError as err:
            raise self._failure(err) from err
        finally:
            rest = max(_SHORTEST_REST, self._due_after(started) - self._now())
            self.update_interval = timedelta(seconds=rest)

    @abstractmethod
    async def _async_poll(self) -> DataT:
        """Return the data of now.

        Raises:
            AmnimoError: there is none to be had, or the credentials are no longer good.

        """

    def _due_after(self, started: float) -> float:
        """Return when the next poll is due, after one that began then; as `_now` reckons."""
        return started + self.interval

    def _failure(self, err: AmnimoError) -> Exception:
        """Return the error to raise from an update, which says when to try again.

        That is soon where the service may be back any moment: what has been away for a moment
        is asked for after 10 s, what has been away for long ever more seldom, up to the
        interval. What was refused for a reason can wait for the interval.
        """
        failure = update_failed(err)
        if (
            isinstance(failure, UpdateFailed)
            and failure.retry_after is None
            and not isinstance(err, AmnimoRefusedError)
        ):
            failure.retry_after = self._pause()
        return failure

    def _pause(self) -> float | None:
        """Return the seconds until another try is worth it, None for the interval."""
        now = self._now()
        if self._failing_since is None:
            self._failing_since = now
        pause = max(_SHORTEST_PAUSE, (now - self._failing_since) * _PAUSE_SHARE)
        return pause if pause < self.interval else None

    @override
    @callback
    def _async_refresh_finished(self) -> None:
        if self.last_update_success:
            self._failing_since = None
        for reviewer in list(self._reviewers):
            reviewer()
