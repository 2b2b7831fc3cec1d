"""How bodies are read where somebody brings a faster reader of JSON along."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from custom_components.amnimo.api import AmnimoClient, AmnimoResponseError, Throttle
from homeassistant.util.json import json_loads

from .conftest import ClientClock
from .scripted import Reply, ScriptedService


@pytest.fixture
async def client(
    service: ScriptedService,
    session: aiohttp.ClientSession,
    throttle: Throttle,
    clock: ClientClock,
    impatient: None,
) -> AsyncIterator[AmnimoClient]:
    """Return a client that reads JSON as Home Assistant does."""
    client = AmnimoClient(
        session,
        "client-id",
        "client-secret",
        api_url=service.url,
        throttle=throttle,
        json_loads=json_loads,
    )
    yield client
    await client.close()


@pytest.mark.parametrize(
    "body",
    [
        '{"data": [{"id": "c1", "name": "門"}]}'.encode(),
        # All that a strict reader refuses, and Python's own knows.
        '{"data": [{"id": "c1", "name": "門", "signal": NaN}]}'.encode(),
        '\ufeff{"data": [{"id": "c1", "name": "門"}]}'.encode(),
        '{"data": [{"id": "c1", "name": "門"}]}'.encode("utf-16"),
        b'{"data": [{"id": "c1", "name": "\\u9580", "place": "\\ud800"}]}',
    ],
)
async def test_what_the_faster_reader_refuses_is_read_all_the_same(
    client: AmnimoClient, service: ScriptedService, body: bytes
) -> None:
    service.answers(Reply(body))
    (camera,) = await client.cameras("s1")
    assert (camera.id, camera.name) == ("c1", "門")


@pytest.mark.parametrize("body", [b"<html>", b'{"data": [', b"[" * 100_000])
async def test_what_no_reader_understands_is_no_json(
    client: AmnimoClient, service: ScriptedService, body: bytes
) -> None:
    service.answers(Reply(body))
    with pytest.raises(AmnimoResponseError, match="no JSON in the answer"):
        await client.cameras("s1")
