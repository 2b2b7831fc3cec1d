"""How this run measures: what every benchmark is handed."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Bench:
    """Where a benchmark puts its files, and whether somebody is in a hurry.

    A quick run measures the same things for a shorter time or less often, and its tables
    say so.
    """

    folder: Path
    quick: bool
