"""What is in a piece of video or a picture, by decoding it."""

import contextlib
from dataclasses import dataclass
import io
from itertools import pairwise

import av
from PIL import Image

from tests.cloud.clock_strip import ClockUnreadableError, read_clock


@dataclass(frozen=True, slots=True)
class Footage:
    """Decoded video: its size, its length, and how its pictures go on.

    `clocks` are the times the simulated cloud wrote into the pictures, in seconds since
    the epoch; `changes` counts the pictures that differ from the one before.
    """

    width: int
    height: int
    seconds: float
    frames: int
    changes: int
    clocks: list[float]

    @property
    def runs_forward(self) -> bool:
        """Whether every picture is later than the one before."""
        return all(first < second for first, second in pairwise(self.clocks))


def decode(content: bytes) -> Footage:
    """Decode all of a video; raises av.FFmpegError for what is none."""
    previous = None
    changes = 0
    clocks = []
    first = last = step = 0.0
    width = height = frames = 0
    with av.open(io.BytesIO(content), "r") as container:
        for frame in container.decode(video=0):
            picture = frame.to_ndarray(format="gray")
            if previous is not None and (picture != previous).any():
                changes += 1
            previous = picture
            with contextlib.suppress(ClockUnreadableError):
                clocks.append(read_clock(frame))
            moment = frame.time or 0.0
            if frames:
                step = moment - last
            else:
                first = moment
            last = moment
            width, height = frame.width, frame.height
            frames += 1
    return Footage(
        width=width,
        height=height,
        seconds=last - first + step,
        frames=frames,
        changes=changes,
        clocks=clocks,
    )


def picture_size(content: bytes) -> tuple[int, int]:
    """Decode a JPEG and give its width and height; raises ValueError for anything else."""
    with Image.open(io.BytesIO(content)) as picture:
        if picture.format != "JPEG":
            raise ValueError(f"a picture of format {picture.format}, not JPEG")
        picture.load()
        return picture.size
