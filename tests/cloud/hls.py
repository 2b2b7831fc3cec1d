"""Playlists as text (RFC 8216). Knows nothing of sessions or of signatures."""

from collections.abc import Iterable
from dataclasses import dataclass

from .dialects import iso_millis


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment in a playlist: its URI, length in seconds, and time where it is told."""

    uri: str
    seconds: float
    moment: float | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """A variant in a master playlist."""

    uri: str
    bits_per_second: int
    width: int
    height: int
    codecs: str


def media_playlist(
    segments: Iterable[Segment],
    *,
    target_seconds: int,
    sequence: int,
    event: bool,
    ended: bool,
    initialization: str | None,
) -> str:
    """Return a media playlist; ``event`` says that nothing ever leaves it."""
    lines = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{3 if initialization is None else 7}",
        f"#EXT-X-TARGETDURATION:{target_seconds}",
        f"#EXT-X-MEDIA-SEQUENCE:{sequence}",
    ]
    if event:
        lines.append("#EXT-X-PLAYLIST-TYPE:EVENT")
    if initialization is not None:
        lines.append(f'#EXT-X-MAP:URI="{initialization}"')
    for segment in segments:
        if segment.moment is not None:
            lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{iso_millis(segment.moment)}")
        lines += [f"#EXTINF:{segment.seconds:.3f},", segment.uri]
    if ended:
        lines.append("#EXT-X-ENDLIST")
    return "\n".join([*lines, ""])


def master_playlist(variants: Iterable[Variant]) -> str:
    """Return a master playlist."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7"]
    for variant in variants:
        resolution = f"{variant.width}x{variant.height}"
        bandwidth = variant.bits_per_second
        lines.append(
            f"#EXT-X-STREAM-INF:BANDWIDTH={bandwidth},RESOLUTION={resolution},"
            f'CODECS="{variant.codecs}"'
        )
        lines.append(variant.uri)
    return "\n".join([*lines, ""])
