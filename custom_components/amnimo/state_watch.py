"""Entities that come to be in a state, and stay there.

An entity that is unavailable or unknown says nothing new: the service was away for a moment, and
what was known before goes on. So a camera that went offline meanwhile is told of when the service
is back, and one that has been offline all the while has been so without a break. Knows neither
cameras nor automations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant, State, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.target import TargetStateChangedData
from homeassistant.helpers.trigger import BEHAVIOR_ALL, BEHAVIOR_EACH, BEHAVIOR_FIRST

_SAYING: Final = frozenset({STATE_ON, STATE_OFF})


@dataclass(frozen=True, slots=True)
class Arrival:
    """An entity that came to be in the state."""

    before: State
    """The last one that said something."""
    state: State
    context: Context


@dataclass(slots=True)
class _Stay:
    """An arrival that counts when it has lasted."""

    arrival: Arrival
    stop_waiting: CALLBACK_TYPE
    lasted: bool = False
    """Whether the time is over; it counts as soon as the state is sure."""


class StateWatch:
    """Tells when one of some entities, the first or the last of them, is in a state."""

    def __init__(
        self,
        hass: HomeAssistant,
        wanted: str,
        behavior: str,
        duration: timedelta | None,
        tell: Callable[[Arrival], object],
    ) -> None:
        """Take what to wait for.

        Args:
            hass: where the entities are.
            wanted: "on" or "off".
            behavior: of which entities it is told, as in Home Assistant's own triggers.
            duration: how long it must have lasted; None or 0 for no time.
            tell: is told.

        """
        self._hass = hass
        self._wanted = wanted
        self._behavior = behavior
        self._duration = duration
        self._tell = tell
        self._known: dict[str, State] = {}
        self._stays: dict[str, _Stay] = {}

    @callback
    def async_follow(
        self,
        added: set[str],
        removed: set[str],
        states: Mapping[str, State | None],
    ) -> None:
        """Take other entities into view; how they are is where they start from."""
        for entity_id in removed:
            self._known.pop(entity_id, None)
        for entity_id in added:
            state = states[entity_id]
            if state is not None and state.state in _SAYING:
                self._known[entity_id] = state
        self._review()

    @callback
    def async_note(self, data: TargetStateChangedData) -> None:
        """Take note of a state."""
        event = data.state_change_event
        state = event.data["new_state"]
        if state is None or state.state not in _SAYING:
            return
        before = self._known.get(state.entity_id)
        self._known[state.entity_id] = state
        self._review()
        if (
            before is not None
            and before.state != state.state == self._wanted
            and self._counts()
        ):
            self._arrive(Arrival(before, state, event.context))

    @callback
    def async_stop(self) -> None:
        """Tell nothing any more."""
        for stay in self._stays.values():
            stay.stop_waiting()
        self._stays.clear()

    def _counts(self) -> bool:
        """Return whether it matters that one more entity is in the state."""
        there = sum(state.state == self._wanted for state in self._known.values())
        if self._behavior == BEHAVIOR_FIRST:
            return there == 1
        return self._behavior == BEHAVIOR_EACH or there == len(self._known)

    def _arrive(self, arrival: Arrival) -> None:
        """Tell of an arrival, when it has lasted."""
        if not self._duration:
            self._tell(arrival)
            return
        each = self._behavior == BEHAVIOR_EACH
        subject = arrival.state.entity_id if each else self._behavior
        if (earlier := self._stays.pop(subject, None)) is not None:
            earlier.stop_waiting()

        @callback
        def end(_now: datetime) -> None:
            stay.lasted = True
            self._review()

        stop_waiting = async_call_later(self._hass, self._duration, end)
        stay = self._stays[subject] = _Stay(arrival, stop_waiting)

    def _review(self) -> None:
        """Drop the stays that ended, and tell of those that have lasted for sure."""
        for subject, stay in list(self._stays.items()):
            if not self._holds(subject, self._known.get):
                stay.stop_waiting()
                del self._stays[subject]
            elif stay.lasted and self._holds(subject, self._hass.states.get):
                del self._stays[subject]
                self._tell(stay.arrival)

    def _holds(self, subject: str, state_of: Callable[[str], State | None]) -> bool:
        """Return whether an entity, or the first or the last of all, is in the state."""
        entities = self._known if subject in _COMBINED else {subject}
        there = [
            (state := state_of(entity_id)) is not None and state.state == self._wanted
            for entity_id in entities
        ]
        if subject == BEHAVIOR_FIRST:
            return any(there)
        return bool(there) and all(there)


_COMBINED: Final = frozenset({BEHAVIOR_FIRST, BEHAVIOR_ALL})
