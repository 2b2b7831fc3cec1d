"""Who has no right to a camera or a port gets nothing of it from any action."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import Unauthorized
from homeassistant.util import dt as dt_util
from tests.cloud import SimulatedCloud
from tests.cloud.media import Media
from tests.cloud.world import Camera
from tests.entities import entity_id
from tests.estate import Estate

WHEN = {"start_time": dt_util.utcnow() - timedelta(hours=1)}
OF_A_CAMERA: dict[str, dict[str, Any]] = {
    "generate_clip": {"last": "00:00:30"},
    "generate_snapshot": {},
    "search_media": {},
    "get_recordings": WHEN,
    "get_thumbnails": {},
}
OF_A_MEDIUM: dict[str, dict[str, Any]] = {
    "rename_media": {"name": "Parcel"},
    "delete_media": {},
    "download_media": {},
}
EVERYTHING = [*OF_A_CAMERA, *OF_A_MEDIUM, "reset_port"]


@pytest.fixture
def snapshot(cloud: SimulatedCloud, camera: Camera) -> Media:
    """Return a snapshot that has been ready for a while."""
    now = cloud.clock.now()
    return cloud.media.create_snapshot(camera, now - 7200, "Delivery", now - 7000)


def user_with(hass: HomeAssistant, **rights: str) -> MockUser:
    """Return a user with a right to some entities, and none to all others."""
    user = MockUser().add_to_hass(hass)
    policies = {
        name.replace("__", "."): {right: True} for name, right in rights.items()
    }
    user.mock_policy({"entities": {"entity_ids": policies}})
    return user


def wanted(
    hass: HomeAssistant, action: str, camera: Camera, estate: Estate, media: Media
) -> dict[str, Any]:
    """Return the data of a call that would do for who has the right."""
    if action in OF_A_MEDIUM:
        return {"media_id": media.id, **OF_A_MEDIUM[action]}
    if action in OF_A_CAMERA:
        return {
            "entity_id": entity_id(hass, "camera", camera.id),
            **OF_A_CAMERA[action],
        }
    port = next(estate.port_ids(inputs=False))
    return {"entity_id": entity_id(hass, "switch", port)}


def test_these_are_all_actions(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    assert set(hass.services.async_services_for_domain("amnimo")) >= set(EVERYTHING)
    assert len(EVERYTHING) == 9


@pytest.mark.parametrize("action", EVERYTHING)
async def test_who_has_no_right_to_it_gets_nothing(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    cloud: SimulatedCloud,
    estate: Estate,
    camera: Camera,
    edge_camera: Camera,
    snapshot: Media,
    action: str,
) -> None:
    """Neither a stranger, nor who has a right to another camera."""
    other = entity_id(hass, "camera", edge_camera.id).replace(".", "__")
    loaded.runtime_data.media.library.remember(
        snapshot.id, camera.tenant.subscription_id, camera.id
    )
    asked = cloud.stats.total()
    for rights in ({}, {other: POLICY_READ}, {other: POLICY_CONTROL}):
        user = user_with(hass, **rights)
        with pytest.raises(Unauthorized):
            await hass.services.async_call(
                "amnimo",
                action,
                wanted(hass, action, camera, estate, snapshot),
                blocking=True,
                return_response=action != "reset_port",
                context=Context(user_id=user.id),
            )
    assert cloud.stats.total() == asked
    assert cloud.media.find(snapshot.id) is snapshot
    assert snapshot.name == "Delivery"


@pytest.mark.parametrize("action", ["search_media", "get_recordings", "get_thumbnails"])
async def test_all_cameras_are_those_that_one_has_the_right_to(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera, action: str
) -> None:
    mine = entity_id(hass, "camera", camera.id)
    user = user_with(hass, **{mine.replace(".", "__"): POLICY_CONTROL})
    answer = await hass.services.async_call(
        "amnimo",
        action,
        {"entity_id": "all", **OF_A_CAMERA[action]},
        blocking=True,
        return_response=True,
        context=Context(user_id=user.id),
    )
    assert answer is not None
    assert set(answer) == {mine}
