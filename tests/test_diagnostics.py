"""What a diagnostics download holds, and above all what it does not."""

from __future__ import annotations

from datetime import datetime, timedelta
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
    get_diagnostics_for_device,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from homeassistant.components.camera import async_get_image, async_get_stream_source
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component

from .cloud import CloudOptions, MediaPace, SimulatedCloud
from .cloud.world import Storage
from .entities import entity_id
from .estate import Estate
from .passing_time import poll
from .watching import until


async def test_diagnostics_show_shapes_and_nobodys_data(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    loaded: MockConfigEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    """Counters and the shape of each kind of response, but no name, identifier or secret."""
    assert await async_setup_component(hass, "diagnostics", {})
    download: Any = await get_diagnostics_for_config_entry(hass, hass_client, loaded)
    assert download["cloud"]["cameras"] == len(estate.cameras)
    assert download["cloud"]["tenants"] == len(estate.tenants)
    assert download["client"]["token"]["calls_in_31_days"] == 1
    assert download["client"]["requests"]["cameras"] == {"200": len(estate.tenants)}
    assert download["client"]["lanes"]["POLL"]["granted"] == cloud.stats.total()
    assert download["client"]["last_failures"] == {}
    issued = datetime.fromisoformat(download["client"]["token"]["issued_at"])
    ends = datetime.fromisoformat(download["client"]["token"]["expires_at"])
    assert ends - issued == timedelta(hours=2)
    assert download["polls"]["cameras"]["succeeded"]
    shapes = download["client"]["response_shapes"]
    assert shapes["hierarchy"]["accountId"] == "uuid"
    assert set(shapes) == {"hierarchy", "cameras", "external_devices", "peripherals"}

    text = json.dumps(download, ensure_ascii=False)
    token = loaded.runtime_data.hub.client.tokens.current
    private = {
        cloud.client_id,
        cloud.client_secret,
        cloud.account_id,
        token.value,
        *cloud.world.tenants,
        *cloud.world.cameras,
        *cloud.world.devices,
        *(camera.name for camera in cloud.world.cameras.values()),
        *(tenant.account_name for tenant in cloud.world.tenants.values()),
    }
    assert not [each for each in private if each in text]
    assert "signature" not in text.lower()


async def test_diagnostics_of_live_cameras_name_none_of_them(
    hass: HomeAssistant,
    estate: Estate,
    loaded: MockConfigEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    """What is told of a camera's live view does not tell which camera it is."""
    assert await async_setup_component(hass, "diagnostics", {})
    for camera_id in estate.cameras:
        await async_get_stream_source(hass, entity_id(hass, "camera", camera_id))
    download: Any = await get_diagnostics_for_config_entry(hass, hass_client, loaded)
    assert len(download["live"]["cameras"]) == len(estate.cameras)
    text = json.dumps(download, ensure_ascii=False)
    assert not [camera_id for camera_id in estate.cameras if camera_id in text]


@pytest.mark.usefixtures("impatient")
async def test_diagnostics_tell_what_failed_last(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    """Also when it is over: which requests, how they were answered, and when."""
    cloud.faults.add("cameras", "status", status=503, count=-1)
    await poll(hass, cloud)
    assert await async_setup_component(hass, "diagnostics", {})
    download: Any = await get_diagnostics_for_config_entry(hass, hass_client, loaded)
    assert download["polls"]["cameras"]["last_error"] == "unexpected_response"
    assert not download["polls"]["cameras"]["succeeded"]
    cloud.faults.clear()
    await poll(hass, cloud)
    download = await get_diagnostics_for_config_entry(hass, hass_client, loaded)
    assert download["polls"]["cameras"]["succeeded"]
    assert download["client"]["last_failures"]["cameras"]["answer"] == "503"


async def test_diagnostics_of_each_device_tell_of_it_alone(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    loaded: MockConfigEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    """Camera, edge device, tenant and account: how each is, and nothing to know it by."""
    assert await async_setup_component(hass, "diagnostics", {})
    camera = next(each for each in estate.cameras.values() if each.device is not None)
    edge = camera.device
    assert edge is not None
    await async_get_stream_source(hass, entity_id(hass, "camera", camera.id))

    async def download(identifier: str) -> Any:
        device = dr.async_get(hass).async_get_device_by_identifier(
            ("amnimo", identifier), loaded.entry_id
        )
        assert device is not None
        return await get_diagnostics_for_device(hass, hass_client, loaded, device)

    told = await download(camera.id)
    assert told["camera"]["online"] is camera.online
    assert told["camera"]["storage"] == camera.storage
    assert told["camera"]["has_edge_device"]
    assert told["live"]["starts"] == 0
    everything = [told]

    told = await download(edge.id)
    ports = told["edge_device"]["ports"]
    assert [port["on"] for port in ports] == [port.on for port in edge.ports.values()]
    assert len(told["edge_device"]["external_equipment"]) == len(edge.external_devices)
    assert len(told["cameras"]) == sum(
        each.device is edge for each in estate.cameras.values()
    )
    everything.append(told)

    told = await download(camera.tenant.subscription_id)
    assert told["tenant"]["cameras"] == len(camera.tenant.cameras)
    assert told["tenant"]["last_error"] is None
    everything.append(told)

    told = await download(cloud.account_id)
    assert told["account"]["cameras"] == len(estate.cameras)
    everything.append(told)

    text = json.dumps(everything, ensure_ascii=False)
    token = loaded.runtime_data.hub.client.tokens.current
    private = {
        cloud.client_id,
        cloud.client_secret,
        cloud.account_id,
        token.value,
        *cloud.world.tenants,
        *cloud.world.cameras,
        *cloud.world.devices,
        *(each.name for each in cloud.world.cameras.values()),
        *(each.name for each in cloud.world.devices.values()),
        *(each.ip_address for each in edge.external_devices),
        *(each.account_name for each in cloud.world.tenants.values()),
    }
    assert not [each for each in private if each in text]


async def test_diagnostics_are_there_before_anything_is_loaded(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    """What the service answered is what they are needed for."""
    cloud.faults.add("hierarchy", "status", status=404, count=-1)
    await hass.config_entries.async_setup(entry.entry_id)
    assert await async_setup_component(hass, "diagnostics", {})
    download: Any = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert download["state"] == "setup_retry"
    assert download["reason"] == "not_found"
    assert download["client"]["requests"]["hierarchy"] == {"404": 1}
    assert download["client"]["token"]["calls_in_31_days"] == 1


@pytest.mark.parametrize(
    "cloud_options", [CloudOptions(start_seconds=0, cloud_media=MediaPace(0, 0))]
)
@pytest.mark.usefixtures("impatient")
async def test_diagnostics_of_a_busy_account_give_nothing_away(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    loaded: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    tmp_path: Path,
) -> None:
    """While video plays, a clip is downloaded and requests fail: no address, name or ID of it."""
    hass.config.media_dirs = {"local": str(tmp_path)}
    camera = next(
        each
        for each in estate.cameras.values()
        if each.storage is Storage.CLOUD and each.online
    )
    target = {"entity_id": entity_id(hass, "camera", camera.id)}
    source = await async_get_stream_source(hass, target["entity_id"])
    assert source is not None
    async with aiohttp.ClientSession() as http, http.get(source) as response:
        assert response.status == 200
    [session] = cloud.sessions.open()
    await async_get_image(hass, target["entity_id"])
    thumbnails: Any = await hass.services.async_call(
        "amnimo", "get_thumbnails", target, blocking=True, return_response=True
    )
    cloud.faults.add("media_file", "status", status=503, count=-1)
    await hass.services.async_call(
        "amnimo",
        "generate_clip",
        {
            **target,
            "last": "00:00:05",
            "name": "Robbery",
            "download": True,
            "wait": False,
        },
        blocking=True,
    )
    await until(lambda: cloud.stats.count("media_file") > 0)
    [clip] = cloud.media.search(camera.tenant, camera, ["CLIP"], newest_first=True)
    cloud.faults.add("cameras", "status", status=500, count=3)
    await loaded.runtime_data.cameras.async_refresh()

    assert await async_setup_component(hass, "diagnostics", {})
    device = dr.async_get(hass).async_get_device_by_identifier(
        ("amnimo", camera.id), loaded.entry_id
    )
    assert device is not None
    told: list[Any] = [
        await get_diagnostics_for_config_entry(hass, hass_client, loaded),
        await get_diagnostics_for_device(hass, hass_client, loaded, device),
    ]
    for each in told:
        assert [job["downloading"] for job in each["media"]["jobs"]] == [True]
        assert each["client"]["last_failures"]["cameras"]["answer"] == "500"
    assert told[0]["live"]["sessions_open"] == 1

    token = loaded.runtime_data.hub.client.tokens.current
    answers = next(iter(thumbnails.values()))["thumbnails"]
    private = {
        cloud.client_id,
        cloud.client_secret,
        cloud.account_id,
        token.value,
        camera.id,
        camera.name,
        "Robbery",
        str(tmp_path),
        URL(source).parts[-2],
        session.token,
        session.request_id,
        *(value for each in answers for value in URL(each["url"]).query.values()),
        clip.id,
        *cloud.world.tenants,
    }
    assert answers
    text = json.dumps(told, ensure_ascii=False)
    assert not [each for each in private if each in text]
