"""What a diagnostics download holds, and above all what it does not."""

from __future__ import annotations

import json
from typing import Any

from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from homeassistant.components.camera import async_get_stream_source
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from .cloud import SimulatedCloud
from .entities import entity_id
from .estate import Estate


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
