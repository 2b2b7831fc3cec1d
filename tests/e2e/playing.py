"""Steps: moving pictures in the browser, and how often a camera sends for them."""

import time
from typing import Final

from tests.demo.check.checklist import expect
from tests.demo.polling import until

from .pictures import Record
from .readers import read_with_program, read_with_pyav
from .visit import Viewing

WATCHED_SECONDS: Final = 5.0
READ_PICTURES: Final = 30
READ_SECONDS: Final = 3.0

# What is played must have been taken so lately; segments, playlists and buffers take time.
OLDEST_SECONDS: Final = 20.0
# A picture comes ten times a second; a busy machine shows fewer, and buffers fill.
LONGEST_STANDSTILL: Final = 5.0

# What a viewer who left may have a camera send for: the integration lets go after 15 s,
# and Home Assistant reads on for 30 s after its last viewer.
SILENCE_SECONDS: Final = 50.0
SILENCE_PATIENCE: Final = 130.0


def expect_moving(record: Record, standstill: float = LONGEST_STANDSTILL) -> None:
    """Check that a picture moved all the time, and is live."""
    expect(len(record.news) > 1, "the picture stands still")
    stood = record.longest_standstill()
    expect(stood <= standstill, f"the picture stood still for {stood:.1f} s")
    age = record.age
    expect(age is not None and age <= OLDEST_SECONDS, f"the picture is {age} s old")


def figures(record: Record) -> str:
    """Say what was seen, in a few words."""
    return f"{len(record.news)} pictures seen, {record.age:.1f} s old"


async def play_hls(visit: Viewing) -> str:
    """Open a camera's dialog and see it play what a script feeds the player with."""
    return await _play_in_dialog(visit, "blob")


async def play_webrtc(visit: Viewing) -> str:
    """Open a camera's dialog and see it play what came through a peer connection."""
    seen = await _play_in_dialog(visit, "MediaStream")
    player = visit.own_player
    before = await player.received()
    await player.watch(2.0)
    after = await player.received()
    expect(after["packets"] > before["packets"], "no RTP packets come")
    expect(after["frames"] > before["frames"], "no pictures are decoded")
    signals = player.signals
    expect(signals["offers"] == 1, f"{signals['offers']} offers were made")
    expect(signals["answers"] == 1, f"{signals['answers']} answers came")
    expect(signals["candidates"], "no candidate came")
    return (
        f"{seen}; an answer and {signals['candidates']} candidates, "
        f"{after['packets']} RTP packets, {after['frames']} frames decoded"
    )


async def _play_in_dialog(visit: Viewing, source: str) -> str:
    await visit.begin_viewing()
    began = time.monotonic()
    visit.player = player = await visit.own_browser.open_camera(
        await visit.watched_entity_id()
    )
    await player.wait_for_picture()
    took = time.monotonic() - began
    first = await player.screenshot_of_video()
    record = await player.watch(WATCHED_SECONDS)
    second = await player.screenshot_of_video()
    expect_moving(record)
    expect(record.plays > 0.5 * WATCHED_SECONDS, f"it played {record.plays:.1f} s")
    expect(first != second, "the picture on the screen stands still")
    (video, *_) = await player.videos()
    expect(video["source"] == source, f"it plays a {video['source']}, not a {source}")
    await player.screenshot(visit.pictures / "dialog.png")
    return (
        f"{video['width']}x{video['height']} {took:.1f} s after the click, "
        f"{figures(record)}, {record.plays:.1f} s played in {WATCHED_SECONDS:.0f} s"
    )


async def watch_twice(visit: Viewing) -> str:
    """Open the same camera on a second page."""
    player = await visit.own_browser.open_camera(await visit.watched_entity_id())
    visit.further.append(player)
    await player.wait_for_picture()
    record = await player.watch(WATCHED_SECONDS)
    expect_moving(record)
    await visit.expect_sessions(1)
    return f"{figures(record)}; 1 session"


async def read_along_with_pyav(visit: Viewing) -> str:
    """Read the relay's URL with PyAV while others watch."""
    seen = await _read_with_pyav(visit)
    await visit.expect_sessions(1)
    return f"{seen}; 1 session for all"


async def read_alone_with_pyav(visit: Viewing) -> str:
    """Read the relay's URL with PyAV while nobody else watches: that starts the camera."""
    await visit.begin_viewing()
    seen = await _read_with_pyav(visit)
    await visit.expect_sessions(1)
    return f"{seen}; 1 session"


async def _read_with_pyav(visit: Viewing) -> str:
    record = await read_with_pyav(await visit.relay_url(), READ_PICTURES)
    count = len(record.sights)
    expect(count == READ_PICTURES, f"{count} pictures came, not {READ_PICTURES}")
    expect(len(record.news) == count, "the clock in the picture does not run forward")
    span = (record.sights[-1].clock or 0.0) - (record.sights[0].clock or 0.0)
    return f"{count} pictures of {span:.1f} s decoded"


async def read_along_with_ffmpeg(visit: Viewing) -> str:
    """Read the relay's URL with the program ffmpeg while others watch."""
    seen = await read_with_program(await visit.relay_url(), READ_SECONDS)
    expect(seen["frames"] >= 8 * READ_SECONDS, f"{seen['frames']} frames came")
    expect(seen["different"] == seen["frames"], f"{seen['different']} differ")
    await visit.expect_sessions(1)
    return f"{seen['frames']} different frames; 1 session for all"


async def one_session(visit: Viewing) -> str:
    """Check that one session serves all who watch."""
    await visit.expect_sessions(1)
    return f"1 session for {1 + len(visit.further)} pages"


async def leave(visit: Viewing) -> str:
    """Close all pages; the camera stops sending, asked to, and not long after."""
    pages = [visit.own_player, *visit.further]
    for page in pages:
        await page.close()
    visit.player = None
    visit.further.clear()
    return await fall_silent(visit)


async def fall_silent(visit: Viewing) -> str:
    """Wait until no camera sends any more."""
    before = await visit.cloud.stats()
    sent_before = await visit.seconds_uploaded()
    sessions = before["live_sessions"]
    expect(sessions, "nothing was sent any more")

    async def silent() -> bool:
        return bool((await visit.cloud.stats())["live_sessions"] == 0)

    await until(silent, "no camera sends any more", within=SILENCE_PATIENCE)
    stats = await visit.cloud.stats()
    each = (await visit.seconds_uploaded() - sent_before) / sessions
    expect(each <= SILENCE_SECONDS, f"{each:.0f} s were sent after the last look")
    stops = stats["stops"] - before["stops"]
    expect(stops == sessions, f"{stops} of {sessions} sessions were stopped by request")
    return f"{each:.0f} s sent after the last look, stopped by request"


async def play_dashboard(visit: Viewing) -> str:
    """Open the dashboard: every camera that is there plays, each with one session."""
    await visit.begin_viewing()
    cameras = [
        each for each in (await visit.cloud.world())["cameras"] if each["online"]
    ]
    visit.player = player = await visit.own_browser.open_dashboard()
    videos = await player.wait_for_videos(len(cameras))
    expect_moving(await player.watch(WATCHED_SECONDS))
    picture = visit.pictures / "dashboard.png"
    await player.screenshot(picture)
    await visit.expect_sessions(len(cameras))
    return f"{len(videos)} cameras play, {len(cameras)} sessions; see {picture}"
