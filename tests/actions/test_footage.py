"""The actions that find what there is of a camera."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
import json
from typing import Any

import probatio
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.helpers.template import Template
from homeassistant.util import dt as dt_util
from tests.cloud import FOREVER, SimulatedCloud
from tests.cloud.media import Category, Media
from tests.cloud.routes import medias
from tests.cloud.thumbnails import find_thumbnails
from tests.cloud.world import Camera, Tenant
from tests.entities import entity_id
from tests.estate import Estate
from tests.media.passage import Passage

from .calling import Call, ago, iso, local

EVERYTHING = ("search_media", "get_recordings", "get_thumbnails")
WHENEVER: dict[str, dict[str, Any]] = {
    "search_media": {},
    "get_recordings": {
        "start_time": "2026-02-02 15:00:00",
        "end_time": "2026-02-02 18:00:00",
    },
    "get_thumbnails": {},
}


def asked(cloud: SimulatedCloud) -> int:
    """Return how often the cloud was asked for footage."""
    return sum(map(cloud.stats.count, ("camera_medias", "history", "thumbnails")))


def tells_no_secret(answer: object, cloud: SimulatedCloud) -> bool:
    """Return whether an answer holds no address but Home Assistant's."""
    text = json.dumps(answer)
    return cloud.origin not in text and "Signature" not in text and "://" not in text


# --- Media ---------------------------------------------------------------------------------


async def test_media_are_found_by_the_time_of_their_request(
    call: Call, cloud: SimulatedCloud, camera: Camera
) -> None:
    start = ago(hours=2).timestamp()
    before = ago(minutes=10).timestamp()
    clip = cloud.media.create_clip(camera, start, start + 60, "Delivery", before)
    still = cloud.media.create_snapshot(camera, start - 60, "Guest", before + 60)
    answer = await call("search_media")
    assert [each["media_id"] for each in answer["media"]] == [still.id, clip.id]
    found = answer["media"][1]
    assert found.pop("url").startswith("/api/amnimo/media/")
    assert found == {
        "media_id": clip.id,
        "category": "clip",
        "name": "Delivery",
        "status": "completed",
        "start_time": iso(start),
        "end_time": iso(start + 60),
        "requested_time": iso(before),
        "size": clip.size,
    }
    assert found["start_time"].endswith("+09:00")
    assert answer["media"][0]["end_time"] is None
    assert tells_no_secret(answer, cloud)
    assert cloud.stats.count("camera_medias") == 1


async def test_the_address_of_what_was_found_opens_it(
    call: Call,
    cloud: SimulatedCloud,
    camera: Camera,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    still = cloud.media.create_snapshot(
        camera, ago(hours=2).timestamp(), "Guest", cloud.clock.now() - 60
    )
    (found,) = (await call("search_media"))["media"]
    client = await hass_client_no_auth()
    response = await client.get(found["url"])
    assert response.status == HTTPStatus.OK
    assert len(await response.read()) == still.size


async def test_media_are_chosen_by_kind_number_and_order(
    call: Call, cloud: SimulatedCloud, camera: Camera
) -> None:
    start = ago(hours=2).timestamp()
    asked = cloud.clock.now() - 600
    clips = [
        cloud.media.create_clip(camera, start, start + 1, str(number), asked + number)
        for number in range(3)
    ]
    cloud.media.create_snapshot(camera, start, "still", asked + 9)

    async def names(**data: Any) -> list[str]:
        answer = await call("search_media", **data)
        return [each["name"] for each in answer["media"]]

    assert await names(category="clip") == ["2", "1", "0"]
    assert await names(category="CLIP", limit=2) == ["2", "1"]
    assert await names(category="snapshot") == ["still"]
    assert await names(newest_first=False, limit="3") == ["0", "1", "2"]
    assert len(clips) == 3


async def test_of_what_is_not_there_yet_there_is_no_address(
    call: Call, cloud: SimulatedCloud, camera: Camera
) -> None:
    start = ago(hours=2).timestamp()
    camera.add_gap(start - 60, start + 60)
    now = cloud.clock.now()
    cloud.media.create_clip(camera, start + 600, start + 900, "waiting", now)
    cloud.media.create_clip(camera, start, start + 9, "failed", now - 600)
    answer = await call("search_media")
    assert [
        (each["name"], each["status"], each["url"], each["size"])
        for each in answer["media"]
    ] == [("waiting", "requested", None, None), ("failed", "failed", None, None)]


async def test_a_thousand_media_are_one_request(
    call: Call, cloud: SimulatedCloud, camera: Camera
) -> None:
    start = ago(hours=2).timestamp()
    for number in range(1001):
        cloud.media.create_snapshot(camera, start, str(number), start + number)
    answer = await call("search_media", limit=1000)
    assert len({each["media_id"] for each in answer["media"]}) == 1000
    assert answer["media"][0]["name"] == "1000"
    assert cloud.stats.count("camera_medias") == 1


async def test_a_filter_that_the_service_does_not_heed_is_applied_here(
    call: Call, cloud: SimulatedCloud, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where what was asked for comes only after pages of what was not."""
    search = cloud.media.search

    def heedless(
        tenant: Tenant, of: Camera | None, _: object, *, newest_first: bool
    ) -> list[Media]:
        return search(tenant, of, tuple(Category), newest_first=newest_first)

    monkeypatch.setattr(cloud.media, "search", heedless)
    start = ago(hours=2).timestamp()
    for number in range(1005):
        cloud.media.create_snapshot(camera, start, str(number), start + 60 + number)
    for number in range(3):
        cloud.media.create_clip(camera, start, start + 1, str(number), start + number)

    async def names(**data: Any) -> list[str]:
        answer = await call("search_media", **data)
        assert {each["category"] for each in answer["media"]} == {data["category"]}
        return [each["name"] for each in answer["media"]]

    assert await names(category="clip", limit=2) == ["2", "1"]
    assert await names(category="clip") == ["2", "1", "0"]
    asked = cloud.stats.count("camera_medias")
    assert await names(category="snapshot", limit=2) == ["1004", "1003"]
    assert cloud.stats.count("camera_medias") == asked + 1


async def test_a_row_that_does_not_tell_its_status_has_an_address(
    call: Call, cloud: SimulatedCloud, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = medias._search  # noqa: SLF001 - what the API document leaves open

    async def without_status(call: Any, camera: Camera | None) -> list[dict[str, Any]]:
        found = await rows(call, camera)
        return [{**row, "status": None} for row in found]

    monkeypatch.setattr(medias, "_search", without_status)
    start = ago(hours=2).timestamp()
    cloud.media.create_clip(camera, start, start + 60, "ready", start + 90)
    cloud.media.create_clip(camera, start, start + 60, "waiting", cloud.clock.now())
    answer = await call("search_media")
    assert [(each["status"], bool(each["url"])) for each in answer["media"]] == [
        ("requested", False),
        ("completed", True),
    ]


# --- Recordings ----------------------------------------------------------------------------


async def test_recordings_are_told_with_what_lies_between(
    call: Call, cloud: SimulatedCloud, camera: Camera
) -> None:
    start = ago(minutes=90)
    moment = start.timestamp()
    camera.add_gap(moment + 600, moment + 900)
    answer = await call(
        "get_recordings",
        start_time=local(start),
        end_time=local(start + timedelta(minutes=30)),
    )
    assert answer == {
        "start_time": iso(moment),
        "end_time": iso(moment + 1800),
        "recordings": [
            {
                "start_time": iso(moment),
                "end_time": iso(moment + 600),
                "seconds": 600.0,
            },
            {
                "start_time": iso(moment + 900),
                "end_time": iso(moment + 1800),
                "seconds": 900.0,
            },
        ],
        "total_seconds": 1500.0,
        "status": "recorded",
        "storage": "cloud",
    }
    assert cloud.stats.count("history") == 1


async def test_templates_can_work_with_recordings(
    hass: HomeAssistant, call: Call, camera: Camera
) -> None:
    start = ago(minutes=90)
    camera.add_gap(start.timestamp() + 600, start.timestamp() + 900)
    answer = await call(
        "get_recordings",
        start_time=local(start),
        end_time=local(start + timedelta(minutes=30)),
    )

    def render(text: str) -> Any:
        return Template(text, hass).async_render({"found": answer})

    assert render("{{ found.recordings | map(attribute='seconds') | sum }}") == 1500
    assert render("{{ found.recordings | map(attribute='seconds') | max }}") == 900
    last = "{{ (found.recordings | last).end_time | as_timestamp }}"
    assert render(last) == start.timestamp() + 1800
    assert render("{{ found.total_seconds / 60 }}") == 25


async def test_weeks_are_asked_for_in_pieces_and_told_as_one(
    call: Call, cloud: SimulatedCloud, camera: Camera
) -> None:
    start = ago(days=29)
    answer = await call(
        "get_recordings", start_time=local(start), end_time=local(ago(hours=1))
    )
    spans = camera.recorded_in_cloud(start.timestamp(), ago(hours=1).timestamp())
    told = [
        (
            datetime.fromisoformat(each["start_time"]).timestamp(),
            datetime.fromisoformat(each["end_time"]).timestamp(),
        )
        for each in answer["recordings"]
    ]
    assert len(told) > 29
    assert told == [
        (pytest.approx(span.start, abs=0.002), pytest.approx(span.end, abs=0.002))
        for span in spans
    ]
    seconds = sum(end - begin for begin, end in told)
    assert answer["total_seconds"] == pytest.approx(seconds, abs=0.01)
    assert cloud.stats.count("history") == 3


async def test_until_now_unless_told_otherwise(call: Call, camera: Camera) -> None:
    start = ago(minutes=30)
    now = dt_util.utcnow()
    answer = await call("get_recordings", start_time=local(start))
    assert datetime.fromisoformat(answer["end_time"]) == now
    tomorrow = local(now + timedelta(days=1))
    day = await call("get_recordings", start_time=local(start), end_time=tomorrow)
    assert now <= datetime.fromisoformat(day["end_time"]) < now + timedelta(minutes=1)
    assert day["recordings"][0]["start_time"] == answer["recordings"][0]["start_time"]


async def test_nothing_recorded_is_not_the_same_as_not_in_the_cloud(
    call: Call, camera: Camera, edge_camera: Camera
) -> None:
    start = ago(minutes=60)
    data = {
        "start_time": local(start),
        "end_time": local(start + timedelta(minutes=5)),
    }

    async def status(of: Camera) -> tuple[str, str]:
        answer = await call("get_recordings", cameras=(of,), **data)
        return answer["status"], answer["storage"]

    assert await status(camera) == ("recorded", "cloud")
    assert await status(edge_camera) == ("recorded", "edge")
    camera.add_gap(start.timestamp() - 1, start.timestamp() + 301)
    edge_camera.cloud_copy = False
    assert await status(camera) == ("nothing_recorded", "cloud")
    assert await status(edge_camera) == ("not_in_cloud", "edge")


@pytest.mark.parametrize(
    ("zone", "start", "end", "told", "hours"),
    [
        # The clock shows 2 to 3 twice in the night of 25 October 2026 ...
        (
            "Europe/Berlin",
            "2026-10-25 00:00",
            "2026-10-25 06:00",
            ("2026-10-25T00:00:00+02:00", "2026-10-25T06:00:00+01:00"),
            7,
        ),
        (
            "Europe/Berlin",
            "2026-10-25 02:45",
            "2026-10-25 02:30",
            ("2026-10-25T02:45:00+02:00", "2026-10-25T02:30:00+01:00"),
            0.75,
        ),
        # ... and never in that of 29 March.
        (
            "Europe/Berlin",
            "2026-03-29 00:00",
            "2026-03-29 06:00",
            ("2026-03-29T00:00:00+01:00", "2026-03-29T06:00:00+02:00"),
            5,
        ),
    ],
)
async def test_local_times_are_taken_as_the_clock_shows_them(
    hass: HomeAssistant,
    call: Call,
    zone: str,
    start: str,
    end: str,
    told: tuple[str, str],
    hours: float,
) -> None:
    await hass.config.async_set_time_zone(zone)
    answer = await call("get_recordings", start_time=start, end_time=end)
    assert (answer["start_time"], answer["end_time"]) == told
    first, last = map(datetime.fromisoformat, told)
    assert last - first == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("action", "data", "key", "named"),
    [
        (
            "get_recordings",
            {"start_time": "2026-02-02 15:00", "end_time": "2026-02-02 14:00"},
            "range_end_before_start",
            ("Start time", "2026-02-02 15:00:00", "End time", "2026-02-02 14:00:00"),
        ),
        (
            "get_recordings",
            {"start_time": "2026-01-01 00:00", "end_time": "2026-06-01 00:00"},
            "range_too_long",
            ("Start time", "End time", "92"),
        ),
        (
            "get_recordings",
            {"start_time": "2999-01-01 00:00"},
            "range_in_future",
            ("Start time", "2999-01-01 00:00:00"),
        ),
        (
            "get_thumbnails",
            {"start_time": "2026-02-02 15:00", "end_time": "2026-02-02 14:00"},
            "range_end_before_start",
            ("Start time", "End time"),
        ),
        (
            "get_thumbnails",
            {"end_time": "9999-12-31 23:59"},
            "time_out_of_range",
            ("9999-12-31",),
        ),
    ],
)
async def test_a_range_without_sense_is_refused_in_words(
    call: Call,
    cloud: SimulatedCloud,
    action: str,
    data: dict[str, Any],
    key: str,
    named: tuple[str, ...],
) -> None:
    with pytest.raises(ServiceValidationError) as raised:
        await call(action, **data)
    assert raised.value.translation_key == key
    for text in named:
        assert text in str(raised.value)
    assert asked(cloud) == 0


@pytest.mark.parametrize(
    ("action", "data", "field"),
    [
        ("search_media", {"limit": 1001}, "limit"),
        ("search_media", {"category": "film"}, "category"),
        ("get_recordings", {}, "start_time"),
        ("get_recordings", {"start_time": "yesterday"}, "start_time"),
        ("get_thumbnails", {"limit": 501}, "limit"),
        ("get_thumbnails", {"other": 1}, "other"),
    ],
)
async def test_a_field_that_can_not_be_so_is_named(
    call: Call, cloud: SimulatedCloud, action: str, data: dict[str, Any], field: str
) -> None:
    with pytest.raises(probatio.Invalid) as raised:
        await call(action, **data)
    assert field in str(raised.value)
    assert asked(cloud) == 0


# --- Thumbnails ----------------------------------------------------------------------------


def thumbnails(
    camera: Camera, start: float, end: float, limit: int, *, newest_first: bool = True
) -> list[str]:
    """Return the times of thumbnails that the cloud has."""
    found, _ = find_thumbnails(
        camera, start, end, limit=limit, newest_first=newest_first
    )
    return [iso(each) for each in found]


def times(answer: Any) -> list[str]:
    """Return the times of an answer."""
    return [each["time"] for each in answer["thumbnails"]]


async def test_the_newest_thumbnails_come_first(
    call: Call, cloud: SimulatedCloud, camera: Camera
) -> None:
    now = cloud.clock.now()
    answer = await call("get_thumbnails", limit=5)
    assert len(times(answer)) == 5
    assert times(answer) == thumbnails(camera, 0, now, 5)
    assert times(answer)[0].endswith("+09:00")
    assert tells_no_secret(answer, cloud)


async def test_thumbnails_of_a_range_are_those_within(
    call: Call, camera: Camera
) -> None:
    start = ago(hours=3)
    end = start + timedelta(minutes=20)
    answer = await call("get_thumbnails", start_time=local(start), end_time=local(end))
    assert len(times(answer)) == 20
    assert times(answer) == thumbnails(camera, start.timestamp(), end.timestamp(), 100)
    before = await call("get_thumbnails", end_time=end.isoformat(), limit=20)
    assert times(before) == times(answer)


async def test_from_a_start_alone_the_oldest_come_first(
    call: Call, camera: Camera
) -> None:
    start = ago(hours=9)
    answer = await call("get_thumbnails", start_time=local(start), limit=7)
    assert len(times(answer)) == 7
    assert times(answer) == thumbnails(
        camera, start.timestamp(), ago().timestamp(), 7, newest_first=False
    )


@pytest.mark.parametrize(("limit", "requests"), [(101, 2), (500, 6)])
@pytest.mark.parametrize("newest_first", [True, False])
async def test_more_than_a_hundred_are_read_in_pages(
    call: Call,
    cloud: SimulatedCloud,
    camera: Camera,
    limit: int,
    requests: int,
    newest_first: bool,
) -> None:
    """None is missing and none is there twice where one page follows the other."""
    start, end = ago(days=4), ago(days=2)
    data = {"end_time": local(end)} if newest_first else {}
    answer = await call("get_thumbnails", start_time=local(start), limit=limit, **data)
    until = end if newest_first else ago()
    expected = thumbnails(
        camera,
        start.timestamp(),
        until.timestamp(),
        limit,
        newest_first=newest_first,
    )
    assert len(expected) == limit
    assert times(answer) == expected
    assert cloud.stats.count("thumbnails") <= requests


async def test_the_last_page_is_the_end(
    call: Call, cloud: SimulatedCloud, camera: Camera
) -> None:
    start = ago(hours=8)
    end = start + timedelta(hours=4)
    answer = await call(
        "get_thumbnails", start_time=local(start), end_time=local(end), limit=500
    )
    expected = thumbnails(camera, start.timestamp(), end.timestamp(), 500)
    assert 100 < len(expected) < 500
    assert times(answer) == expected
    assert cloud.stats.count("thumbnails") == 3


async def test_the_addresses_show_the_pictures_for_no_further_request(
    call: Call, cloud: SimulatedCloud, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Without logging in, as in a notification."""
    answer = await call(
        "get_thumbnails",
        start_time=local(ago(hours=3)),
        end_time=local(ago(hours=2)),
        limit=3,
    )
    client = await hass_client_no_auth()
    pictures = set()
    for each in answer["thumbnails"]:
        response = await client.get(each["url"])
        assert response.status == HTTPStatus.OK
        assert response.content_type == "image/jpeg"
        pictures.add(await response.read())
        unsigned = await client.get(each["url"].partition("?")[0])
        assert unsigned.status == HTTPStatus.UNAUTHORIZED
    assert len(pictures) == 3
    assert cloud.stats.count("thumbnails") == 1


async def test_where_there_are_no_thumbnails_there_are_none(
    call: Call, camera: Camera
) -> None:
    start = ago(hours=3)
    camera.add_gap(start.timestamp() - 60, start.timestamp() + 660)
    answer = await call(
        "get_thumbnails",
        start_time=local(start),
        end_time=local(start + timedelta(minutes=10)),
    )
    assert answer == {"thumbnails": []}


# --- Who, and what goes wrong ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "endpoint", "kind"),
    [
        ("search_media", "camera_medias", "media"),
        ("get_recordings", "history", "recordings"),
        ("get_thumbnails", "thumbnails", "thumbnails"),
    ],
)
async def test_what_is_not_found_of_a_camera_that_is_there_is_nothing(
    call: Call, cloud: SimulatedCloud, action: str, endpoint: str, kind: str
) -> None:
    cloud.faults.add(endpoint, "status", count=FOREVER, status=404)
    answer = await call(action, **WHENEVER[action])
    assert answer[kind] == []


async def test_a_part_that_is_not_found_takes_nothing_of_the_others(
    call: Call, cloud: SimulatedCloud
) -> None:
    """Recordings are told by fortnights, and thumbnails by the hundred."""
    month = {"start_time": local(ago(days=28)), "end_time": local(ago(days=1))}
    whole = await call("get_recordings", **month)
    cloud.faults.add("history", "status", status=404)
    part = await call("get_recordings", **month)
    assert 0 < part["total_seconds"] < whole["total_seconds"]
    cloud.faults.add("thumbnails", "delay")
    cloud.faults.add("thumbnails", "status", status=404)
    assert len((await call("get_thumbnails", limit=200))["thumbnails"]) == 100


async def test_several_cameras_answer_each_for_itself(
    hass: HomeAssistant, call: Call, estate: Estate, cloud: SimulatedCloud
) -> None:
    cameras = tuple(estate.cameras.values())[:4]
    for each in cameras:
        cloud.media.create_snapshot(each, ago(hours=1).timestamp(), each.name)
    answer = await call("search_media", cameras=cameras)
    assert {
        name: [media["name"] for media in found["media"]]
        for name, found in answer.items()
    } == {entity_id(hass, "camera", each.id): [each.name] for each in cameras}


@pytest.mark.parametrize("action", EVERYTHING)
async def test_who_may_not_control_a_camera_gets_nothing_of_it(
    hass: HomeAssistant,
    camera: Camera,
    cloud: SimulatedCloud,
    passage: Passage,
    hass_read_only_user: MockUser,
    action: str,
) -> None:
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            "amnimo",
            action,
            {
                "entity_id": entity_id(hass, "camera", camera.id),
                **WHENEVER[action],
            },
            blocking=True,
            return_response=True,
            context=Context(user_id=hass_read_only_user.id),
        )
    assert asked(cloud) == 0


@pytest.mark.parametrize(
    ("action", "endpoint", "fault", "key"),
    [
        (
            "search_media",
            "camera_medias",
            {"kind": "status", "status": 403},
            "permission_denied",
        ),
        ("search_media", "camera_medias", {"kind": "html"}, "unexpected_response"),
        ("get_recordings", "history", {"kind": "drop"}, "cannot_connect"),
        (
            "get_thumbnails",
            "thumbnails",
            {"kind": "status", "status": 429},
            "rate_limited",
        ),
    ],
)
@pytest.mark.usefixtures("impatient")
async def test_a_service_that_refuses_is_told_in_words(
    call: Call,
    cloud: SimulatedCloud,
    action: str,
    endpoint: str,
    fault: dict[str, Any],
    key: str,
) -> None:
    cloud.faults.add(endpoint, count=FOREVER, **fault)
    with pytest.raises(HomeAssistantError) as raised:
        await call(action, **WHENEVER[action])
    assert raised.value.translation_key == key
    assert key not in str(raised.value)
