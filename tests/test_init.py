"""An account's life: set-up, trouble, reload, restart, removal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .cloud import CloudOptions, SimulatedCloud
from .cloud.dialects import DIALECTS
from .entities import state
from .estate import Estate
from .logged import tracebacks
from .passing_time import poll

type SetUp = Callable[[], Awaitable[MockConfigEntry]]


@pytest.fixture
def cloud_options(request: pytest.FixtureRequest) -> CloudOptions:
    """Return a cloud that speaks the dialect a test asks for."""
    dialect = getattr(request, "param", "default")
    return CloudOptions(dialect=dialect, start_seconds=0)


@pytest.mark.parametrize("cloud_options", sorted(DIALECTS), indirect=True)
async def test_all_of_the_account_is_there_in_every_dialect(
    hass: HomeAssistant, estate: Estate, loaded: MockConfigEntry
) -> None:
    """However the service spells it, each camera and port has its entities."""
    assert loaded.state is ConfigEntryState.LOADED
    registry = er.async_get(hass)
    entries = er.async_entries_for_config_entry(registry, loaded.entry_id)
    unique_ids: dict[str, set[str]] = {}
    for each in entries:
        unique_ids.setdefault(each.domain, set()).add(each.unique_id)
    switched = set(estate.port_ids(inputs=False))
    inputs = set(estate.port_ids(inputs=True))
    assert unique_ids["camera"] == set(estate.cameras)
    assert unique_ids["image"] == {f"{camera}_thumbnail" for camera in estate.cameras}
    assert unique_ids["event"] == {f"{camera}_media" for camera in estate.cameras}
    assert unique_ids["switch"] == switched
    assert unique_ids["button"] == {f"{port}_reset" for port in switched}
    assert inputs <= unique_ids["binary_sensor"]
    assert {f"{camera}_connectivity" for camera in estate.cameras} <= unique_ids[
        "binary_sensor"
    ]
    assert all(hass.states.get(each.entity_id) or each.disabled for each in entries)


@pytest.mark.usefixtures("loaded")
async def test_a_set_up_costs_the_least_requests(
    cloud: SimulatedCloud, estate: Estate
) -> None:
    """One token, one hierarchy, a page of cameras and devices a tenant, and each device."""
    tenants = len(estate.tenants)
    devices = len(estate.devices)
    assert cloud.stats.tokens_issued == 1
    assert cloud.stats.count("hierarchy") == 1
    assert cloud.stats.count("cameras") == tenants
    assert cloud.stats.count("external_devices") == tenants
    assert cloud.stats.count("peripherals") == devices
    assert cloud.stats.total() == 1 + 2 * tenants + devices
    assert cloud.stats.refused == 0
    assert cloud.stats.streams_started == 0


async def test_devices_hang_below_each_other(
    hass: HomeAssistant, cloud: SimulatedCloud, estate: Estate, loaded: MockConfigEntry
) -> None:
    """Account, tenant, edge device, camera: each names what it hangs on."""
    registry = dr.async_get(hass)

    def device(identifier: str) -> dr.DeviceEntry:
        found = registry.async_get_device_by_identifier(
            ("amnimo", identifier), loaded.entry_id
        )
        assert found is not None
        return found

    account = device(cloud.account_id)
    assert account.entry_type is dr.DeviceEntryType.SERVICE
    for camera in estate.cameras.values():
        parent = device(
            camera.device.id if camera.device else camera.tenant.subscription_id
        )
        assert device(camera.id).via_device_id == parent.id
        assert device(camera.id).name == camera.name
    for edge in estate.devices.values():
        tenant = device(edge.tenant.subscription_id)
        assert device(edge.id).via_device_id == tenant.id
        assert device(edge.id).model == edge.model
        assert tenant.via_device_id == account.id


async def test_a_restart_costs_no_token(
    hass: HomeAssistant, cloud: SimulatedCloud, loaded: MockConfigEntry
) -> None:
    """A reload uses the token that is there; a new start finds it on disk."""
    await hass.config_entries.async_reload(loaded.entry_id)
    hass.data.pop("amnimo_hubs")
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done()
    assert loaded.state is ConfigEntryState.LOADED
    assert cloud.stats.tokens_issued == 1


async def test_removal_leaves_no_token_behind(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    hass_storage: dict[str, Any],
) -> None:
    """The last entry of a client ID takes the kept token with it."""
    assert any(key.startswith("amnimo.token.") for key in hass_storage)
    await hass.config_entries.async_remove(loaded.entry_id)
    await hass.async_block_till_done()
    assert not [key for key in hass_storage if key.startswith("amnimo")]
    assert not hass.states.async_entity_ids("camera")


async def test_removal_keeps_the_token_that_another_account_needs(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    second_entry: MockConfigEntry,
    hass_storage: dict[str, Any],
) -> None:
    """Two accounts with one client ID share a token, and the one that stays keeps it."""
    second_entry.add_to_hass(hass)
    await hass.config_entries.async_setup(second_entry.entry_id)
    await hass.config_entries.async_remove(loaded.entry_id)
    await hass.async_block_till_done()
    assert any(key.startswith("amnimo.token.") for key in hass_storage)
    assert second_entry.state is ConfigEntryState.LOADED
    assert cloud.stats.tokens_issued == 1


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop", "count": -1},
        {"kind": "status", "status": 503, "count": -1},
        {"kind": "html", "count": -1},
    ],
)
async def test_a_service_that_is_away_is_tried_again(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    set_up: SetUp,
    fault: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A set-up while the service is away waits for it, without a traceback."""
    cloud.faults.add("*", **fault)
    entry = await set_up()
    assert entry.state is ConfigEntryState.SETUP_RETRY
    cloud.faults.clear()
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert not tracebacks(caplog)


@pytest.mark.usefixtures("impatient")
async def test_an_outage_makes_entities_unavailable_and_is_logged_once(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """While the service is away entities are unavailable; they come back by themselves."""
    cameras = hass.states.async_entity_ids("camera")
    cloud.faults.add("*", "drop", count=-1)
    for _ in range(3):
        await poll(hass, cloud)
    assert {hass.states.get(camera).state for camera in cameras} == {"unavailable"}
    assert caplog.text.count("Error fetching camera data") == 1
    cloud.faults.clear()
    await poll(hass, cloud)
    assert "unavailable" not in {hass.states.get(camera).state for camera in cameras}
    assert not tracebacks(caplog)


@pytest.mark.usefixtures("impatient")
async def test_a_tenant_that_fails_leaves_the_others_alone(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    set_up: SetUp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only the cameras of the tenant whose listing fails become unavailable, none is lost."""
    entry = await set_up()
    entities = {
        each.unique_id: each.entity_id
        for each in er.async_entries_for_config_entry(
            er.async_get(hass), entry.entry_id
        )
        if each.domain == "camera"
    }
    tenant = next(tenant for tenant in estate.tenants if tenant.cameras)
    monkeypatch.setattr(
        type(cloud.client),
        "may_see",
        lambda _, other: other is not tenant and other in estate.tenants,
    )
    for _ in range(4):
        await poll(hass, cloud)
    states = {
        camera: hass.states.get(entity).state for camera, entity in entities.items()
    }
    assert {states[camera] for camera in tenant.cameras} == {"unavailable"}
    others = estate.cameras.keys() - tenant.cameras.keys()
    assert others
    assert "unavailable" not in {states[camera] for camera in others}


async def test_new_cameras_appear_and_gone_ones_leave(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
) -> None:
    """A camera shows up at the next poll, and leaves after two polls without it."""
    registry = er.async_get(hass)
    tenant = cloud.client.accounts[0]
    camera = cloud.world.add_camera(tenant, "屋上")
    await poll(hass, cloud)
    entity_id = registry.async_get_entity_id("camera", "amnimo", camera.id)
    assert entity_id is not None
    assert hass.states.get(entity_id).name == "屋上"

    cloud.world.remove_camera(camera)
    await poll(hass, cloud)
    assert hass.states.get(entity_id).state == "unavailable"
    await poll(hass, cloud)
    assert hass.states.get(entity_id) is None
    assert registry.async_get_entity_id("camera", "amnimo", camera.id) is None

    tenant.cameras[camera.id] = cloud.world.cameras[camera.id] = camera
    await poll(hass, cloud)
    entity_id = registry.async_get_entity_id("camera", "amnimo", camera.id)
    assert hass.states.get(entity_id).state != "unavailable"


async def test_a_camera_keeps_its_entities_in_another_tenant(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    loaded: MockConfigEntry,
) -> None:
    """Moving a camera between tenants changes what it hangs on, and nothing else."""
    registry = er.async_get(hass)
    camera = next(camera for camera in estate.cameras.values() if camera.device is None)
    before = registry.async_get_entity_id("camera", "amnimo", camera.id)
    target = next(tenant for tenant in estate.tenants if tenant is not camera.tenant)
    cloud.world.move_camera(camera, target)
    for _ in range(3):
        await poll(hass, cloud)
    assert registry.async_get_entity_id("camera", "amnimo", camera.id) == before
    assert hass.states.get(before).state != "unavailable"


async def test_a_camera_with_nothing_but_an_id_is_a_camera(
    hass: HomeAssistant, cloud: SimulatedCloud, set_up: SetUp
) -> None:
    """Without a name it goes by its identifier, without states they are unknown."""
    camera = cloud.world.add_bare_camera(cloud.client.accounts[0])
    await set_up()
    assert state(hass, "camera", camera.id).state == "idle"
    assert state(hass, "camera", camera.id).name == camera.id
    assert state(hass, "image", f"{camera.id}_thumbnail").state == "unknown"
    assert state(hass, "binary_sensor", f"{camera.id}_connectivity").state == "unknown"
    assert state(hass, "binary_sensor", f"{camera.id}_recording").state == "unknown"


async def test_an_account_with_nothing_in_it_is_set_up(
    hass: HomeAssistant, cloud: SimulatedCloud, set_up: SetUp
) -> None:
    """Empty lists are an answer too."""
    for camera in list(cloud.world.cameras.values()):
        cloud.world.remove_camera(camera)
    for device in list(cloud.world.devices.values()):
        cloud.world.remove_device(device)
    entry = await set_up()
    assert entry.state is ConfigEntryState.LOADED
    assert not hass.states.async_entity_ids("camera")


async def test_devices_of_the_cloud_can_not_be_deleted_others_can(
    hass: HomeAssistant,
    estate: Estate,
    loaded: MockConfigEntry,
    hass_ws_client: Any,
) -> None:
    """What the cloud still has would come back; a leftover may go."""
    from homeassistant.setup import async_setup_component  # noqa: PLC0415

    assert await async_setup_component(hass, "config", {})
    registry = dr.async_get(hass)
    camera_id = next(iter(estate.cameras))
    listed = registry.async_get_device_by_identifier(
        ("amnimo", camera_id), loaded.entry_id
    )
    leftover = registry.async_get_or_create(
        config_entry_id=loaded.entry_id, identifiers={("amnimo", "left-over")}
    )
    client = await hass_ws_client(hass)
    for device, deleted in ((listed, False), (leftover, True)):
        answer = await client.remove_device(device.id)
        assert answer["success"] is deleted
