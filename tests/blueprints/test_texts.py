"""Two files a blueprint, one a language: only the texts differ."""

from __future__ import annotations

from pathlib import Path
import re
from typing import Any

import pytest
import yaml

from homeassistant.components.blueprint.models import Blueprint
from homeassistant.components.blueprint.schemas import BLUEPRINT_SCHEMA
from homeassistant.util.yaml import parse_yaml

from .conftest import BLUEPRINTS

NAMES = sorted(
    path.stem for path in BLUEPRINTS.glob("*.yaml") if not path.stem.endswith("_ja")
)
JAPANESE = re.compile(r"[぀-ヿ一-鿿]")
PLACEHOLDER = re.compile(r"%\((\w+)\)s|\{\{.*?\}\}|\{(camera)\}")


@pytest.fixture
def _real_world() -> None:
    """Nothing runs here."""


def loaded(path: Path) -> Any:
    """Return a blueprint as it stands, its inputs as text."""

    class Loader(yaml.SafeLoader):
        pass

    Loader.add_constructor("!input", lambda _, node: f"!input {node.value}")
    return yaml.load(path.read_text(encoding="utf-8"), Loader)  # noqa: S506 - a safe one


def without_texts(node: Any, where: tuple[str, ...] = ()) -> Any:
    """Return a blueprint without what is for people alone."""
    if isinstance(node, dict):
        return {
            key: None
            if key in ("name", "description", "label", "source_url")
            and where[:1] == ("blueprint",)
            else texts(value)
            if where == ("variables",) and key == "texts"
            else without_texts(value, (*where, str(key)))
            for key, value in node.items()
        }
    if isinstance(node, list):
        if where[-2:] == ("commands", "default"):
            return None
        return [without_texts(each, where) for each in node]
    if where[-2:] == ("instructions", "default"):
        return None
    return node


def texts(node: Any) -> Any:
    """Return the placeholders of texts."""
    if isinstance(node, dict):
        return {key: texts(value) for key, value in node.items()}
    return sorted(match[0] for match in PLACEHOLDER.finditer(node))


def words(node: Any) -> list[str]:
    """Return all texts of a blueprint for people."""
    found: list[str] = []
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("name", "description", "label") and isinstance(value, str):
                found.append(value)
            else:
                found += words(value)
    elif isinstance(node, list):
        for each in node:
            found += words(each)
    return found


def test_there_are_all_seven() -> None:
    assert len(NAMES) == 7
    assert {path.stem for path in BLUEPRINTS.iterdir()} == {
        f"{name}{suffix}" for name in NAMES for suffix in ("", "_ja")
    }


@pytest.mark.parametrize("name", NAMES)
def test_the_languages_differ_in_nothing_but_texts(name: str) -> None:
    english = loaded(BLUEPRINTS / f"{name}.yaml")
    japanese = loaded(BLUEPRINTS / f"{name}_ja.yaml")
    assert without_texts(english) == without_texts(japanese)


@pytest.mark.parametrize("name", NAMES)
def test_each_text_is_in_its_language(name: str) -> None:
    english = words(loaded(BLUEPRINTS / f"{name}.yaml")["blueprint"])
    japanese = words(loaded(BLUEPRINTS / f"{name}_ja.yaml")["blueprint"])
    assert english
    assert len(english) == len(japanese)
    assert not [each for each in english if JAPANESE.search(each)]
    assert not [each for each in japanese if not JAPANESE.search(each) and each != "AI"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("suffix", ["", "_ja"])
def test_it_says_where_it_is_from_and_what_it_needs(name: str, suffix: str) -> None:
    text = (BLUEPRINTS / f"{name}{suffix}.yaml").read_text(encoding="utf-8")
    data = parse_yaml(text)
    assert isinstance(data, dict)
    blueprint = Blueprint(data, schema=BLUEPRINT_SCHEMA)
    assert blueprint.metadata["source_url"].endswith(
        f"/ha-amnimo/blob/main/blueprints/automation/amnimo/{name}{suffix}.yaml"
    )
    assert blueprint.validate() is None
    assert blueprint.metadata["homeassistant"]["min_version"] == "2026.10.0"
    for each in blueprint.inputs.values():
        assert each["selector"], each
