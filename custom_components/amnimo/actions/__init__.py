"""The actions: what people and automations can have done, and what they are answered.

Owns their fields and the shape of their answers, a file a subject. What makes sense to ask for,
and how it is carried out, is decided where the thing itself is.
"""

from __future__ import annotations

from homeassistant.core import HomeAssistant, callback

from ..voice.installation import async_setup as async_setup_sentences
from .footage import async_setup as async_setup_footage
from .generate import async_setup as async_setup_generate
from .library import async_setup as async_setup_library
from .ports import async_setup as async_setup_ports


@callback
def async_setup_actions(hass: HomeAssistant) -> None:
    """Register the actions; once, whatever the number of accounts."""
    async_setup_generate(hass)
    async_setup_footage(hass)
    async_setup_library(hass)
    async_setup_ports(hass)
    async_setup_sentences(hass)
