"""Downloads of media that are there already: nothing is asked for, nothing is lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from custom_components.amnimo.media.job import MediaKind
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from tests.cloud import SimulatedCloud
from tests.cloud.media import Media
from tests.cloud.world import Camera

from .household import Household


@pytest.fixture
def clip(household: Household, cloud: SimulatedCloud, camera: Camera) -> Media:
    """Return a clip that has been ready for a while."""
    start = dt_util.utcnow().replace(microsecond=0).timestamp() - 7200
    return cloud.media.create_clip(camera, start, start + 7, "Delivery", start + 60)


def files(folder: Path) -> list[Path]:
    """Return the media files in a folder, those under way included."""
    return [each for each in folder.rglob("*.*") if each.suffix]


async def test_a_download_that_a_crash_ended_is_done_all_the_same(
    household: Household, cloud: SimulatedCloud, clip: Media, media_folder: Path
) -> None:
    clip.size = 3_000_000
    media, tenant = await household.jobs.finder.async_locate(clip.id)
    cloud.faults.add("media_file", "truncated")
    cloud.faults.add("media_file", "delay", seconds=3)
    await household.jobs.async_fetch(media, tenant)
    await household.until(lambda: cloud.stats.count("media_file"))
    await household.crash()
    await household.start()
    await household.until(
        lambda: any(each.suffix == ".mp4" for each in files(media_folder))
    )
    (path,) = files(media_folder)
    assert path.stat().st_size == clip.size
    assert cloud.stats.count("media_create") == 0
    assert household.results == []


async def test_two_who_want_a_file_get_the_same(
    household: Household, cloud: SimulatedCloud, clip: Media, media_folder: Path
) -> None:
    media, tenant = await household.jobs.finder.async_locate(clip.id)
    jobs = [await household.jobs.async_fetch(media, tenant) for _ in range(2)]
    first, second = await household.result_of(household.jobs.async_wait(jobs))
    assert first == second
    assert first.kind is MediaKind.CLIP_READY
    assert files(media_folder) == [first.path]
    assert cloud.stats.count("media_file") == 1


async def test_a_medium_of_which_little_is_told_is_saved_too(
    household: Household, clip: Media, media_folder: Path
) -> None:
    media, tenant = await household.jobs.finder.async_locate(clip.id)
    little = replace(
        media, camera_id=None, category=None, name=None, start=None, requested=None
    )
    job = await household.jobs.async_fetch(little, tenant)
    (result,) = await household.result_of(household.jobs.async_wait([job]))
    assert result.name == clip.id
    assert result.path is not None
    assert result.path.name.endswith("_camera_clip.mp4")
    assert files(media_folder) == [result.path]


async def test_what_is_unloaded_takes_nothing_on(
    household: Household, clip: Media, media_folder: Path
) -> None:
    media, tenant = await household.jobs.finder.async_locate(clip.id)
    await household.jobs.async_close()
    with pytest.raises(HomeAssistantError) as raised:
        await asyncio.wait_for(household.jobs.async_fetch(media, tenant), 5)
    assert raised.value.translation_key == "media_interrupted"
    assert files(media_folder) == []
