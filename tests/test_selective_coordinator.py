"""Who is told of what, and in which portions."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import override

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.amnimo.coordinator.selective import SelectiveCoordinator
from custom_components.amnimo.runtime import AmnimoConfigEntry
from homeassistant.core import HomeAssistant

from .cloud import SimulatedCloud
from .passing_time import poll

MODULE = "custom_components.amnimo.coordinator.selective"


class Idle(SelectiveCoordinator[None]):
    """A coordinator that asks nobody."""

    @override
    async def _async_poll(self) -> None:
        """Return nothing."""

    def restructure(self, identifier: str) -> None:
        """Have news for the followers."""
        self._restructured.add(identifier)


@pytest.fixture
def coordinator(hass: HomeAssistant, loaded: AmnimoConfigEntry) -> Idle:
    """Return a coordinator that has told everybody once."""
    made = Idle(hass, loaded, loaded.runtime_data.hub.client, "test", 60)
    made.async_update_listeners()
    return made


class Told(Counter[str]):
    """How often each listener was called."""

    def listen(self, coordinator: Idle, *names: str) -> None:
        """Add a listener to each context, which has its name."""
        for name in names:
            coordinator.async_add_listener(partial(self.update, [name]), name)


async def test_a_change_concerns_its_context_alone(coordinator: Idle) -> None:
    told = Told()
    told.listen(coordinator, "a", "b", "b", "c")
    coordinator.async_tell("b")
    assert told == {"b": 2}
    coordinator.async_tell("a", "nobody")
    assert told == {"a": 1, "b": 2}


async def test_who_does_not_listen_any_more_is_not_called(coordinator: Idle) -> None:
    told = Told()
    told.listen(coordinator, "a")
    remove = coordinator.async_add_listener(partial(told.update, ["removed"]), "a")
    remove()
    coordinator.async_tell("a")
    assert told == {"a": 1}


async def test_a_listener_may_remove_the_next_one(coordinator: Idle) -> None:
    told = Told()

    def remove_other() -> None:
        told["first"] += 1
        remove()

    coordinator.async_add_listener(remove_other, "a")
    remove = coordinator.async_add_listener(partial(told.update, ["other"]), "a")
    coordinator.async_tell("a")
    assert told == {"first": 1}


async def test_who_begins_to_listen_because_of_a_change_is_not_told_of_it(
    hass: HomeAssistant, loaded: AmnimoConfigEntry
) -> None:
    """An entity of a port that is new shows what is known when it is added."""
    made = Idle(hass, loaded, loaded.runtime_data.hub.client, "test", 60)
    told = Told()
    told.listen(made, "a")
    made.restructure("a")
    made.async_follow(lambda _: told.listen(made, "a"))
    # The first one tells everybody, the second one who listens to the context.
    for listening in (1, 2):
        told.clear()
        made.async_tell("a")
        assert told == {"a": listening}
        made.restructure("a")


async def test_what_changes_costs_as_much_as_it_concerns(coordinator: Idle) -> None:
    """Of 25,000 listeners only those of the context are looked at."""
    told = Told()
    told.listen(coordinator, *map(str, range(25_000)))
    looked_at: list[int] = []

    class Watched(dict[int, tuple[object, object | None]]):
        @override
        def get(self, key, default=None):  # type: ignore[no-untyped-def]
            looked_at.append(key)
            return super().get(key, default)

        @override
        def __iter__(self):  # type: ignore[no-untyped-def]
            raise AssertionError("all listeners are walked")

        @override
        def values(self):  # type: ignore[no-untyped-def]
            raise AssertionError("all listeners are walked")

    coordinator._listeners = Watched(coordinator._listeners)  # type: ignore[assignment]  # noqa: SLF001
    coordinator.async_tell("7", "7000")
    assert told == {"7": 1, "7000": 1}
    assert len(looked_at) == 2


async def test_many_are_told_in_turns_and_a_few_at_once(
    hass: HomeAssistant, coordinator: Idle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While many are being told, what a person just did still shows at once."""
    monkeypatch.setattr(f"{MODULE}.LISTENERS_A_TURN", 10)
    told = Told()
    told.listen(coordinator, *(["many"] * 35), "one")
    coordinator.async_tell("many")
    assert told == {"many": 10}
    coordinator.async_tell("one")
    assert told == {"many": 10, "one": 1}
    await hass.async_block_till_done()
    assert told == {"many": 35, "one": 1}


async def test_a_turn_of_all_is_told_to_all(
    hass: HomeAssistant, coordinator: Idle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Success and failure concern everybody, in whatever portions."""
    monkeypatch.setattr(f"{MODULE}.LISTENERS_A_TURN", 2)
    told = Told()
    told.listen(coordinator, "a", "b", "c", "d", "e")
    coordinator.last_update_success = False
    coordinator.async_update_listeners()
    await hass.async_block_till_done()
    assert told == dict.fromkeys("abcde", 1)


async def test_a_follower_that_fails_does_not_keep_the_news_from_others(
    coordinator: Idle, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault in one is logged; the others and the listeners are told all the same."""
    told = Told()
    told.listen(coordinator, "a")

    def fail(_identifiers: object) -> None:
        raise ValueError("a fault of this follower")

    coordinator.async_follow(fail)
    coordinator.async_follow(told.update)
    coordinator._restructured.add("x")  # noqa: SLF001
    coordinator.async_tell("a")
    assert told == {"a": 1, "x": 1}
    assert "a fault of this follower" in caplog.text


async def test_tenants_are_asked_for_twice_a_day(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Polls do with the tenants that are known, until 12 hours have passed."""
    for _ in range(3):
        await poll(hass, cloud)
    assert cloud.stats.count("hierarchy") == 1
    now = hass.loop.time
    for hours, times in ((11.9, 1), (12.1, 2), (23.9, 2), (24.2, 3)):
        with monkeypatch.context() as later:
            later.setattr(
                loaded.runtime_data.cameras,
                "_now",
                lambda hours=hours: now() + hours * 3600,
            )
            await loaded.runtime_data.cameras.async_refresh()
        assert cloud.stats.count("hierarchy") == times
