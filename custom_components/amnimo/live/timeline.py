"""What viewers of one camera get: the runs of an upstream joined into one playlist.

Owns the rules of RFC 8216 that make a spliced playlist playable: media sequence numbers never
fall, a splice carries a discontinuity, discontinuities that leave the window stay counted,
keys and initialization sections stay with their segments. Pure; knows nothing of HTTP, of time
or of who watches.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
import hashlib
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from .playlist import Key, MediaPlaylist, PlaylistType, Resource, Segment, Variant

WINDOW = 5
"""Segments that a live playlist lists at least, as far as upstream gave as many."""

_WINDOW_TARGET_DURATIONS = 3
# Frozen segments are in none of upstream's stretches.
_NO_STRETCH = -1
_NO_CLOCK = (-1, 0)
# A cache may be this many segments behind.
_CACHED_SEGMENTS = 10
# FFmpeg plays a segment only under a name it knows, and looks inside only at some.
_SUFFIXES = frozenset({".aac", ".ac3", ".ec3", ".m4s", ".mp3", ".mp4", ".ts", ".vtt"})
_SAME_AS = {
    ".cmfa": ".m4s",
    ".cmfv": ".m4s",
    ".eac3": ".ec3",
    ".m4a": ".m4s",
    ".m4f": ".m4s",
    ".m4v": ".m4s",
    ".webvtt": ".vtt",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A segment in the playlist that viewers get."""

    number: int
    """Media sequence number, ours."""
    segment: Segment
    discontinuity: bool
    stretch: int
    """Segments between two splices have the same."""
    clock: tuple[int, int]
    """Segments with the same have time stamps that fit together; also across tracks."""
    position: float
    """Seconds of video before it, since the timeline began."""
    init_number: int
    """Tells initialization sections apart."""
    frozen: bool = False
    """Whether it's none of upstream's, but shows the last picture."""

    @property
    def suffix(self) -> str:
        """The file name extension that says what the segment is."""
        if self.segment.init is not None:
            return ".m4s"
        path = urlsplit(self.segment.resource.url).path
        suffix = PurePosixPath(path).suffix.lower()
        suffix = _SAME_AS.get(suffix, suffix)
        return suffix if suffix in _SUFFIXES else ".ts"

    def found_at(self, resource: Resource) -> Entry:
        """Return the entry at a new URL; the old one stays where its name would change."""
        moved = replace(self, segment=replace(self.segment, resource=resource))
        return moved if moved.suffix == self.suffix else self


@dataclass(frozen=True, slots=True)
class Timeline:
    """What viewers of one camera have got and get next, across all runs of upstream.

    A run is what upstream sends between one start and its end, under numbers of its own.
    """

    next_number: int = 0
    """Media sequence number of the next segment."""
    entries: tuple[Entry, ...] = ()
    discontinuity_sequence: int = 0
    """Discontinuities before the first entry's own."""
    target_duration: int = 0
    ended: bool = False
    """Whether nothing will follow; only of a recording."""
    independent: bool = False
    run: int | None = None
    started: bool = False
    """Whether anything was ever listed."""
    last: Segment | None = None
    """The newest segment of the run."""
    stretch: int = 0
    clock: tuple[int, int] = (0, 0)
    position: float = 0.0
    init_number: int = 0
    frozen: bool = False
    """Whether the newest entry is frozen."""

    def extended(self, playlist: MediaPlaylist, run: int) -> Timeline:
        """Return the timeline with what is new in a playlist of a run.

        A playlist older than the last one changes nothing. Numbers that begin anew within a
        run are a splice, just as another run is.
        """
        follows = run == self.run and self.last is not None
        if not playlist.segments or (follows and self._is_stale(playlist)):
            return self
        follows = follows and not self._falls_back(playlist)
        timeline = self._resigned(playlist) if follows else self._spliced(run)
        newest = self.last.sequence if follows and self.last else -1
        new = [each for each in playlist.segments if each.sequence > newest]
        if not new:
            return timeline
        recording = playlist.type is PlaylistType.VOD
        if self.frozen:
            # The time of those before was filled with a picture that stood still.
            new = new[-1:]
        elif follows:
            timeline = timeline.skipping(new[0].sequence - newest - 1)
        elif not recording:
            new = _tail(new, playlist.target_duration)
        for segment in new:
            timeline = timeline.joined_by(segment)
        timeline = replace(
            timeline,
            target_duration=max(self.target_duration, playlist.target_duration),
            independent=playlist.independent and (self.independent or not self.entries),
            ended=recording and playlist.ended,
        )
        # Readers may not have seen any of what is new.
        return timeline if recording else timeline.trimmed(max(WINDOW, len(new)))

    def emptied(self) -> Timeline:
        """Return the timeline with nothing to play, for when upstream has ended for good."""
        return replace(
            self._without_entries(), target_duration=0, ended=False, frozen=False
        )

    def frozen_for(self, duration: float) -> Timeline:
        """Return the timeline with a segment that shows the last picture of the newest one.

        Args:
            duration: in seconds, at most the target duration.

        """
        last = self.entries[-1]
        entry = Entry(
            self.next_number,
            replace(
                last.segment,
                duration=duration,
                discontinuity=False,
                program_date_time=None,
                gap=False,
            ),
            discontinuity=not self.frozen,
            stretch=_NO_STRETCH,
            clock=_NO_CLOCK,
            position=self.position,
            init_number=last.init_number,
            frozen=True,
        )
        return replace(
            self,
            entries=(*self.entries, entry),
            next_number=self.next_number + 1,
            position=self.position + duration,
            frozen=True,
        ).trimmed()

    def _spliced(self, run: int) -> Timeline:
        """Return the timeline at a splice: what follows need not fit to what was."""
        clock = (run, self.clock[1] + 1 if run == self.clock[0] else 0)
        return replace(self, run=run, last=None, stretch=self.stretch + 1, clock=clock)

    def skipping(self, count: int) -> Timeline:
        """Return the timeline after segments that came and went unseen."""
        if not count:
            return self
        return replace(
            self._without_entries(),
            next_number=self.next_number + count,
            position=self.position + count * self.target_duration,
        )

    def joined_by(self, segment: Segment) -> Timeline:
        """Return the timeline with one segment more."""
        last = self.last
        new_init = last is None or _differs(segment, last)
        missed = last is not None and (
            segment.discontinuity_number > last.discontinuity_number
        )
        breaks = segment.discontinuity or missed or self.frozen
        new_clock = last is not None and (breaks or new_init)
        entry = Entry(
            self.next_number,
            segment,
            discontinuity=breaks or (new_init and self.started),
            stretch=self.stretch,
            clock=(self.clock[0], self.clock[1] + new_clock),
            position=self.position,
            init_number=self.init_number + new_init,
        )
        before = self
        if segment.init is None and any(each.segment.init for each in self.entries):
            # No tag takes an initialization section back.
            before = self._without_entries()
        return replace(
            before,
            entries=(*before.entries, entry),
            next_number=self.next_number + 1,
            started=True,
            last=segment,
            clock=entry.clock,
            position=self.position + segment.duration,
            init_number=entry.init_number,
            frozen=False,
        )

    def _without_entries(self) -> Timeline:
        gone = sum(entry.discontinuity for entry in self.entries)
        return replace(
            self, entries=(), discontinuity_sequence=self.discontinuity_sequence + gone
        )

    def trimmed(self, least: int = WINDOW) -> Timeline:
        """Return the timeline without what is too old for a live playlist.

        Args:
            least: how many segments stay, whatever their age.

        """
        kept = _tail(
            [entry.segment for entry in self.entries], self.target_duration or 1, least
        )
        count = len(self.entries) - len(kept)
        gone = sum(entry.discontinuity for entry in self.entries[:count])
        return replace(
            self,
            entries=self.entries[count:],
            discontinuity_sequence=self.discontinuity_sequence + gone,
        )

    def _known(self) -> dict[int, Entry]:
        """Return the entries since the last splice, by upstream's number."""
        return {
            entry.segment.sequence: entry
            for entry in self.entries
            if entry.stretch == self.stretch
        }

    def _is_stale(self, playlist: MediaPlaylist) -> bool:
        """Whether a playlist is one that came before, from a slow cache for example.

        Told by the segments that are listed still; where there are none of them, by how far
        the numbers fell back.
        """
        if self.last is None or not self._falls_back(playlist):
            return False
        known = self._known()
        same = [
            entry.segment.resource.identity == each.resource.identity
            for each in playlist.segments
            if (entry := known.get(each.sequence)) is not None
        ]
        if same:
            return any(same)
        behind = self.last.sequence - playlist.segments[-1].sequence
        return behind <= _CACHED_SEGMENTS

    def _falls_back(self, playlist: MediaPlaylist) -> bool:
        return (
            self.last is not None
            and playlist.segments[-1].sequence < self.last.sequence
        )

    def _resigned(self, playlist: MediaPlaylist) -> Timeline:
        """Return the timeline with the newest URLs of segments that are listed already."""
        fresh = {each.sequence: each.resource for each in playlist.segments}
        known = {entry.number for entry in self._known().values()}
        entries = tuple(
            entry.found_at(fresh[entry.segment.sequence])
            if entry.number in known and entry.segment.sequence in fresh
            else entry
            for entry in self.entries
        )
        return replace(self, entries=entries)


def _tail(
    segments: list[Segment], target_duration: int, least: int = WINDOW
) -> list[Segment]:
    """Return the newest segments: enough for a reader to begin with and to fall behind."""
    seconds = 0.0
    for count, segment in enumerate(reversed(segments)):
        if count >= least and seconds >= _WINDOW_TARGET_DURATIONS * target_duration:
            return segments[len(segments) - count :]
        seconds += segment.duration
    return segments


def _differs(segment: Segment, last: Segment) -> bool:
    """Return whether two segments in a row have different initialization sections.

    A URL whose query alone has changed was signed anew, unless upstream says that it's
    another stretch.
    """
    if segment.init is None or last.init is None or segment.discontinuity:
        return segment.init != last.init
    return segment.init.identity != last.init.identity


# --- Writing -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class File:
    """What a name in a playlist stands for."""

    resource: Resource
    entry: Entry | None = None
    """Of a segment; None for a key or an initialization section."""
    init_number: int | None = None
    """Of an initialization section."""


@dataclass(frozen=True, slots=True)
class Served:
    """A media playlist for viewers, and what the names in it stand for."""

    text: str
    files: Mapping[str, File]


def write(timeline: Timeline, prefix: str = "") -> Served:
    """Return the playlist of a timeline; each file in it gets a name of our own.

    A name stays with its file as long as the file is listed, whatever becomes of its
    URL, and no name is part of another: readers recognise segments by the text of the line.
    Byte ranges are not in the text: the name stands for the range.

    Args:
        timeline: what to list.
        prefix: begins all names, to tell the playlists of a camera apart.

    """
    files: dict[str, File] = {}
    lines: list[str] = []
    keys: tuple[str, ...] = ()
    init: int | None = None
    version = 3

    def use(wanted: tuple[Key, ...], segment: Segment) -> None:
        nonlocal keys, version
        written = tuple(_key_line(key, segment, prefix, files) for key in wanted)
        if written != keys:
            lines.extend(written or ("#EXT-X-KEY:METHOD=NONE",))
            version = max(version, 5)
        keys = written

    for entry in timeline.entries:
        segment = entry.segment
        if entry.discontinuity:
            lines.append("#EXT-X-DISCONTINUITY")
        if segment.init is not None and init != entry.init_number:
            # The keys before it are its own, too.
            use(segment.init_keys, segment)
            name = f"{prefix}init{entry.init_number:010d}.mp4"
            files[name] = File(segment.init, init_number=entry.init_number)
            lines.append(f'#EXT-X-MAP:URI="{name}"')
            version = 6
        use(segment.keys, segment)
        init = entry.init_number
        if segment.program_date_time is not None:
            lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{segment.program_date_time}")
        if segment.gap:
            lines.append("#EXT-X-GAP")
        name = f"{prefix}{entry.number:010d}{entry.suffix}"
        files[name] = File(segment.resource, entry)
        lines += [f"#EXTINF:{segment.duration:.5f},{segment.title}", name]
    text = "\n".join([*_header(timeline, version), *lines])
    return Served(f"{text}\n#EXT-X-ENDLIST\n" if timeline.ended else f"{text}\n", files)


def _header(timeline: Timeline, version: int) -> list[str]:
    first = timeline.entries[0].number if timeline.entries else timeline.next_number
    lines = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{version}",
        f"#EXT-X-TARGETDURATION:{max(1, timeline.target_duration)}",
        f"#EXT-X-MEDIA-SEQUENCE:{first}",
        f"#EXT-X-DISCONTINUITY-SEQUENCE:{timeline.discontinuity_sequence}",
    ]
    if timeline.ended:
        lines.append("#EXT-X-PLAYLIST-TYPE:VOD")
    if timeline.independent:
        lines.append("#EXT-X-INDEPENDENT-SEGMENTS")
    return lines


def _key_line(key: Key, segment: Segment, prefix: str, files: dict[str, File]) -> str:
    """Return the tag of a key.

    An IV that follows from the number is written out: the number becomes another.
    """
    text = f"#EXT-X-KEY:METHOD={key.method}"
    if key.resource is not None:
        # Two keys may differ in the query alone, so the name must tell all URLs apart.
        name = f"{prefix}{_digest(key.resource.url)}.key"
        files[name] = File(key.resource)
        text += f',URI="{name}"'
    iv = f"0x{segment.sequence:032x}" if key.derives_iv else key.iv
    if iv is not None:
        text += f",IV={iv}"
    if key.format is not None:
        text += f',KEYFORMAT="{key.format}"'
    if key.format_versions is not None:
        text += f',KEYFORMATVERSIONS="{key.format_versions}"'
    return text


def _digest(text: str) -> str:
    return hashlib.blake2s(text.encode(), digest_size=8).hexdigest()


def write_master(variant: Variant, video_name: str, audio_name: str) -> str:
    """Return the master playlist of a variant whose audio is a playlist of its own."""
    attributes = [f"BANDWIDTH={max(1, variant.bandwidth)}"]
    if variant.codecs is not None:
        attributes.append(f'CODECS="{variant.codecs}"')
    if variant.resolution is not None:
        attributes.append(f"RESOLUTION={variant.resolution}")
    rendition = [
        "TYPE=AUDIO",
        'GROUP-ID="audio"',
        'NAME="audio"',
        "DEFAULT=YES",
        "AUTOSELECT=YES",
    ]
    return "\n".join(
        [
            "#EXTM3U",
            "#EXT-X-VERSION:6",
            f'#EXT-X-MEDIA:{",".join(rendition)},URI="{audio_name}"',
            f'#EXT-X-STREAM-INF:{",".join(attributes)},AUDIO="audio"',
            f"{video_name}\n",
        ]
    )
