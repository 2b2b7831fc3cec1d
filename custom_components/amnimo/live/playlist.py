"""HLS playlists (RFC 8216) as values, read from text.

Owns what the tags mean. Every URL in a value is absolute, every byte range has its offset,
and what one line says about the lines that follow is with each of them. Pure; knows nothing of
HTTP, of time or of what is done with a playlist.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
import math
import re
import string
from urllib.parse import quote, urljoin, urlsplit

_DEFAULT_TARGET_DURATION = 6
_MOST_KEYS = 16
# Not `str.splitlines`: what else it takes for the end of a line may be in a title.
_LINE_END = re.compile(r"[\r\n]+")
# What is between two commas, except of those in quotes.
_ATTRIBUTE = re.compile(r'(?:[^,"]++|"[^"]*+"?)++')
_RANGE = re.compile(r"(\d{1,18})(?:@(\d{1,18}))?")
_NUMBER = re.compile(r"\d{1,18}")
_METHOD = re.compile(r"[A-Z0-9-]{1,32}")
_IV = re.compile(r"0[xX][0-9a-fA-F]{1,32}")
# A file beside the playlist, perhaps with a query.
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.~-]*(?:\?[!\"$-~]+)?")
_NOT_IN_URLS = re.compile(r"[^!-~]")


class PlaylistError(Exception):
    """A text is no playlist, or one that can't be played. Its message holds no URL."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """A part of a file, in bytes."""

    length: int
    offset: int

    @property
    def end(self) -> int:
        """The offset of the first byte after the part."""
        return self.offset + self.length


@dataclass(frozen=True, slots=True)
class Resource:
    """A file, or a part of one, at its absolute URL; the URL may be presigned."""

    url: str = field(repr=False)
    byte_range: ByteRange | None = None

    @property
    def identity(self) -> tuple[str, ByteRange | None]:
        """What stays the same when the URL is signed anew."""
        return self.url.partition("?")[0], self.byte_range


@dataclass(frozen=True, slots=True)
class Key:
    """How segments are encrypted (EXT-X-KEY)."""

    method: str
    resource: Resource | None
    iv: str | None = None
    format: str | None = None
    format_versions: str | None = None

    @property
    def derives_iv(self) -> bool:
        """Whether the IV follows from the segment's media sequence number."""
        return self.iv is None and self.format in (None, "identity")


@dataclass(frozen=True, slots=True)
class Segment:
    """A media segment as upstream lists it."""

    resource: Resource
    sequence: int
    """Media sequence number, upstream's."""
    duration: float
    """Seconds."""
    title: str = ""
    discontinuity: bool = False
    """Whether a tag before the segment says that nothing need fit to the one before."""
    discontinuity_number: int = 0
    """Upstream's discontinuity sequence number."""
    keys: tuple[Key, ...] = ()
    init: Resource | None = None
    """The initialization section (EXT-X-MAP)."""
    init_keys: tuple[Key, ...] = ()
    """How the initialization section is encrypted."""
    program_date_time: str | None = None
    gap: bool = False


class PlaylistType(StrEnum):
    """What may still change in a playlist (EXT-X-PLAYLIST-TYPE)."""

    EVENT = "EVENT"
    VOD = "VOD"


@dataclass(frozen=True, slots=True)
class MediaPlaylist:
    """A playlist of segments, in order; numbers go up by one."""

    segments: tuple[Segment, ...]
    target_duration: int
    """Seconds, at least 1."""
    ended: bool = False
    type: PlaylistType | None = None
    independent: bool = False
    """Whether each segment can be decoded without those before it."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the renderings that a master playlist offers (EXT-X-STREAM-INF)."""

    url: str = field(repr=False)
    bandwidth: int
    """Bits a second, the peak."""
    codecs: str | None = None
    resolution: str | None = None
    audio: str | None = None
    """Group of audio renditions that go with it."""

    @property
    def shows_video(self) -> bool:
        """Whether there is video in it, as far as it says."""
        if self.resolution is not None or self.codecs is None:
            return True
        names = (codec.strip()[:4].lower() for codec in self.codecs.split(","))
        return not all(name in ("mp4a", "ac-3", "ec-3", "opus") for name in names)


@dataclass(frozen=True, slots=True)
class AudioRendition:
    """Audio that is a playlist of its own (EXT-X-MEDIA of type AUDIO, with a URI)."""

    url: str = field(repr=False)
    group: str
    default: bool = False
    language: str | None = None


@dataclass(frozen=True, slots=True)
class MasterPlaylist:
    """A playlist of playlists."""

    variants: tuple[Variant, ...]
    audio: tuple[AudioRendition, ...] = ()

    def best(self) -> tuple[Variant, AudioRendition | None]:
        """Return the variant of the most bits a second, and its audio where that is separate."""
        variant = max(
            self.variants, key=lambda each: (each.shows_video, each.bandwidth)
        )
        renditions = [each for each in self.audio if each.group == variant.audio]
        default = next((each for each in renditions if each.default), None)
        return variant, default or next(iter(renditions), None)


# --- Reading -------------------------------------------------------------------------------


def parse(text: str, base_url: str) -> MediaPlaylist | MasterPlaylist:
    """Read a playlist; all URLs in the result are absolute.

    Tags that only make sense with the server that wrote them (blocking reload, partial
    segments, preload hints, skipping) and those unknown are left out.

    Args:
        text: the playlist; bytes that are no UTF-8 may be in it as surrogates, and go back
            into the URLs that they come from.
        base_url: where it was in the end, after redirects.

    Raises:
        PlaylistError: it is no playlist, has nothing to play, or a URL that is not HTTP.

    """
    lines = [line.strip() for line in _LINE_END.split(text.removeprefix("\ufeff"))]
    lines = [line for line in lines if line]
    if not lines or not lines[0].startswith("#EXTM3U"):
        raise PlaylistError("not a playlist")
    urls = _Urls(base_url)
    if any(line.startswith("#EXT-X-STREAM-INF") for line in lines):
        return _parse_master(lines, urls)
    return _MediaReader(urls).read(lines)


class _Urls:
    """Makes the URLs of a playlist absolute."""

    def __init__(self, base_url: str) -> None:
        """Take where the playlist was."""
        self._base_url = base_url
        self._folder: str | None = None

    def absolute(self, uri: str) -> str:
        """Return an absolute URL; what has no place in one is written as its bytes.

        Raises:
            PlaylistError: it is not HTTP.

        """
        # There may be thousands in a playlist.
        if self._folder is not None and _PLAIN_NAME.fullmatch(uri):
            return self._folder + uri
        try:
            if _NOT_IN_URLS.search(uri):
                uri = quote(uri, string.punctuation, errors="surrogateescape")
            url = urljoin(self._base_url, uri)
            parts = urlsplit(url)
            usable = parts.scheme in ("http", "https") and parts.hostname
        except ValueError:
            usable = None
            url = ""
        if not usable:
            raise PlaylistError("a URL that is not HTTP")
        if _PLAIN_NAME.fullmatch(uri) and url.endswith(uri):
            self._folder = url.removesuffix(uri)
        return url.partition("#")[0]


def _parse_master(lines: list[str], urls: _Urls) -> MasterPlaylist:
    variants: list[Variant] = []
    audio: list[AudioRendition] = []
    pending: Mapping[str, str] | None = None
    for line in lines:
        tag, _, value = line.partition(":")
        if tag == "#EXT-X-STREAM-INF":
            pending = _attributes(value)
        elif tag == "#EXT-X-MEDIA":
            rendition = _audio_rendition(_attributes(value), urls)
            if rendition is not None:
                audio.append(rendition)
        elif not line.startswith("#") and pending is not None:
            variants.append(_variant(pending, urls.absolute(line)))
            pending = None
    if not variants:
        raise PlaylistError("a master playlist without variants")
    return MasterPlaylist(tuple(variants), tuple(audio))


def _variant(attributes: Mapping[str, str], url: str) -> Variant:
    return Variant(
        url,
        bandwidth=_whole(attributes.get("BANDWIDTH", "")) or 0,
        codecs=_printable(attributes.get("CODECS")),
        resolution=_printable(attributes.get("RESOLUTION")),
        audio=attributes.get("AUDIO"),
    )


def _audio_rendition(
    attributes: Mapping[str, str], urls: _Urls
) -> AudioRendition | None:
    """Return an audio rendition; None for other kinds, and for audio inside the variant."""
    if attributes.get("TYPE") != "AUDIO" or "URI" not in attributes:
        return None
    return AudioRendition(
        urls.absolute(attributes["URI"]),
        group=attributes.get("GROUP-ID", ""),
        default=attributes.get("DEFAULT") == "YES",
        language=attributes.get("LANGUAGE"),
    )


class _MediaReader:
    """Reads one media playlist, tag by tag."""

    def __init__(self, urls: _Urls) -> None:
        """Begin before the first line."""
        self._urls = urls
        self._segments: list[Segment] = []
        self._sequence = 0
        self._discontinuities = 0
        self._target_duration: int | None = None
        self._keys: tuple[Key, ...] = ()
        self._last_tag_was_key = False
        self._init: Resource | None = None
        self._init_keys: tuple[Key, ...] = ()
        self._range_ends: dict[str, int] = {}
        self._ended = False
        self._independent = False
        self._type: PlaylistType | None = None
        self._forget_segment_tags()

    def _forget_segment_tags(self) -> None:
        self._duration: float | None = None
        self._title = ""
        self._range: str | None = None
        self._discontinuity = False
        self._date: str | None = None
        self._gap = False

    def read(self, lines: list[str]) -> MediaPlaylist:
        """Return what the lines say."""
        for line in lines:
            if line.startswith("#"):
                self._read_tag(line)
            else:
                self._add_segment(line)
        longest = max((segment.duration for segment in self._segments), default=0.0)
        return MediaPlaylist(
            tuple(self._segments),
            # Readers take their pace from it, so nothing may be longer than it says.
            target_duration=max(
                1, self._target_duration or _DEFAULT_TARGET_DURATION, round(longest)
            ),
            ended=self._ended,
            type=self._type,
            independent=self._independent,
        )

    def _read_tag(self, line: str) -> None:
        tag, _, value = line.partition(":")
        is_key = tag == "#EXT-X-KEY"
        match tag:
            case "#EXTINF":
                seconds, _, title = value.partition(",")
                self._title = _printable(title) or ""
                self._duration = _seconds(seconds)
            case "#EXT-X-BYTERANGE":
                self._range = value
            case "#EXT-X-DISCONTINUITY":
                self._discontinuity = True
                self._discontinuities += 1
            case "#EXT-X-PROGRAM-DATE-TIME":
                self._date = value if _is_date(value) else None
            case "#EXT-X-GAP":
                self._gap = True
            case "#EXT-X-KEY":
                self._read_key(_attributes(value))
            case "#EXT-X-MAP":
                self._init = self._read_init(_attributes(value))
                self._init_keys = self._keys
            case "#EXT-X-TARGETDURATION":
                self._target_duration = math.ceil(_seconds(value) or 0) or None
            case "#EXT-X-PLAYLIST-TYPE":
                self._type = PlaylistType(value) if value in PlaylistType else None
            case "#EXT-X-INDEPENDENT-SEGMENTS":
                self._independent = True
            case "#EXT-X-ENDLIST":
                self._ended = True
            case _ if not self._segments:
                self._read_number(tag, value)
        self._last_tag_was_key = is_key

    def _read_number(self, tag: str, value: str) -> None:
        """Read where numbers begin; after the first segment it's too late for that."""
        match tag:
            case "#EXT-X-MEDIA-SEQUENCE":
                self._sequence = _whole(value) or 0
            case "#EXT-X-SKIP":
                skipped = _attributes(value).get("SKIPPED-SEGMENTS", "")
                self._sequence += _whole(skipped) or 0
            case "#EXT-X-DISCONTINUITY-SEQUENCE":
                self._discontinuities = _whole(value) or 0

    def _read_key(self, attributes: Mapping[str, str]) -> None:
        """Take a key for the segments that follow; keys in a row are alternatives."""
        method = attributes.get("METHOD", "NONE")
        if method == "NONE":
            self._keys = ()
            return
        uri, iv = attributes.get("URI"), attributes.get("IV")
        if not (_METHOD.fullmatch(method) and (iv is None or _IV.fullmatch(iv))):
            raise PlaylistError("a key that can't be read")
        key_format = _printable(attributes.get("KEYFORMAT"))
        key = Key(
            method,
            Resource(self._urls.absolute(uri)) if uri is not None else None,
            iv=iv,
            format=key_format,
            format_versions=_printable(attributes.get("KEYFORMATVERSIONS")),
        )
        others = self._keys if self._last_tag_was_key else ()
        if len(others) == _MOST_KEYS:
            raise PlaylistError("too many keys for one segment")
        self._keys = (*(each for each in others if each.format != key_format), key)

    def _read_init(self, attributes: Mapping[str, str]) -> Resource:
        if "URI" not in attributes:
            raise PlaylistError("an initialization section without a URL")
        url = self._urls.absolute(attributes["URI"])
        text = attributes.get("BYTERANGE")
        if not text:
            return Resource(url)
        byte_range = _byte_range(text)
        # The first segment may follow it; any other follows the segment before it.
        self._range_ends.setdefault(url.partition("?")[0], byte_range.end)
        return Resource(url, byte_range)

    def _next_byte_range(self, text: str, url: str) -> ByteRange:
        """Return a range; one without an offset goes on where the last of the file ended."""
        # Each line may have a signature of its own.
        path = url.partition("?")[0]
        found = _byte_range(
            text, self._range_ends.get(url, self._range_ends.get(path, 0))
        )
        self._range_ends[url] = self._range_ends[path] = found.end
        return found

    def _add_segment(self, line: str) -> None:
        url = self._urls.absolute(line)
        byte_range = self._next_byte_range(self._range, url) if self._range else None
        duration = self._duration
        if duration is None:
            duration = float(self._target_duration or _DEFAULT_TARGET_DURATION)
        self._segments.append(
            Segment(
                Resource(url, byte_range),
                sequence=self._sequence,
                duration=duration,
                title=self._title,
                discontinuity=self._discontinuity,
                discontinuity_number=self._discontinuities,
                keys=self._keys,
                init=self._init,
                init_keys=self._init_keys,
                program_date_time=self._date,
                gap=self._gap,
            )
        )
        self._sequence += 1
        self._forget_segment_tags()


def _byte_range(text: str, follows: int = 0) -> ByteRange:
    """Return a range; one without an offset follows another."""
    match = _RANGE.fullmatch(text.strip())
    if match is None or not int(match[1]):
        raise PlaylistError("a byte range that can't be read")
    return ByteRange(int(match[1]), int(match[2]) if match[2] else follows)


def _attributes(text: str) -> dict[str, str]:
    """Return an attribute list; quotes are taken off."""
    found: dict[str, str] = {}
    for item in _ATTRIBUTE.finditer(text):
        name, equals, value = item[0].partition("=")
        if equals:
            found[name.strip()] = value.replace('"', "").strip()
    return found


def _printable(text: str | None) -> str | None:
    """Return a text without what can't be written again."""
    return text and text.encode("utf-8", "replace").decode()


def _is_date(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _whole(text: str) -> int | None:
    text = text.strip()
    return int(text) if _NUMBER.fullmatch(text) else None


def _seconds(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < 86400 else None
