"""A picture that stands still while there is none that moves.

Home Assistant's stream gives up, and browsers with it, when nothing comes for half a minute.
So they get the last picture again and again, in silence, until the camera sends once more.
Owns what a frozen picture is; which bytes it has in each container is told by the modules
of those.
"""

from abc import ABC, abstractmethod
from typing import Final

from .retime import TICKS_A_SECOND

FRAME_TICKS: Final = TICKS_A_SECOND // 2
"""From one picture to the next. Home Assistant's low-latency HLS wants parts under 1 s."""

# AAC-LC frames of 1024 samples in which nothing is heard, by the number of channels.
_SILENCE = {
    1: bytes((0x00, 0xC8, 0x00, 0x80, 0x23, 0x80)),
    2: bytes((0x21, 0x00, 0x49, 0x90, 0x02, 0x19, 0x00, 0x23, 0x80)),
}


class FrozenPicture(ABC):
    """One picture, of which segments can be made."""

    @abstractmethod
    def segment(self, start: int, duration: int, number: int) -> bytes:
        """Return a segment that shows nothing else.

        Args:
            start: time stamp of its beginning, in ticks.
            duration: in ticks.
            number: media sequence number.

        """


def silence(channels: int) -> bytes | None:
    """Return a frame of silence (AAC-LC, without a header); None for many channels."""
    return _SILENCE.get(channels)
