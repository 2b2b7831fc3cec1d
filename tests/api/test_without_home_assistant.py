"""The client as a package of its own: another name, no Home Assistant, a real service."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
import sys
from typing import Any

from custom_components.amnimo import api
from tests.cloud import Endpoint, SimulatedCloud
from tests.estate import Estate

API = Path(api.__file__).parent

PROGRAM = """
import asyncio, importlib.abc, importlib.util, json, sys

class NoHomeAssistant(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("homeassistant", "custom_components"):
            raise ImportError(f"{name} is not there")
        return None

sys.meta_path.insert(0, NoHomeAssistant())

import aiohttp

before = set(sys.modules)

folder, api_url, client_id, secret, account_id = sys.argv[1:]
spec = importlib.util.spec_from_file_location(
    "amnimo_client", f"{folder}/__init__.py", submodule_search_locations=[folder]
)
amnimo_client = importlib.util.module_from_spec(spec)
sys.modules["amnimo_client"] = amnimo_client
spec.loader.exec_module(amnimo_client)
loaded = {name.partition(".")[0] for name in set(sys.modules) - before}

async def main():
    found = {"tenants": [], "cameras": [], "ports": {}}
    found["libraries"] = sorted(loaded - set(sys.stdlib_module_names))
    async with aiohttp.ClientSession() as session:
        client = amnimo_client.AmnimoClient(
            session, client_id, secret, api_url=api_url
        )
        root = await client.hierarchy(account_id)
        for tenant in root.walk():
            found["tenants"].append(tenant.subscription_id)
            cameras = await client.cameras(tenant.subscription_id)
            found["cameras"] += [camera.id for camera in cameras]
            for device in await client.devices(tenant.subscription_id):
                ports = await client.ports(tenant.subscription_id, device.id)
                found["ports"][device.id] = [port.id for port in ports]
        try:
            await client.camera(root.subscription_id, "no-uuid")
        except amnimo_client.AmnimoResponseError as err:
            found["error"] = [str(err), err.status]
        await client.close()
    print(json.dumps(found))

asyncio.run(main())
"""


async def run(*arguments: str) -> dict[str, Any]:
    """Run the program in a Python of its own, and return what it found."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        # Isolated: nothing of the project can be imported by its name.
        "-I",
        "-c",
        PROGRAM,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    assert errors == b""
    found: dict[str, Any] = json.loads(output)
    return found


async def test_the_client_works_without_home_assistant(
    cloud: SimulatedCloud, estate: Estate
) -> None:
    found = await run(
        str(API), cloud.url, cloud.client_id, cloud.client_secret, cloud.account_id
    )

    assert found["tenants"] == [tenant.subscription_id for tenant in estate.tenants]
    assert set(found["cameras"]) == set(estate.cameras)
    assert found["ports"] == {
        device.id: list(device.ports) for device in estate.devices.values()
    }
    # Nothing was loaded but the client itself, once aiohttp was there.
    assert found["libraries"] == ["amnimo_client"]
    assert found["error"] == ["camera: HTTP status 400", 400]
    assert cloud.stats.tokens_issued == 1
    assert cloud.stats.count(Endpoint.CAMERAS, 200) == len(estate.tenants)
