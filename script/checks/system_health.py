"""The page of the system's health: each figure has a name, each name a figure."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .source import functions, text_of
from .tree import Tree

_FILE = "system_health.py"


def check(tree: Tree) -> Iterator[str]:
    """Yield where figures and names do not agree."""
    if _FILE not in tree.modules:
        return
    figures = {
        text
        for function in functions(tree.modules[_FILE])
        for node in ast.walk(function)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if (text := text_of(key)) is not None
    }
    names = tree.category("system_health", "info").keys()
    for key in sorted(figures ^ names):
        where = "the code" if key in figures else "en.json"
        yield f"en.json: system_health.info.{key} is known to {where} only"
