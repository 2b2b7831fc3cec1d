"""Repair issues: each kind has its texts, and their flows the steps that they name."""

from __future__ import annotations

from collections.abc import Iterator

from .flows import api_error_keys
from .source import Vocabulary, classes, functions, members
from .tree import Tree

_KINDS = "IssueKind"
_FILE = "repairs.py"
_TOLD_OTHERWISE = {"permission_denied"}
"""Errors of the service that a flow has words of its own for."""


def check(tree: Tree) -> Iterator[str]:
    """Yield where issues, flows and texts do not agree."""
    texts = tree.category("issues")
    found = [node for _, node in classes(tree) if node.name == _KINDS]
    if not found:
        yield f"no file has the enumeration {_KINDS}"
        return
    kinds = {kind for node in found for kind in members(node).values()}
    for kind in sorted(kinds - texts.keys()):
        yield f"en.json: issues.{kind} is missing"
    for kind in sorted(texts.keys() - kinds):
        yield f"en.json: issues.{kind} is raised nowhere"
    for kind, each in texts.items():
        place = f"en.json: issues.{kind}"
        if "title" not in each:
            yield f"{place} has no title"
        if ("description" in each) is ("fix_flow" in each):
            yield f"{place} must have either a description or a fix_flow"
    if _FILE not in tree.modules:
        return
    module = tree.modules[_FILE]
    words = Vocabulary([module])
    steps = {each.name.removeprefix("async_step_") for each in functions(module)}
    for kind, each in texts.items():
        flow = each.get("fix_flow", {})
        place = f"en.json: issues.{kind}.fix_flow"
        for step in flow.get("step", {}):
            if step not in steps:
                yield f"{place}.step.{step} is no step of {_FILE}"
        errors = flow.get("error", {}).keys()
        of_service = api_error_keys(tree)
        for key in sorted(errors - of_service):
            if not words.has(key):
                yield f"{place}.error.{key} is used nowhere"
        if errors & of_service:
            for key in sorted(of_service - errors - _TOLD_OTHERWISE):
                yield f"{place}.error.{key} is missing, which errors.py gives"
        for key in flow.get("abort", {}):
            if not words.has(key):
                yield f"{place}.abort.{key} is used nowhere"
