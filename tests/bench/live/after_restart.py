"""What a restart of Home Assistant starts while nobody watches.

There is a WebRTC provider, as go2rtc is in most homes: to see whether it supports a camera,
Home Assistant asks each one for its source when it is added, or the provider is. Some cameras are the relay's
alone; others are besides those of an integration that starts in ``stream_source``.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tests.bench.comparison import Finding
from tests.bench.household import Household, restart
from tests.bench.report import MustBeZero, Result, Table
from tests.demo.polling import until
from tests.demo.talk import say

from .cameras import Camera, add_endless, endless_entities

CAMERAS: Final = 50
# The rate limit lets that many starts through in 7 s.
_SETTLE_SECONDS: Final = 20.0
_QUICK_SETTLE_SECONDS: Final = 10.0


async def run(house: Household, cameras: Sequence[Camera], *, quick: bool) -> Result:
    """Restart, and see which cameras begin to send."""
    settle = _QUICK_SETTLE_SECONDS if quick else _SETTLE_SECONDS
    say(f"bench: a restart with twice {CAMERAS} cameras …")
    ours, endless = cameras[:CAMERAS], cameras[-CAMERAS:]
    there = await endless_entities(house)
    await add_endless(
        house, [each for each in endless if each.id not in there], webrtc=True
    )
    await _until_all_send(house, endless)
    await _until_none_sends(house, ours)
    before = await house.cloud.stats()
    await restart(house)
    await asyncio.sleep(settle)
    after = await house.cloud.stats()
    started = after["streams_started"] - before["streams_started"]
    by_us = _sent(ours, before, after)
    by_endless = started - by_us
    return Result(
        "after_restart",
        [
            Table(
                "Streams started by a restart of Home Assistant, nobody watching",
                ("integration", "cameras", "started"),
                [
                    ("relay", len(ours), by_us),
                    ("started in stream_source", len(endless), by_endless),
                ],
                (
                    f"All within {settle:.0f} s of Home Assistant's having started.",
                    "Home Assistant has a WebRTC provider.",
                ),
            )
        ],
        [MustBeZero("streams started by a restart", by_us)],
        findings=[
            Finding(
                f"streams started by a restart with {CAMERAS} cameras",
                by_us,
                beside=by_endless,
                most=0,
            )
        ],
    )


async def _until_all_send(house: Household, cameras: Sequence[Camera]) -> None:
    """Wait until cameras that nobody has to watch have all been started."""
    wanted = {camera.id for camera in cameras}

    async def all_send() -> bool:
        uploaded = (await house.cloud.stats())["seconds_uploaded"]
        return wanted <= set(uploaded)

    await until(all_send, "the other cameras were started")


async def _until_none_sends(house: Household, cameras: Sequence[Camera]) -> None:
    """Wait until what was watched before has fallen silent."""

    async def none_sends() -> bool:
        before = await house.cloud.stats()
        await asyncio.sleep(1)
        return not _sent(cameras, before, await house.cloud.stats())

    await until(none_sends, "the relay's cameras are silent")


def _sent(
    cameras: Sequence[Camera], before: Mapping[str, Any], after: Mapping[str, Any]
) -> int:
    """Return how many cameras sent anything between two looks at the cloud's counters."""
    then, now = before["seconds_uploaded"], after["seconds_uploaded"]
    return sum(now.get(each.id, 0.0) > then.get(each.id, 0.0) for each in cameras)
