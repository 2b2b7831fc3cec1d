"""Both languages of the documentation say the same, its links lead somewhere, its pictures are there."""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from .pages import (
    ENGLISH,
    JAPANESE,
    LANGUAGES,
    ROOT,
    Page,
    columns,
    counterpart,
    sketch,
    wrong_marks,
)

IMAGES = ROOT / "docs" / "images"
LARGEST_PICTURE = 200_000
LARGEST_PICTURES = 2_500_000
LONGEST_README = 500


@pytest.fixture
def _real_world() -> None:
    """Nothing runs here."""


pairs = pytest.mark.parametrize(
    ("english", "japanese"),
    [
        (Page.read(one), Page.read(other))
        for one, other in zip(ENGLISH, JAPANESE, strict=True)
    ],
    ids=[page.stem for page in ENGLISH],
)
pages = pytest.mark.parametrize(
    "page",
    [Page.read(path) for path in (*ENGLISH, *JAPANESE)],
    ids=lambda p: p.path.name,
)


def test_no_page_is_there_in_one_language_only() -> None:
    assert {path.name for path in (ROOT / "docs").glob("*.ja.md")} == {
        path.name for path in JAPANESE if path.parent == ROOT / "docs"
    }


@pairs
def test_both_languages_have_the_same_sections(english: Page, japanese: Page) -> None:
    levels = [[level for level, _ in page.headings] for page in (english, japanese)]
    assert levels[0] == levels[1]


@pairs
def test_both_languages_have_the_same_tables(english: Page, japanese: Page) -> None:
    assert english.tables == japanese.tables


@pairs
def test_both_languages_have_the_same_lists(english: Page, japanese: Page) -> None:
    items = [
        re.findall(r"^(-|\d+\.) ", page.prose, re.MULTILINE)
        for page in (english, japanese)
    ]
    assert items[0] == items[1]


@pairs
def test_both_languages_have_the_same_code(english: Page, japanese: Page) -> None:
    """But for comments, and for what people call things."""
    for one, other in zip_longest(english.code, japanese.code):
        assert one.language == other.language
        if one.language == "yaml":
            assert sketch(one.text) == sketch(other.text)
        else:
            assert one.text == other.text


@pairs
def test_both_languages_name_the_same_things(english: Page, japanese: Page) -> None:
    """What is written as code is nobody's language."""
    named = [
        sorted(set(re.findall(r"`([^`]+)`", page.prose)))
        for page in (english, japanese)
    ]
    assert named[0] == named[1]


@pairs
def test_both_languages_link_to_the_same(english: Page, japanese: Page) -> None:
    """Where a page is there in Japanese, to that."""
    there = {page.name: page.with_name(f"{page.stem}.ja.md").name for page in ENGLISH}
    back = {other: one for one, other in there.items()}
    wanted = []
    for target in english.links:
        path, _, _ = counterpart(target).partition("#")
        folder, slash, name = path.rpartition("/")
        # The link to the other language leads the other way.
        name = (
            back.get(name, name) if name.endswith(".ja.md") else there.get(name, name)
        )
        wanted.append(f"{folder}{slash}{name}" if not path.startswith("http") else path)
    shown = [
        target if target.startswith("http") else target.partition("#")[0]
        for target in japanese.links
    ]
    assert shown == wanted


@pages
def test_tables_are_whole(page: Page) -> None:
    for rows in re.findall(r"(?:^\|.*\|\n)+", page.prose, re.MULTILINE):
        counts = {columns(row) for row in rows.strip().splitlines()}
        assert len(counts) == 1, rows


@pages
def test_emphasis_is_not_shown_as_asterisks(page: Page) -> None:
    assert [
        fault for line in page.prose.splitlines() for fault in wrong_marks(line)
    ] == []


@pytest.mark.parametrize("path", JAPANESE, ids=lambda path: path.name)
def test_japanese_has_no_blanks_where_lines_are_broken(path: Path) -> None:
    """A line break inside of a paragraph is shown as a blank."""
    kana = "\u3000-\u30ff\u4e00-\u9fff"
    prose = Page.read(path).prose
    broken = re.findall(rf"[{kana}]\n *[{kana}`\[].{{0,20}}", prose)
    assert broken == []


@pages
def test_links_lead_somewhere(page: Page) -> None:
    for target in page.links:
        if target.startswith("http"):
            continue
        path, _, anchor = target.partition("#")
        file = (page.path.parent / path).resolve() if path else page.path
        assert file.exists(), target
        if anchor:
            assert anchor in Page.read(file).anchors, target


@pages
def test_addresses_are_those_of_the_repository(page: Page) -> None:
    manifest = (ROOT / "custom_components/amnimo/manifest.json").read_text()
    found = re.search(r"https://github\.com/([\w-]+)/([\w-]+)", manifest)
    assert found
    for target in page.links:
        split = urlsplit(target)
        given = parse_qs(split.query)
        if split.path.endswith("/hacs_repository/"):
            assert given["owner"] + given["repository"] == list(found.groups())
        elif split.path.endswith("/blueprint_import/"):
            [address] = given["blueprint_url"]
            assert address.startswith(f"{found[0]}/blob/main/")
            file = ROOT / address.removeprefix(f"{found[0]}/blob/main/")
            assert f"source_url: {address}\n" in file.read_text("utf-8")
        elif split.hostname == "github.com":
            assert target.startswith(found[0])


@pages
def test_pictures_say_what_they_show(page: Page) -> None:
    assert all(words for words, _ in page.pictures)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pictures_are_those_of_the_language(language: str) -> None:
    shown = {
        Path(target).name
        for path in LANGUAGES[language]
        for _, target in Page.read(path).pictures
        if not target.startswith("http")
    }
    assert shown == {path.name for path in IMAGES.glob(f"*.{language}.png")}


def test_pictures_are_quick_to_load() -> None:
    sizes = [path.stat().st_size for path in IMAGES.iterdir()]
    assert max(sizes) < LARGEST_PICTURE
    assert sum(sizes) < LARGEST_PICTURES


@pytest.mark.parametrize("name", ["README.md", "README.ja.md"])
def test_the_readme_is_short_enough_to_find_something_in(name: str) -> None:
    assert len((ROOT / name).read_text("utf-8").splitlines()) <= LONGEST_README


def test_the_commands_are_there() -> None:
    for page in (ENGLISH[0], JAPANESE[0]):
        commands = [
            block.text for block in Page.read(page).code if block.language == "sh"
        ]
        assert commands == ["script/demo\n", "script/test\n"]
        for name in re.findall(r"script/(\w+)", Page.read(page).text):
            assert (ROOT / "script" / name).exists()
