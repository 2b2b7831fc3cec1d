"""Who may see what a camera took: who may see its entity."""

from __future__ import annotations

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN


@callback
def async_may_see(hass: HomeAssistant, user: User, camera_id: str | None) -> bool:
    """Return whether a user may see what a camera took.

    Args:
        hass: Home Assistant.
        user: who asks.
        camera_id: UUID; None for a camera that is not known, which only administrators see.

    """
    if user.is_admin:
        return True
    entity_id = camera_id and er.async_get(hass).async_get_entity_id(
        Platform.CAMERA, DOMAIN, camera_id
    )
    if not entity_id:
        return False
    return user.permissions.check_entity(entity_id, POLICY_READ)
