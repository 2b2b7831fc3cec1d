"""`quality_scale.yaml`: the rules of the Integration Quality Scale, and what proves them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from configparser import ConfigParser
import re
from typing import Any

from .described import described
from .source import called, calls, functions, keyword
from .tree import Tree

RULES = {
    "bronze": (
        "action-setup appropriate-polling brands common-modules config-flow"
        " config-flow-test-coverage dependency-transparency docs-actions docs-conditions"
        " docs-high-level-description docs-installation-instructions"
        " docs-removal-instructions docs-triggers entity-event-setup entity-unique-id"
        " has-entity-name runtime-data test-before-configure test-before-setup"
        " unique-config-entry"
    ),
    "silver": (
        "action-exceptions config-entry-unloading docs-configuration-parameters"
        " docs-installation-parameters entity-unavailable integration-owner"
        " log-when-unavailable parallel-updates reauthentication-flow test-coverage"
    ),
    "gold": (
        "devices diagnostics discovery discovery-update-info docs-data-update"
        " docs-examples docs-known-limitations docs-supported-devices"
        " docs-supported-functions docs-troubleshooting docs-use-cases dynamic-devices"
        " entity-category entity-device-class entity-disabled-by-default"
        " entity-translations exception-translations icon-translations"
        " reconfiguration-flow repair-issues stale-devices"
    ),
    "platinum": "async-dependency inject-websession strict-typing",
}
"""The rules by tier."""
ALL_RULES = frozenset(rule for rules in RULES.values() for rule in rules.split())

type Proof = Callable[[Tree], Iterator[str]]
"""Yields what is not as a rule wants it."""

_FILE = "quality_scale.yaml"
_SHOWN_ERRORS = frozenset(
    "BrowseError HomeAssistantError ServiceValidationError Unresolvable UpdateFailed"
    " ConfigEntryAuthFailed ConfigEntryError ConfigEntryNotReady".split()
)
"""Those whose text a user reads."""


def check(tree: Tree) -> Iterator[str]:
    """Yield what is missing in the file, and what it says that is not so."""
    content = tree.yaml(_FILE).get("rules") or {}
    for rule in sorted(ALL_RULES - content.keys()):
        yield f"{_FILE}: {rule} is missing"
    for rule in sorted(content.keys() - ALL_RULES):
        yield f"{_FILE}: {rule} is no rule of the Integration Quality Scale"
    for rule in sorted(ALL_RULES & content.keys()):
        yield from _check_rule(tree, rule, content[rule])


def _check_rule(tree: Tree, rule: str, said: Any) -> Iterator[str]:
    status, comment = said, None
    if isinstance(said, dict):
        status, comment = said.get("status"), said.get("comment")
    if status not in ("done", "exempt"):
        yield f"{_FILE}: {rule} is neither done nor exempt"
    elif status == "exempt" and not str(comment or "").strip():
        yield f"{_FILE}: {rule} is exempt, but a comment does not say why"
    elif status == "done" and rule in PROOFS:
        for fault in PROOFS[rule](tree):
            yield f"{_FILE}: {rule} is not done: {fault}"


def _has_function(file: str, name: str) -> Proof:
    def proof(tree: Tree) -> Iterator[str]:
        module = tree.modules.get(file, ast.Module([], []))
        if name not in {each.name for each in functions(module)}:
            yield f"{file} has no {name}"

    return proof


def _calls(file: str, name: str) -> Proof:
    def proof(tree: Tree) -> Iterator[str]:
        module = tree.modules.get(file, ast.Module([], []))
        if name not in {called(each) for each in calls(module)}:
            yield f"{file} does not call {name}"

    return proof


def _parallel_updates(tree: Tree) -> Iterator[str]:
    for platform, module in tree.platforms.items():
        if not _assigns(module, "PARALLEL_UPDATES"):
            yield f"{platform}.py does not say PARALLEL_UPDATES"


def _has_entity_name(tree: Tree) -> Iterator[str]:
    """Look for a base of entities that does not have it, or a platform that takes it back."""
    bases = [
        node
        for name in ("entity.py", *(f"{each}.py" for each in tree.platforms))
        for node in ast.walk(tree.modules.get(name, ast.Module([], [])))
        if isinstance(node, ast.ClassDef)
    ]
    own = {"Entity", "CoordinatorEntity"}
    known = {node.name for node in bases}
    for node in bases:
        parents = {_base_name(base) for base in node.bases}
        rooted = not parents & known and any(
            each.endswith("Entity") for each in parents
        )
        says = [
            ast.unparse(each.value)
            for each in node.body
            if isinstance(each, ast.Assign)
            and ast.unparse(each.targets[0]) == "_attr_has_entity_name"
        ]
        if (rooted or parents & own) and says != ["True"]:
            yield f"{node.name} does not set _attr_has_entity_name"


def _base_name(node: ast.expr) -> str:
    """Return the last part of the name of a base, without what it is of."""
    if isinstance(node, ast.Subscript):
        node = node.value
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _runtime_data(tree: Tree) -> Iterator[str]:
    for name, module in tree.modules.items():
        if "hass.data[DOMAIN]" in ast.unparse(module):
            yield f"{name} keeps something in hass.data[DOMAIN]"


def _action_setup(tree: Tree) -> Iterator[str]:
    module = tree.modules.get("__init__.py", ast.Module([], []))
    for function in functions(module):
        registers = any(
            "register" in called(each) or called(each) == "async_setup_actions"
            for each in calls(function)
        )
        if function.name == "async_setup_entry" and registers:
            yield "async_setup_entry registers something"


def _strict_typing(tree: Tree) -> Iterator[str]:
    setup = ConfigParser()
    setup.read(tree.root / "setup.cfg", encoding="utf-8")
    if not setup.getboolean("mypy", "strict", fallback=False):
        yield "setup.cfg does not make mypy strict"
    if not tree.has("api/py.typed"):
        yield "api/py.typed is missing"


def _inject_websession(tree: Tree) -> Iterator[str]:
    for name, module in tree.modules.items():
        if any(called(each) == "ClientSession" for each in calls(module)):
            yield f"{name} opens a session of its own"


def _brands(tree: Tree) -> Iterator[str]:
    for name in ("icon.png", "logo.png"):
        if not tree.has(f"brand/{name}"):
            yield f"brand/{name} is missing"


def _told_in_readme(file: str) -> Proof:
    def proof(tree: Tree) -> Iterator[str]:
        for path in sorted(tree.root.glob("README*.md")):
            text = path.read_text(encoding="utf-8")
            for name in described(tree, file):
                if not re.search(rf"\b{name}\b", text):
                    yield f"{path.name} does not tell of {name}"

    return proof


def _exception_translations(tree: Tree) -> Iterator[str]:
    for name, module in tree.modules.items():
        for node in ast.walk(module):
            if not isinstance(node, ast.Raise) or not isinstance(node.exc, ast.Call):
                continue
            error = called(node.exc)
            if error in _SHOWN_ERRORS and keyword(node.exc, "translation_key") is None:
                yield f"{name} raises {error} without a translation key"


def _least_coverage(option: str, least: int, complaint: str) -> Proof:
    """Return a proof that the tests fail below a coverage, in percent."""

    def proof(tree: Tree) -> Iterator[str]:
        file = tree.root / "script" / "test"
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        asked = re.search(rf"(?<![-\w]){option}=(\d+)", text)
        if asked is None or int(asked[1]) < least:
            yield f"script/test {complaint}"

    return proof


def _assigns(module: ast.Module, name: str) -> bool:
    return any(
        isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == name
        for each in module.body
    )


PROOFS: dict[str, Proof] = {
    "action-setup": _action_setup,
    "brands": _brands,
    "config-entry-unloading": _has_function("__init__.py", "async_unload_entry"),
    "config-flow": _has_function("config_flow.py", "async_step_user"),
    "config-flow-test-coverage": _least_coverage(
        "--fail-under", 100, "does not ask for 100 % of the config flow"
    ),
    "docs-actions": _told_in_readme("services.yaml"),
    "docs-conditions": _told_in_readme("conditions.yaml"),
    "docs-triggers": _told_in_readme("triggers.yaml"),
    "diagnostics": _has_function(
        "diagnostics.py", "async_get_config_entry_diagnostics"
    ),
    "exception-translations": _exception_translations,
    "has-entity-name": _has_entity_name,
    "inject-websession": _inject_websession,
    "parallel-updates": _parallel_updates,
    "reauthentication-flow": _has_function("config_flow.py", "async_step_reauth"),
    "reconfiguration-flow": _has_function("config_flow.py", "async_step_reconfigure"),
    "repair-issues": _has_function("repairs.py", "async_create_fix_flow"),
    "runtime-data": _runtime_data,
    "stale-devices": _has_function("__init__.py", "async_remove_config_entry_device"),
    "strict-typing": _strict_typing,
    "test-coverage": _least_coverage(
        "--cov-fail-under", 95, "is content with less than 95 % of the code"
    ),
    "test-before-setup": _calls("__init__.py", "async_config_entry_first_refresh"),
    "unique-config-entry": _calls("config_flow.py", "_abort_if_unique_id_configured"),
}
"""What of the rules can be seen in the code."""
