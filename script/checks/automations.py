"""Triggers and conditions: those that the code has are those that are described."""

from __future__ import annotations

from collections.abc import Iterator

from .described import check_described, described
from .source import Vocabulary
from .tree import Tree

KINDS = {"triggers": "trigger", "conditions": "condition"}


def check(tree: Tree) -> Iterator[str]:
    """Yield where code, YAML files and texts do not agree."""
    for category, name in KINDS.items():
        file = f"{category}.yaml"
        yield from check_described(tree, file, category)
        code = [
            module
            for path, module in tree.modules.items()
            if path == f"{name}.py" or path.startswith((f"{name}/", f"{category}/"))
        ]
        words = Vocabulary(code)
        for key in described(tree, file):
            if not words.has(key):
                yield f"{file}: {key} is not in {name}.py"
        if code and not tree.has(file):
            yield f"{file} is missing, though there is {name}.py"
