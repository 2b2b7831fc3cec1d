"""What a release consists of is what HACS installs and Home Assistant loads."""

from __future__ import annotations

import json
from pathlib import Path
from zipfile import ZipFile

import pytest

from script.package import INTEGRATION, ROOT, PackageError, main, notes, package

CHANGELOG = """# Changelog

## [Unreleased]

### Added

- More.

## [1.2.3] - 2026-12-01

### Fixed

- A fault.

## [1.2.2] - 2026-11-30

- Less.

[1.2.3]: https://github.com/owner/amnimo/releases
"""


@pytest.fixture
def _real_world() -> None:
    """Nothing runs here."""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Return a project with an integration of two files, and what Python left there."""
    root = tmp_path / "house"
    (root / INTEGRATION / "api" / "__pycache__").mkdir(parents=True)
    (root / INTEGRATION / "manifest.json").write_text(
        '{"domain": "amnimo", "name": "amnimo", "version": "0.1.0"}'
    )
    (root / INTEGRATION / "api" / "client.py").write_text("LIMIT = 5\n")
    (root / INTEGRATION / "api" / "__pycache__" / "client.pyc").write_bytes(b"\0")
    (root / "CHANGELOG.md").write_text(CHANGELOG)
    return root


def test_the_zip_holds_the_integration_with_the_tags_version(
    house: Path, tmp_path: Path
) -> None:
    """Its files lie at the top, and none of them is a left-over."""
    package(house, "v1.2.3", tmp_path / "dist")
    with ZipFile(tmp_path / "dist" / "amnimo.zip") as archive:
        assert archive.namelist() == ["api/client.py", "manifest.json"]
        assert json.loads(archive.read("manifest.json"))["version"] == "1.2.3"
        assert archive.read("api/client.py") == b"LIMIT = 5\n"
    text = (tmp_path / "dist" / "notes.md").read_text()
    assert text == "### Fixed\n\n- A fault.\n"


def test_the_same_files_make_the_same_zip(house: Path, tmp_path: Path) -> None:
    for folder in ("first", "second"):
        package(house, "v1.2.3", tmp_path / folder)
        (house / INTEGRATION / "manifest.json").touch()
    first, second = (
        (tmp_path / folder / "amnimo.zip").read_bytes()
        for folder in ("first", "second")
    )
    assert first == second


def test_the_zip_is_the_one_that_hacs_looks_for() -> None:
    hacs = json.loads((ROOT / "hacs.json").read_text(encoding="utf-8"))
    assert hacs["zip_release"] is True
    assert hacs["filename"] == "amnimo.zip"


@pytest.mark.parametrize("tag", ["1.2.3", "v1.2", "v1.2.3.4", "release", "v1.2.3-"])
def test_a_tag_that_is_no_version_is_refused(
    house: Path, tmp_path: Path, tag: str
) -> None:
    with pytest.raises(PackageError, match="is no version"):
        package(house, tag, tmp_path / "dist")
    assert not (tmp_path / "dist").exists()


@pytest.mark.parametrize("version", ["1.2.4", "1.2", "Unreleased-1"])
def test_a_version_that_the_changelog_does_not_tell_of_is_refused(version: str) -> None:
    with pytest.raises(PackageError, match="nothing to say"):
        notes(CHANGELOG, version)


def test_notes_end_before_the_links() -> None:
    assert notes(CHANGELOG, "1.2.2") == "- Less.\n"


def test_the_changelog_of_the_project_has_notes_for_the_next_release() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "### " in notes(changelog, "Unreleased")


def test_it_says_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["v0.0.0", "/nowhere"]) == 1
    assert capsys.readouterr().err.startswith(
        "package: CHANGELOG.md has nothing to say"
    )
    assert main([]) == 2
