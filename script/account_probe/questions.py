"""What is asked of an account: every endpoint that only reads, of each tenant once or so.

Owns the order of the questions, since most need an identifier out of an answer before, and what
is noticed about an answer beyond its fields: whether times are of today, whether files can be
fetched. Knows nothing of how it is told.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import time
from typing import Any

import aiohttp

from custom_components.amnimo.api import (
    AmnimoClient,
    AmnimoError,
    Camera,
    Device,
    Lane,
    Media,
    MediaState,
    Tenant,
    wire,
)

from .provenance import Reader

_DAY = timedelta(days=1)
_FUTURE = timedelta(minutes=5)
_MEDIA_SIZE = 100
_STREAM_KEEP_ALIVE = 10
_FILE_TIMEOUT = aiohttp.ClientTimeout(total=20)
_LIST_HEAD = 64 * 1024


@dataclass(slots=True)
class Answer:
    """What came back for one question."""

    question: str
    """Method and path, without identifiers."""
    status: str
    """HTTP status, or what went wrong instead."""
    seconds: float
    payload: Any = None
    """None where there was none."""
    readers: Mapping[str, Reader] = field(default_factory=dict)
    """How it is read, by what is read."""
    notes: list[str] = field(default_factory=list)
    """What else was noticed."""
    understood: bool = True


@dataclass(frozen=True, slots=True)
class _Count:
    """How many there are on all pages."""

    total: int | None


def _total(payload: Any) -> Sequence[_Count]:
    return [_Count(wire.total(payload))]


def _one[T](read: Callable[[Any], T | None]) -> Reader:
    """Return a reader of one model as one of several."""

    def read_one(payload: Any) -> Sequence[T]:
        found = read(payload)
        return [] if found is None else [found]

    return read_one


def _tenants(payload: Any) -> Sequence[Tenant]:
    found = wire.tenant(payload)
    return [] if found is None else list(found.walk())


_READERS: Mapping[str, Mapping[str, Reader]] = {
    "hierarchy": {"tenants": _one(wire.tenant)},
    "cameras": {
        "cameras": lambda payload: wire.camera_page(payload).cameras,
        "page": _total,
    },
    "cameras_by_id": {"cameras": lambda payload: wire.camera_page(payload).cameras},
    "camera": {"camera": _one(wire.camera)},
    "thumbnails": {
        "thumbnails": lambda payload: wire.thumbnails(payload).thumbnails,
        "page": _total,
    },
    "history": {"recordings": wire.recordings},
    "stream_start": {"stream": _one(wire.stream)},
    "medias": {"media": wire.media_list},
    "camera_medias": {"media": wire.media_list},
    "media_get": {"media": _one(wire.media)},
    "external_devices": {
        "devices": lambda payload: wire.device_page(payload).devices,
        "page": _total,
    },
    "device_external_devices": {"external equipment": wire.external_devices},
    "peripherals": {"ports": wire.ports},
}
"""By the client's name of the endpoint."""


class Probe:
    """One round of questions."""

    def __init__(
        self,
        client: AmnimoClient,
        http: aiohttp.ClientSession,
        *,
        most_tenants: int,
        live: bool,
    ) -> None:
        """Take whom to ask and how much.

        Args:
            client: of the account's client ID.
            http: for files, which are no API requests.
            most_tenants: how many tenants are asked about their cameras and devices.
            live: whether a live stream may be started for some seconds.

        """
        self._client = client
        self._http = http
        self._most_tenants = most_tenants
        self._live = live
        self._answer: Answer | None = None

    async def run(self, account_id: str) -> AsyncIterator[Answer]:
        """Ask all there is to ask, and yield each answer."""
        token = await self._ask(
            "POST /oauth2/token", "token", self._client.tokens.get()
        )
        answer = self._last()
        if token is None:
            yield answer
            return
        lifetime = token.expires_at - time.time()
        answer.notes.append(f"the access token is good for {lifetime:.0f} s")
        yield answer
        hierarchy = await self._ask(
            "GET /accounts/{accountId}/hierarchy",
            "hierarchy",
            self._client.hierarchy(account_id, lane=Lane.USER),
        )
        answer = self._last()
        if hierarchy is None:
            yield answer
            return
        tenants = [each for each in hierarchy.walk() if each.subscription_id]
        answer.notes.append(
            f"{len(list(hierarchy.walk()))} tenants, {len(tenants)} with a subscription"
        )
        yield answer
        for tenant in tenants[: self._most_tenants]:
            assert tenant.subscription_id is not None
            async for each in self._tenant(tenant.subscription_id):
                yield each

    async def _tenant(self, sub: str) -> AsyncIterator[Answer]:
        page = await self._ask(
            "GET /partitions/{subscriptionId}/cameras",
            "cameras",
            self._client.camera_page(sub, lane=Lane.USER),
        )
        answer = self._last()
        cameras = page.cameras if page is not None else ()
        if page is not None and page.rows != len(cameras):
            answer.understood = False
            answer.notes.append(
                f"{page.rows - len(cameras)} of {page.rows} rows have no identifier"
            )
        camera = _most_telling(cameras)
        if camera is not None and camera.thumbnail is not None:
            self._judge_time(answer, "the thumbnail", camera.thumbnail.time)
            await self._judge_file(answer, camera.thumbnail.url, "image/")
        yield answer
        if camera is not None:
            async for each in self._camera(sub, camera):
                yield each
        async for each in self._media_of(sub):
            yield each
        async for each in self._devices(sub):
            yield each

    async def _camera(self, sub: str, camera: Camera) -> AsyncIterator[Answer]:
        client, now = self._client, datetime.now(UTC)
        await self._ask(
            "GET /partitions/{subscriptionId}/cameras?cameraId=",
            "cameras_by_id",
            client.cameras_by_id(sub, [camera.id]),
        )
        yield self._last()
        await self._ask(
            "GET /partitions/{subscriptionId}/cameras/{cameraId}",
            "camera",
            client.camera(sub, camera.id),
        )
        yield self._last()
        found = await self._ask(
            "GET /partitions/{subscriptionId}/cameras/{cameraId}/thumbnails",
            "thumbnails",
            client.thumbnails(sub, camera.id, start=now - _DAY, end=now, limit=100),
        )
        answer = self._last()
        if found is not None and found.thumbnails:
            self._judge_time(answer, "the first", found.thumbnails[0].time)
            await self._judge_file(answer, found.thumbnails[0].url, "image/")
        yield answer
        recordings = await self._ask(
            "GET /partitions/{subscriptionId}/cameras/{cameraId}/history",
            "history",
            client.history(sub, camera.id, now - _DAY, now),
        )
        answer = self._last()
        if recordings:
            self._judge_time(answer, "the last start", recordings[-1].start)
        yield answer
        if self._live:
            yield await self._stream(sub, camera)

    async def _stream(self, sub: str, camera: Camera) -> Answer:
        stream = await self._ask(
            "GET /partitions/{subscriptionId}/cameras/{cameraId}/streams/hls/start",
            "stream_start",
            self._client.start_stream(
                sub,
                camera.id,
                keep_alive_period=_STREAM_KEEP_ALIVE,
                lane=Lane.USER,
            ),
        )
        answer = self._last()
        if stream is None:
            return answer
        await self._judge_playlist(answer, stream.url)
        if stream.request_id is None:
            answer.understood = False
            answer.notes.append("no request ID: the stream can't be extended or ended")
            return answer
        for name, call in (
            ("update", self._client.update_stream),
            ("stop", self._client.stop_stream),
        ):
            try:
                await call(sub, camera.id, stream.request_id)
            except AmnimoError as err:
                answer.understood = False
                answer.notes.append(f"{name}: {err}")
            else:
                answer.notes.append(f"{name}: done")
        return answer

    async def _media_of(self, sub: str) -> AsyncIterator[Answer]:
        found = await self._ask(
            "POST /partitions/{subscriptionId}/medias",
            "medias",
            self._client.search_media(sub, size=_MEDIA_SIZE),
        )
        answer = self._last()
        self._judge_states(answer, found or ())
        yield answer
        medium = next(
            (each for each in found or () if each.state is MediaState.COMPLETED), None
        )
        if medium is None:
            return
        if medium.camera_id is not None:
            await self._ask(
                "POST /partitions/{subscriptionId}/cameras/{cameraId}/medias",
                "camera_medias",
                self._client.search_camera_media(
                    sub, medium.camera_id, size=_MEDIA_SIZE
                ),
            )
            yield self._last()
        full = await self._ask(
            "GET /partitions/{subscriptionId}/medias/{mediaId}",
            "media_get",
            self._client.media(sub, medium.id),
        )
        answer = self._last()
        if full is not None:
            await self._judge_file(answer, full.url, "", size=full.size)
        yield answer

    async def _devices(self, sub: str) -> AsyncIterator[Answer]:
        page = await self._ask(
            "GET /partitions/{subscriptionId}/devices/externalDevices",
            "external_devices",
            self._client.device_page(sub, lane=Lane.USER),
        )
        answer = self._last()
        if page is not None and not page.devices:
            answer.notes.append(
                "no device: only those with external equipment are listed"
            )
        yield answer
        device: Device | None = page.devices[0] if page and page.devices else None
        if device is None:
            return
        await self._ask(
            "GET /partitions/{subscriptionId}/devices/{deviceId}/externalDevices",
            "device_external_devices",
            self._client.external_devices(sub, device.id, lane=Lane.USER),
        )
        yield self._last()
        await self._ask(
            "GET /partitions/{subscriptionId}/devices/{deviceId}/peripherals",
            "peripherals",
            self._client.ports(sub, device.id, lane=Lane.USER),
        )
        yield self._last()

    # --- Asking ----------------------------------------------------------------------------

    async def _ask[T](
        self, question: str, endpoint: str, call: Awaitable[T]
    ) -> T | None:
        """Ask one question and take note of its answer; return what was understood."""
        self._client.last_payloads.forget(endpoint)
        began = time.monotonic()
        result: T | None = None
        status, understood = "200", True
        try:
            result = await call
        except AmnimoError as err:
            # The errors' texts name statuses and endpoints, and no identifiers or URLs.
            status, understood = str(err), False
        payload = self._client.last_payloads.get(endpoint)
        self._answer = Answer(
            question,
            status,
            time.monotonic() - began,
            payload,
            _READERS.get(endpoint, {}) if payload is not None else {},
            understood=understood,
        )
        return result

    def _last(self) -> Answer:
        assert self._answer is not None
        return self._answer

    # --- What else can be told -------------------------------------------------------------

    @staticmethod
    def _judge_time(answer: Answer, what: str, moment: datetime | None) -> None:
        """Tell how old something is: a time zone that was got wrong shows as the future."""
        if moment is None:
            return
        age = datetime.now(UTC) - moment
        if age < -_FUTURE:
            answer.understood = False
            answer.notes.append(
                f"{what} lies {-age.total_seconds() / 3600:.1f} h in the future:"
                " is its time zone another than was thought?"
            )
        else:
            answer.notes.append(f"{what} is {age.total_seconds() / 60:.0f} min old")

    @staticmethod
    def _judge_states(answer: Answer, media: Sequence[Media]) -> None:
        pending = sum(each.state is MediaState.PENDING for each in media)
        if pending:
            answer.notes.append(f"{pending} of {len(media)} are still being made")

    async def _judge_file(
        self, answer: Answer, url: str | None, kind: str, *, size: int | None = None
    ) -> None:
        """Tell whether a presigned URL gives a file, as a download would ask for it."""
        if url is None:
            answer.notes.append("no URL of a file")
            return
        try:
            async with self._http.get(
                url, headers={"Range": "bytes=0-0"}, timeout=_FILE_TIMEOUT
            ) as response:
                told = response.headers.get("Content-Range", "")
                whole = told.rpartition("/")[2]
                sort = response.content_type
                parts = "in parts" if response.status == 206 else "only as a whole"
                answer.notes.append(
                    f"file: HTTP status {response.status}, {sort}, can be fetched {parts}"
                )
                if response.status >= 400 or not sort.startswith(kind):
                    answer.understood = False
                if size is not None and whole.isdecimal() and int(whole) != size:
                    answer.notes.append("file: its size is not the one that was told")
        except (aiohttp.ClientError, TimeoutError, OSError) as err:
            answer.understood = False
            answer.notes.append(f"file: {type(err).__name__}")

    async def _judge_playlist(self, answer: Answer, url: str) -> None:
        """Tell what kind of playlist a stream has."""
        try:
            async with self._http.get(url, timeout=_FILE_TIMEOUT) as response:
                text = (await response.content.read(_LIST_HEAD)).decode(
                    errors="replace"
                )
        except (aiohttp.ClientError, TimeoutError, OSError) as err:
            answer.understood = False
            answer.notes.append(f"playlist: {type(err).__name__}")
            return
        tags = sorted(
            {line.partition(":")[0] for line in text.splitlines() if line[:4] == "#EXT"}
        )
        answer.understood = answer.understood and text.startswith("#EXTM3U")
        answer.notes.append(
            f"playlist: HTTP status {response.status}, {', '.join(tags) or 'no tags'}"
        )


def _most_telling(cameras: Sequence[Camera]) -> Camera | None:
    """Return a camera that most can be asked of: online, with a thumbnail."""
    return max(
        cameras,
        key=lambda each: (bool(each.online), each.thumbnail is not None),
        default=None,
    )
