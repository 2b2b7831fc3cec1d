"""The actions on media that are there: give another name, delete, download.

A medium is named by its ID, and belongs to a camera: who calls must have the right to that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import probatio as vol

from homeassistant.auth.models import User
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

from ..api import AmnimoError, AmnimoNotFoundError, Media, MediaState
from ..const import DOMAIN
from ..errors import translated
from ..media.access import async_may_ask, async_may_see
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
    library = target.entry.runtime_data.media.library
    try:
        media = await library.async_rename(target.media, target.subscription_id, name)
    except AmnimoError as err:
        raise translated(err) from err
    return {**_answer(call.hass, target, media), "old_name": target.media.name}


async def _async_delete_media(call: ServiceCall) -> ServiceResponse:
    """Delete a medium from the cloud, and return what it was."""
    target = await _async_target(call, POLICY_CONTROL)
    library = target.entry.runtime_data.media.library
    try:
        await library.async_delete(target.media, target.subscription_id)
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
    job = await jobs.async_download(target.media, target.subscription_id)
    (result,) = await jobs.async_wait([job])
    if result.failed:
        raise failure(result)
    media = replace(target.media, state=MediaState.COMPLETED, size=result.size)
    return {**_answer(call.hass, target, media), "path": str(result.path)}


async def _async_target(call: ServiceCall, policy: str) -> _Target:
    """Return the medium that a call names, whichever tenant has it.

    Who has no right to it is not told whether it is there, and the service is not asked for who
    has no right to any camera that it could be of.

    Raises:
        Unauthorized: who calls has no such right to its camera.
        ServiceValidationError: there is no such entry or medium.
        HomeAssistantError: the service does not tell.

    """
    entry: AmnimoConfigEntry = async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )
    media_id: str = call.data[ATTR_MEDIA_ID]
    library = entry.runtime_data.media.library
    camera_id = library.camera_of(media_id)
    user = await _async_user(call, policy)
    if user and not async_may_ask(call.hass, user, entry.entry_id, camera_id, policy):
        raise Unauthorized(context=call.context, permission=policy)
    try:
        media, subscription_id = await library.async_locate(media_id)
    except AmnimoNotFoundError as err:
        if user and not async_may_see(call.hass, user, camera_id, policy):
            raise Unauthorized(context=call.context, permission=policy) from None
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="media_not_found",
            translation_placeholders={"media_id": media_id},
        ) from err
    except AmnimoError as err:
        raise translated(err) from err
    if user and not async_may_see(call.hass, user, media.camera_id, policy):
        raise Unauthorized(context=call.context, permission=policy)
    entity_id = media.camera_id and er.async_get(call.hass).async_get_entity_id(
        CAMERA_DOMAIN, DOMAIN, media.camera_id
    )
    return _Target(entry, subscription_id, media, entity_id or None)


async def _async_user(call: ServiceCall, policy: str) -> User | None:
    """Return who calls, None for an automation: that may do everything.

    Raises:
        UnknownUser: nobody is called so.

    """
    if call.context.user_id is None:
        return None
    user = await call.hass.auth.async_get_user(call.context.user_id)
    if user is None:
        raise UnknownUser(context=call.context, permission=policy)
    return user


def _answer(hass: HomeAssistant, target: _Target, media: Media) -> JsonObjectType:
    """Return what there is to say of a medium, and whose it is."""
    cameras = target.entry.runtime_data.cameras
    located = cameras.locate(media.camera_id) if media.camera_id else None
    camera_name = located.camera.name if located else ""
    return {
        **media_answer(hass, target.entry.entry_id, camera_name, media),
        "camera": target.camera_entity_id,
    }
