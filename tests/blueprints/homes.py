"""What the automations of tests are given and what they are looked at for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util


def phone(*variables: str) -> list[dict[str, Any]]:
    """Return the actions that send title, message and some variables to a phone."""
    return [
        {
            "action": "notify.phone",
            "data": {
                "title": "{{ title }}",
                "message": "{{ message }}",
                "data": {each: f"{{{{ {each} }}}}" for each in variables},
            },
        }
    ]


def on_event(name: str = "bell") -> list[dict[str, str]]:
    """Return the trigger of an event on the bus."""
    return [{"trigger": "event", "event_type": name}]


def clock(moment: float | datetime, pattern: str = "%H:%M:%S") -> str:
    """Return a moment as it stands on the user's clock."""
    if not isinstance(moment, datetime):
        moment = dt_util.utc_from_timestamp(moment)
    return dt_util.as_local(moment).strftime(pattern)


def is_running(hass: HomeAssistant, automation: str) -> bool:
    """Return whether an automation runs now."""
    state = hass.states.get(automation)
    assert state is not None
    return bool(state.attributes["current"])
