"""Recordings played to one viewer, in the order in which they are asked for."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
import itertools
from typing import Protocol
from urllib.parse import urljoin

from aiohttp import web
from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.amnimo.live.relay import LiveRelay
from custom_components.amnimo.live.timing import Timing
from custom_components.amnimo.live.view import async_register_view
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from tests.cloud import CloudOptions, SimulatedCloud
from tests.cloud.world import Camera
from tests.demo.video import decode as decode_file
from tests.estate import Estate

from .footage import demux
from .viewer import decode
from .waiting import kill, until

# TS and fMP4, with and without a master playlist.
DIALECTS = ["default", "portal", "snake", "bare", "strings", "sparse"]


@pytest.fixture
def cloud_options() -> CloudOptions:
    """Return a cloud that plays a bit faster than life."""
    return CloudOptions(start_seconds=0, playback_pace=6)


@pytest.fixture
def timing() -> Timing:
    """Let a player be gone soon."""
    return replace(Timing(), playback_lease=2.0)


@dataclass(frozen=True)
class Recorded:
    """A camera, and a stretch of half an hour that the cloud holds."""

    camera: Camera
    start: datetime

    @property
    def epoch(self) -> float:
        """The start, in seconds."""
        return self.start.timestamp()


@pytest.fixture
def recorded(estate: Estate, cloud: SimulatedCloud) -> Recorded:
    """Return something recorded an hour ago."""
    begin = float(int(cloud.clock.now()) - 3600)
    for camera in estate.cameras.values():
        spans = camera.recorded_in_cloud(begin, begin + 1800)
        if [tuple(span) for span in spans] == [(begin, begin + 1800)]:
            return Recorded(camera, datetime.fromtimestamp(begin, UTC))
    raise AssertionError("no camera recorded without a gap")


class Player:
    """What fetches by paths of Home Assistant's own port."""

    def __init__(
        self, http: TestClient[web.Request, web.Application], path: str
    ) -> None:
        """Take the client and the path of the playlist."""
        self.http = http
        self.path = path
        self.lines: list[str] = []

    async def fetch(self, path: str) -> tuple[int, bytes]:
        """Return status and body."""
        async with self.http.get(path) as response:
            return response.status, await response.read()

    async def open(self) -> list[str]:
        """Return the names of the segments."""
        status, body = await self.fetch(self.path)
        assert status == HTTPStatus.OK, body
        self.lines = body.decode().splitlines()
        return [line for line in self.lines if not line.startswith("#")]

    @property
    def durations(self) -> list[float]:
        """The lengths of the segments, in seconds."""
        return [
            float(line.removeprefix("#EXTINF:").rstrip(","))
            for line in self.lines
            if line.startswith("#EXTINF:")
        ]

    async def segment(self, name: str) -> bytes:
        """Return a segment, after its initialization section where there is one."""
        init = b""
        for line in self.lines:
            if line.startswith("#EXT-X-MAP"):
                status, init = await self.fetch(urljoin(self.path, line.split('"')[1]))
                assert status == HTTPStatus.OK
        status, body = await self.fetch(urljoin(self.path, name))
        assert status == HTTPStatus.OK, body
        return init + body

    async def clock(self, name: str) -> float:
        """Return when the first picture of a segment was taken (epoch seconds)."""
        return decode_file(await self.segment(name)).clocks[0]


class Play(Protocol):
    """Plays a part of the recording."""

    def __call__(self, seconds: float, *, after: float = 0) -> Player:
        """Return a player of so many seconds, so many after the start."""
        ...


@pytest.fixture
async def play(
    hass: HomeAssistant,
    hass_client_no_auth: ClientSessionGenerator,
    relay: LiveRelay,
    recorded: Recorded,
) -> Play:
    """Return what plays the recording through Home Assistant's own port."""
    assert await async_setup_component(hass, "http", {})
    async_register_view(hass)
    http = await hass_client_no_auth()

    def begin(seconds: float, *, after: float = 0) -> Player:
        start = recorded.start + timedelta(seconds=after)
        path = relay.play(recorded.camera.id, start, start + timedelta(seconds=seconds))
        return Player(http, path)

    return begin


@pytest.mark.parametrize(
    "cloud_options",
    [
        CloudOptions(start_seconds=0, playback_pace=6, dialect=dialect)
        for dialect in DIALECTS
    ],
    ids=DIALECTS,
)
async def test_a_recording_plays_from_its_beginning_to_its_end(
    play: Play, recorded: Recorded, cloud: SimulatedCloud
) -> None:
    player = play(12.4)
    assert cloud.stats.streams_started == 0
    names = await player.open()
    assert sum(player.durations) == pytest.approx(12.4, abs=0.01)
    assert player.lines[-1] == "#EXT-X-ENDLIST"
    assert "#EXT-X-PLAYLIST-TYPE:VOD" in player.lines
    url = str(player.http.make_url(player.path))
    pictures = await decode(url, 124)
    assert len(pictures) >= 120
    clocks = [picture.clock for picture in pictures]
    assert clocks[0] == pytest.approx(recorded.epoch, abs=0.2)
    assert [b - a for a, b in itertools.pairwise(clocks)] == pytest.approx(
        [0.1] * (len(clocks) - 1), abs=0.06
    )
    times = [picture.seconds for picture in pictures]
    assert times == sorted(times)
    assert cloud.stats.streams_started == 1
    assert len(names) == len(player.durations)


async def test_any_part_can_be_looked_at(
    play: Play, recorded: Recorded, cloud: SimulatedCloud
) -> None:
    """Far ahead, back again, and a little on: each starts the service where it is needed."""
    player = play(1500)
    names = await player.open()
    assert len(names) == 1500
    assert await player.clock(names[0]) == pytest.approx(recorded.epoch, abs=0.2)
    assert cloud.stats.streams_started == 1
    assert await player.clock(names[1200]) == pytest.approx(
        recorded.epoch + 1200, abs=0.2
    )
    assert cloud.stats.streams_started == 2
    assert await player.clock(names[1203]) == pytest.approx(
        recorded.epoch + 1203, abs=0.2
    )
    assert cloud.stats.streams_started == 2
    assert await player.clock(names[600]) == pytest.approx(
        recorded.epoch + 600, abs=0.2
    )
    assert cloud.stats.streams_started == 3
    assert cloud.stats.stops == 2
    assert cloud.stats.live_sessions == 1


async def test_time_stamps_are_those_of_the_whole_wherever_it_is_looked_at(
    play: Play,
) -> None:
    player = play(600)
    names = await player.open()
    first, later, before = [
        demux(await player.segment(names[place]))[0].dts for place in (0, 300, 100)
    ]
    assert later - first == pytest.approx(300, abs=0.05)
    assert before - first == pytest.approx(100, abs=0.05)


async def test_the_service_stops_when_nobody_plays_any_more(
    play: Play, recorded: Recorded, cloud: SimulatedCloud, relay: LiveRelay
) -> None:
    player = play(600)
    names = await player.open()
    await player.segment(names[0])
    assert cloud.stats.live_sessions == 1
    await until(lambda: cloud.stats.stops == 1)
    assert cloud.stats.live_sessions == 0
    assert relay.diagnostics()["extensions_per_second"] == 0
    # A player that was paused goes on where it was.
    assert await player.clock(names[5]) == pytest.approx(recorded.epoch + 5, abs=0.2)
    assert cloud.stats.streams_started == 2


@pytest.mark.parametrize(
    "timing", [Timing(stall_least=0.3, stall_target_durations=0.3)]
)
async def test_a_player_that_takes_its_time_costs_no_other_start(
    play: Play, recorded: Recorded, cloud: SimulatedCloud
) -> None:
    """Those that have enough for now ask for one segment when one has been shown."""
    player = play(600)
    names = await player.open()
    place = 0
    for _ in range(3):
        assert await player.clock(names[place]) == pytest.approx(
            recorded.epoch + place, abs=0.2
        )
        await asyncio.sleep(0.6)
        place += 6
    assert cloud.stats.streams_started == 1


async def test_playing_goes_on_after_the_stream_has_died(
    play: Play, recorded: Recorded, cloud: SimulatedCloud
) -> None:
    player = play(600)
    names = await player.open()
    await player.segment(names[2])
    kill(cloud)
    statuses = []
    for _ in range(3):
        status, _body = await player.fetch(urljoin(player.path, names[3]))
        statuses.append(status)
        if status == HTTPStatus.OK:
            break
    assert statuses[-1] == HTTPStatus.OK
    assert await player.clock(names[4]) == pytest.approx(recorded.epoch + 4, abs=0.2)


async def test_a_recording_that_ends_before_it_was_said_to(
    play: Play, recorded: Recorded, cloud: SimulatedCloud
) -> None:
    """The player is not left hanging: the last picture stands still to the end."""
    recorded.camera.add_gap(recorded.epoch + 14.5, recorded.epoch + 60)
    player = play(18)
    names = await player.open()
    pictures = await decode(str(player.http.make_url(player.path)), 400)
    clocks = [picture.clock for picture in pictures]
    assert max(clocks) < recorded.epoch + 14.6
    assert pictures[-1].seconds == pytest.approx(17.5, abs=1.1)
    assert len(names) == 18


async def test_a_recording_that_is_all_there_at_once_is_as_long_as_it_is(
    play: Play, recorded: Recorded
) -> None:
    recorded.camera.add_gap(recorded.epoch + 4.5, recorded.epoch + 60)
    player = play(8)
    assert len(await player.open()) == 5
    assert sum(player.durations) == pytest.approx(4.5)


async def test_nothing_is_asked_of_a_recording_that_has_come_to_its_end(
    play: Play, recorded: Recorded, cloud: SimulatedCloud, relay: LiveRelay
) -> None:
    """Neither to go on nor to stop."""
    recorded.camera.add_gap(recorded.epoch + 4.5, recorded.epoch + 60)
    player = play(8)
    for name in await player.open():
        await player.segment(name)
    assert cloud.stats.live_sessions == 0
    assert relay.diagnostics()["extensions_per_second"] == 0
    await relay.async_close()
    assert cloud.stats.count("stream_update") == 0
    assert cloud.stats.count("stream_stop") == 0


@pytest.mark.parametrize("timing", [Timing(extend_share=0.005)])
async def test_what_can_not_go_on_for_it_is_gone_is_not_stopped(
    play: Play, cloud: SimulatedCloud, relay: LiveRelay
) -> None:
    player = play(600)
    await player.open()
    kill(cloud)
    await until(lambda: cloud.stats.count("stream_update", 404) == 1)
    await relay.async_close()
    assert cloud.stats.count("stream_update", 404) == 1
    assert cloud.stats.count("stream_stop") == 0


async def test_nothing_recorded_is_said(
    play: Play, recorded: Recorded, cloud: SimulatedCloud
) -> None:
    recorded.camera.add_gap(recorded.epoch - 10, recorded.epoch + 60)
    player = play(8)
    status, body = await player.fetch(player.path)
    assert (status, body) == (
        HTTPStatus.SERVICE_UNAVAILABLE,
        b"nothing is recorded at that time\n",
    )
    assert cloud.stats.live_sessions == 0


async def test_all_is_stopped_with_the_account(
    play: Play, cloud: SimulatedCloud, relay: LiveRelay
) -> None:
    player = play(600)
    names = await player.open()
    await relay.async_close()
    assert cloud.stats.live_sessions == 0
    for path in (player.path, urljoin(player.path, names[0])):
        status, _body = await player.fetch(path)
        assert status == HTTPStatus.NOT_FOUND


async def test_the_oldest_of_many_are_forgotten(play: Play, relay: LiveRelay) -> None:
    players = [play(600) for _ in range(60)]
    assert (await players[0].fetch(players[0].path))[0] == HTTPStatus.NOT_FOUND
    assert (await players[-1].fetch(players[-1].path))[0] == HTTPStatus.OK
    assert len({player.path for player in players}) == 60


async def test_tokens_and_names_lead_to_nothing_else(play: Play) -> None:
    player = play(60)
    names = await player.open()
    for path in (
        player.path.replace("playlist", "video"),
        urljoin(player.path, "r9999999999.ts"),
        urljoin(player.path, f"../{'0' * 40}/{names[0]}"),
    ):
        assert (await player.fetch(path))[0] == HTTPStatus.NOT_FOUND


async def test_what_was_seen_to_its_end_can_be_seen_again(
    play: Play, recorded: Recorded
) -> None:
    """Also where the service was asked for the end alone, and so never sent the beginning."""
    recorded.camera.add_gap(recorded.epoch + 58.5, recorded.epoch + 90)
    player = play(60)
    names = await player.open()
    await player.segment(names[56])
    await player.segment(names[59])
    for place in (5, 6, 57):
        seen = await player.clock(names[place])
        assert seen == pytest.approx(recorded.epoch + place, abs=0.2)


async def test_what_is_being_started_is_stopped_with_the_account(
    play: Play, cloud: SimulatedCloud, relay: LiveRelay
) -> None:
    cloud.faults.add("stream_start", "delay", seconds=0.5)
    player = play(600)
    opening = asyncio.create_task(player.fetch(player.path))
    await until(lambda: not cloud.faults.waiting())
    await relay.async_close()
    status, _body = await opening
    assert status == HTTPStatus.SERVICE_UNAVAILABLE
    assert (cloud.stats.streams_started, cloud.stats.live_sessions) == (1, 0)
    assert relay.diagnostics()["extensions_per_second"] == 0


async def test_a_player_that_leaves_while_it_waits_leaves_nothing_behind(
    play: Play, cloud: SimulatedCloud, relay: LiveRelay
) -> None:
    cloud.faults.add("stream_start", "delay", seconds=0.5)
    player = play(600)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await player.fetch(player.path)
    await until(lambda: cloud.stats.stops == 1)
    assert (cloud.stats.streams_started, cloud.stats.live_sessions) == (1, 0)
    assert relay.diagnostics()["extensions_per_second"] == 0
