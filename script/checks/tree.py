"""The files that are checked, read once.

Knows where things are and how files are read; what they should say is the checks' business.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
import json
from pathlib import Path
from typing import Any

from homeassistant.const import Platform
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.yaml import parse_yaml

DOMAIN = "amnimo"
REFERENCE = "en"
LANGUAGES = (REFERENCE, "ja")


class UnreadableError(Exception):
    """A file is not there, or not what its name says."""


@dataclass(frozen=True)
class Tree:
    """A project with the integration in it."""

    root: Path

    @property
    def integration(self) -> Path:
        """The folder of the integration."""
        return self.root / "custom_components" / DOMAIN

    def json(self, name: str) -> dict[str, Any]:
        """Return an object of the integration's; UnreadableError where there is none."""
        return self._object(self.integration / name, _parse_json)

    def project_json(self, name: str) -> dict[str, Any]:
        """Return an object of the project's; UnreadableError where there is none."""
        return self._object(self.root / name, _parse_json)

    def yaml(self, name: str) -> dict[str, Any]:
        """Return an object of the integration's; UnreadableError where there is none."""
        return self._object(self.integration / name, parse_yaml)

    def has(self, name: str) -> bool:
        """Return whether the integration has a file or folder of that name."""
        return (self.integration / name).exists()

    @cached_property
    def modules(self) -> dict[str, ast.Module]:
        """The Python files of the integration, by their path in it."""
        found: dict[str, ast.Module] = {}
        for path in sorted(self.integration.rglob("*.py")):
            name = path.relative_to(self.integration).as_posix()
            try:
                found[name] = ast.parse(path.read_text(encoding="utf-8"))
            except (SyntaxError, ValueError) as err:
                raise UnreadableError(f"{name} is no Python: {err}") from None
        return found

    @property
    def platforms(self) -> dict[str, ast.Module]:
        """The files that bring entities, by the name of the platform."""
        return {
            each.value: self.modules[f"{each}.py"]
            for each in Platform
            if f"{each}.py" in self.modules
        }

    @cached_property
    def texts(self) -> dict[str, Any]:
        """The English texts."""
        return self.json(f"translations/{REFERENCE}.json")

    def category(self, *keys: str) -> dict[str, Any]:
        """Return the English texts below some keys, none where there is no such key."""
        node: Any = self.texts
        for key in keys:
            node = node.get(key, {})
        return dict(node)

    def _object(self, path: Path, parse: Callable[[str], Any]) -> dict[str, Any]:
        name = path.relative_to(
            self.integration if path.is_relative_to(self.integration) else self.root
        )
        try:
            parsed = parse(path.read_text(encoding="utf-8"))
        except OSError:
            raise UnreadableError(f"{name} is missing") from None
        except (ValueError, HomeAssistantError) as err:
            raise UnreadableError(f"{name}: {err}") from None
        if not isinstance(parsed, dict):
            raise UnreadableError(f"{name} holds no object")
        return parsed


def _parse_json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_unique)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        keys = [key for key, _ in pairs]
        doubles = sorted({key for key in keys if keys.count(key) > 1})
        raise ValueError(f"{', '.join(doubles)} is there twice")
    return fields
