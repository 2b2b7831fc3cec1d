"""Media jobs: nothing is lost, nothing is asked for twice, and every end is told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import av
import pytest

from custom_components.amnimo.api import Lane
from custom_components.amnimo.media.job import (
    JobRecord,
    MediaFailure,
    MediaJob,
    MediaKind,
    MediaResult,
)
from custom_components.amnimo.media.jobs import async_remove_jobs
from custom_components.amnimo.media.request import ClipRequest, SnapshotRequest
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from tests.cloud import DIALECTS, FOREVER, CloudOptions, MediaPace, SimulatedCloud
from tests.cloud.world import Camera, Storage
from tests.estate import Estate

from .household import Household

STORE = "amnimo.media_jobs.{}"


def clip(*, ago: float = 600, seconds: float = 5, **options: Any) -> ClipRequest:
    """Return a request for a clip that began so many seconds ago."""
    start = dt_util.utcnow() - timedelta(seconds=ago)
    return ClipRequest(start=start, end=start + timedelta(seconds=seconds), **options)


def snapshot(*, ago: float = 600, **options: Any) -> SnapshotRequest:
    """Return a request for a snapshot of a moment so many seconds ago."""
    return SnapshotRequest(time=dt_util.utcnow() - timedelta(seconds=ago), **options)


async def ask(
    household: Household, camera: Camera, request: ClipRequest | SnapshotRequest
) -> Sequence[MediaJob]:
    """Ask for media and return the jobs."""
    return await household.result_of(household.jobs.async_request(camera.id, request))


async def outcome(household: Household, jobs: Sequence[MediaJob]) -> MediaResult:
    """Wait for the one job."""
    (result,) = await household.result_of(household.jobs.async_wait(jobs))
    return result


def slow(seconds: float) -> CloudOptions:
    """Return a cloud that takes so long for each medium."""
    pace = MediaPace(base_seconds=seconds, per_second=0)
    return CloudOptions(start_seconds=0, cloud_media=pace, edge_media=pace)


def stored(household: Household, hass_storage: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the jobs that are on disk."""
    store = hass_storage.get(STORE.format(household.entry.entry_id))
    return store["data"]["jobs"] if store else []


def files(folder: Path) -> list[Path]:
    """Return all files below a folder, also hidden ones but for the notes of cameras."""
    return sorted(
        path for path in folder.rglob("*") if path.is_file() and path.name != ".camera"
    )


# --- The way it should go ------------------------------------------------------------------


async def test_a_clip_is_made_and_saved(
    household: Household, camera: Camera, media_folder: Path
) -> None:
    """It plays, lasts as long as asked for, and cost a request for each thing to know."""
    jobs = await ask(household, camera, clip(seconds=7, name="Delivery", download=True))
    result = await outcome(household, jobs)
    assert result.kind is MediaKind.CLIP_READY
    assert result.name == "Delivery"
    assert result.path is not None
    assert result.path.is_relative_to(media_folder / "amnimo")
    assert files(media_folder) == [result.path]
    with av.open(result.path) as video:
        assert video.duration is not None
        assert abs(video.duration / av.time_base - 7) < 1
    stats = household.cloud.stats
    assert stats.count("media_create") == 1
    assert stats.count("medias") == 0
    assert stats.count("media_get") <= 3
    assert stats.count("media_file") == 1
    assert stats.leaked_tokens == 0


async def test_a_snapshot_is_made_and_left_in_the_cloud(
    household: Household, camera: Camera, media_folder: Path
) -> None:
    result = await outcome(household, await ask(household, camera, snapshot()))
    assert result.kind is MediaKind.SNAPSHOT_READY
    assert result.end is None
    assert result.path is None
    assert result.size
    assert household.cloud.stats.count("media_file") == 0
    assert files(media_folder) == []


async def test_results_reach_those_who_listen_to_the_camera(
    household: Household, camera: Camera
) -> None:
    heard: list[MediaResult] = []
    stop = household.jobs.async_listen(camera.id, heard.append)
    household.jobs.async_listen("another camera", lambda _: pytest.fail("not mine"))
    result = await outcome(household, await ask(household, camera, snapshot()))
    assert heard == [result]
    assert result.as_attributes()["media_id"] == result.media_id
    stop()
    await outcome(household, await ask(household, camera, snapshot(ago=700)))
    assert heard == [result]


async def test_a_long_clip_is_reported_part_by_part_in_order(
    household: Household, camera: Camera
) -> None:
    jobs = await ask(household, camera, clip(ago=4 * 3600, seconds=3 * 3600))
    results = await household.result_of(household.jobs.async_wait(jobs))
    assert len(results) in (3, 4)
    assert [result.start for result in results] == sorted(
        result.start for result in results
    )
    assert [result.end for result in results[:-1]] == [
        result.start for result in results[1:]
    ]
    assert all(result.kind is MediaKind.CLIP_READY for result in results)


@pytest.mark.parametrize(
    "cloud_options",
    [CloudOptions(start_seconds=0, dialect=name) for name in sorted(DIALECTS)],
    ids=sorted(DIALECTS),
)
async def test_every_dialect_is_understood(
    household: Household, camera: Camera
) -> None:
    """Whatever words the service uses, clips arrive, failures are told, jobs are found."""
    household.cloud.faults.add("media_create", "truncated")
    done = await outcome(household, await ask(household, camera, clip(download=True)))
    assert done.path is not None
    assert household.cloud.stats.count("media_create") == 1
    jobs = [
        *await ask(household, camera, snapshot(download=True)),
        *await ask(household, camera, snapshot(ago=700)),
    ]
    results = await household.result_of(household.jobs.async_wait(jobs))
    assert not any(result.failed for result in results)
    camera.records = False
    failed = await outcome(household, await ask(household, camera, clip()))
    assert failed.failed


# --- Restarts ------------------------------------------------------------------------------


async def test_a_job_is_on_disk_before_the_service_hears_of_it(
    household: Household, camera: Camera, hass_storage: dict[str, Any]
) -> None:
    household.cloud.faults.add("media_create", "delay", seconds=5)
    asking = asyncio.create_task(
        household.jobs.async_request(camera.id, clip(name="Delivery"))
    )
    await household.until(lambda: stored(household, hass_storage))
    assert household.cloud.stats.count("media_create") == 0
    (kept,) = stored(household, hass_storage)
    assert kept["name"] == "Delivery"
    assert kept["media_id"] is None
    jobs = await household.result_of(asking)
    assert stored(household, hass_storage)[0]["media_id"] == jobs[0].record.media_id
    await outcome(household, jobs)
    assert stored(household, hass_storage) == []


@pytest.mark.parametrize("cloud_options", [slow(60)])
async def test_jobs_go_on_after_a_crash_and_none_is_asked_for_twice(
    household: Household,
    camera: Camera,
    media_folder: Path,
    hass_storage: dict[str, Any],
) -> None:
    """20 jobs, half of them with a download, some of which have begun."""
    for number in range(10):
        await ask(household, camera, clip(ago=900 + number * 10, download=True))
        await ask(household, camera, snapshot(ago=900 + number * 10))
    assert len(stored(household, hass_storage)) == 20
    for fault in ("truncated", "delay"):
        household.cloud.faults.add("media_file", fault, seconds=3)
    await household.until(lambda: household.cloud.stats.count("media_file"))
    await household.crash()
    before = len(household.results)
    assert before < 20
    await household.start()
    await household.until(lambda: len(household.results) >= 20)
    assert household.cloud.stats.count("media_create") == 20
    assert len({result.media_id for result in household.results}) == 20
    assert not any(result.failed for result in household.results)
    paths = [result.path for result in household.results if result.path]
    assert files(media_folder) == sorted(paths)
    assert len(paths) == 10
    for path in paths:
        with av.open(path) as video:
            assert sum(1 for _ in video.decode(video=0)) > 0
    assert stored(household, hass_storage) == []


@pytest.mark.parametrize("fault", ["truncated", "malformed"])
async def test_a_crash_before_the_answer_does_not_ask_twice(
    household: Household, camera: Camera, fault: str
) -> None:
    """The service heard, Home Assistant did not hear back, and ended."""
    household.cloud.faults.add("media_create", fault)
    asking = asyncio.create_task(household.jobs.async_request(camera.id, clip()))
    await household.until(lambda: household.cloud.stats.count("media_create"))
    await household.crash()
    await asking
    await household.start()
    await household.until(lambda: household.results)
    assert household.results[0].kind is MediaKind.CLIP_READY
    assert household.cloud.stats.count("media_create") == 1


async def test_a_crash_before_the_request_asks_once(
    household: Household, camera: Camera, hass_storage: dict[str, Any]
) -> None:
    """What was only written down is asked for after the restart."""
    household.cloud.faults.add("media_create", "drop")
    asking = asyncio.create_task(household.jobs.async_request(camera.id, clip()))
    await household.until(lambda: household.cloud.stats.count("media_create"))
    await household.crash()
    await asking
    assert stored(household, hass_storage)[0]["asked_at"]
    await household.start()
    await household.until(lambda: household.results)
    assert household.results[0].kind is MediaKind.CLIP_READY
    assert household.cloud.stats.count("media_create", 200) == 1


async def test_a_file_that_was_whole_before_the_crash_is_not_fetched_again(
    household: Household,
    camera: Camera,
    media_folder: Path,
    hass_storage: dict[str, Any],
) -> None:
    """The crash came between the file's last step and the note of it."""
    household.cloud.faults.add("media_file", "delay", seconds=5)
    await ask(household, camera, clip(download=True))
    await household.until(lambda: stored(household, hass_storage)[0]["path"])
    (job,) = stored(household, hass_storage)
    await household.until(lambda: household.results)
    await household.crash()
    store = hass_storage[STORE.format(household.entry.entry_id)]
    store["data"] = {"jobs": [job]}
    await household.start()
    await household.until(lambda: len(household.results) == 2)
    assert household.results[1] == household.results[0]
    assert household.cloud.stats.count("media_file") == 1
    assert len(files(media_folder)) == 1


@pytest.mark.parametrize("cloud_options", [slow(60)])
async def test_unloading_tells_who_waits_and_the_jobs_go_on_later(
    household: Household, camera: Camera
) -> None:
    jobs = await ask(household, camera, clip())
    waiting = asyncio.create_task(household.jobs.async_wait(jobs))
    await household.pass_time(seconds=5)
    await household.jobs.async_close()
    with pytest.raises(HomeAssistantError) as raised:
        await waiting
    assert raised.value.translation_key == "media_interrupted"
    requests = household.cloud.stats.total()
    await household.pass_time(seconds=120, step=5)
    assert household.cloud.stats.total() == requests
    await household.start()
    await household.until(lambda: household.results)
    assert household.results[0].kind is MediaKind.CLIP_READY
    assert household.cloud.stats.count("media_create") == 1


async def test_who_stops_waiting_does_not_stop_the_job(
    household: Household, camera: Camera
) -> None:
    """A script that is stopped leaves a clip behind all the same."""
    asking = asyncio.create_task(household.jobs.async_request(camera.id, clip()))
    await household.until(lambda: household.jobs.diagnostics()["jobs"])
    asking.cancel()
    await household.until(lambda: household.results)
    assert household.results[0].kind is MediaKind.CLIP_READY


@pytest.mark.parametrize("cloud_options", [slow(60)])
async def test_a_request_during_the_start_overwrites_nothing(
    household: Household, camera: Camera, hass_storage: dict[str, Any]
) -> None:
    """An automation may be quicker than the disk."""
    (before,) = await ask(household, camera, clip())
    await household.crash()
    household.prepare()
    asking = asyncio.create_task(household.jobs.async_request(camera.id, snapshot()))
    await household.pass_time(seconds=3)
    assert not asking.done()
    assert [job["id"] for job in stored(household, hass_storage)] == [before.record.id]
    await household.jobs.async_load()
    await household.result_of(asking)
    await household.until(lambda: len(household.results) == 2)
    assert household.cloud.stats.count("media_create") == 2


async def test_a_request_after_the_end_is_refused(
    household: Household, camera: Camera
) -> None:
    await household.jobs.async_close()
    with pytest.raises(HomeAssistantError) as raised:
        await household.jobs.async_request(camera.id, clip())
    assert raised.value.translation_key == "media_interrupted"
    assert household.cloud.stats.count("media_create") == 0


async def test_what_can_not_be_read_is_dropped_and_the_rest_goes_on(
    household: Household,
    camera: Camera,
    hass_storage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    asking = asyncio.create_task(household.jobs.async_request(camera.id, clip()))
    await household.until(lambda: stored(household, hass_storage))
    await household.crash()
    await asking
    jobs = stored(household, hass_storage)
    jobs[:0] = [{}, {**jobs[0], "start": "yesterday"}, {**jobs[0], "category": "?"}]
    await household.start()
    await household.until(lambda: household.results)
    await household.pass_time(seconds=5)
    assert len(household.results) == 1
    assert caplog.text.count("can't be read") == 3


async def test_a_removed_entry_leaves_nothing(
    household: Household,
    camera: Camera,
    media_folder: Path,
    hass_storage: dict[str, Any],
) -> None:
    await ask(household, camera, clip())
    await household.jobs.async_close()
    entry_id = household.entry.entry_id
    part = media_folder / "amnimo" / "gate" / f".{entry_id}-1.part"
    part.parent.mkdir(parents=True)
    part.touch()
    await async_remove_jobs(household.hass, entry_id)
    assert STORE.format(entry_id) not in hass_storage
    assert not part.exists()


# --- Requests that are not heard, or refused -----------------------------------------------


@pytest.mark.parametrize("fault", ["truncated", "malformed"])
async def test_an_answer_that_is_lost_is_looked_for(
    household: Household, camera: Camera, fault: str
) -> None:
    household.cloud.faults.add("media_create", fault)
    result = await outcome(household, await ask(household, camera, clip()))
    assert result.kind is MediaKind.CLIP_READY
    assert household.cloud.stats.count("media_create") == 1


@pytest.mark.parametrize(
    "fault",
    [{"kind": "drop"}, {"kind": "html"}, {"kind": "status", "status": 502}],
)
async def test_a_request_that_was_not_heard_is_made_again(
    household: Household, camera: Camera, fault: dict[str, Any]
) -> None:
    household.cloud.faults.add("media_create", **fault)
    result = await outcome(household, await ask(household, camera, clip()))
    assert result.kind is MediaKind.CLIP_READY
    assert household.cloud.stats.count("media_create") == 2


async def test_what_somebody_downloads_meanwhile_is_not_asked_for_again(
    household: Household, camera: Camera
) -> None:
    """A medium whose answer was lost is in the list, where anybody may find it."""
    cloud = household.cloud
    cloud.faults.add("media_create", "truncated")
    cloud.faults.add("camera_medias", "status", status=503, count=20)
    asking = asyncio.create_task(
        household.jobs.async_request(camera.id, clip(name="Delivery"))
    )
    await household.until(lambda: cloud.stats.count("media_create"))
    (made,) = cloud.media.search(
        camera.tenant, camera, ["CLIP", "SNAPSHOT"], newest_first=True
    )
    media, tenant = await household.jobs.library.async_locate(made.id)
    cloud.faults.add("media_file", "delay", seconds=5)
    fetch = await household.jobs.async_download(media, tenant)
    jobs = await household.result_of(asking)
    cloud.faults.clear()
    await household.result_of(household.jobs.async_wait([fetch]))
    result = await outcome(household, jobs)
    assert result.media_id == made.id
    assert cloud.stats.count("media_create") == 1


async def test_another_medium_like_it_is_not_taken_for_it(
    household: Household, camera: Camera
) -> None:
    """A clip of the same time that another job made is not found instead."""
    request = clip(name="Delivery")
    first = await outcome(household, await ask(household, camera, request))
    household.cloud.faults.add("media_create", "drop")
    second = await outcome(household, await ask(household, camera, request))
    assert first.media_id != second.media_id
    assert household.cloud.stats.count("media_create", 200) == 2


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        ({"kind": "status", "status": 403}, "permission_denied"),
        ({"kind": "status", "status": 404}, "not_found"),
        ({"kind": "status", "status": 400}, "unexpected_response"),
        ({"kind": "status", "status": 429}, "rate_limited"),
        ({"kind": "status", "status": 500}, "unexpected_response"),
        ({"kind": "html"}, "unexpected_response"),
        ({"kind": "drop"}, "cannot_connect"),
    ],
)
async def test_a_refusal_is_told_at_once_and_nothing_remains(
    household: Household,
    camera: Camera,
    hass_storage: dict[str, Any],
    fault: dict[str, Any],
    key: str,
) -> None:
    household.cloud.faults.add("media_create", count=FOREVER, **fault)
    with pytest.raises(HomeAssistantError) as raised:
        await ask(household, camera, clip(ago=9000, seconds=7200))
    assert raised.value.translation_key == key
    assert stored(household, hass_storage) == []
    household.cloud.faults.clear()
    await household.pass_time(minutes=2, step=5)
    assert household.results == []
    made = household.cloud.media.search(
        camera.tenant, camera, ["CLIP"], newest_first=True
    )
    assert made == []


async def test_a_service_that_is_down_is_told_at_once(
    household: Household, camera: Camera, hass_storage: dict[str, Any]
) -> None:
    await household.cloud.stop()
    with pytest.raises(HomeAssistantError) as raised:
        await ask(household, camera, clip())
    assert raised.value.translation_key == "cannot_connect"
    assert stored(household, hass_storage) == []


async def test_a_part_that_is_refused_does_not_take_the_others_with_it(
    household: Household, camera: Camera
) -> None:
    household.cloud.faults.add("media_create", "status", status=400)
    jobs = await ask(household, camera, clip(ago=9000, seconds=7200))
    results = await household.result_of(household.jobs.async_wait(jobs))
    reasons = [result.reason for result in results]
    assert reasons.count(MediaFailure.REFUSED) == 1
    assert reasons.count(None) == len(jobs) - 1


async def test_a_camera_that_is_gone_can_not_be_asked_for_anything(
    household: Household, camera: Camera
) -> None:
    with pytest.raises(HomeAssistantError) as raised:
        await household.jobs.async_request("no such camera", clip())
    assert raised.value.translation_key == "not_found"


async def test_what_nobody_attends_is_refused_in_public(
    household: Household, camera: Camera, hass_storage: dict[str, Any]
) -> None:
    """After a restart there is no caller to tell, so the event tells."""
    household.cloud.faults.add("media_create", "drop")
    asking = asyncio.create_task(household.jobs.async_request(camera.id, clip()))
    await household.until(lambda: household.cloud.stats.count("media_create"))
    await household.crash()
    await asking
    household.cloud.faults.add("media_create", "status", status=403, count=FOREVER)
    await household.start()
    await household.until(lambda: household.results)
    assert household.results[0].kind is MediaKind.MEDIA_FAILED
    assert household.results[0].reason is MediaFailure.REFUSED
    assert stored(household, hass_storage) == []


# --- Outages and patience ------------------------------------------------------------------


async def test_an_outage_right_after_the_request_is_waited_out(
    household: Household, camera: Camera
) -> None:
    """It isn't known whether the service heard; the caller is told that much, and waits."""
    household.cloud.faults.add("media_create", "truncated")
    asking = asyncio.create_task(household.jobs.async_request(camera.id, clip()))
    await household.until(lambda: household.cloud.stats.count("media_create"))
    await household.cloud.stop()
    jobs = await household.result_of(asking)
    assert jobs[0].record.media_id is None
    await household.pass_time(hours=2, step=30)
    assert household.results == []
    await household.cloud.start()
    result = await outcome(household, jobs)
    assert result.kind is MediaKind.CLIP_READY
    assert household.cloud.stats.count("media_create") == 1


async def test_a_service_that_stays_away_for_a_day_is_given_up(
    household: Household, camera: Camera
) -> None:
    household.cloud.faults.add("media_create", "truncated")
    asking = asyncio.create_task(household.jobs.async_request(camera.id, clip()))
    await household.until(lambda: household.cloud.stats.count("media_create"))
    await household.cloud.stop()
    jobs = await household.result_of(asking)
    await household.pass_time(hours=25, step=300)
    assert (await outcome(household, jobs)).reason is MediaFailure.UNREACHABLE


async def test_after_a_day_off_a_job_that_was_not_heard_has_another_chance(
    household: Household, camera: Camera
) -> None:
    """Home Assistant was off for longer than an outage is waited out, and the service is."""
    household.cloud.faults.add("media_create", "drop")
    asking = asyncio.create_task(household.jobs.async_request(camera.id, clip()))
    await household.until(lambda: household.cloud.stats.count("media_create"))
    await household.crash()
    await asking
    await household.pass_time(hours=30, step=3600)
    await household.cloud.stop()
    await household.start()
    await household.pass_time(seconds=20)
    await household.cloud.start()
    await household.until(lambda: household.results)
    assert household.results[0].kind is MediaKind.CLIP_READY


@pytest.mark.parametrize("cloud_options", [slow(25 * 60)])
async def test_time_in_which_the_service_is_down_does_not_count(
    household: Household, camera: Camera
) -> None:
    """The service may take 10 minutes; this one is away for 20, and needs 25 in all."""
    jobs = await ask(household, camera, clip())
    await household.pass_time(minutes=1)
    await household.cloud.stop()
    await household.pass_time(minutes=20, step=10)
    await household.cloud.start()
    result = await outcome(household, jobs)
    assert result.kind is MediaKind.CLIP_READY


@pytest.mark.parametrize("cloud_options", [slow(3600)])
async def test_what_takes_too_long_fails(household: Household, camera: Camera) -> None:
    asked = dt_util.utcnow()
    result = await outcome(household, await ask(household, camera, clip()))
    assert result.reason is MediaFailure.TIMED_OUT
    waited = dt_util.utcnow() - asked
    assert timedelta(minutes=10) <= waited <= timedelta(minutes=11)


def test_patience_grows_with_the_length(household_record: JobRecord) -> None:
    hour = replace(household_record, end=household_record.start + timedelta(hours=1))
    assert hour.patience == timedelta(hours=2, minutes=10)
    assert replace(hour, end=None).patience == timedelta(minutes=10)


@pytest.fixture
def household_record() -> JobRecord:
    """Return a record of some job."""
    now = dt_util.utcnow()
    return JobRecord(
        id="1",
        camera_id="camera",
        camera_name="Camera",
        subscription_id="tenant",
        category="CLIP",  # type: ignore[arg-type]
        name="Clip",
        start=now,
        end=now,
        download=False,
        wanted_at=now,
    )


async def test_an_overdue_job_is_asked_about_before_it_is_given_up(
    household: Household, camera: Camera
) -> None:
    """Home Assistant was off for a day; the clip was ready after seconds."""
    await ask(household, camera, clip(download=True))
    await household.crash()
    await household.pass_time(days=1, step=3600)
    await household.start()
    await household.until(lambda: household.results)
    assert household.results[0].kind is MediaKind.CLIP_READY
    assert household.results[0].path is not None


# --- Failures ------------------------------------------------------------------------------


async def test_a_failure_says_what_was_not_recorded(
    household: Household, camera: Camera
) -> None:
    request = clip(ago=600, seconds=60)
    camera.add_gap(request.start.timestamp() - 30, request.end.timestamp() + 30)
    result = await outcome(household, await ask(household, camera, request))
    assert result.kind is MediaKind.MEDIA_FAILED
    assert result.reason is MediaFailure.NO_RECORDING
    ((start, end),) = result.missing
    assert abs(start - request.start) < timedelta(seconds=1)
    assert abs(end - request.end) < timedelta(seconds=1)
    missing = result.as_attributes()["missing"]
    assert missing == [
        {
            "start_time": dt_util.as_local(start).isoformat(),
            "end_time": dt_util.as_local(end).isoformat(),
        }
    ]


async def test_a_snapshot_of_an_unrecorded_moment_says_so(
    household: Household, camera: Camera
) -> None:
    request = snapshot()
    moment = request.time.timestamp()
    camera.add_gap(moment - 30, moment + 30)
    result = await outcome(household, await ask(household, camera, request))
    assert result.reason is MediaFailure.NO_RECORDING
    assert [start == end for start, end in result.missing] == [True]


async def test_a_range_that_is_recorded_in_part_yields_that_part(
    household: Household, camera: Camera
) -> None:
    request = clip(ago=600, seconds=60)
    camera.add_gap(request.start.timestamp(), request.start.timestamp() + 30)
    result = await outcome(household, await ask(household, camera, request))
    assert result.kind is MediaKind.CLIP_READY


async def test_recordings_at_the_edge_alone_are_not_called_missing(
    household: Household, estate: Estate
) -> None:
    """The cloud's history is empty, but proves nothing."""
    camera = next(
        camera
        for camera in estate.cameras.values()
        if camera.storage is Storage.EDGE and camera.online and camera.device
    )
    camera.cloud_copy = False
    assert camera.device is not None
    camera.device.failing = True
    result = await outcome(household, await ask(household, camera, clip()))
    assert result.reason is MediaFailure.GENERATION_FAILED
    assert result.missing == ()


async def test_an_offline_camera_is_named_as_the_reason(
    household: Household, camera: Camera
) -> None:
    jobs = await ask(household, camera, clip())
    household.cloud.media.find(str(jobs[0].record.media_id)).recorded = []  # type: ignore[union-attr]
    camera.online = False
    result = await outcome(household, jobs)
    assert result.reason is MediaFailure.CAMERA_OFFLINE


async def test_a_history_that_fails_does_not_hide_the_failure(
    household: Household, camera: Camera
) -> None:
    household.cloud.faults.add("history", "html", count=FOREVER)
    camera.records = False
    result = await outcome(household, await ask(household, camera, clip()))
    assert result.reason is MediaFailure.GENERATION_FAILED


@pytest.mark.parametrize("cloud_options", [slow(300)])
@pytest.mark.parametrize("others", [0, 2])
async def test_what_is_deleted_meanwhile_fails(
    household: Household, camera: Camera, others: int
) -> None:
    jobs = await ask(household, camera, clip())
    for number in range(others):
        await ask(household, camera, clip(ago=700 + number))
    await household.pass_time(minutes=2)
    media = household.cloud.media.find(str(jobs[0].record.media_id))
    assert media is not None
    household.cloud.media.delete(media)
    result = await outcome(household, jobs)
    assert result.reason is MediaFailure.DELETED


async def test_a_file_that_can_not_be_saved_fails_with_its_reason(
    household: Household, camera: Camera, media_folder: Path
) -> None:
    (media_folder / "amnimo").write_text("a file in its place")
    result = await outcome(household, await ask(household, camera, clip(download=True)))
    assert result.reason is MediaFailure.STORAGE_FAILED
    assert result.media_id is not None


async def test_a_storage_outage_is_waited_out(
    household: Household, camera: Camera
) -> None:
    household.cloud.faults.add("media_file", "status", status=503, count=30)
    result = await outcome(household, await ask(household, camera, clip(download=True)))
    assert result.path is not None
    assert household.cloud.stats.count("media_create") == 1


async def test_a_storage_that_stays_away_for_a_day_is_given_up(
    household: Household, camera: Camera
) -> None:
    household.cloud.faults.add("media_file", "status", status=503, count=FOREVER)
    jobs = await ask(household, camera, clip(download=True))
    await household.pass_time(seconds=30)
    await household.pass_time(hours=25, step=300)
    assert (await outcome(household, jobs)).reason is MediaFailure.DOWNLOAD_FAILED


# --- What it costs -------------------------------------------------------------------------


@pytest.mark.parametrize("cloud_options", [slow(120)])
async def test_many_jobs_of_a_tenant_are_polled_with_one_search(
    household: Household, camera: Camera
) -> None:
    """20 clips that take 2 minutes cost hardly more than one would."""
    jobs: list[MediaJob] = []
    for number in range(20):
        jobs += await ask(household, camera, clip(ago=600 + number))
    results = await household.result_of(household.jobs.async_wait(jobs))
    assert not any(result.failed for result in results)
    stats = household.cloud.stats
    assert stats.count("media_get") <= 5
    assert stats.count("medias") + stats.count("media_get") <= 2.5 * 6


@pytest.mark.parametrize("cloud_options", [slow(1200)])
async def test_a_tenant_costs_6_requests_a_minute_at_most(
    household: Household, camera: Camera
) -> None:
    """From the first minute on, also when more is asked for meanwhile."""
    stats = household.cloud.stats
    polls = []
    for minute in range(5):
        await ask(household, camera, clip(ago=3600, seconds=1800 + minute))
        before = stats.count("medias") + stats.count("media_get")
        await household.pass_time(minutes=1)
        polls.append(stats.count("medias") + stats.count("media_get") - before)
    assert max(polls) <= 6
    assert min(polls) >= 2


@pytest.mark.parametrize("cloud_options", [slow(30)])
async def test_jobs_are_found_behind_what_others_asked_for_since(
    household: Household, cloud: SimulatedCloud, camera: Camera
) -> None:
    """Another program fills the first pages of the search."""
    jobs = [
        *await ask(household, camera, clip()),
        *await ask(household, camera, snapshot()),
    ]
    await household.step()
    for number in range(90):
        cloud.media.create_snapshot(camera, cloud.clock.now() - 100 - number, "other")
    results = await household.result_of(household.jobs.async_wait(jobs))
    assert not any(result.failed for result in results)


@pytest.mark.parametrize("cloud_options", [slow(30)])
async def test_who_waits_goes_before_the_polls(
    household: Household, camera: Camera
) -> None:
    granted = household.client.throttle.granted
    jobs = await ask(household, camera, clip())
    asked = dict(granted)
    await household.pass_time(seconds=10)
    assert granted[Lane.POLL] > asked[Lane.POLL]
    assert granted[Lane.USER] == asked[Lane.USER]
    polled = granted[Lane.POLL]
    await outcome(household, jobs)
    assert granted[Lane.POLL] == polled
    assert granted[Lane.USER] > asked[Lane.USER]


async def test_diagnostics_tell_counts_and_nobody_s_names(
    household: Household, camera: Camera
) -> None:
    await ask(household, camera, clip(name="Secret meeting"))
    shown = household.jobs.diagnostics()
    assert shown["jobs"][0]["accepted"] is True
    await household.until(lambda: household.results)
    shown = household.jobs.diagnostics()
    assert shown == {"jobs": [], "outcomes": {"clip_ready": 1}}


async def test_a_listener_that_fails_does_no_harm(
    household: Household, camera: Camera, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: MediaResult) -> None:
        raise ValueError("a bug")

    household.jobs.async_listen(camera.id, fail)
    result = await outcome(household, await ask(household, camera, clip()))
    assert result.kind is MediaKind.CLIP_READY
    assert household.results == [result]
    assert "a bug" in caplog.text
