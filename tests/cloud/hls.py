"""Playlists as text (RFC 8216, and its second edition where a playlist has parts).

Knows nothing of sessions or of signatures.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from .dialects import iso_millis

_VERSION = 3
_FRAGMENTED_VERSION = 7
_SKIPPING_VERSION = 9


@dataclass(frozen=True, slots=True)
class Key:
    """How the segments from here on are encrypted; ``iv`` in hexadecimal."""

    uri: str
    iv: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a segment, which begins with a keyframe."""

    uri: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment in a playlist: its URI, length in seconds, and time where it is told.

    ``byte_range`` is a length, perhaps with an offset: ``500@1000``.
    """

    uri: str
    seconds: float
    moment: float | None = None
    byte_range: str | None = None
    key: Key | None = None
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Initialization:
    """An initialization section, perhaps a part of a file."""

    uri: str
    byte_range: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LowLatency:
    """What is said to those who can't wait for whole segments.

    ``parts`` are those of the segment that is under way, ``hint`` the URI of the next one.
    ``reports`` are lines about the other renditions. ``skipped`` segments are left out.
    """

    part_seconds: float
    skip_seconds: float
    parts: tuple[Part, ...]
    hint: str | None
    reports: tuple[str, ...]
    skipped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaPlaylist:
    """A playlist of segments; ``event`` says that nothing ever leaves it."""

    segments: Sequence[Segment]
    target_seconds: int
    sequence: int
    event: bool = False
    ended: bool = False
    initialization: Initialization | None = None
    low_latency: LowLatency | None = None

    def text(self) -> str:
        """Return it as it is sent."""
        lines = [*self._head(), *self._body()]
        if self.low_latency is not None and not self.ended:
            lines += map(_part_line, self.low_latency.parts)
            if self.low_latency.hint is not None:
                lines.append(
                    f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{self.low_latency.hint}"'
                )
            lines += self.low_latency.reports
        if self.ended:
            lines.append("#EXT-X-ENDLIST")
        return "\n".join([*lines, ""])

    @property
    def _version(self) -> int:
        if self.low_latency is not None and self.low_latency.skipped:
            return _SKIPPING_VERSION
        plain = self.initialization is None and not any(
            each.byte_range for each in self.segments
        )
        return _VERSION if plain else _FRAGMENTED_VERSION

    def _head(self) -> Iterator[str]:
        yield "#EXTM3U"
        yield f"#EXT-X-VERSION:{self._version}"
        yield f"#EXT-X-TARGETDURATION:{self.target_seconds}"
        if (low := self.low_latency) is not None:
            yield (
                "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,"
                f"CAN-SKIP-UNTIL={low.skip_seconds:.1f},"
                f"PART-HOLD-BACK={3 * low.part_seconds:.1f}"
            )
            yield f"#EXT-X-PART-INF:PART-TARGET={low.part_seconds:.3f}"
        yield f"#EXT-X-MEDIA-SEQUENCE:{self.sequence}"
        if self.event:
            yield "#EXT-X-PLAYLIST-TYPE:EVENT"
        if low is not None and low.skipped:
            yield f"#EXT-X-SKIP:SKIPPED-SEGMENTS={low.skipped}"
        elif self.initialization is not None:
            about = self.initialization
            at = f',BYTERANGE="{about.byte_range}"' if about.byte_range else ""
            yield f'#EXT-X-MAP:URI="{about.uri}"{at}'

    def _body(self) -> Iterator[str]:
        skipped = 0 if self.low_latency is None else self.low_latency.skipped
        key: Key | None = None
        for segment in self.segments[skipped:]:
            if segment.key != key and segment.key is not None:
                iv = "" if segment.key.iv is None else f",IV={segment.key.iv}"
                yield f'#EXT-X-KEY:METHOD=AES-128,URI="{segment.key.uri}"{iv}'
            key = segment.key
            if segment.moment is not None:
                yield f"#EXT-X-PROGRAM-DATE-TIME:{iso_millis(segment.moment)}"
            yield from map(_part_line, segment.parts)
            yield f"#EXTINF:{segment.seconds:.3f},"
            if segment.byte_range is not None:
                yield f"#EXT-X-BYTERANGE:{segment.byte_range}"
            yield segment.uri


def report_line(uri: str, sequence: int, part: int) -> str:
    """Return what a playlist says of another rendition's newest part."""
    return f'#EXT-X-RENDITION-REPORT:URI="{uri}",LAST-MSN={sequence},LAST-PART={part}'


def _part_line(part: Part) -> str:
    return f'#EXT-X-PART:DURATION={part.seconds:.3f},URI="{part.uri}",INDEPENDENT=YES'


@dataclass(frozen=True, slots=True)
class Variant:
    """A variant in a master playlist; without a size, it has no picture."""

    uri: str
    bits_per_second: int
    codecs: str
    size: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class MasterPlaylist:
    """A playlist of variants; ``sound`` is the URI of sound that is on its own."""

    variants: Iterable[Variant]
    sound: str | None = field(default=None)

    def text(self) -> str:
        """Return it as it is sent."""
        lines = ["#EXTM3U", "#EXT-X-VERSION:7"]
        group = ""
        if self.sound is not None:
            group = ',AUDIO="sound"'
            lines.append(
                '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="sound",'
                f'DEFAULT=YES,AUTOSELECT=YES,URI="{self.sound}"'
            )
        for variant in self.variants:
            size = ""
            if variant.size is not None:
                width, height = variant.size
                size = f",RESOLUTION={width}x{height}"
            lines.append(
                f"#EXT-X-STREAM-INF:BANDWIDTH={variant.bits_per_second}{size},"
                f'CODECS="{variant.codecs}"{group}'
            )
            lines.append(variant.uri)
        return "\n".join([*lines, ""])
