"""What one run of the check knows, handed from step to step."""

import asyncio
from dataclasses import dataclass
from typing import Any

from tests.demo.api import HomeAssistantApi
from tests.demo.home import Device, Entity, Home
from tests.demo.simulated_cloud import SimulatedCloud
from tests.demo.stage import Stage
from tests.demo.visitor import Language

from .checklist import StepFailedError

POE = "POE"
OUTPUT = "DO"
INPUT = "DI"


@dataclass(slots=True)
class Visit:
    """The stage, and what the steps so far found on it."""

    stage: Stage
    language: Language
    page: dict[str, Any] | None = None
    entry_id: str | None = None
    found_home: Home | None = None
    silence: asyncio.Task[float] | None = None

    @property
    def api(self) -> HomeAssistantApi:
        """Home Assistant."""
        return self.stage.api

    @property
    def cloud(self) -> SimulatedCloud:
        """The cloud's own figures."""
        return self.stage.cloud

    @property
    def home(self) -> Home:
        """The account's devices and entities; fails the step where there is no account."""
        if self.found_home is None:
            raise StepFailedError("not tried: there is no account to try it with")
        return self.found_home

    def device(self, amnimo_id: str) -> Device:
        """Give the device of something of the cloud; fails the step where it is missing."""
        for device in self.home.devices.values():
            if device.amnimo_id == amnimo_id:
                return device
        raise StepFailedError(f"Home Assistant has no device for {amnimo_id}")

    def entity(self, amnimo_id: str, platform: str, kind: str | None = None) -> Entity:
        """Give an entity of something of the cloud; fails the step where it is missing."""
        device = self.device(amnimo_id)
        entity = device.one(platform, kind)
        if entity is None:
            raise StepFailedError(f"{device.name} has no {kind or ''} {platform}")
        return entity

    def switch_of(self, device_id: str, port_id: str) -> Entity:
        """Give the switch of a port; fails the step where it is missing."""
        for entity in self.device(device_id).of("switch"):
            if entity.unique_id.endswith(f"_{port_id}"):
                return entity
        raise StepFailedError(f"there is no switch for port {port_id}")

    def button_of(self, switch: Entity) -> Entity:
        """Give the reset button beside a switch; fails the step where it is missing."""
        for entity in self.home.entities("button"):
            if entity.unique_id.startswith(f"{switch.unique_id}_"):
                return entity
        raise StepFailedError(f"there is no reset button for {switch.entity_id}")

    async def working_cameras(self) -> list[dict[str, Any]]:
        """Give the cloud's cameras that are up, record, and are fed by a PoE port."""
        world = await self.cloud.world()
        return [
            camera
            for camera in world["cameras"]
            if camera["online"] and camera["recording"] and camera["port_id"]
        ]

    async def watched_camera(self) -> dict[str, Any]:
        """Give the camera to watch and to have footage of."""
        return _take(await self.working_cameras(), 0)

    async def powered_camera(self) -> dict[str, Any]:
        """Give the camera whose power is switched: never the one that is watched."""
        return _take(await self.working_cameras(), 1)

    async def port_is_on(self, device_id: str, port_id: str) -> bool:
        """Ask the cloud for the state of a port."""
        world = await self.cloud.world()
        return next(
            bool(port["on"])
            for device in world["devices"]
            if device["id"] == device_id
            for port in device["ports"]
            if port["id"] == port_id
        )

    async def is_in_state(self, entity: Entity, state: str) -> bool:
        """Tell if Home Assistant shows an entity in a state now."""
        shown = await self.api.state(entity.entity_id)
        return bool(shown["state"] == state)


def _take(cameras: list[dict[str, Any]], index: int) -> dict[str, Any]:
    if index >= len(cameras):
        raise StepFailedError(
            "the cloud has too few working cameras on PoE ports: start the check with "
            "more --cameras and --devices"
        )
    return cameras[index]
