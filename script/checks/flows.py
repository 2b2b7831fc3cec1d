"""The forms of the config and options flows, and what they say when something is wrong.

That each form shows exactly the fields that are named is seen when the forms run, in the tests.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from .source import Names, Vocabulary, called, calls, functions
from .tree import Tree

_FILE = "config_flow.py"
_OF_HOME_ASSISTANT = frozenset(
    "already_configured already_in_progress reauth_successful reconfigure_successful"
    " unique_id_mismatch".split()
)
"""Reasons to end a flow that its helpers bring."""


def check(tree: Tree) -> Iterator[str]:
    """Yield where the flows and their texts do not agree."""
    if _FILE not in tree.modules:
        yield f"{_FILE} is missing"
        return
    module = tree.modules[_FILE]
    words = Vocabulary([module, *_errors(tree)])
    steps = {each.name.removeprefix("async_step_") for each in functions(module)}
    named: set[str] = set()
    for flow in ("config", "options"):
        texts = tree.category(flow)
        for step, each in texts.get("step", {}).items():
            place = f"en.json: {flow}.step.{step}"
            if step not in steps:
                yield f"{place} is no step of {_FILE}"
            yield from _check_form(place, each)
            named |= _fields_named(each)
        for kind, brought in (("error", frozenset()), ("abort", _OF_HOME_ASSISTANT)):
            for key in texts.get(kind, {}):
                if key not in brought and not words.has(key):
                    yield f"en.json: {flow}.{kind}.{key} is used nowhere"
    errors = tree.category("config", "error")
    for key in sorted(api_error_keys(tree) - errors.keys()):
        yield f"en.json: config.error.{key} is missing, which errors.py gives"
    known = set(_fields(tree, module))
    for field in sorted(known - named):
        yield f"en.json: no form names the field {field}"
    for field in sorted(named - known):
        yield f"en.json: a form names the field {field}, which {_FILE} has not"


def api_error_keys(tree: Tree) -> set[str]:
    """Return the keys that errors of the service become."""
    return {
        node.value
        for module in _errors(tree)
        for name in ("_KEYS", "error_key")
        for part in ast.walk(module)
        if _is_named(part, name)
        for node in ast.walk(part)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.isidentifier()
    }


def _errors(tree: Tree) -> list[ast.Module]:
    return [tree.modules["errors.py"]] if "errors.py" in tree.modules else []


def _is_named(node: ast.AST, name: str) -> bool:
    match node:
        case ast.FunctionDef(name=found) | ast.AnnAssign(target=ast.Name(id=found)):
            return found == name
        case _:
            return False


def _check_form(place: str, texts: dict[str, Any]) -> Iterator[str]:
    for part, each in ((place, texts), *_sections(place, texts)):
        names, told = each.get("data", {}), each.get("data_description", {})
        for field in sorted(names.keys() - told.keys()):
            yield f"{part} does not explain the field {field}"
        for field in sorted(told.keys() - names.keys()):
            yield f"{part} explains the field {field}, which it does not name"


def _sections(
    place: str, texts: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    for key, each in texts.get("sections", {}).items():
        yield f"{place}.sections.{key}", each


def _fields_named(texts: dict[str, Any]) -> set[str]:
    return {
        field
        for _, each in (("", texts), *_sections("", texts))
        for field in each.get("data", {})
    }


def _fields(tree: Tree, module: ast.Module) -> Iterator[str]:
    """Yield the fields of all forms: what is asked for, but no sections."""
    names = Names(tree)
    loops = {
        element.id
        for node in ast.walk(module)
        if isinstance(node, ast.For)
        for element in ast.walk(node.target)
        if isinstance(element, ast.Name)
    }
    for call in calls(module):
        if called(call) not in ("Required", "Optional") or not call.args:
            continue
        key = call.args[0]
        if isinstance(key, ast.Name) and key.id in loops:
            continue
        field = names.text(_FILE, key)
        if field is not None and not ast.unparse(key).startswith("SECTION_"):
            yield field
    # Fields of one kind are told in a table: name, default and range.
    for node in ast.walk(module):
        match node:
            case ast.Tuple(elts=[ast.Name(id=name), _, _, _]):
                field = names.text(_FILE, ast.Name(id=name))
                if field is not None:
                    yield field
