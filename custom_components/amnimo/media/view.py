"""Media files for browsers and apps, at an address of Home Assistant's.

The service's presigned URLs stay between the service and here: they are minted for each
request, nothing of the client's but the wanted range goes there, and nothing but the file comes
back. A medium never changes once it is made, so what a client has of it stays good: who may
still see it is asked for at each request, the file itself is not sent again.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from http import HTTPStatus
import logging
import re
from typing import Final
from urllib.parse import quote

import aiohttp
from aiohttp import hdrs, web

from homeassistant.auth.models import User
from homeassistant.components.http import KEY_HASS_USER
from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..api import Media, MediaCategory, MediaState
from ..const import DOMAIN
from .access import async_may_ask, async_may_see
from .container import expected_container, told_container
from .footage_view import FootageView, busy, failures_as_statuses
from .job import MediaResult
from .jobs import MediaJobs
from .naming import file_stem
from .storage import BUSY, URL_REFUSED

_LOGGER = logging.getLogger(__name__)

_URL: Final = f"/api/{DOMAIN}/media/{{entry_id}}/{{media_id}}/{{filename}}"
_SIGNED_FOR = timedelta(hours=24)
_TIMEOUT = aiohttp.ClientTimeout(total=None, connect=15, sock_read=60)
_READ_BUFFER = 1024 * 1024
_ANY = "*"
_FIRST_BYTE = "bytes=0-0"
_RETURNED = (hdrs.CONTENT_LENGTH, hdrs.CONTENT_RANGE)
# What comes so has been decoded by the time it is here.
_DECODED = frozenset({"gzip", "deflate", "br", "zstd"})
_CONTENT_RANGE = re.compile(r"bytes (?:\d+-\d+|\*)/(\d+)")
_GOOD = frozenset(
    {
        HTTPStatus.OK,
        HTTPStatus.PARTIAL_CONTENT,
        HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
    }
)


@callback
def async_register_view(hass: HomeAssistant) -> None:
    """Register the view; once, whatever the number of entries."""
    hass.http.register_view(MediaView(hass))


def media_path(entry_id: str, media_id: str, filename: str) -> str:
    """Return the path of a media file, for who is logged in.

    Args:
        entry_id: of the config entry.
        media_id: identifier of the media.
        filename: what a browser saves it as.

    """
    return _URL.format(
        entry_id=quote(entry_id, safe=""),
        media_id=quote(media_id, safe=""),
        filename=quote(filename, safe=""),
    )


@callback
def async_media_url(
    hass: HomeAssistant, entry_id: str, camera_name: str, result: MediaResult
) -> str | None:
    """Return a path at which the file of an outcome can be opened for a day.

    It is signed, for it is opened from notifications and links where nobody is logged in; and
    quoted, for not all that open it do that by themselves.
    """
    if result.media_id is None or result.failed:
        return None
    stem = file_stem(result.start, camera_name, result.category)
    filename = stem + expected_container(result.category).suffix
    path = media_path(entry_id, result.media_id, filename)
    signed = async_sign_path(hass, path, _SIGNED_FOR, use_content_user=True)
    # What is signed is the path unquoted, and that is how it comes back.
    return f"{path}?{signed.rpartition('?')[2]}"


class MediaView(FootageView):
    """Serves clips and snapshots to who may see their camera."""

    url = _URL
    name = f"api:{DOMAIN}:media"

    async def get(
        self, request: web.Request, entry_id: str, media_id: str, filename: str
    ) -> web.StreamResponse:
        """Return a file, or the range of it that is asked for.

        Statuses: 304 for what the client has, 403 for a camera that the user may not see, 404
        for what is not there (yet), 502, 503 and 504 where the service or its storage fails,
        is busy, or is too slow.
        """
        return await self._answer(request, entry_id, media_id)

    async def head(
        self, request: web.Request, entry_id: str, media_id: str, filename: str
    ) -> web.StreamResponse:
        """Return what `get` would say of the whole file, without it."""
        return await self._answer(request, entry_id, media_id)

    async def _answer(
        self, request: web.Request, entry_id: str, media_id: str
    ) -> web.StreamResponse:
        media = await self._media(request[KEY_HASS_USER], entry_id, media_id)
        if media.state is not MediaState.COMPLETED or media.url is None:
            raise web.HTTPNotFound
        if _has_it(request, media):
            response = web.Response(status=HTTPStatus.NOT_MODIFIED)
            _describe(response, media)
            return response
        headers = _upstream_headers(request, media)
        try:
            async with self._open(media.url, headers) as upstream:
                if not _is_decoded_part(upstream) or request.method == hdrs.METH_HEAD:
                    return await _relay(request, upstream, media)
            # A part of what was encoded as a whole can't be decoded.
            headers.pop(hdrs.RANGE, None)
            async with self._open(media.url, headers) as upstream:
                return await _relay(request, upstream, media)
        except TimeoutError:
            raise web.HTTPGatewayTimeout from None
        except aiohttp.ClientError as err:
            # The message of an error may hold the URL.
            _LOGGER.debug("The media storage fails: %s", type(err).__name__)
            raise web.HTTPBadGateway from None

    def _open(
        self, url: str, headers: dict[str, str]
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        return async_get_clientsession(self._hass).get(
            url, headers=headers, timeout=_TIMEOUT, read_bufsize=_READ_BUFFER
        )

    async def _media(self, user: User, entry_id: str, media_id: str) -> Media:
        """Return a medium that a user may see.

        Who may not see it is not told whether it is there: what there is not is forbidden
        too. Nothing is asked for who may see no camera that it could be of.

        Raises:
            HTTPException: there is none, or not for this user.

        """
        jobs: MediaJobs = self._runtime_data(entry_id).media
        camera_id = jobs.library.camera_of(media_id)
        if not async_may_ask(self._hass, user, entry_id, camera_id):
            raise web.HTTPForbidden
        try:
            with failures_as_statuses():
                media = await jobs.library.async_get(media_id)
        except web.HTTPNotFound:
            if async_may_see(self._hass, user, camera_id):
                raise
            raise web.HTTPForbidden from None
        if not async_may_see(self._hass, user, media.camera_id):
            raise web.HTTPForbidden
        return media


async def _relay(
    request: web.Request, upstream: aiohttp.ClientResponse, media: Media
) -> web.StreamResponse:
    """Pass a file on as it comes, or what is said of it."""
    if upstream.status in URL_REFUSED:
        raise web.HTTPNotFound
    if upstream.status in BUSY:
        raise busy()
    if upstream.status not in _GOOD:
        raise web.HTTPBadGateway
    if request.method == hdrs.METH_HEAD:
        response = web.StreamResponse()
        _describe(response, media, upstream)
        response.content_length = _whole_size(upstream)
        await response.prepare(request)
        return response
    response = web.StreamResponse(
        status=upstream.status,
        headers={
            name: upstream.headers[name]
            for name in _RETURNED
            if name in upstream.headers and not _is_decoded(upstream)
        },
    )
    _describe(response, media, upstream)
    await response.prepare(request)
    try:
        async for chunk in upstream.content.iter_any():
            await response.write(chunk)
        await response.write_eof()
    except aiohttp.ClientError, TimeoutError:
        # It is too late for a status: a connection that breaks off tells the client.
        if request.transport is not None:
            request.transport.abort()
    return response


def _is_decoded(upstream: aiohttp.ClientResponse) -> bool:
    """Return whether a storage encoded a file, though it was asked not to.

    What it says of sizes and ranges is not so of what arrives then.
    """
    encoding = upstream.headers.get(hdrs.CONTENT_ENCODING, "")
    return encoding.strip().lower() in _DECODED


def _is_decoded_part(upstream: aiohttp.ClientResponse) -> bool:
    """Return whether what arrives is a part of an encoded file."""
    return upstream.status == HTTPStatus.PARTIAL_CONTENT and _is_decoded(upstream)


def _upstream_headers(request: web.Request, media: Media) -> dict[str, str]:
    """Return the headers for the storage: no more than which range is wanted.

    A URL may be signed for one method alone, so that what is said of a file comes with its
    first byte.
    """
    headers: dict[str, str] = {hdrs.ACCEPT_ENCODING: "identity"}
    if request.method == hdrs.METH_HEAD:
        headers[hdrs.RANGE] = _FIRST_BYTE
    elif hdrs.RANGE in request.headers and _may_continue(request, media):
        headers[hdrs.RANGE] = request.headers[hdrs.RANGE]
    return headers


def _etag(media: Media) -> str:
    return f"{quote(media.id, safe='')}-{media.size or 0}"


def _last_modified(media: Media) -> datetime | None:
    """Return when a medium came to be, to the second, as far as the service tells."""
    return media.requested.replace(microsecond=0) if media.requested else None


def _has_it(request: web.Request, media: Media) -> bool:
    """Return whether the client has the file already, by what it says (RFC 9110, 13.2.2)."""
    if (tags := request.if_none_match) is not None:
        return any(tag.value in (_ANY, _etag(media)) for tag in tags)
    since, modified = request.if_modified_since, _last_modified(media)
    return since is not None and modified is not None and modified <= since


def _may_continue(request: web.Request, media: Media) -> bool:
    """Return whether a range belongs to what the client has of the file."""
    condition = request.headers.get(hdrs.IF_RANGE)
    if condition is None or condition == f'"{_etag(media)}"':
        return True
    return request.if_range is not None and request.if_range == _last_modified(media)


def _whole_size(upstream: aiohttp.ClientResponse) -> int | None:
    """Return the size of the whole file in bytes, where the storage tells."""
    if _is_decoded(upstream):
        return None
    match = _CONTENT_RANGE.fullmatch(upstream.headers.get(hdrs.CONTENT_RANGE, ""))
    if match is not None:
        return int(match[1])
    return upstream.content_length if upstream.status == HTTPStatus.OK else None


def _describe(
    response: web.StreamResponse,
    media: Media,
    upstream: aiohttp.ClientResponse | None = None,
) -> None:
    """Say what the file is: of its type the storage is believed only what can be true."""
    category = media.category or MediaCategory.CLIP
    told_type = upstream.content_type if upstream is not None else None
    in_ranges = upstream is None or not _is_decoded(upstream)
    response.content_type = told_container(category, told_type).content_type
    response.etag = _etag(media)
    response.last_modified = _last_modified(media)
    response.headers[hdrs.ACCEPT_RANGES] = "bytes" if in_ranges else "none"
    response.headers[hdrs.CACHE_CONTROL] = "private, max-age=3600"
    response.headers["X-Content-Type-Options"] = "nosniff"
