"""Steps: what goes wrong while somebody watches, and how the picture comes back."""

import asyncio
import time
from typing import Final

from tests.demo.check.checklist import expect

from .pictures import Record
from .playing import OLDEST_SECONDS, expect_moving
from .visit import Viewing

# A session that has just begun to play may be taken for a camera that does not.
SETTLED_SECONDS: Final = 16.0

KILLED_SECONDS: Final = 25.0
LONGEST_INTERRUPTION: Final = 15.0

OUTAGE_SECONDS: Final = 40.0
BACK_SECONDS: Final = 15.0
PATIENCE_SECONDS: Final = 60.0
AFTERWARDS_SECONDS: Final = 10.0

# Long enough for a change and its contrary to be two.
BLINK_SECONDS: Final = 0.5


async def survive_kill(visit: Viewing) -> str:
    """End the session at the cloud: the picture goes on by itself."""
    player = visit.own_player
    camera = await visit.watched_camera()
    await player.watch(SETTLED_SECONDS)
    async with player.recorded() as record:
        for online in (False, True):
            await visit.cloud.change_world(
                "camera_online", camera_id=camera["id"], online=online
            )
            await asyncio.sleep(BLINK_SECONDS)
        await asyncio.sleep(KILLED_SECONDS)
    expect_moving(record, LONGEST_INTERRUPTION)
    await visit.expect_sessions(1, starts=2)
    return (
        f"it stood still for {record.longest_standstill():.1f} s, "
        f"then {record.age:.1f} s old; 1 session after 1 restart"
    )


async def survive_outage(visit: Viewing) -> str:
    """Take the whole cloud away for a while: the picture comes back by itself."""
    player = visit.own_player
    before = await visit.cloud.stats()
    async with player.recorded() as record:
        await visit.cloud.let_fail("*", "drop", count=-1)
        try:
            await asyncio.sleep(OUTAGE_SECONDS)
        finally:
            await visit.cloud.let_work()
        back = time.time()
        await _wait_for_present(record, back)
        await asyncio.sleep(AFTERWARDS_SECONDS)
    await player.screenshot(visit.pictures / "after-outage.png")
    moved = record.seconds_to_news(back)
    present = record.seconds_to_present(back)
    expect(
        moved is not None, f"no picture within {PATIENCE_SECONDS:.0f} s of its return"
    )
    assert moved is not None
    expect(
        moved <= BACK_SECONDS, f"the picture came back {moved:.1f} s after the cloud"
    )
    expect(
        present is not None,
        f"only old pictures within {PATIENCE_SECONDS:.0f} s of the cloud's return",
    )
    age = record.age
    assert age is not None
    assert present is not None
    expect(age <= OLDEST_SECONDS, f"the picture is {age:.1f} s old now")
    stats = await visit.cloud.stats()
    started = stats["streams_started"] - before["streams_started"]
    sessions = stats["live_sessions"]
    expect(sessions == 1, f"{sessions} live sessions")
    expect(started <= 1, f"{started} sessions were started")
    return (
        f"back {moved:.1f} s after the cloud, with a picture of after its return "
        f"{present:.1f} s after; {age:.1f} s old; 1 session, {started} restarts"
    )


async def _wait_for_present(record: Record, moment: float) -> None:
    """Wait until a picture was seen that was taken after a moment, but not for ever."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while record.seconds_to_present(moment) is None and time.monotonic() < deadline:
        await asyncio.sleep(BLINK_SECONDS)
