"""When the cloud is asked, and how soon it is asked again after it was away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.amnimo.api import AmnimoResponseError, Camera, Lane
from custom_components.amnimo.coordinator.sweep import Sweep
from homeassistant.core import HomeAssistant

from .cloud import CloudOptions, SimulatedCloud
from .estate import Estate
from .passing_time import poll

PORTS = "custom_components.amnimo.coordinator.ports"
SWEEP = "custom_components.amnimo.coordinator.sweep"
SELECTIVE = "custom_components.amnimo.coordinator.selective"
SOON = 11
"""Seconds after which a try follows a failure that was the first."""

type SetUp = Callable[[], Awaitable[MockConfigEntry]]


def unavailable(hass: HomeAssistant, domain: str) -> set[str]:
    """Return the entities of a domain that are unavailable."""
    return {
        state.entity_id
        for state in hass.states.async_all(domain)
        if state.state == "unavailable"
    }


@pytest.mark.usefixtures("loaded", "impatient")
async def test_what_was_away_for_a_moment_is_back_within_moments(
    hass: HomeAssistant, cloud: SimulatedCloud
) -> None:
    """After a failed poll the next one comes soon, and not after a whole interval."""
    cloud.faults.add("*", "drop", count=-1)
    await poll(hass, cloud)
    assert unavailable(hass, "camera")
    assert unavailable(hass, "switch")
    cloud.faults.clear()
    await poll(hass, cloud, SOON)
    assert not unavailable(hass, "camera")
    assert not unavailable(hass, "switch")


@pytest.mark.usefixtures("loaded")
async def test_what_is_well_is_left_alone_for_the_interval(
    hass: HomeAssistant, cloud: SimulatedCloud
) -> None:
    """Soon is for failures only."""
    await poll(hass, cloud)
    asked = cloud.stats.count("cameras"), cloud.stats.count("peripherals")
    await poll(hass, cloud, SOON)
    assert (cloud.stats.count("cameras"), cloud.stats.count("peripherals")) == asked


@pytest.mark.usefixtures("loaded", "impatient")
async def test_what_has_been_away_for_long_is_asked_for_at_the_interval(
    hass: HomeAssistant, cloud: SimulatedCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The longer it lasts, the rarer the tries, up to the interval."""
    cloud.faults.add("*", "drop", count=-1)
    await poll(hass, cloud)
    monkeypatch.setattr(f"{SELECTIVE}._PAUSE_SHARE", 1e9)
    asked = cloud.stats.count("cameras")
    await poll(hass, cloud, SOON)
    assert cloud.stats.count("cameras") > asked
    asked = cloud.stats.count("cameras")
    await poll(hass, cloud, SOON)
    assert cloud.stats.count("cameras") == asked
    cloud.faults.clear()
    await poll(hass, cloud)
    assert not unavailable(hass, "camera")


@pytest.mark.usefixtures("loaded", "impatient")
async def test_an_outage_that_goes_on_costs_one_question_a_try(
    hass: HomeAssistant, cloud: SimulatedCloud, estate: Estate
) -> None:
    """Where one tenant's cameras can't be reached, the others' are not asked for as well."""
    asked = [cloud.stats.count("cameras")]
    cloud.faults.add("*", "drop", count=-1)
    for seconds in (61, SOON, SOON):
        await poll(hass, cloud, seconds)
        asked.append(cloud.stats.count("cameras"))
    first, second, third = (after - before for before, after in pairwise(asked))
    assert first == len(estate.tenants) * second
    assert third == second


@pytest.mark.usefixtures("loaded", "impatient")
async def test_a_tenant_that_fails_for_a_while_does_not_hide_the_others(
    hass: HomeAssistant, cloud: SimulatedCloud, estate: Estate
) -> None:
    """After an outage the tenant that is asked for first may still be out of order."""
    cloud.faults.add("*", "drop", count=-1)
    await poll(hass, cloud)
    cloud.faults.clear()
    cloud.faults.add("cameras", "status", status=500, count=3)
    await poll(hass, cloud, SOON)
    failing = estate.root.cameras
    assert failing
    assert len(unavailable(hass, "camera")) == len(failing)


@pytest.mark.usefixtures("impatient")
async def test_a_permission_that_is_missing_is_not_asked_for_in_haste(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    loaded: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is refused for a reason waits for the interval."""
    monkeypatch.setattr(type(cloud.client), "may_see", lambda *_: False)
    await poll(hass, cloud)
    asked = cloud.stats.count("cameras")
    await poll(hass, cloud, SOON)
    assert cloud.stats.count("cameras") == asked


async def test_resources_that_are_refused_cost_no_token_after_a_restart(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    set_up: SetUp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Which they are is learned anew, with one new token at most for all of them."""
    permitted = estate.root
    monkeypatch.setattr(
        type(cloud.client), "may_see", lambda _, tenant: tenant is permitted
    )
    entry = await set_up()
    assert len(estate.tenants) > 2
    before = cloud.stats.tokens_issued
    assert before <= 2
    for _ in range(3):
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()
        await poll(hass, cloud)
    assert cloud.stats.tokens_issued <= before + 1


@pytest.mark.parametrize("cloud_options", [CloudOptions(devices=40, start_seconds=0)])
async def test_a_sweep_begins_an_interval_after_the_one_before_began(
    hass: HomeAssistant, cloud: SimulatedCloud, loaded: MockConfigEntry
) -> None:
    """The time that a sweep takes is not added to the pause until the next."""
    ports = loaded.runtime_data.ports
    assert ports.interval == 60
    cloud.faults.add("peripherals", "delay", seconds=1.5)
    await ports.async_refresh()
    assert ports.update_interval is not None
    assert 50 < ports.update_interval.total_seconds() <= 58.5


@pytest.mark.parametrize("cloud_options", [CloudOptions(devices=9, start_seconds=0)])
async def test_a_large_fleet_is_swept_as_fast_as_polls_may_be(
    hass: HomeAssistant, loaded: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond 240 devices the interval grows by a quarter of a second for each."""
    ports = loaded.runtime_data.ports
    monkeypatch.setattr(f"{PORTS}._SHORTEST_SWEEP_INTERVAL", 1)
    await ports.async_refresh()
    assert ports.interval == len(ports.data) / 4


@pytest.mark.parametrize(
    "cloud_options", [CloudOptions(cameras=0, devices=30, start_seconds=0)]
)
async def test_a_poll_waits_for_a_first_sweep_that_goes_on(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    set_up: SetUp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two sweeps never overlap, and no interval is lost over the first one."""
    monkeypatch.setattr(f"{PORTS}._FIRST_SWEEP_WAIT", 0)
    slow = cloud.faults.add("peripherals", "delay", count=4, seconds=1)
    entry = await set_up()
    ports = entry.runtime_data.ports
    devices = len(ports.data)
    assert devices == 30
    assert slow.count
    await ports.async_refresh()
    assert cloud.stats.count("peripherals") == devices
    assert all(state.ports for state in ports.data.values())


async def test_a_person_does_not_wait_for_a_sweep(
    hass: HomeAssistant, cloud: SimulatedCloud, loaded: MockConfigEntry
) -> None:
    """The requests of a sweep are all of the lane that leaves room for others."""
    throttle = loaded.runtime_data.hub.client.throttle
    before = dict(throttle.granted)
    await poll(hass, cloud)
    assert throttle.granted[Lane.USER] == before[Lane.USER]
    assert throttle.granted[Lane.POLL] > before[Lane.POLL]


async def test_devices_that_fail_do_not_keep_a_sweep_from_the_others(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    loaded: MockConfigEntry,
    impatient: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """That the first few don't answer says nothing of the rest, as long as the service does."""
    for device in list(estate.devices.values())[:3]:
        device.failing = True
    monkeypatch.setattr(f"{SWEEP}._WORKERS", 4)
    read = cloud.stats.count("peripherals", 200)
    await poll(hass, cloud)
    assert cloud.stats.count("peripherals", 200) == read + len(estate.devices) - 3


@pytest.fixture
def broken_tenants(
    loaded: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> set[str]:
    """Return the subscription IDs whose cameras can't be listed, none at first."""
    broken: set[str] = set()
    client = loaded.runtime_data.cameras.client
    listed = client.cameras

    async def list_cameras(subscription_id: str, **options: Any) -> tuple[Camera, ...]:
        cameras = await listed(subscription_id, **options)
        if subscription_id in broken:
            raise AmnimoResponseError("cameras: HTTP status 500", 500)
        return cameras

    monkeypatch.setattr(client, "cameras", list_cameras)
    return broken


def listings(cloud: SimulatedCloud) -> Callable[[], int]:
    """Return what tells how many listings of cameras there were since it was asked last."""
    counted = cloud.stats.count("cameras")

    def since() -> int:
        nonlocal counted
        before, counted = counted, cloud.stats.count("cameras")
        return counted - before

    return since


@pytest.mark.parametrize("entry_options", [{"camera_interval": 3600}])
async def test_a_tenant_that_failed_is_asked_for_again_before_the_others(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    loaded: MockConfigEntry,
    broken_tenants: set[str],
) -> None:
    """After a minute, then after ever more; the others' cameras stay as they are meanwhile."""
    root = estate.root
    new = listings(cloud)
    broken_tenants.add(root.subscription_id)
    await poll(hass, cloud, 3601)
    assert new() == len(estate.tenants)
    assert len(unavailable(hass, "camera")) == len(root.cameras)
    others = [each for each in estate.cameras.values() if each.tenant is not root]
    assert others
    for pause in (60, 120, 240):
        await poll(hass, cloud, pause - 5)
        assert new() == 0
        await poll(hass, cloud, pause + 1)
        assert new() == 1
        assert len(unavailable(hass, "camera")) == len(root.cameras)
    broken_tenants.clear()
    await poll(hass, cloud, 481)
    assert new() == 1
    assert not unavailable(hass, "camera")
    # What is well again is left alone until the interval is over.
    await poll(hass, cloud, 1000)
    assert new() == 0
    await poll(hass, cloud, 3601)
    assert new() == len(estate.tenants)
    assert loaded.runtime_data.cameras.data.cameras.keys() == estate.cameras.keys()


@pytest.mark.parametrize("entry_options", [{"camera_interval": 3600}])
async def test_who_asks_for_an_update_gets_one_of_all_tenants(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    loaded: MockConfigEntry,
    broken_tenants: set[str],
) -> None:
    """Also while one tenant alone is to be asked for again."""
    broken_tenants.add(estate.root.subscription_id)
    await poll(hass, cloud, 3601)
    new = listings(cloud)
    await loaded.runtime_data.cameras.async_refresh()
    assert new() == len(estate.tenants)


@pytest.mark.parametrize("entry_options", [{"camera_interval": 3600}])
async def test_a_tenant_that_is_refused_waits_for_the_interval(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    loaded: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was refused for a reason will be refused in a minute, too."""
    monkeypatch.setattr(
        type(cloud.client), "may_see", lambda _, tenant: tenant is not estate.root
    )
    await poll(hass, cloud, 3601)
    assert unavailable(hass, "camera")
    new = listings(cloud)
    await poll(hass, cloud, 3000)
    assert new() == 0


@pytest.mark.parametrize(
    ("entry_options", "polls"),
    [
        ({"camera_interval": 60}, 18),
        ({"camera_interval": 900}, 4),
        ({"camera_interval": 3600}, 3),
    ],
)
async def test_the_urls_of_pictures_outlive_a_poll_that_fails(
    loaded: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    entry_options: dict[str, int],
    polls: int,
) -> None:
    """A camera that stays as it is has its URL renewed long before that expires."""
    coordinator = loaded.runtime_data.cameras
    interval = entry_options["camera_interval"]
    lives = {"now": coordinator._now()}  # noqa: SLF001
    monkeypatch.setattr(coordinator, "_now", lambda: lives["now"])
    # Those of the set-up go by the clock that was there then.
    coordinator._memos.clear()  # noqa: SLF001
    asked_for: set[int] = set()
    listed = coordinator.client.cameras

    async def list_cameras(subscription_id: str, **options: Any) -> tuple[Camera, ...]:
        asked_for.add(options["expiration"])
        return await listed(subscription_id, **options)

    monkeypatch.setattr(coordinator.client, "cameras", list_cameras)
    read_at: dict[int, float] = {}
    kept: list[Camera] = []
    for _ in range(polls):
        await coordinator.async_refresh()
        cameras = [each.camera for each in coordinator.data.cameras.values()]
        assert cameras
        kept += cameras
        for camera in cameras:
            read_at.setdefault(id(camera), lives["now"])
        # A little less, so that no poll comes just when a URL is due.
        lives["now"] += interval - 1
        oldest = max(lives["now"] - read_at[id(camera)] for camera in cameras)
        assert oldest + interval <= 60 * min(asked_for)


@pytest.mark.parametrize(
    "cloud_options", [CloudOptions(cameras=0, devices=12, start_seconds=0)]
)
async def test_devices_that_fail_cost_a_request_each(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    loaded: MockConfigEntry,
    impatient: None,
) -> None:
    """A few are asked once more when they fail at first, and none in the next sweep."""
    ports = loaded.runtime_data.ports
    await ports.async_refresh()
    devices = list(estate.devices.values())
    for device in devices[4:]:
        device.failing = True
    for more in (3, 0):
        before = cloud.stats.count("peripherals")
        await ports.async_refresh()
        assert cloud.stats.count("peripherals") == before + len(devices) + more
        assert sum(not state.available for state in ports.data.values()) == 8
    # Those that are well are read before those that failed.
    order: list[str] = []
    read = ports.client.ports

    async def note(subscription_id: str, device_id: str, **options: Any) -> Any:
        order.append(device_id)
        return await read(subscription_id, device_id, **options)

    ports.client.ports = note  # type: ignore[method-assign]
    await ports.async_refresh()
    assert set(order[:4]) == {device.id for device in devices[:4]}


@pytest.mark.usefixtures("impatient")
async def test_a_device_that_was_read_since_its_slip_stays_available(
    loaded: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sweep has no time for its second try, and a command read it meanwhile."""
    ports = loaded.runtime_data.ports
    await ports.async_refresh()
    device_id = next(iter(ports.data))

    async def run_out_of_time(_: Sweep) -> set[str]:
        await ports.async_read_device(device_id, Lane.USER)
        return {device_id}

    monkeypatch.setattr(Sweep, "async_run", run_out_of_time)
    await ports.async_refresh()
    assert ports.data[device_id].available


@pytest.mark.usefixtures("impatient")
async def test_a_slip_makes_no_device_unavailable(
    hass: HomeAssistant, cloud: SimulatedCloud, loaded: MockConfigEntry
) -> None:
    """What fails once in a sweep is asked for again before the sweep is over."""
    ports = loaded.runtime_data.ports
    client = ports.client
    read = client.ports
    failed: list[str] = []

    async def fail_once(subscription_id: str, device_id: str, **options: Any) -> Any:
        found = await read(subscription_id, device_id, **options)
        if options["tries"] == 1 and not failed:
            failed.append(device_id)
            raise AmnimoResponseError("peripherals: HTTP status 500", 500)
        return found

    client.ports = fail_once  # type: ignore[method-assign]
    await ports.async_refresh()
    assert failed
    assert all(state.available for state in ports.data.values())
