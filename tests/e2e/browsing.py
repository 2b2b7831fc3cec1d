"""Steps: somebody finds footage in the media browser, watches it, and leaves.

The home's language is English and the visitor's Japanese.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from tests.demo.check.checklist import expect
from tests.demo.onboarding import PLACE
from tests.demo.polling import until

from .media_browser import AMNIMO, MY_MEDIA, MediaBrowser
from .pictures import Sight
from .playing import SILENCE_PATIENCE, SILENCE_SECONDS, expect_moving, figures
from .visit import Viewing

HOME_LANGUAGE: Final = "en"
TIME_ZONE: Final = ZoneInfo(str(PLACE["time_zone"]))

LIVE: Final = "ライブ映像"
RECORDINGS: Final = "録画"
CLIPS: Final = "ビデオクリップ"
SNAPSHOTS: Final = "スナップショット"
THUMBNAILS: Final = "サムネイル"
SECTIONS: Final = [LIVE, RECORDINGS, CLIPS, SNAPSHOTS, THUMBNAILS]
TODAY: Final = "今日"
YESTERDAY: Final = "昨日"
WEEKDAYS: Final = "月火水木金土日"

KEPT_CLIP: Final = "配達"
CLOUD_CLIP: Final = "Courier at the door"
SNAPSHOT: Final = "来客"
CLIP_SECONDS: Final = 8
# The most that opening a folder may cost.
MOST_REQUESTS: Final = 3
BROWSING: Final = (
    "hierarchy",
    "cameras",
    "camera",
    "thumbnails",
    "history",
    "camera_medias",
    "medias",
    "media_get",
)

# Of the hour that is looked at: ten minutes are recorded, then these seconds, then nothing.
WHOLE_SECONDS: Final = 600
SHORT_SECONDS: Final = 10
SOUGHT: Final = 400.0
SOUGHT_NEAR_END: Final = 6.0
WATCHED_SECONDS: Final = 3.0
# What a picture's clock may differ from the moment at which it is shown in a recording.
CLOSE_SECONDS: Final = 2.0


async def keep_footage(visit: Viewing) -> str:
    """Have clips and a snapshot made, one clip of them kept; make a recording stop short."""
    camera = await visit.recording_camera()
    now = (await visit.cloud.world())["now"]
    visit.recorded_hour = hour = now // 3600 * 3600 - 3600
    await visit.cloud.change_world(
        "recording_gap",
        camera_id=camera["id"],
        start=hour + WHOLE_SECONDS + SHORT_SECONDS,
        end=hour + 2 * WHOLE_SECONDS,
    )
    entity_id = visit.entity(camera["id"], "camera").entity_id
    start = _local(now - 600)
    span = {
        "start_time": start.isoformat(),
        "end_time": (start + timedelta(seconds=CLIP_SECONDS)).isoformat(),
    }
    answers = await asyncio.gather(
        *(
            visit.api.act(f"amnimo.{action}", entity_id, data, answer=True)
            for action, data in (
                ("generate_clip", {**span, "name": KEPT_CLIP, "download": True}),
                ("generate_clip", {**span, "name": CLOUD_CLIP}),
                ("generate_snapshot", {"time": start.isoformat(), "name": SNAPSHOT}),
            )
        )
    )
    visit.made = [answer[entity_id]["media"][0] for answer in answers]
    for each in visit.made:
        expect(each["status"] == "completed", f"{each['name']}: {each['status']}")
    expect(visit.made[0]["path"], "no clip was kept")
    return f"{len(visit.made)} of {camera['name']}"


async def arrive_at_camera(visit: Viewing) -> str:
    """Open Media > amnimo > account > camera, all of it in the visitor's language."""
    await visit.api.command("config/core/update", language=HOME_LANGUAGE)
    await visit.begin_viewing()
    visit.media = media = await MediaBrowser.open(visit.own_browser, AMNIMO)
    (account,) = await media.titles()
    async with _three_requests(visit):
        cameras = await media.enter(account)
        widths = await media.pictures()
    world = await visit.cloud.world()
    names = [each["name"] for each in world["cameras"]]
    expect(sorted(cameras) == sorted(names), f"there are {cameras}, not {names}")
    expect(
        len(widths) == len(cameras), f"{len(widths)} of {len(cameras)} have pictures"
    )
    await media.player.screenshot(visit.pictures / "cameras.png")
    camera = await visit.recording_camera()
    async with _three_requests(visit):
        sections = await media.enter(camera["name"])
    expect(sections == SECTIONS, f"a camera has {sections}")
    return f"{len(cameras)} cameras with pictures; {', '.join(sections)}"


async def watch_live(visit: Viewing) -> str:
    """Open the live view of a camera at an edge device, and close it again."""
    camera = await visit.watched_camera()
    media = await MediaBrowser.open(visit.own_browser, AMNIMO)
    (account,) = await media.titles()
    await media.enter(account)
    await media.enter(camera["name"])
    await media.play(LIVE)
    record = await media.player.watch(WATCHED_SECONDS)
    expect_moving(record)
    (video,) = await media.player.videos()
    await visit.expect_sessions(1)
    await media.player.screenshot(visit.pictures / "live.png")
    await media.close_dialog()
    await media.player.close()
    stats = await visit.cloud.stats()
    visit.sent_before = stats["seconds_uploaded"].get(camera["id"], 0.0)
    return f"{video['width']}x{video['height']}, {figures(record)}; 1 session"


async def watch_recording(visit: Viewing) -> str:
    """Go to an hour of recordings, play ten minutes of it, and look around in them."""
    media, hour = visit.own_media, visit.recorded_hour
    async with _three_requests(visit):
        days = await media.enter(RECORDINGS)
    day = _day_title(hour, await _today(visit))
    expect(day in days, f"{day} is not among {days}")
    async with _three_requests(visit):
        hours = await media.enter(day)
    within = _span(hour, hour + 3600)
    expect(within in hours, f"{within} is not among {hours}")
    async with _three_requests(visit):
        pieces = await media.enter(within)
        widths = await media.pictures()
    wanted = [_span(hour, hour + WHOLE_SECONDS), _short_title(visit)]
    expect(pieces[:2] == wanted, f"the hour begins with {pieces[:2]}, not {wanted}")
    expect(len(pieces) == 6, f"the hour is in {len(pieces)} pieces")
    expect(len(widths) == len(pieces), f"{len(widths)} pieces have pictures")
    await media.player.screenshot(visit.pictures / "recordings.png")
    before = (await visit.cloud.stats())["streams_started"]
    await media.play(wanted[0])
    played = await _expect_playing(visit, hour, WHOLE_SECONDS)
    started = (await visit.cloud.stats())["streams_started"] - before
    expect(started == 1, f"{started} streams were started")
    await media.player.seek(SOUGHT)
    sight = await _sight_from(media, SOUGHT)
    _expect_moment(sight, hour)
    await _expect_playing(visit, hour, WHOLE_SECONDS)
    await media.player.screenshot(visit.pictures / "recording.png")
    await media.close_dialog()
    return (
        f"{day} {within}: {played}; sought {SOUGHT:.0f} s, shown {sight.position:.1f} s"
    )


async def reach_end(visit: Viewing) -> str:
    """Play what is recorded before a gap, to its end."""
    media = visit.own_media
    start = visit.recorded_hour + WHOLE_SECONDS
    await media.play(_short_title(visit))
    await media.player.seek(SOUGHT_NEAR_END)
    sight = await _sight_from(media, SOUGHT_NEAR_END)
    _expect_moment(sight, start)

    async def has_ended() -> dict[str, Any] | None:
        (video,) = await media.player.videos()
        return video if video["ended"] else None

    video = await until(has_ended, "the recording has ended")
    assert video is not None
    duration = video["duration"]
    expect(
        abs(duration - SHORT_SECONDS) <= 1, f"{duration} s are shown of {SHORT_SECONDS}"
    )
    last = await media.player.look()
    _expect_moment(last, start)
    await media.close_dialog()
    for _ in range(3):
        await media.back()
    return f"{duration:.1f} s, then nothing more"


async def watch_clip(visit: Viewing) -> str:
    """Play the clip that is in the cloud alone, from its list."""
    media = visit.own_media
    async with _three_requests(visit):
        titles = await media.enter(CLIPS)
        widths = await media.pictures()
    wanted = [_title(visit, name) for name in (CLOUD_CLIP, KEPT_CLIP)]
    expect(sorted(titles) == sorted(wanted), f"there are {titles}, not {wanted}")
    expect(len(widths) == len(titles), f"{len(widths)} clips have pictures")
    await media.player.screenshot(visit.pictures / "clips.png")
    async with _three_requests(visit):
        await media.play(wanted[0])
    return await _watch_file(visit, media)


async def watch_kept_clip(visit: Viewing) -> str:
    """Play the clip that was downloaded, from the home's own media."""
    media = await MediaBrowser.open(visit.own_browser, MY_MEDIA)
    file = visit.made[0]["path"].rpartition("/")[2]
    for folder in visit.made[0]["path"].partition("/media/")[2].split("/")[:-1]:
        await media.enter(folder)
    fetched = (await visit.cloud.stats())["requests"]["media_file"]
    await media.play(file)
    seen = await _watch_file(visit, media)
    after = (await visit.cloud.stats())["requests"]["media_file"]
    expect(after == fetched, "the cloud was asked for a file that is here")
    await media.player.close()
    return f"{file}: {seen}"


async def search(visit: Viewing) -> str:
    """Find a clip by a part of its name, and a camera by its own."""
    media = visit.own_media
    async with _three_requests(visit):
        await media.search("COURIER door")
        await media.wait_for_titles([_title(visit, CLOUD_CLIP)])
    everywhere = await MediaBrowser.open(visit.own_browser, AMNIMO)
    (account,) = await everywhere.titles()
    await everywhere.enter(account)
    camera = await visit.recording_camera()
    async with _three_requests(visit):
        await everywhere.search(camera["name"].upper())
        await everywhere.wait_for_titles([camera["name"]])
    await everywhere.player.close()
    return f"{CLOUD_CLIP}; {camera['name']}"


async def look_at_pictures(visit: Viewing) -> str:
    """Open the snapshot, and a thumbnail of today."""
    camera = await visit.recording_camera()
    media = await MediaBrowser.open(visit.own_browser, AMNIMO)
    (account,) = await media.titles()
    await media.enter(account)
    await media.enter(camera["name"])
    async with _three_requests(visit):
        (snapshot,) = await media.enter(SNAPSHOTS)
        await media.pictures()
    title = _title(visit, SNAPSHOT)
    expect(snapshot == title, f"the snapshot is called {snapshot}, not {title}")
    width = await media.look_at(snapshot)
    await media.player.screenshot(visit.pictures / "snapshot.png")
    # The dialog is a step of its own on the way back.
    await media.back()
    await media.back()
    async with _three_requests(visit):
        days = await media.enter(THUMBNAILS)
    today = _day_title((await _today(visit)).timestamp(), await _today(visit))
    expect(days[0] == today, f"the first day is {days[0]}, not {today}")
    async with _three_requests(visit):
        thumbnails = await media.enter(days[0])
        widths = await media.pictures()
    await media.player.close()
    return f"{width} pixels wide; {len(thumbnails)} thumbnails, {len(widths)} in view"


async def end(visit: Viewing) -> str:
    """Close the last page; all that was started is stopped, asked to, before long."""
    await visit.own_media.player.close()
    visit.media = None

    async def silent() -> bool:
        return bool((await visit.cloud.stats())["live_sessions"] == 0)

    await until(silent, "no session is left", within=SILENCE_PATIENCE)
    stats = await visit.cloud.stats()
    started = stats["streams_started"] - visit.starts
    # One has come to its end already: there was nothing left to stop.
    asked = sum(stats["requests"]["stream_stop"].values())
    expect(asked == started - 1, f"{asked} of {started} were asked to stop")
    expect(stats["stops"] >= started - 1, f"{stats['stops']} of {started} were stopped")
    camera = await visit.watched_camera()
    sent = stats["seconds_uploaded"].get(camera["id"], 0.0) - visit.sent_before
    expect(sent <= SILENCE_SECONDS, f"{sent:.0f} s were sent after the last look")
    expect(stats["rate_refusals"] == 0, "the service refused requests")
    expect(stats["leaked_tokens"] == 0, "an access token left the API")
    return (
        f"{started} sessions, all stopped by request; {sent:.0f} s sent after the look"
    )


async def _watch_file(visit: Viewing, media: MediaBrowser) -> str:
    """See a clip that is open play on, seek in it, and close it."""
    start = datetime.fromisoformat(visit.made[0]["start_time"]).timestamp()
    seen = await _expect_playing(visit, start, CLIP_SECONDS, media)
    await media.player.seek(SOUGHT_NEAR_END)
    _expect_moment(await _sight_from(media, SOUGHT_NEAR_END), start)
    (video,) = await media.player.videos()
    expect(video["source"] == "http", f"it plays a {video['source']}")
    await media.close_dialog()
    return seen


async def _expect_playing(
    visit: Viewing, start: float, seconds: float, media: MediaBrowser | None = None
) -> str:
    """Check that what is open moves, is as long as it is, and shows what was then."""
    player = (media or visit.own_media).player
    (before,) = await player.videos()
    record = await player.watch(WATCHED_SECONDS)
    (after,) = await player.videos()
    duration = after["duration"]
    expect(abs(duration - seconds) <= 1, f"it lasts {duration} s, not {seconds}")
    expect(after["position"] > before["position"], "it does not play on")
    expect(after["decoded"] > before["decoded"], "no pictures are decoded")
    expect(len(record.news) > 1, "the picture stands still")
    _expect_moment(record.news[-1], start)
    return f"{after['width']}x{after['height']}, {duration:.0f} s, {record.plays:.1f} s seen"


def _expect_moment(sight: Sight, start: float) -> None:
    """Check that a picture is of the moment that it is shown for."""
    expect(sight.clock is not None, "the picture's clock can't be read")
    assert sight.clock is not None
    off = sight.clock - (start + sight.position)
    expect(
        abs(off) <= CLOSE_SECONDS,
        f"at {sight.position:.1f} s a picture is shown that is {off:+.1f} s off",
    )


async def _sight_from(media: MediaBrowser, position: float) -> Sight:
    """Wait until it plays on behind a position."""

    async def there() -> Sight | None:
        sight = await media.player.look()
        has_moved = sight.position > position and sight.clock is not None
        return sight if has_moved else None

    sight = await until(there, f"it plays on from {position:.0f} s")
    assert sight is not None
    return sight


@asynccontextmanager
async def _three_requests(visit: Viewing) -> AsyncIterator[None]:
    """Check what a level costs of the service."""
    before = await _count_requests(visit)
    yield
    cost = await _count_requests(visit) - before
    expect(cost <= MOST_REQUESTS, f"a level costs {cost} API requests")


async def _count_requests(visit: Viewing) -> int:
    """Count the API requests that browsing may need.

    The cameras are listed anew each minute, whether somebody browses or not.
    """
    requests = (await visit.cloud.stats())["requests"]
    return sum(
        sum(requests.get(endpoint, {}).values())
        for endpoint in BROWSING
        if endpoint != "cameras"
    )


async def _today(visit: Viewing) -> datetime:
    return _local((await visit.cloud.world())["now"])


def _local(moment: float) -> datetime:
    """Return seconds since the epoch on the home's clock."""
    return datetime.fromtimestamp(int(moment), TIME_ZONE)


def _title(visit: Viewing, name: str) -> str:
    """Return how what was made this year is listed: its name, and when it began."""
    start = datetime.fromisoformat(visit.made[0]["start_time"])
    return f"{name} · {start.astimezone(TIME_ZONE):%m-%d %H:%M:%S}"


def _day_title(moment: float, today: datetime) -> str:
    day = _local(moment).date()
    text = f"{day:%Y年%m月%d日}({WEEKDAYS[day.weekday()]})"
    days_ago = (today.date() - day).days
    return " ".join([*((TODAY, YESTERDAY)[days_ago : days_ago + 1]), text])


def _span(start: float, end: float) -> str:
    return f"{_local(start):%H:%M}–{_local(end):%H:%M}"


def _short_title(visit: Viewing) -> str:
    """Return what the piece is called that ends at the gap."""
    start = visit.recorded_hour + WHOLE_SECONDS
    return f"{_local(start):%H:%M}–{_local(start + SHORT_SECONDS):%H:%M:%S}"
