"""The tools for language models, called as a conversation agent calls them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
import json
from pathlib import Path
from typing import Any

import probatio
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.components.media_source import async_resolve_media
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    llm,
)
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

# The same home as that of the actions: its time passes as tests like.
from .actions.calling import ago, local, media_files
from .actions.conftest import camera, edge_camera, media_folder, passage
from .cloud import FOREVER, CloudOptions, MediaPace, SimulatedCloud
from .cloud.world import Camera, Storage
from .entities import entity_id
from .estate import Estate
from .media.passage import Passage

__all__ = ["camera", "edge_camera", "media_folder", "passage"]

TOOLS = {"amnimo__take_snapshot", "amnimo__find_recordings", "amnimo__make_clip"}

type Ask = Callable[..., Awaitable[llm.ToolResult]]


def of_model(context: Context | None = None) -> llm.LLMContext:
    """Return what an agent says of who asks."""
    return llm.LLMContext(
        platform="test",
        context=context or Context(),
        language="en",
        assistant="conversation",
        device_id=None,
    )


def expose(hass: HomeAssistant, *cameras: Camera, exposed: bool = True) -> None:
    """Let the assistant see cameras, or not."""
    for each in cameras:
        async_expose_entity(
            hass, "conversation", entity_id(hass, "camera", each.id), exposed
        )


def put(hass: HomeAssistant, camera: Camera, area_id: str) -> None:
    """Put a camera into an area."""
    entity = er.async_get(hass).async_get(entity_id(hass, "camera", camera.id))
    assert entity is not None
    assert entity.device_id is not None
    dr.async_get(hass).async_update_device(entity.device_id, area_id=area_id)


@pytest.fixture
async def home(
    hass: HomeAssistant, passage: Passage, camera: Camera, edge_camera: Camera
) -> HomeAssistant:
    """Return a home that exposes two cameras to its assistant."""
    for component in ("homeassistant", "conversation", "llm", "media_source"):
        assert await async_setup_component(hass, component, {})
    expose(hass, camera, edge_camera)
    return hass


@pytest.fixture
def ask(home: HomeAssistant, passage: Passage, camera: Camera) -> Ask:
    """Return what calls a tool on the camera, unless other arguments are given."""

    async def call(
        tool: str, context: Context | None = None, **arguments: Any
    ) -> llm.ToolResult:
        if arguments.keys().isdisjoint({"name", "area", "floor"}):
            arguments["name"] = camera.name
        api = await llm.async_get_api(home, "assist", of_model(context))
        return await passage.result_of(
            api.async_call_tool(llm.ToolInput(f"amnimo__{tool}", arguments))
        )

    return call


def tells_no_secret(result: llm.ToolResult, cloud: SimulatedCloud) -> bool:
    """Return whether a result has no address that opens without logging in."""
    text = json.dumps(result.data)
    return cloud.origin not in text and "Sig" not in text and "http" not in text


async def offered(hass: HomeAssistant) -> set[str]:
    """Return the integration's tools that a model is offered."""
    api = await llm.async_get_api(hass, "assist", of_model())
    return {tool.name for tool in api.tools if tool.name.startswith("amnimo__")}


async def test_the_tools_are_offered_with_a_description_that_agents_can_send(
    home: HomeAssistant,
) -> None:
    api = await llm.async_get_api(home, "assist", of_model())
    tools = [tool for tool in api.tools if tool.name.startswith("amnimo__")]
    assert {tool.name for tool in tools} == TOOLS
    for tool in tools:
        assert tool.integration == "amnimo"
        assert tool.description
        schema = probatio.to_openapi(
            tool.parameters, custom_serializer=api.custom_serializer
        )
        assert json.loads(json.dumps(schema)) == schema
        for name, value in schema["properties"].items():
            assert value["type"] in ("string", "integer"), name
            assert value["description"]


async def test_nothing_is_offered_where_no_camera_is_exposed(
    home: HomeAssistant, camera: Camera, edge_camera: Camera
) -> None:
    assert await offered(home) == TOOLS
    expose(home, camera, edge_camera, exposed=False)
    assert await offered(home) == set()


# --- Snapshots -----------------------------------------------------------------------------


async def test_a_snapshot_is_taken_and_kept(
    home: HomeAssistant,
    ask: Ask,
    camera: Camera,
    cloud: SimulatedCloud,
    media_folder: Path,
) -> None:
    result = await ask("take_snapshot")
    assert not result.error
    assert result.data["status"] == "taken"
    assert result.data["camera"] == camera.name
    assert str(result.data["time"]).endswith("+09:00")
    assert len(media_files(media_folder)) == 1
    source = str(result.data["media_source"])
    assert source.endswith(f"/{camera.id}/snapshots/{result.data['media_id']}")
    assert (await async_resolve_media(home, source, None)).mime_type == "image/jpeg"
    assert tells_no_secret(result, cloud)


@pytest.mark.parametrize("aware", [True, False])
async def test_a_snapshot_of_a_moment_may_be_asked_for_with_and_without_offset(
    ask: Ask, aware: bool
) -> None:
    moment = ago(minutes=30)
    written = moment.isoformat() if aware else local(moment)
    result = await ask("take_snapshot", time=written)
    assert result.data["status"] == "taken"
    assert result.data["time"] == dt_util.as_local(moment).isoformat()


@pytest.mark.parametrize(
    "cloud_options",
    [
        CloudOptions(
            start_seconds=0, cloud_media=MediaPace(base_seconds=60, per_second=0)
        )
    ],
)
@pytest.mark.parametrize(
    ("tool", "arguments"), [("take_snapshot", {}), ("make_clip", {"last": 30})]
)
async def test_what_takes_long_is_said_to_be_pending(
    ask: Ask,
    passage: Passage,
    media_folder: Path,
    tool: str,
    arguments: dict[str, Any],
) -> None:
    result = await ask(tool, **arguments)
    assert not result.error
    answer: Any = result.data
    told = answer["clips"][0] if tool == "make_clip" else answer
    assert told["status"] == "pending"
    assert "media folder" in told["note"]
    await passage.until(lambda: media_files(media_folder))


async def test_a_moment_without_a_recording_is_told_of(
    ask: Ask, camera: Camera, cloud: SimulatedCloud
) -> None:
    moment = ago(minutes=30)
    camera.add_gap(moment.timestamp() - 60, moment.timestamp() + 60)
    result = await ask("take_snapshot", time=local(moment))
    assert result.error
    assert "recorded nothing" in str(result.data["error"])
    assert "media_id" not in result.data


# --- Recordings ----------------------------------------------------------------------------


async def test_recordings_are_found_with_their_gaps(
    home: HomeAssistant, ask: Ask, camera: Camera, cloud: SimulatedCloud
) -> None:
    start = ago(hours=3)
    camera.add_gap(start.timestamp() + 3600, start.timestamp() + 5400)
    result = await ask(
        "find_recordings",
        start_time=local(start),
        end_time=(start + timedelta(hours=2)).isoformat(),
    )
    answer: Any = result.data
    assert answer["status"] == "recorded"
    assert answer["total_seconds"] == 5400
    first, second = answer["recordings"]
    assert first["start_time"] == dt_util.as_local(start).isoformat()
    assert first["seconds"] == 3600
    assert second["seconds"] == 1800
    played = await async_resolve_media(home, first["media_source"], None)
    assert played.url.startswith("/api/amnimo/")
    assert tells_no_secret(result, cloud)


async def test_many_recordings_are_not_all_told(ask: Ask, camera: Camera) -> None:
    start = ago(hours=6)
    for number in range(1, 30):
        gap = start.timestamp() + number * 300
        camera.add_gap(gap, gap + 30)
    result = await ask("find_recordings", start_time=local(start))
    answer: Any = result.data
    # The camera has gaps of its own, too, which may be at the same time.
    now = dt_util.utcnow().timestamp()
    there_are = len(camera.recorded_in_cloud(start.timestamp(), now))
    assert there_are > 25
    assert len(answer["recordings"]) == 20
    assert answer["not_shown"] == there_are - 20


async def test_what_is_recorded_at_the_edge_is_said_not_to_be_known(
    ask: Ask, edge_camera: Camera
) -> None:
    edge_camera.cloud_copy = False
    result = await ask(
        "find_recordings", name=edge_camera.name, start_time=local(ago(hours=2))
    )
    assert result.data["status"] == "not_in_cloud"
    assert "edge device" in str(result.data["note"])


# --- Clips ---------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["last", "duration", "end_time"])
async def test_a_clip_is_made_and_kept(
    home: HomeAssistant,
    ask: Ask,
    cloud: SimulatedCloud,
    media_folder: Path,
    way: str,
) -> None:
    start = ago(minutes=10)
    arguments: dict[str, Any] = {
        "last": {"last": 10},
        "duration": {"start_time": local(start), "duration": 10},
        "end_time": {
            "start_time": start.isoformat(),
            "end_time": local(start + timedelta(seconds=10)),
        },
    }[way]
    result = await ask("make_clip", **arguments)
    answer: Any = result.data
    (clip,) = answer["clips"]
    assert clip["status"] == "ready"
    assert len(media_files(media_folder)) == 1
    played = await async_resolve_media(home, clip["media_source"], None)
    assert played.mime_type == "video/mp4"
    assert tells_no_secret(result, cloud)


@pytest.mark.parametrize(
    "cloud_options",
    [
        CloudOptions(
            start_seconds=0, cloud_media=MediaPace(base_seconds=1, per_second=0)
        )
    ],
)
async def test_more_than_an_hour_is_told_part_by_part(
    ask: Ask, camera: Camera, cloud: SimulatedCloud
) -> None:
    start = ago(hours=5).replace(minute=0, second=0)
    camera.add_gap(start.timestamp() - 60, start.timestamp() + 3601)
    result = await ask("make_clip", start_time=local(start), duration=7200)
    answer: Any = result.data
    assert not result.error
    assert [each["status"] for each in answer["clips"]] == ["failed", "ready"]
    assert "nothing was recorded" in answer["clips"][0]["error"]


# --- Which camera, and whose ---------------------------------------------------------------


async def test_a_camera_answers_to_alias_and_area(
    home: HomeAssistant, ask: Ask, camera: Camera
) -> None:
    area = ar.async_get(home).async_create("Yard", aliases={"庭"})
    entity = entity_id(home, "camera", camera.id)
    er.async_get(home).async_update_entity(entity, aliases=["正門"])
    put(home, camera, area.id)
    for target in ({"name": "正門"}, {"area": "庭"}, {"area": "yard"}):
        result = await ask("take_snapshot", **target)
        assert result.data["camera"] == camera.name, target


async def test_several_are_asked_about(
    ask: Ask, home: HomeAssistant, estate: Estate, cloud: SimulatedCloud
) -> None:
    area = ar.async_get(home).async_create("Yard")
    both = [
        each
        for each in estate.cameras.values()
        if each.storage is Storage.CLOUD and each.online
    ][:2]
    expose(home, *both)
    for each in both:
        put(home, each, area.id)
    result = await ask("make_clip", area="yard", last=10)
    assert result.error
    assert "which" in str(result.data["error"])
    told: Any = result.data["cameras"]
    assert sorted(told) == sorted(each.name for each in both)
    assert cloud.stats.count("media_create") == 0


@pytest.mark.parametrize("tool", sorted(TOOLS))
@pytest.mark.parametrize(
    "target", [{"name": "Moon"}, {"area": "Moon"}, {"floor": "Moon"}]
)
async def test_an_unknown_camera_is_told_of(
    ask: Ask, cloud: SimulatedCloud, tool: str, target: dict[str, str]
) -> None:
    needed = (
        {"start_time": local(ago(hours=1))} if tool == "amnimo__find_recordings" else {}
    )
    result = await ask(tool.removeprefix("amnimo__"), **target, **needed)
    assert result.error
    assert "Moon" in str(result.data["error"])
    assert cloud.stats.count("media_create") == 0
    assert cloud.stats.count("history") == 0


async def test_a_camera_that_is_not_exposed_is_as_good_as_unknown(
    ask: Ask, home: HomeAssistant, estate: Estate, camera: Camera, edge_camera: Camera
) -> None:
    hidden = next(
        each
        for each in estate.cameras.values()
        if each is not camera and each is not edge_camera
    )
    result = await ask("take_snapshot", name=hidden.name)
    assert result.error
    unknown = await ask("take_snapshot", name="Moon")
    assert str(result.data["error"]) == str(unknown.data["error"]).replace(
        "Moon", hidden.name
    )


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("take_snapshot", {}),
        ("make_clip", {"last": 10}),
        ("find_recordings", {"start_time": "2026-02-02 15:00:00"}),
    ],
)
async def test_a_user_without_permission_gets_nothing(
    ask: Ask,
    cloud: SimulatedCloud,
    hass_read_only_user: MockUser,
    tool: str,
    arguments: dict[str, Any],
) -> None:
    context = Context(user_id=hass_read_only_user.id)
    result = await ask(tool, context, **arguments)
    assert result.error
    assert "permission" in str(result.data["error"])
    assert cloud.stats.count("media_create") == 0
    assert cloud.stats.count("history") == 0


# --- What goes wrong -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("take_snapshot", {"time": "2999-01-01 00:00"}, "has passed"),
        ("take_snapshot", {"time": "noon"}, "time"),
        ("find_recordings", {}, "start_time"),
        ("find_recordings", {"start_time": "2999-01-01 00:00"}, "not in the past"),
        ("find_recordings", {"start_time": "2020-01-01 00:00"}, "days apart"),
        (
            "find_recordings",
            {"start_time": "2026-02-02 15:00", "end_time": "2026-02-02 14:00"},
            "not later",
        ),
        ("make_clip", {}, "Last"),
        ("make_clip", {"last": 90_000}, "last"),
        ("make_clip", {"last": 10, "duration": 10}, "Last"),
        (
            "make_clip",
            {"start_time": "2026-02-02 15:00", "end_time": "2999-01-01 00:00"},
            "only",
        ),
        (
            "make_clip",
            {"start_time": "2026-02-01 15:00", "end_time": "2026-02-03 00:00"},
            "24 hours",
        ),
        ("make_clip", {"last": 10, "speed": 2}, "speed"),
    ],
)
async def test_bad_arguments_are_refused_in_words(
    ask: Ask, cloud: SimulatedCloud, tool: str, arguments: dict[str, Any], words: str
) -> None:
    result = await ask(tool, **arguments)
    assert result.error
    assert words in str(result.data["error"])
    assert "{" not in str(result.data["error"])
    assert cloud.stats.count("media_create") == 0


@pytest.mark.parametrize(
    ("tool", "arguments", "endpoint"),
    [
        ("take_snapshot", {}, "media_create"),
        ("make_clip", {"last": 10}, "media_create"),
        ("find_recordings", {"start_time": "2026-11-20 15:00:00"}, "history"),
    ],
)
@pytest.mark.usefixtures("impatient")
async def test_a_service_that_refuses_is_told_of(
    ask: Ask,
    cloud: SimulatedCloud,
    tool: str,
    arguments: dict[str, Any],
    endpoint: str,
) -> None:
    cloud.faults.add(endpoint, count=FOREVER, kind="status", status=403)
    result = await ask(tool, **arguments)
    assert result.error
    assert "does not allow" in str(result.data["error"])
    assert tells_no_secret(result, cloud)
