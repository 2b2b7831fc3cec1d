"""Orders whose answer is lost: found again in lists that come late or say something else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from custom_components.amnimo.media.job import MediaJob, MediaKind
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from tests.cloud import FOREVER
from tests.cloud.media import Media
from tests.cloud.world import Camera

from .household import Household
from .test_jobs import ask, clip, outcome, slow, snapshot

type Asking = asyncio.Task[Sequence[MediaJob]]

CATEGORIES = ["CLIP", "SNAPSHOT"]


@pytest.fixture
def listed_after(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> Callable[[float], None]:
    """Return what makes lists show media only so many seconds after they were asked for."""
    library = household.cloud.media
    search = library.search

    def delay(seconds: float) -> None:
        def late(*args: Any, **options: Any) -> list[Media]:
            now = household.cloud.clock.now()
            found = search(*args, **options)
            return [media for media in found if now - media.requested > seconds]

        monkeypatch.setattr(library, "search", late)

    return delay


async def ask_unheard(household: Household, camera: Camera, request: Any) -> Asking:
    """Ask for a medium, and lose the answer."""
    before = household.cloud.stats.count("media_create")
    household.cloud.faults.add("media_create", "truncated")
    asking = asyncio.ensure_future(household.jobs.async_request(camera.id, request))
    await household.until(lambda: household.cloud.stats.count("media_create") > before)
    return asking


def made(household: Household, camera: Camera) -> list[Media]:
    """Return what the service makes, in the order in which it was asked for."""
    return household.cloud.media.search(
        camera.tenant, camera, CATEGORIES, newest_first=False
    )


@pytest.mark.parametrize("cloud_options", [slow(90)])
@pytest.mark.parametrize("seconds", [5, 55])
async def test_what_is_listed_late_is_not_asked_for_again(
    household: Household,
    camera: Camera,
    listed_after: Callable[[float], None],
    seconds: float,
) -> None:
    listed_after(seconds)
    household.cloud.faults.add("media_create", "truncated")
    jobs = await ask(household, camera, clip(name="Delivery"))
    result = await outcome(household, jobs)
    assert result.kind is MediaKind.CLIP_READY
    assert len(made(household, camera)) == 1
    assert household.cloud.stats.count("camera_medias") <= 8


@pytest.mark.parametrize("cloud_options", [slow(90)])
async def test_after_a_crash_it_is_looked_for_as_long(
    household: Household, camera: Camera, listed_after: Callable[[float], None]
) -> None:
    listed_after(40)
    asking = await ask_unheard(household, camera, clip(name="Delivery"))
    await household.crash()
    await asking
    await household.start()
    await household.until(lambda: household.results)
    assert household.results[0].kind is MediaKind.CLIP_READY
    assert len(made(household, camera)) == 1


async def test_who_attends_hears_within_seconds_of_what_the_service_says_failed(
    household: Household, camera: Camera
) -> None:
    household.cloud.faults.add("media_create", "status", status=500, count=FOREVER)
    asked = dt_util.utcnow()
    with pytest.raises(HomeAssistantError):
        await ask(household, camera, clip())
    assert dt_util.utcnow() - asked < timedelta(seconds=15)


async def test_who_attends_is_not_kept_for_long_by_a_service_that_falls_silent(
    household: Household, camera: Camera
) -> None:
    household.cloud.faults.add("media_create", "drop", count=FOREVER)
    asked = dt_util.utcnow()
    with pytest.raises(HomeAssistantError):
        await ask(household, camera, clip())
    assert dt_util.utcnow() - asked < timedelta(seconds=75)
    assert household.cloud.stats.count("media_create") == 2


# --- What is told of the range -------------------------------------------------------------


@pytest.mark.parametrize("cloud_options", [slow(30)])
@pytest.mark.parametrize(
    ("sooner", "later"), [(2, 2), (-1, 0), (0, -1), (-1, -1), (9, 9)]
)
async def test_a_clip_of_which_the_recorded_range_is_told_is_found(
    household: Household, camera: Camera, sooner: float, later: float
) -> None:
    """It begins at a key frame before, or where the recording did."""
    asking = await ask_unheard(household, camera, clip(name="Delivery"))
    (medium,) = made(household, camera)
    medium.start -= sooner
    medium.end += later
    result = await outcome(household, await household.result_of(asking))
    assert result.media_id == medium.id
    assert household.cloud.stats.count("media_create") == 1


@pytest.mark.parametrize("cloud_options", [slow(30)])
async def test_a_snapshot_of_which_another_moment_is_told_is_found(
    household: Household, camera: Camera
) -> None:
    asking = await ask_unheard(household, camera, snapshot(name="Delivery"))
    (medium,) = made(household, camera)
    medium.start -= 3
    medium.end -= 3
    result = await outcome(household, await household.result_of(asking))
    assert result.media_id == medium.id


@pytest.mark.parametrize("cloud_options", [slow(30)])
async def test_clips_of_one_name_are_not_mixed_up(
    household: Household, camera: Camera
) -> None:
    """Both answers are lost, and the second clip is listed before the first."""
    asking = [
        await ask_unheard(household, camera, clip(ago=ago, name="Motion"))
        for ago in (606, 600)
    ]
    first, second = made(household, camera)
    for medium in (first, second):
        medium.start -= 2
        medium.end += 2
    first.requested, second.requested = second.requested, first.requested
    jobs = [(await household.result_of(each))[0] for each in asking]
    results = await household.result_of(household.jobs.async_wait(jobs))
    assert [result.media_id for result in results] == [first.id, second.id]
    assert household.cloud.stats.count("media_create") == 2


@pytest.mark.parametrize("cloud_options", [slow(120)])
async def test_a_clip_that_another_job_is_to_find_is_left_to_it(
    household: Household, camera: Camera
) -> None:
    """Only one of two was heard, and it is the other one that looks first."""
    heard = await ask_unheard(household, camera, clip(ago=606, name="Motion"))
    (medium,) = made(household, camera)
    medium.start -= 2
    medium.end += 2
    household.cloud.faults.add("media_create", "drop")
    unheard = asyncio.ensure_future(
        household.jobs.async_request(camera.id, clip(ago=600, name="Motion"))
    )
    jobs = [(await household.result_of(each))[0] for each in (heard, unheard)]
    results = await household.result_of(household.jobs.async_wait(jobs))
    assert results[0].media_id == medium.id
    assert results[1].media_id not in (None, medium.id)
    assert len(made(household, camera)) == 2


@pytest.mark.parametrize(
    "other",
    [
        {"ago": 640, "name": "Motion"},
        {"ago": 600, "name": "Delivery"},
        {"ago": 560, "name": "Motion"},
    ],
)
async def test_a_clip_of_another_range_or_name_is_not_taken_for_it(
    household: Household, camera: Camera, other: dict[str, Any]
) -> None:
    """Also after a restart, when nobody knows any more whose it was."""
    await outcome(household, await ask(household, camera, clip(**other, seconds=60)))
    await household.crash()
    await household.start()
    household.cloud.faults.add("media_create", "drop")
    jobs = await ask(household, camera, clip(ago=600, seconds=60, name="Motion"))
    result = await outcome(household, jobs)
    assert result.kind is MediaKind.CLIP_READY
    assert len(made(household, camera)) == 2
