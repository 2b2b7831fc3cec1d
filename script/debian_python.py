"""Unpacks a newer Python out of Debian's archive, without installing anything.

For machines of an older Debian release that reach their package archive and little
else. It owns one folder with a Python, the C library and the other libraries that
Python needs, all of the newer release. apt does the work: it knows the machine's
mirrors, proxies and keys, checks signatures and sums, and finds the dependencies.
It works on lists and a state of its own here, so the system stays as it is, and
being root is not needed.
"""

from __future__ import annotations

import os
from pathlib import Path
import pwd
import shutil
from typing import Callable, NamedTuple, Optional

# The release that has the Python; testing until it is released, then stable.
SUITE = "forky"
# Binary wheels written in C++ expect the C++ library from the system.
ADDITIONAL_PACKAGES = ("libstdc++6",)

APT_FOLDER = Path("/etc/apt")
KEYRINGS = (
    Path("/usr/share/keyrings/debian-archive-keyring.gpg"),
    Path("/usr/share/keyrings/debian-archive-keyring.pgp"),
)

Run = Callable[..., Optional[str]]


class Archive(NamedTuple):
    """A Debian archive that apt is set up with: its address, and who signs it."""

    uri: str
    keyring: Path


class Source(NamedTuple):
    """One line's worth of apt's sources."""

    uris: list[str]
    suites: list[str]
    components: list[str]


def interpreter(root: Path, version: str) -> Path | None:
    """Give the Python that was unpacked there before."""
    python = root / "usr" / "bin" / f"python{version}"
    return python if python.exists() else None


def find_archive() -> Archive | None:
    """Give the archive that the machine's own Debian release comes from."""
    keyring = next((each for each in KEYRINGS if each.is_file()), None)
    codename = release_codename()
    if keyring is None or codename is None:
        return None
    for source in read_sources():
        if codename in source.suites and "main" in source.components:
            return Archive(source.uris[0], keyring)
    return None


def release_codename() -> str | None:
    """Give the name of the Debian release; None on any other system."""
    try:
        lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    fields = dict(line.split("=", 1) for line in lines if "=" in line)
    if fields.get("ID", "").strip('"') != "debian":
        return None
    return fields.get("VERSION_CODENAME", SUITE).strip('"')


def read_sources() -> list[Source]:
    """Read apt's sources, in both of their formats."""
    sources: list[Source] = []
    parts = sorted((APT_FOLDER / "sources.list.d").glob("*"))
    for path in [APT_FOLDER / "sources.list", *parts]:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if path.suffix == ".list":
            sources += [
                source for line in text.splitlines() if (source := parse_line(line))
            ]
        elif path.suffix == ".sources":
            sources += [
                source
                for stanza in text.split("\n\n")
                if (source := parse_stanza(stanza))
            ]
    return sources


def parse_line(line: str) -> Source | None:
    """Read `deb [option=value …] URI suite component …`."""
    words = line.partition("#")[0].split()
    if not words or words[0] != "deb":
        return None
    del words[0]
    if words and words[0].startswith("["):
        end = next((i for i, word in enumerate(words) if word.endswith("]")), None)
        if end is None:
            return None
        words = words[end + 1 :]
    if len(words) < 3:
        return None
    return Source(words[:1], words[1:2], words[2:])


def parse_stanza(stanza: str) -> Source | None:
    """Read the fields of one stanza; a line that begins with a space goes on."""
    fields: dict[str, list[str]] = {}
    name = ""
    for line in stanza.splitlines():
        if line.startswith("#"):
            continue
        if line[:1].isspace():
            fields.setdefault(name, []).extend(line.split())
            continue
        name, _, value = line.partition(":")
        name = name.strip().lower()
        fields[name] = value.split()
    uris = fields.get("uris", [])
    if "deb" not in fields.get("types", []) or not uris:
        return None
    if fields.get("enabled", ["yes"]) in (["no"], ["false"]):
        return None
    return Source(uris, fields.get("suites", []), fields.get("components", []))


def unpack(
    archive: Archive, root: Path, version: str, *, patchelf: Path, run: Run
) -> Path | None:
    """Fetch Python with all it needs, and make it run from the root folder.

    The folder appears when it is complete, under its name only then. None if a step
    fails.
    """
    work = root.with_name(f"{root.name}.partial")
    shutil.rmtree(work, ignore_errors=True)
    packages = download(archive, work / "apt", version, run)
    if not packages:
        return None
    unpacked = work / "root"
    unpacked.mkdir()
    for package in packages:
        if run(["dpkg-deb", "--extract", package, unpacked]) is None:
            return None
    if not make_movable(unpacked, root, version, patchelf, run):
        return None
    shutil.rmtree(root, ignore_errors=True)
    unpacked.rename(root)
    shutil.rmtree(work, ignore_errors=True)
    return interpreter(root, version)


def download(archive: Archive, folder: Path, version: str, run: Run) -> list[Path]:
    """Download Python and its dependencies; the files, or nothing if that fails."""
    apt = ["apt-get", "-c", write_apt_configuration(archive, folder)]
    if run([*apt, "update"]) is None:
        return []
    names = [f"python{version}", *ADDITIONAL_PACKAGES]
    if run([*apt, "install", "--download-only", "--assume-yes", *names]) is None:
        return []
    return sorted((folder / "cache" / "archives").glob("*.deb"))


def write_apt_configuration(archive: Archive, folder: Path) -> Path:
    """Describe to apt a system of its own: nothing installed, one archive."""
    for name in ("state/lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True)
    (folder / "status").touch()
    sources = folder / "sources.list"
    sources.write_text(
        f"deb [signed-by={archive.keyring}] {archive.uri} {SUITE} main\n",
        encoding="utf-8",
    )
    settings = {
        "Dir::State": folder / "state",
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder / "cache",
        "Dir::Etc::SourceList": sources,
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::Etc::Preferences": "/dev/null",
        "Dir::Etc::PreferencesParts": "/dev/null",
        "APT::Default-Release": "",
        "APT::Install-Recommends": "false",
        # As root, apt would download as a user who may not write here.
        "APT::Sandbox::User": pwd.getpwuid(os.getuid()).pw_name,
        "Acquire::Languages": "none",
        "Acquire::Retries": "1",
        # Without this, apt only warns when it could not fetch a list.
        "APT::Update::Error-Mode": "any",
        # The signature is what counts; a mirror may lag, and a clock be wrong.
        "Acquire::Check-Valid-Until": "false",
        "Acquire::Check-Date": "false",
        "Debug::NoLocking": "true",
    }
    configuration = folder / "apt.conf"
    configuration.write_text(
        # What the system does after an update or an installation is not for here.
        "#clear APT::Update;\n#clear DPkg;\n"
        + "".join(f'{name} "{value}";\n' for name, value in settings.items()),
        encoding="utf-8",
    )
    return configuration


def make_movable(
    unpacked: Path, root: Path, version: str, patchelf: Path, run: Run
) -> bool:
    """Point Python at the C library and the other libraries that came with it.

    It is the old kind of library path on purpose: that one also holds for
    libraries that are loaded later, the extension modules in binary wheels.
    """
    loader = next(unpacked.glob("usr/lib*/**/ld-linux*.so.*"), None)
    library = next(unpacked.glob("usr/lib/*/libc.so.6"), None)
    if loader is None or library is None:
        return False
    return (
        run(
            [
                patchelf,
                "--set-interpreter",
                root / loader.relative_to(unpacked),
                "--force-rpath",
                "--set-rpath",
                root / library.parent.relative_to(unpacked),
                unpacked / "usr" / "bin" / f"python{version}",
            ]
        )
        is not None
    )
