"""Where readers find the playlists and segments: `/api/amnimo/hls/<token>/<name>`.

The token in the path is all the permission there is: readers like FFmpeg and go2rtc can't log
in. It's random, worthless elsewhere and after a restart, and leads to what one camera's own
playlists list and nothing else. Live video is there for readers on this machine, at a port of
the loopback address; recordings are at Home Assistant's own port, for browsers, each with a
token of its own.
"""

import asyncio
import contextlib
import hashlib
import hmac
from http import HTTPStatus
import logging
import math
from pathlib import PurePosixPath
import secrets
import socket

from aiohttp import ClientSession, hdrs, web

from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.http import HomeAssistantView
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from .errors import LiveError
from .feed import PLAYLIST, Feed
from .fetch import Content, FetchError, GoneError, RangeError, open_resource
from .freezer import Head
from .playback import Playback
from .playlist import Resource
from .retime import Retimer
from .timeline import Entry, File

_LOGGER = logging.getLogger(__name__)

PATH = "/api/amnimo/hls"

_NO_STORE = {hdrs.CACHE_CONTROL: "no-store"}
_PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
# What the cloud's storage says is often just "binary".
_TYPES = {
    ".aac": "audio/aac",
    ".ac3": "audio/ac3",
    ".ec3": "audio/eac3",
    ".m4s": "video/mp4",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".ts": "video/mp2t",
    ".vtt": "text/vtt",
}


type Source = Feed | Playback
"""What a token leads to."""

# FFmpeg asks for the whole of a file like this.
_FROM_THE_BEGINNING = (None, "bytes=0-")


class FeedDirectory:
    """All feeds of a Home Assistant by their tokens, and the door to them.

    Home Assistant's own readers come in through a plain HTTP port on 127.0.0.1. Its real
    port won't do: behind TLS, FFmpeg checks the certificate from the second playlist on
    (`tls_verify` does not reach what the HLS demuxer opens), go2rtc checks it too, neither
    has a client certificate where one is required, and a server bound to one address changes
    its URL with the network.
    """

    def __init__(self, hass: HomeAssistant) -> None:
        """Begin without feeds; the port is opened for the first one who asks for a URL."""
        self._hass = hass
        self._key = secrets.token_bytes(32)
        self._feeds: dict[str, Feed] = {}
        self._playbacks: dict[str, Playback] = {}
        self._base_url: str | None = None
        self._serving: asyncio.Task[None] | None = None

    def token(self, camera_id: str) -> str:
        """Return the token of a camera: the same for the run of Home Assistant."""
        return hmac.new(self._key, camera_id.encode(), hashlib.sha256).hexdigest()[:40]

    def add(self, camera_id: str, feed: Feed) -> None:
        """Let a feed be found."""
        self._feeds[self.token(camera_id)] = feed

    def discard(self, camera_id: str, feed: Feed) -> None:
        """Let a feed be found no more."""
        token = self.token(camera_id)
        if self._feeds.get(token) is feed:
            del self._feeds[token]

    def add_playback(self, playback: Playback) -> str:
        """Let the playing of a recording be found; return its token."""
        token = secrets.token_hex(20)
        self._playbacks[token] = playback
        return token

    def discard_playback(self, token: str) -> None:
        """Let the playing of a recording be found no more."""
        self._playbacks.pop(token, None)

    def path(self, token: str) -> str:
        """Return where the playlist of a token is on Home Assistant's own port."""
        return f"{PATH}/{token}/{PLAYLIST}"

    def playback(self, token: str) -> Playback | None:
        """Return the playing of a recording that a token stands for."""
        return self._playbacks.get(token)

    def url(self, camera_id: str) -> str:
        """Return where Home Assistant's own readers find a camera's playlist."""
        if self._base_url is None:
            self._base_url = self._open_port()
        return f"{self._base_url}{self.path(self.token(camera_id))}"

    def _open_port(self) -> str:
        """Listen on the loopback address, and return the URL there.

        To bind a port there waits for nobody, and connections queue up until they are
        accepted.
        """
        listening = socket.create_server(("127.0.0.1", 0))
        host, port = listening.getsockname()
        # Not a background task of Home Assistant's: those end before the readers do.
        self._serving = self._hass.loop.create_task(
            self._serve(listening), name="amnimo live relay"
        )
        self._hass.bus.async_listen_once(EVENT_HOMEASSISTANT_CLOSE, self._close_port)
        return f"http://{host}:{port}"

    async def _serve(self, listening: socket.socket) -> None:
        """Serve the readers on this machine until cancelled."""
        app = web.Application()
        app.router.add_get(f"{PATH}/{{token}}/{{name}}", self._get, allow_head=False)
        runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=2
        )
        await runner.setup()
        try:
            await web.SockSite(runner, listening).start()
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()
            listening.close()

    async def _get(self, request: web.Request) -> web.StreamResponse:
        feed = self._feeds.get(request.match_info["token"])
        return await self.answer(request, feed, request.match_info["name"])

    async def _close_port(self, _event: Event) -> None:
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.wait([self._serving])

    async def answer(
        self, request: web.Request, source: Source | None, name: str
    ) -> web.StreamResponse:
        """Answer a request for a playlist or for what one lists."""
        if source is None:
            return _nothing(HTTPStatus.NOT_FOUND)
        try:
            file = await source.find(name)
            if file is None:
                return await _playlist(request, source, name)
        except LiveError as err:
            return _refusal(err)
        if file.entry is not None and file.entry.frozen:
            return _frozen(source, file.entry, name)
        if file.init_number is not None:
            return await _init(source, file.resource, file.init_number, name)
        http = async_get_clientsession(self._hass)
        return await _relay(request, http, source, file, name)


def _refusal(err: LiveError) -> web.Response:
    return web.Response(
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        text=f"{err.text}\n",
        headers={
            **_NO_STORE,
            hdrs.RETRY_AFTER: str(math.ceil(max(1.0, err.retry_after))),
        },
    )


async def _playlist(request: web.Request, source: Source, name: str) -> web.Response:
    viewer = f"{request.remote} {request.headers.get(hdrs.USER_AGENT)}"
    text = await source.playlist(name, viewer)
    if text is None:
        return _nothing(HTTPStatus.NOT_FOUND)
    return web.Response(
        body=text.encode(), content_type=_PLAYLIST_TYPE, headers=_NO_STORE
    )


async def _init(
    source: Source, resource: Resource, number: int, name: str
) -> web.Response:
    try:
        content = await source.clock.init(number, resource)
    except FetchError as err:
        _LOGGER.debug("An initialization section could not be fetched: %s", err)
        gone = isinstance(err, GoneError)
        return _nothing(HTTPStatus.NOT_FOUND if gone else HTTPStatus.BAD_GATEWAY)
    return web.Response(body=content, content_type=_type(name), headers=_NO_STORE)


def _frozen(source: Source, entry: Entry, name: str) -> web.Response:
    content = source.frozen(entry)
    if content is None:
        return _nothing(HTTPStatus.NOT_FOUND)
    return web.Response(body=content, content_type=_type(name), headers=_NO_STORE)


async def _relay(
    request: web.Request,
    http: ClientSession,
    source: Source,
    file: File,
    name: str,
) -> web.StreamResponse:
    """Pass on what a file holds, as it comes."""
    wanted = request.headers.get(hdrs.RANGE)
    retimer: Retimer | None = None
    if file.entry is not None:
        if wanted in _FROM_THE_BEGINNING:
            retimer = await source.clock.retimer(file.entry)
        elif not source.clock.is_untouched(file.entry):
            # Time stamps can only be shifted from the beginning on.
            retimer = await source.clock.retimer(file.entry)
            wanted = None if retimer is not None else wanted
    async with contextlib.AsyncExitStack() as stack:
        try:
            content = await stack.enter_async_context(
                open_resource(http, file.resource, wanted)
            )
        except GoneError:
            source.fetched(file, found=False)
            return _nothing(HTTPStatus.NOT_FOUND)
        except RangeError:
            return _nothing(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
        except FetchError as err:
            _LOGGER.debug("A segment could not be fetched: %s", err)
            return _nothing(HTTPStatus.BAD_GATEWAY)
        source.fetched(file, found=True)
        head: Head | None = None
        if file.entry is not None and wanted in _FROM_THE_BEGINNING:
            head = source.freezer.head(file.entry)
        response = await _pass_on(request, content, retimer, name, head)
        if head is not None:
            source.freezer.keep(head)
        return response


def _type(name: str) -> str:
    return _TYPES.get(PurePosixPath(name).suffix, "application/octet-stream")


async def _pass_on(
    request: web.Request,
    content: Content,
    retimer: Retimer | None,
    name: str,
    head: Head | None,
) -> web.StreamResponse:
    response = web.StreamResponse(status=content.status, headers=_NO_STORE)
    response.content_type = _type(name)
    response.headers[hdrs.ACCEPT_RANGES] = "bytes"
    response.content_length = content.length
    if content.content_range is not None:
        response.headers[hdrs.CONTENT_RANGE] = content.content_range
    await response.prepare(request)
    try:
        async for chunk in content.chunks:
            if ready := chunk if retimer is None else retimer.feed(chunk):
                if head is not None:
                    head.add(ready)
                await response.write(ready)
        if retimer is not None and (rest := retimer.finish()):
            if head is not None:
                head.add(rest)
            await response.write(rest)
    except FetchError as err:
        _LOGGER.debug("A segment broke off: %s", err)
        # The reader must not take a part for the whole.
        if request.transport is not None:
            request.transport.abort()
        return response
    if head is not None:
        head.is_whole = True
    await response.write_eof()
    return response


def _nothing(status: HTTPStatus) -> web.Response:
    """Return an answer without a body: go2rtc would take any for video."""
    return web.Response(status=status, headers=_NO_STORE)


class PlaybackView(HomeAssistantView):
    """The way to recordings through Home Assistant's own port.

    Live video is not to be had here: its address is the same for as long as Home Assistant
    runs, and Home Assistant's stream writes it to the log when it can't be opened.
    """

    url = f"{PATH}/{{token}}/{{name}}"
    name = "api:amnimo:hls"
    requires_auth = False

    def __init__(self, directory: FeedDirectory) -> None:
        """Take where feeds are found."""
        self._directory = directory

    async def get(
        self, request: web.Request, token: str, name: str
    ) -> web.StreamResponse:
        """Answer a request for a playlist or for what one lists."""
        playback = self._directory.playback(token)
        return await self._directory.answer(request, playback, name)


_DIRECTORY: HassKey[FeedDirectory] = HassKey(f"{DOMAIN}_live")


@callback
def async_get_directory(hass: HomeAssistant) -> FeedDirectory:
    """Return the directory of a Home Assistant."""
    if _DIRECTORY not in hass.data:
        hass.data[_DIRECTORY] = FeedDirectory(hass)
    return hass.data[_DIRECTORY]


@callback
def async_register_view(hass: HomeAssistant) -> None:
    """Register the view; once, when the integration is set up."""
    hass.http.register_view(PlaybackView(async_get_directory(hass)))
