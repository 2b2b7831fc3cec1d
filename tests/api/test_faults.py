"""What the client does when something goes wrong, and what it says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
import logging
from typing import Any, override

import aiohttp
import pytest

from custom_components.amnimo.api import (
    RATE,
    AmnimoAuthError,
    AmnimoClient,
    AmnimoConnectionError,
    AmnimoError,
    AmnimoNotFoundError,
    AmnimoPermissionError,
    AmnimoQuotaExhaustedError,
    AmnimoRateLimitedError,
    AmnimoResponseError,
    Lane,
    PortAction,
    Throttle,
    client as client_module,
)
from tests.cloud import FOREVER, CloudOptions, Endpoint, FaultKind, SimulatedCloud
from tests.estate import Estate

from .conftest import NOON, ClientClock
from .scripted import TOKEN, Reply, ScriptedService

HOUR = timedelta(hours=1)

type Call = Callable[[AmnimoClient], Awaitable[object]]

# What may be done twice without harm.
REPEATABLE: list[Call] = [
    lambda c: c.hierarchy("a1"),
    lambda c: c.camera_page("s1"),
    lambda c: c.camera("s1", "c1"),
    lambda c: c.thumbnails("s1", "c1"),
    lambda c: c.history("s1", "c1", NOON - HOUR, NOON),
    lambda c: c.update_stream("s1", "c1", "r1"),
    lambda c: c.stop_stream("s1", "c1", "r1"),
    lambda c: c.search_camera_media("s1", "c1"),
    lambda c: c.search_media("s1"),
    lambda c: c.media("s1", "m1"),
    lambda c: c.rename_media("s1", "m1", "n"),
    lambda c: c.delete_media("s1", "m1"),
    lambda c: c.device_page("s1"),
    lambda c: c.external_devices("s1", "d1"),
    lambda c: c.ports("s1", "d1"),
    lambda c: c.switch_port("s1", "d1", "lan1", PortAction.ON),
]
# What may not.
ONCE: list[Call] = [
    lambda c: c.start_stream("s1", "c1"),
    lambda c: c.create_clip("s1", "c1", NOON - HOUR, NOON, "n"),
    lambda c: c.create_snapshot("s1", "c1", NOON, "n"),
    lambda c: c.reset_port("s1", "d1", "lan1", 5),
]


class ListeningThrottle(Throttle):
    """A throttle that holds nobody back, and remembers what the service asked for."""

    def __init__(self) -> None:
        """Start with no refusal."""
        super().__init__(rate=1e6, burst=1e6)
        self.asked: list[float | None] = []

    @override
    def refused(self, retry_after: float | None = None) -> None:
        """Remember a refusal instead of waiting."""
        self.asked.append(retry_after)


# --- What a status means -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (301, AmnimoResponseError),
        (304, AmnimoResponseError),
        (400, AmnimoResponseError),
        (401, AmnimoPermissionError),
        (403, AmnimoPermissionError),
        (404, AmnimoNotFoundError),
        (405, AmnimoResponseError),
        (409, AmnimoResponseError),
        (415, AmnimoResponseError),
        (429, AmnimoRateLimitedError),
        (500, AmnimoResponseError),
        (502, AmnimoResponseError),
        (503, AmnimoResponseError),
        (504, AmnimoResponseError),
    ],
)
@pytest.mark.parametrize("body", [b"", b'{"code": 1}', b"<html>Sorry</html>"])
async def test_each_status_has_its_error(
    scripted: AmnimoClient,
    service: ScriptedService,
    status: int,
    error: type[AmnimoError],
    body: bytes,
) -> None:
    service.answers(Reply(body, status))
    with pytest.raises(AmnimoError) as caught:
        await scripted.ports("s1", "d1")
    assert type(caught.value) is error
    assert str(caught.value) == f"peripherals: HTTP status {status}"
    if isinstance(caught.value, AmnimoResponseError):
        assert caught.value.status == status


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<!DOCTYPE html><html>Sign in</html>", "media_get: no JSON in the answer"),
        (b'{"id": "m1", "name": ', "media_get: no JSON in the answer"),
        (b"\xff\xfe\x00", "media_get: no JSON in the answer"),
        (b"[" * 100_000, "media_get: no JSON in the answer"),
        (b"1" * 5000, "media_get: no JSON in the answer"),
        (b"", "media_get: the answer holds no such object"),
        (b"  \n", "media_get: the answer holds no such object"),
        (b"null", "media_get: the answer holds no such object"),
        (b"[]", "media_get: the answer holds no such object"),
        (b"17", "media_get: the answer holds no such object"),
        (b'{"name": "no identifier"}', "media_get: the answer holds no such object"),
    ],
)
async def test_an_answer_that_makes_no_sense_is_an_error(
    scripted: AmnimoClient, service: ScriptedService, body: bytes, message: str
) -> None:
    service.answers(Reply(body))
    with pytest.raises(AmnimoResponseError) as caught:
        await scripted.media("s1", "m1")
    assert str(caught.value) == message
    assert caught.value.status == 200


@pytest.mark.parametrize("body", [b"[]", b'{"data": []}', b'{"page": {"total": 0}}'])
async def test_an_empty_list_is_an_answer(
    scripted: AmnimoClient, service: ScriptedService, body: bytes
) -> None:
    service.answers(Reply(body))
    assert await scripted.cameras("s1") == ()
    assert await scripted.devices("s1") == ()
    assert await scripted.ports("s1", "d1") == ()
    assert await scripted.search_media("s1") == ()


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b'"OK"', b'{"total": 12}'])
async def test_an_answer_without_a_list_does_not_say_that_there_is_nothing(
    scripted: AmnimoClient, service: ScriptedService, body: bytes
) -> None:
    """To take it for an empty list would be to lose all cameras, devices or ports."""
    service.answers(Reply(body))
    with pytest.raises(AmnimoResponseError):
        await scripted.cameras("s1")
    with pytest.raises(AmnimoResponseError):
        await scripted.devices("s1")
    with pytest.raises(AmnimoResponseError):
        await scripted.ports("s1", "d1")


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"[]", b'"OK"'])
async def test_commands_are_content_with_an_empty_answer(
    scripted: AmnimoClient, service: ScriptedService, body: bytes
) -> None:
    service.answers(Reply(body))
    await scripted.switch_port("s1", "d1", "lan1", PortAction.ON)
    await scripted.delete_media("s1", "m1")
    await scripted.stop_stream("s1", "c1", "r1")


async def test_a_redirect_is_not_followed(
    scripted: AmnimoClient, service: ScriptedService
) -> None:
    """Whoever it points to would get the access token."""
    service.answers(Reply(status=302, headers={"Location": f"{service.url}/elsewhere"}))
    with pytest.raises(AmnimoResponseError):
        await scripted.ports("s1", "d1")
    assert [request.target for request in service.requests] == [
        "/partitions/s1/devices/d1/peripherals"
    ]


# --- What is tried again -------------------------------------------------------------------


@pytest.mark.parametrize("call", REPEATABLE)
async def test_what_does_no_harm_is_tried_three_times(
    scripted: AmnimoClient, service: ScriptedService, call: Call
) -> None:
    service.answers(Reply(status=503))
    with pytest.raises(AmnimoResponseError):
        await call(scripted)
    assert len(service.requests) == 3


@pytest.mark.parametrize("call", REPEATABLE)
async def test_two_failures_are_not_noticed(
    scripted: AmnimoClient, service: ScriptedService, call: Call
) -> None:
    good = {"id": "x", "accountId": "a", "data": []}
    service.answers(Reply(status=500), Reply(b"<html>"), good)
    await call(scripted)
    assert len(service.requests) == 3


@pytest.mark.parametrize("call", ONCE)
@pytest.mark.parametrize(
    "reply", [Reply(status=500), Reply(b"<html>"), Reply(status=504)]
)
async def test_what_creates_or_resets_is_tried_once(
    scripted: AmnimoClient, service: ScriptedService, call: Call, reply: Reply
) -> None:
    service.answers(reply)
    with pytest.raises(AmnimoResponseError):
        await call(scripted)
    assert len(service.requests) == 1


@pytest.mark.parametrize("status", [400, 404, 409])
async def test_a_no_is_a_no(
    scripted: AmnimoClient, service: ScriptedService, status: int
) -> None:
    service.answers(Reply(status=status))
    with pytest.raises(AmnimoError):
        await scripted.ports("s1", "d1")
    assert len(service.requests) == 1


async def test_tries_wait_longer_each_time(
    service: ScriptedService,
    session: aiohttp.ClientSession,
    throttle: Throttle,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(client_module.asyncio, "sleep", sleep)
    client = AmnimoClient(
        session, "client-id", "secret", api_url=service.url, throttle=throttle
    )
    service.answers(Reply(status=503))
    with pytest.raises(AmnimoResponseError):
        await client.ports("s1", "d1")
    assert len(waits) == 2
    assert 0.5 <= waits[0] <= 1
    assert 1 <= waits[1] <= 2


async def test_a_delete_whose_answer_was_lost_is_a_success(
    scripted: AmnimoClient, service: ScriptedService
) -> None:
    service.answers(Reply(status=502), Reply(status=404))
    await scripted.delete_media("s1", "m1")
    assert len(service.requests) == 2


# --- Refused for the rate ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        (None, None),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("Mon, 02 Feb 2026 15:00:00 GMT", 0.0),
        ("soon", None),
        ("²", None),
        ("-5", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("call", [REPEATABLE[1], *ONCE])
async def test_a_request_that_comes_too_early_is_sent_again(
    service: ScriptedService,
    session: aiohttp.ClientSession,
    call: Call,
    said: str | None,
    asked: float | None,
) -> None:
    throttle = ListeningThrottle()
    client = AmnimoClient(
        session, "id", "secret", api_url=service.url, throttle=throttle
    )
    headers = {} if said is None else {"Retry-After": said.encode().decode("latin-1")}
    refusal = Reply(status=429, headers=headers)
    good = {"id": "x", "url": "https://video.example/1.m3u8", "data": []}
    service.answers(refusal, refusal, good)

    await call(client)

    assert throttle.asked == [asked, asked]
    assert len(service.requests) == 3


async def test_a_date_to_come_again_is_understood(
    service: ScriptedService, session: aiohttp.ClientSession
) -> None:
    throttle = ListeningThrottle()
    client = AmnimoClient(
        session, "id", "secret", api_url=service.url, throttle=throttle
    )
    headers = {"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"}
    service.answers(Reply(status=429, headers=headers))
    with pytest.raises(AmnimoRateLimitedError):
        await client.ports("s1", "d1")
    (asked,) = throttle.asked
    assert asked is not None
    assert asked > 1e9


async def test_after_three_refusals_it_is_given_up(
    service: ScriptedService, session: aiohttp.ClientSession
) -> None:
    throttle = ListeningThrottle()
    client = AmnimoClient(
        session, "id", "secret", api_url=service.url, throttle=throttle
    )
    service.answers(Reply(status=429))
    with pytest.raises(AmnimoRateLimitedError):
        await client.ports("s1", "d1")
    assert throttle.asked == [None] * 3


async def test_nobody_waits_for_minutes(
    service: ScriptedService, session: aiohttp.ClientSession
) -> None:
    throttle = ListeningThrottle()
    client = AmnimoClient(
        session, "id", "secret", api_url=service.url, throttle=throttle
    )
    service.answers(Reply(status=429, headers={"Retry-After": "31"}))
    with pytest.raises(AmnimoRateLimitedError):
        await client.ports("s1", "d1")
    assert throttle.asked == [31.0]


# --- Connections ---------------------------------------------------------------------------


async def test_a_dropped_connection_is_tried_again(
    client: AmnimoClient, cloud: SimulatedCloud, estate: Estate
) -> None:
    await client.tokens.get()
    cloud.faults.add(Endpoint.CAMERAS, FaultKind.DROP, count=2)
    found = await client.cameras(estate.root.subscription_id)
    assert len(found) == len(estate.root.cameras)


@pytest.mark.parametrize(
    "kind", [FaultKind.TRUNCATED, FaultKind.MALFORMED, FaultKind.HTML]
)
async def test_a_spoilt_answer_is_asked_for_again(
    client: AmnimoClient, cloud: SimulatedCloud, estate: Estate, kind: FaultKind
) -> None:
    cloud.faults.add(Endpoint.CAMERAS, kind, count=2)
    found = await client.cameras(estate.root.subscription_id)
    assert len(found) == len(estate.root.cameras)
    assert cloud.stats.count(Endpoint.CAMERAS) == 3


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.TRUNCATED, AmnimoConnectionError),
        (FaultKind.MALFORMED, AmnimoResponseError),
        (FaultKind.HTML, AmnimoResponseError),
    ],
)
async def test_a_clip_whose_answer_is_spoilt_is_not_asked_for_again(
    client: AmnimoClient,
    cloud: SimulatedCloud,
    estate: Estate,
    kind: FaultKind,
    error: type[AmnimoError],
) -> None:
    camera = next(iter(estate.root.cameras.values()))
    cloud.faults.add(Endpoint.MEDIA_CREATE, kind, count=FOREVER)
    with pytest.raises(error):
        await client.create_clip(
            estate.root.subscription_id, camera.id, NOON - HOUR, NOON, "n"
        )
    assert cloud.stats.count(Endpoint.MEDIA_CREATE) == 1


async def test_an_answer_that_takes_too_long_is_given_up(
    client: AmnimoClient,
    cloud: SimulatedCloud,
    estate: Estate,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    subscription_id = estate.root.subscription_id
    camera = next(iter(estate.root.cameras.values()))
    await client.tokens.get()
    short = aiohttp.ClientTimeout(total=0.05)
    monkeypatch.setattr(client_module, "_TIMEOUT", short)
    monkeypatch.setattr(client_module, "_START_TIMEOUT", short)
    for endpoint in (Endpoint.CAMERAS, Endpoint.MEDIA_CREATE, Endpoint.STREAM_START):
        cloud.faults.add(endpoint, FaultKind.DELAY, count=FOREVER, seconds=0.5)

    for call in (
        client.cameras(subscription_id),
        client.create_snapshot(subscription_id, camera.id, NOON, "n"),
        client.start_stream(subscription_id, camera.id),
    ):
        with pytest.raises(AmnimoConnectionError) as caught:
            await call
        assert caught.value.sent

    assert client.requests["cameras"] == {"error": 3}
    assert client.requests["media_create"] == {"error": 1}
    assert client.requests["stream_start"] == {"error": 1}


async def test_a_service_that_is_away_is_told_from_one_that_failed(
    client: AmnimoClient, cloud: SimulatedCloud, estate: Estate
) -> None:
    """What was never sent can be sent again, whatever it is."""
    subscription_id = estate.root.subscription_id
    camera = next(iter(estate.root.cameras.values()))
    await client.tokens.get()
    await cloud.stop()

    for call in (
        client.cameras(subscription_id),
        client.create_snapshot(subscription_id, camera.id, NOON, "n"),
    ):
        with pytest.raises(AmnimoConnectionError) as caught:
            await call
        assert not caught.value.sent

    assert client.requests["cameras"] == {"error": 3}
    assert client.requests["media_create"] == {"error": 3}


async def test_a_service_that_comes_back_is_used_again(
    client: AmnimoClient, cloud: SimulatedCloud, estate: Estate
) -> None:
    subscription_id = estate.root.subscription_id
    camera = next(iter(estate.root.cameras.values()))
    await client.cameras(subscription_id)
    await cloud.stop()
    await cloud.start()
    await client.create_snapshot(subscription_id, camera.id, NOON, "n")
    assert cloud.stats.count(Endpoint.MEDIA_CREATE, 200) == 1
    assert cloud.stats.tokens_issued == 1


@pytest.mark.parametrize(
    "api_url", ["http://127.0.0.1:1/ex", "not an address", "http://"]
)
async def test_a_wrong_address_is_a_connection_that_can_not_be_made(
    session: aiohttp.ClientSession, throttle: Throttle, impatient: None, api_url: str
) -> None:
    client = AmnimoClient(
        session, "client-id", "client-secret", api_url=api_url, throttle=throttle
    )
    with pytest.raises(AmnimoConnectionError) as caught:
        await client.hierarchy("a1")
    assert not caught.value.sent


async def test_a_cancelled_request_is_no_error_of_the_service(
    client: AmnimoClient, cloud: SimulatedCloud, estate: Estate
) -> None:
    await client.tokens.get()
    cloud.faults.add(Endpoint.CAMERAS, FaultKind.DELAY, seconds=5)
    request = asyncio.create_task(client.cameras(estate.root.subscription_id))
    await asyncio.sleep(0.05)
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    assert "cameras" not in client.requests


# --- Access tokens -------------------------------------------------------------------------


async def test_all_requests_share_one_token(
    client: AmnimoClient, cloud: SimulatedCloud, estate: Estate
) -> None:
    await asyncio.gather(
        *(client.cameras(estate.root.subscription_id) for _ in range(100))
    )
    assert cloud.stats.tokens_issued == 1


async def test_a_token_that_the_service_forgot_is_replaced_once(
    client: AmnimoClient, cloud: SimulatedCloud, estate: Estate, clock: ClientClock
) -> None:
    await client.tokens.get()
    cloud.tokens.revoke_all()
    clock.advance(61)

    found = await asyncio.gather(
        *(client.cameras(estate.root.subscription_id) for _ in range(100))
    )

    assert {len(cameras) for cameras in found} == {len(estate.root.cameras)}
    assert cloud.stats.tokens_issued == 2


async def test_what_creates_is_sent_again_with_a_new_token(
    client: AmnimoClient, cloud: SimulatedCloud, estate: Estate, clock: ClientClock
) -> None:
    """A refused request was not carried out."""
    camera = next(iter(estate.root.cameras.values()))
    await client.tokens.get()
    cloud.tokens.revoke_all()
    clock.advance(61)
    await client.create_snapshot(estate.root.subscription_id, camera.id, NOON, "n")
    assert cloud.stats.count(Endpoint.MEDIA_CREATE, 200) == 1
    assert cloud.stats.count(Endpoint.MEDIA_CREATE, 403) == 1


async def test_a_token_that_ran_out_is_renewed_without_a_refusal(
    client: AmnimoClient, cloud: SimulatedCloud, estate: Estate, clock: ClientClock
) -> None:
    await client.cameras(estate.root.subscription_id)
    cloud.clock.advance(7200)
    clock.advance(7200)
    await client.cameras(estate.root.subscription_id)
    assert cloud.stats.tokens_issued == 2
    assert cloud.stats.count(Endpoint.CAMERAS, 403) == 0


async def test_somebody_elses_things_cost_one_token_and_no_more(
    client: AmnimoClient, cloud: SimulatedCloud, estate: Estate, clock: ClientClock
) -> None:
    foreign = cloud.neighbour.accounts[0].subscription_id
    await client.tokens.get()
    clock.advance(61)
    for _ in range(10):
        with pytest.raises(AmnimoPermissionError):
            await client.cameras(foreign)
        # All else goes on.
        await client.cameras(estate.root.subscription_id)
        clock.advance(600)
    assert cloud.stats.tokens_issued == 2


async def test_many_forbidden_things_at_a_time_cost_one_token(
    client: AmnimoClient, cloud: SimulatedCloud, clock: ClientClock
) -> None:
    foreign = cloud.neighbour.accounts[0].subscription_id
    await client.tokens.get()
    clock.advance(61)
    results = await asyncio.gather(
        *(
            client.camera(foreign, f"{n:08x}-0000-4000-8000-000000000000")
            for n in range(50)
        ),
        return_exceptions=True,
    )
    assert all(isinstance(result, AmnimoPermissionError) for result in results)
    assert cloud.stats.tokens_issued == 2

    # That was one useless renewal, not fifty: after 10 minutes one may be tried again.
    clock.advance(601)
    with pytest.raises(AmnimoPermissionError):
        await client.hierarchy(cloud.neighbour.accounts[0].account_id)
    assert cloud.stats.tokens_issued == 3


async def test_a_permission_that_is_given_later_is_noticed(
    client: AmnimoClient, cloud: SimulatedCloud, clock: ClientClock
) -> None:
    neighbour = cloud.neighbour.accounts[0]
    await client.tokens.get()
    clock.advance(61)
    with pytest.raises(AmnimoPermissionError):
        await client.cameras(neighbour.subscription_id)
    cloud.client.accounts.append(neighbour)
    assert len(await client.cameras(neighbour.subscription_id)) == 1

    # From then on a refusal may mean a stale token again.
    clock.advance(601)
    cloud.tokens.revoke_all()
    assert len(await client.cameras(neighbour.subscription_id)) == 1


async def test_a_young_token_is_believed(
    client: AmnimoClient, cloud: SimulatedCloud
) -> None:
    with pytest.raises(AmnimoPermissionError):
        await client.cameras(cloud.neighbour.accounts[0].subscription_id)
    assert cloud.stats.tokens_issued == 1
    assert cloud.stats.count(Endpoint.CAMERAS) == 1


async def test_a_wrong_secret_is_asked_about_once(
    cloud: SimulatedCloud, session: aiohttp.ClientSession, throttle: Throttle
) -> None:
    client = AmnimoClient(
        session, cloud.client_id, "wrong", api_url=cloud.url, throttle=throttle
    )
    for _ in range(5):
        with pytest.raises(AmnimoAuthError):
            await client.hierarchy(cloud.account_id)
    assert cloud.stats.count(Endpoint.TOKEN) == 1

    # What was wrong may be right by now, but is not tried before somebody says so.
    cloud.client.secret = "wrong"
    with pytest.raises(AmnimoAuthError):
        await client.hierarchy(cloud.account_id)
    assert cloud.stats.count(Endpoint.TOKEN) == 1

    client.tokens.forget_refusal()
    await client.hierarchy(cloud.account_id)
    assert cloud.stats.count(Endpoint.TOKEN) == 2


@pytest.mark.parametrize(
    ("reply", "error", "requests"),
    [
        (Reply(status=400), AmnimoAuthError, 1),
        (Reply(status=401), AmnimoAuthError, 1),
        (Reply(status=403), AmnimoAuthError, 1),
        (Reply(status=404), AmnimoNotFoundError, 1),
        (Reply(status=429), AmnimoRateLimitedError, 3),
        (
            Reply(status=429, headers={"Retry-After": "86400"}),
            AmnimoQuotaExhaustedError,
            1,
        ),
        (Reply(status=500), AmnimoResponseError, 1),
        (Reply(b"<html>"), AmnimoResponseError, 1),
        (Reply(b"{}"), AmnimoResponseError, 1),
        (Reply(b'{"access_token": null}'), AmnimoResponseError, 1),
    ],
)
async def test_no_token_no_request(
    service: ScriptedService,
    session: aiohttp.ClientSession,
    reply: Reply,
    error: type[AmnimoError],
    requests: int,
) -> None:
    """However many want one, the service is not asked again and again."""
    service.answers_for_token(reply)
    client = AmnimoClient(
        session, "id", "secret", api_url=service.url, throttle=ListeningThrottle()
    )
    for _ in range(3):
        results = await asyncio.gather(
            *(client.ports("s1", "d1") for _ in range(20)), return_exceptions=True
        )
        assert {type(result) for result in results} == {error}
    assert len(service.token_requests) == requests
    assert service.requests == []


async def test_closing_a_client_ends_its_call_for_a_token(
    cloud: SimulatedCloud, session: aiohttp.ClientSession
) -> None:
    cloud.faults.add(Endpoint.TOKEN, FaultKind.DELAY, seconds=5)
    client = AmnimoClient(session, "id", "secret", api_url=cloud.url)
    request = asyncio.create_task(client.hierarchy("a1"))
    await asyncio.sleep(0.05)
    await client.close()
    with pytest.raises(AmnimoConnectionError):
        await request


# --- What is said --------------------------------------------------------------------------


SECRETS = (
    TOKEN,
    "client-secret",
    "127.0.0.1",
    "http://",
    "https://",
    "r-secret",
    "signature",
)


def said(err: BaseException | None) -> str:
    """Return all that a log could show of an error and of what led to it."""
    texts: list[str] = []
    while err is not None:
        texts += [str(err), repr(err), str(vars(err))]
        err = err.__cause__ or err.__context__
    return "\n".join(texts)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=status, body=b'{"url": "https://x.example/?signature=1"}')
        for status in (302, 400, 403, 404, 429, 500)
    ]
    + [
        Reply(b'{"url": "https://x.example/?signature=1"'),
        Reply(b'{"other": "https-less"}'),
    ],
)
async def test_errors_tell_no_secrets_and_no_addresses(
    scripted: AmnimoClient, service: ScriptedService, reply: Reply
) -> None:
    service.answers(reply)
    for call in (
        scripted.start_stream("s1", "c1"),
        scripted.media("s1", "m1"),
        scripted.hierarchy("a1"),
    ):
        with pytest.raises(AmnimoError) as caught:
            await call
        for secret in SECRETS:
            assert secret not in said(caught.value)


async def test_connection_errors_tell_no_secrets_and_no_addresses(
    scripted: AmnimoClient,
    service: ScriptedService,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await scripted.tokens.get()
    monkeypatch.setattr(client_module, "_TIMEOUT", aiohttp.ClientTimeout(total=1e-5))
    errors: list[BaseException] = []
    with pytest.raises(AmnimoConnectionError) as caught:
        await scripted.update_stream("s1", "c1", "r-secret")
    errors.append(caught.value)
    monkeypatch.setattr(client_module, "_TIMEOUT", aiohttp.ClientTimeout(connect=1e-5))
    with pytest.raises(AmnimoConnectionError) as caught:
        await scripted.update_stream("s1", "c1", "r-secret")
    errors.append(caught.value)
    for err in errors:
        assert err.__cause__ is None
        assert err.__context__ is None
        for secret in SECRETS:
            assert secret not in said(err)


async def test_logs_tell_no_secrets_and_no_addresses(
    scripted: AmnimoClient, service: ScriptedService, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    url = "https://video.example/1.m3u8?signature=1"
    service.answers(
        {"requestId": "r-secret", "url": url},
        Reply(status=500),
        Reply(b"<html>signature"),
        {"id": "m1", "meta": {"url": url}},
    )
    await scripted.start_stream("s1", "c1")
    await scripted.media("s1", "m1")
    with pytest.raises(AmnimoResponseError):
        await scripted.hierarchy("a1")

    ours = [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("custom_components.amnimo")
    ]
    assert ours
    for secret in SECRETS:
        assert secret not in "\n".join(ours)


async def test_the_client_shows_nothing_of_itself(scripted: AmnimoClient) -> None:
    await scripted.tokens.get()
    shown: list[Any] = [scripted, scripted.tokens, scripted.tokens.current]
    for secret in SECRETS:
        assert secret not in repr(shown)


async def test_a_busy_cloud_is_never_asked_too_often(
    cloud_options: CloudOptions, session: aiohttp.ClientSession
) -> None:
    """Over real sockets, with the limits of both sides twice as wide."""
    faster = 2
    loop = asyncio.get_running_loop()
    options = replace(cloud_options, monotonic=lambda: loop.time() * faster)
    async with SimulatedCloud(options) as cloud:
        client = AmnimoClient(
            session,
            cloud.client_id,
            cloud.client_secret,
            api_url=cloud.url,
            throttle=Throttle(rate=RATE * faster),
        )
        await asyncio.gather(
            *(
                client.hierarchy(cloud.account_id, lane=lane)
                for lane in (Lane.POLL, Lane.LIVE, Lane.USER) * 13
            )
        )
        assert cloud.stats.refused == 0
        assert cloud.stats.count(Endpoint.HIERARCHY, 200) == 39


async def test_a_client_without_manners_would_be_refused(
    cloud_options: CloudOptions, session: aiohttp.ClientSession
) -> None:
    """What keeps the cloud content in the test before is the throttle."""
    async with SimulatedCloud(replace(cloud_options, monotonic=None)) as cloud:
        client = AmnimoClient(
            session,
            cloud.client_id,
            cloud.client_secret,
            api_url=cloud.url,
            throttle=ListeningThrottle(),
        )
        results = await asyncio.gather(
            *(client.hierarchy(cloud.account_id) for _ in range(100)),
            return_exceptions=True,
        )
        assert cloud.stats.refused > 0
        assert any(isinstance(each, AmnimoRateLimitedError) for each in results)
