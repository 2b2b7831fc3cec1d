"""Media files for browsers and apps, at an address of Home Assistant's.

The service's presigned URLs stay between the service and here: they are minted for each
request, nothing of the client's but the wanted range goes there, and nothing but the file comes
back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
import logging
from typing import Final
from urllib.parse import quote

import aiohttp
from aiohttp import hdrs, web

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components.http import KEY_HASS_USER, HomeAssistantView
from homeassistant.components.http.auth import async_sign_path
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..api import (
    AmnimoError,
    AmnimoNotFoundError,
    AmnimoPermissionError,
    AmnimoRateLimitedError,
    Media,
    MediaCategory,
    MediaState,
)
from ..const import DOMAIN
from .container import expected_container
from .job import MediaResult
from .jobs import MediaJobs
from .naming import file_stem

_LOGGER = logging.getLogger(__name__)

_URL: Final = f"/api/{DOMAIN}/media/{{entry_id}}/{{media_id}}/{{filename}}"
_SIGNED_FOR = timedelta(hours=24)
_TIMEOUT = aiohttp.ClientTimeout(total=None, connect=15, sock_read=60)
_CHUNK = 256 * 1024
_FORWARDED = (hdrs.RANGE, hdrs.IF_RANGE)
_RETURNED = (
    hdrs.ACCEPT_RANGES,
    hdrs.CONTENT_LENGTH,
    hdrs.CONTENT_RANGE,
    hdrs.ETAG,
    hdrs.LAST_MODIFIED,
)
_GOOD = frozenset(
    {
        HTTPStatus.OK,
        HTTPStatus.PARTIAL_CONTENT,
        HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
    }
)
_GONE = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


@callback
def async_register_view(hass: HomeAssistant) -> None:
    """Register the view; once, whatever the number of entries."""
    hass.http.register_view(MediaView(hass))


@callback
def async_media_url(
    hass: HomeAssistant, entry_id: str, camera_name: str, result: MediaResult
) -> str | None:
    """Return a path at which the file of an outcome can be opened for a day.

    It is signed, for it is opened from notifications and links where nobody is logged in.
    """
    if result.media_id is None or result.failed:
        return None
    stem = file_stem(result.start, camera_name, result.category)
    path = _URL.format(
        entry_id=quote(entry_id, safe=""),
        media_id=quote(result.media_id, safe=""),
        filename=quote(stem + expected_container(result.category).suffix, safe=""),
    )
    return async_sign_path(hass, path, _SIGNED_FOR, use_content_user=True)


class MediaView(HomeAssistantView):
    """Serves clips and snapshots to who may see their camera."""

    url = _URL
    name = f"api:{DOMAIN}:media"

    def __init__(self, hass: HomeAssistant) -> None:
        """Serve the media of all entries."""
        self._hass = hass

    async def get(
        self, request: web.Request, entry_id: str, media_id: str, filename: str
    ) -> web.StreamResponse:
        """Return a file, or the range of it that is asked for.

        Statuses: 403 for a camera that the user may not see, 404 for what is not there (yet),
        502 and 503 where the service or its storage fails.
        """
        media = await self._media(entry_id, media_id)
        self._check_permission(request[KEY_HASS_USER], media)
        if media.state is not MediaState.COMPLETED or media.url is None:
            raise web.HTTPNotFound
        headers = {
            name: request.headers[name]
            for name in _FORWARDED
            if name in request.headers
        }
        session = async_get_clientsession(self._hass)
        try:
            async with session.get(
                media.url,
                headers={**headers, hdrs.ACCEPT_ENCODING: "identity"},
                timeout=_TIMEOUT,
            ) as upstream:
                return await _relay(request, upstream, media)
        except (aiohttp.ClientError, TimeoutError) as err:
            # The message of an error may hold the URL.
            _LOGGER.debug("The media storage fails: %s", type(err).__name__)
            raise web.HTTPBadGateway from None

    async def _media(self, entry_id: str, media_id: str) -> Media:
        entry = self._hass.config_entries.async_get_entry(entry_id)
        if (
            entry is None
            or entry.domain != DOMAIN
            or entry.state is not ConfigEntryState.LOADED
        ):
            raise web.HTTPNotFound
        jobs: MediaJobs = entry.runtime_data.media
        try:
            return await jobs.finder.async_get(media_id)
        except AmnimoNotFoundError, AmnimoPermissionError:
            raise web.HTTPNotFound from None
        except AmnimoRateLimitedError:
            raise web.HTTPServiceUnavailable from None
        except AmnimoError:
            raise web.HTTPBadGateway from None

    def _check_permission(self, user: User, media: Media) -> None:
        """Let only those pass who may see the medium's camera."""
        if user.is_admin:
            return
        entity_id = media.camera_id and er.async_get(self._hass).async_get_entity_id(
            Platform.CAMERA, DOMAIN, media.camera_id
        )
        if not entity_id or not user.permissions.check_entity(entity_id, POLICY_READ):
            raise web.HTTPForbidden


async def _relay(
    request: web.Request, upstream: aiohttp.ClientResponse, media: Media
) -> web.StreamResponse:
    """Pass a file on as it comes."""
    if upstream.status in _GONE:
        raise web.HTTPNotFound
    if upstream.status not in _GOOD:
        raise web.HTTPBadGateway
    response = web.StreamResponse(
        status=upstream.status, headers=_headers(upstream.headers, media)
    )
    await response.prepare(request)
    try:
        async for chunk in upstream.content.iter_chunked(_CHUNK):
            await response.write(chunk)
        await response.write_eof()
    except aiohttp.ClientError, TimeoutError:
        # It is too late for a status: a connection that breaks off tells the client.
        if request.transport is not None:
            request.transport.abort()
    return response


def _headers(upstream: Mapping[str, str], media: Media) -> dict[str, str]:
    """Return the headers of the answer: what the storage says of its type is not trusted."""
    headers = {str(name): upstream[name] for name in _RETURNED if name in upstream}
    category = media.category or MediaCategory.CLIP
    return {
        **headers,
        hdrs.CONTENT_TYPE: expected_container(category).content_type,
        hdrs.CACHE_CONTROL: "private, max-age=3600",
        "X-Content-Type-Options": "nosniff",
    }
