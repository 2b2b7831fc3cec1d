"""Time stamps that go on where the last run of upstream left off.

A player that knows HLS expects time stamps to jump at a discontinuity; FFmpeg's reader hands
the jump on. Home Assistant's stream then drops every packet until the old time is reached
again, or gives up. So the segments of each further run are shifted on their way through: in
MPEG-TS the clock references and the time stamps of each packet, in fragmented MP4 the decode
times of each fragment. No byte is added or taken away. Pure: bytes in, bytes out.

Ticks are 1/90000 s.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
import struct
from typing import override

TICKS_A_SECOND = 90_000

# MPEG-TS counts in 33 bits, about 26.5 hours.
_WRAP = 1 << 33
_PACKET = 188
_SYNC = 0x47
# Where no time stamp was found in so much of a segment, there is none to shift.
_LONGEST_HEAD = 128 * 1024
_LARGEST_HEADER_BOX = 1024 * 1024

type ShiftFor = Callable[[int], int]
"""Takes the first time stamp of a segment, returns by how much to shift; both in ticks."""


class Retimer(ABC):
    """Shifts the time stamps of one segment, which comes in pieces of any size."""

    @abstractmethod
    def feed(self, chunk: bytes) -> bytes:
        """Take a piece; return what is ready."""

    @abstractmethod
    def finish(self) -> bytes:
        """Return the rest."""


# --- MPEG-TS -------------------------------------------------------------------------------


class MpegTsRetimer(Retimer):
    """Shifts a segment of MPEG-TS (ISO/IEC 13818-1); passes on what is none."""

    def __init__(self, shift_for: ShiftFor) -> None:
        """Take what says how far to shift, once the first time stamp is known."""
        self._shift_for = shift_for
        self._shift: int | None = None
        self._waiting = bytearray()

    @override
    def feed(self, chunk: bytes) -> bytes:
        if self._shift == 0:
            return chunk
        self._waiting += chunk
        if self._waiting and self._waiting[0] != _SYNC:
            return self._give_up()
        if self._shift is None:
            first = _first_timestamp(self._waiting, want_video=True)
            if first is None and len(self._waiting) < _LONGEST_HEAD:
                return b""
            self._decide(first)
        return self._shifted()

    @override
    def finish(self) -> bytes:
        if self._shift is None:
            self._decide(_first_timestamp(self._waiting, want_video=False))
        ready = self._shifted()
        rest = bytes(self._waiting)
        self._waiting.clear()
        return ready + rest

    def _decide(self, first: int | None) -> None:
        if first is None:
            first = _first_timestamp(self._waiting, want_video=False)
        self._shift = 0 if first is None else self._shift_for(first) % _WRAP

    def _give_up(self) -> bytes:
        self._shift = 0
        return self._shifted()

    def _shifted(self) -> bytes:
        """Return all whole packets, shifted."""
        if self._shift == 0:
            ready, self._waiting = self._waiting, bytearray()
            return bytes(ready)
        whole = len(self._waiting) // _PACKET * _PACKET
        ready = self._waiting[:whole]
        del self._waiting[:whole]
        for place in range(0, whole, _PACKET):
            if ready[place] == _SYNC:
                _shift_packet(ready, place, self._shift or 0)
        return bytes(ready)


def _first_timestamp(packets: bytearray, *, want_video: bool) -> int | None:
    """Return the first decoding time, in ticks: of video, or of anything."""
    for place in range(0, len(packets) - _PACKET + 1, _PACKET):
        header = _pes_header(packets, place)
        if header is None:
            continue
        is_video = packets[header + 3] & 0xF0 == 0xE0
        if is_video or not want_video:
            both = packets[header + 7] & 0x40
            return _read_timestamp(packets, header + (14 if both else 9))
    return None


def _payload(packets: bytearray, place: int) -> int:
    """Return where the payload of a packet begins; the packet's end for none."""
    control = packets[place + 3] & 0x30
    if not control & 0x10:
        return place + _PACKET
    return place + 4 + (packets[place + 4] + 1 if control & 0x20 else 0)


def _pes_header(packets: bytearray, place: int) -> int | None:
    """Return where the header of a PES packet with a time stamp is, if it begins here."""
    if not packets[place + 1] & 0x40:
        return None
    start = _payload(packets, place)
    end = place + _PACKET
    if start + 14 > end or packets[start : start + 3] != b"\0\0\1":
        return None
    stream = packets[start + 3]
    if not (0xC0 <= stream <= 0xEF or stream in (0xBD, 0xFD)):
        return None
    flags = packets[start + 7] & 0xC0
    if not flags & 0x80 or (flags == 0xC0 and start + 19 > end):
        return None
    return start


def _shift_packet(packets: bytearray, place: int, shift: int) -> None:
    if packets[place + 3] & 0x20 and packets[place + 4] > 0:
        _shift_clock(packets, place, shift)
    header = _pes_header(packets, place)
    if header is not None:
        _shift_timestamp(packets, header + 9, shift)
        if packets[header + 7] & 0x40:
            _shift_timestamp(packets, header + 14, shift)


def _shift_clock(packets: bytearray, place: int, shift: int) -> None:
    """Shift the clock references in the adaptation field of a packet."""
    flags = packets[place + 5]
    at = place + 6
    for flag in (0x10, 0x08):
        if flags & flag and at + 6 <= place + 5 + packets[place + 4]:
            low = packets[at + 4]
            base = int.from_bytes(packets[at : at + 4]) << 1 | low >> 7
            base = (base + shift) % _WRAP
            packets[at : at + 4] = (base >> 1).to_bytes(4)
            packets[at + 4] = (base & 1) << 7 | low & 0x7F
            at += 6


def _read_timestamp(packets: bytearray, at: int) -> int:
    return (
        (packets[at] & 0x0E) << 29
        | packets[at + 1] << 22
        | (packets[at + 2] & 0xFE) << 14
        | packets[at + 3] << 7
        | packets[at + 4] >> 1
    )


def _shift_timestamp(packets: bytearray, at: int, shift: int) -> None:
    value = (_read_timestamp(packets, at) + shift) % _WRAP
    packets[at] = packets[at] & 0xF1 | value >> 29 & 0x0E
    packets[at + 1] = value >> 22 & 0xFF
    packets[at + 2] = value >> 14 & 0xFE | 1
    packets[at + 3] = value >> 7 & 0xFF
    packets[at + 4] = value << 1 & 0xFE | 1


# --- Fragmented MP4 ------------------------------------------------------------------------


def read_timescales(init: bytes) -> Mapping[int, int]:
    """Return the units a second in which each track counts, by track ID.

    Args:
        init: an initialization section (ISO/IEC 14496-12).

    Returns:
        An empty mapping for what can't be read.

    """
    timescales: dict[int, int] = {}
    content = bytearray(init)
    try:
        for track in _find(content, 0, len(content), b"moov", b"trak"):
            track_id = timescale = None
            for start, _ in _find(content, *track, b"tkhd"):
                long = content[start] == 1
                (track_id,) = struct.unpack_from(
                    ">I", content, start + (20 if long else 12)
                )
            for start, _ in _find(content, *track, b"mdia", b"mdhd"):
                long = content[start] == 1
                (timescale,) = struct.unpack_from(
                    ">I", content, start + (20 if long else 12)
                )
            if track_id and timescale:
                timescales[track_id] = timescale
    except struct.error, IndexError:
        return {}
    return timescales


class FragmentRetimer(Retimer):
    """Shifts a segment of fragmented MP4 (ISO/IEC 14496-12); passes on what is none."""

    def __init__(self, shift_for: ShiftFor, timescales: Mapping[int, int]) -> None:
        """Take what says how far to shift, and the units of the tracks."""
        self._shift_for = shift_for
        self._timescales = timescales
        self._shift: int | None = None
        self._waiting = bytearray()
        self._passing = 0
        """Bytes of the present box that go through as they are; -1 for all that follows."""

    @override
    def feed(self, chunk: bytes) -> bytes:
        self._waiting += chunk
        ready = bytearray()
        while self._waiting:
            if self._passing:
                count = len(self._waiting) if self._passing < 0 else self._passing
                part = self._waiting[:count]
                del self._waiting[:count]
                ready += part
                self._passing -= len(part) if self._passing > 0 else 0
                continue
            box = _box(self._waiting, 0)
            if box is None:
                break
            kind, start, end = box
            if kind != b"moof":
                self._passing = end or -1
                continue
            if not end or end > _LARGEST_HEADER_BOX:
                self._passing = -1
                continue
            if len(self._waiting) < end:
                break
            self._shift_box(start, end)
            ready += self._waiting[:end]
            del self._waiting[:end]
        return bytes(ready)

    @override
    def finish(self) -> bytes:
        rest = bytes(self._waiting)
        self._waiting.clear()
        return rest

    def _shift_box(self, start: int, end: int) -> None:
        try:
            self._shift_fragment(start, end)
        except struct.error, IndexError:
            # Not as the standard has it: better passed on as it came than not at all.
            self._shift = self._shift or 0

    def _shift_fragment(self, start: int, end: int) -> None:
        times: list[tuple[int, int]] = []
        for track in _find(self._waiting, start, end, b"traf"):
            track_id = 0
            for place, _ in _find(self._waiting, *track, b"tfhd"):
                (track_id,) = struct.unpack_from(">I", self._waiting, place + 4)
            timescale = self._timescales.get(track_id)
            if timescale:
                times += [
                    (place, timescale)
                    for place, _ in _find(self._waiting, *track, b"tfdt")
                ]
        if self._shift is None and times:
            place, timescale = times[0]
            first = self._decode_time(place) * TICKS_A_SECOND // timescale
            self._shift = self._shift_for(first)
        for place, timescale in times:
            shift = round((self._shift or 0) * timescale / TICKS_A_SECOND)
            value = max(0, self._decode_time(place) + shift)
            if self._waiting[place] == 1:
                struct.pack_into(">Q", self._waiting, place + 4, value)
            else:
                struct.pack_into(">I", self._waiting, place + 4, value % (1 << 32))

    def _decode_time(self, place: int) -> int:
        layout = ">Q" if self._waiting[place] == 1 else ">I"
        value: int
        (value,) = struct.unpack_from(layout, self._waiting, place + 4)
        return value


def _box(content: bytearray, at: int) -> tuple[bytes, int, int] | None:
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


def _find(
    content: bytearray, start: int, end: int, *path: bytes
) -> Iterator[tuple[int, int]]:
    """Yield start and end of the contents of all boxes at a path inside a box."""
    at = start
    while at + 8 <= end and (box := _box(content, at)) is not None:
        kind, inner, after = box
        after = min(after or end, end)
        if kind == path[0]:
            if len(path) == 1:
                yield inner, after
            else:
                yield from _find(content, inner, after, *path[1:])
        at = max(after, at + 8)
