"""Starting, extending and stopping video (API document, section 4. 映像再生)."""

import asyncio

from tests.cloud.call import Call
from tests.cloud.live import Session
from tests.cloud.parameters import read_moment
from tests.cloud.refusals import DeviceFailureError, NotReadyError, Refusal
from tests.cloud.templates import Json, render
from tests.cloud.world import Camera, Storage

from .playlists import playlist_url

_LIVE = "live"
# The cloud has to ask no edge device for what it stores itself.
_CLOUD_START_PART = 0.2
_RETRY_SECONDS = 1.0


async def start(call: Call) -> Json:
    """映像再生URL取得: start live video, or a recording, and say where it is."""
    camera = call.camera()
    with call.query() as query:
        wanted = query.required("dt")
        moment = None if wanted == _LIVE else read_moment("dt", wanted)
        retries = query.integer("retry", 20, 1, 100)
        keep_alive = query.number("keepAlivePeriod", 10, 10, 3600)
    session = (
        await _start_live(call, camera, retries, keep_alive)
        if moment is None
        else call.backend.sessions.start_playback(camera, keep_alive, moment)
    )
    return render(
        call.backend.dialect.stream,
        {"request_id": session.request_id, "url": playlist_url(session, call.backend)},
    )


async def update(call: Call) -> Json:
    """映像再生時間の延長: let it go on for keepAlivePeriod from now."""
    camera = call.camera()
    with call.query() as query:
        request_id = query.required("requestId")
    call.backend.sessions.extend(camera, request_id)
    return {"result": call.backend.dialect.result}


async def stop(call: Call) -> Json:
    """映像再生の停止: stop it."""
    camera = call.camera()
    with call.query() as query:
        request_id = query.required("requestId")
    call.backend.sessions.stop(camera, request_id)
    return {"result": call.backend.dialect.result}


async def _start_live(
    call: Call, camera: Camera, retries: int, keep_alive: float
) -> Session:
    """Wait for the camera's video to arrive, as long as the retries last."""
    if camera.device is not None and camera.device.failing:
        raise DeviceFailureError("the device does not answer")
    if not camera.online:
        raise Refusal("the camera is offline", call.backend.dialect.offline_status)
    wait = call.backend.options.start_seconds
    if camera.storage is Storage.CLOUD:
        wait *= _CLOUD_START_PART
    patience = retries * _RETRY_SECONDS
    await asyncio.sleep(min(wait, patience))
    if wait > patience:
        raise NotReadyError("the device did not deliver in time")
    return call.backend.sessions.start_live(camera, keep_alive)
