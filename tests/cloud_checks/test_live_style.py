"""Live streams of every style: what each switch changes, and that they combine."""

import asyncio
from collections.abc import Callable
import gzip
import io
from itertools import combinations, pairwise
from typing import Any

import av
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
import pytest

from custom_components.amnimo.live.playlist import (
    MasterPlaylist,
    MediaPlaylist,
    Resource,
    Segment,
    parse,
)
from tests.cloud import CloudOptions, SimulatedCloud
from tests.cloud.live_style import STYLE_WORDS, LiveStyle, restyled
from tests.cloud.video import SOUND
from tests.cloud.world import Camera

from .caller import Caller
from .playlists import start
from .still import NOON, still_options
from .test_video import FRAME, decode

WORDS = [word for word in STYLE_WORDS if word not in ("mpegts", "frozen")]
EXCLUSIVE = [
    {"low-latency", "encrypted"},
    {"low-latency", "explicit-iv"},
]


def style(words: str) -> Any:
    """Return the options of a cloud whose streams are so."""
    return pytest.param(still_options(live_style=words), id=words)


async def playlist_of(caller: Caller, url: str) -> MediaPlaylist:
    """Return the media playlist at a URL: of the first variant, where there are some."""
    text, base = await fetch(caller, url)
    found = parse(text, base)
    if isinstance(found, MasterPlaylist):
        return await playlist_of(caller, found.variants[0].url)
    return found


async def fetch(caller: Caller, url: str) -> tuple[str, str]:
    """Return what is at a URL, and where that was in the end."""
    async with caller.session.get(url) as response:
        assert response.ok, response.status
        return await response.text(), str(response.url)


async def clear(caller: Caller, segment: Segment) -> bytes:
    """Return a segment as it is played: with its initialization, and decrypted."""
    content = await read(caller, segment.resource)
    for key in segment.keys:
        assert key.resource is not None
        iv = bytes.fromhex(key.iv[2:]) if key.iv else segment.sequence.to_bytes(16)
        secret = algorithms.AES128(await read(caller, key.resource))
        cipher = Cipher(secret, modes.CBC(iv)).decryptor()
        pad = PKCS7(128).unpadder()
        content = pad.update(cipher.update(content)) + pad.finalize()
    if segment.init is not None:
        content = await read(caller, segment.init) + content
    return content


async def read(caller: Caller, resource: Resource) -> bytes:
    """Return a file, or the part of it that is meant."""
    if (part := resource.byte_range) is None:
        return await caller.content(resource.url)
    headers = {"Range": f"bytes={part.offset}-{part.end - 1}"}
    content = await caller.content(resource.url, headers=headers)
    assert len(content) == part.length
    return content


@pytest.mark.parametrize(
    "options",
    [
        style("+".join(words))
        for words in combinations(WORDS, 2)
        if set(words) not in EXCLUSIVE
    ],
)
async def test_any_two_switches_combine(caller: Caller, edge_camera: Camera) -> None:
    viewer = await start(caller, edge_camera, keep_alive=60)
    caller.cloud.clock.advance(6)
    playlist = await playlist_of(caller, viewer.url)
    newest = playlist.segments[-1]
    assert newest.sequence == 6
    frames = decode(await clear(caller, newest))
    clocks = [NOON + 5 + index * FRAME for index in range(10)]
    assert [clock for _, clock in frames] == pytest.approx(clocks, abs=0.0011)


@pytest.mark.parametrize(
    "words", ["low-latency+encrypted", "low-latency+explicit-iv", "nonsense"]
)
def test_what_can_not_be_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match=r"parts|words"):
        SimulatedCloud(CloudOptions(live_style=words))


def test_sound_can_not_be_separate_without_a_master_playlist() -> None:
    with pytest.raises(ValueError, match="master"):
        LiveStyle(separate_audio=True)


def test_words_change_what_a_dialect_has() -> None:
    changed = restyled(LiveStyle(audio=True), "fmp4+extensionless")
    assert (changed.audio, changed.is_fragmented, changed.suffix) == (True, True, "")
    assert restyled(changed, "") == changed


@pytest.mark.parametrize("options", [style("event")])
async def test_an_event_keeps_its_segments(caller: Caller, edge_camera: Camera) -> None:
    viewer = await start(caller, edge_camera, keep_alive=120)
    caller.cloud.clock.advance(90)
    playlist = await playlist_of(caller, viewer.url)
    assert (len(playlist.segments), playlist.type) == (91, "EVENT")
    assert await read(caller, playlist.segments[0].resource)


@pytest.mark.parametrize("options", [style("byte-ranges+fmp4")])
async def test_a_range_outside_of_the_file_is_refused(
    caller: Caller, edge_camera: Camera
) -> None:
    viewer = await start(caller, edge_camera)
    caller.cloud.clock.advance(2)
    *_, newest = (await playlist_of(caller, viewer.url)).segments
    resource, part = newest.resource, newest.resource.byte_range
    assert part is not None
    whole = await caller.content(resource.url)
    assert len(whole) == part.end
    assert whole[part.offset :] == await read(caller, resource)
    beyond = {"Range": f"bytes={part.end}-{part.end + 9}"}
    await caller.fetch("GET", resource.url, headers=beyond, status=416)
    caller.cloud.clock.advance(1)
    assert await caller.content(resource.url, headers=beyond)


@pytest.mark.parametrize("options", [style("encrypted"), style("explicit-iv")])
async def test_nothing_can_be_seen_without_the_key_and_keys_change(
    caller: Caller, edge_camera: Camera
) -> None:
    viewer = await start(caller, edge_camera)
    caller.cloud.clock.advance(5)
    segments = (await playlist_of(caller, viewer.url)).segments
    keys = {key.resource for segment in segments for key in segment.keys}
    assert len(keys) == 2
    content = await read(caller, segments[0].resource)
    assert content[0] != 0x47
    assert len(content) % 16 == 0
    assert (await clear(caller, segments[0]))[::188].count(0x47) > 10


@pytest.mark.parametrize("options", [style("fresh-signatures+encrypted+fmp4")])
async def test_each_playlist_is_signed_anew_and_a_signature_expires(
    caller: Caller, edge_camera: Camera
) -> None:
    viewer = await start(caller, edge_camera, keep_alive=120)

    def files(segment: Segment) -> list[str]:
        assert segment.init is not None
        (key,) = segment.keys
        assert key.resource is not None
        return [segment.resource.url, segment.init.url, key.resource.url]

    one, other = [
        files((await playlist_of(caller, viewer.url)).segments[0]) for _ in range(2)
    ]
    for before, after in zip(one, other, strict=True):
        assert before != after
        assert before.partition("?")[0] == after.partition("?")[0]
        assert await caller.content(before)
    caller.cloud.clock.advance(30)
    for url in one:
        await caller.fetch("GET", url, status=403)
    assert (await playlist_of(caller, viewer.url)).segments[-1].sequence == 30


@pytest.mark.parametrize("options", [style("redirects"), style("redirects+master")])
async def test_every_request_is_led_to_the_other_port(
    caller: Caller, edge_camera: Camera
) -> None:
    viewer = await start(caller, edge_camera)
    async with caller.session.get(viewer.url) as response:
        (hop,) = response.history
        assert (hop.status, response.url.path) == (302, hop.url.path)
        assert response.url.port != hop.url.port
    segment = (await playlist_of(caller, viewer.url)).segments[0].resource.url
    async with caller.session.get(segment) as response:
        assert len(response.history) == 1
        assert await response.read()


@pytest.mark.parametrize("options", [style("absolute-urls+master")])
async def test_whole_urls_are_written(caller: Caller, edge_camera: Camera) -> None:
    viewer = await start(caller, edge_camera)
    text, base = await fetch(caller, viewer.url)
    master = parse(text, base)
    assert isinstance(master, MasterPlaylist)
    assert all(each.url in text for each in master.variants)
    text, base = await fetch(caller, master.variants[0].url)
    (segment,) = (await playlist_of(caller, base)).segments
    assert segment.resource.url in text


@pytest.mark.parametrize("options", [style("gzip")])
async def test_a_playlist_is_packed_for_those_who_unpack(
    caller: Caller, edge_camera: Camera
) -> None:
    viewer = await start(caller, edge_camera)
    for accepted, unpack in (("gzip", gzip.decompress), ("identity", bytes)):
        headers = {"Accept-Encoding": accepted}
        request = caller.session.get(viewer.url, headers=headers, auto_decompress=False)
        async with request as response:
            unpacked: Callable[[bytes], bytes] = unpack
            assert unpacked(await response.read()).startswith(b"#EXTM3U")


@pytest.mark.parametrize("options", [style("separate-sound")])
async def test_sound_can_be_a_playlist_of_its_own(
    caller: Caller, edge_camera: Camera
) -> None:
    viewer = await start(caller, edge_camera)
    text, base = await fetch(caller, viewer.url)
    master = parse(text, base)
    assert isinstance(master, MasterPlaylist)
    variant, sound = master.best()
    assert sound is not None
    assert f"/{SOUND.name}.m3u8" in sound.url
    kinds = []
    for url in (variant.url, sound.url):
        (segment,) = (await playlist_of(caller, url)).segments
        content = await clear(caller, segment)
        kinds.append([kind for kind in ("video", "audio") if has(content, kind)])
    assert kinds == [["video"], ["audio"]]


def has(content: bytes, kind: str) -> bool:
    """Say whether a file has a kind of stream."""
    with av.open(io.BytesIO(content), "r") as container:
        return any(stream.type == kind for stream in container.streams)


# --- Low latency ---------------------------------------------------------------------------

LOW_LATENCY = still_options(live_style="low-latency+fmp4", window_segments=12)


def parts_in(text: str, name: str) -> list[str]:
    """Return the URIs of the parts of a segment that a playlist lists."""
    lines = [line for line in text.splitlines() if line.startswith("#EXT-X-PART:")]
    uris = [line.partition('URI="')[2].partition('"')[0] for line in lines]
    return [uri for uri in uris if uri.startswith(f"{name}-")]


@pytest.mark.parametrize("options", [LOW_LATENCY])
async def test_parts_come_before_their_segment_and_add_up_to_it(
    caller: Caller, edge_camera: Camera
) -> None:
    viewer = await start(caller, edge_camera)
    caller.cloud.clock.advance(3.5)
    text, base = await fetch(caller, viewer.url)
    assert [each.sequence for each in playlist(text, base).segments] == [0, 1, 2, 3]
    assert "CAN-BLOCK-RELOAD=YES" in text
    (under_way,) = parts_in(text, "high-4")
    hint = text.partition('HINT:TYPE=PART,URI="')[2].partition('"')[0]
    assert hint.startswith("high-4-1.m4s?")
    there = base.rpartition("/")[0] + "/"
    await caller.fetch("GET", there + hint, status=404)
    caller.cloud.clock.advance(0.5)

    text, base = await fetch(caller, viewer.url)
    segment = playlist(text, base).segments[-1]
    parts = [await caller.content(there + uri) for uri in (under_way, hint)]
    assert b"".join(parts) == await caller.content(segment.resource.url)
    assert segment.init is not None
    init = await caller.content(segment.init.url)
    frames = [clock for part in parts for _, clock in decode(init + part)]
    steps = [after - before for before, after in pairwise(frames)]
    assert steps == [pytest.approx(FRAME, abs=0.0011)] * 9


@pytest.mark.parametrize("options", [LOW_LATENCY])
async def test_a_reload_waits_for_what_it_wants(
    caller: Caller, edge_camera: Camera
) -> None:
    viewer = await start(caller, edge_camera)
    waiting = asyncio.create_task(fetch(caller, f"{viewer.url}&_HLS_msn=1&_HLS_part=0"))
    whole = asyncio.create_task(fetch(caller, f"{viewer.url}&_HLS_msn=1"))
    await fetch(caller, viewer.url)
    assert not waiting.done()
    caller.cloud.clock.advance(0.5)
    text, _ = await waiting
    assert len(parts_in(text, "high-1")) == 1
    assert not whole.done()
    caller.cloud.clock.advance(0.5)
    text, base = await whole
    assert [each.sequence for each in playlist(text, base).segments] == [0, 1]


@pytest.mark.parametrize("options", [LOW_LATENCY])
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("_HLS_msn=9", 400),
        ("_HLS_part=0", 400),
        ("_HLS_msn=x", 400),
        ("_HLS_msn=1", 503),
    ],
)
async def test_a_reload_that_waits_for_nothing_is_refused(
    caller: Caller, edge_camera: Camera, query: str, status: int
) -> None:
    viewer = await start(caller, edge_camera)
    await caller.fetch("GET", f"{viewer.url}&{query}", status=status)


@pytest.mark.parametrize("options", [LOW_LATENCY])
async def test_segments_are_skipped_only_for_those_who_ask(
    caller: Caller, edge_camera: Camera
) -> None:
    viewer = await start(caller, edge_camera, keep_alive=60)
    caller.cloud.clock.advance(20)
    whole, base = await fetch(caller, viewer.url)
    assert "EXT-X-SKIP" not in whole
    delta, _ = await fetch(caller, f"{viewer.url}&_HLS_skip=YES")
    assert "#EXT-X-SKIP:SKIPPED-SEGMENTS=6\n" in delta
    listed = playlist(whole, base).segments
    assert len(listed) == 12
    skipping = playlist(delta, base).segments
    numbers = [each.sequence for each in skipping]
    assert numbers == [each.sequence for each in listed[6:]]


@pytest.mark.parametrize("options", [style("low-latency+master+sound")])
async def test_a_playlist_tells_of_the_other_renditions(
    caller: Caller, edge_camera: Camera
) -> None:
    viewer = await start(caller, edge_camera)
    caller.cloud.clock.advance(0.5)
    text, base = await fetch(caller, viewer.url)
    master = parse(text, base)
    assert isinstance(master, MasterPlaylist)
    text, _ = await fetch(caller, master.variants[0].url)
    reports = [line for line in text.splitlines() if "RENDITION-REPORT" in line]
    assert [line.partition('URI="')[2][:3] for line in reports] == ["low", "sou"]
    assert all(line.endswith("LAST-MSN=1,LAST-PART=0") for line in reports)


def playlist(text: str, base: str) -> MediaPlaylist:
    """Return the media playlist in a text."""
    found = parse(text, base)
    assert isinstance(found, MediaPlaylist)
    return found
