"""Where segments are in a file that holds them all (RFC 8216, EXT-X-BYTERANGE).

Every segment has the same room, so that a place follows from a number alone and nothing
need be encoded to write a playlist. Pure arithmetic.
"""

from dataclasses import dataclass
import math
from typing import Final

from .encryption import encrypted_size
from .live_style import LiveStyle
from .video import TS_PACKET_BYTES, Rendition

INITIALIZATION_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class FileLayout:
    """The room for the initialization and for a segment as it's sent, in bytes.

    ``clear_bytes`` is the room for a segment before it's encrypted.
    """

    head_bytes: int
    segment_bytes: int
    clear_bytes: int

    @classmethod
    def of(
        cls, rendition: Rendition, style: LiveStyle, segment_seconds: int
    ) -> FileLayout:
        """Return the layout for segments of a length."""
        enough = rendition.bits_per_second * segment_seconds / 8
        clear = math.ceil(enough / TS_PACKET_BYTES) * TS_PACKET_BYTES
        return cls(
            INITIALIZATION_BYTES if style.is_fragmented else 0,
            encrypted_size(clear) if style.encrypted else clear,
            clear,
        )

    def offset(self, number: int) -> int:
        """Return where a segment begins."""
        return self.head_bytes + number * self.segment_bytes

    def numbers(self, start: int, end: int) -> range:
        """Return which segments hold the bytes from ``start`` up to ``end``."""
        first = max(0, start - self.head_bytes) // self.segment_bytes
        last = max(0, end - self.head_bytes - 1) // self.segment_bytes
        return range(first, last + 1 if end > self.head_bytes else first)
