"""What all entries with one client ID share: the client with its throttle, and the token.

The service limits a client ID, not an account, so there is one hub for each. A hub comes to be
when a config flow checks credentials and goes on to serve the entry that the flow adds, so the
check costs the only token. It outlives a reload, since the service's memory does too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
import hashlib
import logging
from typing import Any, override

from homeassistant.const import (
    CONF_CLIENT_ID,
    CONF_CLIENT_SECRET,
    EVENT_HOMEASSISTANT_FINAL_WRITE,
)
from homeassistant.core import Event, HomeAssistant, async_get_hass, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.storage import Store
from homeassistant.util.hass_dict import HassKey
from homeassistant.util.json import json_loads

from .api import AmnimoClient, Throttle, TokenRecord, TokenStore
from .const import CONF_API_URL, DOMAIN, ENTRY_VERSION

_LOGGER = logging.getLogger(__name__)

_STORAGE_VERSION = 1

_HUBS: HassKey[dict[tuple[str, str], AmnimoHub]] = HassKey(f"{DOMAIN}_hubs")
_WRITERS: HassKey[dict[str, HubTokenStore]] = HassKey(f"{DOMAIN}_token_writers")


class HubTokenStore(TokenStore):
    """Keeps the token on disk, once the hub serves an entry.

    The token is kept with a fingerprint of the secret that it was issued for: with another
    secret it proves nothing, and is not handed out. Of several hubs with one client ID, the
    one that proved itself last writes: an account that still has a secret of before must not
    put its token in place of the one that is good.
    """

    def __init__(
        self, hass: HomeAssistant, client_id: str, client_secret: str, api_url: str
    ) -> None:
        """Name the file after the client ID, without giving it away."""
        self._fingerprint = _digest(client_id, client_secret)
        self._file = f"{DOMAIN}.token.{_digest(api_url, client_id)[:16]}"
        self._store: Store[dict[str, Any]] = Store(
            hass, _STORAGE_VERSION, self._file, private=True, atomic_writes=True
        )
        self._record: TokenRecord | None = None
        self._writers = hass.data.setdefault(_WRITERS, {})

    @override
    async def load(self) -> TokenRecord | None:
        """Return what was kept, without the token where it is another secret's."""
        try:
            data = await self._store.async_load()
        except HomeAssistantError as err:
            # A file that can't be read, or that a later release wrote, costs a token.
            _LOGGER.warning("The access token that was kept can't be read: %s", err)
            return None
        if data is None:
            return None
        record = TokenRecord.from_dict(data.get("record", {}))
        if data.get("fingerprint") != self._fingerprint:
            record = TokenRecord(calls=record.calls)
        return record

    @override
    async def save(self, record: TokenRecord) -> None:
        """Keep the record, on disk if that was asked for."""
        self._record = record
        if self._is_writer:
            await self._async_write(record)

    async def async_persist(self) -> None:
        """Write to disk from now on, what is kept already included."""
        if not self._is_writer:
            self._writers[self._file] = self
            if self._record is not None:
                await self._async_write(self._record)

    @property
    def _is_writer(self) -> bool:
        return self._writers.get(self._file) is self

    async def async_remove(self) -> None:
        """Delete the file."""
        self._writers.pop(self._file, None)
        await self._store.async_remove()

    async def _async_write(self, record: TokenRecord) -> None:
        await self._store.async_save(
            {"fingerprint": self._fingerprint, "record": record.as_dict()}
        )


class AmnimoHub:
    """The client of one client ID, and what it is known by."""

    def __init__(
        self,
        hass: HomeAssistant,
        client_id: str,
        client_secret: str,
        api_url: str,
        throttle: Throttle | None = None,
    ) -> None:
        """Set up a client; nothing is asked of the service yet."""
        self.client_secret = client_secret
        self.store = HubTokenStore(hass, client_id, client_secret, api_url)
        self.client = AmnimoClient(
            async_get_clientsession(hass),
            client_id,
            client_secret,
            api_url=api_url,
            throttle=throttle,
            store=self.store,
            json_loads=json_loads,
        )


@callback
def async_get_hub(
    hass: HomeAssistant, client_id: str, client_secret: str, api_url: str
) -> AmnimoHub:
    """Return the hub of a client ID, or a new one with the same throttle for a new secret.

    A new one is not shared until `async_share_hub` is called.
    """
    known = hass.data.get(_HUBS, {}).get((api_url, client_id))
    if known is not None and known.client_secret == client_secret:
        return known
    throttle = known.client.throttle if known is not None else None
    return AmnimoHub(hass, client_id, client_secret, api_url, throttle)


@callback
def async_share_hub(
    hass: HomeAssistant, client_id: str, api_url: str, hub: AmnimoHub
) -> None:
    """Let all who use the client ID from now on have this hub."""
    if _HUBS not in hass.data:
        hass.data[_HUBS] = {}
        # Streams are stopped before, and that may take a token.
        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_FINAL_WRITE, _async_close_hubs)
    hass.data[_HUBS][api_url, client_id] = hub


async def _async_close_hubs(_event: Event) -> None:
    """End what the clients have under way, so that Home Assistant need not wait for it."""
    hubs = async_get_hass().data[_HUBS].values()
    await asyncio.gather(*(hub.client.close() for hub in hubs))


@callback
def async_is_contested(
    hass: HomeAssistant, client_id: str, api_url: str, hub: AmnimoHub
) -> bool:
    """Return whether another hub serves the client ID, with another secret."""
    known = hass.data.get(_HUBS, {}).get((api_url, client_id))
    return known is not None and known is not hub


async def async_remove_unused_hub(hass: HomeAssistant, data: Mapping[str, str]) -> None:
    """Forget the client ID of an entry's data if no entry uses it, with its token."""
    client_id, api_url = data[CONF_CLIENT_ID], data[CONF_API_URL]
    if any(
        (entry.data[CONF_CLIENT_ID], entry.data[CONF_API_URL]) == (client_id, api_url)
        for entry in hass.config_entries.async_entries(DOMAIN)
        # What a later release wrote has another form.
        if entry.version <= ENTRY_VERSION
    ):
        return
    hub = hass.data.get(_HUBS, {}).pop((api_url, client_id), None)
    if hub is None:
        hub = AmnimoHub(hass, client_id, data[CONF_CLIENT_SECRET], api_url)
    await hub.client.close()
    await hub.store.async_remove()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
