"""What event loops have in common whose time passes only in jumps.

Owns the clock of such a loop. When it may jump is what tells them apart, and is said by the
selector of each.
"""

from __future__ import annotations

import asyncio
import selectors
from typing import Any, ClassVar, override


class JumpingSelector[LoopT: JumpingLoop](selectors.DefaultSelector):
    """A selector that lets its loop's time pass, by `select` of a class below it."""

    def __init__(self, loop: LoopT) -> None:
        """Take the loop."""
        super().__init__()
        self._loop = loop


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time (seconds, from 0) passes only in jumps."""

    selector: ClassVar[type[JumpingSelector[Any]]]
    """What decides about the jumps."""

    def __init__(self) -> None:
        """Start at 0."""
        self._now = 0.0
        super().__init__(self.selector(self))

    @override
    def time(self) -> float:
        """Return the time of the loop."""
        return self._now

    def jump(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds
