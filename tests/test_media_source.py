"""The media browser: what is there, for whom, at which price, and that it plays."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from urllib.parse import urljoin

from freezegun.api import FrozenDateTimeFactory
from hypothesis import given, strategies as st
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.amnimo.media_source import AmnimoMediaSource, identifier as ids
from custom_components.amnimo.media_source.identifier import Identifier, Section
from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components.media_player import BrowseError, SearchMediaQuery
from homeassistant.components.media_source import (
    BrowseMediaSource,
    MediaSourceItem,
    PlayMedia,
    Unresolvable,
    async_browse_media,
    async_resolve_media,
)
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from .cloud import FOREVER, CloudOptions, MediaPace, SimulatedCloud
from .cloud.call import Call
from .cloud.media import Category
from .cloud.routes import medias
from .cloud.world import Camera, Storage
from .demo.video import decode
from .entities import entity_id
from .estate import Estate

JPEG = b"\xff\xd8\xff"
ROOT = "media-source://amnimo"
AT_ONCE = MediaPace(base_seconds=0, per_second=0)
HLS = "application/x-mpegURL"

type Json = dict[str, object]


# --- Identifiers -----------------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
DAYS = st.dates(date(1971, 1, 1), date(9000, 1, 1))
TIMES = st.integers(1, 10**14).map(
    lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
)
PAGES = st.builds(ids.Page, st.integers(2, 10**6))
MEDIA = st.builds(ids.MediaItem, TEXTS)
STRETCHES = st.builds(
    lambda start, length: ids.Stretch(start, start + timedelta(milliseconds=length)),
    TIMES,
    st.integers(1, 10**9),
)
PARTS = {
    None: st.none(),
    Section.LIVE: st.none(),
    Section.CLIPS: st.none() | PAGES | MEDIA,
    Section.SNAPSHOTS: st.none() | PAGES | MEDIA,
    Section.RECORDINGS: st.none()
    | st.builds(ids.Day, DAYS)
    | st.builds(ids.Earlier, DAYS)
    | st.builds(ids.Hour, TIMES)
    | STRETCHES,
    Section.THUMBNAILS: st.none()
    | st.builds(ids.Day, DAYS, st.none() | TIMES)
    | st.builds(ids.Earlier, DAYS)
    | st.builds(ids.Moment, TIMES),
}
OF_CAMERAS = st.sampled_from(list(PARTS)).flatmap(
    lambda section: st.builds(
        Identifier,
        TEXTS,
        camera=TEXTS,
        section=st.just(section),
        part=PARTS[section],
    )
)
OF_LISTS = st.builds(Identifier, TEXTS, st.none() | TEXTS, part=st.none() | PAGES)


@given(OF_CAMERAS | OF_LISTS)
def test_an_identifier_is_read_as_it_was_written(identifier: Identifier) -> None:
    assert Identifier.parse(str(identifier)) == identifier


@given(st.text() | OF_CAMERAS.map(lambda each: str(each)[:-1]))
def test_any_other_text_is_refused_or_stands_for_itself(text: str) -> None:
    try:
        identifier = Identifier.parse(text)
    except ValueError:
        return
    assert str(identifier) == text


# --- Browsing --------------------------------------------------------------------------------


@pytest.fixture
def cloud_options() -> CloudOptions:
    """Return a cloud that makes media in no time."""
    return CloudOptions(
        start_seconds=0, cloud_media=AT_ONCE, edge_media=AT_ONCE, playback_pace=6
    )


@pytest.fixture(autouse=True)
async def _media_source(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    await hass.config.async_set_time_zone("Asia/Tokyo")
    assert await async_setup_component(hass, "media_source", {})


@pytest.fixture
def camera(estate: Estate) -> Camera:
    """Return a camera whose recordings are in the cloud."""
    return next(
        camera
        for camera in estate.cameras.values()
        if camera.storage is Storage.CLOUD and camera.online
    )


@pytest.fixture
def uri(cloud: SimulatedCloud, camera: Camera) -> str:
    """Return the camera's folder."""
    return f"{ROOT}/{cloud.account_id.lower()}/{camera.id}"


@pytest.fixture
def source(hass: HomeAssistant) -> AmnimoMediaSource:
    """Return the media source."""
    return AmnimoMediaSource(hass)


class Browse:
    """Opens folders, and counts what each costs."""

    def __init__(self, hass: HomeAssistant, cloud: SimulatedCloud) -> None:
        """Begin with nothing opened."""
        self._hass = hass
        self._cloud = cloud
        self.cost = 0

    async def __call__(self, content_id: str) -> BrowseMediaSource:
        """Return a folder; none may cost more than three requests."""
        before = self._cloud.stats.total()
        found = await async_browse_media(self._hass, content_id)
        self.cost = self._cloud.stats.total() - before
        assert self.cost <= 3, f"{content_id} costs {self.cost} requests"
        assert isinstance(found, BrowseMediaSource)
        return found


@pytest.fixture
def browse(hass: HomeAssistant, cloud: SimulatedCloud) -> Browse:
    """Return what opens folders."""
    return Browse(hass, cloud)


def titles(folder: BrowseMediaSource) -> list[str]:
    """Return what is written under the items of a folder."""
    return [each.title for each in folder.children or ()]


def ids_of(folder: BrowseMediaSource) -> list[str]:
    """Return the identifiers of the items of a folder."""
    return [each.media_content_id for each in folder.children or ()]


async def resolve(hass: HomeAssistant, content_id: str) -> PlayMedia:
    """Return where something plays in a browser."""
    return await async_resolve_media(hass, content_id, None)


async def test_the_way_to_a_camera_goes_by_account_and_tenant(
    browse: Browse, estate: Estate
) -> None:
    root = await browse(ROOT)
    assert titles(root) == ["Account"]
    account = await browse(ids_of(root)[0])
    assert sorted(titles(account)) == sorted(
        each.account_name for each in estate.tenants
    )
    found = set()
    for tenant_id in ids_of(account):
        tenant = await browse(tenant_id)
        assert browse.cost == 0
        found |= set(ids_of(tenant))
    assert {each.rsplit("/", 1)[1] for each in found} == set(estate.cameras)


@pytest.mark.parametrize("cloud_options", [CloudOptions(tenants=1, start_seconds=0)])
async def test_one_tenant_needs_no_folder(browse: Browse, estate: Estate) -> None:
    account = await browse(ids_of(await browse(ROOT))[0])
    assert sorted(titles(account)) == sorted(
        each.name for each in estate.cameras.values()
    )
    assert all(each.thumbnail for each in account.children or () if each.can_expand)


async def test_a_camera_has_all_there_is(
    hass: HomeAssistant, browse: Browse, uri: str, camera: Camera
) -> None:
    folder = await browse(uri)
    assert browse.cost == 0
    assert titles(folder) == [
        "Live",
        "Recordings",
        "Clips",
        "Snapshots",
        "Thumbnails",
    ]
    live = entity_id(hass, "camera", camera.id)
    assert ids_of(folder)[0] == f"media-source://camera/{live}"


async def test_a_japanese_home_reads_japanese(
    hass: HomeAssistant, browse: Browse, uri: str
) -> None:
    hass.config.language = "ja"
    folder = await browse(uri)
    assert titles(folder) == [
        "ライブ映像",
        "録画",
        "ビデオクリップ",
        "スナップショット",
        "サムネイル",
    ]
    days = titles(await browse(f"{uri}/recordings"))
    assert days[0].startswith("今日 20")
    assert days[1].endswith(")")
    with pytest.raises(BrowseError, match="見つかりません"):
        await async_browse_media(hass, f"{uri}/nothing")
    with pytest.raises(Unresolvable, match="再生できません"):
        await resolve(hass, f"{uri}/clips")


async def test_who_chose_a_language_reads_it_in_any_home(
    hass: HomeAssistant, uri: str, hass_ws_client: WebSocketGenerator
) -> None:
    assert await async_setup_component(hass, "frontend", {})
    socket = await hass_ws_client()

    async def command(**fields: object) -> Json:
        await socket.send_json_auto_id(fields)
        answer: Json = await socket.receive_json()
        return answer

    async def sections() -> list[object]:
        answer = await command(type="media_source/browse_media", media_content_id=uri)
        folder = answer["result"]
        assert isinstance(folder, dict)
        return [each["title"] for each in folder["children"]]

    assert (await sections())[1] == "Recordings"
    for chosen, title in (
        ({"language": "ja"}, "録画"),
        ({"language": None}, "Recordings"),
        ("nonsense", "Recordings"),
    ):
        await command(type="frontend/set_user_data", key="language", value=chosen)
        assert (await sections())[1] == title
    await command(
        type="frontend/set_user_data", key="language", value={"language": "ja"}
    )
    refused = await command(
        type="media_source/browse_media", media_content_id=f"{uri}/nothing"
    )
    assert "見つかりません" in str(refused["error"])


async def test_many_cameras_come_in_parts(
    browse: Browse, uri: str, monkeypatch: pytest.MonkeyPatch, estate: Estate
) -> None:
    monkeypatch.setattr("custom_components.amnimo.media_source.browse.MOST_CAMERAS", 2)
    found: list[str] = []
    waiting = ids_of(await browse(uri.rsplit("/", 1)[0]))
    left = 0
    while waiting:
        folder = await browse(waiting.pop())
        *cameras, last = ids_of(folder) or [""]
        if folder.not_shown:
            left += 1
            assert titles(folder)[-1] == "More cameras"
            waiting.append(last)
        else:
            cameras.append(last)
        found += cameras
    assert left > 0
    assert sorted(each.rsplit("/", 1)[1] for each in found if each) == sorted(
        estate.cameras
    )


# --- Clips and snapshots -----------------------------------------------------------------------


def unfiltered(cloud: SimulatedCloud) -> Callable[..., object]:
    """Return a search of the cloud's that pays no heed to the categories that are wanted."""
    search = cloud.media.search

    def heedless(
        tenant: object, camera: object, categories: object, *, newest_first: bool
    ) -> object:
        return search(tenant, camera, tuple(Category), newest_first=newest_first)

    return heedless


async def test_clips_are_listed_with_pictures_and_play_with_ranges(
    hass: HomeAssistant,
    browse: Browse,
    uri: str,
    camera: Camera,
    cloud: SimulatedCloud,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    socket = await hass_ws_client()
    now = cloud.clock.now()
    clip = cloud.media.create_clip(camera, now - 600, now - 595, "Courier")
    cloud.media.create_clip(camera, now + 5000, now + 5005, "Failed")
    folder = await browse(f"{uri}/clips")
    assert len(folder.children or ()) == 1
    assert folder.not_shown == 1
    item = (folder.children or ())[0]
    local = datetime.fromtimestamp(now - 600, dt_util.get_default_time_zone())
    assert item.title.startswith("Courier · ")
    assert item.title.endswith(f"{local:%m-%d %H:%M:%S}")
    http = await hass_client_no_auth()
    assert item.thumbnail is not None
    asked = cloud.stats.total()
    picture = await http.get(item.thumbnail)
    assert (await picture.read()).startswith(JPEG)
    assert cloud.stats.total() == asked
    await socket.send_json_auto_id(
        {
            "type": "media_source/resolve_media",
            "media_content_id": item.media_content_id,
        }
    )
    answer = (await socket.receive_json())["result"]
    assert answer["mime_type"] == "video/mp4"
    assert clip.id in answer["url"]
    # What a browser offers to save it as.
    assert f"/{local:%Y-%m-%d_%H-%M-%S}_" in answer["url"]
    assert "_clip.mp4?" in answer["url"]
    part = await http.get(answer["url"], headers={"Range": "bytes=4-7"})
    assert part.status == HTTPStatus.PARTIAL_CONTENT
    assert await part.read() == b"ftyp"


def recorded_moments(camera: Camera, now: float, count: int) -> list[float]:
    """Return moments, hours apart, around which a camera recorded for some minutes."""
    moment = now - 600
    found: list[float] = []
    while len(found) < count:
        around = (moment - 300, moment + 300)
        if [tuple(span) for span in camera.recorded(*around)] == [around]:
            found.append(moment)
            moment -= 5 * 3600
        else:
            moment -= 600
    return found


async def test_a_list_that_is_opened_again_has_more_pictures(
    browse: Browse, uri: str, camera: Camera, cloud: SimulatedCloud
) -> None:
    """Two requests a time show two times of day; what has no thumbnail costs only once."""
    now = cloud.clock.now()
    for asked_for in recorded_moments(camera, now, 6):
        cloud.media.create_snapshot(camera, asked_for, "Night", requested=asked_for)

    async def pictured() -> int:
        folder = await browse(f"{uri}/snapshots")
        return sum(each.thumbnail is not None for each in folder.children or ())

    shown = [await pictured() for _ in range(4)]
    assert shown[0] == 2
    assert shown == sorted(shown)
    assert shown[-1] == 6
    assert browse.cost == 0


@pytest.mark.parametrize("fails", [False, True])
async def test_a_list_for_which_no_pictures_are_found_is_let_be_for_a_while(
    hass: HomeAssistant,
    uri: str,
    camera: Camera,
    cloud: SimulatedCloud,
    freezer: FrozenDateTimeFactory,
    fails: bool,
) -> None:
    """Whether there are none, or the service does not tell; and then it is tried again."""
    now = cloud.clock.now()
    for asked_for in recorded_moments(camera, now, 6):
        cloud.media.create_snapshot(camera, asked_for, "Night", requested=asked_for)
        camera.add_gap(asked_for - 200, asked_for + 200)
    if fails:
        cloud.faults.add("thumbnails", "status", status=400, count=FOREVER)

    asked = {"camera_medias": 0, "thumbnails": 0}

    async def cost() -> list[int]:
        before = list(asked.values())
        folder = await async_browse_media(hass, f"{uri}/snapshots")
        assert len(folder.children or ()) == 6
        assert not any(each.thumbnail for each in folder.children or ())
        asked.update((each, cloud.stats.count(each)) for each in asked)
        return [b - a for a, b in zip(before, asked.values(), strict=True)]

    looked = [1, 1] if fails else [1, 2]
    assert await cost() == looked
    assert [await cost() for _ in range(3)] == [[0, 0]] * 3
    freezer.tick(31)
    assert await cost() == looked


async def test_a_list_is_asked_for_once_in_a_while(
    browse: Browse, uri: str, camera: Camera, cloud: SimulatedCloud
) -> None:
    cloud.media.create_snapshot(camera, cloud.clock.now() - 600, "Picture")
    await browse(f"{uri}/snapshots")
    assert browse.cost > 0
    await browse(f"{uri}/snapshots")
    assert browse.cost == 0


async def test_what_nobody_named_is_called_by_its_time_alone(
    browse: Browse,
    uri: str,
    camera: Camera,
    cloud: SimulatedCloud,
    ask: Callable[..., Awaitable[Json]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In its camera's folder, that is: among those of other cameras it says whose it is."""
    start = dt_util.as_local(dt_util.utc_from_timestamp(cloud.clock.now() - 600))
    cloud.media.create_snapshot(
        camera, start.timestamp(), f"{camera.name} {start:%Y-%m-%d %H:%M:%S}"
    )
    short = f"{start:%m-%d %H:%M:%S}"
    monkeypatch.setattr(dt_util, "now", lambda: start)
    assert titles(await browse(f"{uri}/snapshots")) == [short]
    assert await found(ask, uri, camera.name) == [short]
    account = uri.rsplit("/", 1)[0]
    assert await found(ask, account, f"{start:%Y-%m-%d}") == [
        f"{camera.name} · {short}"
    ]
    # In another year it says in which one it was.
    monkeypatch.setattr(dt_util, "now", lambda: start + timedelta(days=366))
    assert titles(await browse(f"{uri}/snapshots")) == [f"{start.year}-{short}"]


async def test_what_was_deleted_or_renamed_is_listed_so_at_once(
    hass: HomeAssistant,
    browse: Browse,
    uri: str,
    camera: Camera,
    cloud: SimulatedCloud,
    ask: Callable[..., Awaitable[Json]],
) -> None:
    """In a camera's lists as in searches, of its folder and of all."""
    now = cloud.clock.now()
    kept = cloud.media.create_snapshot(camera, now - 600, "Kept")
    gone = cloud.media.create_snapshot(camera, now - 700, "Gone")
    account = uri.rsplit("/", 1)[0]
    places = (uri, f"{uri}/snapshots", account)
    assert len(titles(await browse(f"{uri}/snapshots"))) == 2
    for place in places:
        assert len(await found(ask, place, "gone")) == 1
    for action, data in (
        ("delete_media", {"media_id": gone.id}),
        ("rename_media", {"media_id": kept.id, "name": "Parcel"}),
    ):
        await hass.services.async_call("amnimo", action, data, blocking=True)
    (title,) = titles(await browse(f"{uri}/snapshots"))
    assert title.startswith("Parcel · ")
    for place in places:
        assert await found(ask, place, "gone") == []
        assert len(await found(ask, place, "parcel")) == 1


async def test_what_was_made_here_is_listed_at_once(
    hass: HomeAssistant, browse: Browse, uri: str, camera: Camera
) -> None:
    assert titles(await browse(f"{uri}/snapshots")) == []
    await hass.services.async_call(
        "amnimo",
        "generate_snapshot",
        {
            "entity_id": entity_id(hass, "camera", camera.id),
            "time": dt_util.now() - timedelta(minutes=10),
            "name": "Visitor",
        },
        blocking=True,
    )
    (title,) = titles(await browse(f"{uri}/snapshots"))
    assert title.startswith("Visitor · ")


@pytest.fixture
def rows(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, ...]:
    """Let the rows of lists lack some fields, and return which."""
    lacking: tuple[str, ...] = request.param
    search = medias._search  # noqa: SLF001 - what the API document leaves open

    async def without(call: Call, camera: Camera | None) -> list[Json]:
        found = await search(call, camera)
        return [
            {name: value for name, value in row.items() if name not in lacking}
            for row in found
        ]

    monkeypatch.setattr(medias, "_search", without)
    return lacking


@pytest.mark.parametrize(
    "rows",
    [("status",), ("status", "size"), ("cameraId",), ("category",), ("meta",)],
    ids="-".join,
    indirect=True,
)
@pytest.mark.usefixtures("rows")
async def test_a_row_of_a_list_need_not_tell_what_a_medium_does(
    hass: HomeAssistant,
    browse: Browse,
    ask: Callable[..., Awaitable[Json]],
    uri: str,
    camera: Camera,
    cloud: SimulatedCloud,
) -> None:
    """What goes without saying goes without saying; who opens it asks for it anyway."""
    now = cloud.clock.now()
    cloud.media.create_clip(camera, now - 600, now - 595, "Courier")
    cloud.media.create_snapshot(camera, now - 600, "Courier's van")
    for section, media_type in (("clips", "video/mp4"), ("snapshots", "image/jpeg")):
        (item,) = ids_of(await browse(f"{uri}/{section}"))
        assert (await resolve(hass, item)).mime_type == media_type
        assert len(await found(ask, f"{uri}/{section}", "courier")) == 1
    assert len(await found(ask, uri, "courier")) == 2


@pytest.mark.parametrize("rows", [("status",)], indirect=True)
@pytest.mark.usefixtures("rows")
async def test_what_has_no_size_yet_is_not_there_yet(
    browse: Browse, uri: str, camera: Camera, cloud: SimulatedCloud
) -> None:
    now = cloud.clock.now()
    cloud.media.create_clip(camera, now - 600, now - 595, "Ready")
    cloud.media.create_clip(camera, now + 5000, now + 5005, "Not yet")
    folder = await browse(f"{uri}/clips")
    assert (len(folder.children or ()), folder.not_shown) == (1, 1)


async def test_a_folder_holds_its_kind_whatever_the_service_sends(
    browse: Browse,
    uri: str,
    camera: Camera,
    cloud: SimulatedCloud,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A filter that it does not heed leaves pages with few items, and none may be the last."""
    monkeypatch.setattr(cloud.media, "search", unfiltered(cloud))
    now = cloud.clock.now()
    for number in range(205):
        cloud.media.create_snapshot(camera, now - 600, "New", requested=now - number)
    cloud.media.create_clip(camera, now - 600, now - 595, "Old", requested=now - 900)
    newest = await browse(f"{uri}/clips")
    assert titles(newest) == ["Earlier"]
    assert newest.not_shown == 0
    older = await browse(ids_of(newest)[0])
    assert [each.split(" · ")[0] for each in titles(older)] == ["Old"]


async def test_older_media_are_in_a_folder_of_their_own(
    browse: Browse, uri: str, camera: Camera, cloud: SimulatedCloud
) -> None:
    now = cloud.clock.now()
    for number in range(450):
        cloud.media.create_snapshot(
            camera, now - 600 - number, f"No. {number}", requested=now - number
        )
    found: list[str] = []
    at = f"{uri}/snapshots"
    for _ in range(3):
        folder = await browse(at)
        *items, at = ids_of(folder)
        found += items
        if titles(folder)[-1] != "Earlier":
            found.append(at)
            break
    assert len(found) == len(set(found)) == 450


async def test_a_snapshot_can_be_looked_at_and_attached(
    hass: HomeAssistant,
    uri: str,
    camera: Camera,
    cloud: SimulatedCloud,
    source: AmnimoMediaSource,
) -> None:
    taken = cloud.media.create_snapshot(camera, cloud.clock.now() - 600, "Picture")
    path = f"{uri}/snapshots/{taken.id}"
    play = await resolve(hass, path)
    assert play.mime_type == "image/jpeg"
    assert play.url.startswith("/api/amnimo/media/")
    assert "?" not in play.url
    for content_id in (path, uri):
        image = await source.async_get_media_image(
            MediaSourceItem.from_uri(hass, content_id, None)
        )
        assert image is not None
        assert image.mime_type == "image/jpeg"
        assert image.content.startswith(JPEG)
    nothing = MediaSourceItem.from_uri(hass, f"{uri}/clips/{taken.id}", None)
    assert await source.async_get_media_image(nothing) is None


# --- Recordings --------------------------------------------------------------------------------


async def recorded_piece(browse: Browse, uri: str) -> str:
    """Return a piece of a recording, found as a user does: day, hour, piece."""
    days = await browse(f"{uri}/recordings")
    yesterday = next(
        each for each in days.children or () if each.title.startswith("Yesterday")
    )
    hours = await browse(yesterday.media_content_id)
    assert 1 <= len(hours.children or ()) <= 24
    pieces = await browse(ids_of(hours)[0])
    assert (pieces.children or ())[0].thumbnail
    return ids_of(pieces)[0]


async def test_only_what_is_recorded_is_shown(
    browse: Browse, uri: str, camera: Camera
) -> None:
    """In the hour after three, each camera misses some minutes."""
    days = await browse(f"{uri}/recordings")
    assert len(days.children or ()) > 20
    hours = await browse(ids_of(days)[3])
    for hour in (hours.children or ())[0:6:3]:
        shown = 0.0
        for piece in ids_of(await browse(hour.media_content_id)):
            part = Identifier.parse(piece.removeprefix(f"{ROOT}/")).part
            assert isinstance(part, ids.Stretch)
            first, last = part.start.timestamp(), part.end.timestamp()
            assert 1 <= last - first <= 600
            (whole,) = camera.recorded_in_cloud(first + 0.002, last - 0.002)
            shown += last - first
            assert tuple(whole) == pytest.approx((first, last), abs=0.01)
        within = Identifier.parse(hour.media_content_id.removeprefix(f"{ROOT}/")).part
        assert isinstance(within, ids.Hour)
        start = within.start.timestamp()
        spans = camera.recorded_in_cloud(start, start + 3600)
        assert shown == pytest.approx(sum(end - begin for begin, end in spans), abs=5)
        assert (shown < 3590) is hour.title.startswith("03:")


async def test_days_before_are_in_a_folder_of_their_own(
    browse: Browse, uri: str
) -> None:
    days = await browse(f"{uri}/recordings")
    assert titles(days)[-1] == "Earlier"
    earlier = await browse(ids_of(days)[-1])
    assert earlier.children
    assert not set(ids_of(days)[:-1]) & set(ids_of(earlier))
    assert "Earlier" not in titles(earlier)


@pytest.mark.parametrize("fault", [404, 403, 429, 503], ids=str)
@pytest.mark.usefixtures("impatient")
async def test_recordings_are_listed_also_where_thumbnails_are_not(
    hass: HomeAssistant, uri: str, camera: Camera, cloud: SimulatedCloud, fault: int
) -> None:
    """As those of a camera that is new."""
    camera.add_gap(0, cloud.clock.now() - 3 * 86400)
    cloud.faults.add("thumbnails", "status", count=FOREVER, status=fault)
    days = await async_browse_media(hass, f"{uri}/recordings")
    assert isinstance(days, BrowseMediaSource)
    assert 3 <= len(titles(days)) <= 4
    assert "Earlier" not in titles(days)


@pytest.mark.parametrize(
    "cloud_options", [CloudOptions(dialect="bare", start_seconds=0)], ids=["undated"]
)
async def test_recordings_are_listed_also_where_thumbnails_have_no_dates(
    browse: Browse, uri: str, camera: Camera, cloud: SimulatedCloud
) -> None:
    now = cloud.clock.now()
    camera.add_gap(now - 28 * 86400, now - 3 * 86400)
    days = await browse(f"{uri}/recordings")
    assert 3 <= len(titles(days)) <= 4
    assert "Earlier" not in titles(days)


async def test_a_recording_plays_in_the_browser(
    hass: HomeAssistant,
    browse: Browse,
    uri: str,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    piece = await recorded_piece(browse, uri)
    socket = await hass_ws_client()
    await socket.send_json_auto_id(
        {"type": "media_source/resolve_media", "media_content_id": piece}
    )
    answer = (await socket.receive_json())["result"]
    assert answer["mime_type"] == HLS
    http = await hass_client_no_auth()
    playlist = await (await http.get(answer["url"])).text()
    assert "#EXT-X-ENDLIST" in playlist
    name = next(line for line in playlist.splitlines() if not line.startswith("#"))
    segment = await (await http.get(urljoin(answer["url"], name))).read()
    part = Identifier.parse(piece.removeprefix(f"{ROOT}/")).part
    assert isinstance(part, ids.Stretch)
    footage = decode(segment)
    assert footage.runs_forward
    assert footage.clocks[0] == pytest.approx(part.start.timestamp(), abs=2)
    play = await async_resolve_media(hass, piece, "media_player.tv")
    assert play.mime_type == "application/vnd.apple.mpegurl"


async def test_what_is_not_recorded_does_not_play(
    hass: HomeAssistant, uri: str, cloud: SimulatedCloud
) -> None:
    later = int(cloud.clock.now() + 7200) * 1000
    long_ago = 1_000_000_000_000
    for start in (later, long_ago):
        with pytest.raises(Unresolvable, match="Nothing is recorded"):
            await resolve(hass, f"{uri}/recordings/{start}-{start + 60000}")


async def test_an_hour_that_comes_twice_is_shown_twice(
    hass: HomeAssistant, browse: Browse, uri: str, camera: Camera
) -> None:
    """On 1 November 2026 the clocks in New York went back at two."""
    await hass.config.async_set_time_zone("America/New_York")
    start = datetime(2026, 11, 1, 4, tzinfo=UTC).timestamp()
    hours = titles(await browse(f"{uri}/recordings/2026-11-01"))
    recorded = {
        int((moment - start) // 3600)
        for moment in range(int(start), int(start) + 25 * 3600, 30)
        if camera.recorded_in_cloud(moment, moment + 30)
    }
    assert len(hours) == len(recorded) > 20
    assert len(set(hours)) == len(hours)
    assert "01:00 EDT–01:00 EST" in hours


# --- Thumbnails, live --------------------------------------------------------------------------


async def test_thumbnails_of_a_day_can_be_looked_through(
    hass: HomeAssistant,
    browse: Browse,
    uri: str,
    source: AmnimoMediaSource,
    hass_client_no_auth: ClientSessionGenerator,
    cloud: SimulatedCloud,
) -> None:
    days = await browse(f"{uri}/thumbnails")
    folder = await browse(ids_of(days)[1])
    found: list[str] = []
    for _ in range(6):
        *items, last = ids_of(folder)
        found += items
        if titles(folder)[-1] != "Earlier":
            found.append(last)
            break
        folder = await browse(last)
    assert 1000 < len(found) == len(set(found)) <= 1440
    assert [each.rsplit(":")[-1] for each in found] == sorted(
        (each.rsplit(":")[-1] for each in found), reverse=True
    )
    http = await hass_client_no_auth()
    asked = cloud.stats.total()
    picture = await http.get((folder.children or ())[0].thumbnail or "")
    assert (await picture.read()).startswith(JPEG)
    assert cloud.stats.total() == asked
    play = await resolve(hass, found[0])
    assert play.mime_type == "image/jpeg"
    assert play.url.startswith("/api/amnimo/thumbnail/")
    image = await source.async_get_media_image(
        MediaSourceItem.from_uri(hass, found[0], None)
    )
    assert image is not None
    assert image.content.startswith(JPEG)


async def test_a_thumbnail_whose_url_ran_out_is_handed_over_all_the_same(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    uri: str,
    camera: Camera,
    cloud: SimulatedCloud,
    source: AmnimoMediaSource,
) -> None:
    times = await loaded.runtime_data.thumbnails.async_search(camera.id, limit=3)
    milliseconds = int(times[1].timestamp() * 1000)
    item = MediaSourceItem.from_uri(hass, f"{uri}/thumbnails/at:{milliseconds}", None)
    before = await source.async_get_media_image(item)
    cloud.clock.advance(3700)
    assert await source.async_get_media_image(item) == before
    assert cloud.stats.count("thumbnail_file", 403) == 1
    cloud.faults.add("thumbnail_file", "status", status=403, count=2)
    with pytest.raises(Unresolvable, match="not there any more"):
        await source.async_get_media_image(item)
    cloud.faults.add("thumbnail_file", "status", status=500)
    with pytest.raises(Unresolvable, match="no picture"):
        await source.async_get_media_image(item)


async def test_a_live_view_plays_through_home_assistants_stream(
    hass: HomeAssistant, uri: str, cloud: SimulatedCloud
) -> None:
    play = await resolve(hass, f"{uri}/live")
    assert play.mime_type == HLS
    assert play.url.startswith("/api/hls/")
    assert cloud.stats.streams_started == 1


# --- What goes wrong ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rest",
    [
        "/nothing",
        "/recordings/2026-13-01",
        "/recordings/0001-01-01",
        "/recordings/hour:99999999999999999999",
        "/thumbnails/before:1970-01-01",
        "/clips/page:1",
        "/clips/page:x",
        "/live/now",
        "//",
    ],
)
async def test_what_names_nothing_is_told_so(
    hass: HomeAssistant, uri: str, rest: str
) -> None:
    with pytest.raises(BrowseError, match="not there any more"):
        await async_browse_media(hass, uri + rest)
    with pytest.raises(Unresolvable):
        await resolve(hass, uri + rest)


async def test_a_medium_that_nobody_listed_costs_one_request_whoever_has_it(
    hass: HomeAssistant, cloud: SimulatedCloud, estate: Estate
) -> None:
    """As one that an automation names, after a restart."""
    cameras = {
        each.tenant.subscription_id: each
        for each in estate.cameras.values()
        if each.storage is Storage.CLOUD and each.online
    }
    assert len(cameras) > 1
    for camera in cameras.values():
        taken = cloud.media.create_snapshot(camera, cloud.clock.now() - 600, "Seen")
        asked = cloud.stats.count("media_get")
        uri = f"{ROOT}/{cloud.account_id.lower()}/{camera.id}/snapshots/{taken.id}"
        assert (await resolve(hass, uri)).mime_type == "image/jpeg"
        assert cloud.stats.count("media_get") == asked + 1


async def test_what_another_camera_took_is_not_this_ones(
    hass: HomeAssistant,
    uri: str,
    camera: Camera,
    cloud: SimulatedCloud,
    estate: Estate,
) -> None:
    other = next(each for each in estate.cameras.values() if each is not camera)
    taken = cloud.media.create_snapshot(other, cloud.clock.now() - 600, "Other")
    for media_id in (taken.id, "no-such-media"):
        with pytest.raises(Unresolvable, match="not there any more"):
            await resolve(hass, f"{uri}/snapshots/{media_id}")


@pytest.mark.usefixtures("impatient")
async def test_a_service_that_fails_is_told(
    hass: HomeAssistant, uri: str, cloud: SimulatedCloud
) -> None:
    cloud.faults.add("history", "drop", count=FOREVER)
    with pytest.raises(BrowseError, match="can't be reached") as told:
        await async_browse_media(hass, f"{uri}/recordings")
    assert told.value.translation_key == "cannot_connect"
    assert cloud.origin not in str(told.value)


LISTS = (
    ("history", "recordings"),
    ("thumbnails", "thumbnails"),
    ("camera_medias", "clips"),
    ("camera_medias", "snapshots"),
)


@pytest.mark.parametrize(("endpoint", "section"), LISTS)
async def test_a_list_that_is_not_found_of_a_camera_that_is_there_is_empty(
    hass: HomeAssistant,
    browse: Browse,
    uri: str,
    cloud: SimulatedCloud,
    endpoint: str,
    section: str,
    ask: Callable[..., Awaitable[Json]],
) -> None:
    cloud.faults.add(endpoint, "status", count=FOREVER, status=404)
    folder = await browse(f"{uri}/{section}")
    assert not [each for each in titles(folder) if each != "Earlier"]
    if endpoint == "camera_medias":
        assert await found(ask, f"{uri}/{section}", "x") == []


async def test_tenants_without_media_hide_no_cameras_from_a_search(
    ask: Callable[..., Awaitable[Json]],
    uri: str,
    camera: Camera,
    cloud: SimulatedCloud,
) -> None:
    cloud.faults.add("medias", "status", count=FOREVER, status=404)
    account = uri.rsplit("/", 1)[0]
    assert await found(ask, account, camera.name) == [camera.name]
    assert cloud.stats.count("medias") > 0


@pytest.mark.parametrize(("endpoint", "section"), LISTS)
async def test_a_list_that_is_not_found_of_a_camera_that_is_gone_says_so(
    hass: HomeAssistant,
    uri: str,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    endpoint: str,
    section: str,
) -> None:
    """The camera's tenant is not to be found either."""
    for each in ("cameras", endpoint):
        cloud.faults.add(each, "status", count=FOREVER, status=404)
    await loaded.runtime_data.cameras.async_refresh()
    with pytest.raises(BrowseError) as told:
        await async_browse_media(hass, f"{uri}/{section}")
    assert told.value.translation_key == "not_found"


async def test_an_account_that_was_removed_is_not_remembered(
    hass: HomeAssistant, browse: Browse, uri: str, loaded: MockConfigEntry
) -> None:
    await browse(uri)
    await hass.config_entries.async_unload(loaded.entry_id)
    assert titles(await browse(ROOT)) == []
    with pytest.raises(BrowseError, match="not there any more"):
        await async_browse_media(hass, uri)
    await hass.config_entries.async_setup(loaded.entry_id)
    await hass.async_block_till_done()
    assert titles(await browse(uri))


# --- Search ------------------------------------------------------------------------------------


@pytest.fixture
async def ask(
    hass_ws_client: WebSocketGenerator,
) -> Callable[..., Awaitable[Json]]:
    """Return what asks as the frontend does."""
    socket = await hass_ws_client()

    async def send(kind: str, content_id: str, **more: object) -> Json:
        await socket.send_json_auto_id(
            {"type": f"media_source/{kind}", "media_content_id": content_id, **more}
        )
        answer: Json = await socket.receive_json()
        return answer

    return send


async def found(
    ask: Callable[..., Awaitable[Json]], content_id: str, query: str, **more: object
) -> list[str]:
    """Return the titles of what a search finds."""
    answer = await ask("search_media", content_id, search_query=query, **more)
    assert answer["success"], answer
    result = answer["result"]
    assert isinstance(result, dict)
    return [each["title"] for each in result["result"]]


async def test_search_finds_by_name(
    ask: Callable[..., Awaitable[Json]],
    uri: str,
    camera: Camera,
    cloud: SimulatedCloud,
) -> None:
    now = cloud.clock.now()
    cloud.media.create_clip(camera, now - 600, now - 595, "宅配便 Courier 1")
    cloud.media.create_snapshot(camera, now - 600, "Courier's van")
    account = uri.rsplit("/", 1)[0]
    asked = cloud.stats.total()
    assert len(await found(ask, uri, "courier")) == 2
    assert len(await found(ask, uri, "１ ｃｏｕｒｉｅｒ")) == 1
    assert len(await found(ask, f"{uri}/snapshots", "courier")) == 1
    assert cloud.stats.total() - asked == 2
    assert len(await found(ask, account, "宅配便")) == 1
    assert await found(ask, account, camera.name) == [camera.name]
    assert await found(ask, ROOT, camera.name) == [camera.name]
    assert await found(ask, uri, "courier", media_filter_classes=["image"]) != []
    assert cloud.stats.total() - asked <= 6
    refused = await ask("search_media", f"{uri}/recordings", search_query="x")
    assert not refused["success"]


async def test_search_finds_what_is_written_on_an_item(
    ask: Callable[..., Awaitable[Json]],
    browse: Browse,
    uri: str,
    camera: Camera,
    cloud: SimulatedCloud,
) -> None:
    """What nobody named has a time written on it."""
    now = cloud.clock.now()
    cloud.media.create_clip(camera, now - 600, now - 595, "")
    cloud.media.create_clip(camera, now - 900, now - 895, "")
    time = datetime.fromtimestamp(now - 600, dt_util.get_default_time_zone())
    written = titles(await browse(f"{uri}/clips"))
    (title,) = [each for each in written if f"{time:%H:%M:%S}" in each]
    assert await found(ask, uri, f"{time:%H:%M:%S}") == [title]
    account = uri.rsplit("/", 1)[0]
    assert await found(ask, account, f"{time:%m-%d} {time:%H:%M:%S}") == [title]


async def test_who_finds_too_much_is_told_so(
    hass: HomeAssistant,
    ask: Callable[..., Awaitable[Json]],
    browse: Browse,
    source: AmnimoMediaSource,
    uri: str,
    camera: Camera,
    cloud: SimulatedCloud,
) -> None:
    now = cloud.clock.now()
    for number in range(207):
        cloud.media.create_snapshot(camera, now - 600, f"No. {number}", now - number)
    names = await found(ask, uri, "No.")
    assert len(names) == 201
    assert names[-1] == "7 more: search for more words"
    item = MediaSourceItem.from_uri(hass, uri, None)
    answer = await source.async_search_media(item, SearchMediaQuery(search_query="No"))
    assert titles(await browse(answer.result[-1].media_content_id)) == titles(
        await browse(uri)
    )
    pictures = await found(ask, uri, "No.", media_filter_classes=["image"])
    assert len(pictures) == 200


# --- Permissions -------------------------------------------------------------------------------


async def test_users_find_what_they_may_see_and_no_more(
    hass: HomeAssistant,
    ask: Callable[..., Awaitable[Json]],
    uri: str,
    camera: Camera,
    cloud: SimulatedCloud,
    estate: Estate,
    hass_admin_user: User,
) -> None:
    """Neither by browsing, nor by searching, nor by an address that somebody told them."""
    other = next(
        each
        for each in estate.cameras.values()
        if each.tenant is camera.tenant and each is not camera
    )
    now = cloud.clock.now()
    for each in (camera, other):
        cloud.media.create_snapshot(each, now - 600, "Visitor")
    secret = cloud.media.create_snapshot(other, now - 600, "Visitor")
    hass_admin_user.groups = []
    hass_admin_user.invalidate_cache()
    allowed = entity_id(hass, "camera", camera.id)
    hass_admin_user.mock_policy(  # type: ignore[attr-defined]
        {"entities": {"entity_ids": {allowed: {POLICY_READ: True}}}}
    )
    account = uri.rsplit("/", 1)[0]
    asked = cloud.stats.total()
    for kind, path in (
        ("browse_media", ""),
        ("browse_media", "/clips"),
        ("browse_media", "/recordings"),
        ("resolve_media", f"/snapshots/{secret.id}"),
        ("resolve_media", "/live"),
        ("resolve_media", "/thumbnails/at:1000"),
    ):
        answer = await ask(kind, f"{account}/{other.id}{path}")
        assert not answer["success"], (kind, path)
        assert "not there any more" in str(answer["error"])
    assert cloud.stats.total() == asked
    by_another = await ask("resolve_media", f"{uri}/snapshots/{secret.id}")
    assert not by_another["success"]
    assert await found(ask, account, other.name) == []
    assert len(await found(ask, account, "visitor")) == 1
    tree = await ask("browse_media", account)
    assert isinstance(tree["result"], dict)
    (tenant,) = tree["result"]["children"]
    listed = await ask("browse_media", tenant["media_content_id"])
    assert isinstance(listed["result"], dict)
    assert [each["title"] for each in listed["result"]["children"]] == [camera.name]


async def test_who_may_see_nothing_does_not_see_the_account(
    ask: Callable[..., Awaitable[Json]], hass_admin_user: User
) -> None:
    hass_admin_user.groups = []
    hass_admin_user.invalidate_cache()
    hass_admin_user.mock_policy({})  # type: ignore[attr-defined]
    tree = await ask("browse_media", ROOT)
    assert isinstance(tree["result"], dict)
    assert tree["result"]["children"] == []


@pytest.mark.parametrize(
    ("kind", "places"),
    [
        (
            "browse_media",
            (
                "",
                "/clips",
                "/clips/page:2",
                "/snapshots",
                "/snapshots/page:2",
                "/recordings",
                "/recordings/before:2026-02-01",
                "/recordings/2026-02-01",
                "/recordings/hour:1769900400000",
                "/thumbnails",
                "/thumbnails/before:2026-02-01",
                "/thumbnails/2026-02-01",
                "/thumbnails/2026-02-01/before:1769900400000",
            ),
        ),
        (
            "resolve_media",
            (
                "/live",
                "/clips/{clip}",
                "/snapshots/{snapshot}",
                "/recordings/1769900400000-1769900460000",
                "/thumbnails/at:1769900400000",
            ),
        ),
        ("search_media", ("", "/clips", "/snapshots")),
    ],
)
async def test_no_level_shows_anything_to_who_has_no_right(
    hass: HomeAssistant,
    ask: Callable[..., Awaitable[Json]],
    uri: str,
    camera: Camera,
    estate: Estate,
    cloud: SimulatedCloud,
    hass_admin_user: User,
    kind: str,
    places: tuple[str, ...],
) -> None:
    """Whether they have a right to another camera or to none; and no request is made."""
    now = cloud.clock.now()
    clip = cloud.media.create_clip(camera, now - 600, now - 595, "Visitor")
    taken = cloud.media.create_snapshot(camera, now - 600, "Visitor")
    other = next(each for each in estate.cameras.values() if each is not camera)
    rights = {entity_id(hass, "camera", other.id): {POLICY_READ: True}}
    hass_admin_user.groups = []
    hass_admin_user.invalidate_cache()
    query = {"search_query": "visitor"} if kind == "search_media" else {}
    asked = cloud.stats.total()
    for entity_ids in ({}, rights):
        hass_admin_user.invalidate_cache()
        hass_admin_user.mock_policy(  # type: ignore[attr-defined]
            {"entities": {"entity_ids": entity_ids}}
        )
        for place in places:
            content_id = uri + place.format(clip=clip.id, snapshot=taken.id)
            answer = await ask(kind, content_id, **query)
            assert not answer["success"], place
            assert "not there any more" in str(answer["error"]), place
    assert cloud.stats.total() == asked
    assert cloud.stats.streams_started == 0


async def test_tenants_without_a_camera_to_see_are_not_there(
    hass: HomeAssistant,
    ask: Callable[..., Awaitable[Json]],
    uri: str,
    camera: Camera,
    estate: Estate,
    cloud: SimulatedCloud,
    hass_admin_user: User,
) -> None:
    """Neither opened nor searched, and what is searched above them leaves them out."""
    hidden = next(
        each
        for each in estate.tenants
        if each is not camera.tenant and any(c.online for c in each.cameras.values())
    )
    stranger = next(iter(hidden.cameras.values()))
    cloud.media.create_snapshot(stranger, cloud.clock.now() - 600, "Visitor")
    hass_admin_user.groups = []
    hass_admin_user.invalidate_cache()
    mine = entity_id(hass, "camera", camera.id)
    hass_admin_user.mock_policy(  # type: ignore[attr-defined]
        {"entities": {"entity_ids": {mine: {POLICY_READ: True}}}}
    )
    account = uri.rsplit("/", 1)[0]
    folder = f"{account}/tenant:{hidden.subscription_id}"
    asked = cloud.stats.total()
    assert not (await ask("browse_media", folder))["success"]
    assert await found(ask, folder, "visitor") == []
    assert cloud.stats.total() == asked
    for place in (account, ROOT):
        assert await found(ask, place, "visitor") == []
        assert await found(ask, place, stranger.name) == []


# --- Days that are not 24 hours long -----------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "length", "first", "last"),
    [
        # Three to four does not exist.
        ("America/New_York", "2026-03-08", 23, "00:00–01:00", "23:00–00:00"),
        ("America/New_York", "2026-11-01", 25, "00:00–01:00 EDT", "23:00–00:00"),
        # Midnight does not exist, or there are two.
        ("America/Santiago", "2026-09-06", 23, "01:00–02:00", "23:00–00:00"),
        ("America/Havana", "2026-11-01", 25, "00:00 CDT–00:00 CST", "23:00–00:00"),
        # The clocks go by half an hour.
        ("Australia/Lord_Howe", "2026-10-04", 23.5, "00:00–01:00", "23:30–00:00"),
    ],
)
async def test_a_day_folder_holds_all_of_its_hours_and_no_other(
    hass: HomeAssistant,
    browse: Browse,
    uri: str,
    monkeypatch: pytest.MonkeyPatch,
    zone: str,
    day: str,
    length: float,
    first: str,
    last: str,
) -> None:
    """The camera records all the time."""
    await hass.config.async_set_time_zone(zone)

    async def always(
        _: object, __: object, start: datetime, end: datetime
    ) -> tuple[tuple[datetime, datetime], ...]:
        return ((start, end),)

    monkeypatch.setattr(
        "custom_components.amnimo.media_source.listings.Listings.recordings", always
    )
    hours = await browse(f"{uri}/recordings/{day}")
    shown = titles(hours)
    assert (shown[0], shown[-1]) == (first, last)
    assert len(shown) == len(set(shown)) == -(-length // 1)
    starts = [
        part.start
        for each in ids_of(hours)
        if isinstance(
            part := Identifier.parse(each.removeprefix(f"{ROOT}/")).part, ids.Hour
        )
    ]
    covered = timedelta()
    for each in ids_of(hours):
        for piece in ids_of(await browse(each)):
            stretch = Identifier.parse(piece.removeprefix(f"{ROOT}/")).part
            assert isinstance(stretch, ids.Stretch)
            covered += stretch.end - stretch.start
    assert covered == timedelta(hours=length)
    assert starts == sorted(set(starts))
