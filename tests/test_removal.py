"""An account that is removed leaves nothing: no file, no entry in a registry, no stream, no memory.

Clips that were saved are the user's, and stay.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
import gc
from pathlib import Path
from typing import Any
import weakref

import aiohttp
from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.components.camera import async_get_stream_source
from homeassistant.components.persistent_notification import (
    DOMAIN as NOTIFICATION_DOMAIN,
    UpdateType,
    async_register_callback,
)
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.helpers.storage import Store

from .cloud import CloudOptions, MediaPace, SimulatedCloud
from .cloud.templates import Of
from .cloud.world import Camera, Storage
from .entities import entity_id
from .estate import Estate
from .media.passage import Passage
from .passing_time import poll
from .watching import until

_REAL_STORE = {
    name: getattr(Store, name)
    for name in ("_async_load", "_async_write_data", "async_remove")
}
"""What the test plugin replaces later."""

type SetUp = Callable[[], Awaitable[MockConfigEntry]]


@pytest.fixture
def cloud_options() -> CloudOptions:
    """Return a small cloud that takes its time to make a clip."""
    return CloudOptions(
        tenants=2, cameras=6, devices=2, start_seconds=0, cloud_media=MediaPace(3600, 0)
    )


@pytest.fixture
def config_folder(
    hass: HomeAssistant, hass_storage: dict[str, Any], tmp_path: Path
) -> Iterator[Path]:
    """Return the configuration folder of Home Assistant, with files that are real."""
    hass.config.config_dir = str(tmp_path / "config")
    hass.config.media_dirs = {"local": str(tmp_path / "media")}
    (tmp_path / "media").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        for name, method in _REAL_STORE.items():
            patch.setattr(Store, name, method)
        yield tmp_path / "config"


@pytest.fixture
def camera(estate: Estate) -> Camera:
    """Return a camera whose recordings are in the cloud."""
    return next(
        each
        for each in estate.cameras.values()
        if each.storage is Storage.CLOUD and each.online
    )


@pytest.fixture
async def other(
    hass: HomeAssistant, loaded: MockConfigEntry, second_entry: MockConfigEntry
) -> MockConfigEntry:
    """Return another account with the same client ID, which is loaded and stays."""
    second_entry.add_to_hass(hass)
    await hass.config_entries.async_setup(second_entry.entry_id)
    await hass.async_block_till_done()
    return second_entry


def stored(config_folder: Path) -> set[str]:
    """Return the names of the files that the integration keeps."""
    return {path.name for path in (config_folder / ".storage").glob("amnimo*")}


async def order(hass: HomeAssistant, camera: Camera) -> None:
    """Have a clip made and downloaded, and don't wait for it."""
    await hass.services.async_call(
        "amnimo",
        "generate_clip",
        {
            "entity_id": entity_id(hass, "camera", camera.id),
            "last": "00:01:00",
            "download": True,
            "wait": False,
        },
        blocking=True,
    )


async def test_no_file_is_left_but_the_clips(
    hass: HomeAssistant, config_folder: Path, set_up: SetUp, camera: Camera
) -> None:
    """The token, the jobs and what was half downloaded are deleted from the disk."""
    entry = await set_up()
    await order(hass, camera)
    assert len(stored(config_folder)) == 2
    folder = config_folder.parent / "media" / "amnimo" / "gate"
    folder.mkdir(parents=True)
    part = folder / f".{entry.entry_id}-01JD.part"
    part.write_bytes(b"half a clip")
    clip = folder / "2026-02-02_15-00-00_gate_clip.mp4"
    clip.write_bytes(b"a clip")

    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert stored(config_folder) == set()
    assert not part.exists()
    assert clip.read_bytes() == b"a clip"


async def test_the_other_account_of_the_client_keeps_its_files(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    config_folder: Path,
    set_up: SetUp,
    second_entry: MockConfigEntry,
    camera: Camera,
) -> None:
    """The token is shared, and stays until the last account is removed."""
    entry = await set_up()
    second_entry.add_to_hass(hass)
    await hass.config_entries.async_setup(second_entry.entry_id)
    await order(hass, camera)
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert [name.split(".")[1] for name in stored(config_folder)] == ["token"]
    await hass.config_entries.async_reload(second_entry.entry_id)
    assert second_entry.state is ConfigEntryState.LOADED
    assert cloud.stats.tokens_issued == 1

    await hass.config_entries.async_remove(second_entry.entry_id)
    await hass.async_block_till_done()
    assert stored(config_folder) == set()


async def test_the_registries_forget_the_account(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    """No device, entity or state of it is there any more."""
    entities, devices = er.async_get(hass), dr.async_get(hass)
    assert er.async_entries_for_config_entry(entities, loaded.entry_id)
    await hass.config_entries.async_remove(loaded.entry_id)
    await hass.async_block_till_done()
    assert not [
        each for each in entities.entities.values() if each.platform == "amnimo"
    ]
    assert not [
        each
        for each in devices.devices
        if any(domain == "amnimo" for domain, _ in each.identifiers)
    ]
    assert not [each for each in hass.states.async_all() if each.domain != "zone"]


async def test_its_repair_issues_go_and_those_of_others_stay(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    other: MockConfigEntry,
) -> None:
    """What is about the client ID stays as long as an account uses it."""
    cloud.dialect = replace(cloud.dialect, camera_page={"weather": Of("total")})
    for _ in range(4):
        await poll(hass, cloud)

    def kinds() -> set[str | None]:
        issues = ir.async_get(hass).issues.values()
        return {each.translation_key for each in issues if each.domain == "amnimo"}

    assert kinds() == {"not_understood"}
    await hass.config_entries.async_remove(loaded.entry_id)
    await hass.async_block_till_done()
    assert kinds() == {"not_understood"}
    await hass.config_entries.async_remove(other.entry_id)
    await hass.async_block_till_done()
    assert kinds() == set()


async def test_live_video_ends_and_its_address_with_it(
    hass: HomeAssistant, cloud: SimulatedCloud, loaded: MockConfigEntry, camera: Camera
) -> None:
    """Somebody watches when the account is removed; the camera stops sending."""
    source = await async_get_stream_source(hass, entity_id(hass, "camera", camera.id))
    assert source is not None
    async with aiohttp.ClientSession() as http:
        async with http.get(source) as response:
            assert response.status == 200
        assert len(cloud.sessions.open()) == 1
        await hass.config_entries.async_remove(loaded.entry_id)
        await hass.async_block_till_done()
        await until(lambda: not cloud.sessions.open())
        async with http.get(source) as response:
            assert response.status == 404


async def test_the_notification_of_what_is_on_its_way_goes(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Nobody looks after it any more."""
    shown: set[str] = set()

    def heard(change: UpdateType, notifications: dict[str, Any]) -> None:
        if change is UpdateType.REMOVED:
            shown.difference_update(notifications)
        else:
            shown.update(notifications)

    async_register_callback(hass, heard)
    await order(hass, camera)
    await Passage(hass, freezer).until(lambda: shown)
    await hass.config_entries.async_remove(loaded.entry_id)
    await hass.async_block_till_done()
    assert shown == set()
    assert not hass.states.async_entity_ids(NOTIFICATION_DOMAIN)


async def test_nothing_of_it_stays_in_memory(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """No timer, listener or cache holds on to a part of it: a leak would grow with each reload."""
    await async_get_stream_source(hass, entity_id(hass, "camera", camera.id))
    runtime = loaded.runtime_data
    parts = {
        name: weakref.ref(getattr(runtime, name))
        for name in (
            "hub",
            "cameras",
            "ports",
            "devices",
            "live",
            "media",
            "thumbnails",
        )
    }
    del runtime
    await hass.config_entries.async_remove(loaded.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    gc.collect()
    assert {name for name, part in parts.items() if part() is not None} == set()
