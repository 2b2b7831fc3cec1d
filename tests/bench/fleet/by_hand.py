"""An hour of a small household, and of one that somebody wrote in YAML instead.

By hand there is a `rest` switch for each port, which reads the ports of its device, and a
`generic` camera for each camera; all that need not be said is left as it is by default. A
`generic` camera wants a picture where the service has the URL of one, so a small server stands
between: it counts one request a picture, for the listing that tells the URL.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
import io
from types import SimpleNamespace
from typing import Any, Final
from unittest.mock import patch

import aiohttp
from aiohttp import web
from PIL import Image

from homeassistant.components.camera import async_get_image
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from tests.bench.comparison import Finding
from tests.bench.report import MustBeZero, Result, Table
from tests.demo.talk import say

from .by_the_clock import credentials, fleet_cloud, temporary_home
from .fleet import Fleet, FleetCloud
from .home import account_entry, add, generic_entry
from .working_loop import run_working

_HOUSEHOLD: Final = Fleet(tenants=1, cameras=12, devices=4)
_HOUR: Final = 3600.0
# As often as Home Assistant's dashboards ask for a camera's picture.
_LOOK_EVERY: Final = 10.0
_MOST_OF_BY_HAND: Final = 0.1


@dataclass(frozen=True, slots=True)
class _Hour:
    """Requests to the API, how many of them were refused, and how many switches there were."""

    requests: int
    refused: int
    switches: int


async def run(*, quick: bool) -> Result:
    """Count an hour of each, with and without a dashboard that somebody looks at."""
    say("bench: an hour of 12 cameras and 24 ports, and of the same by hand …")
    rows: list[tuple[str, int, int, int, int, int, float]] = []
    findings, refused = [], 0
    occasions = (("nobody looks", False), ("a dashboard is open", True))
    for name, looked_at in occasions[:1] if quick else occasions:
        ours = await asyncio.to_thread(run_working, _ours(looked_at=looked_at))
        by_hand = await asyncio.to_thread(run_working, _by_hand(looked_at=looked_at))
        fewer = by_hand.requests / ours.requests
        rows.append(
            (
                name,
                ours.requests,
                ours.switches,
                by_hand.requests,
                by_hand.switches,
                by_hand.refused,
                fewer,
            )
        )
        refused += ours.refused
        findings.append(
            Finding(
                f"API requests an hour, 12 cameras and 24 ports, {name}",
                ours.requests,
                beside=by_hand.requests,
                most_ratio=_MOST_OF_BY_HAND,
            )
        )
    table = Table(
        "API requests of an hour, 12 cameras and 24 ports",
        ("", "requests", "switches", "by hand", "switches", "429s", "times fewer"),
        rows,
        (
            "A dashboard asks for each camera's picture every 10 s.",
            "A `rest` switch that is refused at the start (429) never comes to be.",
        ),
    )
    return Result(
        "by_hand",
        [table],
        [MustBeZero("429s of a household", refused)],
        findings=findings,
    )


async def _ours(*, looked_at: bool) -> _Hour:
    async with fleet_cloud(_HOUSEHOLD) as cloud, temporary_home() as hass:
        entry = account_entry(credentials(cloud))
        await add(hass, entry)
        hass.config_entries.async_update_entry(entry, pref_disable_polling=False)
        await hass.config_entries.async_reload(entry.entry_id)
        before = cloud.stats.total()
        await _pass(hass, looked_at=looked_at)
        return _Hour(
            cloud.stats.total() - before, cloud.stats.refused, _switches_of(hass)
        )


async def _by_hand(*, looked_at: bool) -> _Hour:
    async with (
        fleet_cloud(_HOUSEHOLD) as cloud,
        _pictures() as pictures,
        aiohttp.ClientSession() as http,
    ):
        async with http.post(
            f"{cloud.url}/oauth2/token",
            auth=aiohttp.BasicAuth(cloud.client_id, cloud.client_secret),
            data={"grant_type": "client_credentials"},
        ) as response:
            token = (await response.json())["access_token"]
        async with temporary_home({"switch": _switches(cloud, token)}) as hass:
            for index in range(_HOUSEHOLD.cameras):
                await add(hass, generic_entry(f"{pictures.url}/{index}.jpg"))
            before = cloud.stats.total()
            pictures.served = 0
            # It tells how old a picture is by the machine's clock.
            clock = SimpleNamespace(time=asyncio.get_running_loop().time)
            with patch("homeassistant.components.generic.camera.time", clock):
                await _pass(hass, looked_at=looked_at)
            return _Hour(
                cloud.stats.total() - before + pictures.served,
                cloud.stats.refused,
                _switches_of(hass),
            )


def _switches_of(hass: HomeAssistant) -> int:
    return len(hass.states.async_entity_ids(Platform.SWITCH))


def _switches(cloud: FleetCloud, token: str) -> list[dict[str, Any]]:
    """Return what somebody would write into configuration.yaml."""
    return [
        {
            "platform": "rest",
            "name": f"{device.name} {port.id}",
            "resource": f"{base}/ports/{port.id}",
            "state_resource": f"{base}/peripherals",
            "headers": {"Authorization": f"Bearer {token}"},
            "body_on": '{"action": 1}',
            "body_off": '{"action": 0}',
            "is_on_template": (
                "{{ (value_json.data | selectattr('portId', 'eq', "
                f"'{port.id}') | first).status == 1 }}}}"
            ),
        }
        for tenant in cloud.client.accounts[0].family()
        for device in tenant.devices.values()
        for base in (
            f"{cloud.url}/partitions/{tenant.subscription_id}/devices/{device.id}",
        )
        for port in device.ports.values()
    ]


class _Pictures:
    """A server of pictures, and how many it served."""

    url = ""
    served = 0


@asynccontextmanager
async def _pictures() -> AsyncIterator[_Pictures]:
    """Serve a picture under any name."""
    file = io.BytesIO()
    Image.new("RGB", (64, 36)).save(file, "JPEG")
    pictures = _Pictures()

    async def serve(_: web.Request) -> web.Response:
        pictures.served += 1
        return web.Response(body=file.getvalue(), content_type="image/jpeg")

    app = web.Application()
    app.router.add_get("/{name}", serve)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    pictures.url = f"http://{host}:{port}"
    yield pictures
    await runner.cleanup()


async def _pass(hass: HomeAssistant, *, looked_at: bool) -> None:
    """Let an hour pass."""
    cameras = hass.states.async_entity_ids(Platform.CAMERA)
    looks = round(_HOUR / _LOOK_EVERY) if looked_at else 1
    for _ in range(looks):
        if looked_at:
            await asyncio.gather(*(_look(hass, each) for each in cameras))
        await asyncio.sleep(_HOUR / looks)


async def _look(hass: HomeAssistant, entity_id: str) -> None:
    """Ask for a picture; a camera that has none shows none."""
    try:
        await async_get_image(hass, entity_id)
    except HomeAssistantError:
        return
