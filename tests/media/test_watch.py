"""Waiting for media of which little is told, and for those that several wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from custom_components.amnimo.media.job import MediaFailure, MediaJob, MediaKind
from custom_components.amnimo.media.watch import TenantWatch
from homeassistant.util import dt as dt_util
from tests.cloud import FOREVER
from tests.cloud.routes import medias as routes
from tests.cloud.world import Camera

from .household import Household
from .test_jobs import ask, clip, outcome, slow

type Rows = Callable[[Callable[[dict[str, Any]], object]], None]


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> Rows:
    """Return what changes the rows that searches find."""
    search = routes._search  # noqa: SLF001 - what a search tells of a medium is said there

    def change_all(change: Callable[[dict[str, Any]], object]) -> None:
        async def changed(*args: Any) -> Any:
            found: Any = await search(*args)
            for row in found:
                change(row)
            return found

        monkeypatch.setattr(routes, "_search", changed)

    return change_all


def without_status(row: dict[str, Any]) -> None:
    """Take the status out of a row."""
    del row["status"]


async def ask_for(household: Household, camera: Camera, count: int) -> list[MediaJob]:
    """Ask for some clips."""
    jobs: list[MediaJob] = []
    for number in range(count):
        jobs += await ask(household, camera, clip(ago=600 + number))
    return jobs


def polls(household: Household) -> int:
    """Return how many requests it took to hear what became of media."""
    stats = household.cloud.stats
    return stats.count("medias") + stats.count("media_get")


# --- Lists that tell little ----------------------------------------------------------------


@pytest.mark.parametrize("cloud_options", [slow(20)])
@pytest.mark.parametrize("count", [2, 12])
async def test_media_of_which_a_list_does_not_tell_the_status_are_found_ready(
    household: Household, camera: Camera, rows: Rows, count: int
) -> None:
    """They are asked about one after the other, in no more requests than else."""
    rows(without_status)
    jobs = await ask_for(household, camera, count)
    asked: list[int] = []
    while not all(job.outcome.done() for job in jobs):
        before = polls(household)
        await household.pass_time(minutes=1)
        asked.append(polls(household) - before)
        assert len(asked) < 6
    assert all(job.outcome.result().kind is MediaKind.CLIP_READY for job in jobs)
    assert max(asked) <= 6
    assert household.cloud.stats.count("medias") == 1


@pytest.mark.parametrize("cloud_options", [slow(20)])
async def test_who_may_not_search_may_still_ask(
    household: Household, camera: Camera
) -> None:
    household.cloud.faults.add("medias", "status", status=403, count=FOREVER)
    jobs = await ask_for(household, camera, 3)
    results = await household.result_of(household.jobs.async_wait(jobs))
    assert not any(result.failed for result in results)


@pytest.mark.parametrize("cloud_options", [slow(20)])
async def test_no_medium_is_given_up_that_is_ready(
    household: Household, camera: Camera, rows: Rows
) -> None:
    """What a list says is old, or in a word that nobody knows."""
    rows(lambda row: row.update(status="?"))
    jobs = await ask_for(household, camera, 3)
    results = await household.result_of(household.jobs.async_wait(jobs))
    assert not any(result.failed for result in results)


@pytest.mark.parametrize("cloud_options", [slow(7200)])
async def test_what_takes_too_long_fails_where_lists_tell_nothing_too(
    household: Household, camera: Camera, rows: Rows
) -> None:
    rows(without_status)
    asked = dt_util.utcnow()
    jobs = await ask_for(household, camera, 4)
    results = await household.result_of(household.jobs.async_wait(jobs))
    assert {result.reason for result in results} == {MediaFailure.TIMED_OUT}
    assert dt_util.utcnow() - asked < timedelta(minutes=13)


@pytest.mark.parametrize("cloud_options", [slow(1200)])
async def test_one_that_takes_long_does_not_keep_others_from_being_asked_about(
    household: Household, camera: Camera, rows: Rows
) -> None:
    rows(without_status)
    jobs = await ask_for(household, camera, 3)
    last = household.cloud.media.find(str(jobs[-1].record.media_id))
    assert last is not None
    last.ready = household.cloud.clock.now() + 30
    result = await outcome(household, jobs[-1:])
    assert result.kind is MediaKind.CLIP_READY
    assert household.cloud.clock.now() - last.ready < 90


# --- Several who wait for the same ---------------------------------------------------------


@pytest.mark.parametrize("cloud_options", [slow(30)])
async def test_several_may_wait_for_the_same_medium(
    household: Household, camera: Camera
) -> None:
    """One of them, who is called off, leaves the others waiting."""
    tenant = camera.tenant.subscription_id
    now = dt_util.utcnow()
    medium = await household.client.create_snapshot(
        tenant, camera.id, now - timedelta(minutes=10), "Delivery"
    )
    watch = TenantWatch(household.hass, household.entry, household.client, tenant)
    waiting = [
        asyncio.ensure_future(
            watch.finished(
                medium.id,
                requested_at=now,
                deadline=now + timedelta(minutes=10),
                urgent=lambda: False,
            )
        )
        for _ in range(3)
    ]
    await household.pass_time(seconds=5)
    waiting[1].cancel()
    await household.until(lambda: all(each.done() for each in waiting))
    assert waiting[1].cancelled()
    assert waiting[0].result() == waiting[2].result()
    asked = polls(household)
    await household.pass_time(minutes=2, step=10)
    assert polls(household) == asked


@pytest.mark.parametrize("cloud_options", [slow(120)])
async def test_what_somebody_downloads_while_it_is_made_reaches_both(
    household: Household, camera: Camera
) -> None:
    """The answer was lost, the clip is in the list, and is downloaded before it is done."""
    cloud = household.cloud
    cloud.faults.add("media_create", "truncated")
    cloud.faults.add("camera_medias", "status", status=503, count=6)
    jobs = await ask(household, camera, clip(name="Delivery"))
    (made,) = cloud.media.search(camera.tenant, camera, ["CLIP"], newest_first=True)
    medium, tenant = await household.jobs.library.async_locate(made.id)
    fetch = await household.jobs.async_download(medium, tenant)
    results = await household.result_of(household.jobs.async_wait([*jobs, fetch]))
    assert [result.media_id for result in results] == [made.id] * 2
    assert not any(result.failed for result in results)
    assert cloud.stats.count("media_create") == 1
