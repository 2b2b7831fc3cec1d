"""Programs the demo starts: with their output in a file, and never left behind.

Owns starting, waiting and stopping. Knows nothing of what the programs are for.
"""

import asyncio
from collections.abc import Mapping, Sequence
import contextlib
import os
from pathlib import Path
import signal
import socket
import sys

from .errors import DemoError

LEASH = Path(__file__).with_name("leash.py")

# Home Assistant writes its stores and closes its database when it stops.
STOP_SECONDS = 60.0

# What somebody waiting for a program to say something is shown of its last words.
LAST_LINES = 12


class Program:
    """One running program.

    It gets a session of its own: Ctrl-C then reaches only the demo, which stops its
    programs in the right order, and what they started can be stopped with them.
    """

    def __init__(
        self, name: str, process: asyncio.subprocess.Process, log: Path
    ) -> None:
        """Own a process that `start` made."""
        self.name = name
        self._process = process
        self._log = log

    @classmethod
    async def start(
        cls,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        folder: Path,
        settings: Mapping[str, str] | None = None,
        read_output: bool = False,
    ) -> Program:
        """Start a command in a folder, with `settings` added to the environment.

        Its output is appended to the log; with `read_output` only what it writes to
        stderr, while `read_line` gives its standard output.
        """
        with log.open("ab") as sink:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                str(LEASH),
                *command,
                cwd=folder,
                env={**os.environ, **(settings or {})},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE if read_output else sink,
                stderr=sink,
                start_new_session=True,
            )
        return cls(name, process, log)

    @property
    def exit_code(self) -> int | None:
        """How it ended, None while it runs."""
        return self._process.returncode

    async def read_line(self) -> str:
        """Give the next line of its standard output, empty once it has ended."""
        assert self._process.stdout is not None, "started without read_output"
        return (await self._process.stdout.readline()).decode()

    async def wait(self) -> int:
        """Wait until it ends; give its exit code."""
        return await self._process.wait()

    def ended_error(self) -> DemoError:
        """Say that it ended on its own, with its last words."""
        return DemoError(
            f"{self.name} ended with code {self.exit_code}.{self.last_words()}"
        )

    def last_words(self) -> str:
        """Quote the end of its log, for people."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        quoted = "".join(f"\n    {line}" for line in lines[-LAST_LINES:])
        return f" The end of {self._log}:{quoted}" if quoted else ""

    def kill(self) -> None:
        """End it at once with all that it started, as a power cut does."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def stop(self) -> None:
        """Ask it to end, and make it end if it does not."""
        if self.exit_code is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
        # Also what it started itself and left behind.
        self.kill()
        await self._process.wait()


def is_free(port: int) -> bool:
    """Tell if a TCP port of 127.0.0.1 can be served on."""
    with socket.socket() as probe:
        # As servers do: a port whose last connections are just timing out is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Find a TCP port of 127.0.0.1 that nobody serves on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def first_free_port(preferred: int) -> int:
    """Give the preferred port, or the next free one above it."""
    for port in range(preferred, min(preferred + 100, 65536)):
        if is_free(port):
            return port
    return free_port()
