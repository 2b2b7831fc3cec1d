"""Reading playlists: what the tags mean, whatever the server's habits."""

from urllib.parse import urlsplit

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.amnimo.live.playlist import (
    ByteRange,
    MasterPlaylist,
    MediaPlaylist,
    PlaylistError,
    PlaylistType,
    Resource,
    parse,
)

from .written import (
    WrittenMaster,
    WrittenMedia,
    master_playlists,
    media_playlists,
    uris,
)

BASE = "https://edge.example/live/token/index.m3u8?Signature=a%2Fb"


def media(*lines: str, base: str = BASE) -> MediaPlaylist:
    """Return the media playlist of some lines."""
    playlist = parse("\n".join(["#EXTM3U", *lines]), base)
    assert isinstance(playlist, MediaPlaylist)
    return playlist


def master(*lines: str) -> MasterPlaylist:
    """Return the master playlist of some lines."""
    playlist = parse("\n".join(["#EXTM3U", *lines]), BASE)
    assert isinstance(playlist, MasterPlaylist)
    return playlist


def test_segments_are_numbered_from_the_media_sequence_on() -> None:
    playlist = media(
        "#EXT-X-TARGETDURATION:4",
        "#EXT-X-MEDIA-SEQUENCE:41",
        "#EXTINF:4.000,",
        "a.ts",
        "#EXTINF:3.5,a title, with a comma",
        "b.ts",
    )
    assert [each.sequence for each in playlist.segments] == [41, 42]
    assert [each.duration for each in playlist.segments] == [4.0, 3.5]
    assert playlist.segments[1].title == "a title, with a comma"
    assert playlist.target_duration == 4
    assert not playlist.ended


@pytest.mark.parametrize(
    ("uri", "url"),
    [
        ("a.ts?k=v&x=%2F", "https://edge.example/live/token/a.ts?k=v&x=%2F"),
        ("../b.ts", "https://edge.example/live/b.ts"),
        ("/c.ts", "https://edge.example/c.ts"),
        ("//other.example/d.ts", "https://other.example/d.ts"),
        ("http://plain.example:8080/e.ts", "http://plain.example:8080/e.ts"),
        ("?part=2", "https://edge.example/live/token/index.m3u8?part=2"),
        ("f.ts#t=1", "https://edge.example/live/token/f.ts"),
        ("g 1.ts", "https://edge.example/live/token/g%201.ts"),
        ("門.ts", "https://edge.example/live/token/%E9%96%80.ts"),
        ("caf\udce9.ts", "https://edge.example/live/token/caf%E9.ts"),
        ("h?", "https://edge.example/live/token/h?"),
    ],
)
def test_every_kind_of_url_becomes_absolute(uri: str, url: str) -> None:
    playlist = media(
        f'#EXT-X-KEY:METHOD=AES-128,URI="{uri}"',
        f'#EXT-X-MAP:URI="{uri}"',
        "#EXTINF:2,",
        uri,
    )
    (segment,) = playlist.segments
    assert segment.resource.url == url
    assert segment.init == Resource(url)
    assert segment.keys[0].resource == Resource(url)


@pytest.mark.parametrize(
    "uri", ["file:///etc/passwd", "data:,x", "ftp://a/b", "http://[", "http:///x"]
)
def test_a_url_that_is_not_http_is_refused(uri: str) -> None:
    with pytest.raises(PlaylistError) as error:
        media("#EXTINF:2,", uri)
    assert uri not in str(error.value)


@pytest.mark.parametrize("text", ["", "\n", "<html>", "EXTM3U", "segment.ts"])
def test_what_is_no_playlist_is_refused(text: str) -> None:
    with pytest.raises(PlaylistError):
        parse(text, BASE)


@pytest.mark.parametrize(
    "line",
    [
        "#EXT-X-MAP:BYTERANGE=1",
        '#EXT-X-MAP:URI="i",BYTERANGE="x"',
        '#EXT-X-MAP:URI="i",BYTERANGE="0@7"',
        '#EXT-X-KEY:METHOD=AES 128,URI="k"',
        '#EXT-X-KEY:METHOD="AES-128,X=Y",URI="k"',
        '#EXT-X-KEY:METHOD=AES-128,URI="k",IV=7',
        '#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0x123456789012345678901234567890123',
    ],
)
def test_what_segments_can_not_be_played_without_must_be_readable(line: str) -> None:
    with pytest.raises(PlaylistError):
        media(line)


def test_line_ends_blank_lines_and_a_byte_order_mark_do_not_matter() -> None:
    text = "\ufeff#EXTM3U\r\n\r\n#EXTINF:2,\r\n  a.ts  \r\n\r\n"
    playlist = parse(text, BASE)
    assert isinstance(playlist, MediaPlaylist)
    assert [each.resource.url for each in playlist.segments] == [
        "https://edge.example/live/token/a.ts"
    ]


def test_what_else_ends_lines_elsewhere_may_be_in_a_title() -> None:
    playlist = media("#EXTINF:2,one\u2028two\x0bthree\x85four", "a.ts")
    (segment,) = playlist.segments
    assert segment.title == "one\u2028two\x0bthree\x85four"


def test_what_is_no_text_is_not_passed_on() -> None:
    playlist = media(
        "#EXTINF:2,K\udcfcche",
        "#EXT-X-PROGRAM-DATE-TIME:yesterday",
        '#EXT-X-KEY:METHOD=AES-128,URI="k",KEYFORMAT="\udcfc"',
        "a.ts",
    )
    (segment,) = playlist.segments
    assert (segment.title, segment.program_date_time) == ("K?che", None)
    assert segment.keys[0].format == "?"


def test_byte_ranges_follow_each_other_under_urls_that_are_signed_each() -> None:
    playlist = media(
        "#EXTINF:2,",
        "#EXT-X-BYTERANGE:1000@700",
        "all.mp4?Signature=1",
        "#EXTINF:2,",
        "#EXT-X-BYTERANGE:500",
        "all.mp4?Signature=2",
    )
    assert [each.resource.byte_range for each in playlist.segments] == [
        ByteRange(1000, 700),
        ByteRange(500, 1700),
    ]


def test_byte_ranges_follow_each_other_in_a_file() -> None:
    playlist = media(
        '#EXT-X-MAP:URI="all.mp4",BYTERANGE="700@0"',
        "#EXTINF:2,",
        "#EXT-X-BYTERANGE:1000@700",
        "all.mp4",
        "#EXTINF:2,",
        "#EXT-X-BYTERANGE:500",
        "all.mp4",
        "#EXTINF:2,",
        "#EXT-X-BYTERANGE:10",
        "other.mp4",
        "#EXTINF:2,",
        "whole.mp4",
    )
    assert [each.resource.byte_range for each in playlist.segments] == [
        ByteRange(1000, 700),
        ByteRange(500, 1700),
        ByteRange(10, 0),
        None,
    ]
    assert playlist.segments[0].init is not None
    assert playlist.segments[0].init.byte_range == ByteRange(700, 0)


def test_an_initialization_section_said_again_moves_no_byte_range() -> None:
    section = '#EXT-X-MAP:URI="all.mp4",BYTERANGE="700@0"'
    playlist = media(
        *(section, "#EXTINF:2,", "#EXT-X-BYTERANGE:1000", "all.mp4"),
        *(section, "#EXTINF:2,", "#EXT-X-BYTERANGE:500", "all.mp4"),
    )
    assert [each.resource.byte_range for each in playlist.segments] == [
        ByteRange(1000, 700),
        ByteRange(500, 1700),
    ]


def test_a_key_holds_until_the_next_and_keys_in_a_row_are_alternatives() -> None:
    playlist = media(
        '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="one",KEYFORMAT="identity"',
        '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="two",KEYFORMAT="com.example",'
        'KEYFORMATVERSIONS="1/2"',
        "#EXTINF:2,",
        "a.ts",
        "#EXTINF:2,",
        "b.ts",
        '#EXT-X-KEY:METHOD=AES-128,URI="three",IV=0xAB',
        "#EXTINF:2,",
        "c.ts",
        "#EXT-X-KEY:METHOD=NONE",
        "#EXTINF:2,",
        "d.ts",
    )
    a, b, c, d = playlist.segments
    assert [key.format for key in a.keys] == ["identity", "com.example"]
    assert b.keys == a.keys
    assert [(key.method, key.iv) for key in c.keys] == [("AES-128", "0xAB")]
    assert d.keys == ()


def test_an_initialization_is_encrypted_as_the_tags_before_it_say() -> None:
    playlist = media(
        '#EXT-X-MAP:URI="clear.mp4"',
        '#EXT-X-KEY:METHOD=AES-128,URI="one",IV=0x1',
        "#EXTINF:2,",
        "a.m4s",
        "#EXT-X-DISCONTINUITY",
        '#EXT-X-MAP:URI="secret.mp4"',
        '#EXT-X-KEY:METHOD=AES-128,URI="two",IV=0x2',
        "#EXTINF:2,",
        "b.m4s",
    )
    a, b = playlist.segments
    assert a.init_keys == ()
    assert b.init_keys == a.keys != b.keys


def test_no_segment_has_more_keys_than_there_are_players() -> None:
    keys = [
        f'#EXT-X-KEY:METHOD=SAMPLE-AES,URI="k",KEYFORMAT="{number}"'
        for number in range(17)
    ]
    with pytest.raises(PlaylistError):
        media(*keys)


def test_tags_of_low_latency_are_left_out() -> None:
    playlist = media(
        "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.0",
        "#EXT-X-PART-INF:PART-TARGET=0.333",
        "#EXT-X-MEDIA-SEQUENCE:10",
        "#EXTINF:4,",
        "a.ts",
        '#EXT-X-PART:DURATION=0.333,URI="b.0.ts"',
        '#EXT-X-PART:DURATION=0.333,URI="b.1.ts"',
        '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="b.2.ts"',
        "#EXT-X-RENDITION-REPORT:URI=other.m3u8,LAST-MSN=10",
    )
    assert [each.resource.url[-4:] for each in playlist.segments] == ["a.ts"[-4:]]


def test_skipped_segments_still_count() -> None:
    playlist = media(
        "#EXT-X-MEDIA-SEQUENCE:100",
        "#EXT-X-SKIP:SKIPPED-SEGMENTS=7",
        "#EXTINF:4,",
        "a.ts",
    )
    assert playlist.segments[0].sequence == 107


def test_discontinuities_are_counted_on_from_the_sequence() -> None:
    playlist = media(
        "#EXT-X-DISCONTINUITY-SEQUENCE:3",
        "#EXTINF:2,",
        "a.ts",
        "#EXT-X-DISCONTINUITY",
        "#EXT-X-PROGRAM-DATE-TIME:2026-11-23T00:00:00Z",
        "#EXT-X-GAP",
        "#EXTINF:2,",
        "b.ts",
        "#EXTINF:2,",
        "c.ts",
    )
    assert [each.discontinuity for each in playlist.segments] == [False, True, False]
    assert [each.discontinuity_number for each in playlist.segments] == [3, 4, 4]
    assert [each.program_date_time for each in playlist.segments] == [
        None,
        "2026-11-23T00:00:00Z",
        None,
    ]
    assert [each.gap for each in playlist.segments] == [False, True, False]


def test_types_and_the_end_are_read() -> None:
    recording = media(
        "#EXT-X-PLAYLIST-TYPE:VOD", "#EXTINF:2,", "a.ts", "#EXT-X-ENDLIST"
    )
    assert (recording.type, recording.ended) == (PlaylistType.VOD, True)
    event = media("#EXT-X-PLAYLIST-TYPE:EVENT", "#EXT-X-INDEPENDENT-SEGMENTS")
    assert (event.type, event.ended) == (PlaylistType.EVENT, False)
    assert event.independent
    assert media("#EXT-X-PLAYLIST-TYPE:OTHER").type is None


def test_nothing_is_longer_than_the_target_duration_says() -> None:
    assert (
        media("#EXT-X-TARGETDURATION:2", "#EXTINF:9.6,", "a.ts").target_duration == 10
    )
    assert media("#EXT-X-TARGETDURATION:0", "#EXTINF:0.2,", "a.ts").target_duration >= 1


@pytest.mark.parametrize("duration", ["", "x", "-1", "inf", "nan", "1e9"])
def test_a_duration_that_makes_no_sense_is_the_target_duration(duration: str) -> None:
    playlist = media("#EXT-X-TARGETDURATION:4", f"#EXTINF:{duration},", "a.ts")
    assert playlist.segments[0].duration == 4


def test_the_best_variant_shows_video_at_the_highest_rate() -> None:
    playlist = master(
        '#EXT-X-STREAM-INF:BANDWIDTH=100000,CODECS="avc1.42c01e,mp4a.40.2"',
        "low.m3u8",
        '#EXT-X-STREAM-INF:BANDWIDTH=400000,RESOLUTION=640x360,CODECS="avc1.42c01e"',
        "high.m3u8?x=1",
        '#EXT-X-STREAM-INF:BANDWIDTH=900000,CODECS="mp4a.40.2"',
        "sound.m3u8",
        '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=999999,URI="frames.m3u8"',
    )
    variant, audio = playlist.best()
    assert variant.url == "https://edge.example/live/token/high.m3u8?x=1"
    assert variant.resolution == "640x360"
    assert audio is None


def test_separate_audio_goes_with_its_variant() -> None:
    playlist = master(
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="1",DEFAULT=NO,URI="a1.m3u8"',
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="2",DEFAULT=YES,URI="a2.m3u8"',
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="b",NAME="3",DEFAULT=YES,URI="b.m3u8"',
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="inside the variant"',
        '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="a",NAME="4",URI="s.m3u8"',
        '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"',
        "video.m3u8",
    )
    _, audio = playlist.best()
    assert audio is not None
    assert audio.url == "https://edge.example/live/token/a2.m3u8"


def test_a_master_playlist_without_a_variant_is_refused() -> None:
    with pytest.raises(PlaylistError):
        master("#EXT-X-STREAM-INF:BANDWIDTH=1")


def test_presigned_urls_do_not_show() -> None:
    playlist = media("#EXTINF:2,", "a.ts?Signature=hidden")
    assert "hidden" not in repr(playlist)


def test_numbers_do_not_begin_anew_in_the_middle() -> None:
    playlist = media(
        "#EXT-X-MEDIA-SEQUENCE:7",
        "#EXT-X-DISCONTINUITY-SEQUENCE:3",
        "#EXTINF:2,",
        "a.ts",
        "#EXT-X-MEDIA-SEQUENCE:1",
        "#EXT-X-DISCONTINUITY-SEQUENCE:1",
        "#EXT-X-SKIP:SKIPPED-SEGMENTS=9",
        "#EXTINF:2,",
        "b.ts",
    )
    assert [each.sequence for each in playlist.segments] == [7, 8]
    assert [each.discontinuity_number for each in playlist.segments] == [3, 3]


@pytest.mark.parametrize("filling", ["A", '"', " ", ",a=b", "=", '"",'])
def test_a_long_line_does_not_take_long(filling: str) -> None:
    # As long as a playlist may be. Steps that grow with the square would take hours.
    line = f"#EXT-X-KEY:{filling * (1024 * 1024 // len(filling))}"
    assert media(line, "#EXTINF:2,", "a.ts").segments[0].keys == ()


# --- Whatever a server writes --------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(written=media_playlists())
def test_any_media_playlist_is_read_as_it_was_meant(written: WrittenMedia) -> None:
    playlist = parse(written.text, BASE)
    assert isinstance(playlist, MediaPlaylist)
    assert playlist.segments == written.segments
    assert (playlist.ended, playlist.type) == (written.ended, written.type)
    assert playlist.independent == written.independent


@settings(deadline=None)
@given(written=master_playlists())
def test_any_master_playlist_is_read_as_it_was_meant(written: WrittenMaster) -> None:
    playlist = parse(written.text, BASE)
    assert isinstance(playlist, MasterPlaylist)
    assert playlist.variants == written.variants
    assert playlist.audio == written.audio
    variant, sound = playlist.best()
    assert variant in written.variants
    assert sound is None or sound.group == variant.audio


@given(names=st.lists(uris(), min_size=1, max_size=20))
def test_a_url_means_the_same_wherever_it_is_in_a_playlist(
    names: list[tuple[str, str]],
) -> None:
    playlist = media(*(written for written, _ in names))
    assert [each.resource.url for each in playlist.segments] == [
        meant for _, meant in names
    ]


TAGS = (
    "EXTINF EXT-X-BYTERANGE EXT-X-DISCONTINUITY EXT-X-KEY EXT-X-MAP EXT-X-GAP "
    "EXT-X-PROGRAM-DATE-TIME EXT-X-TARGETDURATION EXT-X-MEDIA-SEQUENCE EXT-X-SKIP "
    "EXT-X-DISCONTINUITY-SEQUENCE EXT-X-PLAYLIST-TYPE EXT-X-ENDLIST EXT-X-MEDIA "
    "EXT-X-STREAM-INF"
).split()
VALUES = st.one_of(
    st.text(max_size=20),
    st.text('0123456789@.,-e="', max_size=12),
    st.lists(
        st.builds(
            "{}={}".format,
            st.sampled_from("METHOD URI IV BYTERANGE TYPE GROUP-ID BANDWIDTH".split()),
            st.text('0x9@AES-128"/:.,', max_size=12) | st.text(max_size=6),
        ),
        max_size=4,
    ).map(",".join),
)
SOUP = st.lists(
    st.builds("#{}:{}".format, st.sampled_from(TAGS), VALUES)
    | st.text(max_size=20)
    | uris().map(lambda each: each[0]),
    max_size=20,
).map("\n".join)


@settings(max_examples=500, deadline=None)
@given(text=SOUP | st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_a_sound_playlist_or_none_at_all(text: str) -> None:
    for each in (text, f"#EXTM3U\n{text}"):
        # As bytes come in that are no UTF-8.
        for found in (each, each.encode().decode("ascii", "surrogateescape")):
            try:
                playlist = parse(found, BASE)
            except PlaylistError:
                continue
            assert_sound(playlist)


def assert_sound(playlist: MediaPlaylist | MasterPlaylist) -> None:
    """Check what everybody relies on who gets a playlist."""
    if isinstance(playlist, MasterPlaylist):
        urls = [each.url for each in (*playlist.variants, *playlist.audio)]
        playlist.best()
    else:
        segments = playlist.segments
        first = segments[0].sequence if segments else 0
        numbers = [each.sequence for each in segments]
        assert numbers == list(range(first, first + len(segments)))
        breaks = [each.discontinuity_number for each in segments]
        assert breaks == sorted(breaks)
        durations = [each.duration for each in segments]
        assert playlist.target_duration >= max(1, round(max(durations, default=0)))
        files = [each.resource for each in segments]
        files += [each.init for each in segments if each.init is not None]
        keys = [key for each in segments for key in (*each.keys, *each.init_keys)]
        files += [key.resource for key in keys if key.resource is not None]
        for part in (each.byte_range for each in files):
            assert part is None or (part.length > 0 and part.offset >= 0)
        urls = [each.url for each in files]
        for text in (each.title for each in segments):
            assert text.encode("utf-8", "replace").decode() == text
            assert not set(text) & set("\r\n")
    for url in urls:
        parts = urlsplit(url)
        assert parts.scheme in ("http", "https")
        assert parts.hostname
        assert url.isascii()
        assert not set(url) & set(" \t\r\n#")
