"""Media that are called like a web address: nobody goes there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from http import HTTPStatus

from aiohttp import web
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.amnimo.media.job import MediaKind
from tests.cloud import DIALECTS, CloudOptions, MediaPace, SimulatedCloud
from tests.cloud.world import Camera

from .household import Household
from .test_jobs import ask, clip, snapshot

PACE = MediaPace(base_seconds=3, per_second=0)
IN_EVERY_DIALECT = pytest.mark.parametrize(
    "cloud_options",
    [
        CloudOptions(start_seconds=0, dialect=name, cloud_media=PACE, edge_media=PACE)
        for name in DIALECTS
    ],
    ids=DIALECTS,
)


class Elsewhere:
    """A server in the same network that has nothing to do with the service."""

    def __init__(self) -> None:
        """Begin without visitors."""
        self.url = ""
        self.visits: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        """Answer with what nobody else is to see."""
        self.visits.append(request.path)
        return web.Response(body=b"A secret")


@pytest.fixture
async def elsewhere() -> AsyncIterator[Elsewhere]:
    """Return a server that listens."""
    server = Elsewhere()
    app = web.Application()
    app.router.add_get("/{path:.*}", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/admin"
    yield server
    await runner.cleanup()


@IN_EVERY_DIALECT
async def test_the_file_of_a_medium_is_shown_whatever_it_is_called(
    cloud: SimulatedCloud,
    camera: Camera,
    loaded: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    elsewhere: Elsewhere,
) -> None:
    now = cloud.clock.now()
    start, asked = now - 7200, now - 3600
    made = [
        cloud.media.create_clip(camera, start, start + 5, elsewhere.url, asked),
        cloud.media.create_snapshot(camera, start, elsewhere.url, asked),
    ]
    pending = cloud.media.create_snapshot(camera, start, elsewhere.url, now + 60)
    client = await hass_client()
    shown = []
    for media in (*made, pending):
        address = f"/api/amnimo/media/{loaded.entry_id}/{media.id}/file"
        response = await client.get(address)
        shown.append((response.status, (await response.read())[:12]))
    assert [status for status, _ in shown] == [
        HTTPStatus.OK,
        HTTPStatus.OK,
        HTTPStatus.NOT_FOUND,
    ]
    assert shown[0][1][4:8] == b"ftyp"
    assert shown[1][1].startswith(b"\xff\xd8\xff")
    assert elsewhere.visits == []


@IN_EVERY_DIALECT
async def test_the_file_of_a_medium_is_saved_whatever_it_is_called(
    household: Household, camera: Camera, elsewhere: Elsewhere
) -> None:
    jobs = [
        *await ask(household, camera, clip(name=elsewhere.url, download=True)),
        *await ask(household, camera, snapshot(name=elsewhere.url, download=True)),
    ]
    results = await household.result_of(household.jobs.async_wait(jobs))
    assert {result.kind for result in results} == {
        MediaKind.CLIP_READY,
        MediaKind.SNAPSHOT_READY,
    }
    assert household.cloud.stats.count("media_file") == 2
    for result in results:
        assert result.name == elsewhere.url
        assert result.path is not None
        assert b"A secret" not in result.path.read_bytes()
    assert elsewhere.visits == []
