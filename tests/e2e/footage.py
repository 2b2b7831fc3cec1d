"""Steps: clips and snapshots on order, and a Home Assistant that is killed meanwhile."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from typing import Any, Final

from tests.demo import entry
from tests.demo.check.checklist import expect
from tests.demo.polling import until
from tests.demo.video import decode, picture_size

from .visit import Viewing

WANTED: Final = 20
CLIP_SECONDS: Final = 10
# Long enough for Home Assistant to be killed while it waits for the answers.
SLOW_SECONDS: Final = 3.0
ARRIVED_SECONDS: Final = 120.0


async def ask(visit: Viewing) -> str:
    """Ask for clips and snapshots of all working cameras, without waiting for them."""
    cameras = await visit.working_cameras()
    now = datetime.fromtimestamp(int((await visit.cloud.world())["now"]), UTC)
    await visit.cloud.let_fail(
        "media_file", "delay", seconds=SLOW_SECONDS, count=WANTED
    )
    await asyncio.gather(
        *(
            _ask_for_one(visit, cameras[number % len(cameras)], number, now)
            for number in range(WANTED)
        )
    )
    created = await _created(visit)
    expect(created == WANTED, f"{created} were created")
    return f"{WANTED} of {len(cameras)} cameras"


async def kill_early(visit: Viewing) -> str:
    """Kill Home Assistant at once."""
    return await _kill(visit)


async def kill_late(visit: Viewing) -> str:
    """Kill Home Assistant when some files have arrived and others are on their way."""

    async def some_arrived() -> bool:
        return bool(_files(visit))

    await until(some_arrived, "a file arrived", within=ARRIVED_SECONDS)
    kept = {path: path.stat().st_ino for path in _files(visit)}
    expect(len(kept) < WANTED, "all had arrived before it was killed")
    seen = await _kill(visit)
    now = {path: path.stat().st_ino for path in kept if path.exists()}
    expect(now == kept, "files that had arrived were touched")
    return f"{seen}; {len(kept)} files had arrived"


async def receive(visit: Viewing) -> str:
    """Wait for all files, and decode each of them."""

    async def nothing_left() -> bool:
        return not _jobs(visit)

    await until(nothing_left, "all jobs have ended", within=ARRIVED_SECONDS)
    files = _files(visit)
    expect(len(files) == WANTED, f"{len(files)} files, not {WANTED}")
    for path in files:
        await asyncio.to_thread(_check_whole, path)
    parts = list(_folder(visit).rglob("*.part"))
    expect(not parts, f"temporary files are left: {parts}")
    return f"{len(files)} whole files, nothing else"


async def count(visit: Viewing) -> str:
    """See what the cloud counted."""
    created = await _created(visit)
    expect(created == WANTED, f"{created} were created, not {WANTED}")
    stats = await visit.cloud.stats()
    expect(stats["rate_refusals"] == 0, "the service refused requests")
    expect(stats["leaked_tokens"] == 0, "an access token left the API")
    fetched = sum(stats["requests"]["media_file"].values())
    return f"{created} created, files fetched {fetched} times"


async def _ask_for_one(
    visit: Viewing, camera: Mapping[str, Any], number: int, now: datetime
) -> None:
    start = now - timedelta(seconds=600 + CLIP_SECONDS * number)
    end = start + timedelta(seconds=CLIP_SECONDS)
    fields = (
        {"time": start.isoformat()}
        if number % 2
        else {"start_time": start.isoformat(), "end_time": end.isoformat()}
    )
    await visit.api.act(
        "amnimo.generate_snapshot" if number % 2 else "amnimo.generate_clip",
        visit.entity(camera["id"], "camera").entity_id,
        {**fields, "download": True, "wait": False},
    )


async def _kill(visit: Viewing) -> str:
    """Kill Home Assistant, and wait until the account is back; give what was left to do."""
    before = len(_jobs(visit))
    home_assistant = visit.stage.home_assistant
    await home_assistant.kill()
    left = len(_jobs(visit))
    await home_assistant.wait_until_running(visit.api)
    await visit.api.renew_access()
    await visit.api.connect()
    assert visit.entry_id is not None
    await entry.wait_until_loaded(visit.api, visit.entry_id)
    expect(before, "nothing was under way")
    return f"{before} jobs were under way, {left} were left when it served again"


async def _created(visit: Viewing) -> int:
    """Return how many requests for media the cloud answered, well or not."""
    requests = (await visit.cloud.stats())["requests"]
    return int(sum(requests.get("media_create", {}).values()))


def _folder(visit: Viewing) -> Path:
    return visit.stage.home_assistant.folder / "media" / "amnimo"


def _files(visit: Viewing) -> list[Path]:
    """Return the files that have arrived."""
    return sorted(
        path
        for path in _folder(visit).rglob("*")
        if path.is_file() and not path.name.startswith(".")
    )


def _jobs(visit: Viewing) -> list[dict[str, Any]]:
    """Return the jobs that are written down."""
    storage = visit.stage.home_assistant.folder / ".storage"
    jobs: list[dict[str, Any]] = []
    for path in storage.glob("amnimo.media_jobs.*"):
        jobs += json.loads(path.read_text(encoding="utf-8"))["data"]["jobs"]
    return jobs


def _check_whole(path: Path) -> None:
    content = path.read_bytes()
    if path.suffix == ".jpg":
        expect(picture_size(content), f"{path.name} is no picture")
        return
    seconds = decode(content).seconds
    expect(abs(seconds - CLIP_SECONDS) <= 1, f"{path.name} lasts {seconds:.1f} s")
