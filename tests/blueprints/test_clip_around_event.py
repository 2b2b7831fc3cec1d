"""A clip of the time around an event, sent when it is ready."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

import av
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from homeassistant.components.persistent_notification import (
    _async_get_or_create_notifications,
)
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.util import dt as dt_util
from tests.cloud import FOREVER, SimulatedCloud
from tests.cloud.world import Camera
from tests.entities import entity_id
from tests.media.passage import Passage

from .conftest import Automate
from .homes import clock, is_running, on_event, phone


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("", "The clip from {start} to {end} is ready."),
        ("_ja", "{start}から{end}までのビデオクリップができました。"),
    ],
)
async def test_the_minute_around_an_event_is_sent_when_it_is_ready(
    hass: HomeAssistant,
    automate: Automate,
    passage: Passage,
    camera: Camera,
    cloud: SimulatedCloud,
    notified: list[ServiceCall],
    media_folder: Path,
    hass_client_no_auth: ClientSessionGenerator,
    language: str,
    text: str,
) -> None:
    name = f"clip_around_event{language}"
    await automate(
        name,
        event=on_event(),
        camera=entity_id(hass, "camera", camera.id),
        notification=phone("video", "path"),
    )
    moment = dt_util.utcnow().timestamp()
    hass.bus.async_fire("bell")
    await passage.pass_time(seconds=35)
    assert cloud.stats.count("media_create") == 0
    await passage.until(lambda: notified)
    (told,) = notified
    start, end = int(moment - 30), int(moment + 30)
    assert told.data["message"] == text.format(start=clock(start), end=clock(end))
    assert camera.name in told.data["title"]
    with av.open(told.data["data"]["path"]) as video:
        assert video.duration is not None
        assert abs(video.duration / av.time_base - 60) < 2
    client = await hass_client_no_auth()
    response = await client.get(told.data["data"]["video"])
    assert response.status == HTTPStatus.OK
    assert response.content_type == "video/mp4"


@pytest.mark.parametrize(
    ("language", "text"), [("", "Nothing was recorded."), ("_ja", "録画がありません。")]
)
async def test_what_was_not_recorded_is_told_of_too(
    hass: HomeAssistant,
    automate: Automate,
    passage: Passage,
    camera: Camera,
    cloud: SimulatedCloud,
    notified: list[ServiceCall],
    language: str,
    text: str,
) -> None:
    now = cloud.clock.now()
    camera.add_gap(now - 600, now + 600)
    await automate(
        f"clip_around_event{language}",
        event=on_event(),
        camera=entity_id(hass, "camera", camera.id),
        notification=phone("video"),
    )
    hass.bus.async_fire("bell")
    await passage.until(lambda: notified)
    assert text in notified[0].data["message"]
    assert notified[0].data["data"]["video"] == ""


async def test_a_service_that_is_down_does_not_keep_quiet(
    hass: HomeAssistant,
    automate: Automate,
    passage: Passage,
    camera: Camera,
    cloud: SimulatedCloud,
    notified: list[ServiceCall],
) -> None:
    cloud.faults.add("media_create", count=FOREVER, kind="status", status=403)
    await automate(
        "clip_around_event",
        event=on_event(),
        camera=entity_id(hass, "camera", camera.id),
        notification=phone(),
    )
    hass.bus.async_fire("bell")
    await passage.until(lambda: notified)
    assert "There is no clip" in notified[0].data["message"]


async def test_without_a_phone_it_is_shown_in_home_assistant(
    hass: HomeAssistant, automate: Automate, passage: Passage, camera: Camera
) -> None:
    automation = await automate(
        "clip_around_event",
        event=on_event(),
        camera=entity_id(hass, "camera", camera.id),
        before=3,
        after=3,
        margin=0,
    )
    hass.bus.async_fire("bell")
    await passage.step()
    await passage.until(lambda: not is_running(hass, automation))
    (shown,) = _async_get_or_create_notifications(hass).values()
    assert "](/api/amnimo/media/" in shown["message"]
    assert camera.name in shown["title"]
