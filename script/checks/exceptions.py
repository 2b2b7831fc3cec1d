"""The sentences of errors: each is there, is used, and is given what it leaves open."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from .placeholders import placeholders
from .source import (
    Vocabulary,
    called,
    calls,
    classes,
    functions,
    keyword,
    members,
    text_of,
)
from .tree import Tree

ENUMERATIONS = {"Reason": "{}", "MediaFailure": "media_{}"}
"""Those whose members name a sentence, and how."""


@dataclass(frozen=True, slots=True)
class _Raised:
    """An error in the code whose sentence is known."""

    file: str
    key: str
    given: frozenset[str] | None
    """What is filled in; None where that can't be read."""


def check(tree: Tree) -> Iterator[str]:
    """Yield what is wrong with the sentences of errors."""
    texts = {
        key: each.get("message", "")
        for key, each in tree.category("exceptions").items()
    }
    for each in _raised(tree):
        if each.key not in texts:
            yield f"{each.file} raises {each.key}, which en.json's exceptions have not"
            continue
        wanted = placeholders(texts[each.key])
        if each.given is not None and wanted is not None and each.given != wanted:
            yield (
                f"{each.file} raises {each.key} with {_told(each.given)}, but its"
                f" sentence needs {_told(wanted)}"
            )
    for name, pattern in ENUMERATIONS.items():
        found = [node for _, node in classes(tree) if node.name == name]
        if not found:
            yield f"no file has the enumeration {name}, whose members name sentences"
        for node in found:
            for member in members(node).values():
                if (key := pattern.format(member)) not in texts:
                    yield f"{name} has {member}, but en.json's exceptions not {key}"
    words = Vocabulary(tree.modules.values())
    for key in texts:
        if not words.has(key):
            yield f"en.json: exceptions.{key} is raised nowhere"


def _told(names: set[str] | frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"


def _raised(tree: Tree) -> Iterator[_Raised]:
    errors = set(_errors(tree))
    for file, module in tree.modules.items():
        carriers = errors | set(_carriers(module))
        for call in calls(module):
            key = text_of(keyword(call, "translation_key"))
            if key is not None and keyword(call, "translation_domain") is not None:
                given = _given(keyword(call, "translation_placeholders"))
                yield _Raised(file, key, given)
            elif called(call) in carriers and call.args:
                key = text_of(call.args[0])
                names = {each.arg for each in call.keywords if each.arg}
                if key is not None:
                    yield _Raised(file, key, frozenset(names))


def _given(node: ast.expr | None) -> frozenset[str] | None:
    match node:
        case None:
            return frozenset()
        case ast.Dict(keys=keys):
            return frozenset(text_of(each) or "" for each in keys)
        case _:
            return None


def _carriers(module: ast.Module) -> Iterator[str]:
    """Yield the functions that take a key first and then what to fill in."""
    for each in functions(module):
        if _carries(each) and _translates(each):
            yield each.name


def _errors(tree: Tree) -> Iterator[str]:
    """Yield the errors that take a key first and then what to fill in."""
    for _, node in classes(tree):
        of_error = any("Exception" in ast.unparse(base) for base in node.bases)
        starts = (each for each in functions(node) if each.name == "__init__")
        if of_error and any(map(_carries, starts)):
            yield node.name


def _carries(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    names = [each.arg for each in function.args.args if each.arg != "self"]
    return names[:1] == ["key"] and function.args.kwarg is not None


def _translates(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(keyword(each, "translation_key") for each in calls(function))
