"""How much memory a process has taken, and how long it was busy.

Read where the kernel tells of each process (Linux); elsewhere it is not measured.
"""

from pathlib import Path
import re
from typing import Final

from tests.bench.processor import seconds_of

_PROC: Final = Path("/proc")
_NOW: Final = re.compile(r"^VmRSS:\s+(\d+) kB$", re.MULTILINE)
_MOST: Final = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)
# What the kernel is told to begin the count of the most anew.
_ANEW: Final = "5"


class Memory:
    """The memory of the process that was started with an argument."""

    def __init__(self, argument: str) -> None:
        """Look for the process."""
        self._folder = next(
            (
                folder
                for folder in _PROC.glob("[0-9]*")
                if argument.encode() in _arguments(folder) and _has_memory(folder)
            ),
            None,
        )

    def begin(self) -> float | None:
        """Count the most from now on; return the MB that it has now, None if not told."""
        if self._folder is None:
            return None
        (self._folder / "clear_refs").write_text(_ANEW)
        return self._read(_NOW)

    def most(self) -> float | None:
        """Return the most MB that it has had since the beginning, None if not told."""
        return self._read(_MOST)

    def busy(self) -> float | None:
        """Return the CPU seconds that it has taken, None if not told."""
        return None if self._folder is None else seconds_of(int(self._folder.name))

    def _read(self, what: re.Pattern[str]) -> float | None:
        if self._folder is None:
            return None
        found = what.search((self._folder / "status").read_text())
        return int(found[1]) / 1000 if found else None


def _arguments(folder: Path) -> list[bytes]:
    try:
        return (folder / "cmdline").read_bytes().split(b"\0")
    except OSError:
        # Processes come and go while they are looked through.
        return []


def _has_memory(folder: Path) -> bool:
    """Return whether it is the process itself, and not the small one that started it."""
    return b"homeassistant" in _arguments(folder)[1:4] and not any(
        argument.endswith(b"leash.py") for argument in _arguments(folder)
    )
