"""One stream at the service, from its start to its stop, as the cloud counts it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from custom_components.amnimo.api import (
    AmnimoClient,
    AmnimoConnectionError,
    AmnimoNotFoundError,
    Stream,
)
from custom_components.amnimo.live.keep_alive import KeepAlivePeriods
from custom_components.amnimo.live.session import SessionEnd, Upstream, UpstreamSession
from custom_components.amnimo.live.timing import Timing
from homeassistant.core import CoreState, HomeAssistant
from tests.cloud import FOREVER, SimulatedCloud
from tests.cloud.world import Camera

from .waiting import until

QUICK = replace(Timing(), extend_share=0.01, extend_retry=0.1, stop=3.0)


@pytest.fixture
def upstream(camera: Camera, locate: Callable[[str], str | None]) -> Upstream:
    """Return what to start."""
    subscription_id = locate(camera.id)
    assert subscription_id is not None
    return Upstream(subscription_id, camera.id, KeepAlivePeriods(20).take())


class Ended:
    """Waits for a session to say that it is of no more use."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def __call__(self) -> None:
        """Be told."""
        self._event.set()

    async def wait(self) -> None:
        """Wait until told."""
        async with asyncio.timeout(10):
            await self._event.wait()


async def test_a_stream_is_started_extended_and_stopped(
    cloud: SimulatedCloud, client: AmnimoClient, upstream: Upstream
) -> None:
    ended = Ended()
    session = await UpstreamSession.start(client, upstream, QUICK, ended)
    assert cloud.stats.live_sessions == 1
    async with asyncio.timeout(10):
        while cloud.stats.keep_alive_updates < 3:
            await asyncio.sleep(0.05)
    await session.close()
    assert session.extensions >= 2
    assert session.end_reason is None
    assert (cloud.stats.streams_started, cloud.stats.stops) == (1, 1)
    assert cloud.stats.live_sessions == 0


async def test_an_extension_comes_in_time(
    cloud: SimulatedCloud, client: AmnimoClient, upstream: Upstream
) -> None:
    """Half of the period may pass at most: the other half is for tries."""
    assert Timing().extend_share <= 0.5
    session = await UpstreamSession.start(client, upstream, QUICK, lambda: None)
    cloud.clock.advance(upstream.period.seconds - 1)
    async with asyncio.timeout(10):
        while not cloud.stats.keep_alive_updates:
            await asyncio.sleep(0.02)
    cloud.clock.advance(upstream.period.seconds - 1)
    assert cloud.stats.live_sessions == 1
    await session.close()


async def test_a_refused_start_starts_nothing(
    cloud: SimulatedCloud, client: AmnimoClient, upstream: Upstream, camera: Camera
) -> None:
    camera.online = False
    with pytest.raises(AmnimoNotFoundError):
        await UpstreamSession.start(client, upstream, QUICK, lambda: None)
    assert cloud.stats.streams_started == 0
    assert cloud.stats.count("stream_start") == 1


@pytest.fixture
async def starting(
    cloud: SimulatedCloud, client: AmnimoClient, upstream: Upstream
) -> AsyncIterator[asyncio.Task[UpstreamSession]]:
    """Return a start that the service has been asked for and takes half a second over."""
    cloud.faults.add("stream_start", "delay", seconds=0.5)
    starting = asyncio.create_task(
        UpstreamSession.start(client, upstream, QUICK, lambda: None)
    )
    await until(lambda: not cloud.faults.waiting())
    yield starting
    starting.cancel()


async def test_a_start_that_is_withdrawn_half_way_is_stopped_once_it_is_answered(
    cloud: SimulatedCloud, starting: asyncio.Task[UpstreamSession]
) -> None:
    starting.cancel()
    # Nobody is held up.
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert cloud.stats.count("stream_start") == 0
    await until(lambda: cloud.stats.stops == 1)
    assert cloud.stats.streams_started == 1
    assert cloud.stats.live_sessions == 0


async def test_a_start_is_waited_for_longer_than_a_stop(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    client: AmnimoClient,
    upstream: Upstream,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However long the service takes: the client's time limit is the only one."""
    answer: asyncio.Future[Stream] = hass.loop.create_future()

    async def start_slowly(*args: str, **kwargs: int) -> Stream:
        return await answer

    monkeypatch.setattr(client, "start_stream", start_slowly)
    timing = replace(QUICK, stop=1.0)
    starting = asyncio.create_task(
        UpstreamSession.start(client, upstream, timing, lambda: None)
    )
    await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    await asyncio.sleep(1.1)
    answer.set_result(Stream(url=cloud.url, request_id="late"))
    await until(lambda: cloud.stats.count("stream_stop") == 1)


async def test_a_start_that_is_withdrawn_and_refused_leaves_nothing_to_stop(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
    starting: asyncio.Task[UpstreamSession],
) -> None:
    camera.online = False
    starting.cancel()
    await until(lambda: cloud.stats.count("stream_start") == 1)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert cloud.stats.count("stream_stop") == 0


async def test_the_end_of_home_assistant_waits_a_moment_for_a_start(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    starting: asyncio.Task[UpstreamSession],
) -> None:
    """Of somebody who has just left."""
    starting.cancel()
    await asyncio.wait([starting])
    await hass.async_stop(force=True)
    assert (cloud.stats.streams_started, cloud.stats.stops) == (1, 1)


async def test_a_start_that_the_end_of_home_assistant_withdraws_is_stopped(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    starting: asyncio.Task[UpstreamSession],
) -> None:
    hass.set_state(CoreState.stopping)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert (cloud.stats.streams_started, cloud.stats.stops) == (1, 1)


async def test_a_start_without_an_answer_does_not_hold_up_the_end_of_home_assistant(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    client: AmnimoClient,
    upstream: Upstream,
) -> None:
    cloud.faults.add("stream_start", "delay", seconds=60)
    timing = replace(QUICK, stop=0.1)
    starting = asyncio.create_task(
        UpstreamSession.start(client, upstream, timing, lambda: None)
    )
    await until(lambda: not cloud.faults.waiting())
    starting.cancel()
    async with asyncio.timeout(5):
        await asyncio.wait([starting])
        await hass.async_stop(force=True)
    assert cloud.stats.streams_started == 0


async def test_a_start_of_which_the_answer_is_lost_is_not_asked_for_again(
    cloud: SimulatedCloud, client: AmnimoClient, upstream: Upstream
) -> None:
    """Nobody knows what to stop, so it runs out; another start would run beside it."""
    cloud.faults.add("stream_start", "truncated")
    with pytest.raises(AmnimoConnectionError) as caught:
        await UpstreamSession.start(client, upstream, QUICK, lambda: None)
    assert caught.value.sent
    assert (cloud.stats.streams_started, cloud.stats.count("stream_start")) == (1, 1)
    cloud.clock.advance(upstream.period.seconds)
    assert cloud.stats.live_sessions == 0


async def test_a_stop_is_sent_even_while_everything_is_cancelled(
    cloud: SimulatedCloud, client: AmnimoClient, upstream: Upstream
) -> None:
    cloud.faults.add("stream_stop", "delay", seconds=0.3)
    session = await UpstreamSession.start(client, upstream, QUICK, lambda: None)
    closing = asyncio.create_task(session.close())
    await asyncio.sleep(0.1)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert cloud.stats.stops == 1


async def test_a_stop_that_fails_harms_nobody(
    cloud: SimulatedCloud, client: AmnimoClient, upstream: Upstream
) -> None:
    cloud.faults.add("stream_stop", "status", count=FOREVER, status=500)
    session = await UpstreamSession.start(client, upstream, QUICK, lambda: None)
    await session.close()
    assert cloud.stats.count("stream_stop", 500) > 0


async def test_a_stop_that_is_never_answered_is_not_waited_for_for_ever(
    cloud: SimulatedCloud, client: AmnimoClient, upstream: Upstream
) -> None:
    cloud.faults.add("stream_stop", "delay", count=FOREVER, seconds=30)
    timing = replace(QUICK, stop=0.2)
    session = await UpstreamSession.start(client, upstream, timing, lambda: None)
    async with asyncio.timeout(5):
        await session.close()


async def test_a_refused_extension_ends_the_session(
    cloud: SimulatedCloud, client: AmnimoClient, upstream: Upstream
) -> None:
    ended = Ended()
    session = await UpstreamSession.start(client, upstream, QUICK, ended)
    for each in cloud.stats.sessions.open():
        each.stop(cloud.clock.now())
    await ended.wait()
    assert session.end_reason is SessionEnd.EXTENSION_REFUSED
    await session.close()


async def test_an_extension_that_makes_no_sense_to_the_service_ends_the_session(
    cloud: SimulatedCloud, client: AmnimoClient, upstream: Upstream
) -> None:
    ended = Ended()
    cloud.faults.add("stream_update", "status", count=FOREVER, status=409)
    session = await UpstreamSession.start(client, upstream, QUICK, ended)
    await ended.wait()
    assert session.end_reason is SessionEnd.EXTENSION_REFUSED
    await session.close()
    assert cloud.stats.live_sessions == 0


@pytest.mark.parametrize(
    ("kind", "status"), [("status", 503), ("drop", 0), ("html", 0)]
)
async def test_an_extension_that_does_not_get_through_is_tried_again(
    cloud: SimulatedCloud,
    client: AmnimoClient,
    upstream: Upstream,
    kind: str,
    status: int,
) -> None:
    cloud.faults.add("stream_update", kind, count=4, status=status or 503)
    session = await UpstreamSession.start(client, upstream, QUICK, lambda: None)
    async with asyncio.timeout(15):
        while not cloud.stats.keep_alive_updates:
            await asyncio.sleep(0.05)
    assert session.end_reason is None
    await session.close()


async def test_a_stream_that_can_not_be_extended_says_so_before_its_end(
    cloud: SimulatedCloud,
    client: AmnimoClient,
    upstream: Upstream,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start_stream = client.start_stream

    async def start_nameless(*args: str, **kwargs: int):  # type: ignore[no-untyped-def]
        return replace(await start_stream(*args, **kwargs), request_id=None)

    monkeypatch.setattr(client, "start_stream", start_nameless)
    ended = Ended()
    # The service's shortest period; of that, a part is asked for that can be waited for.
    short = replace(upstream, period=KeepAlivePeriods(10).take())
    timing = replace(QUICK, expiring_share=0.02)
    session = await UpstreamSession.start(client, short, timing, ended)
    await ended.wait()
    assert session.end_reason is SessionEnd.EXPIRING
    assert cloud.stats.live_sessions == 1
    await session.close()
    assert cloud.stats.count("stream_stop") == 0
    assert cloud.stats.count("stream_update") == 0
