"""What can be read from source code without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
import re

import homeassistant.const

from .tree import Tree

_GAP = "\0"
_MOST_GAPS = 3
"""How often what fills a gap may have one itself."""


class Vocabulary:
    """The strings that a program can put together."""

    def __init__(self, modules: Iterable[ast.Module]) -> None:
        """Read the strings of some files, without their docstrings."""
        self._strings: set[str] = set()
        self._patterns: set[str] = set()
        for module in modules:
            described = {id(node) for node in _docstrings(module)}
            for node in ast.walk(module):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    if id(node) not in described:
                        self._strings.add(node.value)
                elif isinstance(node, ast.JoinedStr):
                    self._patterns.update(_parts_with_gap(node))

    def has(self, word: str, gaps: int = _MOST_GAPS) -> bool:
        """Return whether a string is there, or can be put together of those that are."""
        if word in self._strings:
            return True
        if not gaps:
            return False
        for pattern in self._patterns:
            parts = [re.escape(part) for part in pattern.split(_GAP)]
            match = re.fullmatch("(.+)".join(parts), word)
            if match and all(
                each.isdecimal() or self.has(each, gaps - 1) for each in match.groups()
            ):
                return True
        return False


def _parts_with_gap(node: ast.JoinedStr) -> Iterator[str]:
    """Yield the parts between dots of a formatted string that are made of text and a gap."""
    text = "".join(
        str(part.value) if isinstance(part, ast.Constant) else _GAP
        for part in node.values
    )
    for part in text.split("."):
        if _GAP in part and re.search("[a-z]{4}", part):
            yield part


def _docstrings(module: ast.Module) -> Iterator[ast.AST]:
    """Yield the strings that are statements of their own."""
    for node in ast.walk(module):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def text_of(node: ast.AST | None) -> str | None:
    """Return the string that an expression is, None if it is another."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """Return what a call gives for a parameter by its name."""
    return next((each.value for each in call.keywords if each.arg == name), None)


def called(call: ast.Call) -> str:
    """Return the last part of the name of what is called."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def calls(node: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls in some code."""
    return (each for each in ast.walk(node) if isinstance(each, ast.Call))


def functions(
    node: ast.AST,
) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the functions and methods in some code."""
    for each in ast.walk(node):
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
            yield each


def classes(tree: Tree) -> Iterator[tuple[str, ast.ClassDef]]:
    """Yield the classes of the integration with the files that they are in."""
    for name, module in tree.modules.items():
        for node in ast.walk(module):
            if isinstance(node, ast.ClassDef):
                yield name, node


def members(node: ast.ClassDef) -> dict[str, str]:
    """Return the names in a class that stand for strings, as in an enumeration."""
    return {
        target: text
        for target, value in assignments(node.body)
        if (text := text_of(value)) is not None
    }


def assignments(body: Iterable[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names that statements assign to, with what they are assigned."""
    for node in body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value


class Names:
    """What names stand for that are assigned at the top of files."""

    def __init__(self, tree: Tree) -> None:
        """Read the files of the integration."""
        self._everywhere: dict[str, ast.expr] = {}
        self._of_file: dict[str, dict[str, ast.expr]] = {}
        for name, module in tree.modules.items():
            self._of_file[name] = dict(assignments(module.body))
            self._everywhere |= self._of_file[name]

    def expression(self, file: str, name: str) -> ast.expr | None:
        """Return what a name stands for in a file, or wherever it was imported from."""
        own = self._of_file.get(file, {})
        return own.get(name) or self._everywhere.get(name)

    def text(self, file: str, node: ast.AST | None) -> str | None:
        """Return the string that an expression stands for, None if there is none."""
        if isinstance(node, ast.Name):
            found = self.expression(file, node.id)
            if found is None:
                return _text_of_home_assistant(node.id)
            return text_of(found)
        return text_of(node)


@cache
def _text_of_home_assistant(name: str) -> str | None:
    found = getattr(homeassistant.const, name, None)
    return found if isinstance(found, str) else None
