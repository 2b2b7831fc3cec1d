"""What the integration relies on in Home Assistant beyond what that documents for integrations.

Each test tells of one thing: which module relies on it, and for what. A new Home Assistant that
does it otherwise fails here with a sentence, before anything fails for reasons hard to find.
"""

# ruff: noqa: SLF001 - it is about private names.

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
import logging
from types import SimpleNamespace
from typing import Any, override

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.amnimo.entity_budget import MOST_ENTITIES
from homeassistant.components.camera import DynamicStreamSettings
from homeassistant.components.stream import HLS_PROVIDER, Stream, create_stream
from homeassistant.components.stream.const import (
    OUTPUT_IDLE_TIMEOUT,
    OUTPUT_STARTUP_TIMEOUT,
    RECORDER_PROVIDER,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.condition import EntityStateConditionBase
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import MAX_ENABLED_ENTITIES_PER_CONFIG_ENTRY
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util


class Coordinator(DataUpdateCoordinator[None]):
    """A coordinator that fails when it is told to, and counts the ends of refreshes."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Follow nothing."""
        super().__init__(
            hass, logging.getLogger(__name__), config_entry=None, name="contract"
        )
        self.failing = False
        self.finished = 0

    @override
    async def _async_update_data(self) -> None:
        if self.failing:
            raise UpdateFailed

    @override
    def _async_refresh_finished(self) -> None:
        self.finished += 1


def test_a_coordinator_keeps_its_listeners_by_number(hass: HomeAssistant) -> None:
    """`coordinator.selective` calls some of them, so it has to know which is which."""
    coordinator = Coordinator(hass)
    first: Any = partial(int)
    second: Any = partial(int)
    remove = coordinator.async_add_listener(first, "one context")
    one = coordinator._last_listener_id
    coordinator.async_add_listener(second, "another")
    other = coordinator._last_listener_id
    assert list(coordinator._listeners.items()) == [
        (one, (first, "one context")),
        (other, (second, "another")),
    ], (
        "DataUpdateCoordinator._listeners is no longer {_last_listener_id: (callback, context)}"
        " in the order of the listeners: SelectiveCoordinator must find them another way"
    )
    remove()
    assert list(coordinator._listeners) == [other], (
        "DataUpdateCoordinator no longer forgets a listener that was removed at once:"
        " SelectiveCoordinator would call it"
    )


async def test_a_coordinator_tells_of_the_end_of_each_refresh(
    hass: HomeAssistant,
) -> None:
    """`coordinator.selective` has repairs reviewed then, also after one failure too many."""
    coordinator = Coordinator(hass)
    for failing in (False, True, True):
        coordinator.failing = failing
        await coordinator.async_refresh()
    assert coordinator.finished == 3, (
        "DataUpdateCoordinator._async_refresh_finished is no longer called after each refresh:"
        " SelectiveCoordinator would not tell its reviewers"
    )


def test_the_name_of_an_entity_is_kept_in_its_dictionary() -> None:
    """`entity` takes it out of there when the cloud calls a port otherwise."""
    entity = Entity()
    entity._attr_name = "before"
    assert entity.name == "before"
    assert entity.__dict__.get("name") == "before", (
        "Entity.name is no longer kept in the entity's __dict__ once it was asked for:"
        " names of ports would not follow the cloud, see AmnimoDeviceEntity._update_name"
    )


def test_an_entry_has_room_for_more_entities_than_are_enabled(
    hass: HomeAssistant,
) -> None:
    """`entity_budget` begins with fewer kinds of entities before Home Assistant drops any."""
    assert MOST_ENTITIES < MAX_ENABLED_ENTITIES_PER_CONFIG_ENTRY, (
        f"Home Assistant takes only {MAX_ENABLED_ENTITIES_PER_CONFIG_ENTRY} entities of an"
        " entry: entity_budget.MOST_ENTITIES must be less"
    )
    entry = MockConfigEntry(domain="amnimo")
    entry.add_to_hass(hass)
    registry = er.async_get(hass)
    registry.async_get_or_create("switch", "amnimo", "enabled", config_entry=entry)
    registry.async_get_or_create(
        "switch",
        "amnimo",
        "disabled",
        config_entry=entry,
        disabled_by=er.RegistryEntryDisabler.INTEGRATION,
    )
    assert (
        registry.entities.get_enabled_count_for_config_entry_id(entry.entry_id) == 1
    ), (
        "get_enabled_count_for_config_entry_id no longer counts an entry's enabled entities:"
        " entity_budget would fill an account beyond what Home Assistant takes"
    )


@pytest.fixture
async def stream(hass: HomeAssistant) -> Stream:
    """Return a stream that nobody has started."""
    assert await async_setup_component(hass, "stream", {})
    return create_stream(hass, "http://127.0.0.1:9/", {}, DynamicStreamSettings())


async def test_a_stream_waits_longer_for_its_first_viewer(
    hass: HomeAssistant, stream: Stream
) -> None:
    """`stream_guard` wakes the timer of an output, so that both waits are equally long."""
    assert OUTPUT_STARTUP_TIMEOUT > OUTPUT_IDLE_TIMEOUT, (
        "Home Assistant's stream no longer waits longer for a first viewer than for the next:"
        " StreamGuard._async_time_viewers is needed no more"
    )
    output = stream.add_provider(HLS_PROVIDER)
    assert stream.outputs() == {HLS_PROVIDER: output}
    output.idle_timer.start()
    output.idle_timer.awake()
    soon = dt_util.utcnow() + timedelta(seconds=OUTPUT_IDLE_TIMEOUT + 1)
    async_fire_time_changed(hass, soon)
    await hass.async_block_till_done()
    left = len(stream.outputs())
    await stream.remove_provider(output)
    assert not left, (
        "StreamOutput.idle_timer.awake() no longer makes the wait for a first viewer as short as"
        " that for the next: a stream that nobody plays would go on for twice as long"
    )


async def test_an_output_is_taken_away_at_once(stream: Stream) -> None:
    """`stream_guard` ends a stream by its outputs."""
    output = stream.add_provider(HLS_PROVIDER)
    await stream.remove_provider(output)
    assert len(stream.outputs()) == 0, (
        "Stream.remove_provider no longer takes an output away at once:"
        " StreamGuard could not end a stream for those who read it"
    )


async def test_a_stream_tells_one_listener_what_became_of_its_worker(
    stream: Stream,
) -> None:
    """`stream_guard` sees to the outputs when the worker begins or fails."""
    told: list[bool] = []
    stream.set_update_callback(lambda: told.append(stream.available))
    stream._async_update_state(available=True)
    stream._async_update_state(available=False)
    assert told == [True, False], (
        "Stream.set_update_callback no longer tells of a worker that begins or fails:"
        " a recording of a camera that can't be played would never end"
    )


async def test_who_waits_for_an_output_is_told_of_its_end(stream: Stream) -> None:
    """`stream_guard` lets go all who wait, so that Home Assistant need not when it stops."""
    output = stream.add_provider(HLS_PROVIDER)
    waiting = asyncio.create_task(output.recv())
    await asyncio.sleep(0)
    output.cleanup()
    done, _ = await asyncio.wait({waiting}, timeout=5)
    assert done, (
        "StreamOutput.cleanup no longer wakes those who wait for a segment:"
        " Home Assistant would wait for viewers when it stops"
    )


async def test_a_recording_without_a_picture_has_no_sequences(stream: Stream) -> None:
    """`stream_guard` gives up a recording whose stream failed before its first picture."""
    recording = stream.add_provider(RECORDER_PROVIDER)
    assert list(recording.sequences) == [], (
        "A recording's output has sequences before its first picture:"
        " StreamGuard._async_save_recording could not tell whether there is anything to save"
    )
    await stream.remove_provider(recording)


def test_a_condition_checks_all_states_in_one_place() -> None:
    """`condition` says there that none at all is not all."""
    condition: Any = SimpleNamespace(_duration=None)
    assert EntityStateConditionBase._check_all_match_state(condition, []) is True, (
        "EntityStateConditionBase._check_all_match_state no longer says of no states that all"
        " match: StateCondition need not say otherwise any more"
    )
