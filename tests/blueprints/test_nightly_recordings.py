"""The nightly check: which cameras have gaps, which can't be checked, which did not answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from homeassistant.components.persistent_notification import (
    _async_get_or_create_notifications,
)
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.util import dt as dt_util
from tests.cloud import SimulatedCloud
from tests.cloud.world import Camera, Storage
from tests.entities import entity_id
from tests.estate import Estate
from tests.media.passage import Passage

from .conftest import Automate
from .homes import phone


@pytest.fixture
def in_cloud(estate: Estate) -> list[Camera]:
    """Return two cameras that record to the cloud without gaps."""
    return [
        each
        for each in estate.cameras.values()
        if each.storage is Storage.CLOUD and each.online
    ][:2]


@pytest.fixture
def at_edge(estate: Estate) -> Camera:
    """Return a camera that records to its edge device."""
    return next(
        each
        for each in estate.cameras.values()
        if each.storage is Storage.EDGE and each.online
    )


def yesterday(hour: int, minute: int = 0) -> float:
    """Return a moment of the day before today."""
    day = dt_util.start_of_local_day() - timedelta(days=1)
    return (day + timedelta(hours=hour, minutes=minute)).timestamp()


async def check(
    hass: HomeAssistant,
    automate: Automate,
    passage: Passage,
    cameras: list[Camera],
    language: str = "",
    **inputs: Any,
) -> None:
    """Make the automation for a moment in the next seconds, and let that come."""
    moment = dt_util.now() + timedelta(seconds=3)
    await automate(
        f"nightly_recordings{language}",
        cameras=[entity_id(hass, "camera", each.id) for each in cameras],
        time=moment.strftime("%H:%M:%S"),
        notification=phone("gaps", "incomplete", "at_edge", "unanswered"),
        **inputs,
    )
    await passage.pass_time(seconds=8)


@pytest.mark.parametrize(
    ("language", "title", "line"),
    [
        ("", "look at them", "{name}: 08:00:00–09:30:00"),
        ("_ja", "確認が必要です", "{name}: 08:00:00–09:30:00"),
    ],
)
async def test_gaps_are_told_camera_by_camera(
    hass: HomeAssistant,
    automate: Automate,
    passage: Passage,
    in_cloud: list[Camera],
    at_edge: Camera,
    notified: list[ServiceCall],
    language: str,
    title: str,
    line: str,
) -> None:
    whole, broken = in_cloud
    at_edge.cloud_copy = False
    broken.add_gap(yesterday(8), yesterday(9, 30))
    await check(
        hass, automate, passage, [whole, broken, at_edge], language, shortest=3600
    )
    (told,) = notified
    assert title in told.data["title"]
    assert line.format(name=broken.name) in told.data["message"]
    assert told.data["data"]["incomplete"] == [entity_id(hass, "camera", broken.id)]
    assert told.data["data"]["at_edge"] == [entity_id(hass, "camera", at_edge.id)]
    assert told.data["data"]["unanswered"] == []
    assert told.data["data"]["gaps"] == 1
    assert whole.name in told.data["message"].splitlines()[-1]


async def test_a_good_night_is_told_of_unless_only_gaps_are_wanted(
    hass: HomeAssistant,
    automate: Automate,
    passage: Passage,
    in_cloud: list[Camera],
    notified: list[ServiceCall],
) -> None:
    await check(hass, automate, passage, in_cloud, shortest=86400)
    (told,) = notified
    assert "no gaps" in told.data["title"]
    assert told.data["message"].startswith("Complete: ")
    await check(hass, automate, passage, in_cloud, shortest=86400, only_gaps=True)
    assert len(notified) == 1


async def test_the_reports_of_two_sites_are_there_beside_each_other(
    hass: HomeAssistant, automate: Automate, passage: Passage, in_cloud: list[Camera]
) -> None:
    for language, camera in zip(("", "_ja"), in_cloud, strict=True):
        site = await automate(
            f"nightly_recordings{language}",
            cameras=[entity_id(hass, "camera", camera.id)],
            shortest=86400,
        )
        await passage.result_of(
            hass.services.async_call(
                "automation", "trigger", {"entity_id": site}, blocking=True
            )
        )
    shown = _async_get_or_create_notifications(hass).values()
    assert len(shown) == 2
    for camera in in_cloud:
        assert any(camera.name in each["message"] for each in shown)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("language", "text"),
    [("", "Could not be asked about"), ("_ja", "問い合わせできませんでした")],
)
async def test_a_camera_that_can_not_be_asked_about_does_not_hide_the_others(
    hass: HomeAssistant,
    automate: Automate,
    passage: Passage,
    in_cloud: list[Camera],
    cloud: SimulatedCloud,
    notified: list[ServiceCall],
    language: str,
    text: str,
) -> None:
    first, second = in_cloud
    cloud.faults.add("history", count=1, kind="status", status=400)
    await check(
        hass, automate, passage, in_cloud, language, shortest=86400, only_gaps=True
    )
    (told,) = notified
    assert text in told.data["message"]
    assert told.data["data"]["unanswered"] == [entity_id(hass, "camera", first.id)]
    assert second.name in told.data["message"].splitlines()[-1]
