"""Which entities a target means where it leaves cameras out."""

from __future__ import annotations

from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.amnimo.targets import CAMERA_CONNECTIVITY, entities_targeted
from homeassistant.core import HomeAssistant
from tests.entities import entity_id
from tests.estate import Estate

from .conftest import device_id


async def test_who_leaves_a_camera_out_leaves_out_what_tells_of_it(
    hass: HomeAssistant, loaded: MockConfigEntry, estate: Estate
) -> None:
    """By its entity or its device; Home Assistant leaves out only what is named itself."""
    left_out, stays = list(estate.cameras.values())[:2]
    cameras = [entity_id(hass, "camera", each.id) for each in (left_out, stays)]
    sensors = [
        entity_id(hass, "binary_sensor", f"{each.id}_connectivity")
        for each in (left_out, stays)
    ]
    excludes = (
        {"entity_id": [cameras[0]]},
        {"device_id": [device_id(hass, loaded, left_out.id)]},
    )
    for exclude in excludes:
        target = {"entity_id": cameras, "exclude": exclude}
        meant = entities_targeted(
            hass, CAMERA_CONNECTIVITY, target, {cameras[1], *sensors}
        )
        assert meant == {sensors[1]}
