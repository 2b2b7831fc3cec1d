"""amnimo: cameras and edge devices of the amnimo cloud in Home Assistant."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_CLIENT_ID, CONF_CLIENT_SECRET, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.typing import ConfigType

from .actions import async_setup_actions
from .const import (
    CONF_API_URL,
    CONF_KEEP_ALIVE_PERIOD,
    DEFAULT_KEEP_ALIVE_PERIOD,
    DOMAIN,
)
from .coordinator import CameraCoordinator, PortCoordinator
from .entries import is_readable
from .hub import (
    AmnimoHub,
    async_get_hub,
    async_is_contested,
    async_remove_unused_hub,
    async_share_hub,
)
from .issues import async_get_account_issues, async_remove_account_issues
from .live.relay import LiveRelay
from .live.view import async_register_view as async_register_live_view
from .media.jobs import MediaJobs, async_remove_jobs
from .media.thumbnail_view import async_register_view as async_register_thumbnail_view
from .media.thumbnails import Thumbnails
from .media.view import async_register_view as async_register_media_view
from .port_commands import PortCommands
from .port_moves import PortMoves
from .registry import DeviceTree
from .runtime import AmnimoConfigEntry, AmnimoRuntimeData
from .stills import StillCache

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

FIRST_PLATFORMS = [Platform.BUTTON, Platform.CAMERA, Platform.SWITCH]
OTHER_PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.EVENT,
    Platform.IMAGE,
    Platform.SENSOR,
]


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Set up what is there once, whatever the number of accounts."""
    async_setup_actions(hass)
    async_register_live_view(hass)
    async_register_media_view(hass)
    async_register_thumbnail_view(hass)
    return True


async def async_migrate_entry(hass: HomeAssistant, entry: AmnimoConfigEntry) -> bool:
    """Take an entry whose data have another minor version as it is.

    There was no other form of the data so far. What a later release added is not touched, so
    that it is there when that is installed again; one with another major version does not come
    here, but is refused by Home Assistant.
    """
    return True


async def async_setup_entry(hass: HomeAssistant, entry: AmnimoConfigEntry) -> bool:
    """Set up an account."""
    hub = async_get_hub(
        hass,
        entry.data[CONF_CLIENT_ID],
        entry.data[CONF_CLIENT_SECRET],
        entry.data[CONF_API_URL],
    )
    # Home Assistant decides when it is worth another try, or the user does.
    hub.client.tokens.forget_refusal()
    # Another entry may use the client ID with a secret that is good: ours has to prove itself
    # before it takes over. Otherwise its token counts from the first try on.
    key = (entry.data[CONF_CLIENT_ID], entry.data[CONF_API_URL])
    if not async_is_contested(hass, *key, hub):
        await _async_take_over(hass, key, hub)
    client = hub.client.on_behalf_of(entry.entry_id)
    cameras = CameraCoordinator(hass, entry, client)
    issues = async_get_account_issues(hass, entry)
    issues.async_watch_cloud(client, cameras)
    await cameras.async_config_entry_first_refresh()
    await _async_take_over(hass, key, hub)

    ports = PortCoordinator(hass, entry, cameras)
    # Cameras are worth having where ports are not to be had: no permission, for example.
    await ports.async_refresh()

    live = LiveRelay(
        hass,
        client,
        cameras.subscription_of,
        keep_alive_period=entry.options.get(
            CONF_KEEP_ALIVE_PERIOD, DEFAULT_KEEP_ALIVE_PERIOD
        ),
    )
    entry.async_on_unload(live.async_close)
    media = MediaJobs(hass, entry, client, cameras.locate, lambda: cameras.data.tenants)
    entry.async_on_unload(media.async_close)
    entry.runtime_data = AmnimoRuntimeData(
        hub=hub,
        cameras=cameras,
        ports=ports,
        devices=DeviceTree(hass, entry, cameras, ports),
        port_commands=PortCommands(hass, entry, ports),
        stills=StillCache(hass, cameras),
        live=live,
        media=media,
        thumbnails=Thumbnails(hass, client, cameras.locate),
    )
    moves = PortMoves(hass, entry.entry_id, ports, entry.runtime_data.port_commands)
    entry.async_on_unload(moves.async_start())
    issues.async_watch_downloads(media)
    await entry.runtime_data.devices.async_follow()
    # Where Home Assistant runs out of room for entities, these come first.
    await hass.config_entries.async_forward_entry_setups(entry, FIRST_PLATFORMS)
    await hass.config_entries.async_forward_entry_setups(entry, OTHER_PLATFORMS)
    await media.async_load()
    return True


async def _async_take_over(
    hass: HomeAssistant, key: tuple[str, str], hub: AmnimoHub
) -> None:
    """Keep the hub's token, and let all have it who use the client ID at the API's URL."""
    await hub.store.async_persist()
    async_share_hub(hass, *key, hub)


async def async_unload_entry(hass: HomeAssistant, entry: AmnimoConfigEntry) -> bool:
    """Unload an account."""
    return await hass.config_entries.async_unload_platforms(
        entry, [*FIRST_PLATFORMS, *OTHER_PLATFORMS]
    )


async def async_remove_entry(hass: HomeAssistant, entry: AmnimoConfigEntry) -> None:
    """Leave nothing behind of an account, nor of a client ID that was its alone."""
    async_remove_account_issues(hass, entry)
    await async_remove_jobs(hass, entry.entry_id)
    if is_readable(entry):
        await async_remove_unused_hub(hass, entry.data)


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: AmnimoConfigEntry, device: dr.DeviceEntry
) -> bool:
    """Let a user delete a device that the cloud no longer has."""
    if entry.state is not ConfigEntryState.LOADED:
        return False
    return all(
        entry.runtime_data.devices.async_let_go(identifier)
        for domain, identifier in device.identifiers
        if domain == DOMAIN
    )
