"""`icons.json`: an icon for each thing that has none by itself, and for nothing else."""

from __future__ import annotations

from collections.abc import Iterator
import re
from typing import Any

from .entities import named_entities
from .tree import Tree

KINDS = {"services": "service", "triggers": "trigger", "conditions": "condition"}
"""What there is beside entities, with the name of its icon."""

_ICON = re.compile(r"mdi:[a-z0-9]+(-[a-z0-9]+)*")


def check(tree: Tree) -> Iterator[str]:
    """Yield what is wrong with the icons."""
    yield from (f"icons.json: {fault}" for fault in _faults(tree))


def _faults(tree: Tree) -> Iterator[str]:
    icons = tree.json("icons.json")
    for category in sorted(icons.keys() - KINDS.keys() - {"entity"}):
        yield f"{category} is not known"
    for path, icon in _flatten(icons, ""):
        if not (isinstance(icon, str) and _ICON.fullmatch(icon)):
            yield f"{path} is no icon of Material Design, as mdi:camera is"
    yield from _entities(tree, icons.get("entity", {}))
    for category, name in KINDS.items():
        yield from _others(tree, icons.get(category, {}), category, name)


def _flatten(node: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for key, child in node.items():
            if key not in ("range", "sections"):
                yield from _flatten(child, f"{path}.{key}" if path else key)
    else:
        yield path, node


def _entities(tree: Tree, icons: dict[str, Any]) -> Iterator[str]:
    named = list(named_entities(tree))
    known = {(each.platform, each.key) for each in named}
    there = {(platform, key) for platform, keys in icons.items() for key in keys}
    for platform, key in sorted(there - known):
        yield f"entity.{platform}.{key} is used by no entity"
    for each in named:
        place = (each.platform, each.key)
        if not each.has_device_class and place not in there:
            yield f"entity.{each.platform}.{each.key} is missing"
        elif place in there and "default" not in icons[each.platform][each.key]:
            yield f"entity.{each.platform}.{each.key} has no default"


def _others(
    tree: Tree, icons: dict[str, Any], category: str, name: str
) -> Iterator[str]:
    known = tree.category(category).keys()
    for key in sorted(known - icons.keys()):
        yield f"{category}.{key} is missing"
    for key in sorted(icons.keys() - known):
        yield f"{category}.{key} is not in en.json"
    for key, each in icons.items():
        if name not in each:
            yield f"{category}.{key} has no {name}"
