"""Times of pictures and recordings under names and in forms that nobody foresaw."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.amnimo.api import Recording, wire

NOON = datetime(2026, 2, 2, 3, 0, tzinfo=UTC)
EPOCH = 1770001200
LATER = EPOCH + 3600
PICTURE = "https://storage.example/pictures/1.jpg?X-Signature=abc"


def time_of(**fields: Any) -> datetime | None:
    """Return when a found thumbnail was taken."""
    (found,) = wire.thumbnails({"thumbnails": [{**fields, "url": PICTURE}]}).thumbnails
    camera = wire.camera({"id": "c1", "thumbnail": {**fields, "url": PICTURE}})
    assert camera is not None
    assert camera.thumbnail == found
    return found.time


@pytest.mark.parametrize(
    "fields",
    [
        {"captureTime": EPOCH},
        {"recordedAt": EPOCH},
        {"imageTime": EPOCH * 1000},
        {"image_timestamp_ms": EPOCH * 1000},
        {"takenOn": str(EPOCH)},
        {"撮影日時": EPOCH},
        {"撮影": "2026/02/02 03:00:00"},
        {"clock": "2026-02-02 03:00:00"},
        {"whatever": "2026-02-02 03:00:00"},
        {"whatever": "2026-02-02T12:00:00+09:00", "size": 123456789},
        {"image": {"captureTime": EPOCH}},
        {"meta": {"timestamp": EPOCH}},
        {"date": "2026-02-02", "time": "03:00:00"},
        {"date": "2026/02/02", "captureTime": "03:00:00Z"},
        {"date": EPOCH},
        {"date": "2026-02-02", "captureTime": EPOCH},
        {"createdAt": LATER, "captureTime": EPOCH},
        {"updatedAt": LATER, "imageDate": EPOCH},
    ],
)
def test_when_a_picture_was_taken_is_found(fields: dict[str, Any]) -> None:
    assert time_of(**fields) == NOON


@pytest.mark.parametrize("later", [LATER, LATER * 1000, "2026-02-02T04:00:00Z"])
@pytest.mark.parametrize(
    "name",
    "expiresAt expiration urlExpiresAt validUntil expiryDate imageExpiryTime 有効期限".split(),
)
def test_when_a_picture_expires_is_not_when_it_was_taken(name: str, later: Any) -> None:
    assert time_of(**{name: later}) is None
    assert time_of(**{name: later}, shootingTime=EPOCH) == NOON
    assert time_of(**{name: later}, whatever="2026-02-02 03:00:00") == NOON


@pytest.mark.parametrize(
    "fields",
    [
        {"imageId": EPOCH},
        {"imageSize": EPOCH, "recordingNumber": str(EPOCH)},
        {"camera": {"updatedAt": EPOCH}},
        {"createdBy": {"timestamp": EPOCH}},
        {"one": "2026-02-02 03:00:00", "other": "2026-02-02 04:00:00"},
    ],
)
def test_what_may_be_anything_is_no_time(fields: dict[str, Any]) -> None:
    assert time_of(**fields) is None


def minutes(*ends: tuple[float, float]) -> tuple[Recording, ...]:
    """Return recordings that begin and end so many minutes after noon."""
    return tuple(
        Recording(NOON + timedelta(minutes=start), NOON + timedelta(minutes=end))
        for start, end in ends
    )


@pytest.mark.parametrize(
    "row",
    [
        {"time": EPOCH, "duration": 1800},
        {"time": "2026-02-02T03:00:00Z", "length": "1800"},
        {"recordedAt": EPOCH, "durationSeconds": 1800},
        {"startTime": EPOCH, "durationMs": 1_800_000},
        {"startTime": EPOCH, "duration_millis": 1_800_000},
        {"startTime": EPOCH, "recordingDurationInMinutes": 30},
        {"startTime": EPOCH * 1000, "duration": 1_800_000},
        {"startTime": EPOCH * 1000, "duration": 1800},
        {"startTime": EPOCH, "duration": "00:30:00"},
        {"startTime": EPOCH, "duration": "PT30M"},
        {"date": "2026-02-02", "start": "03:00:00", "end": "03:30:00"},
        {"date": "2026-02-02", "start": "03:00:00", "duration": "00:30:00"},
        {"startTime": EPOCH, "lengthBytes": 5_000_000, "durationSec": 1800},
        "2026-02-02T03:00:00Z/2026-02-02T03:30:00Z",
        {"range": "2026-02-02T03:00:00Z/2026-02-02T03:30:00Z"},
        {"period": [EPOCH, EPOCH + 1800]},
        {"fromTime": EPOCH, "toTime": EPOCH + 1800},
        {"since": EPOCH, "till": EPOCH + 1800},
        {"録画開始": "2026-02-02 03:00:00", "録画終了": "2026-02-02 03:30:00"},
        {"startTime": EPOCH, "endTime": EPOCH + 1800, "status": "RECORDED"},
        {"startTime": EPOCH, "record_end": EPOCH + 1800},
        {"startTime": EPOCH, "recordingEndedAt": EPOCH + 1800},
        {"startTime": EPOCH, "videoStopTimestampMs": (EPOCH + 1800) * 1000},
        {"startTime": EPOCH, "recordedUntil": EPOCH + 1800},
        {"startTime": EPOCH, "録画の終了日時": EPOCH + 1800},
        {"startTime": EPOCH, "endDate": "2026-02-02", "duration": 1800},
        {"startTime": EPOCH, "endDate": "2026-02-03", "clipEnd": EPOCH + 1800},
    ],
)
def test_a_recording_is_as_long_as_it_is_told(row: Any) -> None:
    assert wire.recordings([row]) == minutes((0, 30))


@pytest.mark.parametrize("beside", [NOON.date().isoformat(), 1700000000, LATER * 1000])
@pytest.mark.parametrize(
    "name",
    [
        *"validUntil retentionUntil availableUntil storageEndTime deleteEndAt".split(),
        *"calendarDay backend weekend sendTime suspendedAt vendorId unstoppable".split(),
        *"contractEndDate 有効終了日時 保存終了日".split(),
    ],
)
def test_another_end_or_a_word_that_holds_one_ends_no_recording(
    name: str, beside: Any
) -> None:
    row = {"startTime": EPOCH, name: beside}
    assert wire.recordings([row]) == (Recording(NOON, None),)
    assert wire.recordings([{**row, "duration": 1800}]) == minutes((0, 30))
    row["duration"] = 1800
    row[name] = "2027-01-01T00:00:00Z"
    assert wire.recordings([row]) == minutes((0, 30))


@pytest.mark.parametrize(("last", "hours"), [("2026-02-01", None), ("2026-02-04", 45)])
def test_a_day_alone_is_the_end_where_nothing_tells_more(
    last: str, hours: int | None
) -> None:
    """One before the start is none, and costs no recording."""
    end = None if hours is None else NOON + timedelta(hours=hours)
    assert wire.recordings([{"startTime": EPOCH, "endDate": last}]) == (
        Recording(NOON, end),
    )


def test_a_length_without_a_unit_may_be_in_milliseconds() -> None:
    """It is where it would be more than a month in seconds."""
    row = {"startTime": "2026-02-02T03:00:00Z", "duration": 3_600_000}
    assert wire.recordings([row]) == minutes((0, 60))
    row["duration"] = 86400
    assert wire.recordings([row]) == minutes((0, 1440))


@pytest.mark.parametrize(
    "ranges",
    [
        [["03:00:00", "03:30:00"], ["04:00", "05:00"]],
        [{"start": "03:00", "end": "03:30"}, {"start": "04:00", "duration": 3600}],
        [{"from": EPOCH, "to": EPOCH + 1800}, {"from": LATER, "to": LATER + 3600}],
    ],
)
@pytest.mark.parametrize("name", ["ranges", "periods", "whatever"])
def test_the_recordings_of_a_day_are_found(name: str, ranges: list[Any]) -> None:
    day = {"date": "2026-02-02", name: ranges}
    expected = minutes((0, 30), (60, 120))
    assert wire.recordings([day]) == expected
    assert wire.recordings({"history": [day]}) == expected
    assert wire.recordings([{"cameraId": "c1", "days": [day]}]) == expected
    assert wire.recordings(day) == expected


def test_days_may_be_named_by_their_dates() -> None:
    days = {
        "2026-02-02": [["03:00:00", "03:30:00"]],
        "2026-02-03": [{"start": "03:00:00", "end": "04:00:00"}],
    }
    expected = minutes((0, 30), (1440, 1500))
    assert wire.recordings(days) == expected
    assert wire.recordings({"data": {"history": days}}) == expected
    assert wire.recordings({"2026-02-02": days["2026-02-02"]}) == expected[:1]


@pytest.mark.parametrize(
    "told",
    [
        {"recorded": False},
        {"hasRecording": False},
        {"status": "NOT_RECORDED"},
        {"status": "No recording"},
        {"state": "録画なし"},
    ],
)
def test_a_gap_that_is_listed_is_no_recording(told: dict[str, Any]) -> None:
    gap = {"startTime": EPOCH, "endTime": LATER, **told}
    after = {"startTime": LATER, "endTime": LATER + 60, "recorded": True}
    assert wire.recordings([gap, after]) == minutes((60, 61))


def test_times_of_day_may_go_past_midnight() -> None:
    row = {"date": "2026-02-02", "ranges": [["23:30:00", "00:30:00"]]}
    assert wire.recordings([row]) == minutes((1230, 1290))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"date": "2026-02-02", "ranges": []}, ()),
        ({"date": "2026-02-02"}, ()),
        (
            {"date": "9999-12-31", "ranges": [["23:00", "01:00"]]},
            (Recording(datetime(9999, 12, 31, 23, tzinfo=UTC), None),),
        ),
        ({"startTime": EPOCH, "tags": ["a"]}, (Recording(NOON, None),)),
        (
            {"startTime": EPOCH, "pictures": [{"timestamp": LATER}]},
            (Recording(NOON, None),),
        ),
        ({"startTime": EPOCH, "duration": "P"}, (Recording(NOON, None),)),
        ({"startTime": EPOCH, "duration": "30:00"}, (Recording(NOON, None),)),
        ({"startTime": EPOCH, "durationMs": "soon"}, (Recording(NOON, None),)),
    ],
)
def test_what_else_is_in_a_row_makes_no_recording(
    row: dict[str, Any], expected: tuple[Recording, ...]
) -> None:
    assert wire.recordings([row]) == expected
