"""Downloads of media that are there already: nothing is asked for, nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from custom_components.amnimo.api import AmnimoNotFoundError
from custom_components.amnimo.media.job import MediaKind
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from tests.cloud import SimulatedCloud
from tests.cloud.media import Media
from tests.cloud.world import Camera, Tenant
from tests.estate import Estate

from .household import Household
from .test_jobs import ask, clip as clip_of, outcome


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
    media, tenant = await household.jobs.library.async_locate(clip.id)
    cloud.faults.add("media_file", "truncated")
    cloud.faults.add("media_file", "delay", seconds=3)
    await household.jobs.async_download(media, tenant)
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
    media, tenant = await household.jobs.library.async_locate(clip.id)
    jobs = [await household.jobs.async_download(media, tenant) for _ in range(2)]
    first, second = await household.result_of(household.jobs.async_wait(jobs))
    assert first == second
    assert first.kind is MediaKind.CLIP_READY
    assert files(media_folder) == [first.path]
    assert cloud.stats.count("media_file") == 1


async def test_a_medium_of_which_little_is_told_is_saved_too(
    household: Household, clip: Media, media_folder: Path
) -> None:
    media, tenant = await household.jobs.library.async_locate(clip.id)
    little = replace(
        media, camera_id=None, category=None, name=None, start=None, requested=None
    )
    job = await household.jobs.async_download(little, tenant)
    (result,) = await household.result_of(household.jobs.async_wait([job]))
    assert result.name == clip.id
    assert result.path is not None
    assert result.path.name.endswith("_camera_clip.mp4")
    assert files(media_folder) == [result.path]


async def test_what_is_unloaded_takes_nothing_on(
    household: Household, clip: Media, media_folder: Path
) -> None:
    media, tenant = await household.jobs.library.async_locate(clip.id)
    await household.jobs.async_close()
    with pytest.raises(HomeAssistantError) as raised:
        await asyncio.wait_for(household.jobs.async_download(media, tenant), 5)
    assert raised.value.translation_key == "media_interrupted"
    assert files(media_folder) == []


# --- A tenant that has it no more ---------------------------------------------------------


@pytest.fixture
def elsewhere(household: Household, cloud: SimulatedCloud, camera: Camera) -> Tenant:
    """Return another tenant of the account than the camera's."""
    return next(
        tenant for tenant in Estate(cloud).tenants if tenant is not camera.tenant
    )


async def test_a_medium_that_went_with_its_camera_is_found(
    household: Household,
    cloud: SimulatedCloud,
    camera: Camera,
    clip: Media,
    elsewhere: Tenant,
) -> None:
    library = household.jobs.library
    await library.async_locate(clip.id)
    cloud.world.move_camera(camera, elsewhere)
    clip.tenant = elsewhere
    _, tenant = await library.async_locate(clip.id)
    assert tenant == elsewhere.subscription_id
    asked = cloud.stats.count("media_get")
    await library.async_locate(clip.id)
    assert cloud.stats.count("media_get") == asked + 1


async def test_a_medium_that_stayed_with_its_tenant_is_found(
    household: Household,
    cloud: SimulatedCloud,
    camera: Camera,
    clip: Media,
    elsewhere: Tenant,
) -> None:
    _, before = await household.jobs.library.async_locate(clip.id)
    cloud.world.move_camera(camera, elsewhere)
    asked = cloud.stats.count("media_get")
    _, after = await household.jobs.library.async_locate(clip.id)
    assert after == before
    assert cloud.stats.count("media_get") == asked + 1


async def test_nobody_else_is_asked_for_a_medium_of_a_camera_that_did_not_move(
    household: Household, cloud: SimulatedCloud, clip: Media
) -> None:
    await household.jobs.library.async_locate(clip.id)
    cloud.media.delete(clip)
    asked = cloud.stats.count("media_get")
    with pytest.raises(AmnimoNotFoundError):
        await household.jobs.library.async_locate(clip.id)
    assert cloud.stats.count("media_get") == asked + 1


async def test_a_medium_of_which_only_the_tenant_was_known_is_found_anywhere(
    household: Household, clip: Media, elsewhere: Tenant
) -> None:
    library = household.jobs.library
    library.remember(clip.id, elsewhere.subscription_id)
    media, tenant = await library.async_locate(clip.id)
    assert media.id == clip.id
    assert tenant == clip.tenant.subscription_id


# --- The same again ------------------------------------------------------------------------


async def download(household: Household, clip: Media) -> Path:
    """Download a medium and return where it is."""
    media, tenant = await household.jobs.library.async_locate(clip.id)
    job = await household.jobs.async_download(media, tenant)
    (result,) = await household.result_of(household.jobs.async_wait([job]))
    assert result.path is not None
    return result.path


async def test_what_was_downloaded_is_not_downloaded_again(
    household: Household, cloud: SimulatedCloud, clip: Media, media_folder: Path
) -> None:
    """Nor after a restart, nor where somebody had it made and saved in one go."""
    path = await download(household, clip)
    assert await download(household, clip) == path
    await household.jobs.async_close()
    await household.start()
    assert await download(household, clip) == path
    assert files(media_folder) == [path]
    assert cloud.stats.count("media_file") == 1
    assert household.results == []


async def test_what_was_made_and_saved_is_not_downloaded_again(
    household: Household, cloud: SimulatedCloud, camera: Camera, media_folder: Path
) -> None:
    jobs = await ask(household, camera, clip_of(download=True))
    made = await outcome(household, jobs)
    assert made.media_id is not None
    medium = cloud.media.find(made.media_id)
    assert medium is not None
    assert await download(household, medium) == made.path
    assert files(media_folder) == [made.path]
    assert cloud.stats.count("media_file") == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(b"\0" * path.stat().st_size),
        lambda path: path.rename(path.parent.parent / path.name),
    ],
    ids=["deleted", "shorter", "damaged", "moved"],
)
async def test_a_file_that_is_no_more_is_downloaded_again(
    household: Household,
    cloud: SimulatedCloud,
    clip: Media,
    change: Callable[[Path], object],
) -> None:
    path = await download(household, clip)
    whole = path.read_bytes()
    change(path)
    again = await download(household, clip)
    assert again.read_bytes() == whole
    assert cloud.stats.count("media_file") == 2


async def test_a_file_in_a_folder_that_serves_no_more_is_left_alone(
    hass: HomeAssistant, household: Household, clip: Media, media_folder: Path
) -> None:
    path = await download(household, clip)
    elsewhere = media_folder / "elsewhere"
    hass.config.media_dirs = {"local": str(elsewhere)}
    again = await download(household, clip)
    assert again.is_relative_to(elsewhere)
    assert again.name == path.name
    assert path.exists()


async def test_a_list_of_files_that_can_not_be_read_does_no_harm(
    household: Household, clip: Media, hass_storage: dict[str, Any]
) -> None:
    await household.jobs.async_close()
    hass_storage[f"amnimo.media_files.{household.entry.entry_id}"] = {
        "version": 1,
        "data": {"files": [["1", "/x", 5], ["2"], None]},
    }
    await household.start()
    assert (await download(household, clip)).exists()
