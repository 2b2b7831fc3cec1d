"""The thumbnails of an account's cameras: when there are some, and where each is right now.

A list of them brings their presigned URLs along, which are kept while they are good. So who
then looks at the pictures of the list asks the API for nothing more.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util import dt as dt_util

from ..api import AmnimoClient, AmnimoNotFoundError, Thumbnail
from ..const import DOMAIN
from .absence import or_nothing
from .located import Located
from .picture import Picture, PictureGoneError, async_fetch_picture

LARGEST_PAGE = 100
"""Thumbnails that the service tells of in one answer."""

_EXPIRATION_MINUTES = 60
_GOOD_SECONDS = (_EXPIRATION_MINUTES - 5) * 60.0
_REMEMBERED = 5000
# The service makes one a minute at the most, so this is what one answer holds.
_AROUND = timedelta(minutes=49)
_JUST_AFTER = timedelta(seconds=1)

type _Key = tuple[str, int]
"""Camera ID, and milliseconds since the epoch."""


def most_of(requests: int) -> int:
    """Return how many thumbnails a number of requests tells of, the least that they may.

    Each but the first may begin with the last one of the one before.
    """
    return requests * LARGEST_PAGE - (requests - 1)


def as_milliseconds(moment: datetime) -> int:
    """Return the time of a thumbnail in milliseconds since the epoch: the service's precision."""
    return (moment - dt_util.utc_from_timestamp(0)) // timedelta(milliseconds=1)


def as_time(milliseconds: int) -> datetime:
    """Return what `as_milliseconds` was made of."""
    return dt_util.utc_from_timestamp(0) + timedelta(milliseconds=milliseconds)


class Thumbnails:
    """The thumbnails of the cameras of an entry."""

    def __init__(
        self,
        hass: HomeAssistant,
        client: AmnimoClient,
        locate: Callable[[str], Located | None],
    ) -> None:
        """Take what returns a camera by its ID, None for one that is gone."""
        self._hass = hass
        self._client = client
        self._locate = locate
        self._urls: OrderedDict[_Key, tuple[str, float]] = OrderedDict()
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def async_search(
        self,
        camera_id: str,
        start: datetime | None = None,
        end: datetime | None = None,
        *,
        limit: int,
        listed: bool = False,
    ) -> tuple[datetime, ...]:
        """Return the times of any number of a camera's thumbnails, in the service's order.

        From a start alone on it's the oldest first, else the newest first (API document,
        section 3, サムネイル取得). Costs a request for every 100.

        Args:
            camera_id: UUID.
            start: aware datetime; the oldest one that is wanted.
            end: aware datetime.
            limit: how many, at least 1.
            listed: whether the camera is known to be there, so that a list that is not found
                is an empty one.

        Raises:
            AmnimoError: they can't be had; AmnimoNotFoundError for a camera that is gone.
            HomeAssistantError: the service does not say when they were taken.

        """
        ascending = start is not None and end is None
        times: list[datetime] = []
        while len(times) < limit:
            # Whether the last one is told again is not documented.
            size = min(limit - len(times) + bool(times), LARGEST_PAGE)
            page = self._async_page(camera_id, start, end, size)
            found = await or_nothing(page, listed=listed or bool(times))
            dated = {each.time for each in found if each.time is not None}
            if found and not dated:
                raise HomeAssistantError(
                    translation_domain=DOMAIN, translation_key="thumbnails_undated"
                )
            new = sorted(dated.difference(times), reverse=not ascending)
            times += new
            if not new or len(found) < size:
                break
            start, end = (new[-1], end) if ascending else (start, new[-1])
        return tuple(times[:limit])

    async def async_url(
        self, camera_id: str, moment: datetime, *, fresh: bool = False
    ) -> str | None:
        """Return a presigned URL of the thumbnail of a moment, None if there is no such.

        Costs up to two requests, and none for a thumbnail that was listed lately.

        Args:
            camera_id: UUID.
            moment: time of the thumbnail, to the millisecond.
            fresh: whether the URL that is known turned out to be bad.

        Raises:
            AmnimoError: it can't be had; AmnimoNotFoundError for a camera that is gone.

        """
        key = (camera_id, as_milliseconds(moment))
        if fresh:
            self._urls.pop(key, None)
        elif (url := self._known(key) or self._newest(key)) is not None:
            return url
        # Who wants the pictures of a list wants them all at once.
        async with self._turns[camera_id]:
            if (url := self._known(key)) is not None:
                return url
            await self._async_page(camera_id, moment - _AROUND, moment + _AROUND)
            if (url := self._known(key)) is not None:
                return url
            await self._async_page(camera_id, None, moment + _JUST_AFTER)
            return self._known(key)

    async def async_picture(self, camera_id: str, moment: datetime) -> Picture:
        """Return the thumbnail of a moment; a URL that is good no more is renewed once.

        Args:
            camera_id: UUID.
            moment: time of the thumbnail, to the millisecond.

        Raises:
            PictureGoneError: there is no such thumbnail.
            PictureError: the storage fails.
            AmnimoError: its URL can't be had.

        """
        session = async_get_clientsession(self._hass)
        for fresh in (False, True):
            url = await self.async_url(camera_id, moment, fresh=fresh)
            if url is None:
                break
            try:
                return await async_fetch_picture(session, url)
            except PictureGoneError:
                continue
        raise PictureGoneError("no thumbnail of this moment")

    @callback
    def known_times(self, camera_id: str) -> set[datetime]:
        """Return the times of the thumbnails of a camera that can be shown for no request."""
        now = self._hass.loop.time()
        return {
            as_time(milliseconds)
            for (of, milliseconds), (_, until) in self._urls.items()
            if of == camera_id and now < until
        }

    async def _async_page(
        self,
        camera_id: str,
        start: datetime | None,
        end: datetime | None,
        size: int = LARGEST_PAGE,
    ) -> tuple[Thumbnail, ...]:
        """Return what one request tells of, and remember the URLs."""
        found = await self._client.thumbnails(
            self._subscription_of(camera_id),
            camera_id,
            start=start,
            end=end,
            limit=size,
            expiration=_EXPIRATION_MINUTES,
        )
        self._remember(camera_id, found.thumbnails)
        return found.thumbnails

    def _subscription_of(self, camera_id: str) -> str:
        if (located := self._locate(camera_id)) is None:
            raise AmnimoNotFoundError("The camera is not in the account any more")
        return located.subscription_id

    def _newest(self, key: _Key) -> str | None:
        """Return the URL of a camera's newest thumbnail, if that is it: each poll brings one."""
        located = self._locate(key[0])
        newest = located.camera.thumbnail if located else None
        if (
            newest is None
            or newest.time is None
            or as_milliseconds(newest.time) != key[1]
        ):
            return None
        return newest.url

    def _known(self, key: _Key) -> str | None:
        url, until = self._urls.get(key, (None, 0.0))
        return url if self._hass.loop.time() < until else None

    def _remember(self, camera_id: str, thumbnails: Iterable[Thumbnail]) -> None:
        until = self._hass.loop.time() + _GOOD_SECONDS
        for each in thumbnails:
            if each.time is None or each.url is None:
                continue
            key = (camera_id, as_milliseconds(each.time))
            self._urls[key] = (each.url, until)
            self._urls.move_to_end(key)
        while len(self._urls) > _REMEMBERED:
            self._urls.popitem(last=False)
