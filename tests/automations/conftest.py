"""A home whose automations say what they were handed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import parse_yaml
from tests.cloud import CloudOptions
from tests.cloud.world import Camera, Device, Port, PortKind, Storage
from tests.estate import Estate
from tests.media.passage import Passage

COMMANDS = "custom_components.amnimo.port_commands"

type Automate = Callable[..., Awaitable[list[Event]]]


@pytest.fixture
def cloud_options() -> CloudOptions:
    """Return a cloud whose ports move after a while that a test lets pass."""
    return CloudOptions(port_seconds=5, start_seconds=0)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let confirmations of ports come and give up within moments."""
    monkeypatch.setattr(f"{COMMANDS}._FIRST_CHECK", 0.01)
    monkeypatch.setattr(f"{COMMANDS}._CHECK_INTERVAL", 0.01)
    monkeypatch.setattr(f"{COMMANDS}._PATIENCE", 0.3)


@pytest.fixture
def automate(hass: HomeAssistant) -> Automate:
    """Return what makes an automation, and returns the `told` events that it fires."""

    async def make(text: str, **values: Any) -> list[Event]:
        told = async_capture_events(hass, "told")
        for name, value in values.items():
            text = text.replace(f"<{name}>", str(value))
        config = parse_yaml(text)
        assert isinstance(config, dict)
        config = {"id": "automation", "alias": "Automation", **config}
        assert await async_setup_component(hass, "automation", {"automation": config})
        await hass.async_block_till_done()
        automation = hass.states.get("automation.automation")
        assert automation is not None
        assert automation.state == "on", "the automation is not valid"
        return told

    return make


@pytest.fixture
def media_folder(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Return the local media folder."""
    hass.config.media_dirs = {"local": str(tmp_path)}
    return tmp_path


@pytest.fixture
async def passage(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    media_folder: Path,
    loaded: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> Passage:
    """Return the passing of time, in a home with the integration."""
    return Passage(hass, freezer)


@pytest.fixture
def camera(estate: Estate) -> Camera:
    """Return a camera whose recordings are in the cloud."""
    return next(
        camera
        for camera in estate.cameras.values()
        if camera.storage is Storage.CLOUD and camera.online
    )


@pytest.fixture
def device(estate: Estate) -> Device:
    """Return a device with ports of all kinds."""
    return next(
        device for device in estate.devices.values() if device.ports_of(PortKind.INPUT)
    )


@pytest.fixture
def port(device: Device) -> Port:
    """Return a PoE port that is on."""
    return device.ports_of(PortKind.POE)[0]


def device_id(hass: HomeAssistant, entry: MockConfigEntry, identifier: str) -> str:
    """Return the ID that Home Assistant has given to a device of the cloud's."""
    found = dr.async_get(hass).async_get_device_by_identifier(
        ("amnimo", identifier), entry.entry_id
    )
    assert found is not None
    return found.id
