"""Files on their way to the media folder: whole or not at all, whatever happens."""

from __future__ import annotations

import asyncio
import errno
import os
from pathlib import Path
import shutil
from typing import Any, BinaryIO, NamedTuple

import pytest

from custom_components.amnimo.api import MediaCategory
from custom_components.amnimo.media import downloads
from custom_components.amnimo.media.downloads import Downloads
from custom_components.amnimo.media.files import LocalFile
from custom_components.amnimo.media.job import MediaFailure, MediaJobError
from custom_components.amnimo.media.transfer import DownloadInterruptedError
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util import dt as dt_util
from tests.cloud import FOREVER, SimulatedCloud
from tests.cloud.media import Media
from tests.cloud.world import Camera

from .household import Household

# Half of it is more than is received unread: nobody sees the end of it too early.
LARGE = 8_000_000


class Fetching:
    """Fetches the file of one medium of the cloud."""

    def __init__(
        self, household: Household, cloud: SimulatedCloud, media: Media
    ) -> None:
        """Take the medium, which is ready."""
        self.household = household
        self.cloud = cloud
        self.media = media
        self.minted = 0
        self.downloads = Downloads(household.hass, "entry")
        self.category = MediaCategory(media.category)

    async def mint(self) -> str:
        """Return a presigned URL."""
        self.minted += 1
        subscription_id = self.media.tenant.subscription_id
        found = await self.household.client.media(subscription_id, self.media.id)
        assert found.url is not None
        return found.url

    async def choose(
        self, camera_name: str = "Front gate", camera_id: str = "camera"
    ) -> Path:
        """Choose a place for the file."""
        start = dt_util.utc_from_timestamp(self.media.start)
        return await self.downloads.async_choose_path(
            camera_id, camera_name, start, self.category, ()
        )

    async def start(self, path: Path | None = None) -> asyncio.Task[LocalFile]:
        """Begin to fetch the file."""
        place = path or await self.choose()
        return asyncio.create_task(
            self.downloads.async_fetch("1", self.mint, place, self.category)
        )

    async def run(self, path: Path | None = None) -> LocalFile:
        """Fetch the file."""
        return await self.household.result_of(await self.start(path))

    async def content(self) -> bytes:
        """Return the bytes as the storage has them."""
        session = async_get_clientsession(self.household.hass)
        async with session.get(await self.mint()) as response:
            return await response.read()


@pytest.fixture
async def clip(household: Household, cloud: SimulatedCloud, camera: Camera) -> Fetching:
    """Return a clip of some megabytes that is ready."""
    now = cloud.clock.now()
    media = cloud.media.create_clip(camera, now - 600, now - 595, "Clip")
    media.size = LARGE
    cloud.clock.advance(60)
    return Fetching(household, cloud, media)


@pytest.fixture
async def snapshot(
    household: Household, cloud: SimulatedCloud, camera: Camera
) -> Fetching:
    """Return a snapshot that is ready."""
    media = cloud.media.create_snapshot(camera, cloud.clock.now() - 600, "Snapshot")
    cloud.clock.advance(60)
    return Fetching(household, cloud, media)


def files(folder: Path) -> list[str]:
    """Return the names of all files below a folder, also of hidden ones but for the notes."""
    names = (path.name for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in names if name != ".camera")


async def test_a_clip_arrives_whole_under_its_name(
    clip: Fetching, media_folder: Path
) -> None:
    file = await clip.run()
    assert file.path.parent == media_folder / "amnimo" / "front-gate"
    assert file.path.name.endswith("_front-gate_clip.mp4")
    assert file.size == LARGE
    assert file.path.read_bytes() == await clip.content()
    assert files(media_folder) == [file.path.name]
    assert clip.cloud.stats.leaked_tokens == 0


async def test_a_snapshot_arrives_whole_under_its_name(
    snapshot: Fetching, media_folder: Path
) -> None:
    file = await snapshot.run()
    assert file.path.name.endswith("_front-gate_snapshot.jpg")
    assert file.path.read_bytes() == await snapshot.content()
    assert files(media_folder) == [file.path.name]


async def test_a_drop_is_resumed_where_it_broke_off(clip: Fetching) -> None:
    clip.cloud.faults.add("media_file", "truncated", count=2)
    file = await clip.run()
    assert clip.cloud.stats.count("media_file", 200) == 1
    assert clip.cloud.stats.count("media_file", 206) == 2
    assert clip.minted == 1
    assert file.path.read_bytes() == await clip.content()


async def test_a_url_that_expires_on_the_way_is_replaced(
    clip: Fetching,
) -> None:
    """The rest comes over a new URL."""
    clip.cloud.faults.add("media_file", "truncated")
    work = await clip.start()
    await clip.household.until(lambda: clip.cloud.stats.count("media_file") == 1)
    clip.cloud.clock.advance(61 * 60)
    file = await clip.household.result_of(work)
    assert clip.cloud.stats.count("media_file", 403) == 1
    assert clip.cloud.stats.count("media_file", 206) == 1
    assert clip.minted == 2
    assert file.path.read_bytes() == await clip.content()


async def test_a_file_that_changed_meanwhile_is_fetched_anew(clip: Fetching) -> None:
    """What was received of the old one is not mixed with the new one."""
    clip.cloud.faults.add("media_file", "truncated")
    work = await clip.start()
    await clip.household.until(lambda: clip.cloud.stats.count("media_file") == 1)
    clip.cloud._backend.studio.discard_file(clip.media.id)  # noqa: SLF001
    clip.media.size = LARGE + 100_000
    file = await clip.household.result_of(work)
    assert clip.cloud.stats.count("media_file", 200) == 2
    assert file.path.read_bytes() == await clip.content()


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 429},
        {"kind": "drop"},
        {"kind": "status", "status": 403},
        {"kind": "html"},
        {"kind": "malformed"},
    ],
)
@pytest.mark.parametrize("which", ["clip", "snapshot"])
async def test_what_goes_wrong_once_does_no_harm(
    clip: Fetching,
    snapshot: Fetching,
    fault: dict[str, Any],
    which: str,
    media_folder: Path,
) -> None:
    fetching = {"clip": clip, "snapshot": snapshot}[which]
    fetching.cloud.faults.add("media_file", **fault)
    file = await fetching.run()
    assert file.path.read_bytes() == await fetching.content()
    assert files(media_folder) == [file.path.name]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"kind": "html"}, MediaFailure.INVALID_FILE),
        ({"kind": "malformed"}, MediaFailure.INVALID_FILE),
        ({"kind": "status", "status": 403}, MediaFailure.DOWNLOAD_FAILED),
        ({"kind": "status", "status": 404}, MediaFailure.DOWNLOAD_FAILED),
    ],
)
async def test_what_stays_wrong_fails_and_leaves_nothing(
    clip: Fetching, fault: dict[str, Any], reason: MediaFailure, media_folder: Path
) -> None:
    clip.cloud.faults.add("media_file", count=FOREVER, **fault)
    with pytest.raises(MediaJobError) as raised:
        await clip.run()
    assert raised.value.reason is reason
    assert files(media_folder) == []


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 503}, {"kind": "drop"}])
async def test_a_storage_that_is_down_is_left_for_later(
    clip: Fetching, fault: dict[str, Any], media_folder: Path
) -> None:
    clip.cloud.faults.add("media_file", count=FOREVER, **fault)
    with pytest.raises(DownloadInterruptedError):
        await clip.run()
    assert clip.cloud.stats.count("media_file") >= 5
    assert files(media_folder) == []


async def test_no_place_is_given_twice(clip: Fetching, media_folder: Path) -> None:
    first = await clip.run()
    second = await clip.run()
    assert second.path.stem == f"{first.path.stem}_2"
    start = dt_util.utc_from_timestamp(clip.media.start)
    chosen = await clip.downloads.async_choose_path(
        "camera",
        "Front gate",
        start,
        MediaCategory.CLIP,
        [first.path.with_stem(f"{first.path.stem}_3")],
    )
    assert chosen.stem == f"{first.path.stem}_4"


async def test_cameras_of_the_same_name_have_folders_of_their_own(
    clip: Fetching, hass: HomeAssistant, media_folder: Path
) -> None:
    """Also those that are written otherwise; each keeps its folder over a restart."""
    gate = await clip.choose("Front gate", "one")
    other = await clip.choose("FRONT  gate", "two")
    assert gate.parent == media_folder / "amnimo" / "front-gate"
    assert other.parent == media_folder / "amnimo" / "front-gate-2"
    assert other.name.endswith("_front-gate-2_clip.mp4")
    clip.downloads = Downloads(hass, "another entry")
    assert await clip.choose("Front gate", "two") == other
    assert await clip.choose("Front gate", "one") == gate
    assert (await clip.choose("Front gate", "three")).parent.name == "front-gate-3"


async def test_a_folder_that_was_there_before_is_used(
    clip: Fetching, media_folder: Path
) -> None:
    """Its note may have been deleted, or a crash may have come before the first word."""
    folder = media_folder / "amnimo" / "front-gate"
    folder.mkdir(parents=True)
    assert (await clip.choose("Front gate", "one")).parent == folder
    (folder / ".camera").write_text("")
    assert (await clip.choose("Front gate", "one")).parent == folder


async def test_a_file_that_came_in_between_is_not_overwritten(clip: Fetching) -> None:
    path = await clip.choose()
    path.write_text("somebody else's")
    file = await clip.run(path)
    assert path.read_text() == "somebody else's"
    assert file.path.stem == f"{path.stem}_2"


async def test_file_systems_without_links_will_do(
    clip: Fetching, media_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    path = await clip.choose()
    path.write_text("somebody else's")
    file = await clip.run(path)
    assert files(media_folder) == sorted([path.name, file.path.name])
    assert file.path.read_bytes() == await clip.content()


async def test_a_full_disk_is_found_out_before_anything_is_fetched(
    clip: Fetching, media_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage(NamedTuple):
        free: int = 1_000_000

    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage())
    with pytest.raises(MediaJobError) as raised:
        await clip.run()
    assert raised.value.reason is MediaFailure.STORAGE_FULL
    assert files(media_folder) == []


async def test_a_disk_that_fills_up_on_the_way_says_so(
    clip: Fetching, media_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_full(part: Path) -> BinaryIO:
        part.touch()
        return Path("/dev/full").open("wb", buffering=0)

    monkeypatch.setattr(downloads, "open_part", open_full)
    with pytest.raises(MediaJobError) as raised:
        await clip.run()
    assert raised.value.reason is MediaFailure.STORAGE_FULL
    assert files(media_folder) == []


async def test_a_disk_that_fails_says_so_although_nothing_can_be_deleted(
    clip: Fetching, media_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it keeps nobody from beginning again."""

    def open_full(part: Path) -> BinaryIO:
        part.touch()
        return Path("/dev/full").open("wb", buffering=0)

    def refuse(path: Path, *, missing_ok: bool = False) -> None:
        raise OSError(errno.EROFS, "read-only")

    monkeypatch.setattr(downloads, "open_part", open_full)
    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(MediaJobError) as raised:
        await clip.run()
    assert raised.value.reason is MediaFailure.STORAGE_FULL
    (part,) = files(media_folder)
    await clip.downloads.async_clean()
    assert files(media_folder) == [part]


async def test_a_folder_that_can_not_be_made_says_so(
    clip: Fetching, media_folder: Path
) -> None:
    (media_folder / "amnimo").write_text("a file in its place")
    with pytest.raises(MediaJobError) as raised:
        await clip.choose()
    assert raised.value.reason is MediaFailure.STORAGE_FAILED


async def test_without_a_local_media_folder_there_is_no_place(
    hass: HomeAssistant, clip: Fetching
) -> None:
    hass.config.media_dirs = {}
    with pytest.raises(MediaJobError) as raised:
        await clip.choose()
    assert raised.value.reason is MediaFailure.STORAGE_FAILED
    await clip.downloads.async_clean()


async def test_the_first_media_folder_serves_where_none_is_called_local(
    hass: HomeAssistant, clip: Fetching, tmp_path: Path
) -> None:
    hass.config.media_dirs = {"nas": str(tmp_path / "nas"), "usb": str(tmp_path)}
    assert (await clip.choose()).is_relative_to(tmp_path / "nas" / "amnimo")


@pytest.mark.parametrize("name", ["../../../etc", "CON", "門" * 300, "🎥", ""])
async def test_nothing_leaves_the_folder_whatever_the_camera_is_called(
    snapshot: Fetching, name: str, media_folder: Path
) -> None:
    file = await snapshot.run(await snapshot.choose(name))
    assert file.path.resolve().parent.parent == media_folder / "amnimo"
    assert file.path.stat().st_size == file.size


async def test_what_is_called_off_leaves_nothing(
    clip: Fetching, media_folder: Path
) -> None:
    clip.cloud.faults.add("media_file", "delay", seconds=50)
    work = await clip.start()
    await clip.household.until(lambda: files(media_folder))
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert files(media_folder) == []
    await clip.household.pass_time(minutes=1, step=10)


async def test_what_a_crash_left_is_cleaned_up_and_nothing_else(
    hass: HomeAssistant, media_folder: Path
) -> None:
    folder = media_folder / "amnimo" / "gate"
    folder.mkdir(parents=True)
    for name in (".mine-1.part", ".mine-2.part", ".other-1.part", "clip.mp4", "a.part"):
        (folder / name).touch()
    await Downloads(hass, "mine").async_clean()
    assert files(media_folder) == [".other-1.part", "a.part", "clip.mp4"]
