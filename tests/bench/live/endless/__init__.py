"""What live viewing is measured beside: cameras that start when asked for their source.

A custom integration for the benchmarks alone. It plays cameras of the amnimo account that is
set up in the same Home Assistant, through the same client and rate limit, so that all that
differs is when a stream is started, extended and stopped. Where an entry says so, it also
is a WebRTC provider, as go2rtc is in most homes. Besides, it tells the sources of cameras.
"""

from collections.abc import Mapping
from typing import Any

import probatio as vol

from homeassistant.components.camera import (
    async_get_stream_source,
    async_register_webrtc_provider,
)
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_ENTITY_ID, Platform
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType

from .const import CONF_WEBRTC, DOMAIN, GET_SOURCES
from .provider import HttpWebRTCProvider

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the action that tells what cameras are played from."""

    async def get_sources(call: ServiceCall) -> ServiceResponse:
        return {
            entity_id: await async_get_stream_source(hass, entity_id)
            for entity_id in call.data[ATTR_ENTITY_ID]
        }

    hass.services.async_register(
        DOMAIN,
        GET_SOURCES,
        get_sources,
        vol.Schema({vol.Required(ATTR_ENTITY_ID): cv.entity_ids}),
        supports_response=SupportsResponse.ONLY,
    )
    return True


async def async_setup_entry(
    hass: HomeAssistant, entry: ConfigEntry[Mapping[str, Any]]
) -> bool:
    """Set up the cameras of an entry."""
    await hass.config_entries.async_forward_entry_setups(entry, [Platform.CAMERA])
    # Only now, when all cameras are asked at a time: as long as each start takes, to ask one
    # after the other while they are added would hold up Home Assistant's start.
    if entry.data[CONF_WEBRTC]:
        async_register_webrtc_provider(hass, HttpWebRTCProvider())
    return True
