"""Clips of hours: in parts, told of one after the other however they come to be."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from custom_components.amnimo.media.job import MediaFailure, MediaJob, MediaResult
from tests.cloud.media import Media
from tests.cloud.world import Camera

from .household import Household
from .test_jobs import STORE, ask, clip, slow, stored


async def ask_for_hours(
    household: Household, camera: Camera, **options: Any
) -> Sequence[MediaJob]:
    """Ask for a clip of hours; the service takes its parts one after the other."""
    jobs = await ask(household, camera, clip(ago=18000, seconds=14400, **options))
    for number, medium in enumerate(media(household, jobs)):
        medium.requested += 0.1 * number
    return jobs


def media(household: Household, jobs: Sequence[MediaJob]) -> list[Media]:
    """Return what the service makes of jobs."""
    found = [household.cloud.media.find(str(job.record.media_id)) for job in jobs]
    return [medium for medium in found if medium is not None]


def names(results: Sequence[MediaResult]) -> list[str]:
    """Return what was told of, in the order in which it was."""
    return [result.name for result in results]


def numbered(name: str, jobs: Sequence[MediaJob]) -> list[str]:
    """Return what the parts are called."""
    return [f"{name} ({number}/{len(jobs)})" for number in range(1, len(jobs) + 1)]


def clips(folder: Path) -> list[Path]:
    """Return the clips in a folder."""
    return list(folder.rglob("*.mp4"))


@pytest.mark.parametrize("cloud_options", [slow(30)])
async def test_parts_that_are_ready_at_once_are_told_of_in_order(
    household: Household, camera: Camera
) -> None:
    """A search finds the newest first."""
    jobs = await ask_for_hours(household, camera, name="Night")
    await household.result_of(household.jobs.async_wait(jobs))
    assert names(household.results) == numbered("Night", jobs)


@pytest.mark.parametrize("cloud_options", [slow(30)])
async def test_a_part_that_takes_longer_is_waited_for_by_who_tells_not_by_downloads(
    household: Household, camera: Camera, media_folder: Path
) -> None:
    jobs = await ask_for_hours(household, camera, name="Night", download=True)
    first = media(household, jobs)[0]
    first.ready += 300
    await household.pass_time(minutes=3, step=5)
    assert len(clips(media_folder)) == len(jobs) - 1
    assert household.results == []
    await household.result_of(household.jobs.async_wait(jobs))
    assert names(household.results) == numbered("Night", jobs)
    assert len(clips(media_folder)) == len(jobs)


@pytest.mark.parametrize("cloud_options", [slow(30)])
async def test_the_order_outlives_a_crash(
    household: Household, camera: Camera, media_folder: Path
) -> None:
    """Nothing is downloaded again for having waited."""
    jobs = await ask_for_hours(household, camera, name="Night", download=True)
    media(household, jobs)[0].ready += 300
    await household.until(lambda: len(clips(media_folder)) == len(jobs) - 1)
    await household.crash()
    assert household.results == []
    await household.start()
    await household.until(lambda: len(household.results) == len(jobs))
    assert names(household.results) == numbered("Night", jobs)
    assert household.cloud.stats.count("media_file") == len(jobs)
    assert household.cloud.stats.count("media_create") == len(jobs)


@pytest.mark.parametrize("cloud_options", [slow(30)])
async def test_a_part_that_fails_is_told_of_in_its_place(
    household: Household, camera: Camera
) -> None:
    jobs = await ask_for_hours(household, camera, name="Night")
    media(household, jobs)[1].recorded = []
    await household.result_of(household.jobs.async_wait(jobs))
    assert names(household.results) == numbered("Night", jobs)
    failed = [result.failed for result in household.results]
    assert failed == [number == 1 for number in range(len(jobs))]


async def test_a_part_that_is_refused_keeps_no_other_waiting(
    household: Household, camera: Camera
) -> None:
    household.cloud.faults.add("media_create", "status", status=400)
    jobs = await ask(household, camera, clip(ago=9000, seconds=7200, name="Night"))
    results = await household.result_of(household.jobs.async_wait(jobs))
    (refused,) = [each for each in results if each.reason is MediaFailure.REFUSED]
    told = [name for name in numbered("Night", jobs) if name != refused.name]
    assert names(household.results) == told


@pytest.mark.parametrize("cloud_options", [slow(30)])
@pytest.mark.parametrize("seconds", [60, 200])
async def test_a_long_pause_that_the_service_asks_for_loses_no_part(
    household: Household, camera: Camera, seconds: float
) -> None:
    """Neither of those that were under way when it began, nor of those that came after."""
    cloud = household.cloud
    cloud.faults.add("media_create", "status", status=429, seconds=seconds, count=4)
    jobs = await ask(household, camera, clip(ago=37000, seconds=36000, name="Night"))
    results = await household.result_of(household.jobs.async_wait(jobs))
    assert cloud.stats.count("media_create", 429) == 4
    assert not any(result.failed for result in results)
    assert names(household.results) == numbered("Night", jobs)
    assert cloud.stats.count("media_create", 200) == len(jobs)


@pytest.mark.parametrize("cloud_options", [slow(30)])
async def test_another_clip_does_not_wait_for_a_long_one(
    household: Household, camera: Camera
) -> None:
    jobs = await ask_for_hours(household, camera, name="Night")
    media(household, jobs)[0].ready += 300
    short = await ask(household, camera, clip(name="Delivery"))
    await household.result_of(household.jobs.async_wait(short))
    assert names(household.results) == ["Delivery"]


@pytest.mark.parametrize("cloud_options", [slow(30)])
async def test_a_part_that_is_done_can_be_downloaded_before_it_is_told_of(
    household: Household, camera: Camera, media_folder: Path
) -> None:
    jobs = await ask_for_hours(household, camera, name="Night")
    media(household, jobs)[0].ready += 300
    await household.until(lambda: jobs[1].is_done)
    medium, tenant = await household.jobs.library.async_locate(
        str(jobs[1].record.media_id)
    )
    fetch = await household.jobs.async_download(medium, tenant)
    (result,) = await household.result_of(household.jobs.async_wait([fetch]))
    assert clips(media_folder) == [result.path]
    assert household.results == []


@pytest.mark.parametrize("cloud_options", [slow(30)])
async def test_unloading_ends_those_who_wait_for_an_earlier_part(
    household: Household, camera: Camera, hass_storage: dict[str, Any]
) -> None:
    jobs = await ask_for_hours(household, camera)
    media(household, jobs)[0].ready += 300
    await household.until(lambda: jobs[-1].is_done)
    await asyncio.wait_for(household.jobs.async_close(), 5)
    assert household.results == []
    assert len(stored(household, hass_storage)) == len(jobs)


async def test_a_job_of_an_older_version_goes_on(
    household: Household, camera: Camera, hass_storage: dict[str, Any]
) -> None:
    """It was written down without a word on whose part it is."""
    await ask(household, camera, clip(name="Delivery"))
    await household.crash()
    for job in hass_storage[STORE.format(household.entry.entry_id)]["data"]["jobs"]:
        del job["request_id"]
    await household.start()
    await household.until(lambda: household.results)
    assert names(household.results) == ["Delivery"]
