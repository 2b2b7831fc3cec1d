"""What Home Assistant's registries say about the amnimo account.

Entities are found by what they are and what they belong to, never by their IDs: those
come from names that anybody may change.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .api import HomeAssistantApi
from .entry import DOMAIN
from .polling import until


@dataclass(frozen=True, slots=True)
class Entity:
    """One registered entity; `key` is its translation key, `kind` its device class."""

    entity_id: str
    unique_id: str
    device_id: str | None
    key: str | None
    kind: str | None
    is_disabled: bool

    @property
    def platform(self) -> str:
        """The domain of its entity ID, such as `camera`."""
        return self.entity_id.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Device:
    """One registered device; `parent_id` is what it is connected by."""

    id: str
    amnimo_id: str
    name: str
    model: str | None
    parent_id: str | None
    is_service: bool
    entities: list[Entity] = field(default_factory=list)

    def of(self, platform: str, kind: str | None = None) -> list[Entity]:
        """Give its enabled entities of a platform, of one kind or of all."""
        return [
            entity
            for entity in self.entities
            if entity.platform == platform
            and kind in {None, entity.kind}
            and not entity.is_disabled
        ]

    def one(self, platform: str, kind: str | None = None) -> Entity | None:
        """Give its first enabled entity of a platform, None where it has none."""
        return next(iter(self.of(platform, kind)), None)


class Home:
    """The account's devices and entities, as they were registered at one time."""

    def __init__(self, entry_id: str, devices: list[Device]) -> None:
        """Take what was read."""
        self.entry_id = entry_id
        self.devices = {device.id: device for device in devices}

    @property
    def account(self) -> Device:
        """The account, which everything hangs on."""
        return next(
            device
            for device in self.devices.values()
            if device.is_service and device.parent_id not in self.devices
        )

    @property
    def cameras(self) -> list[Device]:
        """The cameras."""
        return [device for device in self.devices.values() if device.of("camera")]

    @property
    def edge_devices(self) -> list[Device]:
        """The edge devices that have ports or equipment."""
        return [
            device
            for device in self.devices.values()
            if device.entities and not device.is_service and not device.of("camera")
        ]

    @property
    def tenants(self) -> list[Device]:
        """The tenants, none where there is only one."""
        return [
            device
            for device in self.devices.values()
            if device.is_service and device is not self.account
        ]

    def owner_of(self, device: Device) -> Device:
        """Give the tenant of a device, or the account."""
        while not device.is_service:
            assert device.parent_id is not None, "everything belongs to the account"
            device = self.devices[device.parent_id]
        return device

    def owners(self) -> Iterator[Device]:
        """Go through the account and the tenants."""
        yield self.account
        yield from self.tenants

    def entities(self, platform: str) -> list[Entity]:
        """Give all entities of a platform, also the disabled ones."""
        return [
            entity
            for device in self.devices.values()
            for entity in device.entities
            if entity.platform == platform
        ]

    def all_entities(self) -> list[Entity]:
        """Give all entities, also the disabled ones."""
        return [
            entity for device in self.devices.values() for entity in device.entities
        ]


async def read_home(api: HomeAssistantApi, entry_id: str) -> Home:
    """Read the registries."""
    devices = {
        row["id"]: _device(row)
        for row in await api.command("config/device_registry/list")
        if entry_id in row["config_entries"]
    }
    states = await api.states()
    for row in await api.command("config/entity_registry/list"):
        if row["config_entry_id"] == entry_id and row["device_id"] in devices:
            entity = _entity(row, states.get(row["entity_id"], {}))
            devices[row["device_id"]].entities.append(entity)
    return Home(entry_id, list(devices.values()))


async def complete_home(api: HomeAssistantApi, entry_id: str) -> Home:
    """Read the registries once all entities are in them: some are found a bit later."""

    async def settled() -> Home | None:
        first = await read_home(api, entry_id)
        await asyncio.sleep(1)
        second = await read_home(api, entry_id)
        same = len(first.all_entities()) == len(second.all_entities())
        return second if same and second.cameras else None

    home = await until(settled, "all entities are there")
    assert home is not None
    return home


def _device(row: dict[str, Any]) -> Device:
    return Device(
        id=row["id"],
        amnimo_id=next(
            identifier for domain, identifier in row["identifiers"] if domain == DOMAIN
        ),
        name=row["name_by_user"] or row["name"],
        model=row["model"],
        parent_id=row["via_device_id"],
        is_service=row["entry_type"] == "service",
    )


def _entity(row: dict[str, Any], state: dict[str, Any]) -> Entity:
    return Entity(
        entity_id=row["entity_id"],
        unique_id=row["unique_id"],
        device_id=row["device_id"],
        key=row["translation_key"],
        kind=state.get("attributes", {}).get("device_class"),
        is_disabled=row["disabled_by"] is not None,
    )
