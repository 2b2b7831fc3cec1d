"""The documentation's pages, taken apart: headings, tables, code, links and pictures.

Owns what a page consists of, and which page is which one's counterpart in the other language.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
import re
from typing import Any
import unicodedata

import yaml

ROOT = Path(__file__).parents[2]
ENGLISH = [
    ROOT / "README.md",
    *sorted(
        page
        for page in (ROOT / "docs").glob("*.md")
        if not page.name.endswith(".ja.md") and page.name != "benchmarks.md"
    ),
]
JAPANESE = [page.with_name(f"{page.stem}.ja.md") for page in ENGLISH]
LANGUAGES = {"en": ENGLISH, "ja": JAPANESE}

_CODE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
_TABLE = re.compile(r"(?:^\|.*\|\n)+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Code:
    """A block of code."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page."""

    path: Path
    text: str

    @classmethod
    def read(cls, path: Path) -> Page:
        """Read a page."""
        return cls(path, path.read_text("utf-8"))

    @property
    def prose(self) -> str:
        """What is not code."""
        return _CODE.sub("", self.text)

    @property
    def code(self) -> list[Code]:
        """The blocks of code."""
        return [Code(*found) for found in _CODE.findall(self.text)]

    @property
    def headings(self) -> list[tuple[int, str]]:
        """The headings with their levels."""
        return [(len(marks), text) for marks, text in _HEADING.findall(self.prose)]

    @property
    def anchors(self) -> set[str]:
        """What can be linked to, as GitHub makes it of headings."""
        return {
            re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
            for _, text in self.headings
        }

    @property
    def tables(self) -> list[tuple[int, int]]:
        """The tables, as their numbers of rows and columns."""
        return [
            (len(rows := found.strip().splitlines()), columns(rows[0]))
            for found in _TABLE.findall(self.prose)
        ]

    @property
    def links(self) -> list[str]:
        """What is linked to, also pictures, in their order."""
        return _LINK.findall(self.prose)

    @property
    def pictures(self) -> list[tuple[str, str]]:
        """Pictures with what they are said to show."""
        return _PICTURE.findall(self.prose)


def wrong_marks(line: str) -> list[str]:
    """Return the asterisks of a line that would be shown, as CommonMark sees them.

    Between letters, as there are no blanks in Japanese, one that touches punctuation inside of
    what it emphasizes does not count as such.
    """
    found, opened = [], dict.fromkeys(("*", "**"), False)
    for mark in re.finditer(r"\*{1,2}", re.sub(r"`[^`]*`", "x", line)):
        text, kind = mark.string, mark[0]
        before = text[: mark.start()][-1:] or " "
        after = text[mark.end() :][:1] or " "
        if opened[kind]:
            inner, outer = before, after
        else:
            inner, outer = after, before
        if inner.isspace() or (
            _is_mark(inner) and not outer.isspace() and not _is_mark(outer)
        ):
            found.append(text[max(0, mark.start() - 10) : mark.end() + 10])
        opened[kind] = not opened[kind]
    return found + ([line] if any(opened.values()) else [])


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


def columns(row: str) -> int:
    """Return how many cells a row of a table has."""
    return len(re.findall(r"(?<!\\)\|", row)) - 1


def counterpart(target: str) -> str:
    """Return what a link of an English page leads to on the Japanese one."""
    if target.startswith("http"):
        return target
    path, _, _ = target.partition("#")
    for pattern, ending in ((r"(.*docs/|^)images/(\w+)\.en\.png$", "png"),):
        if found := re.match(pattern, path):
            return f"{found[1]}images/{found[2]}.ja.{ending}"
    return path


def sketch(text: str) -> Any:
    """Return what an example does, without what it calls things."""
    return _without_words(yaml.safe_load(text))


def _without_words(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: "…" if key in _WORDS else _without_words(each)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [_without_words(each) for each in value]
    return value


_WORDS = {"alias", "instructions", "message", "name", "task_name"}
