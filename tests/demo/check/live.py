"""Steps: thumbnails, and live video that flows only while somebody watches."""

import asyncio
import time
from urllib.parse import urljoin

from tests.demo.api import HomeAssistantApi
from tests.demo.polling import until
from tests.demo.simulated_cloud import SimulatedCloud
from tests.demo.video import Footage, decode, picture_size

from .checklist import StepFailedError, expect
from .visit import Visit

# Home Assistant ends its stream 30 s after the last segment was fetched, and the
# integration the upload 15 s after the last playlist was.
SILENCE_SECONDS = 60.0

PLAYLIST_SECONDS = 45.0


async def show_thumbnails(visit: Visit) -> str:
    """Fetch every camera's still and thumbnail, and decode them."""
    sizes = set()
    count = 0
    for camera in visit.home.cameras:
        for platform, path in (("camera", "camera_proxy"), ("image", "image_proxy")):
            for entity in camera.of(platform):
                body, response = await visit.api.fetch(
                    f"/api/{path}/{entity.entity_id}"
                )
                kind = response.content_type
                expect(kind == "image/jpeg", f"{entity.entity_id} came as {kind}")
                sizes.add(picture_size(body))
                count += 1
    expect(count, "there is no camera")
    return f"{count} pictures of {' and '.join(f'{w}x{h}' for w, h in sorted(sizes))}"


async def nobody_watches(visit: Visit) -> str:
    """Check that all this started no stream."""
    expect(visit.home.cameras, "there is no camera")
    stats = await visit.cloud.stats()
    expect(stats["live_sessions"] == 0, f"{stats['live_sessions']} live sessions")
    expect(stats["streams_started"] == 0, f"{stats['streams_started']} streams started")
    return "0 live sessions"


async def watch(visit: Visit) -> str:
    """Open a stream as the frontend does, read on, and decode what comes."""
    camera = await visit.watched_camera()
    entity = visit.entity(camera["id"], "camera")
    began = time.monotonic()
    master = await open_stream(visit.api, entity.entity_id)
    playlist = await read_master(visit.api, master)
    first = await read_playlist(visit.api, playlist)

    async def newer_segment() -> str | None:
        segments = segments_of(await read_playlist(visit.api, playlist))
        new = [uri for uri in segments if uri not in segments_of(first)]
        return new[-1] if new else None

    newest = await until(newer_segment, "the playlist goes on", within=PLAYLIST_SECONDS)
    assert newest is not None
    footage = await fetch_segment(visit.api, playlist, first, newest)
    took = time.monotonic() - began
    expect_moving(footage)
    return (
        f"{footage.frames} pictures of {footage.width}x{footage.height} decoded, "
        f"{took:.1f} s after the request"
    )


async def open_stream(api: HomeAssistantApi, entity_id: str) -> str:
    """Ask for a camera's stream; give the path of its master playlist."""
    answer = await api.command("camera/stream", entity_id=entity_id, format="hls")
    path: str = answer["url"]
    return path


async def read_master(api: HomeAssistantApi, path: str) -> str:
    """Give the path of the media playlist that a master playlist names."""
    for line in (await read_playlist(api, path)).splitlines():
        if line and not line.startswith("#"):
            return urljoin(path, line)
    raise StepFailedError("the master playlist names no playlist")


async def read_playlist(api: HomeAssistantApi, path: str) -> str:
    """Read a playlist."""
    body, _ = await api.fetch(path)
    text = body.decode()
    expect(text.startswith("#EXTM3U"), f"not a playlist: {text[:80]!r}")
    return text


def segments_of(playlist: str) -> list[str]:
    """Give the segments of a playlist that are complete."""
    return [line for line in playlist.splitlines() if line and not line.startswith("#")]


async def fetch_segment(
    api: HomeAssistantApi, path: str, playlist: str, segment: str
) -> Footage:
    """Fetch a segment with the initialization it needs, and decode it."""
    start = playlist.index('#EXT-X-MAP:URI="') + len('#EXT-X-MAP:URI="')
    initialization = playlist[start : playlist.index('"', start)]
    content = b""
    for uri in (initialization, segment):
        body, _ = await api.fetch(urljoin(path, uri))
        content += body
    return decode(content)


def expect_moving(footage: Footage) -> None:
    """Check that video is live: pictures differ, and their clocks run on."""
    expect(footage.frames > 1, f"{footage.frames} pictures in the segment")
    expect(footage.changes == footage.frames - 1, "the picture stands still")
    expect(
        len(footage.clocks) == footage.frames,
        f"the clock is readable in {len(footage.clocks)} of {footage.frames} pictures",
    )
    expect(footage.runs_forward, "the clock in the picture does not run forward")


async def one_session(visit: Visit) -> str:
    """Watch with a second viewer and look at the still: one upload serves them all."""
    camera = await visit.watched_camera()
    entity = visit.entity(camera["id"], "camera")
    async with HomeAssistantApi(visit.api.url) as viewer:
        master = await open_stream(visit.api, entity.entity_id)
        playlist = await read_master(viewer, master)
        text = await read_playlist(viewer, playlist)
        await fetch_segment(viewer, playlist, text, segments_of(text)[-1])
    body, _ = await visit.api.fetch(f"/api/camera_proxy/{entity.entity_id}")
    picture_size(body)
    stats = await visit.cloud.stats()
    visit.silence = asyncio.create_task(seconds_to_silence(visit.cloud))
    expect(stats["live_sessions"] == 1, f"{stats['live_sessions']} live sessions")
    expect(stats["streams_started"] == 1, f"{stats['streams_started']} starts")
    return "1 session for 2 viewers"


async def seconds_to_silence(cloud: SimulatedCloud) -> float:
    """Give how long it takes from now until no live session is left."""
    began = time.monotonic()

    async def is_silent() -> bool:
        return bool((await cloud.stats())["live_sessions"] == 0)

    await until(is_silent, "the live session has ended", within=2 * SILENCE_SECONDS)
    return time.monotonic() - began


async def silence(visit: Visit) -> str:
    """Check that the upload ended, and was ended by request, once nobody watched."""
    expect(visit.silence, "not tried: nothing was watched")
    assert visit.silence is not None
    seconds = await visit.silence
    expect(
        seconds <= SILENCE_SECONDS,
        f"the upload ended {seconds:.0f} s after the last look",
    )
    stats = await visit.cloud.stats()
    expect(stats["stops"] == 1, "the upload ran out: it was not stopped by request")
    return f"stopped {seconds:.0f} s after the last look"
