"""What of a listing need not be read again, and what must be."""

from __future__ import annotations

from collections.abc import Callable
import json
from typing import Any

import pytest

from custom_components.amnimo.api import (
    AmnimoClient,
    AmnimoNotFoundError,
    Camera,
    CameraMemo,
    wire,
)

from .conftest import ClientClock
from .scripted import Received, Reply, ScriptedService
from .test_paging import paged

HOST = "https://pictures.example"
LIFE = 900.0


def row(number: int = 0, *, signature: str = "first") -> dict[str, Any]:
    """Return a camera as the service may tell of it."""
    return {
        "id": f"c{number}",
        "name": f"Camera {number}?",
        "status": "ONLINE",
        "recording": True,
        "signal": -1,
        "place": None,
        "tags": ["gate", {"floor": 1}],
        "thumbnail": {
            "timestamp": "2026-11-23T03:00:00.000Z",
            "url": f"{HOST}/{number}.jpg?Signature={signature}",
        },
    }


@pytest.fixture
def memo(clock: ClientClock) -> CameraMemo:
    """Return a memo whose time stands still."""
    return CameraMemo(LIFE, clock.time)


def body_of(*rows: Any) -> bytes:
    """Return a page as a service may write it."""
    return json.dumps({"data": rows, "total": len(rows)}).encode()


def read(memo: CameraMemo, *rows: Any) -> list[Camera]:
    """Read the cameras of a listing of one page, and let the memo have them."""
    page = memo.recall(body_of(*rows), json.loads)
    assert page is not None
    for index, each in page.unread.items():
        page.cameras[index] = camera = wire.camera_in_row(each.row)
        assert camera is not None
        memo.note(each, camera)
    memo.end_listing(complete=True)
    return [each for each in page.cameras if each is not None]


def recall(memo: CameraMemo, *rows: Any) -> list[Camera | None]:
    """Return what is known of a page, None for what is not."""
    page = memo.recall(body_of(*rows), json.loads)
    memo.end_listing(complete=False)
    return page.cameras if page is not None else [None] * len(rows)


def test_a_camera_that_comes_as_it_was_is_the_same_object(memo: CameraMemo) -> None:
    known = read(memo, row(1), row(2))
    recalled = recall(memo, row(2), row(1), row(3))
    assert recalled[0] is known[1]
    assert recalled[1] is known[0]
    assert recalled[2] is None


def test_a_url_that_was_presigned_anew_is_no_difference(memo: CameraMemo) -> None:
    """The camera has the URL that it had."""
    (known,) = read(memo, row())
    (recalled,) = recall(memo, row(signature="second"))
    assert recalled is known
    assert recalled.thumbnail is not None
    assert recalled.thumbnail.url == f"{HOST}/0.jpg?Signature=first"


ESCAPED = {
    "slashes": ("/", "\\/"),
    "ampersands": ("&", "\\u0026"),
    "all but ASCII": ("門", "\\u9580"),
}
"""What services write otherwise than Python does, for example in Go and PHP."""


@pytest.mark.parametrize(("plain", "escaped"), ESCAPED.values(), ids=ESCAPED)
def test_a_url_is_known_however_the_service_writes_json(
    memo: CameraMemo, plain: str, escaped: str
) -> None:
    def page(signature: str) -> bytes:
        rows = [row(n, signature=f"{signature}&Expires=60") for n in range(3)]
        body = json.dumps({"data": [{**each, "name": "門"} for each in rows]})
        return body.replace(plain, escaped).encode()

    first = memo.recall(page("first"), json.loads)
    assert first is not None
    cameras = [wire.camera_in_row(each.row) for each in first.unread.values()]
    assert [camera.thumbnail.url for camera in cameras] == [
        f"{HOST}/{n}.jpg?Signature=first&Expires=60" for n in range(3)
    ]
    for each, camera in zip(first.unread.values(), cameras, strict=True):
        memo.note(each, camera)
    memo.end_listing(complete=True)
    second = memo.recall(page("second"), json.loads)
    assert second is not None
    assert second.cameras == cameras


def test_a_query_ends_where_its_text_does(memo: CameraMemo) -> None:
    """A quote in it is part of it, and so is what may follow that looks like another text."""
    known = read(memo, row(1), row(2))
    odd = row(1, signature='x","status":"OFFLINE')
    assert recall(memo, odd, row(2)) == [None, known[1]]
    (camera, _) = read(memo, odd, row(2))
    assert camera.online is True


def test_a_camera_that_comes_between_others_or_leaves_is_the_only_one_read(
    memo: CameraMemo,
) -> None:
    rows = [row(number) for number in range(20)]
    known = read(memo, *rows)
    assert recall(memo, *rows[:5], row(99), *rows[5:]) == [
        *known[:5],
        None,
        *known[5:],
    ]
    assert recall(memo, *rows[:5], *rows[9:]) == known[:5] + known[9:]
    assert recall(memo, *reversed(rows)) == known[::-1]
    changed = [
        {**each, "status": "OFFLINE"} if n % 7 == 0 else each
        for n, each in enumerate(rows)
    ]
    assert recall(memo, *changed) == [
        None if n % 7 == 0 else camera for n, camera in enumerate(known)
    ]


def setting(*path: str | int, to: Any) -> Callable[[dict[str, Any]], None]:
    """Return what changes a value somewhere in a row."""

    def change(each: Any) -> None:
        for key in path[:-1]:
            each = each[key]
        each[path[-1]] = to

    return change


@pytest.mark.parametrize(
    "change",
    [
        setting("name", to="Camera 1?"),
        setting("name", to="Camera 0?!"),
        setting("name", to=None),
        setting("status", to="OFFLINE"),
        setting("status", to=1),
        # Equal to Python, and not the same in JSON.
        setting("recording", to=1),
        setting("recording", to=1.0),
        setting("recording", to="true"),
        # These two have the same hash.
        setting("signal", to=-2),
        setting("signal", to=float("nan")),
        setting("place", to="Yard"),
        setting("place", to=False),
        setting("place", to={}),
        setting("tags", 0, to="door"),
        setting("tags", 1, "floor", to=2),
        setting("tags", to=["gate"]),
        setting("tags", to={"floor": 1}),
        setting("tags", to=[]),
        setting("thumbnail", "timestamp", to="2026-11-23T03:01:00.000Z"),
        setting("thumbnail", "url", to=f"{HOST}/1.jpg?Signature=first"),
        setting("thumbnail", "url", to=f"{HOST}/0.jpg"),
        setting("thumbnail", "url", to="/0.jpg?Signature=first"),
        setting("thumbnail", "size", to=1),
        setting("thumbnail", to=None),
        setting("thumbnail", to=f"{HOST}/0.jpg?Signature=first"),
        setting("version", to="1.2.3"),
        lambda each: each.pop("place"),
        lambda each: each["thumbnail"].pop("timestamp"),
        lambda each: each.update(Status=each.pop("status")),
    ],
)
def test_a_camera_of_which_anything_differs_is_read_again(
    memo: CameraMemo, change: Callable[[dict[str, Any]], None]
) -> None:
    read(memo, row())
    changed = row(signature="second")
    change(changed)
    assert recall(memo, changed) == [None]
    (camera,) = read(memo, changed)
    # What has a "?" that no query begins with is read each time.
    of_another_kind = any(odd in json.dumps(changed) for odd in ('"/0.jpg?', "?!"))
    # So is one whose picture has no time.
    undated = camera.thumbnail is not None and camera.thumbnail.time is None
    assert recall(memo, changed) == [None if of_another_kind or undated else camera]


def test_a_url_is_renewed_before_it_is_too_old(
    memo: CameraMemo, clock: ClientClock
) -> None:
    read(memo, row())
    clock.advance(LIFE - 1)
    assert recall(memo, row(signature="second")) != [None]
    clock.advance(1)
    assert recall(memo, row(signature="third")) == [None]
    (renewed,) = read(memo, row(signature="third"))
    clock.advance(LIFE - 1)
    assert recall(memo, row(signature="fourth")) == [renewed]


def test_a_url_that_is_shown_as_a_text_is_compared_as_a_whole(memo: CameraMemo) -> None:
    """What somebody called a camera is no presigned URL, whatever it looks like."""
    named = {**row(), "name": "http://192.0.2.7/?camera=1"}
    read(memo, named)
    assert recall(memo, {**named, "name": "http://192.0.2.7/?camera=2"}) == [None]


def test_a_text_that_begins_like_a_url_is_compared_as_a_whole(memo: CameraMemo) -> None:
    named = {**row(), "name": "http://192.0.2.7/?the gate"}
    read(memo, named)
    (camera,) = read(memo, {**named, "name": "http://192.0.2.7/?the yard"})
    assert camera.name == "http://192.0.2.7/?the yard"


def test_a_picture_without_a_time_may_be_another_one_by_its_query(
    memo: CameraMemo,
) -> None:
    undated = [
        {**row(), "thumbnail": f"{HOST}/latest.jpg?picture={number}"}
        for number in range(2)
    ]
    for each in undated:
        (camera,) = read(memo, each)
        assert camera.thumbnail is not None
        assert camera.thumbnail.url == each["thumbnail"]


@pytest.mark.parametrize("during_a_listing", [False, True])
def test_a_camera_whose_url_is_no_good_is_read_anew(
    memo: CameraMemo, during_a_listing: bool
) -> None:
    known = read(memo, row(1), row(2))
    if during_a_listing:
        memo.recall(body_of(row(1), row(2)), json.loads)
    memo.forget("c1")
    if during_a_listing:
        memo.end_listing(complete=True)
    assert recall(memo, row(1), row(2)) == [None, known[1]]
    renewed, _ = read(memo, row(1, signature="second"), row(2))
    assert renewed.thumbnail is not None
    assert renewed.thumbnail.url == f"{HOST}/1.jpg?Signature=second"
    assert recall(memo, row(1), row(2)) == [renewed, known[1]]


def test_a_camera_is_known_by_an_identifier_in_one_of_its_parts(
    memo: CameraMemo,
) -> None:
    inner = {"cameraInfo": {"cameraId": "c1", "cameraName": "Gate"}, "status": "ONLINE"}
    second = {**inner, "cameraInfo": {"cameraId": "c2", "cameraName": "Gate"}}
    other = {**inner, "cameraInfo": {"cameraId": "c3", "cameraName": "Gate"}}
    known, _ = read(memo, inner, second)
    assert recall(memo, other, inner) == [None, known]


@pytest.mark.parametrize(
    "odd",
    [None, "c0", 7, [], ["c0"], {}, {"id": None}, {"id": ["c0"]}, {"id": {"id": "c0"}}],
)
def test_rows_that_are_no_cameras_are_not_recalled(memo: CameraMemo, odd: Any) -> None:
    read(memo, row())
    assert recall(memo, odd) == [None]


def test_layouts_of_any_number_are_compared(memo: CameraMemo) -> None:
    """Keys may be identifiers, other ones in each camera."""
    rows = [{**row(n), "tags": {f"t{n}": "gate"}} for n in range(200)]
    assert read(memo, *rows) == recall(memo, *rows)
    assert recall(memo, {**rows[5], "tags": {"t6": "gate"}}, rows[6])[0] is None


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Gate?north", "Gate?south"),
        ('the "https://a?north" one', 'the "https://a?south" one'),
        ("https://a?north", "https://a?south"),
        ("Gate", "Gate?north"),
        ("Gate?", "Gate?north"),
        ("}, {", "}, {?north"),
    ],
)
def test_a_name_that_looks_like_a_query_or_like_json_is_a_name(
    memo: CameraMemo, name: str, other: str
) -> None:
    rows = [{**row(number), "name": name} for number in range(3)]
    read(memo, *rows)
    rows[1]["name"] = other
    assert [each.name for each in read(memo, *rows)] == [name, other, name]


TWO = [row(1), row(2)]
BODIES = {
    "compact": json.dumps({"data": TWO}, separators=(",", ":")),
    "indented": json.dumps({"data": TWO}, indent=2),
    "bare": json.dumps(TWO),
    "in a wrapper": json.dumps({"result": {"cameras": TWO}}),
    "a list after it": json.dumps({"data": TWO, "links": [{"a": 1}, "b"]}),
    "the same keys inside": json.dumps([{**each, "edge": {"id": "d"}} for each in TWO]),
    "other letters": json.dumps([{**row(1), "name": "門"}, row(2)], ensure_ascii=False),
    "braces in a text": json.dumps([{**row(1), "name": "}, {"}, row(2)]),
}
"""Pages that can be cut."""


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_pages_of_many_forms_are_cut(memo: CameraMemo, body: str) -> None:
    """And what is read of the parts is what would be read of the whole."""
    page = memo.recall(body.encode(), json.loads)
    assert page is not None
    rows = [each.row for each in page.unread.values()]
    assert rows == wire.camera_rows(json.loads(body))
    for each in page.unread.values():
        memo.note(each, wire.camera_in_row(each.row) or Camera("none", "none"))
    memo.end_listing(complete=True)
    page = memo.recall(body.replace("first", "second").encode(), json.loads)
    assert page is not None
    assert [each.id for each in page.cameras if each] == ["c1", "c2"]


WHOLE = {
    "nothing": "{}",
    "an empty list": '{"data": []}',
    "another list before it": json.dumps({"links": [{"a": 1}, {"a": 2}], "data": TWO}),
    "cameras by identifier": json.dumps({"cameras": {"a": row(1), "b": row(2)}}),
    "lists of objects inside": json.dumps(
        [{"id": id_, "tags": [{"id": 1}, {"id": 2}]} for id_ in ("c1", "c2")]
    ),
    "something else between": json.dumps([row(1), None, row(2)]),
    "cut off": json.dumps({"data": TWO})[:-9],
    "cut off at the end": json.dumps({"data": TWO})[:-1],
    "too much": json.dumps({"data": TWO}) + "}",
    "a list in a text": json.dumps({"note": "[{", "data": TWO}),
    "in the middle of a letter": '[{"name": "門'.encode()[:-1],
    "too deep": "[{" + '"a":[' * 200_000,
}
"""Pages that can't be cut, or whose cuts can't be proven."""


@pytest.mark.parametrize("body", WHOLE.values(), ids=WHOLE)
def test_what_can_not_be_cut_is_read_as_a_whole(
    memo: CameraMemo, body: str | bytes
) -> None:
    read(memo, *TWO)
    given = body if isinstance(body, bytes) else body.encode()
    assert memo.recall(given, json.loads) is None


def test_what_is_not_listed_any_more_is_forgotten(memo: CameraMemo) -> None:
    known = read(memo, row(1), row(2), row(3))
    assert read(memo, row(2), row(3)) == known[1:]
    assert recall(memo, row(1), row(2)) == [None, known[1]]


async def test_a_listing_has_what_is_as_it_was_and_what_is_not(
    scripted: AmnimoClient, service: ScriptedService, memo: CameraMemo
) -> None:
    """In the order of the service, over all pages; a camera that left is forgotten."""
    rows = [row(number) for number in range(700)]
    service.answers_by(paged(rows))
    first = await scripted.cameras("s1", memo=memo)
    rows[3] = {**row(3), "status": "OFFLINE"}
    rows[600:602] = [row(601, signature="second"), {"id": None}]
    service.answers_by(paged(rows))
    second = await scripted.cameras("s1", memo=memo)
    assert [each.id for each in second] == [
        f"c{number}" for number in range(700) if number != 600
    ]
    known = {camera.id: camera for camera in first}
    assert [each.id for each in second if each is not known[each.id]] == ["c3"]
    assert second[3].online is False
    service.answers_by(paged([*rows, row(600)]))
    third = await scripted.cameras("s1", memo=memo)
    assert third[-1] == known["c600"]
    assert third[-1] is not known["c600"]


async def test_what_is_as_it_was_keeps_nobody_waiting_and_the_payload_is_untouched(
    scripted: AmnimoClient, service: ScriptedService, memo: CameraMemo
) -> None:
    """Diagnostics show the last answer, not the one that a camera was read from."""
    service.answers({"data": [row()]})
    await scripted.cameras("s1", memo=memo)
    service.answers({"data": [row(signature="second")]})
    await scripted.cameras("s1", memo=memo)
    assert scripted.last_payloads["cameras"] == {"data": [row(signature="second")]}


async def test_a_listing_that_fails_forgets_nothing(
    scripted: AmnimoClient, service: ScriptedService, memo: CameraMemo
) -> None:
    rows = [row(number) for number in range(600)]
    service.answers_by(paged(rows))
    known = await scripted.cameras("s1", memo=memo)

    def fail_later(request: Received) -> Any:
        later = "page=1" in request.target
        return Reply(status=404) if later else {"data": rows[:500], "total": 600}

    service.answers_by(fail_later)
    with pytest.raises(AmnimoNotFoundError):
        await scripted.cameras("s1", memo=memo)
    assert recall(memo, *rows[598:600]) == list(known[598:600])
