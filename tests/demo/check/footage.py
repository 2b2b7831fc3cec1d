"""Steps: clips and snapshots, made by the cloud and kept by Home Assistant."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.demo.api import ApiError
from tests.demo.polling import until
from tests.demo.video import decode, picture_size

from .checklist import StepFailedError, expect
from .sentences import sentence_of
from .visit import Visit

CLIP_SECONDS = 20
DURATION_TOLERANCE = 1.0

# Longer ago than anything that the other steps do.
GAP_START = timedelta(minutes=90)
GAP_END = timedelta(minutes=80)


async def make_clip(visit: Visit) -> str:
    """Make a clip of a known stretch and probe the file."""
    camera = await visit.watched_camera()
    now = (await visit.cloud.world())["now"]
    start = datetime.fromtimestamp(int(now) - 600, UTC)
    end = start + timedelta(seconds=CLIP_SECONDS)
    media = await make(
        visit,
        camera,
        "generate_clip",
        start_time=start.isoformat(),
        end_time=end.isoformat(),
        name="demo clip",
    )
    content = downloaded(media)
    footage = decode(content)
    expect(
        abs(footage.seconds - CLIP_SECONDS) <= DURATION_TOLERANCE,
        f"the clip is {footage.seconds:.1f} s long, not {CLIP_SECONDS} s",
    )
    expect(footage.clocks, "the clip shows no clock")
    off = abs(footage.clocks[0] - start.timestamp())
    expect(off <= DURATION_TOLERANCE, f"the clip begins {off:.1f} s off")
    event = await event_of(visit, camera, "clip_ready")
    expect(event["media_id"] == media["media_id"], f"the event names {event}")
    ranged = await fetch_ranges(visit, media, content)
    return f"{footage.seconds:.1f} s of video, {len(content)} bytes; {ranged}"


async def make_snapshot(visit: Visit) -> str:
    """Make a snapshot and decode it."""
    camera = await visit.watched_camera()
    media = await make(visit, camera, "generate_snapshot", name="demo snapshot")
    content = downloaded(media)
    width, height = picture_size(content)
    event = await event_of(visit, camera, "snapshot_ready")
    expect(event["media_id"] == media["media_id"], f"the event names {event}")
    body, _ = await visit.api.fetch(media["url"])
    expect(body == content, "its address gives another picture")
    return f"{width}x{height}, {len(content)} bytes"


async def make(
    visit: Visit, camera: dict[str, Any], action: str, **fields: Any
) -> dict[str, Any]:
    """Have one piece of media made and downloaded; give what the action answers."""
    entity = visit.entity(camera["id"], "camera")
    answer = await visit.api.act(
        f"amnimo.{action}",
        entity.entity_id,
        {"wait": True, "download": True, **fields},
        answer=True,
    )
    made: list[dict[str, Any]] = answer[entity.entity_id]["media"]
    expect(len(made) == 1, f"{len(made)} pieces of media: {made}")
    return made[0]


def downloaded(media: dict[str, Any]) -> bytes:
    """Read the file that an answer names."""
    path = Path(media["path"])
    expect(path.is_file(), f"there is no file at {path}")
    content = path.read_bytes()
    expect(
        media["size"] == len(content),
        f"the file has {len(content)} bytes, the answer says {media['size']}",
    )
    return content


async def event_of(visit: Visit, camera: dict[str, Any], kind: str) -> dict[str, Any]:
    """Wait for a camera's event entity to tell of something; give its attributes."""
    entity = visit.entity(camera["id"], "event")

    async def attributes() -> dict[str, Any] | None:
        state = await visit.api.state(entity.entity_id)
        found: dict[str, Any] = state["attributes"]
        return found if found.get("event_type") == kind else None

    found = await until(attributes, f"{entity.entity_id} tells {kind}")
    assert found is not None
    return found


async def fetch_ranges(visit: Visit, media: dict[str, Any], content: bytes) -> str:
    """Fetch a clip through its address as players do: in parts, and the end first."""
    path = media["url"]
    total = len(content)
    for header, expected in (
        ("bytes=0-99", content[:100]),
        ("bytes=-100", content[-100:]),
        (f"bytes={total // 2}-", content[total // 2 :]),
    ):
        body, response = await visit.api.fetch(path, {"Range": header})
        expect(response.status == 206, f"{header} was answered {response.status}")
        told = response.headers.get("Content-Range", "")
        expect(told.endswith(f"/{total}"), f"{header}: Content-Range {told!r}")
        expect(body == expected, f"{header} gave other bytes")
    return "its address serves ranges"


async def clip_of_nothing(visit: Visit) -> str:
    """Ask for a clip of a time without a recording: refused with the reason."""
    camera = await visit.watched_camera()
    now = datetime.fromtimestamp(int((await visit.cloud.world())["now"]), UTC)
    start, end = now - GAP_START, now - GAP_END
    await visit.cloud.change_world(
        "recording_gap",
        camera_id=camera["id"],
        start=start.timestamp(),
        end=end.timestamp(),
    )
    inside = start + timedelta(minutes=1)
    try:
        await make(
            visit,
            camera,
            "generate_clip",
            start_time=inside.isoformat(),
            end_time=(inside + timedelta(seconds=CLIP_SECONDS)).isoformat(),
        )
    except ApiError as err:
        expect(err.key.startswith("media_"), f"the error is {err}")
        await sentence_of(visit, "exceptions", f"{err.key}.message")
        message = err.message
    else:
        raise StepFailedError("a clip of nothing was made")
    event = await event_of(visit, camera, "media_failed")
    expect(event.get("reason") == "no_recording", f"the event gives {event}")
    return f"“{message}”"


async def refuse_bad_clips(visit: Visit) -> str:
    """Ask for clips that make no sense: refused at once, the cloud is not asked."""
    camera = await visit.watched_camera()
    now = datetime.fromtimestamp((await visit.cloud.world())["now"], UTC)
    hour = timedelta(hours=1)
    before = (await visit.cloud.stats())["requests"].get("media_create")
    keys = []
    for fields in (
        {"start_time": now - hour, "end_time": now - 2 * hour},
        {"start_time": now + hour, "end_time": now + 2 * hour},
        {"start_time": now - hour, "end_time": now, "name": "x" * 65},
    ):
        sent = {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in fields.items()
        }
        try:
            await make(visit, camera, "generate_clip", **sent)
        except ApiError as err:
            await sentence_of(visit, "exceptions", f"{err.key}.message")
            keys.append(err.key)
        else:
            raise StepFailedError(f"a clip was made of {sent}")
    after = (await visit.cloud.stats())["requests"].get("media_create")
    expect(before == after, "the cloud was asked")
    return ", ".join(keys)
