"""Why a clip or snapshot came to nothing, as far as recordings and the camera tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.amnimo.coordinator import LocatedCamera
from custom_components.amnimo.media.job import MediaFailure
from custom_components.amnimo.media.request import ClipRequest, SnapshotRequest
from tests.cloud.world import Camera, Storage
from tests.estate import Estate

from .household import Household
from .test_jobs import ask, clip, outcome, snapshot

HOURS = 3 * 3600


@pytest.fixture
def untold(household: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no listing tell where cameras record to."""
    locate = household.jobs._locate  # noqa: SLF001 - what listings show is theirs to say

    def little(camera_id: str) -> LocatedCamera | None:
        found = locate(camera_id)
        if found is None:
            return None
        camera = replace(found.camera, storage=None)
        return LocatedCamera(camera, found.subscription_id)

    monkeypatch.setattr(household.jobs, "_locate", little)


@pytest.fixture
def edge_camera(estate: Estate) -> Camera:
    """Return a camera whose recordings are at an edge device."""
    return next(
        camera
        for camera in estate.cameras.values()
        if camera.storage is Storage.EDGE and camera.online and camera.device
    )


@pytest.mark.usefixtures("untold")
@pytest.mark.parametrize("wanted", [clip, snapshot])
async def test_a_camera_with_recordings_in_the_cloud_is_taken_to_record_there(
    household: Household,
    camera: Camera,
    wanted: Callable[..., ClipRequest | SnapshotRequest],
) -> None:
    """It was off for hours, and where it records to is not told."""
    request = wanted(ago=6 * 3600)
    moment = (household.cloud.clock.now() - 6 * 3600) // 1
    camera.add_gap(moment - HOURS, moment + HOURS)
    result = await outcome(household, await ask(household, camera, request))
    assert result.reason is MediaFailure.NO_RECORDING
    ((start, end),) = result.missing
    assert abs(start - result.start) < timedelta(seconds=1)
    assert abs(end - (result.end or result.start)) < timedelta(seconds=1)
    assert household.cloud.stats.count("history") == 2


@pytest.mark.usefixtures("untold")
async def test_a_camera_without_recordings_in_the_cloud_may_have_them_elsewhere(
    household: Household, edge_camera: Camera
) -> None:
    edge_camera.cloud_copy = False
    assert edge_camera.device is not None
    edge_camera.device.failing = True
    result = await outcome(household, await ask(household, edge_camera, clip()))
    assert result.reason is MediaFailure.GENERATION_FAILED
    assert result.missing == ()


async def test_where_it_is_told_nothing_more_is_asked(
    household: Household, camera: Camera
) -> None:
    now = household.cloud.clock.now()
    camera.add_gap(now - 3 * HOURS, now)
    result = await outcome(household, await ask(household, camera, clip(ago=6 * 3600)))
    assert result.reason is MediaFailure.NO_RECORDING
    assert household.cloud.stats.count("history") == 1


async def test_what_is_at_an_edge_device_that_is_offline_can_not_be_had(
    household: Household, edge_camera: Camera
) -> None:
    """That the cloud has a copy of the time around, and none of this, proves nothing."""
    request = clip(ago=3600, seconds=60)
    jobs = await ask(household, edge_camera, request)
    medium = household.cloud.media.find(str(jobs[0].record.media_id))
    assert medium is not None
    medium.recorded = []
    start, end = request.start.timestamp(), request.end.timestamp()
    edge_camera.add_gap(start - 600, end + 600)
    edge_camera.online = False
    result = await outcome(household, jobs)
    assert result.reason is MediaFailure.CAMERA_OFFLINE
    assert result.missing == ()
