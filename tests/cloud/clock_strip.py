"""A clock in the picture that a program can read.

Owns the strip of black and white cells at the bottom of every picture: the frame's time in
milliseconds since the epoch and a check sum, coarse enough to survive compression and
scaling. Tests and benchmarks read it back to see how old a picture is.
"""

from typing import Final

from av import VideoFrame
import numpy as np
from numpy.typing import NDArray
from PIL import Image

type Plane = NDArray[np.uint8]

_COLUMNS: Final = 24
_TIME_BITS: Final = 42
_CHECK_BITS: Final = 6
_ROWS: Final = (_TIME_BITS + _CHECK_BITS) // _COLUMNS
# The strip in parts of the picture, so that a scaled picture can be read as well.
_LEFT: Final = 32 / 640
_RIGHT: Final = 608 / 640
_TOP: Final = 312 / 360
_BOTTOM: Final = 344 / 360
_BLACK: Final = 16
_WHITE: Final = 235


class ClockUnreadableError(ValueError):
    """A picture has no clock strip, or none that its check sum agrees with."""


def draw_clock(luma: Plane, moment: float) -> None:
    """Draw a moment (epoch seconds) into the brightness of a picture."""
    millis = round(moment * 1000)
    word = millis << _CHECK_BITS | _check_sum(millis)
    count = _ROWS * _COLUMNS
    bits = np.array(
        [word >> (count - 1 - index) & 1 for index in range(count)], dtype=bool
    )
    cells = np.where(bits, _WHITE, _BLACK).astype(np.uint8).reshape(_ROWS, _COLUMNS)
    height, width = luma.shape
    top, bottom = round(_TOP * height), round(_BOTTOM * height)
    left, right = round(_LEFT * width), round(_RIGHT * width)
    strip = cells.repeat((bottom - top) // _ROWS, axis=0)
    luma[top:bottom, left:right] = strip.repeat((right - left) // _COLUMNS, axis=1)


def read_clock(picture: VideoFrame | Image.Image) -> float:
    """Return when a decoded picture was taken, in seconds since the epoch.

    The picture must be whole, of any size over 160 pixels across. Raises
    ClockUnreadableError.
    """
    if isinstance(picture, VideoFrame):
        luma = picture.to_ndarray(format="gray")
    else:
        luma = np.asarray(picture.convert("L"))
    height, width = luma.shape
    rows = _centres(_TOP * height, _BOTTOM * height, _ROWS)
    columns = _centres(_LEFT * width, _RIGHT * width, _COLUMNS)
    word = 0
    for row in rows:
        for column in columns:
            spot = luma[row - 1 : row + 2, column - 1 : column + 2]
            word = word << 1 | int(spot.mean() > (_BLACK + _WHITE) / 2)
    millis, check = word >> _CHECK_BITS, word & (1 << _CHECK_BITS) - 1
    if check != _check_sum(millis):
        raise ClockUnreadableError("the picture has no readable clock")
    return millis / 1000


def _centres(start: float, end: float, count: int) -> list[int]:
    """Return the middles of equal cells."""
    cell = (end - start) / count
    return [int(start + cell * (index + 0.5)) for index in range(count)]


def _check_sum(millis: int) -> int:
    """Return a check sum that an all-black or all-white strip does not have."""
    return (millis * 37 + 21) % 61
