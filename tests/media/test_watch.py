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
from tests.cloud.call import Call
from tests.cloud.media import Media
from tests.cloud.refusals import Refusal
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


# --- Questions without an answer -----------------------------------------------------------


@pytest.fixture
def untold(monkeypatch: pytest.MonkeyPatch) -> set[str | None]:
    """Return what takes the IDs of media that the service fails to tell of alone."""
    failing: set[str | None] = set()
    write = routes._write  # noqa: SLF001 - what the service tells of a medium is said there

    def told(call: Call, medium: Media, expiration: float | None = None) -> Any:
        if expiration is not None and medium.id in failing:
            raise Refusal("not to be told of")
        return write(call, medium, expiration)

    monkeypatch.setattr(routes, "_write", told)
    return failing


@pytest.mark.parametrize("cloud_options", [slow(20)])
async def test_a_medium_that_can_not_be_told_of_keeps_no_other_waiting(
    household: Household, camera: Camera, rows: Rows, untold: set[str | None]
) -> None:
    """It is given up in the end; and the limit of the requests holds all the time."""
    rows(without_status)
    jobs = await ask_for(household, camera, 4)
    untold.add(jobs[0].record.media_id)
    asked = dt_util.utcnow()
    recent: list[int] = []
    while not jobs[0].outcome.done():
        before = polls(household)
        await household.pass_time(minutes=1)
        recent.append(polls(household) - before)
        if len(recent) == 5:
            assert all(job.outcome.done() for job in jobs[1:])
            assert not any(job.outcome.result().failed for job in jobs[1:])
            # There is somebody else who is answered for as long as it takes.
            jobs += await ask(household, camera, clip(ago=900))
            late = household.cloud.media.find(str(jobs[-1].record.media_id))
            assert late is not None
            late.ready += 1200
        assert dt_util.utcnow() - asked < timedelta(minutes=22)
    assert max(recent) <= 6
    assert jobs[0].outcome.result().reason is MediaFailure.TIMED_OUT


@pytest.mark.parametrize("cloud_options", [slow(20)])
async def test_media_are_asked_about_one_by_one_while_searches_fail(
    household: Household, camera: Camera
) -> None:
    household.cloud.faults.add("medias", "status", status=500, count=FOREVER)
    asked = dt_util.utcnow()
    jobs = await ask_for(household, camera, 3)
    results = await household.result_of(household.jobs.async_wait(jobs))
    assert not any(result.failed for result in results)
    assert dt_util.utcnow() - asked < timedelta(minutes=5)


@pytest.mark.parametrize("cloud_options", [slow(1200)])
async def test_nothing_is_given_up_while_nothing_is_answered(
    household: Household, camera: Camera
) -> None:
    """Those who wait have patience again when the service is back."""
    jobs = await ask_for(household, camera, 3)
    for endpoint in ("medias", "media_get"):
        household.cloud.faults.add(endpoint, "status", status=503, count=FOREVER)
    await household.pass_time(minutes=30, step=5)
    assert not any(job.outcome.done() for job in jobs)
    household.cloud.faults.clear()
    results = await household.result_of(household.jobs.async_wait(jobs))
    assert not any(result.failed for result in results)


@pytest.mark.parametrize("cloud_options", [slow(20)])
async def test_a_late_medium_has_another_chance_when_the_question_about_it_fails(
    household: Household, camera: Camera, rows: Rows, untold: set[str | None]
) -> None:
    """It was ready all the time."""
    rows(without_status)
    jobs = await ask_for(household, camera, 2)
    untold.add(jobs[0].record.media_id)
    other = household.cloud.media.find(str(jobs[1].record.media_id))
    assert other is not None
    other.ready += 1200
    await household.pass_time(minutes=12, step=2)
    assert not jobs[0].outcome.done()
    untold.clear()
    assert not (await outcome(household, jobs[:1])).failed


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
