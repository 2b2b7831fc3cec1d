"""Finding the entity of something of the cloud's."""

from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er


def entity_id(hass: HomeAssistant, domain: str, unique_id: str) -> str:
    """Return the entity ID; fails where there is no such entity."""
    found = er.async_get(hass).async_get_entity_id(domain, "amnimo", unique_id)
    assert found is not None, f"no {domain} entity has the unique ID {unique_id}"
    return found


def state(hass: HomeAssistant, domain: str, unique_id: str) -> State:
    """Return the state; fails where there is none."""
    found = hass.states.get(entity_id(hass, domain, unique_id))
    assert found is not None
    return found
