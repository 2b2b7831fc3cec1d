"""A real Home Assistant in a process of its own.

Owns its process, and when it is ready to be used. Knows nothing of amnimo.
"""

import asyncio
import contextlib
from pathlib import Path
import sys

import aiohttp

from .api import ApiError, HomeAssistantApi
from .configuration import configure
from .errors import DemoError
from .polling import until
from .processes import Program

# Ends with it when somebody asked for a restart, homeassistant.const has it.
RESTART_EXIT_CODE = 100

# A cold start on a busy machine with two slow cores, with room to spare.
START_SECONDS = 180.0

# Of these it asks for versions without wheels for this Python; script/setup has
# installed newer ones, and trying to compile the others takes half a minute a start.
SKIPPED_PACKAGES = "pymicro-vad,pyspeex-noise"


class HomeAssistant:
    """One Home Assistant: its folder, its process, its address.

    It is started again when somebody restarts it from its own user interface.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int,
        host: str = "127.0.0.1",
        log_level: str = "info",
        further: str = "",
    ) -> None:
        """Describe it.

        `log_level` is the integration's, all else logs its warnings; `further` is YAML for
        integrations that are not in the demo.
        """
        self.folder = folder
        self.port = port
        self.log = folder / "output.log"
        self._host = host
        self._log_level = log_level
        self._further = further
        self._program: Program | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._killed = False
        self.starts = 0

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Configure it, start it, and wait until it answers.

        What it stored in an earlier run is kept. Raises DemoError if it does not answer.
        """
        configure(
            self.folder,
            host=self._host,
            port=self.port,
            log_level=self._log_level,
            further=self._further,
        )
        await self._start_process()
        self._keeper = asyncio.create_task(self._keep_running())
        await self.wait_until_serving()

    async def _start_process(self) -> None:
        self.starts += 1
        self._program = await Program.start(
            "Home Assistant",
            [
                sys.executable,
                "-m",
                "homeassistant",
                "--config",
                str(self.folder),
                "--log-no-color",
                "--skip-pip-packages",
                SKIPPED_PACKAGES,
            ],
            log=self.log,
            folder=self.folder,
        )

    async def _keep_running(self) -> None:
        """Start it again for as long as it ends only to be restarted."""
        while await self._running.wait() == RESTART_EXIT_CODE or self._killed:
            self._killed = False
            await self._start_process()

    async def kill(self) -> None:
        """End it without a warning, and wait until it was started again and answers."""
        starts = self.starts
        self._killed = True
        self._running.kill()

        async def has_restarted() -> bool:
            return self.starts > starts

        await until(has_restarted, "Home Assistant was started again")
        await self.wait_until_serving()

    @property
    def _running(self) -> Program:
        assert self._program is not None, "not started"
        return self._program

    async def wait_until_serving(self) -> None:
        """Wait until it answers over HTTP."""
        await until(self._is_serving, "Home Assistant answers", within=START_SECONDS)

    async def _is_serving(self) -> bool:
        self._check_alive()
        async with aiohttp.ClientSession() as session:
            try:
                async with session.get(f"{self.url}/manifest.json") as response:
                    return response.status == 200
            except aiohttp.ClientError, TimeoutError:
                return False

    async def wait_until_running(self, api: HomeAssistantApi) -> None:
        """Wait until all its integrations are set up."""

        async def is_running() -> bool:
            self._check_alive()
            try:
                config = await api.get("/api/config")
            except aiohttp.ClientError, TimeoutError, ApiError:
                return False
            return bool(config["state"] == "RUNNING")

        await until(is_running, "Home Assistant has started", within=START_SECONDS)

    def _check_alive(self) -> None:
        if self._keeper is not None and self._keeper.done():
            raise self._running.ended_error()

    async def wait_until_ended(self) -> DemoError:
        """Wait until it ends for good on its own; give the error that says so."""
        assert self._keeper is not None, "not started"
        await asyncio.shield(self._keeper)
        return self._running.ended_error()

    async def stop(self) -> None:
        """Stop it, letting it write what it has to."""
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
            self._keeper = None
        if self._program is not None:
            await self._program.stop()
            self._program = None
