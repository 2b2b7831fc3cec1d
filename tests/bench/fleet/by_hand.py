"""An hour of a small household, and of one that somebody wrote in YAML instead.

By hand there is a `rest` switch for each port, which reads the ports of its device, and a
`generic` camera for each camera. A `generic` camera can't send an access token, and the URL that
needs none ends: so there is a `rest` sensor for each camera that asks for the camera and has
the URL of its picture as an attribute, since that is too long for a state, and the `generic`
camera's URL is a template of it. All that need not be said is left as it is by default. The
access token is given to it, and lasts the hour.

All of these ask at the same moment when Home Assistant starts: more than the service lets in, and
a `rest` switch that is refused then never comes to be. So that both have the same entities in
their hour, the service lets all of them in at the start, and only then; without that, the hour is
measured too. One listing tells of all cameras: another way by hand has one `rest` resource with a
sensor for each camera.

Owns the hours; all of it runs in a whole Home Assistant, and the cloud counts.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final
from unittest.mock import patch

import aiohttp

from homeassistant.components.camera import async_get_image
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from tests.bench.comparison import Finding
from tests.bench.report import MustBeZero, Result, Table
from tests.cloud import limits
from tests.cloud.world import Camera
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
_MANY: Final = 1000.0
_PICTURE: Final = b"\xff\xd8"
"""How a JPEG file begins."""

type Yaml = Mapping[str, list[dict[str, Any]]]
"""What somebody would write into configuration.yaml."""


@dataclass(frozen=True, slots=True)
class _Hour:
    """Requests to the API, how many of them were refused, and what there was for them."""

    requests: int
    refused: int
    switches: int
    pictures: int
    """That somebody who looked was shown."""
    dark: int
    """Cameras that never showed a picture to anybody who looked."""


async def run(*, quick: bool) -> Result:
    """Count an hour of each, with and without a dashboard that somebody looks at."""
    say("bench: an hour of 12 cameras and 24 ports, and of the same by hand …")
    rows: list[tuple[str, str, int, int, int, int, float | None]] = []
    findings: list[Finding] = []
    refused = dark = 0
    occasions = (("nobody looks", False), ("a dashboard is open", True))
    for name, looked_at in occasions[:1] if quick else occasions:
        ours = await asyncio.to_thread(run_working, _ours(looked_at=looked_at))
        refused += ours.refused
        dark += ours.dark
        rows.append((name, "the integration", *_counts(ours), None))
        # Pictures are no requests: who looks makes no other difference to ways by hand.
        for way in _WAYS[:1] if quick or looked_at else _WAYS:
            by_hand = await asyncio.to_thread(
                run_working, _by_hand(way, looked_at=looked_at)
            )
            dark += by_hand.dark
            times = by_hand.requests / ours.requests
            rows.append((name, way.name, *_counts(by_hand), times))
            findings.append(
                Finding(
                    f"API requests an hour, 12 cameras and 24 ports, {name}; {way.name}",
                    ours.requests,
                    beside=by_hand.requests,
                    most_ratio=way.most,
                )
            )
    table = Table(
        "API requests of an hour, 12 cameras and 24 ports",
        ("", "way", "requests", "429s", "switches", "pictures", "times the requests"),
        rows,
        (
            "A dashboard asks for each camera's picture every 10 s.",
            "Pictures are fetched by presigned URL: that is no API request.",
            "A `rest` switch that is refused at the start (429) never comes to be.",
            "429s are requests, too; those of the start are not counted.",
        ),
    )
    return Result(
        "by_hand",
        [table],
        [
            MustBeZero("429s of a household", refused),
            MustBeZero("cameras of a household that showed no picture", dark),
        ],
        findings=findings,
    )


def _counts(hour: _Hour) -> tuple[int, int, int, int]:
    return hour.requests, hour.refused, hour.switches, hour.pictures


async def _ours(*, looked_at: bool) -> _Hour:
    async with fleet_cloud(_HOUSEHOLD) as cloud, temporary_home() as hass:
        entry = account_entry(credentials(cloud))
        await add(hass, entry)
        hass.config_entries.async_update_entry(entry, pref_disable_polling=False)
        await hass.config_entries.async_reload(entry.entry_id)
        return await _pass(hass, cloud, looked_at=looked_at)


async def _by_hand(way: _Way, *, looked_at: bool) -> _Hour:
    async with fleet_cloud(_HOUSEHOLD) as cloud, aiohttp.ClientSession() as http:
        async with http.post(
            f"{cloud.url}/oauth2/token",
            auth=aiohttp.BasicAuth(cloud.client_id, cloud.client_secret),
            data={"grant_type": "client_credentials"},
        ) as response:
            token = (await response.json())["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        yaml = {"switch": _switches(cloud, headers), **way.pictures(cloud, headers)}
        async with AsyncExitStack() as stack:
            at_once = _MANY if way.all_let_in else limits.BURST
            with patch.object(limits, "BURST", at_once):
                hass = await stack.enter_async_context(temporary_home(yaml))
                for camera, _ in _cameras(cloud):
                    await add(hass, generic_entry(_url_template(camera)))
            # It tells how old a picture is by the machine's clock.
            clock = SimpleNamespace(time=asyncio.get_running_loop().time)
            with patch("homeassistant.components.generic.camera.time", clock):
                return await _pass(hass, cloud, looked_at=looked_at)


def _switches(cloud: FleetCloud, headers: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return a switch a port."""
    return [
        {
            "platform": "rest",
            "name": f"{device.name} {port.id}",
            "resource": f"{base}/ports/{port.id}",
            "state_resource": f"{base}/peripherals",
            "headers": headers,
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


def _a_resource_each(cloud: FleetCloud, headers: Mapping[str, str]) -> Yaml:
    """Return a sensor a camera, each of which asks for its own."""
    return {
        "sensor": [
            {
                "platform": "rest",
                "name": f"{camera.name} picture",
                "resource": f"{cameras}/{camera.id}",
                "headers": headers,
                "value_template": "{{ value_json.thumbnail.timestamp }}",
                "json_attributes_path": "$.thumbnail",
                "json_attributes": ["url"],
            }
            for camera, cameras in _cameras(cloud)
        ]
    }


def _one_listing(cloud: FleetCloud, headers: Mapping[str, str]) -> Yaml:
    """Return a sensor a camera, all of which share a listing of the tenant."""
    return {
        "rest": [
            {
                "resource": cameras,
                "headers": headers,
                "sensor": [
                    {
                        "name": f"{camera.name} picture",
                        "value_template": (
                            "{{ (value_json.cameras | selectattr('id', 'eq', "
                            f"'{camera.id}') | first).thumbnail.timestamp }}}}"
                        ),
                        "json_attributes_path": (
                            f"$.cameras[?(@.id=='{camera.id}')].thumbnail"
                        ),
                        "json_attributes": ["url"],
                    }
                    for camera, _ in _cameras(cloud)
                ],
            }
            for cameras in dict.fromkeys(cameras for _, cameras in _cameras(cloud))
        ]
    }


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to write it by hand."""

    name: str
    pictures: Callable[[FleetCloud, Mapping[str, str]], Yaml]
    """How the URLs of the pictures are had."""
    all_let_in: bool
    """Whether the service refuses nothing at the start."""
    most: float | None = None
    """The most that ours may be of it, None where that is not judged."""


_WAYS: Final = (
    _Way("by hand", _a_resource_each, all_let_in=True, most=_MOST_OF_BY_HAND),
    _Way("by hand, refused at the start", _a_resource_each, all_let_in=False),
    _Way("by hand, one listing of cameras", _one_listing, all_let_in=True),
)


def _cameras(cloud: FleetCloud) -> Iterator[tuple[Camera, str]]:
    """Yield the cameras, and where those of its tenant are listed."""
    for tenant in cloud.client.accounts[0].family():
        for camera in tenant.cameras.values():
            yield camera, f"{cloud.url}/partitions/{tenant.subscription_id}/cameras"


def _url_template(camera: Camera) -> str:
    """Return the URL of a camera's picture for somebody who knows its sensor."""
    name = camera.name.lower().replace(" ", "_")
    return f"{{{{ state_attr('sensor.{name}_picture', 'url') }}}}"


async def _pass(hass: HomeAssistant, cloud: FleetCloud, *, looked_at: bool) -> _Hour:
    """Let an hour pass."""
    before, refused = cloud.stats.total(), cloud.stats.refused
    cameras = hass.states.async_entity_ids(Platform.CAMERA)
    shown = dict.fromkeys(cameras, 0)
    looks = round(_HOUR / _LOOK_EVERY) if looked_at else 1
    for _ in range(looks):
        if looked_at:
            await asyncio.gather(*(_look(hass, each, shown) for each in cameras))
        await asyncio.sleep(_HOUR / looks)
    return _Hour(
        requests=cloud.stats.total() - before,
        refused=cloud.stats.refused - refused,
        switches=len(hass.states.async_entity_ids(Platform.SWITCH)),
        pictures=sum(shown.values()),
        dark=sum(not each for each in shown.values()) if looked_at else 0,
    )


async def _look(hass: HomeAssistant, entity_id: str, shown: dict[str, int]) -> None:
    """Ask for a picture, and count one that came; a camera that has none shows none."""
    try:
        image = await async_get_image(hass, entity_id)
    except HomeAssistantError:
        return
    shown[entity_id] += image.content.startswith(_PICTURE)
