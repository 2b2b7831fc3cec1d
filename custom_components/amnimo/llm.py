"""Tools for conversation agents that are language models: snapshots, recordings, clips.

Owns what a model may ask for and what it is told: short, plain values, times on the user's clock,
`media-source://` identifiers, and errors in words that it can pass on. Never an address that
opens without logging in. Which camera is meant, and whether the user and the assistant may have
it, is decided as for intents.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any, Final, override
from urllib.parse import quote

import probatio as vol

from homeassistant.components.camera import DOMAIN as CAMERA_DOMAIN
from homeassistant.components.homeassistant import async_should_expose
from homeassistant.components.llm import LLMTools
from homeassistant.core import Context, HomeAssistant, State, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv, intent, selector
from homeassistant.helpers.llm import (
    LLM_API_ASSIST,
    LLMContext,
    Tool,
    ToolAnnotations,
    ToolInput,
    ToolResult,
    async_get_match_preferences,
)
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType, JsonValueType

from .actions.answers import failure
from .const import DOMAIN
from .entries import async_loaded_entry_of
from .media.job import MediaJob, local_iso
from .media.request import ClipRequest, as_moment, clip_range
from .snapshots import PATIENCE, Snapshot, SnapshotStatus, async_take_snapshot
from .voice.matching import NoTargetError, Wanted, async_find, own_states, spoken_names

_MOST_TOLD: Final = 20
_LONGEST_PLAYED: Final = timedelta(hours=2)
"""Of a recording that the media browser plays in one piece."""
_MOST_SECONDS: Final = 86_400

_TARGET: Final = {
    vol.Optional(
        "name", description="Name or alias of the camera"
    ): intent.non_empty_string,
    vol.Optional("area", description="Area of the camera"): intent.non_empty_string,
    vol.Optional("floor", description="Floor of the camera"): intent.non_empty_string,
}

_RANGE: Final = ("start_time", "end_time")

_NOT_FOUND: Final = {
    "no_area": "There is no area called {what}.",
    "no_floor": "There is no floor called {what}.",
    "none_in_area": "No camera that may be used here is in the area {what}.",
    "none_on_floor": "No camera that may be used here is on the floor {what}.",
    "not_allowed": "The user has no permission to use this camera: {what}.",
}
_NOT_HERE: Final = "No camera that may be used here is called {what}."

_SNAPSHOTS: Final = {
    SnapshotStatus.CAMERA_OFFLINE: "The camera is offline, so no snapshot was taken.",
    SnapshotStatus.NO_RECORDING: (
        "The camera recorded nothing at that moment, so there is no snapshot."
    ),
    SnapshotStatus.NOT_ALLOWED: "The user has no permission to use this camera.",
    SnapshotStatus.PERMISSION_DENIED: (
        "amnimo does not allow snapshots of this camera to this account's client ID."
    ),
    SnapshotStatus.QUOTA_EXHAUSTED: (
        "amnimo issues no more access tokens for now, so no snapshot was taken."
    ),
    SnapshotStatus.RATE_LIMITED: (
        "amnimo refuses requests because there were too many. Try again in some minutes."
    ),
    SnapshotStatus.UNREACHABLE: "The amnimo service can't be reached.",
    SnapshotStatus.UNAVAILABLE: "The camera is not available at the moment.",
    SnapshotStatus.FAILED: "amnimo could not make the snapshot.",
}
_PENDING: Final = (
    "Still being made. It is saved in the media folder by itself when it is ready."
)


class _NotDoneError(Exception):
    """There is no result, and why, for the model."""

    def __init__(self, error: str, **more: JsonValueType) -> None:
        super().__init__(error)
        self.data: JsonObjectType = {"error": error, **more}


class _CameraTool(Tool):
    """Something that is done with one camera."""

    integration = DOMAIN

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: ToolInput, llm_context: LLMContext
    ) -> ToolResult:
        """Find the camera that is meant and do it; whatever goes wrong is told in words."""
        try:
            arguments = self.parameters(tool_input.tool_args)
            camera = await _async_camera(hass, self.name, arguments, llm_context)
            return ToolResult(
                data=await self.async_answer(hass, camera, arguments, llm_context)
            )
        except _NotDoneError as err:
            return ToolResult(data=err.data, error=True)
        except (HomeAssistantError, vol.Invalid) as err:
            return ToolResult(data={"error": str(err)}, error=True)

    async def async_answer(
        self,
        hass: HomeAssistant,
        camera: State,
        arguments: dict[str, Any],
        llm_context: LLMContext,
    ) -> JsonObjectType:
        """Do it, and return what there is to say.

        Raises:
            _NotDoneError, HomeAssistantError: there is no result.

        """
        raise NotImplementedError


class TakeSnapshotTool(_CameraTool):
    """Takes a snapshot and keeps it."""

    name = "amnimo__take_snapshot"
    title = "Take a snapshot"
    description = (
        "Takes a picture with an amnimo camera, of now or of a moment in its recordings, "
        "and saves it. The picture itself is not returned: say what became of it."
    )
    parameters = vol.Schema(
        {
            **_TARGET,
            vol.Optional(
                "time", description="Moment in the past; leave out for now"
            ): selector.DateTimeSelector(),
        }
    )
    annotations = ToolAnnotations(destructive=False)

    @override
    async def async_answer(
        self,
        hass: HomeAssistant,
        camera: State,
        arguments: dict[str, Any],
        llm_context: LLMContext,
    ) -> JsonObjectType:
        """Take the snapshot, and wait for it a while."""
        time = _time(arguments, "time")
        snapshot = await async_take_snapshot(
            hass,
            camera.entity_id,
            llm_context.context or Context(),
            time=None if time is None else as_moment(time),
        )
        if text := _SNAPSHOTS.get(snapshot.status):
            raise _NotDoneError(text, camera=camera.name)
        return _snapshot_answer(hass, camera, snapshot)


class FindRecordingsTool(_CameraTool):
    """Tells what is recorded."""

    name = "amnimo__find_recordings"
    title = "Find recordings"
    description = (
        "Tells when an amnimo camera recorded to the cloud, and when it did not. "
        "What is shown in the recordings is not known."
    )
    parameters = vol.Schema(
        {
            **_TARGET,
            vol.Required(
                "start_time", description="From when"
            ): selector.DateTimeSelector(),
            vol.Optional(
                "end_time", description="Until when; leave out for now"
            ): selector.DateTimeSelector(),
        }
    )
    annotations = ToolAnnotations(read_only=True, destructive=False, idempotent=True)

    @override
    async def async_answer(
        self,
        hass: HomeAssistant,
        camera: State,
        arguments: dict[str, Any],
        llm_context: LLMContext,
    ) -> JsonObjectType:
        """Ask for the recordings by the action, which knows who may."""
        data: dict[str, Any] = {"entity_id": camera.entity_id}
        data |= {key: arguments[key] for key in _RANGE if key in arguments}
        response = await hass.services.async_call(
            DOMAIN,
            "get_recordings",
            data,
            context=llm_context.context,
            blocking=True,
            return_response=True,
        )
        found: Any = (response or {}).get(camera.entity_id)
        if found is None:
            raise _NotDoneError(_SNAPSHOTS[SnapshotStatus.UNAVAILABLE])
        return _recordings_answer(hass, camera, found)


class MakeClipTool(_CameraTool):
    """Has a clip made."""

    name = "amnimo__make_clip"
    title = "Make a clip"
    description = (
        "Saves a video clip of what an amnimo camera recorded. Give either last, or "
        "start_time with end_time or duration. More than an hour becomes several clips."
    )
    parameters = vol.Schema(
        {
            **_TARGET,
            vol.Optional(
                "start_time", description="From when"
            ): selector.DateTimeSelector(),
            vol.Optional(
                "end_time", description="Until when"
            ): selector.DateTimeSelector(),
            vol.Optional("duration", description="Length in seconds"): vol.All(
                vol.Coerce(int), vol.Range(min=1, max=_MOST_SECONDS)
            ),
            vol.Optional("last", description="Length in seconds, up to now"): vol.All(
                vol.Coerce(int), vol.Range(min=1, max=_MOST_SECONDS)
            ),
        }
    )
    annotations = ToolAnnotations(destructive=False)

    @override
    async def async_answer(
        self,
        hass: HomeAssistant,
        camera: State,
        arguments: dict[str, Any],
        llm_context: LLMContext,
    ) -> JsonObjectType:
        """Have the clip made, and wait for it a while."""
        start, end = clip_range(
            _time(arguments, "start_time"),
            _time(arguments, "end_time"),
            _seconds(arguments, "duration"),
            _seconds(arguments, "last"),
            dt_util.utcnow(),
        )
        found = async_loaded_entry_of(hass, camera.entity_id)
        if found is None:
            raise _NotDoneError(_SNAPSHOTS[SnapshotStatus.UNAVAILABLE])
        entry, camera_id = found
        media = entry.runtime_data.media
        jobs: list[MediaJob] = list(
            await media.async_request(
                camera_id, ClipRequest(start=start, end=end, download=True)
            )
        )
        try:
            # The jobs are the entry's: to stop waiting for them does not stop them.
            async with asyncio.timeout(PATIENCE.total_seconds()):
                await media.async_wait(jobs)
        except TimeoutError:
            pass
        done = [job.outcome.result() for job in jobs if job.outcome.done()]
        if len(done) == len(jobs) and all(result.failed for result in done):
            raise failure(done[0])
        return {
            "camera": camera.name,
            "clips": [_clip_answer(hass, camera, job) for job in jobs],
        }


@callback
def async_get_tools(
    hass: HomeAssistant, llm_context: LLMContext, api_id: str
) -> LLMTools | None:
    """Return the tools where a camera of amnimo's is exposed to the assistant."""
    if api_id != LLM_API_ASSIST:
        return None
    if not any(
        async_should_expose(hass, llm_context.assistant, state.entity_id)
        for state in own_states(hass, CAMERA_DOMAIN)
    ):
        return None
    return LLMTools(tools=[TakeSnapshotTool(), FindRecordingsTool(), MakeClipTool()])


async def _async_camera(
    hass: HomeAssistant,
    tool: str,
    arguments: dict[str, Any],
    llm_context: LLMContext,
) -> State:
    """Return the one camera that is meant.

    Raises:
        _NotDoneError: there is none, or there are several.

    """
    wanted = Wanted(
        arguments.get("name"),
        arguments.get("area"),
        arguments.get("floor"),
        async_get_match_preferences(hass, llm_context).area_id,
    )
    asked = intent.Intent(
        hass,
        llm_context.platform,
        tool,
        {},
        None,
        llm_context.context or Context(),
        llm_context.language or hass.config.language,
        assistant=llm_context.assistant,
        device_id=llm_context.device_id,
    )
    try:
        found = await async_find(hass, asked, CAMERA_DOMAIN, wanted)
    except NoTargetError as err:
        text = _NOT_FOUND.get(err.key, _NOT_HERE)
        raise _NotDoneError(text.format(what=err.what)) from err
    if len(found) > 1:
        names: list[JsonValueType] = [*spoken_names(hass, found[:_MOST_TOLD])]
        raise _NotDoneError("Several cameras match. Ask which one.", cameras=names)
    return found[0]


def _snapshot_answer(
    hass: HomeAssistant, camera: State, snapshot: Snapshot
) -> JsonObjectType:
    answer: JsonObjectType = {
        "camera": camera.name,
        "status": snapshot.status.value,
        "time": local_iso(snapshot.time),
        "media_id": snapshot.media_id,
    }
    if not snapshot.taken:
        return {**answer, "note": _PENDING}
    if snapshot.path is None:
        answer["note"] = "It is in the cloud, but could not be saved here."
    return {**answer, **_source(hass, camera, "snapshots", snapshot.media_id)}


def _recordings_answer(
    hass: HomeAssistant, camera: State, found: dict[str, Any]
) -> JsonObjectType:
    recordings = found["recordings"]
    told: list[JsonValueType] = [
        {**each, **_stretch_source(hass, camera, each)}
        for each in recordings[:_MOST_TOLD]
    ]
    answer: JsonObjectType = {
        "camera": camera.name,
        "start_time": found["start_time"],
        "end_time": found["end_time"],
        "status": found["status"],
        "total_seconds": found["total_seconds"],
        "recordings": told,
        **_source(hass, camera, "recordings"),
    }
    if len(recordings) > _MOST_TOLD:
        answer["not_shown"] = len(recordings) - _MOST_TOLD
    if found["status"] == "not_in_cloud":
        answer["note"] = (
            "This camera records to its edge device, which can't be listed: "
            "there may be recordings all the same."
        )
    return answer


def _clip_answer(hass: HomeAssistant, camera: State, job: MediaJob) -> JsonObjectType:
    record = job.record
    answer: JsonObjectType = {
        "media_id": record.media_id,
        "start_time": local_iso(record.start),
        "end_time": local_iso(record.end or record.start),
    }
    if not job.outcome.done():
        return {**answer, "status": "pending", "note": _PENDING}
    result = job.outcome.result()
    if result.failed:
        return {**answer, "status": "failed", "error": str(failure(result))}
    return {
        **answer,
        "status": "ready",
        **_source(hass, camera, "clips", record.media_id),
    }


def _stretch_source(
    hass: HomeAssistant, camera: State, recording: dict[str, Any]
) -> JsonObjectType:
    """Return where a stretch plays, nothing for one that is too long for that."""
    start, end = (
        datetime.fromisoformat(recording[key]) for key in ("start_time", "end_time")
    )
    if end - start > _LONGEST_PLAYED:
        return {}
    stretch = "-".join(str(round(each.timestamp() * 1000)) for each in (start, end))
    return _source(hass, camera, "recordings", stretch)


def _source(
    hass: HomeAssistant, camera: State, section: str, part: str | None = None
) -> JsonObjectType:
    """Return the identifier of something of a camera's in the media browser."""
    found = async_loaded_entry_of(hass, camera.entity_id)
    if found is None:
        return {}
    entry, camera_id = found
    parts = [entry.unique_id or entry.entry_id, camera_id, section]
    if part is not None:
        parts.append(part)
    path = "/".join(quote(each, safe="") for each in parts)
    return {"media_source": f"media-source://{DOMAIN}/{path}"}


def _time(arguments: dict[str, Any], key: str) -> datetime | None:
    return cv.datetime(arguments[key]) if key in arguments else None


def _seconds(arguments: dict[str, Any], key: str) -> timedelta | None:
    return timedelta(seconds=arguments[key]) if key in arguments else None
