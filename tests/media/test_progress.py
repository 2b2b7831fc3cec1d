"""What is on its way is seen while it is, and not longer."""

from __future__ import annotations

import re

import pytest

from homeassistant.components import persistent_notification
from homeassistant.components.persistent_notification import (
    Notification,
    UpdateType,
    async_register_callback,
)
from homeassistant.core import HomeAssistant, callback
from tests.cloud import FOREVER
from tests.cloud.world import Camera

from .household import Household
from .test_jobs import ask, clip, outcome, slow, snapshot


class Board:
    """The notifications that Home Assistant shows, and what became of them."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Look from now on."""
        self.shown: dict[str, Notification] = {}
        self.changes: list[UpdateType] = []
        self.heard: list[dict[str, Notification]] = []
        async_register_callback(hass, self._take)

    @callback
    def _take(self, change: UpdateType, what: dict[str, Notification]) -> None:
        self.changes.append(change)
        self.heard.append(what)
        if change is UpdateType.REMOVED:
            self.shown = {k: v for k, v in self.shown.items() if k not in what}
        else:
            self.shown |= what

    @property
    def lines(self) -> list[str]:
        """The lines of the one notification; none where there is none."""
        assert len(self.shown) <= 1
        return [
            line for each in self.shown.values() for line in each["message"].split("\n")
        ]


@pytest.fixture
def board(hass: HomeAssistant) -> Board:
    """Return what is looked at."""
    return Board(hass)


@pytest.mark.parametrize("cloud_options", [slow(30)])
async def test_what_takes_is_shown_until_it_is_there(
    household: Household, camera: Camera, board: Board
) -> None:
    jobs = await ask(household, camera, clip(name="Delivery"))
    await household.pass_time(seconds=4)
    assert board.lines == []
    await household.pass_time(seconds=6)
    assert board.lines == ["- Being made: 1"]
    (shown,) = board.shown.values()
    assert shown["title"] == "amnimo: footage on its way"
    await outcome(household, jobs)
    assert board.lines == []
    assert board.changes == [UpdateType.ADDED, UpdateType.REMOVED]


async def test_what_is_there_soon_is_not_worth_a_notification(
    household: Household, camera: Camera, board: Board
) -> None:
    await outcome(household, await ask(household, camera, snapshot()))
    await household.pass_time(seconds=20)
    assert board.changes == []


@pytest.mark.parametrize("cloud_options", [slow(30)])
async def test_however_much_is_asked_for_it_is_one_notification(
    household: Household, camera: Camera, board: Board
) -> None:
    for number in range(13):
        await ask(household, camera, clip(ago=900 - number, name=f"Clip {number:02}"))
    await household.pass_time(seconds=10)
    assert board.lines == ["- Being made: 13"]
    await household.until(lambda: len(household.results) == 13)
    assert board.lines == []


async def test_it_tells_nobody_what_is_on_its_way(
    household: Household, camera: Camera, board: Board
) -> None:
    """All users see it, also those who may not see the camera."""
    household.cloud.faults.add("media_file", "status", status=503, count=12)
    await ask(household, camera, clip(name="Delivery", download=True))
    await ask(household, camera, clip(ago=300, download=True))
    await household.until(lambda: board.lines)
    assert board.lines == ["- Being downloaded: 2"]
    told = str(board.heard)
    for secret in ("Delivery", camera.name, camera.id, household.entry.title):
        assert secret not in told


async def test_a_download_says_how_far_it_is(
    household: Household, camera: Camera, board: Board
) -> None:
    household.cloud.faults.add("media_file", "truncated", count=2)
    household.cloud.faults.add("media_file", "status", status=503, count=FOREVER)
    jobs = await ask(household, camera, clip(name="Delivery", download=True))
    await household.until(lambda: any("%" in line for line in board.lines))
    (line,) = board.lines
    assert re.fullmatch(r"- Being downloaded: 1 \([1-9][0-9] %\)", line)
    household.cloud.faults.clear()
    assert (await outcome(household, jobs)).path is not None
    assert board.lines == []


async def test_it_is_said_in_the_language_of_home_assistant(
    hass: HomeAssistant, household: Household, camera: Camera, board: Board
) -> None:
    hass.config.language = "ja"
    await household.crash()
    await household.start()
    household.cloud.faults.add("media_file", "delay", seconds=60)
    await ask(household, camera, clip(name="荷物", download=True))
    await household.pass_time(seconds=15)
    assert board.lines == ["- ダウンロード中: 1件"]


@pytest.mark.parametrize("cloud_options", [slow(60)])
async def test_after_a_restart_it_is_shown_again(
    household: Household, camera: Camera, board: Board
) -> None:
    await ask(household, camera, clip(name="Delivery"))
    await household.pass_time(seconds=10)
    await household.crash()
    assert board.lines == []
    await household.start()
    await household.pass_time(seconds=10)
    assert board.lines == ["- Being made: 1"]
    await household.until(lambda: household.results)
    assert board.lines == []


async def test_an_outage_is_seen(
    household: Household, camera: Camera, board: Board
) -> None:
    household.cloud.faults.add("media_create", "truncated")
    asking = household.jobs.async_request(camera.id, clip(name="Delivery"))
    work = household.hass.async_create_task(asking)
    await household.until(lambda: household.cloud.stats.count("media_create"))
    await household.cloud.stop()
    await household.result_of(work)
    await household.pass_time(seconds=10)
    assert board.lines == ["- Waiting for the amnimo service: 1"]
    await household.cloud.start()


@pytest.mark.parametrize("cloud_options", [slow(60)])
async def test_who_closes_it_is_not_shown_the_same_again(
    hass: HomeAssistant, household: Household, camera: Camera, board: Board
) -> None:
    await ask(household, camera, clip(name="Delivery"))
    await household.pass_time(seconds=10)
    persistent_notification.async_dismiss_all(hass)
    await household.pass_time(seconds=10)
    assert board.lines == []
    await ask(household, camera, snapshot(name="Another"))
    await household.pass_time(seconds=10)
    assert board.lines == ["- Being made: 1"]
