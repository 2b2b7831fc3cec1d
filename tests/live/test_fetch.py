"""Fetching what the service points to: limits, redirects, packing, byte ranges."""

from collections.abc import AsyncIterator, Awaitable, Callable
import gzip

import aiohttp
from aiohttp import hdrs, web
import pytest

from custom_components.amnimo.live.fetch import (
    FetchError,
    GoneError,
    RangeError,
    fetch_playlist,
    open_resource,
    read_resource,
)
from custom_components.amnimo.live.playlist import ByteRange, MediaPlaylist, Resource

BODY = bytes(range(256)) * 40
PLAYLIST = "#EXTM3U\n#EXTINF:2,\nsegment.ts?Signature=a%2Fb%3D\n"


class Server:
    """Serves what a test says, and remembers what it was asked."""

    def __init__(self) -> None:
        self.origin = ""
        self.requests: list[web.Request] = []
        self.handlers: dict[
            str, Callable[[web.Request], Awaitable[web.StreamResponse]]
        ] = {}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer as the test said."""
        self.requests.append(request)
        return await self.handlers[request.path](request)

    def serve(
        self,
        path: str,
        body: bytes | str = b"",
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        ranges: bool = False,
    ) -> str:
        """Serve a body at a path; return its URL."""
        content = body.encode() if isinstance(body, str) else body

        async def answer(request: web.Request) -> web.StreamResponse:
            wanted = request.http_range
            if not ranges or request.headers.get(hdrs.RANGE) is None:
                return web.Response(body=content, status=status, headers=headers)
            if wanted.start >= len(content):
                return web.Response(status=416)
            part = content[wanted]
            first = wanted.start
            about = f"bytes {first}-{first + len(part) - 1}/{len(content)}"
            return web.Response(
                body=part, status=206, headers={hdrs.CONTENT_RANGE: about}
            )

        self.handlers[path] = answer
        return self.origin + path


@pytest.fixture
async def server(socket_enabled: None) -> AsyncIterator[Server]:
    """Return a server that runs."""
    serving = Server()
    app = web.Application()
    app.router.add_get("/{tail:.*}", serving.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    serving.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield serving
    await runner.cleanup()


@pytest.fixture
async def http(socket_enabled: None) -> AsyncIterator[aiohttp.ClientSession]:
    """Return a session of a client."""
    async with aiohttp.ClientSession() as session:
        yield session


async def body_of(
    http: aiohttp.ClientSession, resource: Resource, wanted: str | None = None
) -> tuple[int, int | None, str | None, bytes]:
    """Return status, length, range and body that a reader would get."""
    async with open_resource(http, resource, wanted) as content:
        body = b"".join([chunk async for chunk in content.chunks])
        return content.status, content.length, content.content_range, body


async def test_urls_are_resolved_against_where_a_redirect_led(
    server: Server, http: aiohttp.ClientSession
) -> None:
    server.serve("/far/away/index.m3u8", PLAYLIST)
    server.serve("/start", status=302, headers={"Location": "/far/away/index.m3u8?k=1"})
    playlist = await fetch_playlist(http, f"{server.origin}/start")
    assert isinstance(playlist, MediaPlaylist)
    assert playlist.segments[0].resource.url == (
        f"{server.origin}/far/away/segment.ts?Signature=a%2Fb%3D"
    )


async def test_a_packed_playlist_is_unpacked(
    server: Server, http: aiohttp.ClientSession
) -> None:
    packed = gzip.compress(PLAYLIST.encode())
    url = server.serve("/p", packed, headers={"Content-Encoding": "gzip"})
    assert isinstance(await fetch_playlist(http, url), MediaPlaylist)


async def test_signatures_go_out_as_they_came_and_no_token_goes_along(
    server: Server, http: aiohttp.ClientSession
) -> None:
    server.serve("/p", PLAYLIST)
    await fetch_playlist(http, f"{server.origin}/p?Signature=a%2Fb%2Bc%3D&x=%7E")
    (request,) = server.requests
    assert request.raw_path == "/p?Signature=a%2Fb%2Bc%3D&x=%7E"
    assert hdrs.AUTHORIZATION not in request.headers


async def test_redirects_come_to_an_end(
    server: Server, http: aiohttp.ClientSession
) -> None:
    url = server.serve("/round", status=302, headers={"Location": "/round?and=round"})
    with pytest.raises(FetchError):
        await fetch_playlist(http, url)
    assert len(server.requests) <= 6
    server.requests.clear()
    with pytest.raises(FetchError):
        await body_of(http, Resource(url))
    assert len(server.requests) <= 6


@pytest.mark.parametrize(
    "location", ["file:///etc/hostname", "data:,x", "ftp://127.0.0.1/x", "http://[", ""]
)
async def test_a_redirect_leads_to_http_or_nowhere(
    server: Server, http: aiohttp.ClientSession, location: str
) -> None:
    url = server.serve("/away", status=302, headers={"Location": location})
    with pytest.raises(FetchError) as error:
        await fetch_playlist(http, url)
    assert "hostname" not in str(error.value)
    with pytest.raises(FetchError):
        await body_of(http, Resource(url))
    with pytest.raises(FetchError):
        await read_resource(http, Resource(url), 100)


async def test_a_small_packet_does_not_become_a_huge_playlist(
    server: Server, http: aiohttp.ClientSession
) -> None:
    packed = gzip.compress(b"#EXTM3U\n" + b"#" * (32 * 1024 * 1024))
    url = server.serve("/p", packed, headers={"Content-Encoding": "gzip"})
    with pytest.raises(FetchError):
        await fetch_playlist(http, url)


async def test_bytes_that_are_no_utf_8_are_asked_for_as_they_came(
    server: Server, http: aiohttp.ClientSession
) -> None:
    text = "#EXTM3U\n#EXTINF:2,caf\xe9\ncaf\xe9.ts\n".encode("latin-1")
    playlist = await fetch_playlist(http, server.serve("/p", text))
    assert isinstance(playlist, MediaPlaylist)
    (segment,) = playlist.segments
    assert segment.title.encode()
    assert segment.resource.url == f"{server.origin}/caf%E9.ts"


@pytest.mark.parametrize("status", [401, 403, 404, 410])
async def test_a_playlist_that_is_gone_is_told_from_one_that_fails(
    server: Server, http: aiohttp.ClientSession, status: int
) -> None:
    with pytest.raises(GoneError):
        await fetch_playlist(http, server.serve("/gone", status=status))
    with pytest.raises(FetchError) as error:
        await fetch_playlist(http, server.serve("/broken", status=503))
    assert not isinstance(error.value, GoneError)


@pytest.mark.parametrize(
    "body",
    [
        "<html>sign in</html>",
        b"\xff\xfe\x00",
        "",
        "#EXTM3U\n#EXTINF:2,\nfile:///etc/passwd\n",
        b"#EXTM3U\n" + b"#" * (2 * 1024 * 1024),
    ],
    ids=["page", "binary", "empty", "file", "huge"],
)
async def test_what_can_not_be_a_playlist_fails_without_telling_the_url(
    server: Server, http: aiohttp.ClientSession, body: bytes | str
) -> None:
    url = server.serve("/p", body)
    with pytest.raises(FetchError) as error:
        await fetch_playlist(http, f"{url}?Signature=hidden")
    assert "hidden" not in str(error.value)
    assert error.value.__cause__ is None


async def test_a_server_that_is_not_there_fails_without_telling_the_url(
    http: aiohttp.ClientSession, server: Server
) -> None:
    for get in (
        fetch_playlist(http, "http://127.0.0.1:1/p?Signature=hidden"),
        read_resource(http, Resource("http://127.0.0.1:1/s?Signature=hidden"), 10),
    ):
        with pytest.raises(FetchError) as error:
            await get
        assert "hidden" not in str(error.value)


async def test_a_resource_is_passed_on_with_its_length(
    server: Server, http: aiohttp.ClientSession
) -> None:
    url = server.serve("/s.ts", BODY)
    assert await body_of(http, Resource(url)) == (200, len(BODY), None, BODY)
    assert server.requests[0].headers[hdrs.ACCEPT_ENCODING] == "identity"


async def test_a_packed_resource_has_no_length_to_rely_on(
    server: Server, http: aiohttp.ClientSession
) -> None:
    packed = gzip.compress(BODY)
    url = server.serve("/s.ts", packed, headers={"Content-Encoding": "gzip"})
    assert await body_of(http, Resource(url)) == (200, None, None, BODY)


async def test_a_readers_range_goes_to_the_server(
    server: Server, http: aiohttp.ClientSession
) -> None:
    url = server.serve("/s.ts", BODY, ranges=True)
    assert await body_of(http, Resource(url), "bytes=10-19") == (
        206,
        10,
        f"bytes 10-19/{len(BODY)}",
        BODY[10:20],
    )
    with pytest.raises(RangeError):
        await body_of(http, Resource(url), "bytes=99999999-")


@pytest.mark.parametrize("ranges", [True, False], ids=["ranges", "no ranges"])
@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        (None, 0, 499),
        ("bytes=0-", 0, 499),
        ("bytes=100-", 100, 499),
        ("bytes=100-199", 100, 199),
        ("bytes=400-9999", 400, 499),
        ("bytes=-50", 450, 499),
        ("bytes=-9999", 0, 499),
    ],
)
async def test_a_part_of_a_file_counts_as_a_whole(
    server: Server,
    http: aiohttp.ClientSession,
    ranges: bool,
    wanted: str | None,
    first: int,
    last: int,
) -> None:
    url = server.serve("/all.mp4", BODY, ranges=ranges)
    part = Resource(url, ByteRange(500, 1000))
    status, length, about, body = await body_of(http, part, wanted)
    assert body == BODY[1000 + first : 1000 + last + 1]
    assert length == len(body)
    if wanted is None:
        assert (status, about) == (200, None)
    else:
        assert (status, about) == (206, f"bytes {first}-{last}/500")


async def test_a_range_beyond_a_part_is_refused(
    server: Server, http: aiohttp.ClientSession
) -> None:
    url = server.serve("/all.mp4", BODY, ranges=True)
    with pytest.raises(RangeError):
        await body_of(http, Resource(url, ByteRange(500, 1000)), "bytes=500-")
    assert not server.requests


async def test_a_part_that_is_too_short_is_not_taken_for_whole(
    server: Server, http: aiohttp.ClientSession
) -> None:
    url = server.serve("/all.mp4", BODY[:1100])
    with pytest.raises(FetchError):
        await body_of(http, Resource(url, ByteRange(500, 1000)))


async def test_a_body_that_breaks_off_is_told(
    server: Server, http: aiohttp.ClientSession
) -> None:
    async def break_off(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_length = 1000
        await response.prepare(request)
        await response.write(b"x" * 100)
        assert request.transport is not None
        request.transport.abort()
        return response

    server.handlers["/s.ts"] = break_off
    with pytest.raises(FetchError):
        await body_of(http, Resource(f"{server.origin}/s.ts"))


async def test_a_small_resource_is_read_whole_up_to_its_limit(
    server: Server, http: aiohttp.ClientSession
) -> None:
    resource = Resource(server.serve("/init.mp4", BODY))
    assert await read_resource(http, resource, len(BODY)) == BODY
    with pytest.raises(FetchError):
        await read_resource(http, resource, len(BODY) - 1)
