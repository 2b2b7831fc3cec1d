"""Whose cameras there are to see, for whom.

Entries are looked up at each call: Home Assistant keeps a media source for good.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from homeassistant.auth.models import User
from homeassistant.components import websocket_api
from homeassistant.components.http import KEY_HASS_USER
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.http import current_request

from ..const import DOMAIN
from ..coordinator import LocatedCamera
from ..media.access import async_may_see
from ..runtime import AmnimoConfigEntry, AmnimoRuntimeData
from .identifier import Identifier
from .texts import MediaSourceProblem

_NOT_FOUND = "browse_not_found"


def asking_user() -> User | None:
    """Return who asks, as far as Home Assistant tells; None for an automation, for example."""
    if (connection := websocket_api.current_connection.get()) is not None:
        return connection.user
    request = current_request.get()
    user: User | None = None if request is None else request.get(KEY_HASS_USER)
    return user


@dataclass(frozen=True, slots=True)
class SeenCamera:
    """A camera that the one who asks may see."""

    account: Account
    located: LocatedCamera

    @property
    def id(self) -> str:
        """UUID."""
        return self.located.camera.id

    @property
    def name(self) -> str:
        """As in the cloud."""
        return self.located.camera.name

    @property
    def is_listed(self) -> bool:
        """Whether the last listing of its tenant held it."""
        return self.account.is_listed(self.located.subscription_id)

    @property
    def runtime(self) -> AmnimoRuntimeData:
        """The parts of its entry."""
        return self.account.entry.runtime_data


@dataclass(frozen=True, slots=True)
class Account:
    """An account that is loaded, as one user sees it."""

    hass: HomeAssistant
    entry: AmnimoConfigEntry
    user: User | None

    @property
    def id(self) -> str:
        """The account ID in lower case."""
        return self.entry.unique_id or self.entry.entry_id

    def is_listed(self, subscription_id: str) -> bool:
        """Return whether the cameras of a tenant could be listed last time."""
        cameras = self.entry.runtime_data.cameras
        return (
            cameras.last_update_success and subscription_id not in cameras.data.failed
        )

    def camera(self, camera_id: str) -> SeenCamera:
        """Return a camera.

        Raises:
            MediaSourceProblem: there is none, or not for this user.

        """
        located = self.entry.runtime_data.cameras.locate(camera_id)
        if located is None or not self._may_see(camera_id):
            raise MediaSourceProblem(_NOT_FOUND)
        return SeenCamera(self, located)

    def cameras(self, subscription_id: str | None = None) -> list[SeenCamera]:
        """Return the cameras, of one tenant or of all, by name."""
        found = [
            SeenCamera(self, located)
            for camera_id, located in self.entry.runtime_data.cameras.data.cameras.items()
            if subscription_id in (None, located.subscription_id)
            and self._may_see(camera_id)
        ]
        return sorted(found, key=lambda each: (each.name.casefold(), each.id))

    def tenants(self) -> dict[str, str]:
        """Return the names of the tenants by subscription ID, where there are several."""
        tenants = self.entry.runtime_data.cameras.data.tenants
        if len(tenants) < 2:
            return {}
        seen = {each.located.subscription_id for each in self.cameras()}
        return {id_: each.account_name for id_, each in tenants.items() if id_ in seen}

    def entity_id(self, camera_id: str) -> str | None:
        """Return the entity of a camera that works now."""
        entity_id = er.async_get(self.hass).async_get_entity_id(
            Platform.CAMERA, DOMAIN, camera_id
        )
        if entity_id is None or self.hass.states.get(entity_id) is None:
            return None
        return entity_id

    def _may_see(self, camera_id: str) -> bool:
        return self.user is None or async_may_see(self.hass, self.user, camera_id)


def accounts(hass: HomeAssistant) -> Iterator[Account]:
    """Yield the accounts of which there is something to see for who asks."""
    user = asking_user()
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        account = Account(hass, entry, user)
        if user is None or user.is_admin or account.cameras():
            yield account


def find_account(hass: HomeAssistant, identifier: Identifier) -> Account:
    """Return the account of an item.

    Raises:
        MediaSourceProblem: there is none that is loaded, or not for this user.

    """
    for account in accounts(hass):
        if account.id == identifier.account:
            return account
    raise MediaSourceProblem(_NOT_FOUND)


def find_camera(hass: HomeAssistant, identifier: Identifier) -> SeenCamera:
    """Return the camera of an item. Raises as `find_account`."""
    assert identifier.camera is not None
    return find_account(hass, identifier).camera(identifier.camera)
