"""Playlists as servers write them, with what they mean.

Strategies for property tests: each example is the text of a playlist, in one of the many ways
to write it, and the segments or variants that a reader must find in it. The meaning is known
from the writing, not from reading.
"""

from dataclasses import dataclass

from hypothesis import strategies as st

from custom_components.amnimo.live.playlist import (
    AudioRendition,
    ByteRange,
    Key,
    PlaylistType,
    Resource,
    Segment,
    Variant,
)

BASE = "https://edge.example/live/token/index.m3u8?Signature=a%2Fb"

_NOISE = st.sampled_from(
    [
        "",
        "   ",
        "# a comment",
        '#EXT-X-UNHEARD-OF:URI="nowhere",A=1',
        '#EXT-X-DATERANGE:ID="x",START-DATE="2026-11-23T00:00:00Z"',
        "#EXT-X-BITRATE:128",
        '#EXT-X-PART:DURATION=0.5,URI="part-1.m4s",INDEPENDENT=YES',
        '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="part-2.m4s"',
        '#EXT-X-RENDITION-REPORT:URI="low.m3u8",LAST-MSN=9,LAST-PART=1',
        "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12.0",
        "#EXT-X-PART-INF:PART-TARGET=0.5",
    ]
)
_NAMES = st.text("abcXYZ019_.~-", min_size=1, max_size=8).map("x{}".format)
_QUERIES = st.none() | st.text("abcXYZ019_.~-=&%/:+?@,;", min_size=1, max_size=12)
_TITLES = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), max_size=10
)
_NUMBERS = st.integers(0, 10**9)


@st.composite
def uris(draw: st.DrawFn) -> tuple[str, str]:
    """Return a URI as it is written, and the absolute URL that it means."""
    name = draw(_NAMES)
    query = draw(_QUERIES)
    tail = name if query is None else f"{name}?{query}"
    return draw(
        st.sampled_from(
            [
                (tail, f"https://edge.example/live/token/{tail}"),
                (f"./{tail}", f"https://edge.example/live/token/{tail}"),
                (f"deep/{tail}", f"https://edge.example/live/token/deep/{tail}"),
                (f"../{tail}", f"https://edge.example/live/{tail}"),
                (f"/{tail}", f"https://edge.example/{tail}"),
                (f"//other.example/{tail}", f"https://other.example/{tail}"),
                (f"http://plain:8080/{tail}", f"http://plain:8080/{tail}"),
                (f"{tail}#part", f"https://edge.example/live/token/{tail}"),
                (f"é {tail}", f"https://edge.example/live/token/%C3%A9%20{tail}"),
            ]
        )
    )


@st.composite
def _keys(draw: st.DrawFn) -> tuple[list[str], tuple[Key, ...]]:
    """Return tags that change the keys, and the keys from there on."""
    lines: list[str] = []
    keys: list[Key] = []
    for key_format in draw(
        st.lists(st.sampled_from([None, "identity", "com.example"]), unique=True)
    ):
        uri, url = draw(uris())
        method = draw(st.sampled_from(["AES-128", "SAMPLE-AES"]))
        iv = draw(st.none() | st.integers(0, 2**128 - 1).map("0x{:032x}".format))
        text = f'#EXT-X-KEY:METHOD={method},URI="{uri}"'
        if iv is not None:
            text += f",IV={iv}"
        if key_format is not None:
            text += f',KEYFORMAT="{key_format}"'
        lines.append(text)
        keys.append(Key(method, Resource(url), iv, key_format))
    return lines or ["#EXT-X-KEY:METHOD=NONE"], tuple(keys)


@st.composite
def _inits(draw: st.DrawFn) -> tuple[str, Resource]:
    """Return a tag of an initialization section, and the section."""
    uri, url = draw(uris())
    if not draw(st.booleans()):
        return f'#EXT-X-MAP:URI="{uri}"', Resource(url)
    part = draw(st.builds(ByteRange, st.integers(1, 999), _NUMBERS))
    text = f'#EXT-X-MAP:URI="{uri}",BYTERANGE="{part.length}@{part.offset}"'
    return text, Resource(url, part)


@dataclass(frozen=True, slots=True)
class WrittenMedia:
    """The text of a media playlist, and what it means."""

    text: str
    segments: tuple[Segment, ...]
    ended: bool
    type: PlaylistType | None
    independent: bool


@st.composite
def media_playlists(draw: st.DrawFn) -> WrittenMedia:
    """Return any media playlist that RFC 8216 allows."""
    sequence, discontinuities = draw(_NUMBERS), draw(_NUMBERS)
    type_ = draw(st.none() | st.sampled_from(PlaylistType))
    independent, ended = draw(st.booleans()), draw(st.booleans())
    head = [
        "#EXT-X-VERSION:9",
        f"#EXT-X-TARGETDURATION:{draw(st.integers(1, 30))}",
        f"#EXT-X-MEDIA-SEQUENCE:{sequence}",
        f"#EXT-X-DISCONTINUITY-SEQUENCE:{discontinuities}",
    ]
    if type_ is not None:
        head.append(f"#EXT-X-PLAYLIST-TYPE:{type_}")
    if independent:
        head.append("#EXT-X-INDEPENDENT-SEGMENTS")
    lines = draw(st.permutations(head))
    if skipped := draw(st.integers(0, 3)):
        lines.append(f"#EXT-X-SKIP:SKIPPED-SEGMENTS={skipped}")
        sequence += skipped

    segments: list[Segment] = []
    keys: tuple[Key, ...] = ()
    init: Resource | None = None
    init_keys: tuple[Key, ...] = ()
    previous: tuple[str, Resource] | None = None
    for number in range(sequence, sequence + draw(st.integers(0, 8))):
        if draw(st.booleans()):
            changes, keys = draw(_keys())
            lines += changes
        if draw(st.booleans()):
            change, init = draw(_inits())
            init_keys = keys
            lines.append(change)
        breaks = draw(st.booleans())
        discontinuities += breaks
        tags = ["#EXT-X-DISCONTINUITY"] if breaks else []
        if gap := draw(st.booleans()):
            tags.append("#EXT-X-GAP")
        date = draw(st.none() | st.datetimes().map(lambda each: f"{each:%FT%TZ}"))
        if date is not None and len(date) == 20:
            tags.append(f"#EXT-X-PROGRAM-DATE-TIME:{date}")
        else:
            date = None
        duration = draw(st.integers(0, 30_000)) / 1000
        title = draw(_TITLES)
        tags.append(f"#EXTINF:{duration},{title}")

        uri, url = draw(uris())
        part: ByteRange | None = None
        kind = draw(st.sampled_from(["whole", "part", "next part"]))
        if kind == "next part" and previous is not None:
            uri, before = previous
            assert before.byte_range is not None
            part = ByteRange(draw(st.integers(1, 10**6)), before.byte_range.end)
            tags.append(f"#EXT-X-BYTERANGE:{part.length}")
            url = before.url
        elif kind != "whole":
            part = draw(st.builds(ByteRange, st.integers(1, 10**6), _NUMBERS))
            tags.append(f"#EXT-X-BYTERANGE:{part.length}@{part.offset}")
        resource = Resource(url, part)
        previous = None if part is None else (uri, resource)
        lines += [*draw(st.permutations(tags)), uri]
        segments.append(
            Segment(
                resource,
                sequence=number,
                duration=duration,
                title=title,
                discontinuity=breaks,
                discontinuity_number=discontinuities,
                keys=keys,
                init=init,
                init_keys=init_keys,
                program_date_time=date,
                gap=gap,
            )
        )
    if ended:
        lines.append("#EXT-X-ENDLIST")
    text = draw(_written(lines, noisy=True))
    return WrittenMedia(text, tuple(segments), ended, type_, independent)


@dataclass(frozen=True, slots=True)
class WrittenMaster:
    """The text of a master playlist, and what it means."""

    text: str
    variants: tuple[Variant, ...]
    audio: tuple[AudioRendition, ...]


@st.composite
def master_playlists(draw: st.DrawFn) -> WrittenMaster:
    """Return a master playlist with some variants, some with sound of their own."""
    lines: list[str] = []
    audio: list[AudioRendition] = []
    for index in range(draw(st.integers(0, 3))):
        group, (uri, url) = draw(st.sampled_from("ab")), draw(uris())
        default = draw(st.booleans())
        lines.append(
            f'#EXT-X-MEDIA:TYPE=AUDIO,NAME="{index}, or so",GROUP-ID="{group}",'
            f'DEFAULT={"YES" if default else "NO"},URI="{uri}"'
        )
        audio.append(AudioRendition(url, group, default))
    lines.append('#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="a",NAME="s",URI="s.m3u8"')
    variants: list[Variant] = []
    for _ in range(draw(st.integers(1, 4))):
        (uri, url), bandwidth = draw(uris()), draw(_NUMBERS)
        codecs = draw(
            st.none() | st.sampled_from(["avc1.42c01e,mp4a.40.2", "mp4a.40.2"])
        )
        size = draw(st.none() | st.sampled_from(["640x360", "1920x1080"]))
        group = draw(st.none() | st.sampled_from("ab"))
        text = f"#EXT-X-STREAM-INF:BANDWIDTH={bandwidth}"
        for name, value in (("CODECS", codecs), ("AUDIO", group)):
            text += "" if value is None else f',{name}="{value}"'
        text += "" if size is None else f",RESOLUTION={size}"
        lines += [text, uri]
        variants.append(Variant(url, bandwidth, codecs, size, group))
    text = draw(_written(lines, noisy=False))
    return WrittenMaster(text, tuple(variants), tuple(audio))


@st.composite
def _written(draw: st.DrawFn, lines: list[str], *, noisy: bool) -> str:
    """Return lines as one text, perhaps with what means nothing in between."""
    written = ["#EXTM3U"]
    for line in lines:
        # A key after something else is no alternative to the one before.
        if noisy and not line.startswith("#EXT-X-KEY") and draw(st.booleans()):
            written.append(draw(_NOISE))
        written.append(line)
    end = draw(st.sampled_from(["\n", "\r\n"]))
    mark = draw(st.sampled_from(["", "\ufeff"]))
    return mark + end.join([*written, *draw(st.sampled_from([[], [""]]))])
