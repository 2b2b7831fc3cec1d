"""The manifest and `hacs.json`: what Home Assistant and HACS read before anything else."""

from __future__ import annotations

from collections.abc import Iterator
import re
from typing import Any

from awesomeversion import AwesomeVersion, AwesomeVersionStrategy

from .tree import DOMAIN, Tree

REQUIRED = frozenset(
    "codeowners config_flow documentation domain integration_type iot_class"
    " issue_tracker name requirements version".split()
)
KNOWN = REQUIRED | frozenset(
    "after_dependencies dependencies import_executor loggers quality_scale"
    " single_config_entry".split()
)
IOT_CLASSES = frozenset(
    "assumed_state calculated cloud_polling cloud_push local_polling local_push".split()
)
INTEGRATION_TYPES = frozenset(
    "device entity hardware helper hub service system virtual".split()
)
SCALES = frozenset("bronze silver gold platinum custom".split())
HACS_KNOWN = frozenset(
    "name content_in_root zip_release filename hide_default_branch country homeassistant"
    " hacs persistent_directory render_readme".split()
)

_PINNED = re.compile(r"[A-Za-z0-9._-]+(\[[A-Za-z0-9,._-]+\])?==\S+")
_GITHUB = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+")


def check(tree: Tree) -> Iterator[str]:
    """Yield what is wrong with both files."""
    yield from (f"manifest.json: {fault}" for fault in _manifest(tree))
    yield from (f"hacs.json: {fault}" for fault in _hacs(tree))


def _manifest(tree: Tree) -> Iterator[str]:
    manifest = tree.json("manifest.json")
    for key in sorted(REQUIRED - manifest.keys()):
        yield f"{key} is missing"
    for key in sorted(manifest.keys() - KNOWN):
        yield f"{key} is not known"
    keys = list(manifest)
    first = [each for each in ("domain", "name") if each in manifest]
    if keys != first + sorted(set(keys) - {"domain", "name"}):
        yield "the keys are not in order: domain, name, then the others by the alphabet"
    if manifest.get("domain") != DOMAIN:
        yield f"domain is not {DOMAIN}, the name of the folder"
    yield from _allowed(manifest, "iot_class", IOT_CLASSES)
    yield from _allowed(manifest, "integration_type", INTEGRATION_TYPES)
    yield from _allowed(manifest, "quality_scale", SCALES)
    if not _is_version(manifest.get("version", "")):
        yield "version is no version, as 1.0.0 is"
    for each in manifest.get("requirements", ()):
        if not _PINNED.fullmatch(each):
            yield f"the requirement {each} is not pinned to a version"
    for key in ("documentation", "issue_tracker"):
        if not _GITHUB.match(str(manifest.get(key))):
            yield f"{key} is no page of a repository"
    owners = manifest.get("codeowners", ())
    if not owners or not all(each.startswith("@") for each in owners):
        yield "codeowners are not names with an @"
    if manifest.get("config_flow") and not tree.has("config_flow.py"):
        yield "config_flow is true, but there is no config_flow.py"
    for key in ("dependencies", "after_dependencies"):
        if manifest.get(key, []) != sorted(manifest.get(key, [])):
            yield f"{key} are not in the order of the alphabet"


def _allowed(
    manifest: dict[str, Any], key: str, allowed: frozenset[str]
) -> Iterator[str]:
    if key in manifest and manifest[key] not in allowed:
        yield f"{key} is {manifest[key]}, not one of {', '.join(sorted(allowed))}"


def _is_version(text: str) -> bool:
    return AwesomeVersion(text).strategy in (
        AwesomeVersionStrategy.SEMVER,
        AwesomeVersionStrategy.CALVER,
    )


def _hacs(tree: Tree) -> Iterator[str]:
    hacs = tree.project_json("hacs.json")
    for key in sorted(hacs.keys() - HACS_KNOWN):
        yield f"{key} is not known"
    if not hacs.get("name"):
        yield "name is missing"
    if not _is_version(str(hacs.get("homeassistant", ""))):
        yield "homeassistant is no version of Home Assistant"
    if hacs.get("zip_release") and not str(hacs.get("filename")).endswith(".zip"):
        yield "zip_release is true, but filename names no zip"
