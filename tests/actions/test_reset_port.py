"""The action that resets a port."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import probatio
import pytest

from homeassistant.core import HomeAssistant
from tests.cloud import SimulatedCloud
from tests.cloud.world import PortKind
from tests.entities import entity_id, state
from tests.estate import Estate
from tests.media.passage import Passage


@pytest.mark.parametrize(
    ("entry_options", "data", "seconds"),
    [
        ({}, {}, 10),
        ({"reset_seconds": 30}, {}, 30),
        ({"reset_seconds": 30}, {"off_seconds": 5}, 5),
        ({}, {"off_seconds": "3600"}, 3600),
    ],
)
async def test_a_port_is_reset_for_as_long_as_wanted(
    hass: HomeAssistant,
    passage: Passage,
    estate: Estate,
    cloud: SimulatedCloud,
    data: dict[str, Any],
    seconds: int,
) -> None:
    device, port = next(
        (device, port)
        for device in estate.devices.values()
        for port in device.ports.values()
        if port.kind is PortKind.POE and port.on
    )
    switch = f"{device.id}_{port.id}"
    await passage.result_of(
        hass.services.async_call(
            "amnimo",
            "reset_port",
            {"entity_id": entity_id(hass, "switch", switch), **data},
            blocking=True,
        )
    )
    assert cloud.stats.count("port", HTTPStatus.OK) == 1
    await passage.step(2)
    assert not port.on
    await passage.step(seconds - 4)
    assert not port.on
    await passage.pass_time(seconds=60, step=10)
    assert port.on
    assert state(hass, "switch", switch).state == "on"


@pytest.mark.parametrize("seconds", [0, -1, 3601, "long"])
async def test_a_port_can_not_be_reset_for_any_time(
    hass: HomeAssistant,
    passage: Passage,
    estate: Estate,
    cloud: SimulatedCloud,
    seconds: object,
) -> None:
    port = next(estate.port_ids(inputs=False))
    with pytest.raises(probatio.Invalid):
        await hass.services.async_call(
            "amnimo",
            "reset_port",
            {"entity_id": entity_id(hass, "switch", port), "off_seconds": seconds},
            blocking=True,
        )
    assert cloud.stats.count("port") == 0
