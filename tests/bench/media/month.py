"""How long it takes to open a camera's clips in the media browser, 10,000 of the last month.

A real Home Assistant and the simulated cloud, each in a process of its own; the folders are
opened as the frontend opens them. Beside each the same listings are read by aiohttp alone.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import time
from typing import Any, Final

import aiohttp

from custom_components.amnimo.media_source.listings import MEDIA_PAGE
from tests.bench.comparison import Finding, median
from tests.bench.household import Household
from tests.bench.report import Cell, Result, Table
from tests.demo.api import HomeAssistantApi
from tests.demo.errors import DemoError
from tests.demo.talk import say
from tests.demo.visitor import PASSWORD, USERNAME

_CLIPS: Final = 10_000
_DAYS: Final = 29
_LEVELS: Final = 12
_QUICK_LEVELS: Final = 4
# As long as the service needs to allow again what a turn asks for, twice over.
_PAUSE: Final = 2.5
_PING: Final = 0.002
_SOUGHT: Final = "clip 77"
_SEARCHED: Final = 1000
_THUMBNAILS: Final = 100
_NEAR: Final = timedelta(seconds=90)
_MOST_REQUESTS: Final = 3.0
_MOST_SECONDS: Final = 1.0


@dataclass(slots=True)
class _Samples:
    """What was measured, of each turn."""

    bare_page: list[float] = field(default_factory=list)
    """Seconds of the listing of the clips alone."""
    bare: list[float] = field(default_factory=list)
    """Seconds of all listings of a level."""
    first: list[float] = field(default_factory=list)
    """Seconds of a level that nobody has opened lately."""
    again: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    """Seconds that somebody else had to wait at most while a level was opened."""
    idle_waits: list[float] = field(default_factory=list)
    """The same while nothing was."""
    bare_search: list[float] = field(default_factory=list)
    """Seconds of the listing that a search looks through."""
    search: list[float] = field(default_factory=list)
    search_again: list[float] = field(default_factory=list)
    search_waits: list[float] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)
    requests_again: list[int] = field(default_factory=list)


async def run(house: Household, *, quick: bool) -> Result:
    """Open level by level, each beside the bare listings."""
    levels = _QUICK_LEVELS if quick else _LEVELS
    say(f"bench: a month with {_CLIPS} clips, {levels} levels of it …")
    camera = next(
        camera
        for camera in house.world["cameras"]
        if camera["online"] and camera["recording"]
    )
    await house.cloud.change_world(
        "add_clips",
        camera_id=camera["id"],
        count=_CLIPS,
        every_seconds=_DAYS * 86_400 / _CLIPS,
    )
    samples = _Samples()
    async with aiohttp.ClientSession() as http, _second_user(house) as other:
        bare = await _Bare.sign_in(house, http, camera)
        await bare.level(0)
        top = _camera_folder(house, camera)
        folder = f"{top}/clips"
        for number in range(levels):
            await asyncio.sleep(_PAUSE)
            samples.idle_waits.append(await _longest_wait(other, asyncio.sleep(0.1)))
            await _turn(house, other, bare, samples, number, folder)
            folder = f"{top}/clips/page:{number + 2}"
        # In each of these folders something else is looked through.
        for within in (f"{top}/clips", top, top.rpartition("/")[0]):
            await _search_turn(house, other, bare, samples, within)
    return _result(samples, quick=quick)


async def _turn(
    house: Household,
    other: HomeAssistantApi,
    bare: _Bare,
    samples: _Samples,
    number: int,
    folder: str,
) -> None:
    """Open a level for the first time, and again; the bare listings go before it."""
    page, whole = await bare.level(number)
    samples.bare_page.append(page)
    samples.bare.append(whole)

    async def first() -> None:
        samples.first.append(await _timed(lambda: _open(house, folder)))

    before = await _requests(house)
    samples.waits.append(await _longest_wait(other, first()))
    after = await _requests(house)
    samples.again.append(await _timed(lambda: _open(house, folder)))
    samples.requests.append(after - before)
    samples.requests_again.append(await _requests(house) - after)


async def _search_turn(
    house: Household,
    other: HomeAssistantApi,
    bare: _Bare,
    samples: _Samples,
    folder: str,
) -> None:
    """Search for a clip by its name, and again; the bare listing goes before it."""
    samples.bare_search.append(await _timed(bare.newest))

    async def first() -> None:
        samples.search.append(await _timed(lambda: _search(house, folder)))

    samples.search_waits.append(await _longest_wait(other, first()))
    samples.search_again.append(await _timed(lambda: _search(house, folder)))


async def _search(house: Household, folder: str) -> None:
    found = await house.api.command(
        "media_source/search_media", media_content_id=folder, search_query=_SOUGHT
    )
    if not found["result"]:
        raise DemoError(f"no clip in {folder} is called {_SOUGHT}")


async def _open(house: Household, folder: str) -> None:
    opened = await house.api.command(
        "media_source/browse_media", media_content_id=folder
    )
    clips = [each for each in opened["children"] if each["can_play"]]
    # Some were asked for of times that were not recorded.
    if len(clips) + opened["not_shown"] != MEDIA_PAGE:
        raise DemoError(f"{len(clips)} clips in {folder}")


async def _timed(do: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await do()
    return time.perf_counter() - began


async def _longest_wait(other: HomeAssistantApi, doing: Awaitable[None]) -> float:
    """Return how long an answer took at most that somebody else wanted meanwhile."""
    task = asyncio.ensure_future(doing)
    longest = 0.0
    while not task.done():
        began = time.perf_counter()
        await other.command("auth/current_user")
        longest = max(longest, time.perf_counter() - began)
        await asyncio.sleep(_PING)
    await task
    return longest


@asynccontextmanager
async def _second_user(house: Household) -> AsyncIterator[HomeAssistantApi]:
    """Have a connection beside the one that opens folders."""
    async with HomeAssistantApi(house.api.url) as api:
        await api.log_in(USERNAME, PASSWORD)
        await api.connect()
        yield api


async def _requests(house: Household) -> int:
    """Count what browsing may ask for: the cameras are listed each minute anyway."""
    requests = (await house.cloud.stats())["requests"]
    return sum(
        sum(requests.get(endpoint, {}).values())
        for endpoint in ("camera_medias", "medias", "thumbnails", "media_get")
    )


def _camera_folder(house: Household, camera: dict[str, Any]) -> str:
    account = house.cloud.credentials.account_id.lower()
    return f"media-source://amnimo/{account}/{camera['id']}"


@dataclass(frozen=True, slots=True)
class _Bare:
    """The service's listings, read by aiohttp alone."""

    http: aiohttp.ClientSession
    camera: str
    """URL of the camera's resources."""
    headers: dict[str, str] = field(repr=False)

    @classmethod
    async def sign_in(
        cls, house: Household, http: aiohttp.ClientSession, camera: dict[str, Any]
    ) -> _Bare:
        """Get an access token."""
        known = house.cloud.credentials
        secret = aiohttp.encode_basic_auth(known.client_id, known.client_secret)
        async with http.post(
            f"{known.url}/oauth2/token",
            data={"grant_type": "client_credentials"},
            headers={"Authorization": secret},
        ) as response:
            response.raise_for_status()
            token = (await response.json())["access_token"]
        return cls(
            http,
            f"{known.url}/partitions/{camera['subscription_id']}/cameras/{camera['id']}",
            {"Authorization": f"Bearer {token}"},
        )

    async def level(self, number: int) -> tuple[float, float]:
        """Read what a level needs; return the seconds of its clips, and of all."""
        began = time.perf_counter()
        content = {
            "categories": ["CLIP"],
            "pageNumber": number,
            "pageSize": MEDIA_PAGE,
        }
        async with self.http.post(
            f"{self.camera}/medias", json=content, headers=self.headers
        ) as response:
            response.raise_for_status()
            clips = await response.json()
        page = time.perf_counter() - began
        end = _moment(clips[0]["startTime"]) + _NEAR
        for _ in range(2):
            end = await self._thumbnails(end)
        return page, time.perf_counter() - began

    async def newest(self) -> None:
        """Read what a search looks through."""
        content = {"categories": ["CLIP"], "pageNumber": 0, "pageSize": _SEARCHED}
        async with self.http.post(
            f"{self.camera}/medias", json=content, headers=self.headers
        ) as response:
            response.raise_for_status()
            await response.json()

    async def _thumbnails(self, end: datetime) -> datetime:
        """Read 100 thumbnails before a moment; return the oldest one's time."""
        params = {
            "endTime": end.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "limit": str(_THUMBNAILS),
        }
        async with self.http.get(
            f"{self.camera}/thumbnails", params=params, headers=self.headers
        ) as response:
            response.raise_for_status()
            found = (await response.json())["thumbnails"]
        return min(_moment(each["timestamp"]) for each in found)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _result(samples: _Samples, *, quick: bool) -> Result:
    first, bare = median(samples.first), median(samples.bare)
    rows: list[tuple[Cell, ...]] = [
        ("its clips listed, aiohttp alone", _ms(samples.bare_page), 1.0),
        ("all listings of it, aiohttp alone", _ms(samples.bare), 3.0),
        ("opened first", _ms(samples.first), median([*map(float, samples.requests)])),
        (
            "opened again",
            _ms(samples.again),
            median([*map(float, samples.requests_again)]),
        ),
    ]
    rows += [
        ("its 1,000 newest listed, aiohttp alone", _ms(samples.bare_search), 1.0),
        ("searched first", _ms(samples.search), 1.0),
        ("searched again", _ms(samples.search_again), 0.0),
    ]
    waits: list[tuple[Cell, ...]] = [
        ("nothing is opened", _ms(samples.idle_waits), _most_ms(samples.idle_waits)),
        ("a level is opened", _ms(samples.waits), _most_ms(samples.waits)),
        (
            "1,000 are searched",
            _ms(samples.search_waits),
            _most_ms(samples.search_waits),
        ),
    ]
    return Result(
        "month",
        [
            Table(
                f"A level of {MEDIA_PAGE} of a camera's {_CLIPS} clips, medians of "
                f"{len(samples.first)} levels",
                ("level", "ms", "API requests"),
                rows,
                (
                    *(("Quick: fewer levels.",) if quick else ()),
                    "Opened by the command of the frontend, until its answer is here.",
                    "Opened again: what was listed is known, more of it gets pictures.",
                    "All listings: the clips, and twice 100 thumbnails for their pictures.",
                ),
            ),
            Table(
                "The longest wait of somebody else for an answer of Home Assistant",
                ("while", "ms, median", "most"),
                waits,
            ),
        ],
        findings=[
            Finding(
                "s to open a level of 10,000 clips",
                first,
                beside=bare,
                most=_MOST_SECONDS,
            ),
            Finding(
                "API requests of a level",
                float(max(*samples.requests, *samples.requests_again)),
                most=_MOST_REQUESTS,
            ),
        ],
        samples={
            "bare page": samples.bare_page,
            "bare": samples.bare,
            "first": samples.first,
            "again": samples.again,
            "waits": samples.waits,
            "search": samples.search,
        },
    )


def _ms(samples: list[float]) -> float | None:
    middle = median(samples)
    return None if middle is None else 1000 * middle


def _most_ms(samples: list[float]) -> float:
    return 1000 * max(samples)
