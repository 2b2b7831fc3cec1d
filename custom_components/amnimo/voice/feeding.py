"""The port that feeds a camera: what to reset where somebody only knows the camera."""

from __future__ import annotations

from collections.abc import Sequence

from homeassistant.components.camera import DOMAIN as CAMERA_DOMAIN
from homeassistant.components.homeassistant import async_should_expose
from homeassistant.components.switch import DOMAIN as SWITCH_DOMAIN
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er, intent

from ..const import DOMAIN
from ..entries import async_loaded_entry_of
from .matching import NoTargetError, Wanted, async_find


async def async_find_feeding(
    hass: HomeAssistant, intent_obj: intent.Intent, wanted: Wanted
) -> list[State]:
    """Return the switches of the ports that feed the cameras that are meant.

    Raises:
        NoTargetError: there is no such camera, or no port is known to feed it, or that
            port's switch is not exposed.

    """
    cameras = await async_find(hass, intent_obj, CAMERA_DOMAIN, wanted)
    found = [
        entity_id
        for camera in cameras
        if (entity_id := _feeding_switch(hass, camera.entity_id)) is not None
    ]
    states = _states(hass, found)
    if not states:
        raise NoTargetError("no_feeding_port", cameras[0].name)
    exposed = [
        state
        for state in states
        if intent_obj.assistant is None
        or async_should_expose(hass, intent_obj.assistant, state.entity_id)
    ]
    if not exposed:
        raise NoTargetError("not_exposed", states[0].name)
    return exposed


def _states(hass: HomeAssistant, entity_ids: Sequence[str]) -> list[State]:
    states = (hass.states.get(entity_id) for entity_id in entity_ids)
    return [state for state in states if state is not None]


def _feeding_switch(hass: HomeAssistant, camera_entity_id: str) -> str | None:
    """Return the switch of the port that a camera hangs on.

    The edge device lists its cameras as external equipment, by their names, with the port of
    each (API document, section 6. デバイス). Where two have one name, nobody can tell.
    """
    found = async_loaded_entry_of(hass, camera_entity_id)
    if found is None:
        return None
    entry, camera_id = found
    runtime = entry.runtime_data
    located = runtime.cameras.locate(camera_id)
    if located is None or located.camera.device_id is None:
        return None
    state = runtime.ports.data.get(located.camera.device_id)
    if state is None:
        return None
    ports = [
        each.port_id
        for each in state.device.external_devices
        if each.name == located.camera.name
    ]
    if len(ports) != 1 or ports[0] is None:
        return None
    return er.async_get(hass).async_get_entity_id(
        SWITCH_DOMAIN, DOMAIN, f"{located.camera.device_id}_{ports[0]}"
    )
