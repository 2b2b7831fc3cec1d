"""What the service lists of a camera, asked for once in a while.

Who goes back and forth in the media browser asks for the same again and again.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..api import AmnimoError, Media, MediaCategory
from ..media.absence import or_nothing
from ..media.job import TimeRange
from ..media.library import LARGEST_SEARCH, as_listed, of_camera
from ..media.recordings import async_recorded
from ..media.thumbnails import LARGEST_PAGE, most_of
from .accounts import Account, SeenCamera

MEDIA_PAGE = 200
"""Media of a page."""
THUMBNAIL_PAGE = most_of(requests=3)
"""Thumbnails of a page."""

_FRESH_SECONDS = 30.0
_KEPT = 50
_PICTURE_REQUESTS = 2
# Of a moment that has no thumbnail there hardly comes to be one.
_IN_VAIN_SECONDS = 1800.0
_SEARCHES_REMEMBERED = 5000
# A thumbnail so far from a moment still shows what was there.
_NEAR = timedelta(seconds=90)


@dataclass(frozen=True, slots=True)
class MediaPage:
    """A page of a camera's media of one category."""

    media: tuple[Media, ...]
    is_full: bool
    """Whether there may be more on the next one."""


class Listings:
    """Answers of the service, kept for half a minute."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Begin with none."""
        self._hass = hass
        self._kept: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()
        self._searched: OrderedDict[Hashable, float] = OrderedDict()

    async def media(
        self, camera: SeenCamera, category: MediaCategory, page: int
    ) -> MediaPage:
        """Return a page of a camera's media, newest first; costs one request.

        `POST …/cameras/{cameraId}/medias` (API document, section 5).
        """

        async def fetch() -> MediaPage:
            rows = await _rows(camera, [category], MEDIA_PAGE, page)
            media = of_camera(rows, camera.id, [category])
            return MediaPage(media, is_full=len(rows) >= MEDIA_PAGE)

        key = (*_key(camera), _changes(camera.account), category, page)
        return await self._get(key, fetch)

    async def newest_media(
        self, camera: SeenCamera, categories: Sequence[MediaCategory]
    ) -> tuple[Media, ...]:
        """Return the newest 1000 media of a camera; costs one request.

        Where the service does not say of which category each is, it costs one for each
        category besides.
        """

        async def fetch() -> tuple[Media, ...]:
            rows = await _rows(camera, categories, LARGEST_SEARCH)
            return of_camera(rows, camera.id, categories)

        key = (*_key(camera), _changes(camera.account), "newest", tuple(categories))
        found = await self._get(key, fetch)
        if all(each.category is not None for each in found):
            return found
        told: list[Media] = []
        for category in categories:
            told += await self.newest_media(camera, [category])
        return tuple(told)

    async def newest_of_tenant(
        self, account: Account, subscription_id: str
    ) -> tuple[Media, ...]:
        """Return the newest 1000 media of a tenant; costs one request.

        `POST /partitions/{subscriptionId}/medias` (API document, section 5).
        """

        async def fetch() -> tuple[Media, ...]:
            client = account.entry.runtime_data.cameras.client
            rows = await or_nothing(
                client.search_media(subscription_id, size=LARGEST_SEARCH),
                listed=account.is_listed(subscription_id),
            )
            return tuple(map(as_listed, rows))

        key = (account.entry.entry_id, _changes(account), subscription_id)
        return await self._get(key, fetch)

    async def recordings(
        self, camera: SeenCamera, start: datetime, end: datetime
    ) -> tuple[TimeRange, ...]:
        """Return what is recorded of a range, merged; costs a request for every 14 days."""
        now = dt_util.utcnow()
        if start >= now:
            return ()

        async def fetch() -> tuple[TimeRange, ...]:
            return await async_recorded(
                camera.runtime.cameras.client,
                camera.located.subscription_id,
                camera.id,
                start,
                min(end, now),
                listed=camera.is_listed,
            )

        return await self._get((*_key(camera), "recordings", start, end), fetch)

    async def thumbnails(
        self,
        camera: SeenCamera,
        start: datetime | None,
        end: datetime | None,
        limit: int,
    ) -> tuple[datetime, ...]:
        """Return the times of thumbnails; costs a request for every 100.

        From a start alone on it's the oldest first, else the newest first.
        """

        async def fetch() -> tuple[datetime, ...]:
            return await camera.runtime.thumbnails.async_search(
                camera.id, start, end, limit=limit, listed=camera.is_listed
            )

        key = (*_key(camera), "thumbnails", start, end, limit)
        return await self._get(key, fetch)

    async def pictures(
        self, camera: SeenCamera, moments: Sequence[datetime]
    ) -> dict[datetime, datetime]:
        """Return which thumbnail shows what was there at each of some moments.

        Costs up to two requests, which reach back 100 thumbnails each, and none for what is
        known from before: who opens a list again finds more of it with pictures. Where two
        requests brought none, no more are made for as long as a list is kept. A list is
        worth having without pictures, so no error is raised.
        """
        fruitless = (*_key(camera), "no picture", *moments)
        if self._is_kept(fruitless):
            return self._shown(camera, moments)
        before = len(self._shown(camera, moments))
        await self._look_for_pictures(camera, moments)
        shown = self._shown(camera, moments)
        if len(shown) == before:
            self._keep(fruitless, None)
        return shown

    @staticmethod
    def _shown(
        camera: SeenCamera, moments: Sequence[datetime]
    ) -> dict[datetime, datetime]:
        """Return which known thumbnail shows what was there at each of some moments."""
        times = sorted(camera.runtime.thumbnails.known_times(camera.id))
        return {
            moment: nearest
            for moment in moments
            if (nearest := _nearest(times, moment)) is not None
        }

    async def _look_for_pictures(
        self, camera: SeenCamera, moments: Sequence[datetime]
    ) -> None:
        """Have more of some moments' thumbnails known, for two requests at the most."""
        shown = self._shown(camera, moments)
        left = [
            each
            for each in sorted(set(moments), reverse=True)
            if each not in shown and not self._is_in_vain(camera, each)
        ]
        for _ in range(_PICTURE_REQUESTS):
            if not left:
                break
            try:
                some = await self.thumbnails(
                    camera, None, left[0] + _NEAR, LARGEST_PAGE
                )
            except AmnimoError, HomeAssistantError:
                break
            until = min(some, default=left[-1])
            self._note_searched(camera, [each for each in left if each >= until])
            left = [each for each in left if each < until]

    def _is_in_vain(self, camera: SeenCamera, moment: datetime) -> bool:
        """Return whether a thumbnail of a moment was looked for lately."""
        return self._hass.loop.time() < self._searched.get((*_key(camera), moment), 0.0)

    def _note_searched(self, camera: SeenCamera, moments: Sequence[datetime]) -> None:
        until = self._hass.loop.time() + _IN_VAIN_SECONDS
        for moment in moments:
            self._searched[(*_key(camera), moment)] = until
            self._searched.move_to_end((*_key(camera), moment))
        while len(self._searched) > _SEARCHES_REMEMBERED:
            self._searched.popitem(last=False)

    async def _get[T](self, key: Hashable, fetch: Callable[[], Awaitable[T]]) -> T:
        if self._is_kept(key):
            kept: T = self._kept[key][1]
            return kept
        answer = await fetch()
        self._keep(key, answer)
        return answer

    def _is_kept(self, key: Hashable) -> bool:
        return self._hass.loop.time() < self._kept.get(key, (0.0, None))[0]

    def _keep(self, key: Hashable, answer: object) -> None:
        self._kept[key] = (self._hass.loop.time() + _FRESH_SECONDS, answer)
        self._kept.move_to_end(key)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)


async def _rows(
    camera: SeenCamera, categories: Sequence[MediaCategory], size: int, page: int = 0
) -> tuple[Media, ...]:
    """Return a page of a camera's media as the service lists them."""
    rows = camera.runtime.cameras.client.search_camera_media(
        camera.located.subscription_id,
        camera.id,
        categories=categories,
        page=page,
        size=size,
    )
    return await or_nothing(rows, listed=camera.is_listed)


def _key(camera: SeenCamera) -> tuple[str, str]:
    return (camera.account.entry.entry_id, camera.id)


def _changes(account: Account) -> int:
    """Return what a list of media is known under only as long as nobody here changed it."""
    return account.entry.runtime_data.media.library.changes


def _nearest(times: Sequence[datetime], moment: datetime) -> datetime | None:
    """Return which of some times in order is near enough to a moment, and the nearest."""
    place = bisect_left(times, moment)
    near = [
        each
        for each in times[max(0, place - 1) : place + 1]
        if abs(each - moment) <= _NEAR
    ]
    return min(near, key=lambda each: abs(each - moment), default=None)
