"""A simulated cloud and a Home Assistant side by side, started and stopped together."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
import fcntl
from pathlib import Path

from .api import HomeAssistantApi
from .errors import DemoError
from .home_assistant import HomeAssistant
from .simulated_cloud import SimulatedCloud, Size


@dataclass(frozen=True, slots=True)
class Stage:
    """What runs, and an access to Home Assistant that nobody is logged in with yet."""

    cloud: SimulatedCloud
    home_assistant: HomeAssistant
    api: HomeAssistantApi

    async def watch(self) -> None:
        """Wait until one of the two ends on its own, which raises DemoError."""
        ends = [
            asyncio.create_task(self.cloud.wait_until_ended()),
            asyncio.create_task(self.home_assistant.wait_until_ended()),
        ]
        try:
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            raise done.pop().result()
        finally:
            for end in ends:
                end.cancel()


@asynccontextmanager
async def stage(
    folder: Path,
    size: Size,
    *,
    port: int,
    cloud_port: int,
    log_level: str = "info",
    further: str = "",
) -> AsyncIterator[Stage]:
    """Start both with their state in a folder, which is there; stop them on leaving.

    `log_level` and `further` are for Home Assistant's configuration.
    """
    async with AsyncExitStack() as stack:
        home_assistant = HomeAssistant(
            folder / "home-assistant",
            port=port,
            log_level=log_level,
            further=further,
        )
        forget_token(home_assistant)
        cloud = await SimulatedCloud.start(
            size, port=cloud_port, log=folder / "cloud.log"
        )
        # The cloud goes last: Home Assistant stops what it watches there.
        stack.push_async_callback(cloud.stop)
        stack.push_async_callback(home_assistant.stop)
        await home_assistant.start()
        api = await stack.enter_async_context(HomeAssistantApi(home_assistant.url))
        yield Stage(cloud, home_assistant, api)


def forget_token(home_assistant: HomeAssistant) -> None:
    """Remove the access token of an earlier run: that cloud took its memory with it."""
    for token in (home_assistant.folder / ".storage").glob("amnimo.token.*"):
        token.unlink()


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Keep a second demo out of the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoError(
                "another demo runs in this folder; stop it first."
            ) from None
        yield
