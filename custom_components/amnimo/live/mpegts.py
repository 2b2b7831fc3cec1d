"""What is where in MPEG-TS (ISO/IEC 13818-1): packets, PES headers, time stamps.

Owns the layout. Knows nothing of what is read or written for which purpose. Positions are
offsets in a buffer in which packets follow each other.
"""

from typing import Final

PACKET: Final = 188
"""Bytes."""
SYNC: Final = 0x47
WRAP: Final = 1 << 33
"""Time stamps count in 33 bits, which is about 26.5 hours."""
_LOWEST_AUDIO, _HIGHEST_VIDEO = 0xC0, 0xEF
_PRIVATE_STREAMS = (0xBD, 0xFD)

type Packets = bytes | bytearray


def packet_id(packets: Packets, place: int) -> int:
    """Return which stream or table the packet at a place belongs to (PID)."""
    return (packets[place + 1] & 0x1F) << 8 | packets[place + 2]


def begins_unit(packets: Packets, place: int) -> bool:
    """Return whether a PES packet or a section begins in a packet."""
    return bool(packets[place + 1] & 0x40)


def payload_start(packets: Packets, place: int) -> int:
    """Return where the payload of a packet begins; the packet's end for none."""
    control = packets[place + 3] & 0x30
    if not control & 0x10:
        return place + PACKET
    return place + 4 + (packets[place + 4] + 1 if control & 0x20 else 0)


def pes_header(packets: Packets, place: int) -> int | None:
    """Return where the header of a PES packet with a time stamp is, if it begins here."""
    if not begins_unit(packets, place):
        return None
    start = payload_start(packets, place)
    end = place + PACKET
    if start + 14 > end or packets[start : start + 3] != b"\0\0\1":
        return None
    stream = packets[start + 3]
    if not (_LOWEST_AUDIO <= stream <= _HIGHEST_VIDEO or stream in _PRIVATE_STREAMS):
        return None
    flags = packets[start + 7] & 0xC0
    if not flags & 0x80 or (flags == 0xC0 and start + 19 > end):
        return None
    return start


def is_video(packets: Packets, header: int) -> bool:
    """Return whether a PES header is of a video stream."""
    return packets[header + 3] & 0xF0 == 0xE0


def decode_time(packets: Packets, header: int) -> int:
    """Return when what a PES header begins is to be decoded, in ticks."""
    has_both = packets[header + 7] & 0x40
    return read_timestamp(packets, header + (14 if has_both else 9))


def read_timestamp(packets: Packets, at: int) -> int:
    """Return the time stamp at a place, in ticks."""
    return (
        (packets[at] & 0x0E) << 29
        | packets[at + 1] << 22
        | (packets[at + 2] & 0xFE) << 14
        | packets[at + 3] << 7
        | packets[at + 4] >> 1
    )


def write_timestamp(packets: bytearray, at: int, ticks: int) -> None:
    """Put a time stamp in the place of another."""
    packets[at] = packets[at] & 0xF1 | ticks >> 29 & 0x0E
    packets[at + 1] = ticks >> 22 & 0xFF
    packets[at + 2] = ticks >> 14 & 0xFE | 1
    packets[at + 3] = ticks >> 7 & 0xFF
    packets[at + 4] = ticks << 1 & 0xFE | 1


def read_clock(packets: Packets, at: int) -> int:
    """Return the clock reference at a place, in ticks."""
    return int.from_bytes(packets[at : at + 4]) << 1 | packets[at + 4] >> 7


def write_clock(packets: bytearray, at: int, ticks: int) -> None:
    """Put a clock reference in the place of another; its extension stays."""
    packets[at : at + 4] = (ticks >> 1).to_bytes(4)
    packets[at + 4] = (ticks & 1) << 7 | packets[at + 4] & 0x7F
