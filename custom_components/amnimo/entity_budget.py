"""Which entities a large account begins with.

Home Assistant takes 10,000 enabled entities of an entry and drops the rest. So a large account
begins with those that matter most, and the others are there to be enabled one by one. What there
is room for is reckoned from the numbers of cameras and devices, since ports become known only by
and by; nothing here knows what the entities show.
"""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from typing import Final

MOST_ENTITIES: Final = 9_900
"""Enabled entities of an entry: a few less than Home Assistant takes, for the account's own."""


class Importance(IntEnum):
    """How much an entity matters, the most important first."""

    ESSENTIAL = 0
    """To see a camera, and to switch a port."""
    STATE = 1
    """What is connected, and what input ports say."""
    RESET = 2
    """To reset a port; there is an action for that, too."""
    EXTRA = 3
    """What is also to be had from other entities, or seldom needed."""


_OF_CAMERA: Final = {
    Importance.ESSENTIAL: 1,
    Importance.STATE: 1,
    Importance.RESET: 0,
    Importance.EXTRA: 3,
}
# Of the largest devices: four PoE ports, two outputs, four inputs, and equipment on most.
_OF_DEVICE: Final = {
    Importance.ESSENTIAL: 6,
    Importance.STATE: 9,
    Importance.RESET: 6,
    Importance.EXTRA: 0,
}


def has_room(
    importance: Importance, *, cameras: int, devices: int, enabled: int
) -> bool:
    """Return whether an entity may be enabled at first.

    Args:
        importance: of the entity. All that matter as much or more have to fit; what is
            essential is enabled as long as there is room at all.
        cameras: of the account.
        devices: of the account, with ports.
        enabled: how many entities are enabled now.

    """
    if enabled >= MOST_ENTITIES:
        return False
    return (
        importance is Importance.ESSENTIAL
        or _needed(importance, cameras, devices) <= MOST_ENTITIES
    )


# Asked for each entity of an account, always with the same numbers.
@lru_cache(maxsize=len(Importance))
def _needed(importance: Importance, cameras: int, devices: int) -> int:
    """Return how many entities matter as much or more."""
    return sum(
        cameras * _OF_CAMERA[each] + devices * _OF_DEVICE[each]
        for each in Importance
        if each <= importance
    )
