"""A picture that stands still, as fragmented MP4 (ISO/IEC 14496-12).

Owns how the first picture of a segment is found, and how segments are made that show nothing
else, in silence. Pure: bytes in, bytes out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
import struct
from typing import Self, override

from .freeze import FRAME_TICKS, FrozenPicture, silence
from .mp4 import Content, Track, box, find, read_tracks
from .retime import TICKS_A_SECOND

_SAMPLES_A_FRAME = 1024
_DEPENDS_ON_OTHERS = 0x10000
_KEY_FLAGS = 0x02000000
_FROM_FRAGMENT = 0x020000
# What a sample's row in a fragment has: length, size, flags, and time to showing.
_ROW_FLAGS = 0xF00
_OFFSET_FLAG = 0x1


@dataclass(frozen=True, slots=True)
class _Sample:
    """One picture or piece of sound."""

    duration: int
    """In the track's units."""
    content: bytes
    delay: int = 0


@dataclass(frozen=True, slots=True)
class _Run:
    """Samples of one track in a row."""

    track_id: int
    decoded: int
    samples: tuple[_Sample, ...]


@dataclass(frozen=True, slots=True)
class FrozenMp4(FrozenPicture):
    """A picture out of fragmented MP4."""

    _video: tuple[int, Track]
    _picture: bytes
    _delay: int
    _sound: tuple[int, Track, bytes] | None

    @classmethod
    def find(cls, segment: bytes, init: bytes) -> Self | None:
        """Return the first picture of a segment, if it needs no other.

        Args:
            segment: what there is of it, from the first byte on.
            init: its initialization section.

        """
        tracks = read_tracks(init)
        video = next(
            (each for each in tracks.items() if each[1].handler == b"vide"), None
        )
        if video is None:
            return None
        try:
            found = _first_sample(segment, *video)
        except struct.error, IndexError:
            return None
        return None if found is None else cls(video, *found, _sound(tracks))

    @override
    def segment(self, start: int, duration: int, number: int) -> bytes:
        track_id, track = self._video
        moments = [*range(start, start + duration, FRAME_TICKS), start + duration]
        places = [_units(moment, track) for moment in moments]
        pictures = tuple(
            _Sample(end - begin, self._picture, self._delay)
            for begin, end in pairwise(places)
        )
        runs = [_Run(track_id, places[0], pictures)]
        if self._sound is not None:
            track_id, track, frame = self._sound
            begin, end = (_units(each, track) for each in (start, start + duration))
            count = (end - begin) // _SAMPLES_A_FRAME
            frames = (_Sample(_SAMPLES_A_FRAME, frame),) * count
            runs.append(_Run(track_id, begin, frames))
        return _fragment(number, runs)


def _units(ticks: int, track: Track) -> int:
    return ticks * track.timescale // TICKS_A_SECOND


def _sound(tracks: Mapping[int, Track]) -> tuple[int, Track, bytes] | None:
    """Return the track with the sound, and a frame of silence for it."""
    for track_id, track in tracks.items():
        if track.audio is None:
            continue
        kind, channels, rate = track.audio
        frame = silence(channels)
        if kind == b"mp4a" and rate == track.timescale and frame is not None:
            return track_id, track, frame
    return None


def _first_sample(
    segment: Content, track_id: int, track: Track
) -> tuple[bytes, int] | None:
    """Return the first picture and its delay; None if it needs others or is not all there."""
    at = 0
    while (found := box(segment, at)) is not None:
        kind, start, end = found
        if kind == b"moof" and end and end <= len(segment):
            for place, traf in enumerate(find(segment, start, end, b"traf")):
                if place and not _counts_from_fragment(segment, traf):
                    continue
                sample = _sample_of(segment, at, traf, track_id, track)
                if sample is not None:
                    return sample
        if not end:
            return None
        at = end
    return None


def _counts_from_fragment(segment: Content, traf: tuple[int, int]) -> bool:
    """Return whether offsets count from the fragment, not from the end of another track."""
    return any(
        int.from_bytes(segment[place : place + 4]) & _FROM_FRAGMENT
        for place, _ in find(segment, *traf, b"tfhd")
    )


def _sample_of(
    segment: Content, moof: int, traf: tuple[int, int], track_id: int, track: Track
) -> tuple[bytes, int] | None:
    base, size, flags = moof, track.default_size, 0
    for place, _ in find(segment, *traf, b"tfhd"):
        optional, own_id = struct.unpack_from(">2I", segment, place)
        if own_id != track_id:
            return None
        at = place + 8
        for flag, width in ((0x1, 8), (0x2, 4), (0x8, 4), (0x10, 4), (0x20, 4)):
            if not optional & flag:
                continue
            value = int.from_bytes(segment[at : at + width])
            at += width
            if flag == 0x10:
                size = value
            elif flag == 0x20:
                flags = value
            elif flag == 0x1:
                # Counted from the beginning of a file that nobody has.
                return None
    for place, _ in find(segment, *traf, b"trun"):
        return _read_run(segment, base, place, size, flags)
    return None


def _read_run(
    segment: Content, base: int, place: int, size: int, flags: int
) -> tuple[bytes, int] | None:
    optional, count = struct.unpack_from(">2I", segment, place)
    at, delay = place + 8, 0
    offset = 0
    if optional & 0x1:
        (offset,) = struct.unpack_from(">i", segment, at)
        at += 4
    if optional & 0x4:
        (flags,) = struct.unpack_from(">I", segment, at)
        at += 4
    for flag in (0x100, 0x200, 0x400, 0x800):
        if not optional & flag:
            continue
        (value,) = struct.unpack_from(">i" if flag == 0x800 else ">I", segment, at)
        at += 4
        if flag == 0x200:
            size = value
        elif flag == 0x400 and not optional & 0x4:
            flags = value
        elif flag == 0x800:
            delay = value
    content = bytes(segment[base + offset : base + offset + size])
    whole = count and size and len(content) == size
    return (content, delay) if whole and not flags & _DEPENDS_ON_OTHERS else None


def _fragment(number: int, runs: list[_Run]) -> bytes:
    contents = [b"".join(sample.content for sample in run.samples) for run in runs]
    # The places of the samples follow from the length of what says so.
    length = len(_head(number, runs, [0] * len(runs)))
    offsets: list[int] = []
    offset = length + 8
    for content in contents:
        offsets.append(offset)
        offset += len(content)
    return _head(number, runs, offsets) + _box(b"mdat", *contents)


def _head(number: int, runs: list[_Run], offsets: list[int]) -> bytes:
    header = _box(b"mfhd", struct.pack(">2I", 0, number % (1 << 32)))
    tracks = (_track(run, offset) for run, offset in zip(runs, offsets, strict=True))
    return _box(b"moof", header, *tracks)


def _track(run: _Run, offset: int) -> bytes:
    rows = b"".join(
        struct.pack(">3Ii", each.duration, len(each.content), _KEY_FLAGS, each.delay)
        for each in run.samples
    )
    # Offsets count from the fragment; delays have a sign.
    return _box(
        b"traf",
        _box(b"tfhd", struct.pack(">2I", _FROM_FRAGMENT, run.track_id)),
        _box(b"tfdt", struct.pack(">IQ", 0x01000000, run.decoded)),
        _box(
            b"trun",
            struct.pack(
                ">2Ii", 0x01000000 | _ROW_FLAGS | _OFFSET_FLAG, len(run.samples), offset
            ),
            rows,
        ),
    )


def _box(kind: bytes, *contents: bytes) -> bytes:
    length = 8 + sum(len(content) for content in contents)
    return b"".join((struct.pack(">I4s", length, kind), *contents))
