"""Thumbnails for browsers and apps, at an address of Home Assistant's.

Nothing of the client's goes to the service's storage, and nothing but the picture comes back.
The picture of a moment never changes, so it's fetched once by each who looks at it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from aiohttp import hdrs, web

from homeassistant.auth.models import User
from homeassistant.components.http import KEY_HASS_USER
from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from .access import async_may_see
from .footage_view import FootageView, failures_as_statuses
from .thumbnails import Thumbnails, as_milliseconds

_URL: Final = f"/api/{DOMAIN}/thumbnail/{{entry_id}}/{{camera_id}}/{{moment}}.jpg"
_SIGNED_FOR = timedelta(hours=24)
_HEADERS = {
    hdrs.CACHE_CONTROL: "private, max-age=86400, immutable",
    "X-Content-Type-Options": "nosniff",
}
# Milliseconds up to the year 9999.
_MOST_DIGITS = 15


@callback
def async_register_view(hass: HomeAssistant) -> None:
    """Register the view; once, whatever the number of entries."""
    hass.http.register_view(ThumbnailView(hass))


@callback
def thumbnail_path(entry_id: str, camera_id: str, moment: datetime) -> str:
    """Return the path of a camera's thumbnail, for who is logged in.

    Args:
        entry_id: of the config entry.
        camera_id: UUID.
        moment: time of the thumbnail, an aware datetime to the millisecond.

    """
    return _URL.format(
        entry_id=quote(entry_id, safe=""),
        camera_id=quote(camera_id, safe=""),
        moment=as_milliseconds(moment),
    )


@callback
def async_thumbnail_url(
    hass: HomeAssistant, entry_id: str, camera_id: str, moment: datetime
) -> str:
    """Return a signed path at which a camera's thumbnail can be seen for a day.

    Arguments as for `thumbnail_path`.
    """
    path = thumbnail_path(entry_id, camera_id, moment)
    return async_sign_path(hass, path, _SIGNED_FOR, use_content_user=True)


class ThumbnailView(FootageView):
    """Serves thumbnails to who may see their camera."""

    url = _URL
    name = f"api:{DOMAIN}:thumbnail"

    async def get(
        self, request: web.Request, entry_id: str, camera_id: str, moment: str
    ) -> web.Response:
        """Return a picture.

        Statuses: 304 for one that the client has, 403 for a camera that the user may not see,
        404 for what is not there, 502 and 503 where the service or its storage fails or is busy.
        """
        return await self._answer(request, entry_id, camera_id, moment)

    async def head(
        self, request: web.Request, entry_id: str, camera_id: str, moment: str
    ) -> web.Response:
        """Return what `get` would say of a picture, without it."""
        return await self._answer(request, entry_id, camera_id, moment)

    async def _answer(
        self, request: web.Request, entry_id: str, camera_id: str, moment: str
    ) -> web.Response:
        user: User = request[KEY_HASS_USER]
        if not async_may_see(self._hass, user, camera_id):
            raise web.HTTPForbidden
        thumbnails: Thumbnails = self._runtime_data(entry_id).thumbnails
        time = _as_datetime(moment)
        tag = f"{camera_id}-{moment}"
        if any(each.value == tag for each in request.if_none_match or ()):
            response = web.Response(status=HTTPStatus.NOT_MODIFIED, headers=_HEADERS)
        else:
            with failures_as_statuses():
                picture = await thumbnails.async_picture(camera_id, time)
            response = web.Response(
                body=picture.content,
                content_type=picture.content_type,
                headers=_HEADERS,
            )
        response.etag = tag
        return response


def _as_datetime(moment: str) -> datetime:
    """Return the time that a path names.

    Raises:
        HTTPNotFound: it names none.

    """
    if moment.isdecimal() and moment.isascii() and len(moment) <= _MOST_DIGITS:
        try:
            epoch = dt_util.utc_from_timestamp(0)
            return epoch + timedelta(milliseconds=int(moment))
        except OverflowError:
            pass
    raise web.HTTPNotFound
