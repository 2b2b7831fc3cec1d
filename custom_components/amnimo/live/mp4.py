"""What is where in fragmented MP4 (ISO/IEC 14496-12): boxes, and the tracks of a file.

Owns the layout. Knows nothing of what is read or written for which purpose.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
import struct

type Content = bytes | bytearray


def box(content: Content, at: int) -> tuple[bytes, int, int] | None:
    """Return kind, start of the content and end of a box; end 0 means that nothing follows.

    None where the header is not all there.
    """
    if len(content) < at + 8:
        return None
    size, kind = struct.unpack_from(">I4s", content, at)
    start = at + 8
    if size == 1:
        if len(content) < at + 16:
            return None
        (size,) = struct.unpack_from(">Q", content, at + 8)
        start = at + 16
    if size < start - at:
        return kind, start, 0
    return kind, start, at + size


def find(
    content: Content, start: int, end: int, *path: bytes
) -> Iterator[tuple[int, int]]:
    """Yield start and end of the contents of all boxes at a path inside a box."""
    at = start
    while at + 8 <= end and (found := box(content, at)) is not None:
        kind, inner, after = found
        after = min(after or end, end)
        if kind == path[0]:
            if len(path) == 1:
                yield inner, after
            else:
                yield from find(content, inner, after, *path[1:])
        at = max(after, at + 8)


@dataclass(frozen=True, slots=True)
class Track:
    """A track, as the initialization section describes it."""

    timescale: int
    """Units a second."""
    handler: bytes = b""
    """`vide`, `soun`, or another."""
    default_size: int = 0
    """Bytes of a sample where a fragment does not say."""
    audio: tuple[bytes, int, int] | None = None
    """Sample entry, channels and samples a second."""


def read_tracks(init: bytes) -> Mapping[int, Track]:
    """Return the tracks of an initialization section by their IDs.

    What can't be read is left out.
    """
    tracks: dict[int, Track] = {}
    try:
        sizes = dict(_default_sizes(init))
        for start, end in find(init, 0, len(init), b"moov", b"trak"):
            track_id = timescale = None
            for place, _ in find(init, start, end, b"tkhd"):
                (track_id,) = struct.unpack_from(
                    ">I", init, place + (20 if init[place] == 1 else 12)
                )
            for place, _ in find(init, start, end, b"mdia", b"mdhd"):
                (timescale,) = struct.unpack_from(
                    ">I", init, place + (20 if init[place] == 1 else 12)
                )
            if track_id and timescale:
                tracks[track_id] = Track(
                    timescale,
                    _handler(init, start, end),
                    sizes.get(track_id, 0),
                    _audio(init, start, end),
                )
    except struct.error, IndexError:
        return {}
    return tracks


def _default_sizes(init: bytes) -> Iterator[tuple[int, int]]:
    for place, _ in find(init, 0, len(init), b"moov", b"mvex", b"trex"):
        track_id, _, _, size = struct.unpack_from(">4I", init, place + 4)
        yield track_id, size


def _handler(init: bytes, start: int, end: int) -> bytes:
    for place, _ in find(init, start, end, b"mdia", b"hdlr"):
        return init[place + 8 : place + 12]
    return b""


def _audio(init: bytes, start: int, end: int) -> tuple[bytes, int, int] | None:
    path = (b"mdia", b"minf", b"stbl", b"stsd")
    for place, _ in find(init, start, end, *path):
        entry = box(init, place + 8)
        if entry is not None and _handler(init, start, end) == b"soun":
            kind, inner, _ = entry
            (channels,) = struct.unpack_from(">H", init, inner + 16)
            (rate,) = struct.unpack_from(">I", init, inner + 24)
            return kind, channels, rate >> 16
    return None
