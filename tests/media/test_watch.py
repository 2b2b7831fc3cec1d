"""Waiting for media that several wait for."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from custom_components.amnimo.media.watch import TenantWatch
from homeassistant.util import dt as dt_util
from tests.cloud.world import Camera

from .household import Household
from .test_jobs import ask, clip, slow


def polls(household: Household) -> int:
    """Return how many requests it took to hear what became of media."""
    stats = household.cloud.stats
    return stats.count("medias") + stats.count("media_get")


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
