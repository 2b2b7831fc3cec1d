"""The actions: what people and automations can have done, and what they are answered.

Owns their fields and the shape of their answers, a file a subject. What makes sense to ask for,
and how it is carried out, is decided where the thing itself is.
"""

from __future__ import annotations

from homeassistant.core import HomeAssistant, callback

from . import footage, generate, library, ports


@callback
def async_setup_actions(hass: HomeAssistant) -> None:
    """Register the actions; once, whatever the number of accounts."""
    for subject in (generate, footage, library, ports):
        subject.async_setup(hass)
