"""Pictures that don't say when they were taken."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from aiohttp import web
from aiohttp.test_utils import TestServer
import pytest

from custom_components.amnimo.api import Camera, Thumbnail
from custom_components.amnimo.coordinator import CameraCoordinator, LocatedCamera
from custom_components.amnimo.stills import StillCache
from homeassistant.core import HomeAssistant

RED, BLUE = (b"\xff\xd8\xff" + color * 40 + b"\xff\xd9" for color in (b"r", b"b"))


async def test_another_picture_under_the_same_url_is_seen_within_a_minute(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures, asked = [RED, BLUE], 0

    async def picture(_: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.Response(body=pictures[asked - 1], content_type="image/jpeg")

    app = web.Application()
    app.router.add_get("/latest.jpg", picture)
    async with TestServer(app) as server:
        url = str(server.make_url("/latest.jpg"))
        thumbnail = Thumbnail(None, f"{url}?signature=1", url)
        located = LocatedCamera(Camera("1", "Gate", thumbnail=thumbnail), "2")
        cameras: Any = SimpleNamespace(locate=lambda _: located)
        stills = StillCache(hass, cast(CameraCoordinator, cameras))
        began = hass.loop.time()
        for seconds, expected in ((0, RED), (30, RED), (61, BLUE), (90, BLUE)):
            monkeypatch.setattr(hass.loop, "time", lambda at=began + seconds: at)
            still = await stills.async_get("1")
            monkeypatch.undo()
            assert still is not None
            assert still.content == expected
    assert asked == 2
