"""The control API and the program: what another process can arrange and read."""

import asyncio
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
from pathlib import Path
import signal
import sys
from typing import Any

import aiohttp
import pytest

from tests.cloud import Endpoint
from tests.cloud.world import Camera, Device, PortKind

from .caller import Caller, in_tenant, of_camera, of_device
from .playlists import start
from .still import NOON

PROJECT = Path(__file__).parents[2]


async def change(caller: Caller, change: str, *, status: int = 200, **keys: Any) -> Any:
    """Ask the control API for a change of the world."""
    url = f"{caller.cloud.origin}/_control/world"
    body = {"change": change, **keys}
    return await caller.fetch("POST", url, json=body, status=status)


async def read(caller: Caller, what: str) -> Any:
    """Read what the control API tells."""
    return await caller.fetch("GET", f"{caller.cloud.origin}/_control/{what}")


async def test_the_figures_are_those_of_the_account(caller: Caller) -> None:
    told = await read(caller, "world")
    tenants = list(caller.tenant.family())
    devices = [device for tenant in tenants for device in tenant.devices.values()]
    assert told["now"] == NOON
    assert told["counts"] == {
        "tenants": 3,
        "cameras": 12,
        "devices": 4,
        "listed_devices": 4,
        "external_devices": sum(len(each.external_devices) for each in devices),
        "ports": {
            kind.value: sum(len(device.ports_of(kind)) for device in devices)
            for kind in PortKind
        },
    }
    assert {each["id"] for each in told["cameras"]} == {
        camera.id for tenant in tenants for camera in tenant.cameras.values()
    }
    foreign = next(iter(caller.cloud.neighbour.accounts[0].cameras))
    assert foreign not in json.dumps(told)


async def test_stats_tell_what_was_counted(caller: Caller, edge_camera: Camera) -> None:
    viewer = await start(caller, edge_camera)
    await viewer.playlist()
    await viewer.update()
    caller.cloud.clock.advance(3)
    told = await read(caller, "stats")
    assert told["requests"] == {
        "token": {"200": 1},
        "stream_start": {"200": 1},
        "stream_update": {"200": 1},
        "playlist": {"200": 1},
    }
    assert (told["tokens_issued"], told["live_sessions"]) == (1, 1)
    assert (told["streams_started"], told["keep_alive_updates"]) == (1, 1)
    assert told["seconds_uploaded"] == {edge_camera.id: 3}
    await viewer.stop()
    told = await read(caller, "stats")
    assert (told["live_sessions"], told["stops"]) == (0, 1)
    assert told["rate_refusals"] == told["quota_refusals"] == told["leaked_tokens"] == 0


async def test_faults_are_added_listed_and_cleared(caller: Caller) -> None:
    url = f"{caller.cloud.origin}/_control/faults"
    fault = {"endpoint": "cameras", "kind": "status", "count": 2, "status": 500}
    added = await caller.fetch("POST", url, json=fault)
    assert added == {**fault, "seconds": 0.0}
    path = f"{in_tenant(caller.tenant)}/cameras"
    await caller.get(path, status=500)
    assert await read(caller, "faults") == [{**added, "count": 1}]
    assert await caller.fetch("DELETE", url) == []
    await caller.get(path)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop"},
        {"endpoint": "camera_list", "kind": "drop"},
        {"endpoint": "cameras", "kind": "explode"},
        {"endpoint": "cameras", "kind": "drop", "often": 1},
        {"endpoint": "cameras", "kind": "drop", "count": "all"},
        {"endpoint": "cameras", "kind": "delay", "seconds": True},
    ],
)
async def test_a_fault_that_makes_no_sense(
    caller: Caller, fault: dict[str, Any]
) -> None:
    url = f"{caller.cloud.origin}/_control/faults"
    assert "error" in await caller.fetch("POST", url, json=fault, status=400)
    assert await read(caller, "faults") == [] or "often" in fault


async def test_cameras_are_arranged(caller: Caller, edge_camera: Camera) -> None:
    await change(caller, "camera_online", camera_id=edge_camera.id, online=False)
    assert (await caller.get(of_camera(edge_camera)))["status"] == "OFFLINE"
    await change(caller, "recording_gap", camera_id=edge_camera.id, start=1, end=NOON)
    assert edge_camera.recorded(0, NOON) == []

    root, branch = caller.tenant, caller.tenant.children[0]
    added = await change(
        caller, "add_camera", subscription_id=root.subscription_id, name="新"
    )
    camera = caller.cloud.world.cameras[added["camera_id"]]
    assert camera.tenant is root
    await change(
        caller,
        "move_camera",
        camera_id=camera.id,
        subscription_id=branch.subscription_id,
    )
    assert camera.tenant is branch
    await change(caller, "remove_camera", camera_id=camera.id)
    assert camera.id not in branch.cameras
    bare = await change(caller, "add_bare_camera", subscription_id=root.subscription_id)
    assert root.cameras[bare["camera_id"]].bare


async def test_tenants_are_arranged(caller: Caller) -> None:
    leaf = list(caller.tenant.family())[-1]
    subscription_id = leaf.subscription_id
    path = f"{in_tenant(leaf)}/cameras"
    hierarchy = f"/accounts/{caller.cloud.account_id}/hierarchy"
    for forbidden, status in ((True, 403), (False, 200)):
        await change(
            caller,
            "forbid_tenant",
            subscription_id=subscription_id,
            forbidden=forbidden,
        )
        await caller.get(path, status=status)
        assert leaf.account_id in json.dumps(await caller.get(hierarchy))
    await change(caller, "remove_tenant", subscription_id=subscription_id)
    assert leaf.account_id not in json.dumps(await caller.get(hierarchy))


async def test_credentials_are_arranged(caller: Caller) -> None:
    client = caller.cloud.client
    before = client.secret
    path = f"{in_tenant(caller.tenant)}/cameras"
    await caller.get(path)
    told = await change(caller, "renew_secret", client_id=client.client_id)
    assert told == {"client_secret": client.secret} != {"client_secret": before}
    await caller.get(path, status=403)
    told = await change(
        caller, "add_client", subscription_id=caller.tenant.subscription_id
    )
    other = caller.cloud.world.clients[told["client_id"]]
    assert other.secret == told["client_secret"]
    assert other.may_see(caller.tenant)


async def test_a_file_is_made_larger(caller: Caller, edge_camera: Camera) -> None:
    cloud = caller.cloud
    now = cloud.clock.now()
    media = cloud.media.create_snapshot(edge_camera, now - 60, "Picture")
    clip = cloud.media.create_clip(edge_camera, now - 60, now - 58, "Clip")
    await change(caller, "media_size", media_id=clip.id, bytes=5_000_000)
    assert clip.size == 5_000_000
    await change(caller, "media_size", media_id=clip.id, bytes=1, status=400)
    await change(caller, "media_size", media_id="unknown", bytes=1, status=404)
    assert media.size < clip.size
    await change(
        caller, "add_clips", camera_id=edge_camera.id, count=5, every_seconds=60
    )
    clips = cloud.media.search(
        edge_camera.tenant, edge_camera, ["CLIP"], newest_first=True
    )
    assert [each.requested for each in clips] == [
        now - before for before in (0, 60, 120, 180, 240, 300)
    ]
    await change(caller, "making_seconds", seconds=2.5)
    snapshot = cloud.media.create_snapshot(edge_camera, NOON - 60, "Later")
    assert snapshot.ready - snapshot.requested == 2.5
    await change(caller, "making_seconds", seconds=-1, status=400)
    await change(caller, "network_pace", bytes_a_second=1_000_000)
    assert cloud._backend.network_pace == 1_000_000  # noqa: SLF001 - or wait for a second
    await change(caller, "network_pace", bytes_a_second=-1, status=400)


async def test_devices_and_time_are_arranged(caller: Caller, gateway: Device) -> None:
    port: dict[str, Any] = {"device_id": gateway.id, "port_id": "di1"}
    on = gateway.ports["di1"].on
    await change(caller, "port_set", **port, on=not on)
    assert gateway.ports["di1"].on is not on
    await change(caller, "port_stuck", **port, stuck=True)
    assert gateway.ports["di1"].stuck
    await change(caller, "device_failing", device_id=gateway.id, failing=True)
    await caller.get(f"{of_device(gateway)}/peripherals", status=500)
    assert await change(caller, "advance", seconds=90) == {"now": NOON + 90}


@pytest.mark.parametrize(
    ("name", "keys", "status"),
    [
        ("explode", {}, 400),
        ("advance", {"seconds": -1}, 400),
        ("advance", {"seconds": 1, "minutes": 1}, 400),
        ("camera_online", {"camera_id": "x", "online": True}, 404),
        ("camera_online", {}, 400),
        ("camera_online", {"online": 1}, 400),
        ("advance", {"seconds": "60"}, 400),
        ("port_set", {"device_id": "x", "port_id": "lan1", "on": True}, 404),
    ],
)
async def test_a_change_that_makes_no_sense(
    caller: Caller, name: str, keys: dict[str, Any], status: int
) -> None:
    assert "error" in await change(caller, name, **keys, status=status)


@asynccontextmanager
async def running(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the program, and end it for sure."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.cloud", "--port", "0", *arguments),
        cwd=PROJECT,
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_program_says_where_it_is_and_ends_when_told(
    session: aiohttp.ClientSession, number: signal.Signals
) -> None:
    arguments = ("--cameras", "3", "--dialect", "snake", "--token-seconds", "60")
    async with running(*arguments) as process:
        assert process.stdout is not None
        access = json.loads(await process.stdout.readline())
        secret = aiohttp.encode_basic_auth(access["client_id"], access["client_secret"])
        async with session.post(
            f"{access['url']}/oauth2/token",
            data={"grant_type": "client_credentials"},
            headers={"Authorization": secret},
        ) as response:
            token = await response.json()
        assert token["expires_in"] == 60
        async with session.get(
            f"{access['url']}/accounts/{access['account_id']}/hierarchy",
            headers={"Authorization": f"Bearer {token['access_token']}"},
        ) as response:
            assert response.status == 200
        async with session.get(access["world_url"]) as response:
            assert (await response.json())["counts"]["cameras"] == 3
        process.send_signal(number)
        output, errors = await process.communicate()
        assert (process.returncode, output, errors) == (0, b"", b"")


async def test_the_program_says_in_a_sentence_what_is_wrong() -> None:
    async with running("--tenants", "0") as process:
        output, errors = await process.communicate()
    assert (process.returncode, output) == (1, b"")
    assert errors == b"simulated cloud: tenants must be 1 or more\n"


def test_every_endpoint_of_the_document_has_a_name() -> None:
    names = {"playlist", "segment", "media_file", "thumbnail_file", "unknown"}
    assert len(set(Endpoint) - names) == 19
