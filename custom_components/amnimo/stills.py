"""The newest picture of each camera, fetched once however often it is shown.

Dashboards ask for stills every few seconds, for each viewer. The service makes a thumbnail a
minute at the most, and the poll brings its URL along; so a picture is fetched when there is a
new one and somebody looks, and never asks the API for anything.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
import logging

import aiohttp

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .api import Thumbnail
from .coordinator import CameraCoordinator
from .media.picture import Picture, PictureError, PictureGoneError, async_fetch_picture

_LOGGER = logging.getLogger(__name__)

# Home Assistant waits 10 s for a picture; the last one must be there before that.
_TIMEOUT = aiohttp.ClientTimeout(total=6)
_RETRY_AFTER = 30.0
# What doesn't say when it was taken may be another picture under the same URL. The service
# makes one a minute at the most.
_UNDATED_GOOD_FOR = 60.0


@dataclass(frozen=True, slots=True)
class Still:
    """A picture as it was fetched."""

    content: bytes = field(repr=False)
    content_type: str
    thumbnail: Thumbnail
    fetched_at: float
    """By the event loop's clock."""


@dataclass(slots=True)
class _Slot:
    """What is known of one camera's picture."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    still: Still | None = None
    failed: str | None = field(default=None, repr=False)
    """URL of the picture that could not be had last."""
    failed_at: float = 0.0


class StillCache:
    """The pictures of the cameras of an entry that were looked at."""

    def __init__(self, hass: HomeAssistant, cameras: CameraCoordinator) -> None:
        """Take the coordinator that knows the thumbnails."""
        self._hass = hass
        self._cameras = cameras
        self._session = async_get_clientsession(hass)
        self._slots: dict[str, _Slot] = {}

    async def async_get(self, camera_id: str) -> Still | None:
        """Return the newest picture of a camera that could be had, None for none yet.

        A picture that could not be fetched is tried again after half a minute; until then
        the one before it stays.
        """
        slot = self._slots.setdefault(camera_id, _Slot())
        if slot.still is not None and slot.lock.locked():
            return slot.still
        async with slot.lock:
            thumbnail = self._thumbnail(camera_id)
            if thumbnail is None or thumbnail.url is None:
                return slot.still
            now = self._hass.loop.time()
            if slot.still is not None and _is_of(slot.still, thumbnail, now):
                return slot.still
            if slot.failed == thumbnail.url and now - slot.failed_at < _RETRY_AFTER:
                return slot.still
            picture = await self._async_fetch(camera_id, thumbnail.url)
            if picture is None:
                slot.failed, slot.failed_at = thumbnail.url, now
            else:
                slot.still = Still(
                    picture.content, picture.content_type, thumbnail, now
                )
            return slot.still

    def forget(self, camera_id: str) -> None:
        """Drop the picture of a camera that is gone."""
        self._slots.pop(camera_id, None)

    def _thumbnail(self, camera_id: str) -> Thumbnail | None:
        located = self._cameras.locate(camera_id)
        return located.camera.thumbnail if located else None

    async def _async_fetch(self, camera_id: str, url: str) -> Picture | None:
        """Fetch a picture; None for anything that is no picture."""
        try:
            return await async_fetch_picture(self._session, url, _TIMEOUT)
        except PictureError as err:
            _LOGGER.debug("No thumbnail: %s", err)
            if isinstance(err, PictureGoneError):
                self._cameras.async_renew_picture_url(camera_id)
            return None


def _is_of(still: Still, thumbnail: Thumbnail, now: float) -> bool:
    """Return whether a picture is that of a thumbnail, as far as one can tell."""
    dated = thumbnail.time is not None
    return still.thumbnail == thumbnail and (
        dated or now - still.fetched_at < _UNDATED_GOOD_FOR
    )
