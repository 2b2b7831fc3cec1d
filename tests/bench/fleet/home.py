"""A Home Assistant within this process, with an account of a cloud.

Owns its start and stop. It is the real one, started as its own command starts it, but without
what a household has besides.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
import sys
from types import MappingProxyType
from typing import Any, Final

import aiohttp

from homeassistant import loader
from homeassistant.bootstrap import async_from_config_dict
from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import DATA_RESOLVER
from tests.demo.configuration import configure
from tests.demo.errors import DemoError
from tests.demo.processes import free_port
from tests.demo.simulated_cloud import Credentials

TWIN: Final = Path(__file__).with_name("twin")


@asynccontextmanager
async def home(
    folder: Path, configuration: Mapping[str, Any] | None = None
) -> AsyncIterator[HomeAssistant]:
    """Have a Home Assistant that runs; ``configuration`` is what a user wrote."""
    configure(folder, host="127.0.0.1", port=free_port(), log_level="warning")
    place = folder / "custom_components"
    place.unlink()
    place.mkdir()
    (place / TWIN.name).symlink_to(TWIN, target_is_directory=True)
    # As its own command does; this repository's integration is found where this program is.
    sys.path.insert(0, str(folder))
    hass = HomeAssistant(str(folder))
    # All are on 127.0.0.1: no names to look up, and no network to look around in for that.
    hass.data[str(DATA_RESOLVER)] = aiohttp.ThreadedResolver()
    hass.config.skip_pip = True
    loader.async_setup(hass)
    if await async_from_config_dict(dict(configuration or {}), hass) is None:
        raise DemoError("Home Assistant could not be set up")
    await hass.async_start()
    try:
        yield hass
    finally:
        await hass.async_stop(force=True)


def account_entry(credentials: Credentials) -> ConfigEntry[Any]:
    """Return the entry that the config flow would make, polled by nobody."""
    return _entry(
        "amnimo",
        {
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret,
            "account_id": credentials.account_id,
            "api_url": credentials.url,
        },
    )


def twin_entry(account: str | None = None) -> ConfigEntry[Any]:
    """Return an entry of the twin; with the ID of an account's it polls the cameras."""
    return _entry("twin", {"account": account})


def generic_entry(still_image_url: str) -> ConfigEntry[Any]:
    """Return an entry of a `generic` camera as its form leaves it by default."""
    return _entry(
        "generic",
        {},
        version=2,
        options={
            "still_image_url": still_image_url,
            "content_type": "image/jpeg",
            "advanced": {"framerate": 2.0, "verify_ssl": True},
        },
    )


def _entry(
    domain: str,
    data: Mapping[str, Any],
    *,
    version: int = 1,
    options: Mapping[str, Any] | None = None,
) -> ConfigEntry[Any]:
    return ConfigEntry(
        data=data,
        discovery_keys=MappingProxyType({}),
        domain=domain,
        minor_version=1,
        options=options or {},
        pref_disable_polling=True,
        source=SOURCE_USER,
        subentries_data=(),
        title=domain,
        unique_id=None,
        version=version,
    )


async def add(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Add an entry and wait until it is set up."""
    await hass.config_entries.async_add(entry)
    await hass.async_block_till_done()
    if entry.state is not ConfigEntryState.LOADED:
        raise DemoError(f"the entry of {entry.domain} is {entry.state}: {entry.reason}")
