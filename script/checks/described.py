"""What is described in a YAML file and named in the texts: actions, triggers, conditions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from probatio import Invalid

from homeassistant.helpers.selector import validate_selector

from .tree import Tree

_NEED_NO_EXAMPLE = frozenset(
    "area config_entry device entity label statistic target".split()
)
"""Selectors that offer what there is."""
_PARTS_OF_FIELDS = {
    "services": ("name", "description"),
    "triggers": ("name",),
    "conditions": ("name",),
}
"""What Home Assistant's own have."""


def described(tree: Tree, name: str) -> dict[str, Any]:
    """Return what a file describes, by name; what begins with a dot is for the file itself."""
    if not tree.has(name):
        return {}
    return {key: each or {} for key, each in tree.yaml(name).items() if key[:1] != "."}


def fields(content: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of something that is described, also those in sections."""
    found: dict[str, Any] = {}
    for key, each in (content.get("fields") or {}).items():
        if each and "fields" in each:
            found |= each["fields"]
        else:
            found[key] = each or {}
    return found


def check_described(tree: Tree, name: str, category: str) -> Iterator[str]:
    """Yield where a file and the texts of a category do not agree."""
    contents, texts = described(tree, name), tree.category(category)
    for key in sorted(contents.keys() - texts.keys()):
        yield f"en.json: {category}.{key} is missing"
    for key in sorted(texts.keys() - contents.keys()):
        yield f"en.json: {category}.{key} is not in {name}"
    for key in sorted(contents.keys() & texts.keys()):
        place = f"{category}.{key}"
        for part in ("name", "description"):
            if part not in texts[key]:
                yield f"en.json: {place} has no {part}"
        there, named = fields(contents[key]), texts[key].get("fields", {})
        yield from _check_fields(name, place, there, named)
        for field, each in named.items():
            for part in _PARTS_OF_FIELDS[category]:
                if part not in each:
                    yield f"en.json: {place}.fields.{field} has no {part}"
    for key, content in contents.items():
        for field, each in fields(content).items():
            yield from _check_selector(tree, f"{name}: {key}.{field}", each)


def _check_fields(
    name: str, place: str, there: dict[str, Any], texts: dict[str, Any]
) -> Iterator[str]:
    for field in sorted(there.keys() - texts.keys()):
        yield f"en.json: {place} does not name the field {field}"
    for field in sorted(texts.keys() - there.keys()):
        yield f"en.json: {place} names the field {field}, which {name} has not"


def _check_selector(tree: Tree, place: str, field: dict[str, Any]) -> Iterator[str]:
    selector = field.get("selector")
    if not selector:
        yield f"{place} has no selector"
        return
    try:
        validate_selector(selector)
    except Invalid as err:
        yield f"{place} has a selector that is none: {err}"
        return
    [(kind, config)] = selector.items()
    if not field.keys() & {"example", "default"} and kind not in _NEED_NO_EXAMPLE:
        yield f"{place} has neither example nor default"
    if kind == "select" and "translation_key" in (config or {}):
        key = config["translation_key"]
        named = tree.category("selector", key, "options")
        options = {str(each) for each in config["options"]}
        for option in sorted(options ^ named.keys()):
            yield f"{place} and en.json's selector.{key} do not agree on {option}"
