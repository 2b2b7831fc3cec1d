"""The twin's entities of this platform."""

from homeassistant.const import Platform

from .entities import adding

async_setup_entry = adding(Platform.BINARY_SENSOR)
