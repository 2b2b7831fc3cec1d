"""The actions on media that are there: give another name, delete, download.

A medium is named by its ID, and belongs to a camera: who calls must have the right to that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import probatio as vol

from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.components.camera import DOMAIN as CAMERA_DOMAIN
from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_NAME
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError, Unauthorized, UnknownUser
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.service import (
    async_get_config_entry,
    async_register_admin_service,
)
from homeassistant.util.json import JsonObjectType

from ..api import AmnimoClient, AmnimoError, AmnimoNotFoundError, Media, MediaState
from ..const import DOMAIN
from ..errors import translated
from ..media.request import checked_name
from ..runtime import AmnimoConfigEntry
from .answers import Status, failure, media_answer

ACTION_DELETE_MEDIA: Final = "delete_media"
ACTION_DOWNLOAD_MEDIA: Final = "download_media"
ACTION_RENAME_MEDIA: Final = "rename_media"

ATTR_MEDIA_ID: Final = "media_id"

_FIELDS: Final = {
    vol.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
    vol.Required(ATTR_MEDIA_ID): vol.All(cv.string, vol.Strip, vol.Length(min=1)),
}
_SCHEMA: Final = vol.Schema(_FIELDS)
_RENAME_SCHEMA: Final = vol.Schema({**_FIELDS, vol.Required(ATTR_NAME): cv.string})


@dataclass(frozen=True, slots=True)
class _Target:
    """The medium that a call names."""

    entry: AmnimoConfigEntry
    subscription_id: str
    media: Media
    camera_entity_id: str | None


@callback
def async_setup(hass: HomeAssistant) -> None:
    """Register the actions."""
    hass.services.async_register(
        DOMAIN,
        ACTION_RENAME_MEDIA,
        _async_rename_media,
        _RENAME_SCHEMA,
        SupportsResponse.OPTIONAL,
    )
    async_register_admin_service(
        hass,
        DOMAIN,
        ACTION_DELETE_MEDIA,
        _async_delete_media,
        _SCHEMA,
        SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(
        DOMAIN,
        ACTION_DOWNLOAD_MEDIA,
        _async_download_media,
        _SCHEMA,
        SupportsResponse.OPTIONAL,
    )


async def _async_rename_media(call: ServiceCall) -> ServiceResponse:
    """Give a medium another name, and return what it is called now and was before."""
    name = checked_name(call.data[ATTR_NAME])
    target = await _async_target(call, POLICY_CONTROL)
    try:
        renamed = await _client(target).rename_media(
            target.subscription_id, target.media.id, name
        )
    except AmnimoError as err:
        raise translated(err) from err
    # What else the answer holds is not documented to be all that there is.
    media = replace(target.media, name=renamed.name or name)
    return {**_answer(call.hass, target, media), "old_name": target.media.name}


async def _async_delete_media(call: ServiceCall) -> ServiceResponse:
    """Delete a medium from the cloud, and return what it was."""
    target = await _async_target(call, POLICY_CONTROL)
    try:
        await _client(target).delete_media(target.subscription_id, target.media.id)
    except AmnimoError as err:
        raise translated(err) from err
    gone = {"status": Status.DELETED.value, "url": None}
    return {**_answer(call.hass, target, target.media), **gone}


async def _async_download_media(call: ServiceCall) -> ServiceResponse:
    """Save the file of a medium in the local media folder, and return where.

    One that is not finished yet is waited for.
    """
    target = await _async_target(call, POLICY_READ)
    jobs = target.entry.runtime_data.media
    job = await jobs.async_fetch(target.media, target.subscription_id)
    (result,) = await jobs.async_wait([job])
    if result.failed:
        raise failure(result)
    media = replace(target.media, state=MediaState.COMPLETED, size=result.size)
    return {**_answer(call.hass, target, media), "path": str(result.path)}


async def _async_target(call: ServiceCall, policy: str) -> _Target:
    """Return the medium that a call names, whichever tenant has it.

    Raises:
        Unauthorized: who calls has no such right to its camera.
        ServiceValidationError: there is no such entry or medium.
        HomeAssistantError: the service does not tell.

    """
    entry: AmnimoConfigEntry = async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )
    media_id: str = call.data[ATTR_MEDIA_ID]
    finder = entry.runtime_data.media.finder
    try:
        media, subscription_id = await finder.async_locate(media_id)
    except AmnimoNotFoundError as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="media_not_found",
            translation_placeholders={"media_id": media_id},
        ) from err
    except AmnimoError as err:
        raise translated(err) from err
    entity_id = media.camera_id and er.async_get(call.hass).async_get_entity_id(
        CAMERA_DOMAIN, DOMAIN, media.camera_id
    )
    await _async_check_permission(call, entity_id or None, policy)
    return _Target(entry, subscription_id, media, entity_id or None)


async def _async_check_permission(
    call: ServiceCall, entity_id: str | None, policy: str
) -> None:
    """Let only those pass who have a right to a camera: automations and administrators do."""
    if call.context.user_id is None:
        return
    user = await call.hass.auth.async_get_user(call.context.user_id)
    if user is None:
        raise UnknownUser(context=call.context, entity_id=entity_id, permission=policy)
    if user.is_admin:
        return
    if entity_id is None or not user.permissions.check_entity(entity_id, policy):
        raise Unauthorized(context=call.context, entity_id=entity_id, permission=policy)


def _client(target: _Target) -> AmnimoClient:
    return target.entry.runtime_data.cameras.client


def _answer(hass: HomeAssistant, target: _Target, media: Media) -> JsonObjectType:
    """Return what there is to say of a medium, and whose it is."""
    cameras = target.entry.runtime_data.cameras
    located = cameras.locate(media.camera_id) if media.camera_id else None
    camera_name = located.camera.name if located else ""
    return {
        **media_answer(hass, target.entry.entry_id, camera_name, media),
        "camera": target.camera_entity_id,
    }
