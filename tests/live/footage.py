"""Short encoded videos with sound, for what looks into segments."""

from dataclasses import dataclass
from fractions import Fraction
import io

import av
import numpy as np

FRAMES_PER_SECOND = 10
SAMPLE_RATE = 48_000


def encode(
    start: float, *, container: str = "mpegts", sound: bool = True, seconds: int = 1
) -> bytes:
    """Return video of time stamps from `start` (s) on, with frames out of order."""
    output = io.BytesIO()
    options = (
        {"mpegts_copyts": "1"}
        if container == "mpegts"
        else {"movflags": "+cmaf+frag_keyframe+frag_discont"}
    )
    with av.open(output, "w", format=container, options=options) as file:
        video = file.add_stream("libx264", rate=FRAMES_PER_SECOND)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        video.options = {"bf": "2", "preset": "ultrafast", "b-adapt": "0"}
        audio = None
        if sound:
            audio = file.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        first = round(start * FRAMES_PER_SECOND)
        for index in range(first, first + seconds * FRAMES_PER_SECOND):
            picture = np.full((48, 64, 3), index % 200, dtype=np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, FRAMES_PER_SECOND)
            file.mux(video.encode(frame))
        file.mux(video.encode(None))
        if audio is not None:
            for index in range(seconds * SAMPLE_RATE // 1024):
                silence = np.zeros((1, 1024), dtype=np.float32)
                tone = av.AudioFrame.from_ndarray(silence, format="fltp", layout="mono")
                tone.sample_rate = SAMPLE_RATE
                tone.pts = round(start * SAMPLE_RATE) + index * 1024
                tone.time_base = Fraction(1, SAMPLE_RATE)
                file.mux(audio.encode(tone))
            file.mux(audio.encode(None))
    return output.getvalue()


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
