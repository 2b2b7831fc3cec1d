"""What a camera of the simulated cloud sees: a yard, its name, a clock, something moving.

Owns the drawing of one frame for one moment. A picture is the three planes of 8-bit 4:2:0
video in one array (``yuv420p``), because that is what the encoder eats; everything that
does not move is drawn once a camera.
"""

from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from .clock_strip import draw_clock

type Plane = NDArray[np.uint8]
type Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

WIDTH: Final = 640
HEIGHT: Final = 360

_JAPAN: Final = timezone(timedelta(hours=9))
_NAME_AT: Final = (16, 12)
_NAME_SIZE: Final = 30
_CLOCK_AT: Final = (16, 60)
_CLOCK_SIZE: Final = 28
_CLOCK_CHARACTERS: Final = "0123456789-: .JST"
_WALKER: Final = 44
_WALKER_TOP: Final = 180
_WALKER_SPEED: Final = 90.0  # pixels a second
_BRIGHT: Final = 235
_NEUTRAL: Final = 128
_TINTS: Final = 41

_FONT_PACKAGE: Final = "noto_cjk_sans_jp_regular"
_FONT_FILES: Final = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf",
)


class Scene:
    """The view of one camera."""

    def __init__(self, label: str, identity: str) -> None:
        """Draw all that stands still: ``label`` is shown, ``identity`` chooses the colours."""
        self._still = _draw_yard(label, zlib.crc32(identity.encode()))

    def frame(self, moment: float) -> Plane:
        """Return the picture of a moment (epoch seconds), 540 rows of 640 bytes."""
        planes = self._still.copy()
        luma = planes[:HEIGHT]
        left = int(moment * _WALKER_SPEED) % (WIDTH - _WALKER)
        luma[_WALKER_TOP : _WALKER_TOP + _WALKER, left : left + _WALKER] = _BRIGHT
        _write_clock(luma, moment)
        draw_clock(luma, moment)
        return planes


def to_image(planes: Plane) -> Image.Image:
    """Return a picture as Pillow has it."""
    luma = Image.fromarray(planes[:HEIGHT])
    chroma = planes[HEIGHT:].reshape(2, HEIGHT // 2, WIDTH // 2)
    blue, red = (Image.fromarray(plane).resize((WIDTH, HEIGHT)) for plane in chroma)
    return Image.merge("YCbCr", (luma, blue, red))


def label_of(name: str, identity: str) -> str:
    """Return what can be written of a camera's name with the font at hand.

    Without a Japanese font that is the Latin part of the name, or of the ID.
    """
    if _japanese_font() is not None:
        return name or identity[:8]
    latin = "".join(letter for letter in name if letter.isascii()).strip()
    return latin or f"Camera {identity[:8]}"


def _draw_yard(label: str, number: int) -> Plane:
    """Draw sky, ground and the camera's name."""
    luma = np.linspace(110, 60, HEIGHT, dtype=np.uint8)[:, None].repeat(WIDTH, axis=1)
    luma[150:154] = 140
    luma[154:, ::80] = 90
    image = Image.fromarray(luma)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, WIDTH, 104), fill=24)
    draw.text(_NAME_AT, label, fill=_BRIGHT, font=_font(_NAME_SIZE))
    planes = np.empty((HEIGHT * 3 // 2, WIDTH), np.uint8)
    planes[:HEIGHT] = np.asarray(image)
    chroma = planes[HEIGHT:].reshape(2, -1)
    chroma[0] = _NEUTRAL + number % _TINTS - _TINTS // 2
    chroma[1] = _NEUTRAL + number // _TINTS % _TINTS - _TINTS // 2
    return planes


def _write_clock(luma: Plane, moment: float) -> None:
    """Write date and time with tenths, in Japanese time."""
    tenths = int(moment * 10 + 0.001)
    local = datetime.fromtimestamp(tenths // 10, UTC).astimezone(_JAPAN)
    left, top = _CLOCK_AT
    for character in f"{local:%Y-%m-%d %H:%M:%S}.{tenths % 10} JST":
        sprite = _sprites()[character]
        height, width = sprite.shape
        luma[top : top + height, left : left + width] = sprite
        left += width


@cache
def _sprites() -> dict[str, Plane]:
    """Return the pictures of the characters a clock is written with."""
    font = _font(_CLOCK_SIZE)
    sprites = {}
    for character in _CLOCK_CHARACTERS:
        image = Image.new("L", (int(font.getlength(character)) + 1, 36), 24)
        ImageDraw.Draw(image).text(
            (0, 0), character, fill=_BRIGHT, font=font, anchor="la"
        )
        sprites[character] = np.asarray(image)
    return sprites


@cache
def _font(size: int) -> Font:
    """Return the font of a size: a Japanese one if there is any."""
    path = _japanese_font()
    return (
        ImageFont.load_default(size) if path is None else ImageFont.truetype(path, size)
    )


def find_japanese_font() -> str | None:
    """Return the path of a font with Japanese letters: the packaged one, or the system's."""
    try:
        package: Any = import_module(_FONT_PACKAGE)
    except ImportError:
        return next((path for path in _FONT_FILES if Path(path).exists()), None)
    return str(package.FONT_PATH)


@cache
def _japanese_font() -> str | None:
    return find_japanese_font()
