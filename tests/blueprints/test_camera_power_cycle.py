"""A camera that is offline gets its power cycled, so many times a day and no more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from homeassistant.core import CoreState, HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from tests.cloud import FOREVER, CloudOptions, SimulatedCloud
from tests.cloud.world import Camera, Port
from tests.entities import entity_id
from tests.estate import Estate
from tests.media.passage import Passage

from .conftest import Automate
from .homes import is_running, phone

COUNT = "input_text.power_cycles"

type Make = Callable[..., Awaitable[str]]


@pytest.fixture
def cloud_options() -> CloudOptions:
    """Return a cloud whose ports move at once."""
    return CloudOptions(start_seconds=0, port_seconds=0)


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let confirmations come within moments."""
    commands = "custom_components.amnimo.port_commands"
    monkeypatch.setattr(f"{commands}._FIRST_CHECK", 0.01)
    monkeypatch.setattr(f"{commands}._CHECK_INTERVAL", 0.01)


@pytest.fixture
def camera(estate: Estate) -> Camera:
    """Return a camera that hangs on a PoE port."""
    return next(
        each
        for each in estate.cameras.values()
        if each.online
        and each.port is not None
        and each.device in estate.devices.values()
    )


@pytest.fixture
def port(camera: Camera) -> Port:
    """Return the port."""
    assert camera.port is not None
    return camera.port


@pytest.fixture
def switch(hass: HomeAssistant, passage: Passage, camera: Camera, port: Port) -> str:
    """Return the switch of the port."""
    assert camera.device is not None
    return entity_id(hass, "switch", f"{camera.device.id}_{port.id}")


@pytest.fixture
def connectivity(hass: HomeAssistant, passage: Passage, camera: Camera) -> str:
    """Return the entity that says whether the camera is online."""
    return entity_id(hass, "binary_sensor", f"{camera.id}_connectivity")


@pytest.fixture
async def morning(hass: HomeAssistant, passage: Passage) -> None:
    """Live where it is eight or nine in the morning, so that no day ends soon."""
    east = (20 - dt_util.utcnow().hour) % 24 - 12
    await hass.config.async_set_time_zone(f"Etc/GMT{-east:+d}" if east else "Etc/GMT")


@pytest.fixture
async def watch(
    hass: HomeAssistant,
    automate: Automate,
    passage: Passage,
    morning: None,
    connectivity: str,
    switch: str,
) -> Make:
    """Return what makes the automation, with its helper."""
    helper = {"power_cycles": {"max": 32}}
    assert await async_setup_component(hass, "input_text", {"input_text": helper})

    async def make(language: str = "", **inputs: Any) -> str:
        return await automate(
            f"camera_power_cycle{language}",
            connectivity=connectivity,
            port=switch,
            notification=phone("outcome", "tries", "used"),
            **({"minutes": 2, "off_seconds": 5, "count": COUNT} | inputs),
        )

    return make


class Day:
    """The day of a camera, in the home and in the cloud."""

    def __init__(
        self,
        hass: HomeAssistant,
        passage: Passage,
        cloud: SimulatedCloud,
        notified: list[ServiceCall],
    ) -> None:
        """Begin the day."""
        self._hass = hass
        self._passage = passage
        self._cloud = cloud
        self._notified = notified

    async def goes_on(self, step: float = 30, **length: float) -> None:
        """Let time pass."""
        for _ in range(round(timedelta(**length) / timedelta(seconds=step))):
            self._cloud.clock.advance(step)
            await self._passage.step(step)

    async def until[T](self, done: Callable[[], T]) -> T:
        """Let time pass until something is so."""
        for _ in range(60):
            if value := done():
                return value
            await self.goes_on(step=60, minutes=1)
        pytest.fail("it never came to that")

    async def next_notification(self) -> dict[str, Any]:
        """Let time pass until the next notification, and return it."""
        before = len(self._notified)
        await self.until(lambda: len(self._notified) > before)
        return dict(self._notified[-1].data)

    async def ends(self) -> None:
        """Let the next day come."""
        now = dt_util.now()
        midnight = dt_util.start_of_local_day(now + timedelta(days=1))
        left = (midnight - now).total_seconds()
        self._cloud.clock.advance(left)
        await self._passage.step(left)

    def power_cycles(self) -> int:
        """Return how often the cloud was told to cycle a port's power."""
        return self._cloud.stats.count("port", 200)


@pytest.fixture
def day(
    hass: HomeAssistant,
    watch: Make,
    passage: Passage,
    cloud: SimulatedCloud,
    notified: list[ServiceCall],
) -> Day:
    """Return the day that has begun."""
    return Day(hass, passage, cloud, notified)


@pytest.mark.parametrize(
    ("language", "title", "text"),
    [("", "is back", "came back after"), ("_ja", "復帰しました", "入れ直して復帰")],
)
async def test_a_camera_that_comes_back_is_told_of(
    watch: Make, day: Day, camera: Camera, language: str, title: str, text: str
) -> None:
    await watch(language)
    camera.online = False
    await day.until(day.power_cycles)
    camera.online = True
    told = await day.next_notification()
    assert camera.name in told["title"]
    assert title in told["title"]
    assert text in told["message"]
    assert told["data"] == {"outcome": "back", "tries": 1, "used": 1}
    assert day.power_cycles() == 1


@pytest.mark.parametrize(
    ("language", "text"), [("", "without success"), ("_ja", "復帰しません")]
)
async def test_it_is_tried_so_many_times_a_day_and_again_on_the_next(
    hass: HomeAssistant,
    watch: Make,
    day: Day,
    camera: Camera,
    language: str,
    text: str,
) -> None:
    await watch(language, most=2)
    camera.online = False
    told = await day.next_notification()
    assert text in told["message"]
    assert told["data"] == {"outcome": "still_offline", "tries": 2, "used": 2}
    assert day.power_cycles() == 2
    camera.online = True
    await day.goes_on(minutes=3)
    camera.online = False
    told = await day.next_notification()
    assert told["data"] == {"outcome": "limit", "tries": 0, "used": 2}
    assert day.power_cycles() == 2
    await day.ends()
    await day.next_notification()
    assert day.power_cycles() == 4
    state = hass.states.get(COUNT)
    assert state is not None
    assert state.state == f"{dt_util.now().date()} 2"


async def test_a_restart_does_not_forget_what_was_tried(
    hass: HomeAssistant, watch: Make, day: Day, camera: Camera
) -> None:
    """The helper's state is all that is kept, as Home Assistant restores it."""
    text = f"{dt_util.now().date()} 3"
    await hass.services.async_call(
        "input_text", "set_value", {"entity_id": COUNT, "value": text}, blocking=True
    )
    await watch(most=3)
    camera.online = False
    told = await day.next_notification()
    assert told["data"]["outcome"] == "limit"
    assert day.power_cycles() == 0


@pytest.fixture
def restarted(
    hass: HomeAssistant,
    watch: Make,
    day: Day,
    camera: Camera,
    cloud: SimulatedCloud,
    connectivity: str,
) -> Make:
    """Return what starts Home Assistant while the camera is offline, with the automation."""

    async def start(*, outage: bool = False, **inputs: Any) -> str:
        camera.online = False
        if outage:
            cloud.faults.add("cameras", "drop", count=FOREVER)
        found = "unavailable" if outage else "off"
        await day.until(lambda: hass.states.is_state(connectivity, found))
        hass.set_state(CoreState.not_running)
        automation = await watch(**inputs)
        await hass.async_start()
        return automation

    return start


async def test_a_camera_that_was_offline_before_a_restart_is_seen_to(
    hass: HomeAssistant, restarted: Make, day: Day
) -> None:
    automation = await restarted(minutes=10, most=1)
    await day.goes_on(minutes=9)
    assert is_running(hass, automation)
    assert day.power_cycles() == 0
    await day.goes_on(minutes=2)
    assert day.power_cycles() == 1
    told = await day.next_notification()
    assert told["data"] == {"outcome": "still_offline", "tries": 1, "used": 1}


async def test_a_camera_that_is_back_soon_after_a_restart_is_left_alone(
    hass: HomeAssistant,
    restarted: Make,
    day: Day,
    camera: Camera,
    notified: list[ServiceCall],
) -> None:
    automation = await restarted(minutes=10)
    await day.goes_on(minutes=5)
    camera.online = True
    await day.goes_on(minutes=10)
    assert not is_running(hass, automation)
    assert day.power_cycles() == 0
    assert notified == []


@pytest.mark.parametrize("outage_at_start", [True, False])
async def test_an_outage_around_a_restart_lets_the_wait_begin_anew(
    hass: HomeAssistant,
    restarted: Make,
    day: Day,
    cloud: SimulatedCloud,
    connectivity: str,
    outage_at_start: bool,
) -> None:
    """Nobody knows then for how long the camera has been offline."""
    await restarted(outage=outage_at_start, minutes=20, most=1)
    if not outage_at_start:
        cloud.faults.add("cameras", "drop", count=FOREVER)
        await day.until(lambda: hass.states.is_state(connectivity, "unavailable"))
    cloud.faults.clear()
    await day.until(lambda: hass.states.is_state(connectivity, "off"))
    await day.goes_on(minutes=18)
    assert day.power_cycles() == 0
    await day.goes_on(minutes=3)
    assert day.power_cycles() == 1


@pytest.mark.parametrize(
    ("language", "title", "text"),
    [
        ("", "was offline", "does not tell now"),
        ("_ja", "がオフラインでした", "今は確認できません"),
    ],
)
async def test_whether_it_is_back_is_not_claimed_where_nobody_knows(
    hass: HomeAssistant,
    watch: Make,
    day: Day,
    camera: Camera,
    cloud: SimulatedCloud,
    connectivity: str,
    language: str,
    title: str,
    text: str,
) -> None:
    await watch(language, minutes=10)
    camera.online = False
    await day.until(day.power_cycles)
    cloud.faults.add("cameras", "drop", count=FOREVER)
    told = await day.next_notification()
    assert hass.states.is_state(connectivity, "unavailable")
    assert told["title"].endswith(title)
    assert text in told["message"]
    assert told["data"] == {"outcome": "unknown", "tries": 1, "used": 1}
    assert day.power_cycles() == 1


async def test_a_short_interruption_is_left_alone(
    watch: Make, day: Day, camera: Camera, notified: list[ServiceCall]
) -> None:
    await watch(minutes=10)
    camera.online = False
    await day.goes_on(minutes=5)
    camera.online = True
    await day.goes_on(minutes=15)
    assert day.power_cycles() == 0
    assert notified == []


@pytest.mark.parametrize(
    ("language", "text"), [("", "is switched off"), ("_ja", "オフになっています")]
)
async def test_a_port_that_somebody_switched_off_stays_off(
    hass: HomeAssistant,
    watch: Make,
    day: Day,
    passage: Passage,
    port: Port,
    switch: str,
    language: str,
    text: str,
) -> None:
    await watch(language)
    await passage.result_of(
        hass.services.async_call(
            "switch", "turn_off", {"entity_id": switch}, blocking=True
        )
    )
    told = await day.next_notification()
    assert told["data"]["outcome"] == "port_off"
    assert text in told["message"]
    assert not port.on
    assert day.power_cycles() == 1


async def test_without_its_helper_nothing_is_switched(
    hass: HomeAssistant, watch: Make, day: Day, camera: Camera
) -> None:
    await watch(count="input_text.gone")
    camera.online = False
    told = await day.next_notification()
    assert told["data"]["outcome"] == "uncounted"
    assert day.power_cycles() == 0


async def test_a_device_that_does_not_answer_is_told_of(
    watch: Make, day: Day, camera: Camera
) -> None:
    await watch()
    assert camera.device is not None
    camera.device.failing = True
    camera.online = False
    told = await day.next_notification()
    assert told["data"]["outcome"] == "port_unavailable"
    assert day.power_cycles() == 0
