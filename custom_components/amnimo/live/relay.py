"""The live streams of one account: who asks for which camera, and what there is to answer.

Owns a feed for each camera that was ever asked for, and ends them all with the account. How a
feed lives is its own business, and how readers get in is the view's.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..api import AmnimoClient
from .errors import LiveError, Reason
from .feed import Feed, Surroundings
from .keep_alive import KeepAlivePeriods
from .outage import OutageWatch
from .playback import Playback
from .timing import Timing
from .view import async_get_directory

# A media browser that is looked through leaves many behind.
_PLAYBACKS_KEPT = 50


class LiveRelay:
    """The live streams of an account's cameras, each by demand and shared by its viewers."""

    def __init__(
        self,
        hass: HomeAssistant,
        client: AmnimoClient,
        locate: Callable[[str], str | None],
        *,
        keep_alive_period: int,
        timing: Timing | None = None,
    ) -> None:
        """Begin with nothing started. Home Assistant's stop closes the relay by itself.

        Args:
            hass: Home Assistant.
            client: of the account.
            locate: returns the subscription ID of a camera ID, None for one that is gone;
                asked at each start.
            keep_alive_period: seconds, 10 to 3600, that the service goes on sending without
                an extension; longer where many cameras are watched.
            timing: how patient to be; the defaults suit Home Assistant's readers.

        """
        self._hass = hass
        self._directory = async_get_directory(hass)
        timing = timing or Timing()
        self._periods = KeepAlivePeriods(keep_alive_period)
        self._surroundings = Surroundings(
            hass=hass,
            http=async_get_clientsession(hass),
            client=client,
            locate=locate,
            timing=timing,
            periods=self._periods,
            outage=OutageWatch(client, timing),
        )
        self._feeds: dict[str, Feed] = {}
        self._playbacks: dict[str, Playback] = {}
        """By their tokens, in the order in which they were asked for."""
        self._closed = False
        self._unlisten: Callable[[], None] | None = hass.bus.async_listen_once(
            EVENT_HOMEASSISTANT_STOP, self._stop
        )

    def source_url(self, camera_id: str) -> str:
        """Return the URL of a camera's playlist, for readers on this machine.

        It stays the same while Home Assistant runs. To ask for it starts nothing.

        Args:
            camera_id: UUID.

        """
        if camera_id not in self._feeds and not self._closed:
            feed = Feed(self._surroundings, camera_id)
            self._feeds[camera_id] = feed
            self._directory.add(camera_id, feed)
        return self._directory.url(camera_id)

    async def async_prepare(self, camera_id: str) -> None:
        """Start a camera's stream for a reader that comes in a moment.

        For Home Assistant's readers, which can't tell why there is nothing to play: to ask
        here first tells the one who asked for the picture.

        Raises:
            LiveError: the camera can't be played, and why.

        """
        self.source_url(camera_id)
        feed = self._feeds.get(camera_id)
        if feed is None:
            raise LiveError(Reason.STOPPED)
        await feed.prepare("Home Assistant")

    def play(self, camera_id: str, start: datetime, end: datetime) -> str:
        """Return the path of a playlist that plays a recording to one viewer.

        To ask for it starts nothing. It is good for as long as Home Assistant runs, unless many others
        are played later.

        Args:
            camera_id: UUID.
            start: aware datetime; from then on there is a recording.
            end: aware datetime, later than the start; until then there is one.

        """
        playback = Playback(self._surroundings, camera_id, start, end)
        token = self._directory.add_playback(playback)
        self._playbacks[token] = playback
        self._forget_playbacks()
        return self._directory.path(token)

    def _forget_playbacks(self) -> None:
        """Forget the oldest that nobody plays; what they had started they stop themselves."""
        for token, playback in list(self._playbacks.items()):
            if len(self._playbacks) <= _PLAYBACKS_KEPT:
                return
            if not playback.is_watched:
                self._directory.discard_playback(token)
                del self._playbacks[token]

    def is_watched(self, camera_id: str) -> bool:
        """Return whether somebody watches a camera now, or did a moment ago."""
        feed = self._feeds.get(camera_id)
        return feed is not None and feed.is_watched

    def last_error(self, camera_id: str) -> LiveError | None:
        """Return why a camera could not be played when last tried; None if it could."""
        feed = self._feeds.get(camera_id)
        return None if feed is None else feed.error

    async def async_remove(self, camera_id: str) -> None:
        """Stop the stream of a camera that is gone, and forget it."""
        if (feed := self._feeds.pop(camera_id, None)) is not None:
            self._directory.discard(camera_id, feed)
            await feed.close()

    async def async_close(self) -> None:
        """Stop all streams, on unload and at the end of Home Assistant."""
        self._closed = True
        if self._unlisten is not None:
            self._unlisten()
            self._unlisten = None
        for token in self._playbacks:
            self._directory.discard_playback(token)
        await asyncio.gather(
            *(self.async_remove(each) for each in list(self._feeds)),
            *(playback.close() for playback in self._playbacks.values()),
        )
        self._playbacks.clear()

    async def _stop(self, _event: Event) -> None:
        self._unlisten = None
        await self.async_close()

    def diagnostics(self) -> dict[str, Any]:
        """Return figures for a report: no tokens, no URLs, no identifiers."""
        cameras = [feed.diagnostics() for feed in self._feeds.values()]
        return {
            "sessions_open": sum(each["session"] is not None for each in cameras),
            "playbacks": len(self._playbacks),
            "extensions_per_second": round(self._periods.rate, 3),
            "cameras": cameras,
        }

    def camera_diagnostics(self, camera_id: str) -> dict[str, Any] | None:
        """Return the figures of one camera, None where nobody ever asked for it."""
        feed = self._feeds.get(camera_id)
        return None if feed is None else feed.diagnostics()
