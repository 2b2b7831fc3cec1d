"""The amnimo API 1.7, one method an endpoint.

Knows how a request is sent: with which token, when the throttle lets it go, what is tried
again and which error a refusal means. What payloads hold is read by `wire`. Files and playlists
behind the URLs that the service hands out are not API requests, and not this module's business:
the access token never goes there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from itertools import batched
import json
import logging
import random
from typing import Any
from urllib.parse import quote

import aiohttp

from . import wire
from .auth import AccessToken, MemoryTokenStore, TokenKeeper, TokenStore
from .errors import (
    AmnimoAuthError,
    AmnimoConnectionError,
    AmnimoError,
    AmnimoNotFoundError,
    AmnimoPermissionError,
    AmnimoRateLimitedError,
    AmnimoResponseError,
)
from .misreadings import Misreadings
from .models import (
    Camera,
    CameraPage,
    Device,
    DevicePage,
    ExternalDevice,
    Media,
    MediaCategory,
    Port,
    PortAction,
    Recording,
    Stream,
    Tenant,
    ThumbnailList,
    TokenGrant,
)
from .paging import Counted, Listing, Totals
from .payloads import Payloads
from .throttle import LONGEST_OBEYED, Lane, Throttle
from .wire import CameraMemo, RecalledPage, Unread

_LOGGER = logging.getLogger(__name__)

API_URL = "https://api.amnimo.com/ex"

CAMERA_PAGE_SIZE = 500
CAMERAS_BY_ID = 10
DEVICE_PAGE_SIZE = 100
# To read a whole page at once would hold up the event loop.
_CAMERAS_A_TURN = 100
_FEW_CAMERAS = 20

_TRIES = 3
_RETRY_PAUSE = (0.5, 1.0)
# Seconds after which a caller would rather have an error.
_LONGEST_WAIT = 30.0
_REFUSALS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_NOT_FOUND = HTTPStatus.NOT_FOUND
_TIMEOUT = aiohttp.ClientTimeout(total=30, connect=10)
# The service itself tries up to `retry` times to get an edge device to send.
_START_TIMEOUT = aiohttp.ClientTimeout(total=75, connect=10)

type Query = Mapping[str, str | int] | Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Call:
    """A request as an endpoint's method describes it."""

    endpoint: str
    """Its name in counters and diagnostics."""
    method: str
    path: str
    lane: Lane
    query: Query | None = None
    body: Mapping[str, Any] | None = None
    repeatable: bool = True
    """Whether doing it twice does no more than doing it once."""
    timeout: aiohttp.ClientTimeout | None = None
    tries: int = _TRIES
    """Where the service fails or can't be reached; a 429 says nothing of what is asked for."""
    memo: CameraMemo | None = None
    """Of what may be answered as it was before."""
    secret: bool = False
    """Whether nobody may look at the answer later on."""
    lasting: bool = False
    """Whether what is asked for is the same minutes later."""
    made_at: float = field(default_factory=lambda: asyncio.get_running_loop().time())
    """On the event loop's clock."""

    @property
    def deadline(self) -> float | None:
        """When its caller would rather have an error than wait until a pause is over.

        What a person wanted minutes ago they may have done otherwise, or not want any more.
        """
        hurried = self.lane is Lane.USER and not self.lasting
        return self.made_at + _LONGEST_WAIT if hurried else None


@dataclass(frozen=True, slots=True)
class Failure:
    """A request without a good answer."""

    answer: str
    """The HTTP status, or "error" for none."""
    at: datetime
    """Aware, in UTC."""


class AmnimoClient:
    """Calls of one client ID.

    All methods raise AmnimoError: AmnimoAuthError for refused credentials,
    AmnimoPermissionError and AmnimoNotFoundError for a resource, AmnimoRateLimitedError and
    AmnimoQuotaExhaustedError for the limits, AmnimoConnectionError and AmnimoResponseError for
    a service that can't be reached or understood. A lane tells who waits for the answer. What a
    person waits for is not sent after a pause of the service that is over more than 30 s later;
    it fails with AmnimoRateLimitedError at once, as does whatever is itself refused with a
    Retry-After of more than 30 s. But media are made of a time that is given: they are asked for
    when the pause is over, and fail with it only when they are refused for the third time.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        client_id: str,
        client_secret: str,
        *,
        api_url: str = API_URL,
        throttle: Throttle | None = None,
        store: TokenStore | None = None,
        json_loads: Callable[[bytes], Any] = json.loads,
    ) -> None:
        """Take what identifies the client.

        Args:
            session: sends the requests; is not closed here.
            client_id: as issued by amnimo.
            client_secret: as issued by amnimo ("secretKey").
            api_url: base of all paths, without a slash at its end.
            throttle: shared by all who use the client ID.
            store: keeps the token between runs.
            json_loads: a reader of JSON that is faster than the one of Python; what it
                refuses with a ValueError is left to that one.

        """
        self._session = session
        self._client_id = client_id
        self._client_secret = client_secret
        self._api_url = api_url.rstrip("/")
        self._json_loads = json_loads
        self.party: Hashable = None
        """For whom requests wait, where several share the client ID."""
        self.throttle = throttle or Throttle()
        self.tokens = TokenKeeper(self.issue_token, store or MemoryTokenStore())
        self._forbidden: set[str] = set()
        self._totals: dict[str, Totals] = {}
        self.requests: dict[str, dict[str, int]] = {}
        """Answers so far, by endpoint and HTTP status ("error" for none)."""
        self.last_payloads = Payloads(self._read_json)
        self.failures: dict[str, Failure] = {}
        """The last request that had no good answer, by endpoint."""
        self.misreadings = Misreadings()
        """Answers that held nothing of what was asked for."""

    def on_behalf_of(self, party: Hashable) -> AmnimoClient:
        """Return this client for one of several who share the client ID.

        Token, throttle and counters are the same; where requests have to wait, parties take
        turns.
        """
        client = copy(self)
        client.party = party
        return client

    async def close(self) -> None:
        """End what is under way for nobody in particular, of all parties."""
        await self.tokens.close()

    # --- 1. 認証 ---------------------------------------------------------------------------

    async def issue_token(self, lane: Lane = Lane.USER) -> TokenGrant:
        """Ask for an access token: `POST /oauth2/token` (API document, section 1).

        Costs one of 1,000 calls a month, so it is for the token keeper and for checking
        credentials; everything else shares the keeper's token.
        """
        call = _Call(
            "token", "POST", "/oauth2/token", lane, repeatable=False, secret=True
        )
        status, payload = await self._send(
            call,
            headers={
                "Authorization": aiohttp.encode_basic_auth(
                    self._client_id, self._client_secret
                )
            },
            data={"grant_type": "client_credentials"},
        )
        if status in (
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.UNAUTHORIZED,
            HTTPStatus.FORBIDDEN,
        ):
            raise AmnimoAuthError("The client ID or the secret was refused")
        self._raise_for_status(call, status)
        grant = wire.token(payload)
        if grant is None:
            raise _not_understood(call, status)
        return grant

    # --- 2. テナント -----------------------------------------------------------------------

    async def hierarchy(self, account_id: str, *, lane: Lane = Lane.POLL) -> Tenant:
        """Return the tenant of an account with all below it.

        `GET /accounts/{accountId}/hierarchy` (API document, section 2).

        Args:
            account_id: UUID.
            lane: who waits.

        """
        call = _Call(
            "hierarchy", "GET", f"/accounts/{_part(account_id)}/hierarchy", lane
        )
        return self._understood(call, wire.tenant(await self._request(call)))

    # --- 3. カメラ -------------------------------------------------------------------------

    async def camera_page(
        self,
        subscription_id: str,
        *,
        page: int = 0,
        size: int = CAMERA_PAGE_SIZE,
        with_urls: bool = True,
        expiration: int = 60,
        memo: CameraMemo | None = None,
        lane: Lane = Lane.POLL,
    ) -> CameraPage:
        """Return one page of a tenant's cameras.

        `GET /partitions/{subscriptionId}/cameras` (API document, section 3, カメラ一覧取得).

        Args:
            subscription_id: UUID of the tenant's subscription.
            page: from 0.
            size: cameras a page, 1 to 500.
            with_urls: whether thumbnails come with a presigned URL.
            expiration: minutes that the URLs are good for, 1 to 10080.
            memo: of the tenant; a camera that is as it was in the listing before is the very
                same object, with the URL that it had. Whoever reads all pages ends the listing.
            lane: who waits.

        """
        query = {"page": page, "size": size, **_urls(with_urls, expiration)}
        call = _Call(
            "cameras",
            "GET",
            _partition(subscription_id, "cameras"),
            lane,
            query,
            memo=memo,
        )
        payload = await self._request(call)
        page_known = payload
        if not isinstance(page_known, RecalledPage):
            rows = wire.camera_rows(payload)
            page_known = RecalledPage(
                [None] * len(rows),
                dict(enumerate(map(Unread, rows))),
                wire.total(payload),
            )
        rows = page_known.cameras
        if page_known.unread:
            await _async_read(page_known, memo)
        cameras = tuple(camera for camera in rows if camera is not None)
        page_read = CameraPage(cameras, page_known.total, len(rows))
        # Rows of which none is a camera are another kind of answer, and no empty tenant.
        listed = cameras if rows else wire.is_listing(payload)
        return self._understood(call, page_read if listed else None)

    async def cameras(
        self,
        subscription_id: str,
        *,
        expiration: int = 60,
        memo: CameraMemo | None = None,
        lane: Lane = Lane.POLL,
    ) -> tuple[Camera, ...]:
        """Return all cameras of a tenant, in as few pages as there can be.

        Arguments as for `camera_page`.
        """
        listing = Listing(
            self._totals.setdefault("cameras", Totals()),
            CAMERA_PAGE_SIZE,
            lambda number: self.camera_page(
                subscription_id,
                page=number,
                expiration=expiration,
                memo=memo,
                lane=lane,
            ),
            lambda page: Counted(page.rows, page.rows, page.total),
        )
        found: dict[str, Camera] = {}
        complete = False
        try:
            while (page := await listing.next_page()) is not None:
                known = len(found)
                found |= {camera.id: camera for camera in page.cameras}
                if len(found) == known:
                    break
            complete = True
        finally:
            if memo is not None:
                memo.end_listing(complete=complete)
        return tuple(found.values())

    async def cameras_by_id(
        self,
        subscription_id: str,
        camera_ids: Sequence[str],
        *,
        lane: Lane = Lane.USER,
    ) -> tuple[Camera, ...]:
        """Return certain cameras of a tenant.

        `GET /partitions/{subscriptionId}/cameras` (API document, section 3, カメラ一覧取得).

        Args:
            subscription_id: UUID of the tenant's subscription.
            camera_ids: UUIDs, 1 to 10.
            lane: who waits.

        """
        if not 1 <= len(camera_ids) <= CAMERAS_BY_ID:
            raise ValueError(f"1 to {CAMERAS_BY_ID} cameras can be asked for at once")
        query = [("cameraId", camera_id) for camera_id in camera_ids]
        call = _Call(
            "cameras_by_id", "GET", _partition(subscription_id, "cameras"), lane, query
        )
        return wire.camera_page(await self._request(call)).cameras

    async def camera(
        self,
        subscription_id: str,
        camera_id: str,
        *,
        with_urls: bool = True,
        expiration: int = 60,
        lane: Lane = Lane.USER,
    ) -> Camera:
        """Return one camera.

        `GET /partitions/{subscriptionId}/cameras/{cameraId}` (API document, section 3,
        カメラ単体取得). Arguments as for `camera_page`.
        """
        call = _Call(
            "camera",
            "GET",
            _camera(subscription_id, camera_id),
            lane,
            _urls(with_urls, expiration),
        )
        return self._understood(call, wire.camera(await self._request(call)))

    async def thumbnails(
        self,
        subscription_id: str,
        camera_id: str,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        limit: int = 1,
        with_urls: bool = True,
        expiration: int = 60,
        lane: Lane = Lane.USER,
    ) -> ThumbnailList:
        """Search a camera's thumbnails.

        `GET …/cameras/{cameraId}/thumbnails` (API document, section 3, サムネイル取得). With a
        start alone they come oldest first from there; otherwise newest first, from the end
        or from now, back to the start where there is one.

        Args:
            subscription_id: UUID of the tenant's subscription.
            camera_id: UUID.
            start: aware datetime.
            end: aware datetime.
            limit: how many, 1 to 100.
            with_urls: whether they come with a presigned URL.
            expiration: minutes that the URLs are good for, 1 to 10080.
            lane: who waits.

        """
        query: dict[str, str | int] = {"limit": limit, **_urls(with_urls, expiration)}
        if start is not None:
            query["startTime"] = api_time(start)
        if end is not None:
            query["endTime"] = api_time(end)
        path = _camera(subscription_id, camera_id, "thumbnails")
        call = _Call("thumbnails", "GET", path, lane, query)
        return wire.thumbnails(await self._request(call))

    async def history(
        self,
        subscription_id: str,
        camera_id: str,
        start: datetime,
        end: datetime,
        *,
        lane: Lane = Lane.USER,
    ) -> tuple[Recording, ...]:
        """Return the stretches of a time range that the cloud holds video of.

        `GET …/cameras/{cameraId}/history` (API document, section 3, クラウド録画履歴取得).

        Args:
            subscription_id: UUID of the tenant's subscription.
            camera_id: UUID.
            start: aware datetime.
            end: aware datetime.
            lane: who waits.

        """
        query = {"startTime": api_time(start), "endTime": api_time(end)}
        path = _camera(subscription_id, camera_id, "history")
        call = _Call("history", "GET", path, lane, query)
        return wire.recordings(await self._request(call))

    # --- 4. 映像再生 -----------------------------------------------------------------------

    async def start_stream(
        self,
        subscription_id: str,
        camera_id: str,
        *,
        at: datetime | None = None,
        keep_alive_period: int = 60,
        retry: int = 20,
        lane: Lane = Lane.LIVE,
    ) -> Stream:
        """Start the playback of a camera and return where its playlist is.

        `GET …/streams/hls/start` (API document, section 4, 映像再生URL取得). An edge device
        then sends video until the keep-alive period is over or `stop_stream` is called.

        Args:
            subscription_id: UUID of the tenant's subscription.
            camera_id: UUID.
            at: aware datetime to play from, where the cloud holds a recording; None for live.
            keep_alive_period: seconds, 10 to 3600.
            retry: how often the service tries to get a URL, 1 to 100.
            lane: who waits.

        """
        call = _Call(
            "stream_start",
            "GET",
            _camera(subscription_id, camera_id, "streams/hls/start"),
            lane,
            {
                "dt": "live" if at is None else api_time(at),
                "keepAlivePeriod": keep_alive_period,
                "retry": retry,
            },
            repeatable=False,
            timeout=_START_TIMEOUT,
        )
        return self._understood(call, wire.stream(await self._request(call)))

    async def update_stream(
        self,
        subscription_id: str,
        camera_id: str,
        request_id: str,
        *,
        lane: Lane = Lane.LIVE,
    ) -> None:
        """Let the edge device send for another keep-alive period, from now on.

        `GET …/streams/hls/update` (API document, section 4, 映像再生時間の延長).

        Args:
            subscription_id: UUID of the tenant's subscription.
            camera_id: UUID.
            request_id: as `start_stream` returned it.
            lane: who waits.

        """
        path = _camera(subscription_id, camera_id, "streams/hls/update")
        query = {"requestId": request_id}
        await self._request(_Call("stream_update", "GET", path, lane, query))

    async def stop_stream(
        self,
        subscription_id: str,
        camera_id: str,
        request_id: str,
        *,
        lane: Lane = Lane.LIVE,
    ) -> None:
        """Let the edge device stop sending.

        `GET …/streams/hls/stop` (API document, section 4, 映像再生の停止). Arguments as for
        `update_stream`.
        """
        path = _camera(subscription_id, camera_id, "streams/hls/stop")
        query = {"requestId": request_id}
        await self._request(_Call("stream_stop", "GET", path, lane, query))

    # --- 5. メディア -----------------------------------------------------------------------

    async def create_clip(
        self,
        subscription_id: str,
        camera_id: str,
        start: datetime,
        end: datetime,
        name: str,
        *,
        lane: Lane = Lane.USER,
    ) -> Media:
        """Ask for a video clip; where nothing is recorded, it fails later on.

        `POST …/cameras/{cameraId}/media` (API document, section 5,
        ビデオクリップ・スナップショット生成).

        Args:
            subscription_id: UUID of the tenant's subscription.
            camera_id: UUID.
            start: aware datetime.
            end: aware datetime, later than the start by at most an hour.
            name: 1 to 64 characters.
            lane: who waits.

        """
        times = {"startTime": api_time(start), "endTime": api_time(end)}
        body = {"category": MediaCategory.CLIP.value, **times, "name": name}
        return await self._create(subscription_id, camera_id, body, lane)

    async def create_snapshot(
        self,
        subscription_id: str,
        camera_id: str,
        time: datetime,
        name: str,
        *,
        lane: Lane = Lane.USER,
    ) -> Media:
        """Ask for a picture of a moment. As `create_clip`, with one time."""
        body = {
            "category": MediaCategory.SNAPSHOT.value,
            "startTime": api_time(time),
            "name": name,
        }
        return await self._create(subscription_id, camera_id, body, lane)

    async def _create(
        self, subscription_id: str, camera_id: str, body: Mapping[str, Any], lane: Lane
    ) -> Media:
        path = _camera(subscription_id, camera_id, "media")
        # Of a long clip that is asked for in parts none is to be missing.
        call = _Call(
            "media_create",
            "POST",
            path,
            lane,
            body=body,
            repeatable=False,
            lasting=True,
        )
        return self._understood(call, wire.media(await self._request(call)))

    async def search_camera_media(
        self,
        subscription_id: str,
        camera_id: str,
        *,
        categories: Sequence[MediaCategory] = (),
        page: int = 0,
        size: int = 100,
        newest_first: bool = True,
        lane: Lane = Lane.USER,
    ) -> tuple[Media, ...]:
        """Search the media of a camera, by the time at which they were asked for.

        `POST …/cameras/{cameraId}/medias` (API document, section 5,
        カメラのビデオクリップ・スナップショット検索).

        Args:
            subscription_id: UUID of the tenant's subscription.
            camera_id: UUID.
            categories: which; all where empty.
            page: from 0.
            size: media a page, 1 to 1000.
            newest_first: the order.
            lane: who waits.

        """
        path = _camera(subscription_id, camera_id, "medias")
        body = _media_search(categories, page, size, newest_first)
        call = _Call("camera_medias", "POST", path, lane, body=body)
        return wire.media_list(await self._request(call))

    async def search_media(
        self,
        subscription_id: str,
        *,
        categories: Sequence[MediaCategory] = (),
        page: int = 0,
        size: int = 100,
        newest_first: bool = True,
        lane: Lane = Lane.USER,
    ) -> tuple[Media, ...]:
        """Search the media of a tenant.

        `POST /partitions/{subscriptionId}/medias` (API document, section 5,
        サブスクリプションのビデオクリップ・スナップショット検索). Arguments as for
        `search_camera_media`.
        """
        path = _partition(subscription_id, "medias")
        body = _media_search(categories, page, size, newest_first)
        call = _Call("medias", "POST", path, lane, body=body)
        return wire.media_list(await self._request(call))

    async def media(
        self,
        subscription_id: str,
        media_id: str,
        *,
        expiration: int = 60,
        lane: Lane = Lane.USER,
    ) -> Media:
        """Return a media object, with the URL of its file when that is ready.

        `GET /partitions/{subscriptionId}/medias/{mediaId}` (API document, section 5,
        ビデオクリップ・スナップショット取得).

        Args:
            subscription_id: UUID of the tenant's subscription.
            media_id: identifier of the media.
            expiration: minutes that the URL is good for, 1 to 10080.
            lane: who waits.

        """
        path = _partition(subscription_id, f"medias/{_part(media_id)}")
        call = _Call("media_get", "GET", path, lane, {"expiration": expiration})
        return self._understood(call, wire.media(await self._request(call)))

    async def rename_media(
        self, subscription_id: str, media_id: str, name: str, *, lane: Lane = Lane.USER
    ) -> Media:
        """Give a media object another name, of 1 to 64 characters.

        `PUT /partitions/{subscriptionId}/medias/{mediaId}` (API document, section 5,
        ビデオクリップ・スナップショット更新).
        """
        path = _partition(subscription_id, f"medias/{_part(media_id)}")
        call = _Call("media_put", "PUT", path, lane, body={"data": {"name": name}})
        return self._understood(call, wire.media(await self._request(call)))

    async def delete_media(
        self, subscription_id: str, media_id: str, *, lane: Lane = Lane.USER
    ) -> None:
        """Delete a media object.

        `DELETE /partitions/{subscriptionId}/medias/{mediaId}` (API document, section 5,
        ビデオクリップ・スナップショット削除).
        """
        path = _partition(subscription_id, f"medias/{_part(media_id)}")
        await self._request(_Call("media_delete", "DELETE", path, lane))

    # --- 6. デバイス -----------------------------------------------------------------------

    async def device_page(
        self,
        subscription_id: str,
        *,
        page: int = 0,
        size: int = DEVICE_PAGE_SIZE,
        lane: Lane = Lane.POLL,
    ) -> DevicePage:
        """Return one page of a tenant's devices that have external equipment.

        `GET /partitions/{subscriptionId}/devices/externalDevices` (API document, section 6,
        外部機器一覧取得).

        Args:
            subscription_id: UUID of the tenant's subscription.
            page: from 0.
            size: rows a page, at least 1.
            lane: who waits.

        """
        path = _partition(subscription_id, "devices/externalDevices")
        call = _Call(
            "external_devices", "GET", path, lane, {"page": page, "size": size}
        )
        payload = await self._request(call)
        found = wire.device_page(payload)
        listed = found.devices if found.rows else wire.is_listing(payload)
        return self._understood(call, found if listed else None)

    async def devices(
        self, subscription_id: str, *, lane: Lane = Lane.POLL
    ) -> tuple[Device, ...]:
        """Return all devices of a tenant that have external equipment."""
        by_device = False

        def count(page: DevicePage) -> Counted:
            # Where there are more rows than were asked for, each is a piece of equipment,
            # and it is devices that are counted.
            nonlocal by_device
            by_device = by_device or page.rows > DEVICE_PAGE_SIZE
            equipment = sum(len(device.external_devices) for device in page.devices)
            return Counted(
                len(page.devices) if by_device else page.rows,
                max(page.rows, equipment),
                page.total,
            )

        listing = Listing(
            self._totals.setdefault("devices", Totals()),
            DEVICE_PAGE_SIZE,
            lambda number: self.device_page(subscription_id, page=number, lane=lane),
            count,
        )
        found: dict[str, Device] = {}
        while (page := await listing.next_page()) is not None:
            known = dict(found)
            for device in page.devices:
                before = found.get(device.id)
                found[device.id] = device if before is None else before.joined(device)
            if found == known:
                break
        return tuple(found.values())

    async def external_devices(
        self, subscription_id: str, device_id: str, *, lane: Lane = Lane.POLL
    ) -> tuple[ExternalDevice, ...]:
        """Return the external equipment of one device.

        `GET …/devices/{deviceId}/externalDevices` (API document, section 6,
        外部機器単体取得).
        """
        path = _device(subscription_id, device_id, "externalDevices")
        call = _Call("device_external_devices", "GET", path, lane)
        return wire.external_devices(await self._request(call))

    async def ports(
        self,
        subscription_id: str,
        device_id: str,
        *,
        tries: int = _TRIES,
        lane: Lane = Lane.POLL,
    ) -> tuple[Port, ...]:
        """Return the ports of a device with their states.

        `GET …/devices/{deviceId}/peripherals` (API document, section 6,
        デバイスのポート状態取得).

        Args:
            subscription_id: UUID of the tenant's subscription.
            device_id: UUID.
            tries: how often it is asked where the service fails, at least 1.
            lane: who waits.

        """
        path = _device(subscription_id, device_id, "peripherals")
        call = _Call("peripherals", "GET", path, lane, tries=tries)
        payload = await self._request(call)
        found = wire.ports(payload)
        listed = found or wire.is_listing(payload)
        return self._understood(call, found if listed else None)

    async def switch_port(
        self,
        subscription_id: str,
        device_id: str,
        port_id: str,
        action: PortAction,
        *,
        lane: Lane = Lane.USER,
    ) -> None:
        """Switch a port on or off.

        `POST …/devices/{deviceId}/ports/{portId}` (API document, section 6,
        デバイスのポート操作).

        Args:
            subscription_id: UUID of the tenant's subscription.
            device_id: UUID.
            port_id: as `ports` returns it.
            action: ON or OFF.
            lane: who waits.

        """
        codes = {PortAction.OFF: 0, PortAction.ON: 1}
        path = _device(subscription_id, device_id, f"ports/{_part(port_id)}")
        await self._request(
            _Call("port", "POST", path, lane, body={"action": codes[action]})
        )

    async def reset_port(
        self,
        subscription_id: str,
        device_id: str,
        port_id: str,
        off_seconds: int,
        *,
        lane: Lane = Lane.USER,
    ) -> None:
        """Switch a port off for some seconds (at least 1), then on again.

        As `switch_port`, with action 2 and `resetTimer`.
        """
        path = _device(subscription_id, device_id, f"ports/{_part(port_id)}")
        body = {"action": 2, "resetTimer": off_seconds}
        await self._request(
            _Call("port", "POST", path, lane, body=body, repeatable=False)
        )

    # --- How a request is sent -------------------------------------------------------------

    async def _request(self, call: _Call) -> Any:
        """Send a request with the access token until it is answered for good."""
        token = await self.tokens.get()
        status, payload = await self._send_as(call, token)
        if status in _REFUSALS:
            status, payload = await self._resend_with_new_token(call, token, status)
        self._raise_for_status(call, status)
        self._forbidden.discard(call.path)
        return payload

    async def _resend_with_new_token(
        self, call: _Call, token: AccessToken, status: int
    ) -> tuple[int, Any]:
        """Tell a stale token from a missing permission: 403 means either.

        A path that was refused with a fresh token once is not worth another token.
        """
        if call.path in self._forbidden:
            return status, None
        fresh = await self.tokens.replace(token)
        if fresh is None:
            return status, None
        status, payload = await self._send_as(call, fresh)
        if status in _REFUSALS:
            self._forbidden.add(call.path)
            self.tokens.renewal_was_futile()
        elif _is_success(status):
            self.tokens.renewal_helped()
        return status, payload

    async def _send_as(self, call: _Call, token: AccessToken) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token.value}"}
        status, payload = await self._send(call, headers=headers)
        if _is_success(status):
            self.tokens.accepted(token)
        return status, payload

    async def _send(
        self,
        call: _Call,
        *,
        headers: Mapping[str, str],
        data: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        """Send a request, again where that can help and harms nobody.

        Returns the status, which is not 429, and the payload of a 2xx.
        """
        tries = 0
        while True:
            tries += 1
            try:
                async with self.throttle.turn(
                    call.lane, self.party, deadline=call.deadline
                ):
                    status, payload, retry_after = await self._exchange(
                        call, headers, data
                    )
            except AmnimoConnectionError as err:
                self._count(call, "error")
                if tries >= call.tries or (err.sent and not call.repeatable):
                    raise
            except AmnimoResponseError as err:
                self._count(call, str(err.status))
                if tries >= call.tries or not call.repeatable:
                    raise
            else:
                self._count(call, str(status))
                if status == HTTPStatus.TOO_MANY_REQUESTS:
                    # A month's tokens that are spent keep nobody from the requests of a second.
                    of_month = call.secret and (retry_after or 0.0) > LONGEST_OBEYED
                    self.throttle.refused(None if of_month else retry_after)
                    too_long = (retry_after or 0.0) > _LONGEST_WAIT and not call.lasting
                    if tries >= _TRIES or too_long:
                        raise AmnimoRateLimitedError(
                            f"{call.endpoint}: HTTP status {status}",
                            retry_after=retry_after,
                        )
                    continue
                if tries > 1 and call.method == "DELETE" and status == _NOT_FOUND:
                    # The try before did it, and only its answer was lost.
                    return HTTPStatus.NO_CONTENT, {}
                broken = status >= HTTPStatus.INTERNAL_SERVER_ERROR
                if tries >= call.tries or not (broken and call.repeatable):
                    return status, payload
            await asyncio.sleep(random.uniform(*_RETRY_PAUSE) * 2 ** (tries - 1))

    async def _exchange(
        self,
        call: _Call,
        headers: Mapping[str, str],
        data: Mapping[str, str] | None,
    ) -> tuple[int, Any, float | None]:
        """Send a request once; return status, payload of a 2xx, and Retry-After."""
        try:
            status, retry_after, body = await self._transfer(call, headers, data)
        except (aiohttp.ClientError, TimeoutError, OSError) as err:
            failure = _connection_error(call, err)
        else:
            _LOGGER.debug("%s: HTTP status %s", call.endpoint, status)
            payload = self._parsed(call, status, body) if _is_success(status) else None
            return status, payload, retry_after
        # Raised out here it does not drag along its cause, which names the URL.
        raise failure

    def _parsed(self, call: _Call, status: int, body: bytes) -> Any:
        """Return the JSON of a body; an empty one (for example of a 204) is an empty object."""
        body = body if body.strip() else b"{}"
        with suppress(ValueError, RecursionError):
            memo = call.memo
            recalled = memo.recall(body, self._read_json) if memo is not None else None
            payload = recalled or self._read_json(body)
            if not call.secret:
                self.last_payloads.note(call.endpoint, body)
            return payload
        # The body may be a proxy's page of any length; its first words are no help to anybody.
        raise AmnimoResponseError(f"{call.endpoint}: no JSON in the answer", status)

    def _read_json(self, body: bytes) -> Any:
        """Return what JSON says; raises ValueError or RecursionError."""
        with suppress(ValueError, RecursionError):
            return self._json_loads(body)
        # Strict readers refuse what others know: NaN, half a surrogate pair, UTF-16.
        return json.loads(body)

    async def _transfer(
        self,
        call: _Call,
        headers: Mapping[str, str],
        data: Mapping[str, str] | None,
    ) -> tuple[int, float | None, bytes]:
        """Send a request; return status, Retry-After, and the body of a 2xx."""
        async with self._session.request(
            call.method,
            self._api_url + call.path,
            params=call.query,
            json=call.body,
            data=data,
            headers={"Accept": "application/json", **headers},
            timeout=call.timeout or _TIMEOUT,
            # The token must not follow to wherever a redirect points.
            allow_redirects=False,
        ) as response:
            retry_after = _seconds(response.headers.get("Retry-After"))
            body = await response.read() if _is_success(response.status) else b""
            return response.status, retry_after, body

    def _count(self, call: _Call, answer: str) -> None:
        answers = self.requests.setdefault(call.endpoint, {})
        answers[answer] = answers.get(answer, 0) + 1
        if not answer.startswith("2"):
            self.failures[call.endpoint] = Failure(answer, datetime.now(UTC))

    @staticmethod
    def _raise_for_status(call: _Call, status: int) -> None:
        """Turn a status that is no success into its error."""
        if _is_success(status):
            return
        message = f"{call.endpoint}: HTTP status {status}"
        errors: dict[int, type[AmnimoError]] = {
            HTTPStatus.UNAUTHORIZED: AmnimoPermissionError,
            HTTPStatus.FORBIDDEN: AmnimoPermissionError,
            HTTPStatus.NOT_FOUND: AmnimoNotFoundError,
        }
        if status in errors:
            raise errors[status](message)
        raise AmnimoResponseError(message, status)

    def _understood[T](self, call: _Call, model: T | None) -> T:
        """Return a model that was read, or raise for an answer that held none."""
        if model is None:
            payload = self.last_payloads.get(call.endpoint)
            self.misreadings.missed(call.endpoint, call.path, payload)
            raise _not_understood(call, HTTPStatus.OK)
        self.misreadings.understood(call.path)
        return model


async def _async_read(page: RecalledPage, memo: CameraMemo | None) -> None:
    """Read what is not known of a page, some at a time; what has no identifier stays None."""
    for some in batched(page.unread.items(), _CAMERAS_A_TURN, strict=False):
        if len(page.unread) > _FEW_CAMERAS:
            await asyncio.sleep(0)
        for index, each in some:
            page.cameras[index] = camera = wire.camera_in_row(each.row)
            if memo is not None and camera is not None:
                memo.note(each, camera)


def api_time(time: datetime) -> str:
    """Return an aware datetime as the API wants it: `yyyy-mm-ddTHH:MM:SS.SSSZ` in UTC."""
    text = time.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _is_success(status: int) -> bool:
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def _connection_error(call: _Call, err: Exception) -> AmnimoConnectionError:
    never_sent = isinstance(
        err,
        aiohttp.ClientConnectorError
        | aiohttp.ConnectionTimeoutError
        | aiohttp.InvalidURL,
    )
    return AmnimoConnectionError(
        f"{call.endpoint}: the service can't be reached ({type(err).__name__})",
        sent=not never_sent,
    )


def _not_understood(call: _Call, status: int) -> AmnimoResponseError:
    return AmnimoResponseError(
        f"{call.endpoint}: the answer holds no such object", status
    )


def _seconds(text: str | None) -> float | None:
    """Return how long a Retry-After asks to wait, given as seconds or as a date."""
    if text is None:
        return None
    try:
        if text.strip().isdecimal():
            return float(text)
        until = parsedate_to_datetime(text)
        return max(0.0, (until - datetime.now(UTC)).total_seconds())
    except TypeError, ValueError, OverflowError:
        return None


def _part(text: str) -> str:
    """Return an identifier as one part of a path.

    Raises:
        AmnimoNotFoundError: it would lead to another path; nothing has such an identifier.

    """
    if text in ("", ".", ".."):
        raise AmnimoNotFoundError("There is nothing with such an identifier")
    return quote(text, safe="", errors="replace")


def _partition(subscription_id: str, rest: str) -> str:
    return f"/partitions/{_part(subscription_id)}/{rest}"


def _camera(subscription_id: str, camera_id: str, rest: str = "") -> str:
    path = _partition(subscription_id, f"cameras/{_part(camera_id)}")
    return f"{path}/{rest}" if rest else path


def _device(subscription_id: str, device_id: str, rest: str) -> str:
    return _partition(subscription_id, f"devices/{_part(device_id)}/{rest}")


def _urls(with_urls: bool, expiration: int) -> dict[str, str | int]:
    return {"expiration": expiration} if with_urls else {"isUrl": "false"}


def _media_search(
    categories: Sequence[MediaCategory], page: int, size: int, newest_first: bool
) -> dict[str, Any]:
    search: dict[str, Any] = {
        "pageNumber": page,
        "pageSize": size,
        "sortDir": "desc" if newest_first else "asc",
    }
    if categories:
        search["categories"] = [category.value for category in categories]
    return search
