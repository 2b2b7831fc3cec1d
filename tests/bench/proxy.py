"""The bare proxy in a process of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
import sys

from tests.demo.processes import Program
from tests.demo.simulated_cloud import ROOT


@asynccontextmanager
async def running_proxy(folder: Path, argument: str) -> AsyncIterator[str]:
    """Start the proxy with an argument of its command line; give its URL.

    What it has to say goes into a file in the folder.
    """
    program = await Program.start(
        "the bare proxy",
        [sys.executable, "-m", "tests.bench.live.bare_proxy", argument],
        log=folder / "proxy.log",
        folder=ROOT,
        read_output=True,
    )
    try:
        url = (await program.read_line()).strip()
        if not url:
            await program.wait()
            raise program.ended_error()
        yield url
    finally:
        await program.stop()
