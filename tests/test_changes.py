"""What changes in the cloud while Home Assistant runs, and what of it a user sees."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.amnimo import registry as tree
from custom_components.amnimo.coordinator import selective
from homeassistant.const import EVENT_STATE_CHANGED, EVENT_STATE_REPORTED
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .cloud import CloudOptions, SimulatedCloud
from .cloud.dialects import DEFAULT
from .cloud.templates import Of
from .cloud.world import Device, DeviceModel, ExternalDevice, Port, PortKind, Storage
from .entities import entity_id, state
from .estate import Estate
from .passing_time import poll

PORTS = "custom_components.amnimo.coordinator.ports"

type SetUp = Callable[[], Awaitable[MockConfigEntry]]


@pytest.fixture(autouse=True)
def _always_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each sweep begin with a listing of the devices."""
    monkeypatch.setattr(f"{PORTS}._DEVICE_LIST_INTERVAL", 0)


@pytest.fixture
def device(estate: Estate) -> Device:
    """Return a device with ports of all kinds, and equipment of no camera's."""
    return next(
        device for device in estate.devices.values() if device.ports_of(PortKind.INPUT)
    )


def device_of(
    hass: HomeAssistant, entry: MockConfigEntry, identifier: str
) -> dr.DeviceEntry | None:
    """Return the device that stands for something of the cloud's."""
    return dr.async_get(hass).async_get_device_by_identifier(
        ("amnimo", identifier), entry.entry_id
    )


def unique_ids(hass: HomeAssistant, entry: MockConfigEntry) -> set[str]:
    """Return the unique IDs of all entities that Home Assistant keeps for an entry."""
    entries = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {each.unique_id for each in entries}


async def test_names_follow_the_cloud(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    loaded: MockConfigEntry,
    device: Device,
) -> None:
    """Cameras, devices, tenants and equipment are called what they are called now."""
    camera = next(iter(estate.cameras.values()))
    equipment = next(each for each in device.external_devices if each.port is not None)
    assert equipment.port is not None
    port_id = equipment.port.id
    tenant = estate.root.children[0]
    camera.name = "新しい名前"
    device.name = "Cabinet 7"
    tenant.account_name = "Harbour"
    equipment.name = "Gate radio"
    if equipment.camera is not None:
        equipment.camera.name = "Gate radio"
    loaded.runtime_data.cameras.ask_hierarchy_again()
    await poll(hass, cloud)

    assert state(hass, "camera", camera.id).name == camera.name
    registered = device_of(hass, loaded, tenant.subscription_id)
    assert registered is not None
    assert registered.name == "Harbour"
    switch = state(hass, "switch", f"{device.id}_{port_id}")
    assert switch.name == f"Cabinet 7 {port_id} Gate radio"
    button = state(hass, "button", f"{device.id}_{port_id}_reset")
    assert button.name == f"Cabinet 7 Reset {port_id} Gate radio"
    sensor = state(hass, "binary_sensor", f"{device.id}_external_{equipment.id}")
    assert "Gate radio" in sensor.name
    entry = er.async_get(hass).async_get(switch.entity_id)
    assert entry is not None
    assert entry.original_name == f"{port_id} Gate radio"


async def test_names_that_a_user_gave_stay(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    loaded: MockConfigEntry,
    device: Device,
) -> None:
    """What a user calls something is not touched by what the cloud calls it."""
    port = device.ports_of(PortKind.POE)[0]
    camera = next(iter(estate.cameras.values()))
    switch = entity_id(hass, "switch", f"{device.id}_{port.id}")
    er.async_get(hass).async_update_entity(switch, name="Barrier")
    registered = device_of(hass, loaded, camera.id)
    assert registered is not None
    dr.async_get(hass).async_update_device(registered.id, name_by_user="Lobby")
    for equipment in device.external_devices:
        equipment.name = "Something else"
    camera.name = "Something else"
    await poll(hass, cloud)
    assert "Something else" not in state(hass, "switch", f"{device.id}_{port.id}").name
    assert state(hass, "switch", f"{device.id}_{port.id}").name.endswith("Barrier")
    assert state(hass, "camera", camera.id).name == "Lobby"


async def test_a_port_that_is_gone_leaves_after_two_readings(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    device: Device,
) -> None:
    """One reading without a port makes it unavailable, the second removes its entities."""
    port = device.ports_of(PortKind.OUTPUT)[0]
    contact = device.ports_of(PortKind.INPUT)[0]
    gone = {
        f"{device.id}_{port.id}",
        f"{device.id}_{port.id}_reset",
        f"{device.id}_{contact.id}",
    }
    assert gone <= unique_ids(hass, loaded)
    del device.ports[port.id], device.ports[contact.id]
    await poll(hass, cloud)
    assert gone <= unique_ids(hass, loaded)
    assert state(hass, "switch", f"{device.id}_{port.id}").state == "unavailable"
    await poll(hass, cloud)
    assert not gone & unique_ids(hass, loaded)

    device.ports[port.id] = port
    await poll(hass, cloud)
    assert state(hass, "switch", f"{device.id}_{port.id}").state == "on"


async def test_a_port_that_one_reading_lacks_stays(
    hass: HomeAssistant, cloud: SimulatedCloud, loaded: MockConfigEntry, device: Device
) -> None:
    """It is back with the next reading, as the entity that it was."""
    port = device.ports_of(PortKind.OUTPUT)[0]
    switch = entity_id(hass, "switch", f"{device.id}_{port.id}")
    er.async_get(hass).async_update_entity(switch, name="Barrier")
    for _ in range(3):
        del device.ports[port.id]
        await poll(hass, cloud)
        device.ports[port.id] = port
        await poll(hass, cloud)
    assert state(hass, "switch", f"{device.id}_{port.id}").state == "on"
    assert state(hass, "switch", f"{device.id}_{port.id}").name.endswith("Barrier")


async def test_a_port_that_becomes_an_input_is_no_switch_any_more(
    hass: HomeAssistant, cloud: SimulatedCloud, loaded: MockConfigEntry, device: Device
) -> None:
    """What can't be switched has no switch, and what reports a contact has a sensor.

    Two readings have to say so: after the first one the switch is unavailable.
    """
    port = device.ports_of(PortKind.OUTPUT)[0]
    port.kind = PortKind.INPUT
    unique_id = f"{device.id}_{port.id}"
    registry = er.async_get(hass)
    await poll(hass, cloud)
    assert state(hass, "switch", unique_id).state == "unavailable"
    assert state(hass, "button", f"{unique_id}_reset").state == "unavailable"
    assert registry.async_get_entity_id("binary_sensor", "amnimo", unique_id) is None
    await poll(hass, cloud)
    assert registry.async_get_entity_id("switch", "amnimo", unique_id) is None
    assert registry.async_get_entity_id("button", "amnimo", unique_id) is None
    assert state(hass, "binary_sensor", unique_id).state == "on"


@pytest.mark.parametrize(
    ("kind", "slip", "domain"),
    [
        (PortKind.POE, PortKind.INPUT, "switch"),
        (PortKind.INPUT, PortKind.OUTPUT, "binary_sensor"),
    ],
)
async def test_a_reading_that_says_another_kind_of_port_costs_nothing(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    device: Device,
    kind: PortKind,
    slip: PortKind,
    domain: str,
) -> None:
    """The entities are as they were with the next reading, and there are no others."""
    port = device.ports_of(kind)[0]
    shown = entity_id(hass, domain, f"{device.id}_{port.id}")
    er.async_get(hass).async_update_entity(shown, name="Barrier")
    before = unique_ids(hass, loaded)
    ports = loaded.runtime_data.ports
    for _ in range(2):
        port.kind = slip
        await ports.async_refresh()
        await hass.async_block_till_done()
        assert hass.states.get(shown).state == "unavailable"
        assert unique_ids(hass, loaded) == before
        port.kind = kind
        await ports.async_refresh()
        await hass.async_block_till_done()
        assert hass.states.get(shown).state == ("on" if port.on else "off")
        assert hass.states.get(shown).name.endswith("Barrier")
    assert unique_ids(hass, loaded) == before


async def test_equipment_comes_and_goes(
    hass: HomeAssistant, cloud: SimulatedCloud, loaded: MockConfigEntry, device: Device
) -> None:
    """New equipment is there with the next listing; what two listings lack is removed."""
    added = cloud.world.connect(device, "Lift panel", None)
    unique_id = f"{device.id}_external_{added.id}"
    await poll(hass, cloud)
    assert state(hass, "binary_sensor", unique_id).state == "on"
    assert "Lift panel" in state(hass, "binary_sensor", unique_id).name
    device.external_devices.remove(added)
    await poll(hass, cloud)
    assert state(hass, "binary_sensor", unique_id).state == "unavailable"
    await poll(hass, cloud)
    assert unique_id not in unique_ids(hass, loaded)


async def test_a_device_without_equipment_keeps_its_cameras_and_loses_its_ports(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    loaded: MockConfigEntry,
    device: Device,
) -> None:
    """A device that is no longer listed stays where a camera hangs on it."""
    assert any(camera.device is device for camera in estate.cameras.values())
    equipment = list(device.external_devices)
    device.external_devices.clear()
    await poll(hass, cloud)
    port = device.ports_of(PortKind.POE)[0]
    assert state(hass, "switch", f"{device.id}_{port.id}").state == "unavailable"
    await poll(hass, cloud)
    assert device_of(hass, loaded, device.id)
    assert not [each for each in unique_ids(hass, loaded) if device.id in each]

    device.external_devices.extend(equipment)
    await poll(hass, cloud)
    assert state(hass, "switch", f"{device.id}_{port.id}").state == "on"


async def test_what_left_while_home_assistant_was_down_leaves_nothing_behind(
    hass: HomeAssistant, cloud: SimulatedCloud, loaded: MockConfigEntry, device: Device
) -> None:
    """Entities of a former run that nothing stands behind are removed after two looks."""
    port = device.ports_of(PortKind.OUTPUT)[0]
    equipment = device.external_devices[0]
    left = {
        f"{device.id}_{port.id}",
        f"{device.id}_{port.id}_reset",
        f"{device.id}_external_{equipment.id}",
    }
    assert left <= unique_ids(hass, loaded)
    await hass.config_entries.async_unload(loaded.entry_id)
    del device.ports[port.id]
    device.external_devices.remove(equipment)
    cloud.world.connect(device, "Another", None)
    await hass.config_entries.async_setup(loaded.entry_id)
    await hass.async_block_till_done()
    assert left <= unique_ids(hass, loaded)
    before = unique_ids(hass, loaded)
    for _ in range(2):
        await poll(hass, cloud)
    assert unique_ids(hass, loaded) == before - left


async def test_a_camera_that_moves_to_another_tenant_keeps_its_entities(
    hass: HomeAssistant, cloud: SimulatedCloud, estate: Estate, loaded: MockConfigEntry
) -> None:
    """Its device and entities are the same, and hang where it hangs now."""
    camera = next(each for each in estate.cameras.values() if each.device is None)
    target = next(tenant for tenant in estate.tenants if tenant is not camera.tenant)
    shown = entity_id(hass, "camera", camera.id)
    before = device_of(hass, loaded, camera.id)
    cloud.world.move_camera(camera, target)
    for _ in range(3):
        await poll(hass, cloud)
        assert hass.states.get(shown).state != "unavailable"
    after = device_of(hass, loaded, camera.id)
    tenant = device_of(hass, loaded, target.subscription_id)
    assert before is not None
    assert after is not None
    assert tenant is not None
    assert after.id == before.id
    assert after.via_device_id == tenant.id
    assert entity_id(hass, "camera", camera.id) == shown


async def test_a_camera_that_moves_to_another_device_hangs_there(
    hass: HomeAssistant, cloud: SimulatedCloud, estate: Estate, loaded: MockConfigEntry
) -> None:
    """The device that it left stays as long as something else is on it."""
    camera = next(each for each in estate.cameras.values() if each.device)
    other = next(
        device for device in estate.devices.values() if device is not camera.device
    )
    camera.device = other
    await poll(hass, cloud)
    moved, edge = device_of(hass, loaded, camera.id), device_of(hass, loaded, other.id)
    assert moved is not None
    assert edge is not None
    assert moved.via_device_id == edge.id


@pytest.mark.parametrize("cloud_options", [CloudOptions(tenants=7, start_seconds=0)])
async def test_tenants_come_and_go_with_all_that_is_theirs(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    loaded: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A site below a branch below the head office is there as soon as the tenants are told."""
    monkeypatch.setattr(f"{PORTS}._SHORTEST_SWEEP_INTERVAL", 0)
    branch = next(
        tenant for tenant in estate.tenants if tenant.children and tenant.parent
    )
    site = cloud.world.add_tenant("New site", branch)
    camera = cloud.world.add_camera(site, "Crane")
    device = cloud.world.add_device(site, "AG10-99", DeviceModel.AG10)
    cloud.world.connect(device, "Radio", device.ports_of(PortKind.POE)[0])
    loaded.runtime_data.cameras.ask_hierarchy_again()
    await poll(hass, cloud)
    await poll(hass, cloud)
    tenant = device_of(hass, loaded, site.subscription_id)
    hung = device_of(hass, loaded, camera.id)
    assert tenant is not None
    assert tenant.name == "New site"
    assert hung is not None
    assert hung.via_device_id == tenant.id
    assert state(hass, "camera", camera.id).state != "unavailable"
    assert state(hass, "switch", f"{device.id}_lan1").state == "on"

    cloud.world.remove_tenant(site)
    loaded.runtime_data.cameras.ask_hierarchy_again()
    for _ in range(5):
        await poll(hass, cloud)
    left = (site.subscription_id, camera.id, device.id)
    assert [device_of(hass, loaded, each) for each in left] == [None] * 3
    kept = unique_ids(hass, loaded)
    assert not [each for each in kept if camera.id in each or device.id in each]
    assert estate.cameras.keys() <= kept


@pytest.mark.parametrize("cloud_options", [CloudOptions(tenants=1, start_seconds=0)])
async def test_a_second_tenant_makes_both_visible(
    hass: HomeAssistant, cloud: SimulatedCloud, estate: Estate, loaded: MockConfigEntry
) -> None:
    """Where there are several tenants, each has a device, and what is its hangs on it."""
    camera = next(each for each in estate.cameras.values() if each.device is None)
    account = device_of(hass, loaded, cloud.account_id)
    hung = device_of(hass, loaded, camera.id)
    assert account is not None
    assert hung is not None
    assert hung.via_device_id == account.id
    branch = cloud.world.add_tenant("Branch", estate.root)
    loaded.runtime_data.cameras.ask_hierarchy_again()
    await poll(hass, cloud)
    root = device_of(hass, loaded, estate.root.subscription_id)
    hung = device_of(hass, loaded, camera.id)
    assert root is not None
    assert hung is not None
    assert hung.via_device_id == root.id

    cloud.world.remove_tenant(branch)
    loaded.runtime_data.cameras.ask_hierarchy_again()
    for _ in range(5):
        await poll(hass, cloud)
    assert device_of(hass, loaded, branch.subscription_id) is None
    assert device_of(hass, loaded, estate.root.subscription_id) is None
    hung = device_of(hass, loaded, camera.id)
    assert hung is not None
    assert hung.via_device_id == account.id


def written(hass: HomeAssistant) -> list[str]:
    """Return the list to which the entities are added that are written from now on."""
    entities: list[str] = []

    @callback
    def note(event: Event) -> None:
        entities.append(event.data["entity_id"])

    for event_type in (EVENT_STATE_CHANGED, EVENT_STATE_REPORTED):
        hass.bus.async_listen(event_type, note, event_filter=callback(lambda _: True))
    return entities


async def test_only_what_changed_is_written(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    loaded: MockConfigEntry,
    device: Device,
) -> None:
    """Of all entities of a fleet, a cycle writes those of one camera and of one port."""
    await poll(hass, cloud, 1)
    camera = next(
        each for each in estate.cameras.values() if each.online and not each.port
    )
    port = device.ports_of(PortKind.OUTPUT)[0]
    entities = written(hass)
    await loaded.runtime_data.ports.async_refresh()
    await loaded.runtime_data.ports.async_refresh()
    del entities[:]
    camera.online = False
    port.set(on=False)
    await loaded.runtime_data.cameras.async_refresh()
    await loaded.runtime_data.ports.async_refresh()
    await hass.async_block_till_done()
    # Others have a new picture, as every minute.
    assert {each for each in entities if not each.startswith("image.")} == {
        entity_id(hass, "binary_sensor", f"{camera.id}_connectivity"),
        # What is off line does not record either.
        entity_id(hass, "camera", camera.id),
        entity_id(hass, "binary_sensor", f"{camera.id}_recording"),
        entity_id(hass, "switch", f"{device.id}_{port.id}"),
    }


@pytest.mark.parametrize(
    ("change", "shown_by"),
    [
        ("recording", {"", "_recording"}),
        ("model", {""}),
        ("version", set()),
        ("words", set()),
        ("device", set()),
        ("lost", {"", "_connectivity", "_recording", "_media", "_thumbnail"}),
        ("found", {"", "_connectivity", "_recording", "_media", "_thumbnail"}),
    ],
)
async def test_all_that_a_change_of_a_camera_concerns_is_written(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    loaded: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    change: str,
    shown_by: set[str],
) -> None:
    """A tenant that can be listed no more, or again, concerns all of its cameras' entities.

    What no entity shows, or its device by itself, concerns none.
    """
    camera = next(
        each for each in estate.cameras.values() if each.recording and each.device
    )
    visible: set[bool] = set()
    monkeypatch.setattr(
        type(cloud.client),
        "may_see",
        lambda _, tenant: tenant is not camera.tenant or False not in visible,
    )
    cameras = loaded.runtime_data.cameras
    if change == "found":
        visible.add(False)
    await cameras.async_refresh()
    await hass.async_block_till_done()
    entities = written(hass)
    match change:
        case "recording":
            camera.records = False
        case "model":
            monkeypatch.setitem(DEFAULT.camera, "model", Of("name"))
        case "version":
            camera.version = "2.0.0"
            camera.storage = next(each for each in Storage if each != camera.storage)
        case "words":
            for key, words in (
                ("status", Of("online", {True: "CONNECTED", False: "LOST"})),
                ("recordingStatus", Of("recording", {True: "ON", False: "OFF"})),
            ):
                monkeypatch.setitem(DEFAULT.camera, key, words)
        case "device":
            assert camera.device is not None
            camera.device.name = "Cabinet 7"
        case "lost":
            visible.add(False)
        case "found":
            visible.clear()
    await cameras.async_refresh()
    await hass.async_block_till_done()
    platforms = {
        "": "camera",
        "_connectivity": "binary_sensor",
        "_recording": "binary_sensor",
        "_media": "event",
        "_thumbnail": "image",
    }
    was_written = {
        key
        for key, platform in platforms.items()
        if entity_id(hass, platform, f"{camera.id}{key}") in entities
    }
    # There may be a new picture, as every minute.
    assert was_written | {"_thumbnail"} == shown_by | {"_thumbnail"}


async def test_what_is_measured_concerns_its_sensors_alone(
    hass: HomeAssistant, cloud: SimulatedCloud, loaded: MockConfigEntry, device: Device
) -> None:
    """Power changes with each reading, and the switch of the port is not written for it."""
    port = device.ports_of(PortKind.POE)[0]
    sensor = entity_id(hass, "sensor", f"{device.id}_{port.id}_power")
    er.async_get(hass).async_update_entity(sensor, disabled_by=None)
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done()
    await loaded.runtime_data.ports.async_refresh()
    entities = written(hass)
    port.load_watts = 6.6
    await loaded.runtime_data.ports.async_refresh()
    await hass.async_block_till_done()
    assert entities == [sensor]
    assert hass.states.get(sensor).state == "6.6"


def of_port(hass: HomeAssistant, device: Device, port: Port) -> set[str]:
    """Return the enabled entities of a port."""
    unique_id = f"{device.id}_{port.id}"
    if not port.can_be_switched:
        return {entity_id(hass, "binary_sensor", unique_id)}
    return {
        entity_id(hass, "switch", unique_id),
        entity_id(hass, "button", f"{unique_id}_reset"),
    }


def of_ports(hass: HomeAssistant, device: Device) -> set[str]:
    """Return the enabled entities of all ports of a device."""
    return {
        entity
        for port in device.ports.values()
        for entity in of_port(hass, device, port)
    }


def of_equipment(hass: HomeAssistant, device: Device, equipment: ExternalDevice) -> str:
    """Return the entity of a piece of external equipment."""
    return entity_id(hass, "binary_sensor", f"{device.id}_external_{equipment.id}")


def names_of(hass: HomeAssistant, device: Device, port: Port) -> list[str]:
    """Return what the entities of a port are called now."""
    return [hass.states.get(each).name for each in of_port(hass, device, port)]


@pytest.mark.parametrize(
    "cloud_options", [CloudOptions(tenants=1, cameras=4, devices=1, start_seconds=0)]
)
async def test_what_changes_of_equipment_concerns_it_and_its_port(
    hass: HomeAssistant, cloud: SimulatedCloud, loaded: MockConfigEntry, device: Device
) -> None:
    """Neither the device's other ports nor its other equipment is written for it."""
    ports = loaded.runtime_data.ports
    first, second, *_ = device.ports_of(PortKind.OUTPUT)
    equipment = cloud.world.connect(device, "Lift panel", first)
    await ports.async_refresh()
    await hass.async_block_till_done()
    sensor = of_equipment(hass, device, equipment)
    entities = written(hass)

    async def written_now() -> set[str]:
        del entities[:]
        await ports.async_refresh()
        await hass.async_block_till_done()
        return set(entities)

    assert await written_now() == set()
    for reachable, shown in ((False, "off"), (True, "on")):
        equipment.reachable = reachable
        assert await written_now() == {sensor}
        assert hass.states.get(sensor).state == shown

    equipment.ip_address = "192.0.2.7"
    assert await written_now() == set()

    equipment.name = "Gate radio"
    assert await written_now() == {sensor} | of_port(hass, device, first)
    for entity in names_of(hass, device, first):
        assert entity.endswith("Gate radio")

    equipment.port = second
    moved = of_port(hass, device, first) | of_port(hass, device, second)
    assert await written_now() == moved
    assert not [each for each in names_of(hass, device, first) if "Gate" in each]
    for entity in names_of(hass, device, second):
        assert entity.endswith("Gate radio")

    device.external_devices.remove(equipment)
    assert await written_now() == {sensor} | of_port(hass, device, second)
    assert hass.states.get(sensor).state == "unavailable"
    assert not [each for each in names_of(hass, device, second) if "Gate" in each]

    device.external_devices.append(equipment)
    assert await written_now() == {sensor} | of_port(hass, device, second)
    assert hass.states.get(sensor).state == "on"


async def test_the_words_for_the_state_of_a_port_concern_nobody(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    device: Device,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A switch shows what they mean, and is not written for another one that means the same."""
    await loaded.runtime_data.ports.async_refresh()
    entities = written(hass)
    words = Of("on", {True: "ENABLED", False: "DISABLED"})
    monkeypatch.setitem(DEFAULT.port, "status", words)
    await loaded.runtime_data.ports.async_refresh()
    await hass.async_block_till_done()
    assert entities == []
    device.ports_of(PortKind.OUTPUT)[0].set(on=False)
    await loaded.runtime_data.ports.async_refresh()
    await hass.async_block_till_done()
    assert len(entities) == 1


@pytest.mark.usefixtures("impatient")
async def test_a_device_that_can_not_be_read_concerns_its_ports_alone(
    hass: HomeAssistant, loaded: MockConfigEntry, device: Device
) -> None:
    """What is known of the equipment is what the listing said, and that goes on."""
    ports = loaded.runtime_data.ports
    await ports.async_refresh()
    entities = written(hass)
    for failing in (True, False):
        device.failing = failing
        del entities[:]
        await ports.async_refresh()
        await hass.async_block_till_done()
        assert set(entities) == of_ports(hass, device)
        for each in entities:
            assert (hass.states.get(each).state == "unavailable") is failing


async def test_a_device_that_is_not_listed_concerns_all_that_is_its(
    hass: HomeAssistant, loaded: MockConfigEntry, device: Device
) -> None:
    """Its ports and its equipment are unavailable, and all are there again when it is."""
    ports = loaded.runtime_data.ports
    await ports.async_refresh()
    equipment = list(device.external_devices)
    concerned = of_ports(hass, device) | {
        of_equipment(hass, device, each) for each in equipment
    }
    entities = written(hass)
    for listed in (False, True):
        device.external_devices[:] = equipment if listed else []
        del entities[:]
        await ports.async_refresh()
        await hass.async_block_till_done()
        assert set(entities) == concerned
        for each in entities:
            assert (hass.states.get(each).state != "unavailable") is listed


@pytest.mark.usefixtures("impatient")
async def test_many_changes_are_told_and_registered_in_turns(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    loaded: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However much comes at once, nothing holds up the event loop for more than a few of it."""
    monkeypatch.setattr(tree, "DEVICES_A_TURN", 3)
    monkeypatch.setattr(selective, "LISTENERS_A_TURN", 4)
    turns: list[int] = []

    def count_turn() -> None:
        turns.append(0)
        hass.loop.call_soon(count_turn)

    @callback
    def note(_event: Event) -> None:
        turns[-1] += 1

    added = [
        cloud.world.add_camera(estate.root, f"New {number}") for number in range(40)
    ]
    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    hass.bus.async_listen(dr.EVENT_DEVICE_REGISTRY_UPDATED, note)
    hass.loop.call_soon(count_turn)
    await poll(hass, cloud)
    assert all(state(hass, "camera", each.id).state for each in added)
    # Some devices, or two entities of a platform for each of them, or some listeners.
    assert 0 < max(turns) <= 2 * 4
    await hass.async_block_till_done()

    cloud.faults.add("*", "drop", count=-1)
    turns.append(0)
    await poll(hass, cloud)
    assert state(hass, "camera", added[-1].id).state == "unavailable"
    assert 0 < max(turns) <= 2 * 4
