"""Streams and clips as a player sees them."""

import asyncio
from collections.abc import Iterator
from fractions import Fraction
import io
from itertools import pairwise
from pathlib import Path

import av
from av.video.stream import VideoStream
import numpy as np
import pytest

from tests.cloud import CloudOptions, read_clock
from tests.cloud.dialects import DIALECTS
from tests.cloud.live_style import Container, LiveStyle
from tests.cloud.picture import Scene
from tests.cloud.spans import Span
from tests.cloud.video import HIGH, encode_segment, split_segment, write_clip
from tests.cloud.world import Camera

from .caller import Caller
from .moments import wire
from .playlists import found_urls, parse, start, start_somehow
from .still import NOON, still_options

FRAME = 0.1
SCENE = Scene("正面ゲート", "camera")


def decode(
    content: bytes | str, frames: int | None = None
) -> list[tuple[float, float]]:
    """Return stream time and clock of each frame of a file or a URL."""
    source = io.BytesIO(content) if isinstance(content, bytes) else content
    decoded = []
    with av.open(source, "r") as container:
        for frame in container.decode(video=0):
            assert frame.time is not None
            decoded.append((frame.time, read_clock(frame)))
            if len(decoded) == frames:
                break
    return decoded


def packets(content: bytes, kind: str) -> Iterator[tuple[Fraction, bool]]:
    """Yield time and corruption of each packet of a kind of stream."""
    with av.open(io.BytesIO(content), "r") as container:
        stream = next(each for each in container.streams if each.type == kind)
        for packet in container.demux(stream):
            if packet.pts is not None:
                yield Fraction(packet.pts) * packet.time_base, packet.is_corrupt


@pytest.mark.parametrize(
    "options", [still_options(dialect=name) for name in DIALECTS], ids=list(DIALECTS)
)
async def test_segments_follow_each_other_without_a_seam(
    caller: Caller, edge_camera: Camera
) -> None:
    style = DIALECTS[caller.cloud.options.dialect].live
    (url,) = found_urls(await start_somehow(caller, edge_camera))
    caller.cloud.clock.advance(4)
    playlists = [url]
    if style.master:
        master = await caller.fetch("GET", url)
        assert master.count("#EXT-X-STREAM-INF") == 2 + style.audio
        playlists = parse(master, url).segments[:2]

    for each in playlists:
        playlist = parse(await caller.fetch("GET", each), each)
        fragmented = style.container is Container.FRAGMENTED_MP4
        assert (playlist.initialization is not None) is fragmented
        stream = await playlist.content(caller)
        frames = decode(stream)

        assert len(frames) == 5 * 10
        shown = [clock for _, clock in frames]
        assert shown[0] == pytest.approx(NOON - 1)
        steps = [after - before for before, after in pairwise(shown)]
        assert steps == [pytest.approx(FRAME, abs=0.0011)] * 49
        shifts = {round(clock - place, 2) for place, clock in frames}
        assert len(shifts) == 1
        assert not any(corrupt for _, corrupt in packets(stream, "video"))
        if style.audio:
            sound = [place for place, _ in packets(stream, "audio")]
            gaps = [float(after - before) for before, after in pairwise(sound)]
            assert gaps == [pytest.approx(1024 / 48_000, abs=2e-5)] * len(gaps)
            assert sound[-1] - sound[0] == pytest.approx(5, abs=0.05)


@pytest.mark.parametrize("container", Container)
def test_sound_has_no_seam_either(container: Container) -> None:
    style = LiveStyle(audio=True, container=container)
    segments = [
        encode_segment(SCENE, style, HIGH, NOON + start, Span(start, start + 1))
        for start in range(4)
    ]
    if container is Container.FRAGMENTED_MP4:
        head = split_segment(segments[0])[0]
        segments = [head, *(split_segment(each)[1] for each in segments)]
    stream = b"".join(segments)
    origin = decode(stream, 1)[0][0]
    with av.open(io.BytesIO(stream), "r") as opened:
        heard = list(opened.decode(audio=0))
    # The ends of the stream have no neighbours to be decoded with.
    for frame in heard[2:-2]:
        assert frame.time is not None
        seconds = frame.time - origin + np.arange(frame.samples) / frame.sample_rate
        part = seconds % 1
        beep = 0.1 * np.sin(2 * np.pi * 1000 * part) * (part < 0.1)
        assert np.abs(frame.to_ndarray()[0] - beep).mean() < 0.005


def test_a_clip_is_not_cut_to_a_size_that_is_too_small(tmp_path: Path) -> None:
    spans = [Span(NOON, NOON + 1)]
    with pytest.raises(ValueError, match="do not fit into 1000"):
        write_clip(tmp_path / "clip.mp4", SCENE, spans, 1000)


async def test_a_recording_shows_what_was_then(
    caller: Caller, edge_camera: Camera
) -> None:
    edge_camera.add_gap(NOON - 3597.5, NOON - 3500)
    viewer = await start(caller, edge_camera, wire(NOON - 3600))
    frames = decode(await (await viewer.playlist()).content(caller))
    expected = [NOON - 3600 + index * FRAME for index in range(25)]
    assert [clock for _, clock in frames] == pytest.approx(expected)


@pytest.mark.parametrize("options", [still_options(dialect="strings")])
async def test_a_master_playlist_tells_the_truth(
    caller: Caller, edge_camera: Camera
) -> None:
    (url,) = found_urls(await start_somehow(caller, edge_camera))
    master = await caller.fetch("GET", url)
    told = [line for line in master.splitlines() if line.startswith("#EXT-X-STREAM")]
    *pictures, sound = zip(told, parse(master, url).segments, strict=True)
    for line, variant in pictures:
        content = await content_of(caller, variant)
        place = content.index(b"avcC") + 5
        assert f'CODECS="avc1.{content[place : place + 3].hex()},mp4a.40.2"' in line
        with av.open(io.BytesIO(content), "r") as container:
            stream = container.streams.video[0]
            assert f"RESOLUTION={stream.width}x{stream.height}," in line
        assert len(content) * 8 < bandwidth(line)

    line, variant = sound
    assert 'CODECS="mp4a.40.2"' in line
    assert "RESOLUTION" not in line
    content = await content_of(caller, variant)
    with av.open(io.BytesIO(content), "r") as container:
        assert [stream.type for stream in container.streams] == ["audio"]
    assert len(content) * 8 < bandwidth(line)


async def content_of(caller: Caller, url: str) -> bytes:
    """Return all that a media playlist lists."""
    return await parse(await caller.fetch("GET", url), url).content(caller)


def bandwidth(line: str) -> int:
    """Return how many bits a second a variant has at most, as it says."""
    return int(line.partition("BANDWIDTH=")[2].partition(",")[0])


@pytest.mark.parametrize("options", [still_options(segment_seconds=2)])
async def test_every_segment_starts_with_a_keyframe(
    caller: Caller, edge_camera: Camera
) -> None:
    viewer = await start(caller, edge_camera)
    caller.cloud.clock.advance(4)
    playlist = await viewer.playlist()
    assert playlist.seconds == [2.0] * 3
    for url in playlist.segments:
        with av.open(io.BytesIO(await caller.content(url)), "r") as container:
            keys = [
                packet.is_keyframe
                for packet in container.demux(video=0)
                if packet.pts is not None
            ]
        assert keys == [True, *[False] * 9] * 2


@pytest.mark.parametrize("options", [CloudOptions(start_seconds=0)])
async def test_a_player_plays_a_live_stream(
    caller: Caller, edge_camera: Camera
) -> None:
    viewer = await start(caller, edge_camera)
    frames = await asyncio.to_thread(decode, viewer.url, 25)

    clocks = [clock for _, clock in frames]
    steps = [after - before for before, after in pairwise(clocks)]
    assert steps == [pytest.approx(FRAME, abs=0.0011)] * 24
    assert caller.cloud.stats.count("playlist") > 1
    assert caller.cloud.stats.leaked_tokens == 0
    # The device had a second of video when it was asked; nothing is from the future.
    assert clocks[-1] < caller.cloud.clock.now()


async def test_the_picture_moves_and_has_the_stated_format(
    caller: Caller, edge_camera: Camera
) -> None:
    viewer = await start(caller, edge_camera)
    (url,) = (await viewer.playlist()).segments
    with av.open(io.BytesIO(await caller.content(url)), "r") as container:
        (stream,) = container.streams
        assert isinstance(stream, VideoStream)
        assert stream.codec_context.name == "h264"
        assert (stream.width, stream.height) == (640, 360)
        pictures = [
            frame.to_ndarray(format="gray") for frame in container.decode(stream)
        ]
    moving = slice(180, 224)
    difference = abs(pictures[0][moving].astype(int) - pictures[5][moving])
    assert difference.mean() > 10
