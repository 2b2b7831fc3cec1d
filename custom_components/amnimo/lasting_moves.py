"""Moves of ports that count when they have lasted.

While an account, a device or the service is away, nobody knows whether a port still stands as it
moved: what became due meanwhile is decided when the port shows again. Which moves matter, and
what is done about them, is not known here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
)
from homeassistant.helpers.event import async_call_later, async_track_state_change_event

from .port_moves import PortMove
from .runtime import AmnimoConfigEntry


class LastingMoves:
    """Tells of the last move of each port when it has lasted."""

    def __init__(
        self,
        hass: HomeAssistant,
        duration: timedelta,
        tell: Callable[[str, PortMove], object],
    ) -> None:
        """Take how long a move must have lasted, and who is told entity ID and move."""
        self._hass = hass
        self._duration = duration
        self._tell = tell
        self._waiting: dict[str, CALLBACK_TYPE] = {}

    @callback
    def async_wait(self, entity_id: str, move: PortMove) -> None:
        """Tell of a move in time, unless the port moves again."""

        @callback
        def end(_now: datetime) -> None:
            self._decide(entity_id, move)

        self.async_forget(entity_id)
        self._waiting[entity_id] = async_call_later(self._hass, self._duration, end)

    @callback
    def async_forget(self, entity_id: str) -> None:
        """Tell nothing of a port that has moved again."""
        if (stop_waiting := self._waiting.pop(entity_id, None)) is not None:
            stop_waiting()

    @callback
    def async_stop(self) -> None:
        """Tell nothing any more."""
        for entity_id in list(self._waiting):
            self.async_forget(entity_id)

    def _decide(self, entity_id: str, move: PortMove) -> None:
        """Tell of a move that was to last until now, as soon as it is known whether it has."""
        self.async_forget(entity_id)
        on = _on_for_sure(self._hass, entity_id, move)
        if on is move.port.on:
            self._tell(entity_id, move)
        elif on is None:
            self._wait_until_shown(entity_id, move)

    def _wait_until_shown(self, entity_id: str, move: PortMove) -> None:
        @callback
        def look_again(event: Event[EventStateChangedData]) -> None:
            if event.data["new_state"] is None:
                self.async_forget(entity_id)
            else:
                self._decide(entity_id, move)

        self._waiting[entity_id] = async_track_state_change_event(
            self._hass, entity_id, look_again
        )


def _on_for_sure(hass: HomeAssistant, entity_id: str, move: PortMove) -> bool | None:
    """Return whether a port is on as the service says, None while nobody knows."""
    shown = hass.states.get(entity_id)
    entry: AmnimoConfigEntry | None = hass.config_entries.async_get_entry(move.entry_id)
    # An entity that shows on or off belongs to an account that is there.
    if entry is None or shown is None or shown.state not in (STATE_ON, STATE_OFF):
        return None
    port = entry.runtime_data.ports.port(move.device_id, move.port.id)
    return port.on if port else None
