"""Says what is wrong with the project's files, a line each.

python -m script.checks
"""

from __future__ import annotations

from pathlib import Path
import sys

from . import (
    actions,
    automations,
    entities,
    exceptions,
    flows,
    icons,
    issues,
    manifest,
    quality_scale,
    system_health,
    translations,
)
from .tree import Tree, UnreadableError

ROOT = Path(__file__).resolve().parent.parent.parent

CHECKS = (
    manifest.check,
    quality_scale.check,
    translations.check,
    entities.check,
    icons.check,
    actions.check,
    automations.check,
    exceptions.check,
    flows.check,
    issues.check,
    system_health.check,
)


def faults(tree: Tree) -> list[str]:
    """Return all that is wrong, each sentence once."""
    found: dict[str, None] = {}
    for check in CHECKS:
        try:
            found.update(dict.fromkeys(check(tree)))
        except UnreadableError as err:
            found[str(err)] = None
    return list(found)


def main() -> int:
    """Print what is wrong, and return the exit status."""
    found = faults(Tree(ROOT))
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
