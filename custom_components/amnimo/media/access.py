"""Who may have what a camera took: who has the right to its entity."""

from __future__ import annotations

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN


@callback
def async_may_see(
    hass: HomeAssistant, user: User, camera_id: str | None, policy: str = POLICY_READ
) -> bool:
    """Return whether a user has a right to what a camera took.

    Args:
        hass: Home Assistant.
        user: who asks.
        camera_id: UUID; None for a camera that is not known, to which only administrators
            have any right.
        policy: which right to the camera's entity.

    """
    if user.is_admin:
        return True
    entity_id = camera_id and er.async_get(hass).async_get_entity_id(
        Platform.CAMERA, DOMAIN, camera_id
    )
    if not entity_id:
        return False
    return user.permissions.check_entity(entity_id, policy)


@callback
def async_may_ask(
    hass: HomeAssistant,
    user: User,
    entry_id: str,
    camera_id: str | None,
    policy: str = POLICY_READ,
) -> bool:
    """Return whether the service may be asked about a medium on behalf of a user.

    Where its camera is not known, whoever has a right to any camera of the account may be told
    of it, or may not: that is to be found out.

    Args:
        hass: Home Assistant.
        user: who asks.
        entry_id: of the account's config entry.
        camera_id: UUID; None where it's not known whose the medium is.
        policy: which right to the camera's entity.

    """
    if user.is_admin or camera_id is not None:
        return async_may_see(hass, user, camera_id, policy)
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry_id)
    return any(
        user.permissions.check_entity(each.entity_id, policy)
        for each in entities
        if each.domain == Platform.CAMERA
    )
