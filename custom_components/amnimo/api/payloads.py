"""What was answered last, kept as it was sent.

Large answers come once a minute and are looked at once a month, by who wants to know why
something was not understood: so they are parsed then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, override


class Payloads(Mapping[str, Any]):
    """The untouched payload of the last good answer, by endpoint."""

    def __init__(self, loads: Callable[[bytes], Any]) -> None:
        """Take what reads the bodies, which all have been found to be JSON."""
        self._loads = loads
        self._bodies: dict[str, bytes] = {}

    def note(self, endpoint: str, body: bytes) -> None:
        """Keep an answer in the place of the one before."""
        self._bodies[endpoint] = body

    def forget(self, endpoint: str) -> None:
        """Drop the answer of an endpoint, if there is one."""
        self._bodies.pop(endpoint, None)

    @override
    def __getitem__(self, endpoint: str) -> Any:
        return self._loads(self._bodies[endpoint])

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._bodies)

    @override
    def __len__(self) -> int:
        return len(self._bodies)
