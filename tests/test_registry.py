"""Cameras and devices that leave the account and come back, as Home Assistant keeps them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
import gc

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.amnimo.sensor import AmnimoPortSensor
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component

from .cloud import SimulatedCloud
from .cloud.world import PortKind
from .entities import state
from .estate import Estate
from .logged import tracebacks
from .passing_time import poll


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
