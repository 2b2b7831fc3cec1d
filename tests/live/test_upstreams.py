"""Upstreams of every kind HLS allows, decoded by FFmpeg through the relay."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
import itertools
from typing import Any

import av
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
import pytest

from custom_components.amnimo.api import AmnimoClient, Stream
from custom_components.amnimo.live.relay import LiveRelay
from custom_components.amnimo.live.timing import Timing
from tests.cloud import CloudOptions, SimulatedCloud
from tests.cloud.live_style import STYLE_WORDS
from tests.cloud.world import Camera

from .edge import Edge
from .footage import encode
from .viewer import Viewer, decode
from .waiting import kill

type Decoded = Callable[[], Awaitable[list[float]]]

SECONDS = 3

MASTER = """#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="s",NAME="s",DEFAULT=YES,URI="a/index.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=1000,AUDIO="s"
v/low.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=2000,AUDIO="s"
v/high.m3u8
"""


def listing(uris: list[str], *before: str, first: int = 0) -> str:
    """Return a live playlist of segments of a second."""
    lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:1", f"#EXT-X-MEDIA-SEQUENCE:{first}"]
    for uri in uris:
        lines += ["#EXTINF:1.0,", *uri.split("\n")]
    return "\n".join([*lines[:3], *before, *lines[3:], ""])


@pytest.fixture
def timing(timing: Timing) -> Timing:
    """Let a stream that can't be extended be replaced soon."""
    return replace(timing, expiring_share=0.02)


@pytest.fixture(scope="module")
def segments() -> list[bytes]:
    """Return seconds of video with sound, in MPEG-TS."""
    return [encode(1.0 + second) for second in range(SECONDS)]


@pytest.fixture
def decoded(relay: LiveRelay, camera: Camera) -> Decoded:
    """Return what decodes all there is, and says at which times pictures are."""

    async def times() -> list[float]:
        url = relay.source_url(camera.id)
        pictures = await decode(url, SECONDS * 10 - 2, has_clock=False)
        return [picture.seconds for picture in pictures]

    return times


def assert_steady(times: list[float]) -> None:
    """Check that no picture is missing."""
    steps = [later - sooner for sooner, later in itertools.pairwise(times)]
    assert len(times) == SECONDS * 10 - 2
    assert steps == pytest.approx([0.1] * len(steps), abs=0.01)


# What belongs together in practice, and each word at least once.
STYLES = [
    "mpegts",
    "sound+extensionless",
    "fmp4+dates",
    "master+sound",
    "fmp4+master+sound+gone",
    "separate-sound",
    "fmp4+separate-sound",
    "event+sound",
    "event+fmp4+endlist",
    "byte-ranges",
    "fmp4+byte-ranges+sound",
    "encrypted",
    "explicit-iv+sound",
    "fmp4+encrypted",
    "fmp4+explicit-iv+byte-ranges",
    "low-latency+fmp4",
    "low-latency+master+sound",
    "absolute-urls+gzip",
    "fresh-signatures+fmp4+sound",
    "fresh-signatures+encrypted+master",
    "redirects+master",
    "redirects+absolute-urls+fmp4",
    "frozen+gzip+redirects+byte-ranges",
]
FRAME = 0.1


def styled(words: str) -> Any:
    """Return the options of a cloud whose streams are so."""
    options = CloudOptions(start_seconds=0, preroll_segments=2, live_style=words)
    return pytest.param(options, id=words)


@pytest.mark.parametrize("cloud_options", map(styled, STYLES))
async def test_every_style_is_played_and_goes_on_after_its_stream_has_died(
    relay: LiveRelay, camera: Camera, cloud: SimulatedCloud
) -> None:
    deaths: list[tuple[int, float]] = []

    def kill_once(count: int) -> None:
        if count == 20:
            deaths.append((cloud.stats.streams_started, cloud.clock.now()))
            kill(cloud)

    url = relay.source_url(camera.id)
    pictures = await decode(url, 52, on_picture=kill_once)

    ((started, died),) = deaths
    assert (started, cloud.stats.streams_started) == (1, 2)
    assert pictures[-1].clock > died
    # A picture may stand still there.
    clocks = [clock for clock, _ in itertools.groupby(each.clock for each in pictures)]
    steps = [later - sooner for sooner, later in itertools.pairwise(clocks)]
    # Not a picture is missing but where the stream was dead.
    seams = [step for step in steps if step != pytest.approx(FRAME, abs=0.02)]
    assert len(seams) <= 1, steps
    assert cloud.stats.leaked_tokens == 0


def test_every_style_is_played_in_some_test() -> None:
    assert {word for words in STYLES for word in words.split("+")} == set(STYLE_WORDS)


async def test_names_without_an_ending_and_addresses_of_any_form(
    edge: Edge, decoded: Decoded, segments: list[bytes]
) -> None:
    for number, segment in enumerate(segments):
        edge.files[f"deep/down/{number}"] = segment
    edge.files["index.m3u8"] = listing(
        ["deep/down/0?X=1&y=a%2Fb", "/deep/down/1", f"{edge.origin}/deep/down/2#t"]
    )
    assert_steady(await decoded())
    assert "/deep/down/0?X=1&y=a%2Fb" in edge.requests


async def test_segments_that_are_parts_of_one_file(
    edge: Edge, decoded: Decoded, segments: list[bytes]
) -> None:
    edge.files["all.ts"] = b"".join(segments)
    sizes = [len(segment) for segment in segments]
    edge.files["index.m3u8"] = listing(
        [
            f"#EXT-X-BYTERANGE:{sizes[0]}@0\nall.ts",
            f"#EXT-X-BYTERANGE:{sizes[1]}\nall.ts",
            f"#EXT-X-BYTERANGE:{sizes[2]}\nall.ts",
        ]
    )
    assert_steady(await decoded())


async def test_fragments_and_their_initialization_in_one_file(
    edge: Edge, decoded: Decoded
) -> None:
    whole, places = b"", []
    for second in range(SECONDS):
        file = encode(1.0 + second, container="mp4")
        at = file.index(b"moof") - 4
        fragments = file[at : file.index(b"mfra") - 4] if b"mfra" in file else file[at:]
        if not whole:
            whole = file[:at]
            head = len(whole)
        places.append((len(fragments), len(whole)))
        whole += fragments
    edge.files["all.mp4"] = whole
    edge.files["index.m3u8"] = listing(
        [f"#EXT-X-BYTERANGE:{size}@{at}\nall.mp4" for size, at in places],
        f'#EXT-X-MAP:URI="all.mp4",BYTERANGE="{head}@0"',
    )
    assert_steady(await decoded())


@pytest.mark.parametrize("explicit", [True, False], ids=["IV given", "IV by number"])
async def test_encrypted_segments_whose_numbers_become_others(
    edge: Edge, decoded: Decoded, segments: list[bytes], explicit: bool
) -> None:
    secret = bytes(range(16))
    for number, segment in enumerate(segments, 700):
        iv = (1 if explicit else number).to_bytes(16)
        pad = padding.PKCS7(128).padder()
        cipher = Cipher(algorithms.AES(secret), modes.CBC(iv)).encryptor()
        edge.files[f"{number}.ts"] = cipher.update(pad.update(segment) + pad.finalize())
    edge.files["keys/1"] = secret
    iv_attribute = f",IV=0x{1:032x}" if explicit else ""
    edge.files["index.m3u8"] = listing(
        ["700.ts", "701.ts", "702.ts"],
        f'#EXT-X-KEY:METHOD=AES-128,URI="keys/1"{iv_attribute}',
        first=700,
    )
    assert_steady(await decoded())


async def test_sound_that_is_a_playlist_of_its_own_is_not_lost(
    edge: Edge, relay: LiveRelay, camera: Camera, cloud: SimulatedCloud
) -> None:
    for second in range(SECONDS):
        edge.files[f"v/{second}.ts"] = encode(1.0 + second, sound=False)
        edge.files[f"a/{second}.ts"] = encode(1.0 + second, picture=False)
    names = [f"{second}.ts" for second in range(SECONDS)]
    edge.files["v/low.m3u8"] = edge.files["v/high.m3u8"] = listing(names)
    edge.files["a/index.m3u8"] = listing(names)
    edge.files["index.m3u8"] = MASTER
    found = await _streams(relay.source_url(camera.id))
    assert found["video"] >= 20
    assert found["audio"] >= 60
    assert "/v/high.m3u8" in edge.requests
    assert "/v/low.m3u8" not in edge.requests
    assert cloud.stats.streams_started == 1


async def _streams(url: str) -> dict[str, int]:
    """Return how many packets there are of each kind in the first seconds."""

    def read() -> dict[str, int]:
        counts = {"video": 0, "audio": 0}
        with av.open(url, timeout=10) as container:
            for packet in container.demux():
                counts[packet.stream.type] += 1
                if counts["video"] >= 25 and counts["audio"] >= 60:
                    break
        return counts

    return await asyncio.to_thread(read)


async def test_a_recording_is_played_to_its_end(
    edge: Edge, viewer: Viewer, segments: list[bytes]
) -> None:
    for number, segment in enumerate(segments):
        edge.files[f"{number}.ts"] = segment
    text = listing(["0.ts", "1.ts", "2.ts"], "#EXT-X-PLAYLIST-TYPE:VOD")
    edge.files["index.m3u8"] = f"{text}#EXT-X-ENDLIST\n"
    pictures = await decode(viewer.url, 10_000, has_clock=False)
    assert len(pictures) == SECONDS * 10
    asked = edge.requests.count("/index.m3u8")
    await viewer.get()
    assert edge.requests.count("/index.m3u8") == asked


async def test_a_playlist_of_all_that_ever_was_begins_anew_when_it_is_too_long(
    edge: Edge, viewer: Viewer, cloud: SimulatedCloud
) -> None:
    def event() -> str:
        number = len(edge.requests)
        before = "#" * (1024 * 1024 if cloud.stats.streams_started == 1 < number else 0)
        return listing([f"{number}.ts"], before, first=number)

    edge.files["index.m3u8"] = event
    # Long before it's given up as one that can't be reached.
    await viewer.watch(lambda _: cloud.stats.streams_started == 2)


async def test_a_redirect_leads_on(
    edge: Edge, decoded: Decoded, segments: list[bytes], relay: LiveRelay
) -> None:
    edge.redirects["index.m3u8"] = "/elsewhere/live.m3u8?token=1"
    for number, segment in enumerate(segments):
        edge.files[f"elsewhere/{number}.ts"] = segment
    edge.files["elsewhere/live.m3u8"] = listing(["0.ts", "1.ts", "2.ts"])
    assert_steady(await decoded())


async def test_a_stream_without_a_request_id_is_replaced_before_it_ends(
    client: AmnimoClient,
    relay: LiveRelay,
    viewer: Viewer,
    cloud: SimulatedCloud,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start_stream = client.start_stream

    async def start_nameless(*args: str, **kwargs: int) -> Stream:
        return replace(await start_stream(*args, **kwargs), request_id=None)

    monkeypatch.setattr(client, "start_stream", start_nameless)
    await viewer.watch(lambda _: cloud.stats.streams_started == 3)
    (counts,) = relay.diagnostics()["cameras"]
    assert counts["ended"]["expiring"] == 2
    assert cloud.stats.count("stream_update") == 0


async def test_sound_in_files_of_its_own_kind_goes_through_as_it_is(
    edge: Edge, viewer: Viewer
) -> None:
    edge.files["0.aac"] = b"sound"
    edge.files["index.m3u8"] = listing(["0.aac"])
    (segment,) = (await viewer.get()).playlist.segments
    look = await viewer.get(segment.resource.url)
    assert (look.body, look.headers["Content-Type"]) == (b"sound", "audio/aac")


async def test_an_initialization_that_is_missing_does_not_hide_the_rest(
    edge: Edge, viewer: Viewer
) -> None:
    edge.files["0.m4s"] = b"fragments"
    edge.files["index.m3u8"] = listing(["0.m4s"], '#EXT-X-MAP:URI="gone.mp4"')
    (segment,) = (await viewer.get()).playlist.segments
    assert (await viewer.get(segment.resource.url)).body == b"fragments"
    assert segment.init is not None
    assert (await viewer.get(segment.init.url)).status == 404


# --- Servers that mean no good, or no better -----------------------------------------------

HOSTILE: dict[str, Callable[[Edge], None]] = {
    "endless redirects": lambda edge: edge.redirects.update(
        {"index.m3u8": "/index.m3u8?once=more"}
    ),
    "a file of ours": lambda edge: edge.redirects.update(
        {"index.m3u8": "file:///etc/hostname"}
    ),
    "segments of ours": lambda edge: edge.files.update(
        {"index.m3u8": listing(["file:///etc/hostname"])}
    ),
    "2 MiB": lambda edge: edge.files.update(
        {"index.m3u8": listing(["0.ts"]) + "#" * (2 * 1024 * 1024)}
    ),
    "a page": lambda edge: edge.files.update({"index.m3u8": "<html>Sign in</html>"}),
    "nothing": lambda edge: edge.files.update({"index.m3u8": ""}),
    "a master of itself": lambda edge: edge.files.update(
        {"index.m3u8": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nindex.m3u8\n"}
    ),
}


@pytest.mark.parametrize("timing", [Timing(first_playlist=2.0, no_video=1.0)])
@pytest.mark.parametrize("name", HOSTILE)
async def test_from_a_hostile_server_a_viewer_gets_an_error_and_nothing_else(
    edge: Edge, viewer: Viewer, cloud: SimulatedCloud, name: str
) -> None:
    HOSTILE[name](edge)
    look = await viewer.get()
    assert look.status == 503
    assert "hostname" not in look.text
    assert edge.origin not in look.text
    assert {path.partition("?")[0] for path in edge.requests} == {"/index.m3u8"}
    assert cloud.stats.streams_started == 1


def _as_lines(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


ODD: dict[str, Callable[[str], bytes]] = {
    "lines ended as on Windows": _as_lines,
    "a byte order mark": lambda text: text.encode("utf-8-sig"),
    "latin-1": lambda text: text.replace("1.0,", "1.0,Küche").encode("latin-1"),
    "a null byte": lambda text: text.replace("1.0,", "1.0,\0").encode(),
}


@pytest.mark.parametrize("name", ODD)
async def test_an_odd_way_to_write_a_playlist_does_not_matter(
    edge: Edge, decoded: Decoded, segments: list[bytes], name: str
) -> None:
    for number, segment in enumerate(segments):
        edge.files[f"{number}.ts"] = segment
    edge.files["index.m3u8"] = ODD[name](listing(["0.ts", "1.ts", "2.ts"]))
    assert_steady(await decoded())


async def test_names_that_are_no_utf_8_are_asked_for_as_they_are(
    edge: Edge, decoded: Decoded, segments: list[bytes]
) -> None:
    names = [f"K\xfcche {number}.ts" for number in range(SECONDS)]
    for number, segment in enumerate(segments):
        edge.files[f"K%FCche {number}.ts"] = segment
    edge.files["index.m3u8"] = listing(names).encode("latin-1")
    assert_steady(await decoded())


@pytest.mark.parametrize("told", ["text/html", "image/jpeg", "nonsense"])
async def test_what_a_server_calls_it_does_not_matter(
    edge: Edge, decoded: Decoded, segments: list[bytes], told: str
) -> None:
    edge.files["index.m3u8"] = listing(["0.ts", "1.ts", "2.ts"])
    for number, segment in enumerate(segments):
        edge.files[f"{number}.ts"] = segment
    edge.content_types = dict.fromkeys(edge.files, told)
    assert_steady(await decoded())
