"""Answers that were good JSON, and held nothing of what was asked for.

What the service sends is partly undocumented, so the names that are looked for may be wrong. That
shows in the same question being answered so again and again; once may be anything. Knows nothing
of what is asked, nor of how an answer is read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import time
from typing import Any

TIMES_TO_BE_SURE = 3
"""How often in a row a question is answered so before that is no accident."""

_REMEMBERED_FOR = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Misreading:
    """A question whose last answers were not understood."""

    endpoint: str
    times: int
    """In a row."""
    payload: Any
    """The last of them, untouched."""


class Misreadings:
    """What was not understood lately, by question.

    A question is a path of an endpoint: what is asked of one device says nothing of another.
    One that nobody asked again for a day is forgotten.
    """

    def __init__(self, steady: Callable[[], float] = time.monotonic) -> None:
        """Begin with none.

        Args:
            steady: seconds from anywhere; only goes forward.

        """
        self._steady = steady
        self._found: dict[str, tuple[Misreading, float]] = {}

    def missed(self, endpoint: str, path: str, payload: Any) -> None:
        """Take note of an answer that was not understood."""
        times = self._found[path][0].times if path in self._found else 0
        self._found[path] = (Misreading(endpoint, times + 1, payload), self._steady())

    def understood(self, path: str) -> None:
        """Take note of an answer that was."""
        self._found.pop(path, None)

    def recent(self) -> tuple[Misreading, ...]:
        """Return those that count, the ones that were noted first before others."""
        now = self._steady()
        self._found = {
            path: (misreading, noted)
            for path, (misreading, noted) in self._found.items()
            if now - noted < _REMEMBERED_FOR
        }
        return tuple(misreading for misreading, _ in self._found.values())

    def certain_endpoints(self) -> tuple[str, ...]:
        """Return the endpoints of which a question is answered so again and again, sorted."""
        return tuple(
            sorted(
                {
                    each.endpoint
                    for each in self.recent()
                    if each.times >= TIMES_TO_BE_SURE
                }
            )
        )
