"""The names of entities: each that the code asks for is there, each that is there is asked for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from .placeholders import placeholders
from .source import assignments, calls, keyword, text_of
from .tree import Tree

_KEY = "_attr_translation_key"


@dataclass(frozen=True, slots=True)
class Named:
    """A kind of entity that has a translation key."""

    platform: str
    key: str
    has_device_class: bool
    """Which gives it an icon."""


def named_entities(tree: Tree) -> Iterator[Named]:
    """Yield the kinds of entities of all platforms that have a translation key."""
    for platform, module in tree.platforms.items():
        for node in ast.walk(module):
            if isinstance(node, ast.ClassDef):
                yield from _of_class(platform, node)
        for call in calls(module):
            key = text_of(keyword(call, "translation_key"))
            if key is not None and keyword(call, "translation_domain") is None:
                yield Named(platform, key, keyword(call, "device_class") is not None)


def _of_class(platform: str, node: ast.ClassDef) -> Iterator[Named]:
    own = dict(assignments(node.body))
    has_device_class = "_attr_device_class" in own
    if (key := text_of(own.get(_KEY))) is not None:
        yield Named(platform, key, has_device_class)
    for each in ast.walk(node):
        match each:
            case ast.Assign(targets=[ast.Attribute(attr=attr)], value=value):
                key = text_of(value)
                if attr == _KEY and key is not None:
                    yield Named(platform, key, has_device_class)


def check(tree: Tree) -> Iterator[str]:
    """Yield what is wrong with the names of entities."""
    texts = {
        (platform, key): each
        for platform, keys in tree.category("entity").items()
        for key, each in keys.items()
    }
    used = {(each.platform, each.key) for each in named_entities(tree)}
    for platform, key in sorted(used - texts.keys()):
        yield f"{platform}.py uses the translation key {key}, which en.json has not"
    for platform, key in sorted(texts.keys() - used):
        yield f"en.json: entity.{platform}.{key} is used by no entity"
    for (platform, key), each in texts.items():
        given = _given(tree, platform)
        for name in sorted(placeholders(each.get("name", "")) or ()):
            if name not in given:
                yield f"en.json: entity.{platform}.{key} needs {name}, which nobody gives"
    for platform, types in _event_types(tree):
        states: set[str] = set()
        for each in tree.category("entity", platform).values():
            attributes = each.get("state_attributes", {})
            states |= attributes.get("event_type", {}).get("state", {}).keys()
        for missing in sorted(types - states):
            yield f"en.json: entity.{platform} does not name the event type {missing}"
        for unknown in sorted(states - types):
            yield f"en.json: entity.{platform} names {unknown}, which is no event type"


def _given(tree: Tree, platform: str) -> set[str]:
    """Return the keys of all dictionaries that the entities of a platform may fill in."""
    modules = [tree.platforms[platform]] if platform in tree.platforms else []
    if "entity.py" in tree.modules:
        modules.append(tree.modules["entity.py"])
    return {
        text
        for module in modules
        for node in ast.walk(module)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if (text := text_of(key)) is not None
    }


def _event_types(tree: Tree) -> Iterator[tuple[str, set[str]]]:
    for platform, module in tree.platforms.items():
        for node in ast.walk(module):
            match node:
                case ast.Assign(
                    targets=[ast.Name(id="_attr_event_types")],
                    value=ast.List(elts=elements),
                ):
                    yield platform, {text_of(each) or "" for each in elements}
