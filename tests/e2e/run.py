"""The proof as a whole: its suites in their order, each on a stage of its own."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
import shutil
from typing import Final

from tests.demo.check.checklist import (
    StepFailedError,
    StepSkippedError,
    Tally,
    go_through,
)
from tests.demo.check.run import new_folder
from tests.demo.processes import free_port
from tests.demo.screenshots import write_fonts
from tests.demo.stage import stage
from tests.demo.talk import say

from . import go2rtc
from .browser import browser, find_chromium
from .go2rtc import Go2rtc
from .suites import SUITES, Suite
from .visit import Viewing

CONFIGURATION: Final = """\
go2rtc:
  url: "{url}"
"""


async def run(names: Sequence[str], folder: Path) -> int:
    """Go through suites with their files below a folder; give the exit code."""
    if any(SUITES[name].with_browser for name in names):
        find_chromium()
    total = Tally()
    for name in names:
        say(f"{name}:")
        pictures = folder / "pictures" / name
        pictures.mkdir(parents=True, exist_ok=True)
        total.add(await prove(name, SUITES[name], folder, pictures))
    say(f"{total}")
    return 1 if total.failed else 0


async def prove(name: str, suite: Suite, folder: Path, pictures: Path) -> Tally:
    """Go through one suite; its files are kept when something failed."""
    try:
        if suite.with_go2rtc:
            go2rtc.require()
    except StepSkippedError as err:
        say(f"skipped  {err}")
        return Tally(skipped=len(suite.steps))
    except StepFailedError as err:
        say(f"FAILED   {err}")
        return Tally(failed=len(suite.steps))
    place = new_folder(folder, name)
    tally = None
    try:
        tally = await prove_at(place, suite, pictures)
    finally:
        if tally is not None and tally.failed:
            say(f"The logs are in {place}")
        elif tally is not None:
            shutil.rmtree(place)
    return tally


async def prove_at(place: Path, suite: Suite, pictures: Path) -> Tally:
    """Start all that a suite needs, go through its steps, and stop it all."""
    async with AsyncExitStack() as stack:
        own_go2rtc, further = None, ""
        if suite.with_go2rtc:
            own_go2rtc = await Go2rtc.start(place)
            stack.push_async_callback(own_go2rtc.stop)
            further = CONFIGURATION.format(url=own_go2rtc.url)
        if suite.prepare is not None:
            suite.prepare(place / "home-assistant")
        set_up = await stack.enter_async_context(
            stage(
                place,
                suite.size,
                port=free_port(),
                cloud_port=0,
                log_level="debug",
                further=further,
            )
        )
        visit = Viewing(
            stage=set_up, language=suite.language, pictures=pictures, go2rtc=own_go2rtc
        )
        if suite.with_browser:
            visit.browser = await stack.enter_async_context(
                browser(set_up.home_assistant.url, write_fonts(place))
            )
        return await go_through(suite.steps, visit, until_broken=visit.watch_stage)
