"""Devices, what hangs on them, and ports that take a moment to move."""

from typing import Any

from tests.cloud.world import Camera, Device, DeviceModel, PortKind

from .caller import Caller, in_tenant, of_camera, of_device


async def state(caller: Caller, device: Device, port_id: str) -> int:
    """Return the state of a port as the API tells it."""
    answer = await caller.get(f"{of_device(device)}/peripherals")
    port = next(each for each in answer["data"] if each["portId"] == port_id)
    told: int = port["status"]
    return told


async def operate(caller: Caller, device: Device, port_id: str, **body: Any) -> None:
    """Operate a port."""
    assert await caller.post(f"{of_device(device)}/ports/{port_id}", body) == {}


async def test_ports_are_those_of_the_model(caller: Caller) -> None:
    expected = {
        DeviceModel.AG20: {"POE": 4, "DI": 4, "DO": 2},
        DeviceModel.AG10: {"POE": 4},
        DeviceModel.AX11: {"POE": 4, "DI": 4, "DO": 2},
        DeviceModel.AR20: {"POE": 2},
    }
    for model, counts in expected.items():
        device = caller.cloud.world.add_device(caller.tenant, "new", model)
        answer = await caller.get(f"{of_device(device)}/peripherals")
        assert answer.keys() == {"data", "summary"}
        kinds = [port["type"] for port in answer["data"]]
        assert {kind: kinds.count(kind) for kind in kinds} == counts
        assert answer["summary"]["total"] == sum(counts.values())


async def test_a_port_moves_a_moment_after_it_was_told(
    caller: Caller, gateway: Device
) -> None:
    await operate(caller, gateway, "lan1", action=0)
    assert await state(caller, gateway, "lan1") == 1
    caller.cloud.clock.advance(1)
    assert await state(caller, gateway, "lan1") == 0
    await operate(caller, gateway, "lan1", action=1, resetTimer=10)
    caller.cloud.clock.advance(1)
    assert await state(caller, gateway, "lan1") == 1


async def test_a_reset_is_off_for_its_time_and_on_again(
    caller: Caller, gateway: Device
) -> None:
    await operate(caller, gateway, "do1", action=2, resetTimer=5)
    seen = []
    for _ in range(8):
        seen.append(await state(caller, gateway, "do1"))
        caller.cloud.clock.advance(1)
    assert seen == [1, 0, 0, 0, 0, 0, 1, 1]


async def test_the_last_command_wins(caller: Caller, gateway: Device) -> None:
    await operate(caller, gateway, "lan2", action=2, resetTimer=5)
    caller.cloud.clock.advance(2)
    await operate(caller, gateway, "lan2", action=0)
    caller.cloud.clock.advance(60)
    assert await state(caller, gateway, "lan2") == 0


async def test_inputs_take_no_commands(caller: Caller, gateway: Device) -> None:
    contact = gateway.ports["di1"]
    path = f"{of_device(gateway)}/ports/di1"
    await caller.post(path, {"action": 1}, status=400)
    contact.set(not contact.on)
    assert await state(caller, gateway, "di1") == contact.on
    await caller.post(f"{of_device(gateway)}/ports/lan9", {"action": 1}, status=404)


async def test_a_stuck_port_says_yes_and_does_nothing(
    caller: Caller, gateway: Device
) -> None:
    gateway.ports["lan1"].stuck = True
    await operate(caller, gateway, "lan1", action=0)
    await operate(caller, gateway, "lan1", action=2, resetTimer=5)
    caller.cloud.clock.advance(3)
    assert await state(caller, gateway, "lan1") == 1


async def test_a_failing_device_answers_nothing(
    caller: Caller, gateway: Device
) -> None:
    gateway.failing = True
    await caller.get(f"{of_device(gateway)}/peripherals", status=500)
    await caller.get(f"{of_device(gateway)}/externalDevices", status=500)
    path = f"{of_device(gateway)}/ports/lan1"
    await caller.post(path, {"action": 0}, status=500)
    listed = await caller.get(f"{in_tenant(gateway.tenant)}/devices/externalDevices")
    assert gateway.id in [each["deviceId"] for each in listed["data"]]


async def test_a_camera_without_power_is_offline(
    caller: Caller, edge_camera: Camera
) -> None:
    device, port = edge_camera.device, edge_camera.port
    assert device is not None
    assert port is not None

    async def seen() -> tuple[str, str, float]:
        camera = await caller.get(of_camera(edge_camera))
        behind = await caller.get(f"{of_device(device)}/externalDevices")
        equipment = next(
            each
            for each in behind["data"][0]["externalDevices"]
            if each["portId"] == port.id
        )
        peripherals = await caller.get(f"{of_device(device)}/peripherals")
        told = next(each for each in peripherals["data"] if each["portId"] == port.id)
        return camera["status"], equipment["status"], told["watt"]

    assert await seen() == ("ONLINE", "ONLINE", port.load_watts)
    await operate(caller, device, port.id, action=0)
    caller.cloud.clock.advance(1)
    assert await seen() == ("OFFLINE", "OFFLINE", 0.0)
    await operate(caller, device, port.id, action=1)
    caller.cloud.clock.advance(1)
    assert await seen() == ("ONLINE", "ONLINE", port.load_watts)


async def test_only_devices_with_equipment_are_listed_page_by_page(
    caller: Caller,
) -> None:
    world, tenant = caller.cloud.world, caller.tenant
    bare = world.add_device(tenant, "bare", DeviceModel.AR20)
    for number in range(11):
        device = world.add_device(tenant, f"AR20-{number}", DeviceModel.AR20)
        world.connect(device, f"NAS {number}", device.free_poe_port())
    path = f"{in_tenant(tenant)}/devices/externalDevices"
    first = await caller.get(path)
    assert len(first["data"]) == first["summary"]["size"] == 10
    pages = [await caller.get(path, {"page": page, "size": 4}) for page in range(5)]
    ids = [each["deviceId"] for page in pages for each in page["data"]]
    assert len(ids) == len(set(ids)) == first["summary"]["total"]
    assert bare.id not in ids
    alone = await caller.get(f"{of_device(bare)}/externalDevices")
    assert alone["data"] == [
        {
            "deviceId": bare.id,
            "deviceName": "bare",
            "model": "AR20",
            "externalDevices": [],
        }
    ]
    world.remove_device(bare)
    await caller.get(f"{of_device(bare)}/externalDevices", status=404)


async def test_poe_is_measured_and_the_rest_is_not(
    caller: Caller, gateway: Device
) -> None:
    answer = await caller.get(f"{of_device(gateway)}/peripherals")
    for told in answer["data"]:
        measured = gateway.ports[told["portId"]].kind is PortKind.POE
        assert ({"voltage", "watt"} <= told.keys()) is measured
