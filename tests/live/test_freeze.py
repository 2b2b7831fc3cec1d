"""Pictures that stand still: found in segments, and made into segments that FFmpeg plays."""

import io
import itertools

import av
from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.amnimo.live.freeze import FrozenPicture
from custom_components.amnimo.live.freeze_mp4 import FrozenMp4
from custom_components.amnimo.live.freeze_ts import FrozenTs
from custom_components.amnimo.live.freezer import Freezer
from custom_components.amnimo.live.mpegts import packet_id
from custom_components.amnimo.live.playlist import MediaPlaylist, parse
from custom_components.amnimo.live.retime import TICKS_A_SECOND
from custom_components.amnimo.live.timeline import Timeline

from .footage import FRAMES_PER_SECOND, demux, encode

START = 100 * TICKS_A_SECOND
TWO_SECONDS = 2 * TICKS_A_SECOND
# Where FFmpeg puts picture and sound.
VIDEO_ID, AUDIO_ID = 0x100, 0x101
TS = encode(5.0)
MP4 = encode(5.0, container="mp4")


def split(video: bytes) -> tuple[bytes, bytes]:
    """Return the initialization section of fragmented MP4, and the fragments."""
    at = video.index(b"moof") - 4
    return video[:at], video[at:]


def frozen_ts(**kind: bool) -> FrozenPicture:
    found = FrozenTs.find(encode(5.0, **kind))
    assert found is not None
    return found


def pictures(content: bytes) -> list[np.ndarray]:
    with av.open(io.BytesIO(content)) as file:
        return [frame.to_ndarray(format="gray") for frame in file.decode(video=0)]


def sound(content: bytes) -> np.ndarray:
    with av.open(io.BytesIO(content)) as file:
        return np.concatenate([frame.to_ndarray()[0] for frame in file.decode(audio=0)])


@pytest.mark.parametrize("reordered", [False, True])
@pytest.mark.parametrize("with_sound", [False, True])
def test_a_segment_of_a_frozen_picture_shows_it_every_half_second(
    reordered: bool, with_sound: bool
) -> None:
    original = encode(5.0, sound=with_sound, reordered=reordered)
    frozen = frozen_ts(sound=with_sound, reordered=reordered)
    content = frozen.segment(START, TWO_SECONDS, 1)
    assert len(content) % 188 == 0
    shown = [packet for packet in demux(content) if packet.kind == "video"]
    assert [packet.dts for packet in shown] == pytest.approx([100, 100.5, 101, 101.5])
    delay = 2 / FRAMES_PER_SECOND if reordered else 0
    assert shown[0].pts - shown[0].dts == pytest.approx(delay, abs=0.2 * reordered)
    first = pictures(original)[0]
    assert len(pictures(content)) == 4
    for picture in pictures(content):
        assert np.array_equal(picture, first)


def test_a_frozen_picture_with_sound_is_silent_without_a_gap() -> None:
    content = frozen_ts(sound=True).segment(START, TWO_SECONDS, 1)
    times = [packet.pts for packet in demux(content) if packet.kind == "audio"]
    assert times[0] == pytest.approx(100, abs=0.001)
    assert [b - a for a, b in itertools.pairwise(times)] == pytest.approx(
        [1024 / 48_000] * (len(times) - 1), abs=0.001
    )
    assert times[-1] + 1024 / 48_000 == pytest.approx(102, abs=0.03)
    assert np.abs(sound(content)).max() < 1e-4


def test_segments_in_a_row_play_as_one() -> None:
    frozen = frozen_ts(sound=True)
    content = b"".join(
        frozen.segment(START + index * TWO_SECONDS, TWO_SECONDS, index)
        for index in range(3)
    )
    for kind in ("video", "audio"):
        times = [packet.dts for packet in demux(content) if packet.kind == kind]
        gaps = [b - a for a, b in itertools.pairwise(times)]
        assert min(gaps) > 0
        assert max(gaps) < 0.51


def test_time_stamps_may_wrap() -> None:
    frozen = frozen_ts(sound=False)
    content = frozen.segment((1 << 33) - TICKS_A_SECOND, TWO_SECONDS, 1)
    assert len([each for each in demux(content) if each.kind == "video"]) == 4


@pytest.mark.parametrize("with_sound", [False, True])
def test_a_frozen_picture_of_fragmented_mp4(with_sound: bool) -> None:
    video = encode(5.0, container="mp4", sound=with_sound)
    init, fragments = split(video)
    frozen = FrozenMp4.find(fragments, init)
    assert frozen is not None
    content = init + b"".join(
        frozen.segment(START + index * TWO_SECONDS, TWO_SECONDS, index)
        for index in range(2)
    )
    shown = [packet.dts for packet in demux(content) if packet.kind == "video"]
    assert shown == pytest.approx([100 + 0.5 * index for index in range(8)])
    first = pictures(video)[0]
    assert len(pictures(content)) == 8
    for picture in pictures(content):
        assert np.array_equal(picture, first)
    if with_sound:
        times = [packet.pts for packet in demux(content) if packet.kind == "audio"]
        assert times[0] == pytest.approx(100, abs=0.03)
        assert times[-1] == pytest.approx(104, abs=0.06)
        assert np.abs(sound(content)).max() < 1e-4


def test_a_picture_that_needs_others_is_none() -> None:
    """The second half of a group of pictures alone can't be shown."""
    content = encode(5.0, sound=False)
    frozen = FrozenTs.find(content)
    assert frozen is not None
    first, second = [
        place
        for place in range(0, len(content), 188)
        if content[place + 1] & 0x40 and packet_id(content, place) == VIDEO_ID
    ][:2]
    assert FrozenTs.find(content[:first] + content[second:]) is None


@pytest.mark.parametrize("sound_first", [False, True])
def test_a_picture_whose_place_is_counted_from_other_sound_is_not_taken_for_one(
    sound_first: bool,
) -> None:
    """Without `default-base-is-moof`, only the first track is counted from the fragment."""
    video = encode(
        5.0,
        container="mp4",
        sound_first=sound_first,
        movflags="+frag_keyframe+empty_moov+omit_tfhd_offset",
    )
    init, fragments = split(video)
    frozen = FrozenMp4.find(fragments, init)
    if sound_first:
        assert frozen is None
        return
    assert frozen is not None
    first = pictures(video)[0]
    for picture in pictures(init + frozen.segment(START, TWO_SECONDS, 1)):
        assert np.array_equal(picture, first)


def test_a_clock_in_the_sound_s_packets_breaks_no_sound() -> None:
    """Packets without a payload do not count."""
    frozen = FrozenTs.find(with_clock_of(TS, AUDIO_ID))
    assert frozen is not None
    content = frozen.segment(START, TWO_SECONDS, 1)
    counters = [
        (content[place + 3] & 0x0F, bool(content[place + 3] & 0x10))
        for place in range(0, len(content), 188)
        if packet_id(content, place) == AUDIO_ID
    ]
    assert len(counters) > 4
    for (before, _), (after, has_payload) in itertools.pairwise(counters):
        assert after == (before + has_payload) % 16
    assert np.abs(sound(content)).max() < 1e-4


def test_a_segment_that_broke_off_does_not_take_the_place_of_a_whole_one() -> None:
    listing = "#EXTM3U\n#EXTINF:1,\n0.ts\n#EXTINF:1,\n1.ts\n"
    playlist = parse(listing, "http://edge.example/index.m3u8")
    assert isinstance(playlist, MediaPlaylist)
    whole, broken = Timeline().extended(playlist, 1).entries
    freezer = Freezer()
    for entry, sent in ((whole, TS), (broken, TS[: 188 * 3])):
        head = freezer.head(entry)
        assert head is not None
        head.add(sent)
        head.is_whole = sent == TS
        freezer.keep(head)
    last = freezer.picture(broken, None)
    assert last is not None
    assert np.array_equal(
        pictures(last.segment(START, TWO_SECONDS, 1))[0], pictures(TS)[0]
    )
    # It is looked for again once the segment has come as a whole.
    assert freezer.head(broken) is not None


def with_clock_of(content: bytes, clock_id: int) -> bytes:
    """Return a segment whose program says that another stream carries the clock."""
    changed = bytearray(content)
    for place in range(0, len(content), 188):
        if content[place + 5 : place + 7] == b"\x02\xb0":
            changed[place + 13 : place + 15] = (0xE000 | clock_id).to_bytes(2)
    return bytes(changed)


@settings(max_examples=200, deadline=None)
@given(
    content=st.one_of(
        st.binary(max_size=800),
        st.binary(max_size=400).map(lambda tail: b"\x47" + tail),
        st.tuples(st.integers(0, 188 * 12), st.binary(min_size=1, max_size=30)).map(
            lambda at: TS[: at[0]] + at[1] + TS[at[0] + len(at[1]) :]
        ),
    )
)
def test_whatever_comes_raises_nothing(content: bytes) -> None:
    frozen = FrozenTs.find(content)
    if frozen is not None:
        frozen.segment(START, TWO_SECONDS, 1)


@settings(max_examples=200, deadline=None)
@given(
    at=st.integers(0, 3000),
    noise=st.binary(min_size=1, max_size=40),
)
def test_whatever_fragments_come_raise_nothing(at: int, noise: bytes) -> None:
    init, fragments = split(MP4)
    for one, other in (
        (fragments[:at] + noise + fragments[at + len(noise) :], init),
        (fragments, init[:at] + noise + init[at + len(noise) :]),
    ):
        frozen = FrozenMp4.find(one, other)
        if frozen is not None:
            frozen.segment(START, TWO_SECONDS, 1)
