"""Letting the time of Home Assistant and of the cloud pass without waiting for it."""

from datetime import timedelta

from pytest_homeassistant_custom_component.common import async_fire_time_changed

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .cloud import SimulatedCloud


async def poll(hass: HomeAssistant, cloud: SimulatedCloud, seconds: float = 61) -> None:
    """Let the time of the next poll come, for both."""
    cloud.clock.advance(seconds)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))
    await hass.async_block_till_done(wait_background_tasks=True)
