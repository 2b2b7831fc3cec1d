"""One stream at the service: started, extended while it's wanted, stopped without fail.

Owns the requests of API document, section 4. 映像再生, for one run of a camera. Knows nothing
of playlists, of viewers, or of what happens when the stream ends: it only says so.
"""

import asyncio
from collections.abc import Callable, Coroutine
import contextlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
import logging
from typing import Any

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, async_get_hass

from ..api import (
    AmnimoClient,
    AmnimoError,
    AmnimoNotFoundError,
    AmnimoPermissionError,
    AmnimoResponseError,
    Stream,
)
from .errors import is_outage
from .keep_alive import KeepAlivePeriod
from .timing import Timing

_LOGGER = logging.getLogger(__name__)


# In an outage, many streams wait for their extensions, and all share a rate limit.
_LONGEST_RETRY = 30.0
# On a connection that leads nowhere any more an answer would be waited for until the stream has
# run out. Another request takes another connection.
_EXTENSION_TIMEOUT = 10.0
_STOPS = 2


class SessionEnd(StrEnum):
    """Why a session is of no more use."""

    EXPIRING = "expiring"
    """It isn't extended any more: it can't be, or a longer period is better."""
    EXTENSION_REFUSED = "extension_refused"
    UPSTREAM_ENDED = "upstream_ended"
    PLAYLIST_GONE = "playlist_gone"
    PLAYLIST_TOO_LONG = "playlist_too_long"
    """It lists all that ever was, and that was long ago."""
    SEGMENTS_GONE = "segments_gone"
    STALLED = "stalled"
    """The playlist did not grow any more."""
    UNANSWERED = "unanswered"
    """The playlist could not be fetched for long."""
    NO_VIDEO = "no_video"


@dataclass(frozen=True, slots=True)
class Upstream:
    """Which camera to play, and for how long at a time."""

    subscription_id: str
    camera_id: str
    period: KeepAlivePeriod
    at: datetime | None = None
    """From when on, where the cloud holds a recording; None for live."""


class UpstreamSession:
    """A stream that was started. Its owner closes it, whatever happens."""

    def __init__(
        self,
        client: AmnimoClient,
        upstream: Upstream,
        stream: Stream,
        timing: Timing,
        on_end: Callable[[], None],
    ) -> None:
        """Take a stream that has just been started, and keep it going."""
        self._client = client
        self._upstream = upstream
        self._stream = stream
        self._timing = timing
        self._on_end = on_end
        self.end_reason: SessionEnd | None = None
        self.extensions = 0
        self._is_over = False
        upstream.period.begin(asyncio.get_running_loop().time())
        self._keeper = asyncio.create_task(
            self._keep_alive(), name=f"amnimo keep-alive {upstream.camera_id}"
        )

    @classmethod
    async def start(
        cls,
        client: AmnimoClient,
        upstream: Upstream,
        timing: Timing,
        on_end: Callable[[], None],
    ) -> UpstreamSession:
        """Start a stream (API document, section 4, 映像再生URL取得).

        Only the answer tells how to stop what was started. So when the caller is cancelled
        half-way, the answer is waited for in the background, for as long as the client
        waits for one, and then the stream is stopped. Nobody is held up by that, except the
        end of Home Assistant, by as much as a stop may take.

        What can't be stopped is a stream of which the answer was lost on its way, or comes
        after Home Assistant's end. It goes on for one keep-alive period.

        Args:
            client: sends the requests.
            upstream: what to start.
            timing: how patient to be.
            on_end: called once when the stream is of no more use; `end_reason` says why.

        Raises:
            AmnimoError: it could not be started, or nobody knows. It was asked for once.

        """
        starting = asyncio.create_task(
            client.start_stream(
                upstream.subscription_id,
                upstream.camera_id,
                at=upstream.at,
                keep_alive_period=upstream.period.seconds,
            ),
            name=f"amnimo start {upstream.camera_id}",
        )
        try:
            await asyncio.wait([starting])
        except asyncio.CancelledError:
            await cls._withdraw(client, upstream, starting, timing)
            raise
        return cls(client, upstream, starting.result(), timing, on_end)

    @classmethod
    async def _withdraw(
        cls,
        client: AmnimoClient,
        upstream: Upstream,
        starting: asyncio.Task[Stream],
        timing: Timing,
    ) -> None:
        """See to it that a stream is stopped of which the start is still under way."""
        hass = async_get_hass()
        withdrawal = asyncio.create_task(
            cls._stop_when_answered(client, upstream, starting, timing),
            name=f"amnimo withdraw {upstream.camera_id}",
        )

        async def wait(_event: Event | None = None) -> None:
            await asyncio.wait([withdrawal], timeout=timing.stop)

        # The listener holds the task, too: nobody else does.
        unlisten = hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, wait)
        withdrawal.add_done_callback(lambda _: unlisten())
        if hass.is_stopping:
            await wait()

    @classmethod
    async def _stop_when_answered(
        cls,
        client: AmnimoClient,
        upstream: Upstream,
        starting: asyncio.Task[Stream],
        timing: Timing,
    ) -> None:
        await asyncio.wait([starting])
        if not starting.cancelled() and starting.exception() is None:
            stream = starting.result()
            await cls(client, upstream, stream, timing, on_end=lambda: None).close()

    @property
    def url(self) -> str:
        """URL of the playlist; presigned, so not for logs."""
        return self._stream.url

    @property
    def period(self) -> KeepAlivePeriod:
        """Its keep-alive period."""
        return self._upstream.period

    def end(self, reason: SessionEnd) -> None:
        """Take note that the stream is of no more use."""
        if self.end_reason is None:
            self.end_reason = reason
            self._on_end()

    def finish(self) -> None:
        """Take note that the stream has come to its end by itself: it needs no stop."""
        self._is_over = True
        self._keeper.cancel()
        self.end(SessionEnd.UPSTREAM_ENDED)

    async def close(self) -> None:
        """Stop the stream (API document, section 4, 映像再生の停止).

        The stop is sent also when the caller is cancelled, and gets a time of its own. It
        raises no AmnimoError: a stream that can't be stopped runs out by itself. None is
        sent to a recording that is known to have come to its end.
        """
        self._keeper.cancel()
        await _through_cancellation(self._stop(), self._timing.stop)

    async def _stop(self) -> None:
        await asyncio.wait([self._keeper])
        if self._stream.request_id is None or self._is_over:
            return
        for _ in range(_STOPS):
            try:
                async with asyncio.timeout(self._timing.stop / _STOPS):
                    await self._client.stop_stream(
                        self._upstream.subscription_id,
                        self._upstream.camera_id,
                        self._stream.request_id,
                    )
            except TimeoutError:
                _LOGGER.debug("A stop was not answered")
            except AmnimoError as err:
                _LOGGER.debug("A stream could not be stopped: %s", err)
                return
            else:
                return

    async def _keep_alive(self) -> None:
        """Extend the stream for as long as it's wanted."""
        period = self._upstream.period
        if self._stream.request_id is None:
            await asyncio.sleep(period.seconds * self._timing.expiring_share)
            self.end(SessionEnd.EXPIRING)
            return
        pause = self._timing.extend_retry
        while await period.turn(self._timing.extend_share):
            asked = asyncio.get_running_loop().time()
            extended = await self._extend(self._stream.request_id)
            if extended is None:
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_RETRY)
            elif extended:
                period.begin_anew(asked)
                pause = self._timing.extend_retry
                self.extensions += 1
            else:
                self.end(SessionEnd.EXTENSION_REFUSED)
                return
        self.end(SessionEnd.EXPIRING)

    async def _extend(self, request_id: str) -> bool | None:
        """Extend the stream (API document, section 4, 映像再生時間の延長).

        Returns False where the service says no, and None where it did not get through and is
        to be tried again: the video may be flowing all the same.
        """
        patience = min(_EXTENSION_TIMEOUT, self._upstream.period.seconds / 4)
        try:
            async with asyncio.timeout(patience):
                await self._client.update_stream(
                    self._upstream.subscription_id, self._upstream.camera_id, request_id
                )
        except (AmnimoNotFoundError, AmnimoPermissionError) as err:
            _LOGGER.debug("An extension was refused: %s", err)
            # For a device that may send all the same, a stop is not too much.
            gone = isinstance(err, AmnimoNotFoundError)
            self._is_over = gone and self._upstream.at is not None
            return False
        except AmnimoResponseError as err:
            _LOGGER.debug("An extension was refused: %s", err)
            return None if is_outage(err) else False
        except (AmnimoError, TimeoutError) as err:
            _LOGGER.debug("An extension did not get through: %r", err)
            return None
        return True


async def _through_cancellation(
    work: Coroutine[Any, Any, None], timeout: float
) -> None:
    """Do work to its end or for so many seconds, even while the caller is cancelled."""
    task = asyncio.create_task(work)
    try:
        await asyncio.wait([task], timeout=timeout)
    except asyncio.CancelledError:
        await asyncio.wait([task], timeout=timeout)
        raise
    finally:
        if not task.done():
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        elif not task.cancelled() and (err := task.exception()) is not None:
            raise err
