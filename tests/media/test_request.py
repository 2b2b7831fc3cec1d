"""What may be asked for, how it is split, and what it is called."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.amnimo.api import MediaCategory
from custom_components.amnimo.media.request import (
    ClipRequest,
    Part,
    SnapshotRequest,
    as_moment,
    clip_range,
    parts,
    split_by_hour,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

TOKYO = ZoneInfo("Asia/Tokyo")
NEW_YORK = ZoneInfo("America/New_York")
KATHMANDU = ZoneInfo("Asia/Kathmandu")
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_tokyo() -> Iterator[None]:
    """Let the user live in Tokyo."""
    dt_util.set_default_time_zone(TOKYO)
    yield
    dt_util.set_default_time_zone(UTC)


def tokyo(hour: int, minute: int = 0, second: int = 0) -> datetime:
    """Return a time of the day before in Tokyo."""
    return datetime(2026, 11, 22, hour, minute, second, tzinfo=TOKYO)


def naive(*parts: int) -> datetime:
    """Return a time without an offset, as people write it."""
    return datetime(*parts)  # noqa: DTZ001 - that is the point of it


def clip(start: datetime, end: datetime, name: str | None = None) -> tuple[Part, ...]:
    """Return the parts of a clip of the front gate."""
    return parts(ClipRequest(start=start, end=end, name=name), "Front gate", NOW)


def test_an_hour_stays_whole() -> None:
    (part,) = clip(tokyo(14, 30), tokyo(15, 30))
    assert (part.start, part.end) == (tokyo(14, 30), tokyo(15, 30))
    assert part.category is MediaCategory.CLIP
    assert part.start.tzinfo is UTC


def test_more_than_an_hour_is_split_at_full_hours_in_order() -> None:
    ranges = [
        (part.start, part.end)
        for part in clip(tokyo(14, 30), tokyo(17, 10), name="Night")
    ]
    assert ranges == [
        (tokyo(14, 30), tokyo(15)),
        (tokyo(15), tokyo(16)),
        (tokyo(16), tokyo(17)),
        (tokyo(17), tokyo(17, 10)),
    ]


def test_full_hours_are_those_of_the_clock_on_the_wall() -> None:
    """Nepal is 5 hours and 45 minutes ahead of UTC."""
    dt_util.set_default_time_zone(KATHMANDU)
    start = datetime(2026, 11, 22, 14, 30, tzinfo=KATHMANDU)
    ranges = split_by_hour(start.astimezone(UTC), start + timedelta(hours=2))
    assert [dt_util.as_local(until).minute for _, until in ranges] == [0, 0, 30]


@given(
    start=st.datetimes(naive(2020, 1, 1), naive(2026, 1, 1)),
    seconds=st.integers(1, 24 * 3600),
    zone=st.sampled_from([TOKYO, NEW_YORK, KATHMANDU, ZoneInfo("Australia/Lord_Howe")]),
)
def test_parts_cover_the_range_without_gap_and_none_is_over_an_hour(
    start: datetime, seconds: int, zone: ZoneInfo
) -> None:
    dt_util.set_default_time_zone(zone)
    first = start.replace(tzinfo=zone).astimezone(UTC)
    last = first + timedelta(seconds=seconds)
    ranges = split_by_hour(first, last)
    assert ranges[0][0] == first
    assert ranges[-1][1] == last
    assert all(
        timedelta(0) < end - begin <= timedelta(hours=1) for begin, end in ranges
    )
    assert [end for _, end in ranges[:-1]] == [begin for begin, _ in ranges[1:]]


@pytest.mark.parametrize(
    ("request_", "key"),
    [
        (ClipRequest(start=tokyo(15), end=tokyo(15)), "clip_end_before_start"),
        (ClipRequest(start=tokyo(15), end=tokyo(14)), "clip_end_before_start"),
        (
            ClipRequest(start=tokyo(15), end=tokyo(15) + timedelta(microseconds=9)),
            "clip_end_before_start",
        ),
        (
            ClipRequest(start=tokyo(15), end=NOW + timedelta(seconds=1)),
            "clip_end_in_future",
        ),
        (
            ClipRequest(start=NOW + timedelta(hours=1), end=NOW + timedelta(hours=2)),
            "clip_end_in_future",
        ),
        (
            ClipRequest(start=tokyo(0), end=tokyo(0) + timedelta(hours=24, seconds=1)),
            "clip_too_long",
        ),
        (
            ClipRequest(start=tokyo(1), end=tokyo(2), name="x" * 65),
            "media_name_length",
        ),
        (ClipRequest(start=tokyo(1), end=tokyo(2), name=" \t "), "media_name_length"),
        (SnapshotRequest(time=NOW + timedelta(seconds=1)), "snapshot_in_future"),
        (SnapshotRequest(time=NOW, name=""), "media_name_length"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_reason(
    request_: ClipRequest | SnapshotRequest, key: str
) -> None:
    with pytest.raises(ServiceValidationError) as raised:
        parts(request_, "Front gate", NOW)
    assert raised.value.translation_key == key
    assert raised.value.translation_domain == "amnimo"


def test_up_to_now_is_fine_and_so_is_a_whole_day() -> None:
    assert clip(NOW - timedelta(minutes=1), NOW)
    assert len(clip(NOW - timedelta(hours=24), NOW)) == 24


def test_a_chosen_name_is_trimmed_and_may_have_64_characters() -> None:
    (part,) = clip(tokyo(1), tokyo(2), name="  " + "門" * 64 + " ")
    assert part.name == "門" * 64


def test_parts_of_a_long_clip_are_numbered_within_64_characters() -> None:
    names = [part.name for part in clip(tokyo(1), tokyo(12), name="x" * 64)]
    assert names[0] == "x" * 56 + "… (1/11)"
    assert names[-1].endswith("… (11/11)")
    assert {len(name) for name in names} == {64}
    assert len(set(names)) == 11


def test_a_name_that_nobody_chose_tells_camera_and_local_time() -> None:
    (part,) = clip(tokyo(15, 0, 5), tokyo(15, 1))
    assert part.name == "Front gate 2026-11-22 15:00:05"


def test_a_long_camera_name_leaves_room_for_the_time() -> None:
    request = SnapshotRequest(time=tokyo(15))
    (part,) = parts(request, "監視カメラ" * 20, NOW)
    assert len(part.name) == 64
    assert part.name.endswith("… 2026-11-22 15:00:00")
    assert part.end is None


def test_times_without_an_offset_are_local() -> None:
    assert as_moment(naive(2026, 11, 22, 15)) == tokyo(15)
    assert as_moment(tokyo(15)) == tokyo(15)
    aware = datetime(2026, 11, 22, 15, tzinfo=NEW_YORK)
    assert as_moment(aware) == aware


def test_the_hour_that_comes_twice_is_the_first_unless_that_is_too_early() -> None:
    """On 2026-11-01 at 2:00 the clocks of New York went back to 1:00."""
    dt_util.set_default_time_zone(NEW_YORK)
    half_past_one = naive(2026, 11, 1, 1, 30)
    start = as_moment(half_past_one)
    assert start == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    end = as_moment(naive(2026, 11, 1, 1, 10), after=start)
    assert end == datetime(2026, 11, 1, 6, 10, tzinfo=UTC)
    assert as_moment(half_past_one, after=start - timedelta(hours=1)) == start


def test_a_clip_over_the_hour_that_comes_twice_has_its_real_length() -> None:
    dt_util.set_default_time_zone(NEW_YORK)
    start, end = clip_range(
        naive(2026, 11, 1, 0, 30), naive(2026, 11, 1, 2, 30), None, None, NOW
    )
    assert end - start == timedelta(hours=3)
    assert len(split_by_hour(start, end)) == 4


def test_the_hour_that_never_came_goes_on_from_the_one_before() -> None:
    """On 2026-03-08 at 2:00 the clocks of New York went forward to 3:00."""
    dt_util.set_default_time_zone(NEW_YORK)
    skipped = as_moment(naive(2026, 3, 8, 2, 30))
    assert skipped == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    start, end = clip_range(
        naive(2026, 3, 8, 1, 30), None, timedelta(hours=1), None, NOW
    )
    assert dt_util.as_local(end) == datetime(2026, 3, 8, 3, 30, tzinfo=NEW_YORK)
    assert end - start == timedelta(hours=1)


def test_a_range_can_be_given_in_three_ways() -> None:
    three = naive(2026, 11, 22, 15)
    ten = timedelta(minutes=10)
    expected = (tokyo(15), tokyo(15, 10))
    assert clip_range(three, three + ten, None, None, NOW) == expected
    assert clip_range(three, None, ten, None, NOW) == expected
    assert clip_range(None, None, None, ten, NOW) == (NOW - ten, NOW)


@pytest.mark.parametrize(
    ("start", "end", "duration", "last"),
    [
        (None, None, None, None),
        (tokyo(1), None, None, None),
        (None, tokyo(2), None, None),
        (None, None, timedelta(1), None),
        (None, tokyo(2), timedelta(hours=1), None),
        (tokyo(1), tokyo(2), timedelta(hours=1), None),
        (tokyo(1), None, None, timedelta(hours=1)),
        (None, tokyo(1), None, timedelta(hours=1)),
        (None, None, timedelta(hours=1), timedelta(hours=1)),
        (tokyo(1), tokyo(2), None, timedelta(hours=1)),
    ],
)
def test_too_little_or_too_much_makes_no_range(
    start: datetime | None,
    end: datetime | None,
    duration: timedelta | None,
    last: timedelta | None,
) -> None:
    with pytest.raises(ServiceValidationError) as raised:
        clip_range(start, end, duration, last, NOW)
    assert raised.value.translation_key == "clip_range_unclear"


@pytest.mark.parametrize(
    ("start", "duration", "last", "key"),
    [
        (None, None, timedelta.max, "clip_too_long"),
        (tokyo(1), timedelta.max, None, "clip_too_long"),
        (naive(1, 1, 1), timedelta(1), None, "time_out_of_range"),
        (naive(9999, 12, 31), timedelta(1), None, "time_out_of_range"),
    ],
)
def test_absurd_times_are_refused_like_any_other(
    start: datetime | None,
    duration: timedelta | None,
    last: timedelta | None,
    key: str,
) -> None:
    with pytest.raises(ServiceValidationError) as raised:
        clip_range(start, None, duration, last, NOW)
    assert raised.value.translation_key == key
