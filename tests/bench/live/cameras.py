"""The cameras that are watched, by the ways there are to find them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.bench.household import Household
from tests.demo import entry
from tests.demo.errors import DemoError
from tests.demo.polling import until

from .endless import const as endless

ENDLESS: Final = Path(endless.__file__).parent
"""The integration that the measurements are made beside."""


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera of the account: in the cloud, and in Home Assistant.

    ``source`` is the URL that Home Assistant's own readers get.
    """

    id: str
    subscription_id: str
    entity_id: str
    source: str


async def edge_cameras(house: Household) -> list[Camera]:
    """Return the cameras whose video has to come from an edge device."""
    found = {
        camera["id"]: camera
        for camera in house.world["cameras"]
        if camera["online"] and camera["storage"] == "EDGE"
    }
    entities = {
        device.amnimo_id: device.of("camera")[0].entity_id
        for device in house.home.cameras
        if device.amnimo_id in found
    }
    sources = await house.api.act(
        f"{endless.DOMAIN}.{endless.GET_SOURCES}",
        data={"entity_id": list(entities.values())},
        answer=True,
    )
    return [
        Camera(
            id=camera_id,
            subscription_id=found[camera_id]["subscription_id"],
            entity_id=entity_id,
            source=sources[entity_id],
        )
        for camera_id, entity_id in entities.items()
    ]


async def add_endless(
    house: Household, cameras: Sequence[Camera], *, webrtc: bool
) -> None:
    """Set up the integration that never ends a stream, for some cameras."""
    page = await house.api.post(entry.FLOWS, {"handler": endless.DOMAIN})
    answers: dict[str, Any] = {
        endless.CONF_CAMERAS: [camera.id for camera in cameras],
        endless.CONF_WEBRTC: webrtc,
    }
    page = await entry.fill_in(house.api, page, answers)
    if page["type"] != "create_entry":
        raise DemoError(f"the other cameras could not be added: {page.get('errors')}")
    wanted = {camera.id for camera in cameras}

    async def all_there() -> bool:
        return wanted <= (await endless_entities(house)).keys()

    await until(all_there, "the other cameras are set up")


async def endless_entities(house: Household) -> dict[str, str]:
    """Return the entity IDs of those cameras that have a state, by camera ID."""
    states = await house.api.states()
    return {
        row["unique_id"]: row["entity_id"]
        for row in await house.api.command("config/entity_registry/list")
        if row["platform"] == endless.DOMAIN and row["entity_id"] in states
    }


async def until_silent(house: Household, *, within: float) -> None:
    """Wait until no camera sends; raises DemoError where one does after so many seconds."""

    async def is_silent() -> bool:
        return bool((await house.cloud.stats())["live_sessions"] == 0)

    await until(is_silent, "no camera sends", within=within)
