"""Which of the integration's entities a sentence means.

Only what is exposed to the assistant can be meant, by name, alias, area or floor, as with
Home Assistant's own intents. Knows no words: who can't be found is told by a key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import area_registry as ar, entity_registry as er, intent

from ..const import DOMAIN


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a sentence says of its target; None for what it does not say."""

    name: str | None = None
    area: str | None = None
    floor: str | None = None
    preferred_area_id: str | None = None
    """Where the one who speaks is."""

    @classmethod
    def from_slots(cls, slots: dict[str, Any]) -> Wanted:
        """Return what the slots of an intent say."""
        return cls(
            *(
                slots[slot]["value"] if slot in slots else None
                for slot in ("name", "area", "floor", "preferred_area_id")
            )
        )

    @property
    def words(self) -> str:
        """What the target was called."""
        return self.name or self.area or self.floor or ""


class NoTargetError(Exception):
    """There is nothing that could be meant."""

    def __init__(self, key: str, what: str) -> None:
        """Tell why, by the key of a spoken text, and what was said to be meant."""
        super().__init__(key)
        self.key = key
        self.what = what


_KEYS: Final = {
    intent.MatchFailedReason.AREA: "none_in_area",
    intent.MatchFailedReason.FLOOR: "none_on_floor",
    intent.MatchFailedReason.INVALID_AREA: "no_area",
    intent.MatchFailedReason.INVALID_FLOOR: "no_floor",
}


async def async_find(
    hass: HomeAssistant, intent_obj: intent.Intent, domain: str, wanted: Wanted
) -> list[State]:
    """Return the entities of the integration that are meant, in order of their names.

    Of several, those in the area of the one who speaks, where there are some and nothing else
    was said of the place; those that the user may not control are left out.

    Raises:
        NoTargetError: there are none.

    """
    ours = own_states(hass, domain)
    if not ours:
        raise NoTargetError("none", wanted.words)
    result = intent.async_match_targets(
        hass,
        intent.MatchTargetsConstraints(
            name=wanted.name,
            area_name=wanted.area,
            floor_name=wanted.floor,
            domains={domain},
            assistant=intent_obj.assistant,
            allow_duplicate_names=True,
        ),
        states=ours,
    )
    if not result.is_match:
        raise _no_target(result, wanted)
    allowed = await _async_controllable(hass, intent_obj, result.states)
    if not allowed:
        raise NoTargetError("not_allowed", wanted.words)
    if wanted.area is None and wanted.floor is None and len(allowed) > 1:
        near = [
            state
            for state in allowed
            if _area_id(hass, state) == wanted.preferred_area_id is not None
        ]
        allowed = near or allowed
    return sorted(allowed, key=lambda state: state.name)


async def async_find_among(
    hass: HomeAssistant,
    intent_obj: intent.Intent,
    entity_ids: Sequence[str],
    wanted: Wanted,
) -> list[State]:
    """Return those of some entities that are meant, where it was asked which.

    By name, alias or area, or by a part of the name: who is asked repeats what tells them
    apart, not all of it.

    Raises:
        NoTargetError: there are none.

    """
    states = [
        state
        for entity_id in entity_ids
        if (state := hass.states.get(entity_id)) is not None
    ]
    if not states:
        raise NoTargetError("none", wanted.words)
    result = intent.async_match_targets(
        hass,
        intent.MatchTargetsConstraints(
            name=wanted.name,
            area_name=wanted.area,
            assistant=intent_obj.assistant,
            allow_duplicate_names=True,
        ),
        states=states,
    )
    if result.is_match:
        return sorted(result.states, key=lambda state: state.name)
    part = wanted.words.casefold()
    similar = [state for state in states if part in state.name.casefold()]
    if not similar:
        raise _no_target(result, wanted)
    return similar


def own_states(hass: HomeAssistant, domain: str) -> list[State]:
    """Return the states of the integration's entities of a domain."""
    registry = er.async_get(hass)
    return [
        state
        for state in hass.states.async_all(domain)
        if (entry := registry.async_get(state.entity_id)) is not None
        and entry.platform == DOMAIN
    ]


def spoken_names(hass: HomeAssistant, states: Sequence[State]) -> list[str]:
    """Return what to call entities; equal names are told apart by their areas."""
    counted = Counter(state.name for state in states)
    return [
        f"{state.name} ({area})"
        if counted[state.name] > 1 and (area := _area_name(hass, state))
        else state.name
        for state in states
    ]


def _no_target(result: intent.MatchTargetsResult, wanted: Wanted) -> NoTargetError:
    reason = result.no_match_reason
    if reason is intent.MatchFailedReason.ASSISTANT:
        key = "not_exposed" if wanted.words else "none_exposed"
        return NoTargetError(key, wanted.words)
    key = _KEYS.get(reason, "no_name") if reason is not None else "no_name"
    what = wanted.words
    if reason in (intent.MatchFailedReason.AREA, intent.MatchFailedReason.INVALID_AREA):
        what = wanted.area or what
    elif reason in (
        intent.MatchFailedReason.FLOOR,
        intent.MatchFailedReason.INVALID_FLOOR,
    ):
        what = wanted.floor or what
    return NoTargetError(key, what)


async def _async_controllable(
    hass: HomeAssistant, intent_obj: intent.Intent, states: Sequence[State]
) -> list[State]:
    """Return those that the user may control: all, where it is nobody in particular."""
    user_id = intent_obj.context.user_id
    if user_id is None:
        return list(states)
    user = await hass.auth.async_get_user(user_id)
    if user is None:
        return []
    return [
        state
        for state in states
        if user.permissions.check_entity(state.entity_id, POLICY_CONTROL)
    ]


def _area_id(hass: HomeAssistant, state: State) -> str | None:
    entry = er.async_get(hass).async_get(state.entity_id)
    return None if entry is None else er.async_get_effective_area_id(hass, entry)


def _area_name(hass: HomeAssistant, state: State) -> str | None:
    area_id = _area_id(hass, state)
    area = ar.async_get(hass).async_get_area(area_id) if area_id else None
    return None if area is None else area.name
