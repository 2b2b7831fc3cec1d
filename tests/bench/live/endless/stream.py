"""A stream as Home Assistant's Nest cameras have it: started when its URL is asked for.

From then on it is extended for ever, whether anybody watches or not (components/nest/camera.py
in Home Assistant: ``stream_source``, ``StreamRefresh``). Only the service is another one (API
document, section 4. 映像再生).
"""

import asyncio
import logging

from custom_components.amnimo.api import AmnimoClient, AmnimoError, Stream
from custom_components.amnimo.const import DEFAULT_KEEP_ALIVE_PERIOD

_LOGGER = logging.getLogger(__name__)

# The period is the one that the amnimo integration has by default, so that requests can be
# compared; Nest's streams last 300 s. So long before its end a stream is extended there.
_BUFFER_SECONDS = 30


class EndlessStream:
    """One camera's stream."""

    def __init__(
        self, client: AmnimoClient, subscription_id: str, camera_id: str
    ) -> None:
        """Begin with nothing started."""
        self._client = client
        self._camera = (subscription_id, camera_id)
        self._lock = asyncio.Lock()
        self._stream: Stream | None = None
        self._extending: asyncio.Task[None] | None = None

    async def url(self) -> str:
        """Return the URL of the playlist; starts the stream where it was not yet.

        Raises AmnimoError.
        """
        async with self._lock:
            if self._stream is None:
                self._stream = await self._client.start_stream(
                    *self._camera, keep_alive_period=DEFAULT_KEEP_ALIVE_PERIOD
                )
                self._extending = asyncio.create_task(self._extend(self._stream))
            return self._stream.url

    async def _extend(self, stream: Stream) -> None:
        """Extend a stream again and again; let it go once it can't be."""
        assert stream.request_id is not None, "the simulated cloud tells it"
        while True:
            await asyncio.sleep(DEFAULT_KEEP_ALIVE_PERIOD - _BUFFER_SECONDS)
            try:
                await self._client.update_stream(*self._camera, stream.request_id)
            except AmnimoError as err:
                _LOGGER.debug("A stream could not be extended: %s", err)
                self._stream = None
                return

    async def close(self) -> None:
        """Stop it, which Nest's do when the camera is removed."""
        if self._extending is not None:
            self._extending.cancel()
        if self._stream is not None and self._stream.request_id is not None:
            await self._client.stop_stream(*self._camera, self._stream.request_id)
            self._stream = None
