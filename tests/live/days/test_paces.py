"""Upstreams that keep a pace of their own: whatever is well is passed on, all of it."""

import asyncio
from dataclasses import dataclass

import pytest

from custom_components.amnimo.live.relay import LiveRelay
from tests.cloud import SimulatedCloud
from tests.cloud.world import Camera
from tests.live.edge import Edge
from tests.live.footage import encode
from tests.live.viewer import Viewer

from .audience import now

SECONDS = 150


@dataclass(frozen=True)
class Pace:
    """How a server lists its segments; durations in seconds."""

    segment: int
    at_once: int = 1
    """Segments that are listed together."""
    target: int = 0
    """What the target duration is said to be; 0 for the length of a segment."""
    late: float = 0.0
    """By how much each second listing comes late."""
    window: int = 6
    """Segments in a playlist."""

    def playlist(self, age: float) -> str:
        """Return the playlist of a stream that began so many seconds ago."""
        period = self.segment * self.at_once
        listings = int(age / period)
        if listings % 2 and age - listings * period < self.late:
            listings -= 1
        count = (listings + 1) * self.at_once
        first = max(0, count - max(self.window, self.at_once))
        lines = [
            "#EXTM3U",
            f"#EXT-X-TARGETDURATION:{self.target or self.segment}",
            f"#EXT-X-MEDIA-SEQUENCE:{first}",
        ]
        for number in range(first, count):
            lines += [f"#EXTINF:{self.segment}.0,", f"{number}.ts"]
        return "\n".join([*lines, ""])


PACES = {
    "a second": Pace(1),
    "ten seconds": Pace(10, window=3),
    "two seconds, ten promised": Pace(2, target=10),
    "four together": Pace(2, at_once=4),
    "ten of a second together": Pace(1, at_once=10),
    "now and then late": Pace(4, late=2.0),
    "two of ten seconds together": Pace(10, at_once=2, window=4),
}


@pytest.mark.parametrize("pace", PACES.values(), ids=PACES)
async def test_what_comes_at_its_own_pace_is_all_passed_on(
    edge: Edge, relay: LiveRelay, camera: Camera, cloud: SimulatedCloud, pace: Pace
) -> None:
    began = now()
    footage = encode(1.0)
    edge.files["index.m3u8"] = lambda: pace.playlist(now() - began)
    for number in range(SECONDS):
        edge.files[f"{number}.ts"] = footage
    seen: list[int] = []
    pauses: list[float] = []
    async with Viewer(relay.source_url(camera.id)) as viewer:
        while now() - began < SECONDS:
            before = len(seen)
            asked = now()
            playlist = (await viewer.get()).playlist
            for segment in playlist.segments:
                if not seen or segment.sequence > seen[-1]:
                    seen.append(segment.sequence)
                    await viewer.get(segment.resource.url)
            pauses.append(now() - asked)
            # What RFC 8216 asks of a player.
            changed = len(seen) > before
            target = playlist.target_duration
            await asyncio.sleep(target if changed else target / 2)
    (figures,) = relay.diagnostics()["cameras"]
    fetched = [path for path in edge.requests if path.endswith(".ts")]
    assert figures.get("freezes", 0) == figures.get("stalls", 0) == 0
    assert cloud.stats.streams_started == 1
    assert seen == list(range(seen[0], seen[0] + len(seen)))
    numbers = [int(path.strip("/").removesuffix(".ts")) for path in fetched]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    behind = 2 * max(pace.segment * pace.at_once, pace.target) + 2 * pace.segment
    assert numbers[-1] >= (SECONDS - behind) / pace.segment
