"""Joining the runs of upstream into one playlist without end.

The rules are checked the way a player sees them: by reading what was written, again and again,
while upstream goes on, stalls, jumps, is restarted and signs its URLs anew.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
import itertools

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.amnimo.live.playlist import (
    ByteRange,
    Key,
    MediaPlaylist,
    PlaylistType,
    Resource,
    Segment,
    Variant,
    parse,
)
from custom_components.amnimo.live.timeline import (
    WINDOW,
    Entry,
    Served,
    Timeline,
    write,
    write_master,
)
from custom_components.amnimo.live.track import Track

from .written import BASE, WrittenMedia, media_playlists

LOCAL = "http://127.0.0.1/hls/token/playlist.m3u8"


def playlist(
    first: int = 0,
    count: int = 3,
    *,
    run: str = "one",
    signature: str = "1",
    duration: float = 2.0,
    ended: bool = False,
    type_: PlaylistType | None = None,
) -> MediaPlaylist:
    """Return a playlist of some segments of a run."""
    segments = tuple(
        Segment(
            Resource(f"https://edge/{run}/{number}.ts?s={signature}"),
            sequence=number,
            duration=duration,
        )
        for number in range(first, first + count)
    )
    return MediaPlaylist(segments, round(duration), ended=ended, type=type_)


def read(served: Served) -> MediaPlaylist:
    """Return what a player reads in a playlist of ours."""
    found = parse(served.text, LOCAL)
    assert isinstance(found, MediaPlaylist)
    return found


def sources(timeline: Timeline) -> list[str]:
    """Return run and number of the listed segments, as upstream names them."""
    return [
        entry.segment.resource.url.partition("?")[0].removeprefix("https://edge/")
        for entry in timeline.entries
    ]


def test_what_follows_is_appended_and_what_is_old_falls_out() -> None:
    timeline = Timeline(next_number=50).extended(playlist(7, 3), run=1)
    timeline = timeline.extended(playlist(8, 3), run=1)
    timeline = timeline.extended(playlist(12, 3), run=1)
    assert sources(timeline) == ["one/12.ts", "one/13.ts", "one/14.ts"]
    assert [entry.number for entry in timeline.entries] == [55, 56, 57]
    timeline = timeline.extended(playlist(13, 5), run=1)
    assert sources(timeline) == [f"one/{number}.ts" for number in range(13, 18)]
    assert len(timeline.entries) == WINDOW
    assert not any(entry.discontinuity for entry in timeline.entries)


def test_a_long_playlist_is_cut_to_what_a_live_reader_needs() -> None:
    timeline = Timeline().extended(playlist(0, 500), run=1)
    assert sources(timeline)[-1] == "one/499.ts"
    assert len(timeline.entries) == WINDOW


def test_short_segments_are_listed_for_three_target_durations() -> None:
    long_target = replace(playlist(0, 100, duration=0.5), target_duration=4)
    timeline = Timeline().extended(long_target, run=1)
    assert sum(entry.segment.duration for entry in timeline.entries) >= 12


def test_another_run_goes_on_with_the_numbers_after_a_discontinuity() -> None:
    timeline = Timeline().extended(playlist(100, 3), run=1)
    timeline = timeline.extended(playlist(0, 2, run="two"), run=2)
    found = read(write(timeline))
    assert [each.sequence for each in found.segments] == [0, 1, 2, 3, 4]
    assert [each.discontinuity for each in found.segments] == [
        False,
        False,
        False,
        True,
        False,
    ]
    assert sources(timeline)[-1] == "two/1.ts"


def test_numbers_that_begin_anew_within_a_run_are_a_splice() -> None:
    timeline = Timeline().extended(playlist(100, 3), run=1)
    timeline = timeline.extended(playlist(0, 2, run="rebooted"), run=1)
    assert [entry.number for entry in timeline.entries] == [0, 1, 2, 3, 4]
    assert timeline.entries[3].discontinuity
    timeline = timeline.extended(playlist(1, 2, run="rebooted"), run=1)
    assert sources(timeline)[-1] == "rebooted/2.ts"
    assert timeline.next_number == 6


def test_a_playlist_out_of_an_old_cache_changes_nothing() -> None:
    timeline = Timeline().extended(playlist(3, 5), run=1)
    assert timeline.extended(playlist(2, 5, signature="2"), run=1) == timeline


def test_a_playlist_without_segments_changes_nothing() -> None:
    timeline = Timeline().extended(playlist(3, 5), run=1)
    assert timeline.extended(playlist(8, 0), run=1) == timeline
    assert timeline.extended(playlist(0, 0), run=2) == timeline


def test_a_name_stays_even_where_upstream_calls_the_file_something_else() -> None:
    before = Timeline().extended(playlist(3, 3), run=1)
    moved = playlist(3, 3)
    renamed = tuple(
        replace(each, resource=Resource(each.resource.url.replace(".ts", ".aac")))
        for each in moved.segments
    )
    after = before.extended(replace(moved, segments=renamed), run=1)
    assert write(after).text == write(before).text


def test_urls_signed_anew_replace_the_old_under_the_same_names() -> None:
    before = Timeline().extended(playlist(3, 3), run=1)
    after = before.extended(playlist(3, 3, signature="2"), run=1)
    assert after.next_number == before.next_number
    assert write(after).text == write(before).text
    urls = [file.resource.url for file in write(after).files.values()]
    assert all(url.endswith("?s=2") for url in urls)


def test_nothing_is_listed_after_the_end_but_the_numbers_go_on() -> None:
    timeline = Timeline().extended(playlist(0, 3), run=1)
    timeline = timeline.extended(playlist(0, 2, run="two"), run=2)
    empty = timeline.emptied()
    assert "#EXTINF" not in write(empty).text
    assert not empty.extended(playlist(0, 2, run="two"), run=2).entries
    timeline = empty.extended(playlist(0, 2, run="three"), run=3)
    assert "#EXT-X-MEDIA-SEQUENCE:5\n" in write(timeline).text
    assert "#EXT-X-DISCONTINUITY-SEQUENCE:1\n" in write(timeline).text
    assert timeline.entries[0].discontinuity


def test_the_end_of_a_live_stream_is_not_passed_on() -> None:
    for type_ in (None, PlaylistType.EVENT):
        timeline = Timeline().extended(playlist(0, 3, ended=True, type_=type_), run=1)
        text = write(timeline).text
        assert "ENDLIST" not in text
        assert "PLAYLIST-TYPE" not in text


def test_a_recording_is_listed_whole_with_its_end() -> None:
    recording = playlist(0, 50, ended=True, type_=PlaylistType.VOD)
    timeline = Timeline().extended(recording, run=1)
    found = read(write(timeline))
    assert len(found.segments) == 50
    assert (found.ended, found.type) == (True, PlaylistType.VOD)


def test_another_initialization_section_comes_with_a_discontinuity() -> None:
    old, new = Resource("https://edge/a.mp4?s=1"), Resource("https://edge/b.mp4?s=1")
    resigned = Resource("https://edge/a.mp4?s=2")
    plain = playlist(0, 4).segments
    inits = (old, resigned, new, new)
    segments = [
        replace(each, init=init) for each, init in zip(plain, inits, strict=True)
    ]
    served = write(Timeline().extended(MediaPlaylist(tuple(segments), 2), run=1))
    found = read(served)
    assert [each.discontinuity for each in found.segments] == [
        False,
        False,
        True,
        False,
    ]
    assert served.text.count("#EXT-X-MAP") == 2
    assert "#EXT-X-VERSION:6\n" in served.text
    names = [each.init.url.rpartition("/")[2] for each in found.segments if each.init]
    assert [served.files[name].resource for name in names] == [old, old, new, new]


def test_an_initialization_section_that_differs_after_a_discontinuity_is_another() -> (
    None
):
    one, two = Resource("https://edge/i.mp4?n=1"), Resource("https://edge/i.mp4?n=2")
    a, b = playlist(0, 2).segments
    segments = (replace(a, init=one), replace(b, init=two, discontinuity=True))
    served = write(Timeline().extended(MediaPlaylist(segments, 2), run=1))
    assert {file.resource for file in served.files.values()} >= {one, two}


def test_byte_ranges_are_behind_the_names() -> None:
    part = Resource("https://edge/all.mp4", ByteRange(10, 90))
    segment = replace(playlist(0, 1).segments[0], resource=part)
    served = write(Timeline().extended(MediaPlaylist((segment,), 2), run=1))
    assert "BYTERANGE" not in served.text
    assert [file.resource for file in served.files.values()] == [part]


def test_an_iv_that_follows_from_the_number_is_written_out() -> None:
    implicit = Key("AES-128", Resource("https://edge/k?id=1"))
    explicit = replace(implicit, iv="0xAB")
    foreign = replace(implicit, method="SAMPLE-AES", format="com.example")
    plain = playlist(0x20, 4).segments
    keys: list[tuple[Key, ...]] = [(implicit,), (implicit,), (explicit, foreign), ()]
    segments = [replace(each, keys=key) for each, key in zip(plain, keys, strict=True)]
    served = write(
        Timeline(next_number=7).extended(MediaPlaylist(tuple(segments), 2), run=1)
    )
    found = read(served)
    assert [[key.iv for key in each.keys] for each in found.segments] == [
        [f"0x{0x20:032x}"],
        [f"0x{0x21:032x}"],
        ["0xAB", None],
        [],
    ]
    first = found.segments[0].keys[0].resource
    assert first is not None
    name = first.url.rpartition("/")[2]
    assert name.endswith(".key")
    assert served.files[name].resource == implicit.resource


def test_an_initialization_section_in_the_clear_stays_in_the_clear() -> None:
    key = Key("AES-128", Resource("https://edge/k"), "0x1")
    init = Resource("https://edge/i.mp4")
    segments = tuple(
        replace(each, keys=(key,), init=init) for each in playlist(0, 2).segments
    )
    found = read(write(Timeline().extended(MediaPlaylist(segments, 2), run=1)))
    for segment in found.segments:
        assert [key.iv for key in segment.keys] == ["0x1"]
        assert segment.init_keys == ()


def test_an_initialization_section_that_is_encrypted_says_so() -> None:
    key = Key("AES-128", Resource("https://edge/k"), "0x1")
    init = Resource("https://edge/i.mp4")
    segments = tuple(
        replace(each, keys=(key,), init=init, init_keys=(key,))
        for each in playlist(0, 2).segments
    )
    found = read(write(Timeline().extended(MediaPlaylist(segments, 2), run=1)))
    for segment in found.segments:
        assert segment.init_keys == segment.keys


def test_keys_at_urls_that_differ_in_the_query_alone_have_names_of_their_own() -> None:
    one = Key("AES-128", Resource("https://edge/k?id=1"))
    two = Key("AES-128", Resource("https://edge/k?id=2"))
    a, b = playlist(0, 2).segments
    segments = (replace(a, keys=(one,)), replace(b, keys=(two,)))
    served = write(Timeline().extended(MediaPlaylist(segments, 2), run=1))
    keys = {file.resource for name, file in served.files.items() if ".key" in name}
    assert keys == {one.resource, two.resource}


def test_names_end_as_players_know_them() -> None:
    def suffix(url: str, *, fragmented: bool = False) -> str:
        segment = replace(
            playlist(0, 1).segments[0],
            resource=Resource(url),
            init=Resource("https://edge/init") if fragmented else None,
        )
        timeline = Timeline().extended(MediaPlaylist((segment,), 2), run=1)
        return timeline.entries[0].suffix

    assert suffix("https://edge/segment-7?Signature=x.y/z") == ".ts"
    assert suffix("https://edge/7.TS?x=1") == ".ts"
    assert suffix("https://edge/7.jpg") == ".ts"
    assert suffix("https://edge/7.aac") == ".aac"
    assert suffix("https://edge/7.m4a") == ".m4s"
    assert suffix("https://edge/7.ts", fragmented=True) == ".m4s"


def test_dates_gaps_titles_and_durations_are_kept() -> None:
    segment = replace(
        playlist(0, 1).segments[0],
        duration=1.984,
        title="a title",
        gap=True,
        program_date_time="2026-11-23T00:00:00.000Z",
    )
    timeline = Timeline().extended(
        MediaPlaylist((segment,), 2, independent=True), run=1
    )
    served = write(timeline)
    (found,) = read(served).segments
    assert found.duration == 1.984
    assert (found.title, found.gap) == ("a title", True)
    assert found.program_date_time == "2026-11-23T00:00:00.000Z"
    assert read(served).independent


def test_a_master_playlist_names_picture_and_sound() -> None:
    variant = Variant(
        "https://edge/v", 5000, codecs="avc1.42c01e", resolution="64x48", audio="x"
    )
    found = parse(write_master(variant, "video.m3u8", "audio.m3u8"), LOCAL)
    assert not isinstance(found, MediaPlaylist)
    picture, sound = found.best()
    assert picture.url.endswith("/video.m3u8")
    assert (picture.codecs, picture.resolution) == ("avc1.42c01e", "64x48")
    assert sound is not None
    assert sound.url.endswith("/audio.m3u8")


# --- Whatever upstream does ----------------------------------------------------------------


@dataclass
class Upstream:
    """A server with habits: it goes on, skips, breaks, restarts and signs anew."""

    run: int = 1
    window: int = 3
    made: list[Segment] = field(default_factory=list)
    signature: int = 0
    init: int | None = None
    key: int | None = None
    """Even ones come with an IV."""
    in_one_file: bool = False

    def make(self, count: int, *, broken: bool) -> None:
        """Add segments, the first one perhaps after a discontinuity."""
        for index in range(count):
            number = self.made[-1].sequence + 1 if self.made else self.run * 17 % 11
            breaks = broken and index == 0
            before = self.made[-1].discontinuity_number if self.made else 0
            self.made.append(
                Segment(
                    self._resource(number),
                    sequence=number,
                    duration=2.0 + number % 3 / 4,
                    discontinuity=breaks,
                    discontinuity_number=before + breaks,
                    keys=self._keys(),
                    init=self.init
                    if self.init is None
                    else Resource(f"https://edge/{self.run}/i{self.init}"),
                )
            )

    def _resource(self, number: int) -> Resource:
        if self.in_one_file:
            part = ByteRange(1000, number * 1000)
            return Resource(f"https://edge/{self.run}/all.ts", part)
        return Resource(f"https://edge/{self.run}/{number}.ts")

    def _keys(self) -> tuple[Key, ...]:
        if self.key is None:
            return ()
        file = Resource(f"https://edge/{self.run}/k{self.key}")
        return (Key("AES-128", file, None if self.key % 2 else f"0x{self.key:032x}"),)

    def playlist(self, behind: int = 0) -> MediaPlaylist:
        """Return the playlist of now, or of a moment ago."""
        end = max(0, len(self.made) - behind)
        shown = self.made[max(0, end - self.window) : end]
        self.signature += 1
        return MediaPlaylist(tuple(self._signed(each) for each in shown), 2)

    def _signed(self, segment: Segment) -> Segment:
        def sign(file: Resource) -> Resource:
            return replace(file, url=f"{file.url}?s={self.signature}")

        return replace(
            segment,
            resource=sign(segment.resource),
            init=segment.init and sign(segment.init),
            keys=tuple(
                replace(key, resource=key.resource and sign(key.resource))
                for key in segment.keys
            ),
        )


type Identity = tuple[str, ByteRange | None]


@dataclass
class Player:
    """Remembers what it was told of each media sequence number."""

    newest: int = -1
    meaning: dict[int, Identity] = field(default_factory=dict)
    breaks: dict[int, int] = field(default_factory=dict)
    inits: dict[int, Identity | None] = field(default_factory=dict)
    first_listed: int = -1
    first_break: int = -1

    def look(self, served: Served, made: Mapping[Identity, Segment]) -> None:
        """Read a playlist, and compare it with all that was read before, and with upstream's."""
        found = read(served)
        first = _number(served, "#EXT-X-MEDIA-SEQUENCE:")
        first_break = _number(served, "#EXT-X-DISCONTINUITY-SEQUENCE:")
        assert first >= self.first_listed
        assert first_break >= self.first_break
        self.first_listed, self.first_break = first, first_break
        for segment in found.segments:
            source = served.files[_name(segment.resource)].resource.identity
            number = segment.sequence
            assert self.meaning.setdefault(number, source) == source
            assert (
                self.breaks.setdefault(number, segment.discontinuity_number)
                == segment.discontinuity_number
            )
            init = (
                None
                if segment.init is None
                else served.files[_name(segment.init)].resource.identity
            )
            self.inits[number] = init
            meant = made[source]
            assert segment.duration == meant.duration
            assert init == (meant.init and meant.init.identity)
            assert [
                (key.resource and served.files[_name(key.resource)].resource.identity)
                for key in segment.keys
            ] == [key.resource and key.resource.identity for key in meant.keys]
            assert [key.iv for key in segment.keys] == [
                key.iv or f"0x{meant.sequence:032x}" for key in meant.keys
            ]
        if found.segments:
            assert found.segments[-1].sequence >= self.newest
            self.newest = found.segments[-1].sequence

    def neighbours(self) -> Iterator[tuple[int, int]]:
        """Yield the numbers of segments that were listed one after the other."""
        for number in sorted(self.meaning):
            if number + 1 in self.meaning:
                yield number, number + 1


def _name(resource: Resource) -> str:
    return resource.url.rpartition("/")[2]


def _number(served: Served, tag: str) -> int:
    """Return what a tag with a number says."""
    lines = served.text.splitlines()
    return int(next(each for each in lines if each.startswith(tag)).partition(":")[2])


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("make"), st.integers(1, 7), st.booleans()),
        st.tuples(st.just("stale"), st.integers(1, 4), st.booleans()),
        st.tuples(st.just("restart"), st.integers(0, 3), st.booleans()),
        st.tuples(st.just("forget"), st.just(0), st.booleans()),
        st.tuples(st.just("init"), st.integers(0, 3), st.booleans()),
        st.tuples(st.just("key"), st.integers(0, 3), st.booleans()),
        st.tuples(st.just("file"), st.just(0), st.booleans()),
    ),
    max_size=25,
)


@settings(max_examples=200, deadline=None)
@given(steps=STEPS, window=st.integers(1, 7))
def test_a_player_is_never_told_two_things(
    steps: list[tuple[str, int, bool]], window: int
) -> None:
    upstream, player = Upstream(window=window), Player()
    track = Track("v", Timeline(next_number=1000))
    made: dict[Identity, Segment] = {}
    listed: list[set[str]] = []
    for kind, number, flag in steps:
        behind = 0
        match kind:
            case "make":
                upstream.make(number, broken=flag)
            case "stale":
                behind = number
            case "restart":
                upstream = Upstream(upstream.run + 1, window)
                upstream.make(number, broken=flag)
            case "forget":
                track.forget()
                listed.clear()
                upstream = Upstream(upstream.run + 1, window)
            case "init":
                upstream.init = number
            case "key":
                upstream.key = number if flag else None
            case "file":
                upstream.in_one_file = flag
        made |= {each.resource.identity: each for each in upstream.made}
        shown = upstream.playlist(behind)
        track.take(shown, upstream.run, now=0.0)
        # What is new at once stays, for nobody has seen it.
        assert len(track.timeline.entries) <= max(WINDOW, window)
        player.look(track.served, made)
        # Whoever reads slowly still finds what was listed a moment ago.
        listed = [*listed[-2:], set(track.served.files)]
        assert set(track.files) >= set().union(*listed)
        if not behind:
            newest = {each.resource for each in shown.segments}
            identities = {each.identity for each in newest}
            for file in track.served.files.values():
                assert file.resource in newest or (
                    file.entry is None or file.resource.identity not in identities
                )

    for one, other in player.neighbours():
        # Two runs never touch without a discontinuity, nor do two initializations.
        runs = [player.meaning[each][0].split("/")[3] for each in (one, other)]
        same_init = player.inits[one] == player.inits[other]
        if runs[0] != runs[1] or not same_init:
            assert player.breaks[other] > player.breaks[one]
    # Nothing is played twice, and all that is played is played in its order.
    played = [player.meaning[number] for number in sorted(player.meaning)]
    assert len(set(played)) == len(played)
    assert played == [each for each in made if each in played]


@settings(max_examples=200, deadline=None)
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("make"), st.integers(1, 4)),
            st.tuples(st.just("freeze"), st.integers(1, 9)),
            st.tuples(st.just("restart"), st.integers(1, 3)),
            st.tuples(st.just("stale"), st.integers(1, 3)),
        ),
        min_size=1,
        max_size=25,
    )
)
def test_a_picture_that_stands_still_is_spliced_in_and_out(
    steps: list[tuple[str, int]],
) -> None:
    upstream, now = Upstream(), 0.0
    track = Track("v", Timeline(next_number=1000))
    seen: dict[int, Entry] = {}
    for kind, number in steps:
        now += 1
        behind = 0
        match kind:
            case "make":
                upstream.make(number, broken=False)
            case "restart":
                upstream = Upstream(upstream.run + 1)
                upstream.make(number, broken=False)
            case "stale":
                behind = number
            case "freeze" if track.timeline.entries:
                now += number
                track.freeze(now)
        if kind != "freeze":
            track.take(upstream.playlist(behind), upstream.run, now)
        for entry in track.timeline.entries:
            before = seen.setdefault(entry.number, entry)
            assert (before.frozen, before.position) == (entry.frozen, entry.position)
        listed = [entry.number for entry in track.timeline.entries]
        assert all(b == a + 1 for a, b in itertools.pairwise(listed))
        assert len(read(track.served).segments) == len(listed)
    for number, entry in seen.items():
        following = seen.get(number + 1)
        if following is None:
            continue
        end = entry.position + entry.segment.duration
        assert following.position == pytest.approx(end)
        if entry.frozen != following.frozen:
            assert following.discontinuity
        if not following.frozen and entry.frozen:
            assert following.clock != entry.clock


@settings(max_examples=150, deadline=None)
@given(
    looks=st.lists(st.tuples(st.booleans(), media_playlists()), min_size=1, max_size=6)
)
def test_whatever_upstream_writes_players_get_one_playlist(
    looks: list[tuple[bool, WrittenMedia]],
) -> None:
    track = Track("v", Timeline(next_number=1000))
    run, newest, first_listed, first_break = 1, -1, -1, -1
    names: dict[int, str] = {}
    breaks: dict[int, int] = {}
    runs: dict[int, int] = {}
    for restarted, written in looks:
        run += restarted
        upstream = parse(written.text, BASE)
        assert isinstance(upstream, MediaPlaylist)
        track.take(upstream, run, now=0.0)

        served = track.served
        assert parse(served.text.encode().decode(), LOCAL) == read(served)
        found = read(served)
        first = _number(served, "#EXT-X-MEDIA-SEQUENCE:")
        breaks_before = _number(served, "#EXT-X-DISCONTINUITY-SEQUENCE:")
        assert first >= first_listed
        assert breaks_before >= first_break
        first_listed, first_break = first, breaks_before
        assert len(found.segments) == len(track.timeline.entries)
        for segment, entry in zip(found.segments, track.timeline.entries, strict=True):
            number, meant = segment.sequence, entry.segment
            assert number == entry.number
            name = _name(segment.resource)
            assert names.setdefault(number, name) == name
            number_of_breaks = segment.discontinuity_number
            assert breaks.setdefault(number, number_of_breaks) == number_of_breaks
            if number > newest:
                runs[number] = run
            assert served.files[name].resource == meant.resource
            assert track.files[name].resource == meant.resource
            init = segment.init and served.files[_name(segment.init)].resource
            assert (init and init.identity) == (meant.init and meant.init.identity)
            assert len(segment.keys) == len(meant.keys)
            for key, original in zip(segment.keys, meant.keys, strict=True):
                assert key.resource is not None
                assert served.files[_name(key.resource)].resource == original.resource
                assert (key.method, key.format) == (original.method, original.format)
            assert segment.gap == meant.gap
            assert segment.title == meant.title
        if found.segments:
            assert found.segments[-1].sequence >= newest
            newest = found.segments[-1].sequence
    for number in sorted(runs):
        if runs.get(number + 1, runs[number]) != runs[number]:
            assert breaks[number + 1] > breaks[number]


@settings(max_examples=100, deadline=None)
@given(
    durations=st.lists(st.floats(0.1, 12.0), min_size=1, max_size=30),
    target=st.integers(1, 12),
)
def test_what_is_written_is_read_the_same(durations: list[float], target: int) -> None:
    segments = tuple(
        Segment(Resource(f"https://edge/{number}.ts"), number, round(duration, 5))
        for number, duration in enumerate(durations)
    )
    timeline = Timeline().extended(MediaPlaylist(segments, target), run=1)
    found = read(write(timeline))
    assert [each.duration for each in found.segments] == [
        entry.segment.duration for entry in timeline.entries
    ]
    assert found.target_duration >= max(each.duration for each in found.segments) - 0.5
