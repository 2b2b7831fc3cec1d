"""A picture that stands still, as MPEG-TS (ISO/IEC 13818-1).

Owns how the first picture of a segment is found, and how segments are made that show nothing
else, in silence. Pure: bytes in, bytes out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
import math
from typing import Self, override

from . import mpegts
from .freeze import FRAME_TICKS, FrozenPicture, silence
from .mpegts import PACKET, SYNC, WRAP
from .retime import TICKS_A_SECOND

_PAT_ID = 0
_H264, _HEVC, _AAC = 0x1B, 0x24, 0x0F
_SAMPLES_A_FRAME = 1024
_AAC_RATES = (
    96_000,
    88_200,
    64_000,
    48_000,
    44_100,
    32_000,
    24_000,
    22_050,
    16_000,
    12_000,
    11_025,
    8_000,
    7_350,
)
_COUNTERS = 16
_LONGEST_PES = 0xFFFF


@dataclass(frozen=True, slots=True)
class _Program:
    """The streams of a segment, and the two packets that say so."""

    tables: tuple[bytes, bytes]
    clock_id: int
    video_id: int
    video_type: int
    audio_id: int | None


@dataclass(frozen=True, slots=True)
class _Unit:
    """What a PES packet holds."""

    header: bytes
    content: bytes

    @property
    def stream(self) -> int:
        return self.header[3]

    @property
    def delay(self) -> int:
        """Ticks from decoding to showing."""
        if not self.header[7] & 0x40:
            return 0
        shown = mpegts.read_timestamp(self.header, 9)
        return (shown - mpegts.read_timestamp(self.header, 14)) % WRAP


@dataclass(frozen=True, slots=True)
class _Silence:
    """Frames of AAC in which nothing is heard."""

    frame: bytes
    rate: int
    """Samples a second."""

    def units(self, begin: int, end: int) -> tuple[int, bytes]:
        """Return the time of the first frame that begins in a stretch, and all that fit.

        Times are ticks since the beginning of the segment.
        """
        length = _SAMPLES_A_FRAME * TICKS_A_SECOND / self.rate
        first = math.ceil(begin / length)
        return round(first * length), self.frame * (math.ceil(end / length) - first)


@dataclass(frozen=True, slots=True)
class FrozenTs(FrozenPicture):
    """A picture out of MPEG-TS."""

    _program: _Program
    _picture: _Unit
    _silence: _Silence | None
    _audio_stream: int = 0xC0

    @classmethod
    def find(cls, segment: bytes) -> Self | None:
        """Return the first picture in the beginning of a segment that needs no other.

        Args:
            segment: what there is of it, from the first byte on.

        """
        if (program := _program(segment)) is None:
            return None
        for unit in _units(segment, program.video_id):
            if _is_key(unit.content, program.video_type):
                audio = None
                if program.audio_id is not None:
                    audio = next(_units(segment, program.audio_id), None)
                return cls(
                    program,
                    unit,
                    None if audio is None else _silence(audio.content),
                    0xC0 if audio is None else audio.stream,
                )
        return None

    @override
    def segment(self, start: int, duration: int, number: int) -> bytes:
        writer = _Writer()
        for table in self._program.tables:
            writer.table(table)
        for begin in range(0, duration, FRAME_TICKS):
            decoded = start + begin
            if self._program.clock_id != self._program.video_id:
                writer.clock(self._program.clock_id, decoded)
            writer.unit(
                self._program.video_id,
                self._picture.stream,
                self._picture.content,
                decoded,
                self._picture.delay,
                is_clock=self._program.clock_id == self._program.video_id,
            )
            if self._silence is not None and self._program.audio_id is not None:
                end = min(duration, begin + FRAME_TICKS)
                first, frames = self._silence.units(begin, end)
                if frames:
                    writer.unit(
                        self._program.audio_id,
                        self._audio_stream,
                        frames,
                        start + first,
                    )
        return writer.written


def _program(segment: bytes) -> _Program | None:
    """Return the first program; None where a table is not all in one packet."""
    pat = _table(segment, _PAT_ID)
    if pat is None:
        return None
    programs = _section(pat, b"\0")
    entries = [programs[at : at + 4] for at in range(5, len(programs) - 3, 4)]
    table_ids = [
        int.from_bytes(entry[2:]) & 0x1FFF for entry in entries if any(entry[:2])
    ]
    pmt = _table(segment, table_ids[0]) if table_ids else None
    if pmt is None:
        return None
    return _streams(_section(pmt, b"\2"), (pat, pmt))


def _streams(section: bytes, tables: tuple[bytes, bytes]) -> _Program | None:
    if len(section) < 9:
        return None
    clock_id = int.from_bytes(section[5:7]) & 0x1FFF
    at = 9 + (int.from_bytes(section[7:9]) & 0x0FFF)
    video: tuple[int, int] | None = None
    audio_id: int | None = None
    while at + 5 <= len(section):
        kind = section[at]
        stream_id = int.from_bytes(section[at + 1 : at + 3]) & 0x1FFF
        if kind in (_H264, _HEVC) and video is None:
            video = stream_id, kind
        elif kind == _AAC and audio_id is None:
            audio_id = stream_id
        at += 5 + (int.from_bytes(section[at + 3 : at + 5]) & 0x0FFF)
    if video is None:
        return None
    return _Program(tables, clock_id, *video, audio_id)


def _packets(segment: bytes, packet_id: int) -> Iterator[int]:
    """Yield where the packets of a stream begin."""
    for place in range(0, len(segment) - PACKET + 1, PACKET):
        if segment[place] != SYNC:
            return
        if mpegts.packet_id(segment, place) == packet_id:
            yield place


def _table(segment: bytes, packet_id: int) -> bytes | None:
    for place in _packets(segment, packet_id):
        if mpegts.begins_unit(segment, place):
            return segment[place : place + PACKET]
    return None


def _section(packet: bytes, table_id: bytes) -> bytes:
    """Return the content of a table after its length, without its checksum."""
    start = mpegts.payload_start(packet, 0)
    start += 1 + packet[start] if start < PACKET else 0
    if packet[start : start + 1] != table_id or start + 3 > PACKET:
        return b""
    end = start + 3 + (int.from_bytes(packet[start + 1 : start + 3]) & 0x0FFF)
    return packet[start + 3 : end - 4] if end <= PACKET else b""


def _units(segment: bytes, packet_id: int) -> Iterator[_Unit]:
    """Yield what each PES packet of a stream holds, as far as it is known to be whole."""
    parts: list[bytes] | None = None
    for place in _packets(segment, packet_id):
        if mpegts.begins_unit(segment, place):
            if parts and (unit := _unit(b"".join(parts))) is not None:
                yield unit
            parts = []
        if parts is not None:
            start = mpegts.payload_start(segment, place)
            parts.append(segment[start : place + PACKET])


def _unit(pes: bytes) -> _Unit | None:
    if len(pes) < 14 or pes[:3] != b"\0\0\1" or not pes[7] & 0x80:
        return None
    start = 9 + pes[8]
    length = int.from_bytes(pes[4:6])
    return _Unit(pes[:start], pes[start : 6 + length] if length else pes[start:])


def _is_key(content: bytes, video_type: int) -> bool:
    """Return whether a picture needs no other: what it is made of says so."""
    at = content.find(b"\0\0\1")
    while 0 <= at < len(content) - 3:
        head = content[at + 3]
        if video_type == _H264 and head & 0x1F == 5:
            return True
        if video_type == _HEVC and 16 <= head >> 1 & 0x3F <= 21:
            return True
        at = content.find(b"\0\0\1", at + 3)
    return False


def _silence(content: bytes) -> _Silence | None:
    """Return silence of the same kind as the AAC that a unit begins with (ADTS)."""
    if len(content) < 7 or content[0] != 0xFF or content[1] & 0xF6 != 0xF0:
        return None
    rate = content[2] >> 2 & 0x0F
    channels = (content[2] & 1) << 2 | content[3] >> 6
    frame = silence(channels)
    if frame is None or rate >= len(_AAC_RATES):
        return None
    header = bytearray(content[:7])
    # Without a checksum, whatever the camera does.
    header[1] |= 1
    length = len(header) + len(frame)
    header[3] = header[3] & 0xFC | length >> 11
    header[4] = length >> 3 & 0xFF
    header[5] = (length & 7) << 5 | 0x1F
    header[6] = 0xFC
    return _Silence(bytes(header) + frame, _AAC_RATES[rate])


class _Writer:
    """Writes one segment, packet by packet."""

    def __init__(self) -> None:
        """Begin with nothing written."""
        self._parts: list[bytes] = []
        self._counters: dict[int, int] = {}

    @property
    def written(self) -> bytes:
        """All packets."""
        return b"".join(self._parts)

    def table(self, packet: bytes) -> None:
        """Write a table as it was."""
        counter = self._count(mpegts.packet_id(packet, 0))
        self._parts.append(
            packet[:3] + bytes((packet[3] & 0xF0 | counter,)) + packet[4:]
        )

    def clock(self, packet_id: int, ticks: int) -> None:
        """Write a clock reference alone."""
        fields = self._fields(packet_id, ticks)
        # What has no payload repeats the counter of what had.
        counter = (self._counters.get(packet_id, 0) - 1) % _COUNTERS
        head = bytes((SYNC, packet_id >> 8, packet_id & 0xFF, 0x20 | counter, 183))
        self._parts.append(head + fields.ljust(183, b"\xff"))

    def unit(
        self,
        packet_id: int,
        stream: int,
        content: bytes,
        decoded: int,
        delay: int = 0,
        *,
        is_clock: bool = False,
    ) -> None:
        """Write a PES packet, with the clock reference where the stream carries it."""
        times = _times(decoded, delay)
        length = 3 + len(times) + len(content)
        pes = b"".join(
            (
                b"\0\0\1",
                bytes((stream,)),
                (length if length <= _LONGEST_PES else 0).to_bytes(2),
                bytes((0x80, 0xC0 if delay else 0x80, len(times))),
                times,
                content,
            )
        )
        fields = self._fields(packet_id, decoded if is_clock else None)
        at = 0
        while at < len(pes):
            room = 183 - len(fields) if fields else 184
            part = pes[at : at + room]
            self._packet(packet_id, fields, part, begins=at == 0)
            at += len(part)
            fields = b""

    def _packet(
        self, packet_id: int, fields: bytes, part: bytes, *, begins: bool
    ) -> None:
        control = 0x10
        adaptation = b""
        left = 184 - len(part)
        if left:
            control = 0x30
            adaptation = bytes((left - 1,))
            if left > 1:
                adaptation += (fields or b"\0").ljust(left - 1, b"\xff")
        head = (
            SYNC,
            (0x40 if begins else 0) | packet_id >> 8,
            packet_id & 0xFF,
            control | self._count(packet_id),
        )
        self._parts.append(bytes(head) + adaptation + part)

    def _fields(self, packet_id: int, clock: int | None) -> bytes:
        """Return the adaptation field of a picture or of the first sound."""
        flags = 0x40
        if packet_id not in self._counters:
            # Nothing is lost where the counter does not go on from the last segment.
            flags |= 0x80
        if clock is None:
            return bytes((flags,))
        reference = bytearray(6)
        reference[4] = 0x7E
        mpegts.write_clock(reference, 0, clock % WRAP)
        return bytes((flags | 0x10,)) + reference

    def _count(self, packet_id: int) -> int:
        counter = self._counters.get(packet_id, 0)
        self._counters[packet_id] = (counter + 1) % _COUNTERS
        return counter


def _times(decoded: int, delay: int) -> bytes:
    """Return the time stamps of a PES header."""
    if not delay:
        return _time(0x21, decoded)
    return _time(0x31, decoded + delay) + _time(0x11, decoded)


def _time(mark: int, ticks: int) -> bytes:
    field = bytearray((mark, 0, 1, 0, 1))
    mpegts.write_timestamp(field, 0, ticks % WRAP)
    return bytes(field)
