"""Whatever the integration offers is told of in the documentation, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
import json
import re
from typing import Any

import pytest
import yaml

from custom_components.amnimo import const, intent, llm
from custom_components.amnimo.coordinator import ports
from custom_components.amnimo.media.job import MediaFailure, MediaKind

from .pages import LANGUAGES, ROOT, Page

INTEGRATION = ROOT / "custom_components" / "amnimo"

pytestmark = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture
def _real_world() -> None:
    """Nothing runs here."""


@pytest.fixture
def told(language: str) -> str:
    """Return the documentation of a language."""
    return "\n".join(path.read_text("utf-8") for path in LANGUAGES[language])


@pytest.fixture
def readme(language: str) -> Page:
    """Return the README of a language."""
    return Page.read(LANGUAGES[language][0])


def texts(language: str) -> dict[str, Any]:
    """Return the texts of the integration."""
    file = INTEGRATION / "translations" / f"{language}.json"
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


def described(name: str) -> dict[str, Any]:
    """Return what a file describes."""
    content = yaml.safe_load((INTEGRATION / name).read_text("utf-8"))
    return {key: each for key, each in content.items() if key[0] != "."}


def own_names(language: str) -> Iterator[str]:
    """Yield what entities are called by themselves, where it is more than a placeholder."""
    for platform in texts(language)["entity"].values():
        for entity in platform.values():
            name = re.sub(r"\{\w+\}", "", entity["name"]).strip()
            if name:
                yield name


def test_entities(readme: Page, language: str) -> None:
    for name in own_names(language):
        assert re.search(rf"\*…? ?{re.escape(name)} ?…?\*", readme.text), name


def test_options(readme: Page, language: str) -> None:
    step = texts(language)["options"]["step"]["init"]
    for key, name in step["data"].items():
        assert f"{name} (`{key}`)" in readme.text or f"{name}(`{key}`)" in readme.text
        for number in re.findall(r"\d{2,}", step["data_description"][key]):
            assert number in readme.text


def test_parameters(readme: Page, language: str) -> None:
    step = texts(language)["config"]["step"]["user"]
    fields = {**step["data"], **step["sections"]["advanced"]["data"]}
    for key, name in fields.items():
        assert f"{name} (`{key}`)" in readme.text or f"{name}(`{key}`)" in readme.text


def test_defaults_of_options(readme: Page) -> None:
    row = next(line for line in readme.text.splitlines() if "`camera_interval`" in line)
    assert f" {const.DEFAULT_CAMERA_INTERVAL}" in row
    row = next(
        line for line in readme.text.splitlines() if "`keep_alive_period`" in line
    )
    assert f" {const.DEFAULT_KEEP_ALIVE_PERIOD}" in row
    row = next(line for line in readme.text.splitlines() if "`reset_seconds`" in line)
    assert f" {const.DEFAULT_RESET_SECONDS}" in row


def test_actions_with_their_fields(told: str, readme: Page) -> None:
    for action, content in described("services.yaml").items():
        assert f"| `amnimo.{action}` |" in readme.text
        for field in (content or {}).get("fields", {}):
            assert f"`{field}`" in told, f"{action}: {field}"


@pytest.mark.parametrize("file", ["triggers.yaml", "conditions.yaml"])
def test_triggers_and_conditions_with_their_fields(
    told: str, readme: Page, file: str
) -> None:
    for name, content in described(file).items():
        assert f"`amnimo.{name}`" in readme.text
        for field in content.get("fields", {}):
            assert f"`{field}`" in told, f"{name}: {field}"


def test_events(told: str, language: str) -> None:
    attributes = texts(language)["entity"]["event"]["media"]["state_attributes"]
    for kind in (*MediaKind, *MediaFailure):
        assert f"`{kind}`" in told
    for attribute in attributes.keys() - {"event_type"}:
        assert f"`{attribute}`" in told


def test_intents_and_tools(told: str, readme: Page) -> None:
    for name in (
        intent.INTENT_TAKE_SNAPSHOT,
        intent.INTENT_RESET_PORT,
        intent.INTENT_CHOOSE,
    ):
        assert f"`{name}`" in readme.text
    for tool in (llm.TakeSnapshotTool, llm.FindRecordingsTool, llm.MakeClipTool):
        assert f"`{tool.name}`" in readme.text
        for parameter in tool.parameters.schema:
            assert f"`{parameter}`" in told, f"{tool.name}: {parameter}"


def test_blueprints(readme: Page) -> None:
    files = sorted((ROOT / "blueprints/automation/amnimo").glob("*.yaml"))
    assert files
    for file in files:
        assert f"%2F{file.name})" in readme.text
        assert f"`{file.stem.removesuffix('_ja')}`" in readme.text


def test_repairs(told: str, language: str) -> None:
    for issue in texts(language)["issues"].values():
        title = re.sub(r"\{\w+\}", "…", issue["title"])
        assert f"*{title}*" in told


def test_no_assumed_name_is_called_documented(told: str, language: str) -> None:
    """The table of what is known names no field of a camera, a port or a stream."""
    sign = {"en": "| documented | assumed |", "ja": "| 文書化されていること |"}[
        language
    ]
    row = told[told.index(sign) :].splitlines()[2]
    documented = row.split("|")[1]
    assert set(re.findall(r"`(\w+)`", documented)) == {
        "total",
        "thumbnails",
        "data",
        "summary",
    }


def test_the_requests_of_an_hour_are_what_the_formula_says(readme: Page) -> None:
    rows = re.findall(
        r"^\| ([\d,]+) \| ([\d,]+) \| (\d+) \| ([\d,]+) \| (\d+) % \|$",
        readme.text,
        re.MULTILINE,
    )
    assert len(rows) == 4
    for row in rows:
        _, devices, tenants, requests, share = (
            int(each.replace(",", "")) for each in row
        )
        of_ports = min(60 * devices, round(3600 * ports._SWEEP_RATE))  # noqa: SLF001
        of_cameras = tenants * 3600 // const.DEFAULT_CAMERA_INTERVAL
        of_devices = tenants * round(3600 / ports._DEVICE_LIST_INTERVAL)  # noqa: SLF001
        assert requests == of_ports + of_cameras + of_devices
        assert share == int(100 * requests / (5 * 3600) + 0.5)
