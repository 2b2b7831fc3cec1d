"""Cameras and devices that leave the account and come back, as Home Assistant keeps them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
import gc
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.amnimo import registry as tree
from custom_components.amnimo.api import (
    AmnimoClient,
    AmnimoError,
    AmnimoPermissionError,
    AmnimoResponseError,
)
from custom_components.amnimo.sensor import AmnimoPortSensor
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component

from .cloud import CloudOptions, SimulatedCloud
from .cloud.world import Camera, Device, PortKind, Tenant
from .entities import entity_id, state
from .estate import Estate
from .logged import tracebacks
from .passing_time import poll

PORTS = "custom_components.amnimo.coordinator.ports"
FAILED = AmnimoResponseError("cameras: HTTP status 500", 500)
REFUSED = AmnimoPermissionError("cameras: HTTP status 403")

small = pytest.mark.parametrize(
    "cloud_options", [CloudOptions(tenants=2, cameras=6, devices=2, start_seconds=0)]
)
"""Few requests a poll, so that many polls take no time."""

type SetUp = Callable[[], Awaitable[MockConfigEntry]]


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> dict[str, AmnimoError]:
    """Return what goes wrong with all listings of a tenant, nothing at first."""
    errors: dict[str, AmnimoError] = {}
    for name in ("cameras", "devices"):
        listed = getattr(AmnimoClient, name)

        async def list_all(
            client: AmnimoClient,
            subscription_id: str,
            listed: Callable[..., Awaitable[Any]] = listed,
            **options: Any,
        ) -> Any:
            found = await listed(client, subscription_id, **options)
            if subscription_id in errors:
                raise errors[subscription_id]
            return found

        monkeypatch.setattr(AmnimoClient, name, list_all)
    return errors


@pytest.fixture
def always_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each sweep begin with a listing of the devices."""
    monkeypatch.setattr(f"{PORTS}._DEVICE_LIST_INTERVAL", 0)


@pytest.fixture
def camera(estate: Estate) -> Camera:
    """Return a camera that hangs on its tenant."""
    return next(each for each in estate.cameras.values() if each.device is None)


@pytest.fixture
def device(estate: Estate) -> Device:
    """Return an edge device with ports and cameras."""
    owners = [camera.device for camera in estate.cameras.values()]
    return next(each for each in estate.devices.values() if each in owners)


def move_device(device: Device, tenant: Tenant) -> None:
    """Give an edge device to another tenant, which it keeps its ID in."""
    del device.tenant.devices[device.id]
    device.tenant = tenant
    tenant.devices[device.id] = device


def leave_alone(estate: Estate, device: Device) -> None:
    """Let an edge device have no cameras any more."""
    for camera in estate.cameras.values():
        if camera.device is device:
            camera.device = None


def other_than(tenant: Tenant, estate: Estate) -> Tenant:
    """Return another tenant of the account."""
    return next(each for each in estate.tenants if each is not tenant)


def device_of(
    hass: HomeAssistant, entry: MockConfigEntry, identifier: str
) -> dr.DeviceEntry | None:
    """Return the device that stands for something of the cloud's."""
    registry = dr.async_get(hass)
    return registry.async_get_device_by_identifier(
        ("amnimo", identifier), entry.entry_id
    )


async def test_a_camera_that_a_user_deleted_comes_back_whole(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    loaded: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """When the cloud lists it again, it has its name, its place in the tree and a state."""
    assert await async_setup_component(hass, "config", {})
    camera = next(camera for camera in estate.cameras.values() if camera.device)
    del camera.tenant.cameras[camera.id]
    await poll(hass, cloud)
    device = device_of(hass, loaded, camera.id)
    assert device is not None
    client = await hass_ws_client(hass)
    assert (await client.remove_device(device.id))["success"]
    assert device_of(hass, loaded, camera.id) is None

    camera.tenant.cameras[camera.id] = camera
    await poll(hass, cloud)
    back = device_of(hass, loaded, camera.id)
    edge = device_of(hass, loaded, camera.device.id)
    assert back is not None
    assert edge is not None
    assert back.name == camera.name
    assert back.via_device_id == edge.id
    assert state(hass, "camera", camera.id).state != "unavailable"
    assert state(hass, "image", f"{camera.id}_thumbnail").state != "unavailable"


async def test_a_tenant_that_is_always_refused_does_not_keep_what_others_lost(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    loaded: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A camera that left a tenant leaves here too, whatever another tenant answers."""
    good, *_, refused = [tenant for tenant in estate.tenants if tenant.cameras]
    monkeypatch.setattr(
        type(cloud.client),
        "may_see",
        lambda _, tenant: tenant is not refused and tenant in estate.tenants,
    )
    await poll(hass, cloud)
    gone = next(iter(good.cameras.values()))
    cloud.world.remove_camera(gone)
    for _ in range(3):
        await poll(hass, cloud)
    assert device_of(hass, loaded, gone.id) is None
    assert refused.cameras
    assert all(device_of(hass, loaded, camera) for camera in refused.cameras)


async def test_ports_that_come_back_are_there_again(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    set_up: Callable[[], Awaitable[MockConfigEntry]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A device that was listed no more gets its switches back when it is listed again."""
    monkeypatch.setattr(
        "custom_components.amnimo.coordinator.ports._DEVICE_LIST_INTERVAL", 0
    )
    entry = await set_up()
    registry = er.async_get(hass)
    device = next(iter(estate.devices.values()))
    port = device.ports_of(PortKind.POE)[0]
    unique_id = f"{device.id}_{port.id}"
    for camera in estate.cameras.values():
        if camera.device is device:
            camera.device = camera.port = None
    equipment = list(device.external_devices)
    device.external_devices.clear()
    for _ in range(4):
        await poll(hass, cloud)
    assert registry.async_get_entity_id("switch", "amnimo", unique_id) is None
    assert device_of(hass, entry, device.id) is None

    device.external_devices.extend(equipment)
    for _ in range(2):
        await poll(hass, cloud)
    assert state(hass, "switch", unique_id).state == "on"
    back = device_of(hass, entry, device.id)
    assert back is not None
    assert back.name == device.name


async def test_nothing_can_be_deleted_while_the_account_is_not_loaded(
    hass: HomeAssistant,
    estate: Estate,
    loaded: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nobody knows then what the cloud has, so the answer is no, and not a traceback."""
    assert await async_setup_component(hass, "config", {})
    device = device_of(hass, loaded, next(iter(estate.cameras)))
    assert device is not None
    assert await hass.config_entries.async_unload(loaded.entry_id)
    client = await hass_ws_client(hass)
    answer = await client.remove_device(device.id)
    assert not answer["success"]
    assert answer["error"]["code"] == "home_assistant_error"
    assert not tracebacks(caplog)
    assert device_of(hass, loaded, next(iter(estate.cameras))) is not None


async def test_entities_that_are_disabled_are_kept_by_nobody(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    """A large account has thousands of them, which it knows by their identifiers alone."""
    registry = er.async_get(hass)
    entries = er.async_entries_for_config_entry(registry, loaded.entry_id)
    disabled = {each.unique_id for each in entries if each.disabled}
    assert any(each.endswith("_power") for each in disabled)
    gc.collect()
    kept = [each for each in gc.get_objects() if type(each) is AmnimoPortSensor]
    assert not [each for each in kept if each.unique_id in disabled]


@small
async def test_a_camera_that_moves_to_a_new_tenant_stays_what_it_is(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    loaded: MockConfigEntry,
    camera: Camera,
) -> None:
    """The tenants are asked for once, and it's found before it is taken to be gone."""
    shown = entity_id(hass, "camera", camera.id)
    before = device_of(hass, loaded, camera.id)
    assert before is not None
    dr.async_get(hass).async_update_device(before.id, name_by_user="Mine")
    asked = cloud.stats.count("hierarchy")
    site = cloud.world.add_tenant("New site", estate.root)
    cloud.world.move_camera(camera, site)
    for _ in range(3):
        await poll(hass, cloud)
        assert device_of(hass, loaded, camera.id) is not None
    after, tenant = (
        device_of(hass, loaded, each) for each in (camera.id, site.subscription_id)
    )
    assert after is not None
    assert tenant is not None
    assert (after.id, after.name_by_user) == (before.id, "Mine")
    assert after.via_device_id == tenant.id
    assert entity_id(hass, "camera", camera.id) == shown
    assert hass.states.get(shown).state != "unavailable"
    assert cloud.stats.count("hierarchy") == asked + 1


@small
async def test_a_camera_that_moves_to_a_tenant_that_fails_is_waited_for(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    broken: dict[str, AmnimoError],
    loaded: MockConfigEntry,
    camera: Camera,
) -> None:
    """However long that takes, it costs one question for the tenants."""
    target = other_than(camera.tenant, estate)
    shown = entity_id(hass, "camera", camera.id)
    asked = cloud.stats.count("hierarchy")
    broken[target.subscription_id] = FAILED
    cloud.world.move_camera(camera, target)
    for _ in range(4):
        await poll(hass, cloud)
        assert hass.states.get(shown).state == "unavailable"
    broken.clear()
    await poll(hass, cloud)
    assert hass.states.get(shown).state != "unavailable"
    assert cloud.stats.count("hierarchy") == asked + 1


@small
@pytest.mark.usefixtures("always_listed")
@pytest.mark.parametrize(("is_new", "has_cameras"), [(True, False), (False, True)])
async def test_an_edge_device_that_moves_keeps_its_ports(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    broken: dict[str, AmnimoError],
    set_up: SetUp,
    device: Device,
    is_new: bool,
    has_cameras: bool,
) -> None:
    """Neither a tenant that is new nor one that fails for a while costs what a user has set."""
    if not has_cameras:
        leave_alone(estate, device)
    entry = await set_up()
    before = device_of(hass, entry, device.id)
    switch = entity_id(
        hass, "switch", f"{device.id}_{device.ports_of(PortKind.POE)[0].id}"
    )
    sensor = entity_id(
        hass,
        "binary_sensor",
        f"{device.id}_external_{device.external_devices[0].id}",
    )
    registry = er.async_get(hass)
    for each in (switch, sensor):
        registry.async_update_entity(each, name="Barrier")
    if is_new:
        target = cloud.world.add_tenant("New site", estate.root)
    else:
        target = other_than(device.tenant, estate)
        broken[target.subscription_id] = FAILED
    asked = cloud.stats.count("hierarchy")
    move_device(device, target)
    for _ in range(3):
        await poll(hass, cloud)
        assert registry.async_get(switch) is not None
        assert registry.async_get(sensor) is not None
    broken.clear()
    await poll(hass, cloud)
    after = device_of(hass, entry, device.id)
    assert before is not None
    assert after is not None
    assert after.id == before.id
    for each in (switch, sensor):
        assert hass.states.get(each).state == "on"
        assert hass.states.get(each).name.endswith("Barrier")
    assert cloud.stats.count("hierarchy") == asked + 1


async def test_a_new_tenant_is_asked_for_its_devices_at_once(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    loaded: MockConfigEntry,
    device: Device,
) -> None:
    """It doesn't wait for the interval of the others, which are not asked for its sake."""
    site = cloud.world.add_tenant("New site", estate.root)
    new = cloud.world.add_device(site, "AG10-99", device.model)
    cloud.world.connect(new, "Radio", new.ports_of(PortKind.POE)[0])
    loaded.runtime_data.cameras.ask_hierarchy_again()
    listed = cloud.stats.count("external_devices")
    for _ in range(2):
        await poll(hass, cloud)
    assert state(hass, "switch", f"{new.id}_lan1").state == "on"
    assert cloud.stats.count("external_devices") == listed + 1


@small
async def test_a_tenant_that_begins_to_refuse_is_waited_for_a_day(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    broken: dict[str, AmnimoError],
    loaded: MockConfigEntry,
    camera: Camera,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What moved there may be seen when the permission is granted, and else is gone."""
    shown = entity_id(hass, "camera", camera.id)
    site = cloud.world.add_tenant("New site", estate.root)
    broken[site.subscription_id] = REFUSED
    cloud.world.move_camera(camera, site)
    for _ in range(3):
        await poll(hass, cloud)
        assert hass.states.get(shown).state == "unavailable"
    monkeypatch.setattr(tree, "_WAIT_FOR_PERMISSION", 0)
    await poll(hass, cloud)
    assert device_of(hass, loaded, camera.id) is None
    assert hass.states.get(shown) is None


@small
@pytest.mark.usefixtures("always_listed")
@pytest.mark.parametrize("error", [FAILED, REFUSED])
async def test_what_can_not_be_listed_after_a_restart_is_not_gone(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    broken: dict[str, AmnimoError],
    set_up: SetUp,
    device: Device,
    monkeypatch: pytest.MonkeyPatch,
    error: AmnimoError,
) -> None:
    """The cameras and ports of a tenant stay for as long as it does, whatever it answers."""
    monkeypatch.setattr(tree, "_WAIT_FOR_PERMISSION", 0)
    gone = cloud.world.add_camera(other_than(device.tenant, estate), "Crane")
    entry = await set_up()
    registry = er.async_get(hass)
    before = {
        each.unique_id
        for each in er.async_entries_for_config_entry(registry, entry.entry_id)
    }
    await hass.config_entries.async_unload(entry.entry_id)
    broken[device.tenant.subscription_id] = error
    cloud.world.remove_camera(gone)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    for _ in range(3):
        await poll(hass, cloud)
    after = {
        each.unique_id
        for each in er.async_entries_for_config_entry(registry, entry.entry_id)
    }
    kept = {each for each in before if gone.id not in each}
    # Where a tenant was only out of order, what is missed may be there.
    assert after == (kept if error is REFUSED else before)
    broken.clear()
    for _ in range(2):
        await poll(hass, cloud)
    assert not [each for each in hass.states.async_all() if each.state == "unavailable"]
