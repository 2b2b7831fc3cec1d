"""Time stamps that go on where the last run of upstream left off.

A player that knows HLS expects time stamps to jump at a discontinuity; FFmpeg's reader hands
the jump on. Home Assistant's stream then drops every packet until the old time is reached
again, or gives up. So the segments of each further run are shifted on their way through: in
MPEG-TS the clock references and the time stamps of each packet, in fragmented MP4 the decode
times of each fragment. No byte is added or taken away. Pure: bytes in, bytes out.

Ticks are 1/90000 s.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
import struct
from typing import override

from . import mpegts
from .mp4 import Track, box, find

TICKS_A_SECOND = 90_000

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
        if self._waiting and self._waiting[0] != mpegts.SYNC:
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
        self._shift = 0 if first is None else self._shift_for(first) % mpegts.WRAP

    def _give_up(self) -> bytes:
        self._shift = 0
        return self._shifted()

    def _shifted(self) -> bytes:
        """Return all whole packets, shifted."""
        if self._shift == 0:
            ready, self._waiting = self._waiting, bytearray()
            return bytes(ready)
        whole = len(self._waiting) // mpegts.PACKET * mpegts.PACKET
        ready = self._waiting[:whole]
        del self._waiting[:whole]
        for place in range(0, whole, mpegts.PACKET):
            if ready[place] == mpegts.SYNC:
                _shift_packet(ready, place, self._shift or 0)
        return bytes(ready)


def _first_timestamp(packets: bytearray, *, want_video: bool) -> int | None:
    """Return the first decoding time, in ticks: of video, or of anything."""
    for place in range(0, len(packets) - mpegts.PACKET + 1, mpegts.PACKET):
        header = mpegts.pes_header(packets, place)
        if header is None:
            continue
        if mpegts.is_video(packets, header) or not want_video:
            return mpegts.decode_time(packets, header)
    return None


def _shift_packet(packets: bytearray, place: int, shift: int) -> None:
    if packets[place + 3] & 0x20 and packets[place + 4] > 0:
        _shift_clock(packets, place, shift)
    header = mpegts.pes_header(packets, place)
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
            base = (mpegts.read_clock(packets, at) + shift) % mpegts.WRAP
            mpegts.write_clock(packets, at, base)
            at += 6


def _shift_timestamp(packets: bytearray, at: int, shift: int) -> None:
    value = (mpegts.read_timestamp(packets, at) + shift) % mpegts.WRAP
    mpegts.write_timestamp(packets, at, value)


# --- Fragmented MP4 ------------------------------------------------------------------------


class FragmentRetimer(Retimer):
    """Shifts a segment of fragmented MP4 (ISO/IEC 14496-12); passes on what is none."""

    def __init__(self, shift_for: ShiftFor, tracks: Mapping[int, Track]) -> None:
        """Take what says how far to shift, and the tracks by their IDs."""
        self._shift_for = shift_for
        self._tracks = tracks
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
            head = box(self._waiting, 0)
            if head is None:
                break
            kind, start, end = head
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
        for track in find(self._waiting, start, end, b"traf"):
            track_id = 0
            for place, _ in find(self._waiting, *track, b"tfhd"):
                (track_id,) = struct.unpack_from(">I", self._waiting, place + 4)
            known = self._tracks.get(track_id)
            if known is not None:
                times += [
                    (place, known.timescale)
                    for place, _ in find(self._waiting, *track, b"tfdt")
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
