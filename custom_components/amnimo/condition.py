"""Conditions: how cameras, equipment and ports are.

Which entities a target means is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, override

from homeassistant.const import STATE_OFF, STATE_ON, Platform
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, State, callback
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.condition import Condition, EntityStateConditionBase
from homeassistant.helpers.target import async_track_target_selector_state_change_event

from .targets import (
    CAMERA_CONNECTIVITY,
    CAMERA_RECORDING,
    EQUIPMENT,
    PORT,
    EntityKind,
    entities_targeted,
)


class StateCondition(EntityStateConditionBase):
    """Some or all entities of a kind are in a state."""

    _domain_specs = {
        Platform.BINARY_SENSOR: DomainSpec(),
        Platform.SWITCH: DomainSpec(),
    }
    # It's diagnostic entities that tell, of cameras and equipment.
    _primary_entities_only = False
    kind: EntityKind

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        """Return the entities that tell, of those that are targeted."""
        return entities_targeted(self._hass, self.kind, self._target, entities)

    @override
    def _check_all_match_state(self, states: list[State]) -> bool:
        """Return whether all are in the state; of none that is not so."""
        return bool(states) and super()._check_all_match_state(states)

    @override
    async def _async_track_changes(self, action: Callable[[], None]) -> CALLBACK_TYPE:
        """Follow the entities that tell, where others are named, also those to come."""
        following = False

        @callback
        def entities_changed(
            _added: set[str], _removed: set[str], _states: Mapping[str, State | None]
        ) -> None:
            # Those of now are told of too, before anybody can use it.
            if following:
                action()

        unsubscribe = await async_track_target_selector_state_change_event(
            self._hass,
            self._target,
            lambda _: action(),
            self.entity_filter,
            entities_changed,
            primary_entities_only=self._primary_entities_only,
        )
        following = True
        return unsubscribe


def _condition(kind: EntityKind, state: str) -> type[Condition]:
    """Return a condition on the entities of a kind."""

    class KindCondition(StateCondition):
        """Some or all entities of the kind are in the state."""

        _states = {state}

    KindCondition.kind = kind
    return KindCondition


CONDITIONS: Final[dict[str, type[Condition]]] = {
    "is_camera_offline": _condition(CAMERA_CONNECTIVITY, STATE_OFF),
    "is_camera_online": _condition(CAMERA_CONNECTIVITY, STATE_ON),
    "is_equipment_connected": _condition(EQUIPMENT, STATE_ON),
    "is_equipment_disconnected": _condition(EQUIPMENT, STATE_OFF),
    "is_not_recording": _condition(CAMERA_RECORDING, STATE_OFF),
    "is_port_off": _condition(PORT, STATE_OFF),
    "is_port_on": _condition(PORT, STATE_ON),
    "is_recording": _condition(CAMERA_RECORDING, STATE_ON),
}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions by name."""
    return CONDITIONS
