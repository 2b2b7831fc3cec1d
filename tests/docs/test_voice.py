"""What the documentation says that one can say is understood, and answered as it says."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from custom_components.amnimo.intent import (
    INTENT_CHOOSE,
    INTENT_RESET_PORT,
    INTENT_TAKE_SNAPSHOT,
)
from tests.cloud import CloudOptions, MediaPace, SimulatedCloud
from tests.voice.assist import Assist
from tests.voice.conftest import assist, config_dir, media_folder, passage

from .pages import LANGUAGES, ROOT, Page

__all__ = ["assist", "config_dir", "media_folder", "passage"]

NO_TIME = MediaPace(base_seconds=0, per_second=0)
LANGUAGE_COLUMNS = ("en", "ja")
CAMERAS = {"en": "Front gate", "ja": "正面ゲート"}
DOWNSTAIRS = {"en": "basement", "ja": "地下室"}
SIREN = {"en": "siren", "ja": "サイレン"}

pytestmark = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture
def cloud_options() -> CloudOptions:
    """Return a cloud that makes media at once."""
    return CloudOptions(
        start_seconds=0, cameras=16, edge_media=NO_TIME, cloud_media=NO_TIME
    )


def page(language: str) -> Page:
    """Return the page about voice."""
    return Page.read(
        next(path for path in LANGUAGES[language] if path.name.startswith("voice"))
    )


def phrases(language: str) -> list[tuple[str, str]]:
    """Return the phrases of a language with their intents, as its page has them."""
    found: list[tuple[str, str]] = []
    intent = ""
    for line in page(language).text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and (not cells[0] or cells[0].startswith("`Amnimo")):
            intent = cells[0].strip("`") or intent
            found.append((intent, cells[1 + LANGUAGE_COLUMNS.index(language)]))
    return found


async def test_each_phrase_does_what_it_says(
    assist: Assist, cloud: SimulatedCloud, language: str
) -> None:
    said = phrases(language)
    assert {intent for intent, _ in said} == {
        INTENT_TAKE_SNAPSHOT,
        INTENT_RESET_PORT,
        INTENT_CHOOSE,
    }
    camera = assist.entity_of(CAMERAS[language])
    asked: str | None = None
    for intent, text in said:
        before = counts(cloud)
        answer = await assist.say(
            text,
            language,
            conversation_id=asked if intent == INTENT_CHOOSE else None,
        )
        done = tuple(
            now - then for now, then in zip(counts(cloud), before, strict=True)
        )
        named = [each["id"] for each in answer["response"]["data"].get("success", ())]
        if done == (0, 0):
            # One of many cameras: the answer is a question.
            assert answer["response"]["speech"]["plain"]["extra_data"]["entity_ids"]
            asked = answer["conversation_id"]
        elif intent == INTENT_RESET_PORT:
            port = (
                assist.siren
                if SIREN[language] in text
                else assist.port_of(CAMERAS[language])
            )
            assert (done, named) == ((0, 1), [port]), answer["response"]
        else:
            place = (
                assist.entity_of("Server room")
                if DOWNSTAIRS[language] in text
                else camera
            )
            assert (done, named) == ((1, 0), [place]), answer["response"]
    assert asked, "no phrase leads to the question that is told of"


def counts(cloud: SimulatedCloud) -> tuple[int, int]:
    """Return how many media were asked for, and how many commands to ports."""
    return cloud.stats.count("media_create"), cloud.stats.count("port")


def test_answers_are_those_of_the_integration(language: str) -> None:
    file = ROOT / "custom_components/amnimo/translations" / f"{language}.json"
    texts: dict[str, Any] = json.loads(file.read_text("utf-8"))["common"]
    told = [
        line.strip("|").split("|")[1].strip()
        for line in page(language).text.splitlines()
        if line.count("|") == 3
    ]
    for key in ("taken", "pending", "camera_offline", "no_recording"):
        answer = texts[f"voice_snapshot_{key}"].format(
            camera=CAMERAS[language], time="15:00"
        )
        assert answer in told
    port = texts["voice_port_reset"].format(
        port=f"lan1 {CAMERAS[language]}", seconds=10
    )
    assert port in told


def test_the_tools_are_told_as_they_are(language: str) -> None:
    assert len(set(re.findall(r"`(amnimo__\w+)`", page(language).text))) == 3
