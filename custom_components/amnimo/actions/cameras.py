"""How the actions on cameras come to their cameras, those that are unavailable included.

Home Assistant passes over entities that are unavailable, and tells nobody but its log. A camera is
unavailable while its tenant can't be listed, and just then somebody may want footage of it. What
can be done without a listing is done, and what can't be is told by an error.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import override

from homeassistant.components.camera import DOMAIN as CAMERA_DOMAIN
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import (
    Context,
    EntityServiceResponse,
    HassJob,
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import async_get_platforms
from homeassistant.helpers.service import entity_service_call
from homeassistant.helpers.typing import VolDictType

from ..const import DOMAIN
from ..entity import AmnimoCameraEntity


@callback
def async_register_camera_action(
    hass: HomeAssistant,
    action: str,
    schema: VolDictType,
    func: Callable[[AmnimoCameraEntity, ServiceCall], Awaitable[ServiceResponse]],
    supports_response: SupportsResponse,
) -> None:
    """Register an action on cameras.

    Args:
        hass: Home Assistant.
        action: its name.
        schema: of its fields, besides those that name cameras.
        func: carries it out on one camera.
        supports_response: whether it answers.

    """

    async def carry_out(target: _Target, call: ServiceCall) -> ServiceResponse:
        return await func(target.camera, call)

    job = HassJob(carry_out)

    async def serve(call: ServiceCall) -> EntityServiceResponse | None:
        return await entity_service_call(hass, _Targets(hass), job, call)

    hass.services.async_register(
        DOMAIN,
        action,
        serve,
        cv.make_entity_service_schema(schema),
        supports_response,
    )


class _Target(Entity):
    """What Home Assistant is handed in place of a camera: that is always available."""

    _attr_should_poll = False

    def __init__(self, entity_id: str, camera: Entity | None, account: str) -> None:
        """Take the camera, None where its account is not loaded, and the account's name."""
        self.entity_id = entity_id
        self._camera = camera
        self._account = account

    @property
    def camera(self) -> AmnimoCameraEntity:
        """The camera.

        Raises:
            HomeAssistantError: its account is not loaded.

        """
        if self._camera is None:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="account_not_loaded",
                translation_placeholders={"account": self._account},
            )
        assert isinstance(self._camera, AmnimoCameraEntity)
        return self._camera

    @callback
    @override
    def async_set_context(self, context: Context) -> None:
        super().async_set_context(context)
        if self._camera is not None:
            self._camera.async_set_context(context)


class _Targets(Mapping[str, Entity]):
    """The cameras of all accounts that are not disabled, by entity ID."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Look at which there are now."""
        self._loaded = ChainMap(
            *(
                platform.entities
                for platform in async_get_platforms(hass, DOMAIN)
                if platform.domain == CAMERA_DOMAIN
            )
        )
        registry = er.async_get(hass)
        self._not_loaded = {
            entity.entity_id: entry.title
            for entry in hass.config_entries.async_entries(
                DOMAIN, include_ignore=False, include_disabled=False
            )
            if entry.state is not ConfigEntryState.LOADED
            for entity in er.async_entries_for_config_entry(registry, entry.entry_id)
            if entity.domain == CAMERA_DOMAIN
            and entity.disabled_by is None
            and entity.entity_id not in self._loaded
        }

    @override
    def __getitem__(self, entity_id: str) -> Entity:
        if (camera := self._loaded.get(entity_id)) is not None:
            return _Target(entity_id, camera, "")
        return _Target(entity_id, None, self._not_loaded[entity_id])

    @override
    def __iter__(self) -> Iterator[str]:
        yield from self._loaded
        yield from self._not_loaded

    @override
    def __len__(self) -> int:
        return len(self._loaded) + len(self._not_loaded)
