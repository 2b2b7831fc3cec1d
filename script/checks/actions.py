"""The actions: those that are registered are those that are described, field by field."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from .described import check_described, described, fields
from .source import Names, called, calls, keyword
from .tree import Tree

_REGISTER = {
    "async_register_platform_entity_service": (2, 5),
    "async_register_camera_action": (1, 2),
    "async_register_admin_service": (2, 4),
    "async_register": (1, 3),
}
"""Where what registers an action takes its name and its schema."""
_MARKERS = {"Required": True, "Optional": False}


@dataclass(frozen=True, slots=True)
class Action:
    """An action as it is registered."""

    name: str
    fields: dict[str, bool]
    """Whether each must be given."""


def check(tree: Tree) -> Iterator[str]:
    """Yield where code, `services.yaml` and the texts do not agree."""
    yield from check_described(tree, "services.yaml", "services")
    registered = {each.name: each for each in _registered(tree)}
    contents = described(tree, "services.yaml")
    for name in sorted(registered.keys() - contents.keys()):
        yield f"services.yaml: {name} is missing, which is registered"
    for name in sorted(contents.keys() - registered.keys()):
        yield f"services.yaml: {name} is registered nowhere"
    for name in sorted(registered.keys() & contents.keys()):
        there = fields(contents[name])
        wanted = registered[name].fields
        for field in sorted(wanted.keys() ^ there.keys()):
            where = "the code" if field in wanted else "the file"
            yield f"services.yaml: {name}.{field} is known to {where} only"
        for field in sorted(wanted.keys() & there.keys()):
            if bool(there[field].get("required")) is not wanted[field]:
                yield (
                    f"services.yaml: {name}.{field} must say `required` as the code does"
                )


def _registered(tree: Tree) -> Iterator[Action]:
    names = Names(tree)
    for file, module in tree.modules.items():
        for call in calls(module):
            place = _REGISTER.get(called(call))
            if place is None:
                continue
            name = names.text(file, _argument(call, place[0]))
            if name is None:
                continue
            schema = keyword(call, "schema") or _argument(call, place[1])
            yield Action(name, dict(_fields(names, file, schema)))


def _argument(call: ast.Call, place: int) -> ast.expr | None:
    return call.args[place] if len(call.args) > place else None


def _fields(
    names: Names, file: str, node: ast.expr | None
) -> Iterator[tuple[str, bool]]:
    """Yield the fields of a schema, wherever its parts are, with whether they are required."""
    if node is None:
        return
    keys: set[int] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and called(each) in _MARKERS and each.args:
            keys.update(id(inner) for inner in ast.walk(each))
            field = names.text(file, each.args[0])
            if field is not None:
                yield field, _MARKERS[called(each)]
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and id(each) not in keys:
            part = names.expression(file, each.id)
            if isinstance(part, ast.Dict | ast.Call):
                yield from _fields(names, file, part)
