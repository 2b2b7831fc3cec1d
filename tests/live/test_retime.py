"""Shifting time stamps: every packet moves by the same, and nothing else changes."""

from collections.abc import Sequence
import struct

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.amnimo.live.mp4 import Track, read_tracks
from custom_components.amnimo.live.retime import (
    TICKS_A_SECOND,
    FragmentRetimer,
    MpegTsRetimer,
    Retimer,
)

from .footage import Packet, demux, encode

TS = encode(5.0, reordered=True)
MP4 = encode(5.0, container="mp4", reordered=True)
WRAP = (1 << 33) / TICKS_A_SECOND


def split(content: bytes) -> tuple[bytes, bytes]:
    """Return initialization and fragments of a fragmented MP4."""
    at = content.index(b"moof") - 4
    return content[:at], content[at:]


INIT, FRAGMENTS = split(MP4)


def through(
    retimer: Retimer, content: bytes, sizes: Sequence[int] = (100_000,)
) -> bytes:
    """Return what comes out for content that comes in pieces of some sizes."""
    result = bytearray()
    at = index = 0
    while at < len(content):
        size = sizes[index % len(sizes)]
        result += retimer.feed(content[at : at + size])
        at += size
        index += 1
    return bytes(result + retimer.finish())


def assert_moved(before: list[Packet], after: list[Packet], seconds: float) -> None:
    """Check that every packet moved by some seconds and is the same otherwise."""
    assert len(before) == len(after) > 10
    assert {packet.kind for packet in after} == {"video", "audio"}
    for one, other in zip(before, after, strict=True):
        assert (one.kind, one.content) == (other.kind, other.content)
        assert other.pts == pytest.approx(one.pts + seconds, abs=2e-3)
        assert other.dts == pytest.approx(one.dts + seconds, abs=2e-3)


@pytest.mark.parametrize("seconds", [0, 12.34, -3.21, 3600, 90_000])
def test_mpeg_ts_moves_as_a_whole(seconds: float) -> None:
    first: list[int] = []

    def shift_for(ticks: int) -> int:
        first.append(ticks)
        return round(seconds * TICKS_A_SECOND)

    moved = through(MpegTsRetimer(shift_for), TS)
    assert len(moved) == len(TS)
    assert_moved(demux(TS), demux(moved), seconds)
    video = [packet for packet in demux(TS) if packet.kind == "video"]
    assert first == [round(video[0].dts * TICKS_A_SECOND)]


def test_the_clock_references_of_mpeg_ts_move_too() -> None:
    def clocks(content: bytes) -> list[int]:
        found = []
        for at in range(0, len(content), 188):
            if content[at + 3] & 0x20 and content[at + 4] and content[at + 5] & 0x10:
                high, low = struct.unpack_from(">IB", content, at + 6)
                found.append(high << 1 | low >> 7)
        return found

    moved = through(MpegTsRetimer(lambda _: 1_234_567), TS)
    assert clocks(moved) == [clock + 1_234_567 for clock in clocks(TS)]
    assert clocks(moved)


def test_mpeg_ts_counts_on_from_zero_when_its_clock_is_full() -> None:
    moved = through(MpegTsRetimer(lambda first: -first + (1 << 33) - 45_000), TS)
    times = {round(packet.dts % WRAP, 1) for packet in demux(moved)}
    assert min(times) < 1.0
    assert max(times) > WRAP - 1.0


@pytest.mark.parametrize("seconds", [0, 12.34, -3.21, 90_000])
def test_fragmented_mp4_moves_as_a_whole(seconds: float) -> None:
    retimer = FragmentRetimer(
        lambda _: round(seconds * TICKS_A_SECOND), read_tracks(INIT)
    )
    moved = through(retimer, FRAGMENTS)
    assert len(moved) == len(FRAGMENTS)
    assert_moved(demux(MP4), demux(INIT + moved), seconds)


def test_the_first_time_of_a_fragment_is_told_in_ticks() -> None:
    first: list[int] = []

    def shift_for(ticks: int) -> int:
        first.append(ticks)
        return 0

    through(FragmentRetimer(shift_for, read_tracks(INIT)), FRAGMENTS)
    assert len(first) == 1
    assert first[0] / TICKS_A_SECOND == pytest.approx(5.0, abs=0.3)


@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.integers(1, 5000), min_size=1, max_size=20))
def test_it_does_not_matter_in_which_pieces_a_segment_comes(sizes: list[int]) -> None:
    whole = through(MpegTsRetimer(lambda _: 777), TS)
    assert through(MpegTsRetimer(lambda _: 777), TS, sizes) == whole
    tracks = read_tracks(INIT)
    whole = through(FragmentRetimer(lambda _: 777, tracks), FRAGMENTS)
    assert through(FragmentRetimer(lambda _: 777, tracks), FRAGMENTS, sizes) == whole


@settings(max_examples=200, deadline=None)
@given(
    content=st.one_of(
        st.binary(max_size=600),
        st.binary(max_size=400).map(lambda tail: b"\x47" + tail),
        st.integers(0, len(TS)).map(lambda at: TS[:at]),
        st.integers(0, len(FRAGMENTS)).map(lambda at: FRAGMENTS[:at]),
        st.binary(max_size=60).map(
            lambda tail: struct.pack(">I4s", 40, b"moof") + tail
        ),
    )
)
def test_what_is_neither_comes_out_in_full(content: bytes) -> None:
    for retimer in (
        MpegTsRetimer(lambda _: 5),
        FragmentRetimer(lambda _: 5, {1: Track(10_240), 2: Track(48_000)}),
    ):
        assert len(through(retimer, content, (97,))) == len(content)


def test_a_page_of_text_comes_out_as_it_was() -> None:
    page = b"<html>not found</html>" * 20
    assert through(MpegTsRetimer(lambda _: 5), page) == page
    assert through(FragmentRetimer(lambda _: 5, {}), page) == page


def test_sound_alone_moves_by_its_own_time() -> None:
    first: list[int] = []

    def shift_for(ticks: int) -> int:
        first.append(ticks)
        return TICKS_A_SECOND

    with_picture = demux(TS)
    sound = [packet for packet in with_picture if packet.kind == "audio"]
    only_sound = _without_video(TS)
    moved = through(MpegTsRetimer(shift_for), only_sound)
    assert first == [round(sound[0].dts * TICKS_A_SECOND)]
    assert moved != only_sound


def _without_video(content: bytes) -> bytes:
    """Return the packets that are not the picture's (FFmpeg numbers it 0x100)."""
    packets = (content[at : at + 188] for at in range(0, len(content), 188))
    return b"".join(
        packet for packet in packets if (packet[1] & 0x1F) << 8 | packet[2] != 0x100
    )


@pytest.mark.parametrize("init", [b"", b"moov", INIT[:40], INIT[:-20], b"\0" * 64])
def test_an_initialization_that_can_not_be_read_gives_no_units(init: bytes) -> None:
    assert set(read_tracks(init)) <= {1, 2}
    whole = read_tracks(INIT)
    assert set(whole) == {1, 2}
    assert whole[2] == Track(48_000, b"soun", audio=(b"mp4a", 1, 48_000))
