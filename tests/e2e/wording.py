"""What a user ought to read: the integration's texts, and the words on the frontend's buttons.

Owns how texts are compared with what a page shows, and what must never be shown.
"""

from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
import json
from pathlib import Path
import re
from typing import Any, Final

from tests.demo.errors import DemoError
from tests.demo.simulated_cloud import ROOT
from tests.demo.visitor import LANGUAGES, Language

TRANSLATIONS: Final = ROOT / "custom_components" / "amnimo" / "translations"
FRONTEND: Final = "hass_frontend"
OF_FLOWS: Final = ("config", "options", "issues")

PLACEHOLDER: Final = re.compile(r"\{[a-z_]+\}")
# What Markdown and its renderer leave out or replace: lists, emphasis, code, quotation marks.
MARKS: Final = re.compile(r"^\s*(?:- |\d+\. )|[*`]|\s+", re.MULTILINE)
# Shorter ones are no sentences: "Tenants", "API".
LEAST_FOREIGN: Final = 20


class Wording:
    """All that is said in one language."""

    def __init__(self, language: Language) -> None:
        """Read it."""
        self.language = language
        file = TRANSLATIONS / f"{language}.json"
        self._own: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        self._frontend = _read_frontend(language)

    def text(self, path: str, **values: str) -> str:
        """Give a text of the integration by its path in the file, with values filled in."""
        found: Any = self._own
        for key in path.split("."):
            found = found[key]
        assert isinstance(found, str), f"{path} is no text"
        return _fill(found, values)

    def texts(self, path: str, *, leave_out: str = "", **values: str) -> list[str]:
        """Give all texts below a path, but those below a key that is left out."""
        found: Any = self._own
        for key in path.split("."):
            found = found[key]
        return [_fill(each, values) for each in _walk(found, leave_out)]

    def button(self, key: str) -> str:
        """Give what the frontend writes on something, by the key that it has there."""
        return self._frontend[key]

    def sentences(self) -> set[str]:
        """Give the longer texts of all flows, in pieces as `squeeze` writes them."""
        return {
            squeezed
            for part in OF_FLOWS
            for text in _walk(self._own[part], "")
            for piece in PLACEHOLDER.split(text)
            if len(squeezed := squeeze(piece)) >= LEAST_FOREIGN
        }

    def keys(self) -> set[str]:
        """Give the keys of all flows that no text has for a word."""
        return {
            key
            for part in OF_FLOWS
            for key in _keys(self._own[part])
            if "_" in key and not any(key in text for text in _walk(self._own, ""))
        }


@cache
def wording(language: Language) -> Wording:
    """Give what is said in a language, read once."""
    return Wording(language)


def squeeze(text: str) -> str:
    """Give a text without blanks and marks, as a page may break and render it."""
    return MARKS.sub("", text)


def find_flaws(shown: str, language: Language) -> list[str]:
    """Name what a page must not show to a user.

    That is placeholders, keys in place of texts, and sentences of another language.
    """
    squeezed = squeeze(shown)
    own = wording(language)
    foreign = {
        sentence
        for other in LANGUAGES
        if other != language
        for sentence in wording(other).sentences()
    } - own.sentences()
    return [
        *PLACEHOLDER.findall(shown),
        *sorted(
            key
            for key in own.keys() | {"component.amnimo"}
            if re.search(rf"(?<!\w){re.escape(key)}(?!\w)", shown)
        ),
        *sorted(sentence for sentence in foreign if sentence in squeezed),
    ]


def _fill(text: str, values: dict[str, str]) -> str:
    for key, value in values.items():
        text = text.replace(f"{{{key}}}", value)
    return text


def _walk(found: Any, leave_out: str) -> Iterator[str]:
    if isinstance(found, str):
        yield found
        return
    for key, each in found.items():
        if key != leave_out:
            yield from _walk(each, leave_out)


def _keys(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        for key, each in found.items():
            yield key
            yield from _keys(each)


def _read_frontend(language: Language) -> dict[str, str]:
    package = find_spec(FRONTEND)
    if package is None or package.origin is None:
        raise DemoError(f"the package {FRONTEND} is missing: run script/setup e2e")
    folder = Path(package.origin).parent / "static" / "translations"
    words: dict[str, str] = {}
    for part in (folder, folder / "config"):
        (file,) = (
            file
            for file in part.glob(f"{language}-*.json")
            if re.fullmatch(rf"{language}-[0-9a-f]+\.json", file.name)
        )
        words |= json.loads(file.read_text(encoding="utf-8"))
    return words
