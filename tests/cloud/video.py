"""Encoding: pictures in, H.264 out.

Owns segments of streams and the files of clips and snapshots. Each segment is a function
of its moment and its place in the stream alone, so that any of them can be made at any
time, in any order, and still follows the one before without a seam. Runs in worker
threads; knows nothing of sessions or playlists.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
import io
import math
from pathlib import Path
import struct
from typing import Any, Final

import av
from av.container import OutputContainer
from av.video.stream import VideoStream
import numpy as np

from .live_style import Container, LiveStyle
from .picture import HEIGHT, WIDTH, Scene, to_image
from .spans import Span, total_seconds

FRAMES_PER_SECOND: Final = 10
MEDIA_TYPES: Final = {
    Container.MPEG_TS: "video/mp2t",
    Container.FRAGMENTED_MP4: "video/mp4",
}
AUDIO_CODEC: Final = "mp4a.40.2"

type Packet = av.Packet[Any]

_FRAME_TIME: Final = Fraction(1, FRAMES_PER_SECOND)
_ENCODER: Final = {
    "preset": "ultrafast",
    "tune": "zerolatency",
    "profile": "baseline",
    "crf": "30",
    "maxrate": "96k",
    "bufsize": "96k",
    "x264-params": "scenecut=0",
}
_CONTAINER_OPTIONS: Final = {
    # The muxer starts each segment as if it were the first of a stream: let it mark the
    # packet counters as starting anew, and keep the time stamps of the fragments.
    Container.MPEG_TS: {"mpegts_flags": "+initial_discontinuity"},
    Container.FRAGMENTED_MP4: {"movflags": "+cmaf+frag_keyframe+frag_discont"},
}
TS_PACKET_BYTES: Final = 188
_NULL_PACKET: Final = b"\x47\x1f\xff\x10".ljust(TS_PACKET_BYTES, b"\xff")
_BOX_HEAD_BYTES: Final = 8
_SAMPLE_RATE: Final = 48_000
_SAMPLES_A_FRAME: Final = 1024
# AAC frames overlap: those at the edges of a segment are encoded with their neighbours.
_AUDIO_LEAD_IN: Final = 2

# The declared sizes leave room above what the encoder may produce; files are padded.
_CLIP_BYTES: Final = 32_768
_CLIP_BYTES_PER_SECOND: Final = 24_576
SNAPSHOT_BYTES: Final = 49_152
# Up to here each frame shows its own time; a longer clip repeats its first pictures.
_DRAWN_SECONDS: Final = 120
_REPEATED_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class Rendition:
    """One variant of a stream; ``codec`` of the picture as RFC 6381 names it."""

    name: str
    bits_per_second: int
    width: int = 0
    height: int = 0
    codec: str = ""

    @property
    def has_picture(self) -> bool:
        """Whether there is more than sound."""
        return self.width > 0

    def has_sound(self, style: LiveStyle) -> bool:
        """Say whether there is sound in it."""
        return style.audio and not (self.has_picture and style.separate_audio)


HIGH: Final = Rendition("high", 300_000, WIDTH, HEIGHT, "avc1.42c016")
LOW: Final = Rendition("low", 200_000, WIDTH // 2, HEIGHT // 2, "avc1.42c00b")
SOUND: Final = Rendition("sound", 120_000)


def encode_segment(
    scene: Scene, style: LiveStyle, rendition: Rendition, moment: float, span: Span
) -> bytes:
    """Return a segment that shows the scene from a moment on.

    ``span`` is its place in the stream, in seconds; its length is that of the segment.
    Fragmented MP4 comes with its initialization (see ``split_segment``).
    """
    first = round(span.start * FRAMES_PER_SECOND)
    count = round(span.seconds * FRAMES_PER_SECOND)
    output = io.BytesIO()
    options = _CONTAINER_OPTIONS[style.container]
    with av.open(
        output, "w", format=style.container.value, options=options
    ) as container:
        video = _add_video(container, rendition) if rendition.has_picture else None
        audio = None
        if rendition.has_sound(style):
            audio = container.add_stream("aac", rate=_SAMPLE_RATE)
            audio.layout = "mono"
        packets: list[Packet] = []
        if video is not None:
            moments = (moment + index / FRAMES_PER_SECOND for index in range(count))
            packets += _encode_video(video, scene, moments, first)
        if audio is not None:
            packets += _encode_audio(audio, moment - span.start, span)
        packets.sort(key=_time_of)
        container.mux(packets)
    return output.getvalue()


def padded(segment: bytes, size: int, container: Container) -> bytes:
    """Return a segment made longer by what players skip; raises ValueError if it is too long.

    ``size`` of MPEG-TS is a multiple of ``TS_PACKET_BYTES``.
    """
    room = size - len(segment)
    if container is Container.FRAGMENTED_MP4 and room >= _BOX_HEAD_BYTES:
        return segment + struct.pack(">I4s", room, b"free").ljust(room, b"\0")
    if container is Container.MPEG_TS and room >= 0 and room % TS_PACKET_BYTES == 0:
        return segment + _NULL_PACKET * (room // TS_PACKET_BYTES)
    raise ValueError(f"{len(segment)} bytes of video do not fit into {size}")


def split_segment(segment: bytes) -> tuple[bytes, bytes]:
    """Return the initialization and the fragments of a fragmented MP4."""
    head, fragments = bytearray(), bytearray()
    for kind, box in _boxes(segment):
        if kind in (b"ftyp", b"moov"):
            head += box
        elif kind in (b"moof", b"mdat"):
            fragments += box
    return bytes(head), bytes(fragments)


def clip_size(spans: Iterable[Span]) -> int:
    """Return the size of a clip's file in bytes."""
    return _CLIP_BYTES + math.ceil(total_seconds(spans) * _CLIP_BYTES_PER_SECOND)


def write_clip(path: Path, scene: Scene, spans: list[Span], size: int) -> None:
    """Write a clip of what was recorded, one span after the other, as an MP4 of a size.

    ``size`` may be anything from ``clip_size`` up; it is reached by padding, which takes
    no room on the disk.
    """
    moments = list(_moments(spans))
    drawn = len(moments)
    if drawn > _DRAWN_SECONDS * FRAMES_PER_SECOND:
        drawn = _REPEATED_SECONDS * FRAMES_PER_SECOND
    with av.open(
        str(path), "w", format="mp4", options={"movflags": "+faststart"}
    ) as container:
        video = _add_video(container, HIGH)
        pictures = list(_encode_video(video, scene, moments[:drawn], 0))
        container.mux(pictures)
        for picture in _repeat(pictures, video, range(drawn, len(moments))):
            container.mux(picture)
    _pad_mp4(path, size)


def encode_snapshot(scene: Scene, moment: float) -> bytes:
    """Return a JPEG of one moment, of ``SNAPSHOT_BYTES``."""
    picture = encode_thumbnail(scene, moment, quality=90)
    padding = SNAPSHOT_BYTES - len(picture) - 4
    comment = b"\xff\xfe" + struct.pack(">H", padding + 2) + bytes(padding)
    return picture[:2] + comment + picture[2:]


def encode_thumbnail(scene: Scene, moment: float, quality: int = 75) -> bytes:
    """Return a JPEG of one moment."""
    output = io.BytesIO()
    to_image(scene.frame(moment)).save(output, "JPEG", quality=quality)
    return output.getvalue()


def _add_video(container: OutputContainer, rendition: Rendition) -> VideoStream:
    stream = container.add_stream(
        "libx264", rate=FRAMES_PER_SECOND, options=dict(_ENCODER)
    )
    stream.width, stream.height = rendition.width, rendition.height
    stream.pix_fmt = "yuv420p"
    stream.codec_context.gop_size = FRAMES_PER_SECOND
    stream.codec_context.time_base = _FRAME_TIME
    stream.codec_context.thread_count = 1
    return stream


def _encode_video(
    stream: VideoStream, scene: Scene, moments: Iterable[float], first: int
) -> Iterator[Packet]:
    """Yield the packets of the scene at some moments, the first being frame ``first``."""
    for index, moment in enumerate(moments, first):
        frame = av.VideoFrame.from_ndarray(scene.frame(moment), format="yuv420p")
        if stream.width != WIDTH:
            frame = frame.reformat(width=stream.width, height=stream.height)
        frame.pts, frame.time_base = index, _FRAME_TIME
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _time_of(packet: Packet) -> Fraction:
    """Return a packet's time in the stream, in seconds."""
    return Fraction(packet.pts or 0) * packet.time_base


def _moments(spans: list[Span]) -> Iterator[float]:
    """Yield when each frame of a clip was taken: one at least, and none in between spans."""
    frames = max(1, round(total_seconds(spans) * FRAMES_PER_SECOND))
    skipped, index = 0.0, 0
    for span in spans:
        while (
            index < frames
            and (place := index / FRAMES_PER_SECOND - skipped) < span.seconds
        ):
            yield span.start + place
            index += 1
        skipped += span.seconds


def _repeat(
    pictures: list[Packet], stream: VideoStream, places: range
) -> Iterator[Packet]:
    """Yield encoded pictures again and again, at further places of the stream."""
    contents = [bytes(picture) for picture in pictures]
    for place in places:
        source = place % len(pictures)
        packet = av.Packet(contents[source])
        packet.stream = stream
        packet.time_base = _FRAME_TIME
        packet.pts = packet.dts = place
        packet.duration = 1
        packet.is_keyframe = pictures[source].is_keyframe
        yield packet


def _encode_audio(
    stream: av.AudioStream, origin: float, span: Span
) -> Iterator[Packet]:
    """Yield the sound of a span of the stream: a short beep at each second of the clock.

    ``origin`` is when the stream's time 0 was.
    """
    first = math.ceil(span.start * _SAMPLE_RATE / _SAMPLES_A_FRAME)
    last = math.ceil(span.end * _SAMPLE_RATE / _SAMPLES_A_FRAME)

    def packets() -> Iterator[Packet]:
        for index in range(first - _AUDIO_LEAD_IN, last + _AUDIO_LEAD_IN):
            place = np.arange(index, index + 1, 1 / _SAMPLES_A_FRAME) * _SAMPLES_A_FRAME
            seconds = origin + place / _SAMPLE_RATE
            beep = (
                0.1 * np.sin(2 * np.pi * 1000 * (seconds % 1.0)) * (seconds % 1.0 < 0.1)
            )
            frame = av.AudioFrame.from_ndarray(
                beep.astype(np.float32)[None, :], format="fltp", layout="mono"
            )
            frame.sample_rate = _SAMPLE_RATE
            frame.pts, frame.time_base = (
                index * _SAMPLES_A_FRAME,
                Fraction(1, _SAMPLE_RATE),
            )
            yield from stream.encode(frame)
        yield from stream.encode(None)

    wanted = range(first * _SAMPLES_A_FRAME, last * _SAMPLES_A_FRAME)
    return (packet for packet in packets() if packet.pts in wanted)


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the kind and the whole of each outer box of an MP4."""
    place = 0
    while place < len(content):
        size, kind = struct.unpack_from(">I4s", content, place)
        yield kind, content[place : place + size]
        place += size


def _pad_mp4(path: Path, size: int) -> None:
    """Make a file longer with a box of free space."""
    length = path.stat().st_size
    if size < length + _BOX_HEAD_BYTES:
        raise ValueError(f"{length} bytes of video do not fit into {size}")
    with path.open("r+b") as file:
        file.seek(length)
        file.write(struct.pack(">I4s", size - length, b"free"))
        file.truncate(size)
