"""What viewers see while nothing comes: the last picture, until the camera sends again."""

import asyncio
from dataclasses import replace
from http import HTTPStatus
import itertools

import pytest

from custom_components.amnimo.live.relay import LiveRelay
from custom_components.amnimo.live.timing import Timing
from homeassistant.components.camera import DynamicStreamSettings
from homeassistant.components.stream import create_stream
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from tests.cloud import CloudOptions, SimulatedCloud
from tests.cloud.world import Camera

from .viewer import Picture, Viewer, decode
from .waiting import has_segments, kill, until

# Both containers, with and without sound.
DIALECTS = ["default", "portal", "bare", "strings"]


@pytest.fixture
def timing() -> Timing:
    """Return durations under which the picture stands still soon."""
    return replace(
        Timing(),
        freeze=0.7,
        lease=2.5,
        later_playlist=1.5,
        poll_before_first=0.1,
        stall_least=1.0,
        stall_target_durations=1.0,
        outage_probe=0.3,
    )


def freezes(relay: LiveRelay) -> int:
    """Return how often a picture stood still."""
    counted: int = relay.diagnostics()["cameras"][0].get("freezes", 0)
    return counted


async def away(cloud: SimulatedCloud, seconds: float) -> None:
    """Take the cloud away for a while, and with it all that it was sending."""
    kill(cloud)
    await cloud.stop()
    await asyncio.sleep(seconds)
    await cloud.start()


def stand_still(pictures: list[Picture]) -> list[Picture]:
    """Return the pictures that show the same moment as the one before."""
    return [b for a, b in itertools.pairwise(pictures) if b.clock == a.clock]


@pytest.mark.parametrize(
    "cloud_options",
    [CloudOptions(start_seconds=0, dialect=dialect) for dialect in DIALECTS],
    ids=DIALECTS,
)
async def test_the_last_picture_stands_still_until_the_cloud_is_back(
    relay: LiveRelay, camera: Camera, cloud: SimulatedCloud
) -> None:
    outages: list[asyncio.Task[None]] = []

    def go_away(count: int) -> None:
        if count == 10:
            outages.append(asyncio.create_task(away(cloud, 5)))

    pictures = await decode(relay.source_url(camera.id), 46, on_picture=go_away)
    await outages[0]
    still = stand_still(pictures)
    assert len(still) >= 4
    assert pictures[-1].clock > still[-1].clock
    times = [picture.seconds for picture in pictures]
    gaps = [b - a for a, b in itertools.pairwise(times)]
    # Two pictures a second while it stands still, ten before and after; never back in time.
    assert min(gaps) > 0
    assert max(gaps) < 1.7
    assert freezes(relay) >= 1
    assert cloud.stats.streams_started == 2


async def test_home_assistants_stream_goes_on_in_an_outage(
    hass: HomeAssistant, relay: LiveRelay, camera: Camera, cloud: SimulatedCloud
) -> None:
    """Its viewers go on fetching, so it does not end for want of them."""
    assert await async_setup_component(hass, "stream", {})
    url = relay.source_url(camera.id)
    stream = create_stream(hass, url, {}, DynamicStreamSettings())
    output = stream.add_provider("hls")
    await stream.start()
    try:
        await until(lambda: len(output.sequences) >= 1)
        kill(cloud)
        await cloud.stop()
        await until(lambda: freezes(relay) == 1)
        last = output.sequences[-1]
        await until(lambda: output.sequences[-1] >= last + 2, 20)
        await cloud.start()
        last = output.sequences[-1]
        await until(lambda: cloud.stats.live_sessions == 1)
        await until(lambda: output.sequences[-1] >= last + 2, 20)
        figures = stream.get_diagnostics()
        assert figures["start_worker"] == 1
        assert "worker_error" not in figures
    finally:
        await stream.remove_provider(output)


async def test_frozen_segments_are_spliced_in_and_out(
    viewer: Viewer, cloud: SimulatedCloud, relay: LiveRelay
) -> None:
    before = await viewer.watch(has_segments(3))
    await viewer.get(before.segments[-1].resource.url)
    kill(cloud)
    await cloud.stop()
    last = before.segments[-1].sequence
    frozen = await viewer.watch(
        lambda found: freezes(relay) == 1 and found.segments[-1].sequence > last + 2
    )
    look = await viewer.get(frozen.segments[-1].resource.url)
    assert look.status == HTTPStatus.OK
    assert look.headers["Content-Type"] in ("video/mp2t", "video/mp4")
    again = await viewer.get(frozen.segments[-1].resource.url)
    assert again.body == look.body
    await cloud.start()
    last = frozen.segments[-1].sequence
    await viewer.watch(lambda _: cloud.stats.streams_started == 2)
    after = await viewer.watch(lambda found: found.segments[-1].sequence > last + 1)
    assert any(each.discontinuity for each in after.segments)
    numbers = [each.sequence for each in after.segments]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


async def test_nothing_stands_still_that_nobody_has_seen(
    viewer: Viewer, cloud: SimulatedCloud, relay: LiveRelay
) -> None:
    """A viewer of playlists alone fetched no picture that could be shown again."""
    before = await viewer.watch(has_segments(2))
    kill(cloud)
    await cloud.stop()
    look = await viewer.get()
    assert look.playlist.segments[-1].sequence == before.segments[-1].sequence
    assert freezes(relay) == 0
    await cloud.start()


@pytest.mark.parametrize(
    "timing",
    [
        replace(
            Timing(),
            freeze=1.2,
            lease=2.5,
            later_playlist=0.3,
            stall_least=0.5,
            stall_target_durations=1,
            outage_probe=0.3,
            first_playlist=1.0,
            give_up=0.5,
            give_up_in_outage=3.0,
        )
    ],
)
async def test_a_picture_does_not_stand_still_for_ever(
    viewer: Viewer, cloud: SimulatedCloud, relay: LiveRelay
) -> None:
    """After a while viewers are told why; then a new picture begins as if it were the first."""
    before = await viewer.watch(has_segments(2))
    await viewer.get(before.segments[-1].resource.url)
    kill(cloud)
    await cloud.stop()
    await viewer.watch(lambda _: freezes(relay) == 1)
    async with asyncio.timeout(10):
        while (look := await viewer.get()).status == HTTPStatus.OK:
            await asyncio.sleep(0.1)
    assert look.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert look.text == "the cloud can't be reached\n"
    await cloud.start()
    async with asyncio.timeout(10):
        while (look := await viewer.get()).status != HTTPStatus.OK:
            await asyncio.sleep(0.1)
    assert look.playlist.segments[0].sequence > before.segments[-1].sequence
