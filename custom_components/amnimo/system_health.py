"""What the page of the system's health says: is the service there, and how much is left of it.

For each client ID, since that is what the service limits; never the client ID itself.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from homeassistant.components import system_health
from homeassistant.const import CONF_CLIENT_ID, CONF_CLIENT_SECRET
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import translation
from homeassistant.util import dt as dt_util

from .api import AmnimoClient
from .const import CONF_API_URL, DOMAIN
from .entries import async_entries_in_use
from .hub import async_get_hub
from .runtime import AmnimoConfigEntry

type _ClientKey = tuple[str, str]
"""Client ID and API address."""


@callback
def async_register(
    hass: HomeAssistant, register: system_health.SystemHealthRegistration
) -> None:
    """Say who is to be asked."""
    register.async_register_info(async_system_health_info)


async def async_system_health_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return the figures of each client ID."""
    clients: defaultdict[_ClientKey, list[AmnimoConfigEntry]] = defaultdict(list)
    for entry in async_entries_in_use(hass):
        clients[entry.data[CONF_CLIENT_ID], entry.data[CONF_API_URL]].append(entry)
    told: dict[str, Any] = {}
    for entries in clients.values():
        figures = await _async_figures(hass, entries[0])
        if len(clients) > 1:
            figures = await _async_named(hass, entries, figures)
        told.update(figures)
    return told


async def _async_figures(
    hass: HomeAssistant, entry: AmnimoConfigEntry
) -> dict[str, Any]:
    client = _client(hass, entry)
    await client.tokens.load()
    token, usage = client.tokens.current, client.tokens.usage
    return {
        "can_reach_server": system_health.async_check_can_reach_url(
            hass, entry.data[CONF_API_URL]
        ),
        "token_valid_until": token
        and dt_util.as_local(dt_util.utc_from_timestamp(token.expires_at)),
        "tokens": f"{usage.calls} / {usage.limit}",
        "refusals": client.throttle.refusals,
    }


async def _async_named(
    hass: HomeAssistant, entries: list[AmnimoConfigEntry], figures: dict[str, Any]
) -> dict[str, Any]:
    """Return figures under names that say whose they are; the page translates only the keys."""
    texts = await translation.async_get_translations(
        hass, hass.config.language, "system_health", {DOMAIN}
    )
    accounts = ", ".join(sorted(entry.title for entry in entries))
    return {
        f"{texts[f'component.{DOMAIN}.system_health.info.{key}']} ({accounts})": value
        for key, value in figures.items()
    }


def _client(hass: HomeAssistant, entry: AmnimoConfigEntry) -> AmnimoClient:
    return async_get_hub(
        hass,
        entry.data[CONF_CLIENT_ID],
        entry.data[CONF_CLIENT_SECRET],
        entry.data[CONF_API_URL],
    ).client
