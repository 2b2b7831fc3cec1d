"""Short encoded videos with sound, for what looks into segments."""

from dataclasses import dataclass
from fractions import Fraction
import io

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream
import numpy as np

FRAMES_PER_SECOND = 10
SAMPLE_RATE = 48_000


def encode(
    start: float,
    *,
    container: str = "mpegts",
    picture: bool = True,
    sound: bool = True,
    reordered: bool = False,
    sound_first: bool = False,
    seconds: int = 1,
    movflags: str = "+cmaf+frag_keyframe+frag_discont",
) -> bytes:
    """Return video of time stamps from `start` (s) on.

    Frames that are `reordered` are shown in another order than they are decoded in.
    """
    output = io.BytesIO()
    options = (
        {"mpegts_copyts": "1"} if container == "mpegts" else {"movflags": movflags}
    )
    with av.open(output, "w", format=container, options=options) as file:
        audio = _add_audio(file) if sound and sound_first else None
        video = _add_video(file, reordered) if picture else None
        if sound and audio is None:
            audio = _add_audio(file)
        if video is not None:
            first = round(start * FRAMES_PER_SECOND)
            for index in range(first, first + seconds * FRAMES_PER_SECOND):
                file.mux(video.encode(_frame(index)))
            file.mux(video.encode(None))
        if audio is not None:
            for index in range(seconds * SAMPLE_RATE // 1024):
                file.mux(
                    audio.encode(_silence(round(start * SAMPLE_RATE) + index * 1024))
                )
            file.mux(audio.encode(None))
    return output.getvalue()


def _add_video(file: OutputContainer, reordered: bool) -> VideoStream:
    video = file.add_stream("libx264", rate=FRAMES_PER_SECOND)
    video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
    video.options = {
        "bf": "2" if reordered else "0",
        "preset": "ultrafast",
        "b-adapt": "0",
    }
    return video


def _add_audio(file: OutputContainer) -> AudioStream:
    return file.add_stream("aac", rate=SAMPLE_RATE, layout="mono")


def _frame(index: int) -> av.VideoFrame:
    picture = np.full((48, 64, 3), index % 200, dtype=np.uint8)
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
    frame.pts, frame.time_base = index, Fraction(1, FRAMES_PER_SECOND)
    return frame


def _silence(place: int) -> av.AudioFrame:
    samples = np.zeros((1, 1024), dtype=np.float32)
    frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
    frame.sample_rate = SAMPLE_RATE
    frame.pts, frame.time_base = place, Fraction(1, SAMPLE_RATE)
    return frame


@dataclass(frozen=True, slots=True)
class Packet:
    """What a demuxer says of a packet: times in seconds."""

    kind: str
    pts: float
    dts: float
    content: bytes


def demux(content: bytes) -> list[Packet]:
    """Return all packets of a file, as FFmpeg reads them."""
    with av.open(io.BytesIO(content)) as file:
        return [
            Packet(
                packet.stream.type,
                float(packet.pts * packet.time_base),
                float(packet.dts * packet.time_base),
                bytes(packet),
            )
            for packet in file.demux()
            if packet.pts is not None and packet.dts is not None
        ]
