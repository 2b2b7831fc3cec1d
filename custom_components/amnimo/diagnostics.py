"""What a user can hand over to have a fault found: counts and shapes, nobody's data."""

from collections import Counter
from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.const import CONF_CLIENT_ID, CONF_CLIENT_SECRET
from homeassistant.core import HomeAssistant

from .api import AmnimoClient, shape
from .const import CONF_ACCOUNT_ID, CONF_TENANTS
from .runtime import AmnimoConfigEntry

_REDACT = {CONF_ACCOUNT_ID, CONF_CLIENT_ID, CONF_CLIENT_SECRET}


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: AmnimoConfigEntry
) -> dict[str, Any]:
    """Return the diagnostics of an entry."""
    runtime = entry.runtime_data
    cameras = runtime.cameras.data
    ports = runtime.ports.data
    return {
        "data": async_redact_data(entry.data, _REDACT),
        "options": {
            **entry.options,
            CONF_TENANTS: len(entry.options.get(CONF_TENANTS, ())),
        },
        "client": _client(runtime.hub.client),
        "cloud": {
            "tenants": len(cameras.tenants),
            "tenants_failed": len(cameras.failed),
            "cameras": len(cameras.cameras),
            "camera_states": Counter(
                f"{located.camera.status} / {located.camera.recording_status}"
                for located in cameras.cameras.values()
            ),
            "devices": len(ports),
            "devices_failed": sum(not state.available for state in ports.values()),
            "port_states": Counter(
                f"{port.kind} / {port.status}"
                for state in ports.values()
                for port in (state.ports or {}).values()
            ),
        },
        "live": runtime.live.diagnostics(),
        "media": runtime.media.diagnostics(),
    }


def _client(client: AmnimoClient) -> dict[str, Any]:
    throttle = client.throttle
    token = client.tokens.current
    return {
        "requests": client.requests,
        "throttle": {
            "granted": {lane.name: count for lane, count in throttle.granted.items()},
            "waiting": {lane.name: count for lane, count in throttle.waiting.items()},
            "refusals": throttle.refusals,
        },
        "token": {
            "calls_in_31_days": len(client.tokens.calls),
            "issued_at": token.issued_at if token else None,
            "expires_at": token.expires_at if token else None,
        },
        "response_shapes": {
            endpoint: shape(payload)
            for endpoint, payload in client.last_payloads.items()
        },
    }
