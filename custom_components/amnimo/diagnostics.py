"""What a user can hand over to have a fault found: counts, states and shapes, nobody's data.

Neither identifiers nor names: cameras and tenants are named after places and people, and a
download is attached to an issue that everybody can read.

There is something to hand over also while an account can't be set up: that is when it is needed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_CLIENT_ID, CONF_CLIENT_SECRET
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.update_coordinator import UpdateFailed
from homeassistant.util import dt as dt_util

from .api import AmnimoClient, AmnimoError, Camera, shape
from .const import CONF_ACCOUNT_ID, CONF_API_URL, CONF_TENANTS, DOMAIN
from .coordinator import CameraCoordinator, DeviceState, LocatedCamera, PortCoordinator
from .entries import is_readable
from .hub import async_get_hub
from .runtime import AmnimoConfigEntry, AmnimoRuntimeData

_REDACT = {CONF_ACCOUNT_ID, CONF_CLIENT_ID, CONF_CLIENT_SECRET}


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: AmnimoConfigEntry
) -> dict[str, Any]:
    """Return the diagnostics of an entry."""
    if not is_readable(entry):
        # What its data hold, and what of them is a secret, is not known.
        return {"version": entry.version, "state": entry.state.value}
    told: dict[str, Any] = {
        "data": async_redact_data(entry.data, _REDACT),
        "options": {
            **entry.options,
            CONF_TENANTS: len(entry.options.get(CONF_TENANTS, ())),
        },
        "state": entry.state.value,
        "reason": entry.error_reason_translation_key,
    }
    if entry.state is not ConfigEntryState.LOADED:
        return told | {"client": _client(_client_of(hass, entry))}
    runtime = entry.runtime_data
    return told | {
        "client": _client(runtime.hub.client),
        "cloud": _cloud(runtime),
        "polls": {
            "cameras": _polls(runtime.cameras),
            "ports": _polls(runtime.ports),
        },
        "live": runtime.live.diagnostics(),
        "media": runtime.media.diagnostics(),
    }


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: AmnimoConfigEntry, device: dr.DeviceEntry
) -> dict[str, Any]:
    """Return the diagnostics of a camera, an edge device, a tenant or the account."""
    if entry.state is not ConfigEntryState.LOADED:
        return {"state": entry.state.value}
    runtime = entry.runtime_data
    told: dict[str, Any] = {}
    for domain, identifier in device.identifiers:
        if domain != DOMAIN:
            continue
        if identifier == entry.data[CONF_ACCOUNT_ID]:
            told["account"] = _cloud(runtime)
        if identifier in runtime.cameras.data.tenants:
            told["tenant"] = _tenant(runtime, identifier)
        if (located := runtime.cameras.locate(identifier)) is not None:
            told["camera"] = _camera(runtime, located)
            told["live"] = runtime.live.camera_diagnostics(identifier)
        if (state := runtime.ports.state_of(identifier)) is not None:
            told["edge_device"] = _edge_device(runtime, state)
        hanging = _cameras_on(runtime, identifier)
        if hanging:
            told["cameras"] = [_camera(runtime, each) for each in hanging]
    return told | {
        "polls": {
            "cameras": _polls(runtime.cameras),
            "ports": _polls(runtime.ports),
        },
        "media": runtime.media.diagnostics(),
        "client": _client(runtime.hub.client),
    }


# --- The client ID -------------------------------------------------------------------------


def _client_of(hass: HomeAssistant, entry: AmnimoConfigEntry) -> AmnimoClient:
    """Return the client that an entry that is not loaded was tried with."""
    return async_get_hub(
        hass,
        entry.data[CONF_CLIENT_ID],
        entry.data[CONF_CLIENT_SECRET],
        entry.data[CONF_API_URL],
    ).client


def _client(client: AmnimoClient) -> dict[str, Any]:
    throttle = client.throttle
    tokens = client.tokens
    token = tokens.current
    return {
        "requests": client.requests,
        "last_failures": {
            endpoint: {"answer": failure.answer, "at": failure.at.isoformat()}
            for endpoint, failure in client.failures.items()
        },
        "lanes": {
            lane.name: {"granted": count, "waiting": throttle.waiting[lane]}
            for lane, count in throttle.granted.items()
        },
        "refusals": throttle.refusals,
        "token": {
            "calls_in_31_days": tokens.usage.calls,
            "limit": tokens.usage.limit,
            "oldest_call_at": _iso(tokens.calls[0] if tokens.calls else None),
            "last_call_at": _iso(tokens.calls[-1] if tokens.calls else None),
            "issued_at": _iso(token.issued_at if token else None),
            "expires_at": _iso(token.expires_at if token else None),
        },
        "response_shapes": {
            endpoint: shape(payload)
            for endpoint, payload in client.last_payloads.items()
        },
        "not_understood": {
            each.endpoint: {"times": each.times, "shape": shape(each.payload)}
            for each in client.misreadings.recent()
        },
    }


def _iso(moment: float | None) -> str | None:
    """Return epoch seconds as a time in UTC."""
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat()


# --- What the cloud says -------------------------------------------------------------------


def _polls(coordinator: CameraCoordinator | PortCoordinator) -> dict[str, Any]:
    """Return how the last poll went."""
    err = coordinator.last_exception
    return {
        "interval": coordinator.interval,
        "succeeded": coordinator.last_update_success,
        "last_error": _error(err),
    }


def _error(err: BaseException | None) -> str | None:
    """Return what went wrong without the words of anybody."""
    if isinstance(err, UpdateFailed) and err.translation_key:
        return err.translation_key
    return None if err is None else type(err).__name__


def _cloud(runtime: AmnimoRuntimeData) -> dict[str, Any]:
    cameras, ports = runtime.cameras.data, runtime.ports.data
    return {
        "tenants": len(cameras.tenants),
        "tenants_failed": len(cameras.failed),
        "tenant_errors": _kinds(runtime.cameras.answers.values()),
        "device_listing_errors": _kinds(runtime.ports.answers.values()),
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
    }


def _kinds(errors: Iterable[AmnimoError | None]) -> Counter[str]:
    """Return how often each kind of error is among the last answers of tenants."""
    return Counter(type(err).__name__ for err in errors if err is not None)


def _tenant(runtime: AmnimoRuntimeData, subscription_id: str) -> dict[str, Any]:
    cameras, ports = runtime.cameras, runtime.ports
    return {
        "cameras": sum(
            each.subscription_id == subscription_id
            for each in cameras.data.cameras.values()
        ),
        "devices": sum(
            each.subscription_id == subscription_id for each in ports.data.values()
        ),
        "camera_listings": cameras.listings[subscription_id],
        "device_listings": ports.listings[subscription_id],
        "last_error": _error(cameras.answers.get(subscription_id)),
        "last_device_listing_error": _error(ports.answers.get(subscription_id)),
    }


def _camera(runtime: AmnimoRuntimeData, located: LocatedCamera) -> dict[str, Any]:
    camera = located.camera
    return {
        "listed": located.subscription_id not in runtime.cameras.data.failed,
        "has_edge_device": camera.device_id is not None,
        "online": camera.online,
        "status": camera.status,
        "recording": camera.recording,
        "recording_status": camera.recording_status,
        "storage": camera.storage,
        "version": camera.version,
        "model": camera.model,
        "thumbnail_age": _thumbnail_age(camera),
    }


def _thumbnail_age(camera: Camera) -> float | None:
    """Return the seconds since a camera's picture was taken, None where nobody says."""
    if camera.thumbnail is None or camera.thumbnail.time is None:
        return None
    return round((dt_util.utcnow() - camera.thumbnail.time).total_seconds(), 1)


def _cameras_on(runtime: AmnimoRuntimeData, device_id: str) -> list[LocatedCamera]:
    return [
        located
        for located in runtime.cameras.data.cameras.values()
        if located.camera.device_id == device_id
    ]


def _edge_device(runtime: AmnimoRuntimeData, state: DeviceState) -> dict[str, Any]:
    return {
        "listed": runtime.ports.is_listed(state.device.id),
        "model": state.device.model,
        "last_reading_succeeded": state.available,
        "readings": state.readings,
        "ports": [
            {
                "kind": port.kind,
                "on": port.on,
                "status": port.status,
                "power": port.power,
                "voltage": port.voltage,
            }
            for port in (state.ports or {}).values()
        ],
        "ports_missed": len(state.missed_ports),
        "external_equipment": [
            {
                "online": each.online,
                "status": each.status,
                "has_port": each.port_id is not None,
            }
            for each in state.device.external_devices
        ],
    }
