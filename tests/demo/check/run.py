"""The check as a whole: its steps in their order, in a fresh Home Assistant."""

from pathlib import Path
import shutil
import tempfile
from typing import Final

from tests.demo.processes import free_port
from tests.demo.simulated_cloud import Size
from tests.demo.stage import stage
from tests.demo.talk import say
from tests.demo.visitor import Language

from . import account, aftermath, footage, live, ports
from .checklist import Step, go_through
from .visit import Visit

# While the stream falls silent by itself, the steps after it go on with other things.
STEPS: Final[tuple[Step[Visit], ...]] = (
    Step("Home Assistant starts and takes a login", account.log_in),
    Step("a malformed account ID is refused", account.refuse_malformed_account),
    Step("a wrong secret is refused", account.refuse_wrong_secret),
    Step("the account is added", account.add_account),
    Step("the account is not added twice", account.refuse_second_entry),
    Step("entities and devices match the cloud", account.count_entities),
    Step("states match the cloud", account.compare_states),
    Step("thumbnails are shown", live.show_thumbnails),
    Step("no camera uploads unwatched", live.nobody_watches),
    Step("a camera plays live", live.watch),
    Step("all viewers share one upload", live.one_session),
    Step("a port is switched", ports.switch_port),
    Step("a port is reset", ports.reset_port),
    Step("a clip is made and downloaded", footage.make_clip),
    Step("a snapshot is made and downloaded", footage.make_snapshot),
    Step("a clip of nothing says so", footage.clip_of_nothing),
    Step("impossible clips are refused", footage.refuse_bad_clips),
    Step("the upload ends when nobody watches", live.silence),
    Step("a restart costs no token", aftermath.restart),
    Step("the log has no error", aftermath.no_errors),
    Step("no secret is left anywhere", aftermath.no_secrets),
    Step("the cloud refused nothing", aftermath.no_refusals),
)


async def run(folder: Path, size: Size, language: Language) -> int:
    """Do the check in a fresh folder below another; give the exit code.

    The folder is kept when something failed, so that the logs can be read.
    """
    place = new_folder(folder)
    tally = None
    try:
        async with stage(
            place, size, port=free_port(), cloud_port=0, log_level="debug"
        ) as set_up:
            visit = Visit(set_up, language)
            try:
                tally = await go_through(STEPS, visit, until_broken=set_up.watch)
                say(f"{tally}")
            finally:
                if visit.silence is not None:
                    visit.silence.cancel()
    finally:
        if tally is not None and tally.failed:
            say(f"The logs are in {place}")
        elif tally is not None:
            shutil.rmtree(place)
    return 1 if tally.failed else 0


def new_folder(parent: Path, prefix: str = "check") -> Path:
    """Make a folder of this run alone."""
    parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f"{prefix}-", dir=parent))
