"""What PoE ports deliver, and what an account has used of the service's limits."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import (
    EntityCategory,
    Platform,
    UnitOfElectricPotential,
    UnitOfPower,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_track_time_interval

from .api import AmnimoClient, Port
from .const import CONF_ACCOUNT_ID, DOMAIN
from .coordinator import PortAspect, PortKey
from .entity import AmnimoPortEntity, async_add_for_ports
from .runtime import AmnimoConfigEntry

PARALLEL_UPDATES = 0

_ACCOUNT_INTERVAL = timedelta(seconds=60)


@dataclass(frozen=True, kw_only=True)
class AmnimoPortSensorDescription(SensorEntityDescription):
    """What a port's sensor shows; a port that doesn't report it has no such sensor."""

    value_fn: Callable[[Port], float | None]


@dataclass(frozen=True, kw_only=True)
class AmnimoAccountSensorDescription(SensorEntityDescription):
    """What an account's sensor shows of its client."""

    value_fn: Callable[[AmnimoClient], int]


PORT_DESCRIPTIONS = (
    AmnimoPortSensorDescription(
        key="power",
        translation_key="port_power",
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.WATT,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=1,
        entity_registry_enabled_default=False,
        value_fn=lambda port: port.power,
    ),
    AmnimoPortSensorDescription(
        key="voltage",
        translation_key="port_voltage",
        device_class=SensorDeviceClass.VOLTAGE,
        native_unit_of_measurement=UnitOfElectricPotential.VOLT,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=1,
        entity_registry_enabled_default=False,
        value_fn=lambda port: port.voltage,
    ),
)

ACCOUNT_DESCRIPTIONS = (
    AmnimoAccountSensorDescription(
        key="tokens",
        translation_key="tokens",
        entity_category=EntityCategory.DIAGNOSTIC,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda client: client.tokens.usage.calls,
    ),
    AmnimoAccountSensorDescription(
        key="refusals",
        translation_key="refusals",
        entity_category=EntityCategory.DIAGNOSTIC,
        state_class=SensorStateClass.TOTAL_INCREASING,
        value_fn=lambda client: client.throttle.refusals,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AmnimoConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of the account and of the ports that measure something."""
    async_add_entities(
        AmnimoAccountSensor(entry, description) for description in ACCOUNT_DESCRIPTIONS
    )
    for description in PORT_DESCRIPTIONS:
        await async_add_for_ports(
            entry,
            Platform.SENSOR,
            partial(_reports, description),
            partial(AmnimoPortSensor, entry, description),
            async_add_entities,
            # A port that is switched off may measure nothing for a while.
            kept=lambda _: True,
        )


def _reports(description: AmnimoPortSensorDescription, port: Port) -> bool:
    """Return whether a port measures something."""
    return description.value_fn(port) is not None


class AmnimoPortSensor(AmnimoPortEntity, SensorEntity):
    """Something that a port measures."""

    entity_description: AmnimoPortSensorDescription

    def __init__(
        self,
        entry: AmnimoConfigEntry,
        description: AmnimoPortSensorDescription,
        port_key: PortKey,
    ) -> None:
        """Take what to show and the port of which."""
        super().__init__(
            entry, port_key, description.key, aspect=PortAspect.MEASUREMENT
        )
        self.entity_description = description

    @property
    @override
    def native_value(self) -> float | None:
        """What the port measured last."""
        return self.entity_description.value_fn(self.port) if self.port else None


class AmnimoAccountSensor(SensorEntity):
    """A count of what the account's client ID used.

    It is counted on this side and costs no request, so it is there when the service is not.
    """

    _attr_has_entity_name = True
    _attr_should_poll = False
    entity_description: AmnimoAccountSensorDescription

    def __init__(
        self, entry: AmnimoConfigEntry, description: AmnimoAccountSensorDescription
    ) -> None:
        """Take the account and what to show of it."""
        account_id = entry.data[CONF_ACCOUNT_ID]
        self.entity_description = description
        self._client = entry.runtime_data.hub.client
        self._attr_unique_id = f"{account_id}_{description.key}"
        self._attr_device_info = dr.DeviceInfo(identifiers={(DOMAIN, account_id)})

    @override
    async def async_added_to_hass(self) -> None:
        """Show the count when it is another one: after each call for a token, every minute."""
        shown: int | None = None

        @callback
        def write(_now: datetime | None = None) -> None:
            nonlocal shown
            if shown != (shown := self.native_value):
                self.async_write_ha_state()

        self.async_on_remove(self._client.tokens.listen(write))
        self.async_on_remove(
            async_track_time_interval(
                self.hass, write, _ACCOUNT_INTERVAL, name=self.entity_id
            )
        )

    @property
    @override
    def native_value(self) -> int:
        """The count now."""
        return self.entity_description.value_fn(self._client)
