"""Storages that keep to HTTP in ways of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
import gzip
from pathlib import Path

from aiohttp import web
import pytest

from custom_components.amnimo.api import MediaCategory
from custom_components.amnimo.media.downloads import Downloads
from custom_components.amnimo.media.files import LocalFile
from custom_components.amnimo.media.job import MediaFailure, MediaJobError
from custom_components.amnimo.media.transfer import DownloadInterruptedError
from homeassistant.util import dt as dt_util

from .household import Household

CONTENT = (
    b"\0\0\0\x10ftypisom\0\0\0\0"
    b"\0\0\0\x08moov" + (400_008).to_bytes(4) + b"mdat" + bytes(range(250)) * 1600
)
HALF = len(CONTENT) // 2
PACKED = gzip.compress(CONTENT)
PAGE = b"<!DOCTYPE html><html><body>Sign in</body></html>"

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Storage:
    """A storage that answers each request by the next of its handlers."""

    def __init__(self) -> None:
        """Begin without an answer."""
        self.handlers: list[Handler] = []
        self.ranges: list[str | None] = []
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer the next request."""
        self.ranges.append(request.headers.get("Range"))
        return await self.handlers.pop(0)(request)


@pytest.fixture
async def storage() -> AsyncIterator[Storage]:
    """Return a storage that listens."""
    storage = Storage()
    app = web.Application()
    app.router.add_get("/clip", storage.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    storage.url = f"http://127.0.0.1:{runner.addresses[0][1]}/clip"
    yield storage
    await runner.cleanup()


async def whole(_: web.Request) -> web.Response:
    """Answer with all of it, whatever was asked for."""
    return web.Response(body=CONTENT)


async def chunked(request: web.Request) -> web.StreamResponse:
    """Answer with all of it, without telling how much that is."""
    response = web.StreamResponse()
    response.enable_chunked_encoding()
    await response.prepare(request)
    await response.write(CONTENT)
    await response.write_eof()
    return response


async def dropped(request: web.Request) -> web.StreamResponse:
    """Break off after half of it, once that has arrived."""
    response = web.StreamResponse()
    response.content_length = len(CONTENT)
    await response.prepare(request)
    await response.write(CONTENT[:HALF])
    await asyncio.sleep(1)
    assert request.transport is not None
    request.transport.close()
    return response


async def packed(_: web.Request) -> web.Response:
    """Answer with all of it, packed although nobody asked for that."""
    return web.Response(body=PACKED, headers={"Content-Encoding": "gzip"})


async def packed_and_dropped(request: web.Request) -> web.StreamResponse:
    """Break off after the greater part of it, packed."""
    response = web.StreamResponse(headers={"Content-Encoding": "gzip"})
    response.content_length = len(PACKED)
    await response.prepare(request)
    await response.write(PACKED[:-20])
    await asyncio.sleep(1)
    assert request.transport is not None
    request.transport.close()
    return response


def unmeasured(content: bytes) -> Handler:
    """Answer with some bytes until the connection ends, without telling how many."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.force_close()
        assert request.transport is not None
        request.transport.write(
            b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + content
        )
        await asyncio.sleep(0.1)
        request.transport.close()
        return response

    return handler


def part(headers: dict[str, str], start: int = HALF, status: int = 206) -> Handler:
    """Answer with the rest of it and some headers."""

    async def handler(_: web.Request) -> web.Response:
        return web.Response(status=status, body=CONTENT[start:], headers=headers)

    return handler


def unsatisfiable(total: int) -> Handler:
    """Answer that there is nothing from there on."""

    async def handler(_: web.Request) -> web.Response:
        return web.Response(status=416, headers={"Content-Range": f"bytes */{total}"})

    return handler


async def fetch(
    household: Household, storage: Storage, size: int | None = None
) -> LocalFile:
    """Fetch the clip, of which the service may have told the size."""
    downloads = Downloads(household.hass, "entry")

    async def mint() -> str:
        return storage.url

    path = await downloads.async_choose_path(
        "camera", "Gate", dt_util.utcnow(), MediaCategory.CLIP, ()
    )
    return await household.result_of(
        downloads.async_fetch("1", mint, path, MediaCategory.CLIP, size=size)
    )


def content(path: Path) -> bytes:
    """Return what is in a file."""
    return path.read_bytes()


RANGE = f"bytes {HALF}-{len(CONTENT) - 1}/{len(CONTENT)}"
OPEN_RANGE = f"bytes {HALF}-{len(CONTENT) - 1}/*"


@pytest.mark.parametrize(
    "handlers",
    [
        [whole],
        [chunked],
        [dropped, part({"Content-Range": RANGE})],
        [dropped, part({"Content-Range": OPEN_RANGE})],
        [dropped, whole],
        [dropped, part({"Content-Range": "bytes 5-9/10"}, start=5), whole],
        [dropped, part({}), whole],
        [dropped, part({"Content-Range": "rubbish"}), whole],
        [dropped, unsatisfiable(5), whole],
        [dropped, part({}, status=304), whole],
    ],
)
async def test_the_file_is_whole_in_the_end(
    household: Household, storage: Storage, handlers: list[Handler]
) -> None:
    storage.handlers = list(handlers)
    file = await fetch(household, storage)
    assert content(file.path) == CONTENT
    assert storage.handlers == []
    if len(handlers) > 1:
        assert storage.ranges[1] == f"bytes={HALF}-"


async def test_all_that_there_is_may_have_come_already(
    household: Household, storage: Storage
) -> None:
    """The storage said that there was more, and then that there was not."""

    async def promising(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_length = len(CONTENT) + 10
        await response.prepare(request)
        await response.write(CONTENT)
        await asyncio.sleep(1)
        assert request.transport is not None
        request.transport.close()
        return response

    storage.handlers = [promising, unsatisfiable(len(CONTENT))]
    file = await fetch(household, storage)
    assert content(file.path) == CONTENT


async def test_more_than_was_announced_is_not_kept(
    household: Household, storage: Storage
) -> None:
    """A rest that is longer than the storage says makes it begin anew."""
    wrong = f"bytes {HALF}-{HALF + 9}/{HALF + 10}"
    storage.handlers = [dropped, part({"Content-Range": wrong}), whole]
    file = await fetch(household, storage)
    assert content(file.path) == CONTENT


# --- Storages that pack --------------------------------------------------------------------


@pytest.mark.parametrize("size", [None, len(CONTENT)])
async def test_a_file_that_comes_packed_is_unpacked(
    household: Household, storage: Storage, size: int | None
) -> None:
    """The length that is told is that of something else."""
    storage.handlers = [packed]
    file = await fetch(household, storage, size)
    assert content(file.path) == CONTENT
    assert storage.handlers == []


async def test_of_a_packed_file_no_rest_is_asked_for(
    household: Household, storage: Storage
) -> None:
    storage.handlers = [packed_and_dropped, whole]
    file = await fetch(household, storage)
    assert content(file.path) == CONTENT
    assert storage.ranges == [None, None]


async def test_a_packed_rest_is_not_appended(
    household: Household, storage: Storage
) -> None:
    rest = gzip.compress(CONTENT[HALF:])

    async def packed_rest(_: web.Request) -> web.Response:
        headers = {"Content-Range": RANGE, "Content-Encoding": "gzip"}
        return web.Response(status=206, body=rest, headers=headers)

    storage.handlers = [dropped, packed_rest, whole]
    file = await fetch(household, storage)
    assert content(file.path) == CONTENT


# --- Storages that do not tell how much there is -------------------------------------------


async def test_what_ends_early_goes_on_where_it_ended(
    household: Household, storage: Storage
) -> None:
    """A connection that is cut looks like one that came to its end."""
    storage.handlers = [unmeasured(CONTENT[:HALF]), part({"Content-Range": OPEN_RANGE})]
    file = await fetch(household, storage, len(CONTENT))
    assert content(file.path) == CONTENT
    assert storage.ranges == [None, f"bytes={HALF}-"]


async def test_what_ends_early_again_and_again_is_had_in_the_end(
    household: Household, storage: Storage
) -> None:
    """Of a storage that knows no ranges."""
    cuts = [HALF, HALF - 9, HALF + 9]
    storage.handlers = [unmeasured(CONTENT[:cut]) for cut in cuts] + [whole]
    file = await fetch(household, storage, len(CONTENT))
    assert content(file.path) == CONTENT


async def test_what_ends_early_at_the_same_place_is_tried_again_later(
    household: Household, storage: Storage
) -> None:
    storage.handlers = [unmeasured(CONTENT[:HALF])] * 7
    with pytest.raises(DownloadInterruptedError):
        await fetch(household, storage, len(CONTENT))
    assert storage.handlers == []


@pytest.mark.parametrize("size", [None, 1000])
@pytest.mark.parametrize("rest", [part({"Content-Range": RANGE}), whole])
async def test_what_is_no_whole_clip_yet_goes_on_though_nobody_tells_how_long_it_is(
    household: Household, storage: Storage, size: int | None, rest: Handler
) -> None:
    storage.handlers = [*[unmeasured(CONTENT[:HALF])] * 3, rest]
    file = await fetch(household, storage, size)
    assert content(file.path) == CONTENT


async def test_what_never_becomes_a_whole_clip_is_given_up(
    household: Household, storage: Storage
) -> None:
    """The storage ends it there each time, and the service tells no size."""
    storage.handlers = [unmeasured(CONTENT[:HALF])] * 7
    with pytest.raises(MediaJobError) as raised:
        await fetch(household, storage)
    assert raised.value.reason is MediaFailure.INVALID_FILE
    assert storage.handlers == []


async def test_a_size_that_is_told_wrongly_keeps_nobody_from_a_whole_file(
    household: Household, storage: Storage
) -> None:
    storage.handlers = [chunked, unsatisfiable(len(CONTENT))]
    file = await fetch(household, storage, len(CONTENT) + 1000)
    assert content(file.path) == CONTENT
    storage.handlers = [chunked, chunked]
    file = await fetch(household, storage, len(CONTENT) + 1000)
    assert content(file.path) == CONTENT
    storage.handlers = [chunked]
    file = await fetch(household, storage, 1000)
    assert content(file.path) == CONTENT
    assert storage.handlers == []


async def test_a_page_in_place_of_the_file_is_not_waited_for(
    household: Household, storage: Storage
) -> None:
    storage.handlers = [unmeasured(PAGE)] * 4
    with pytest.raises(MediaJobError) as raised:
        await fetch(household, storage, len(CONTENT))
    assert raised.value.reason is MediaFailure.INVALID_FILE
    assert storage.handlers == []


# --- Formats that nobody promised ----------------------------------------------------------


async def test_a_clip_in_another_format_gets_its_suffix(
    household: Household, storage: Storage
) -> None:
    packets = (b"\x47" + bytes(187)) * 1000

    async def stream(_: web.Request) -> web.Response:
        return web.Response(body=packets, content_type="video/mp2t")

    storage.handlers = [stream]
    file = await fetch(household, storage)
    assert file.path.name.endswith("_gate_clip.ts")
    assert content(file.path) == packets
