"""What of a listing need not be read again, and what must be."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
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


def read(memo: CameraMemo, *rows: Any) -> list[Camera]:
    """Read cameras, and let the memo have them."""
    cameras: list[Camera] = []
    for each in rows:
        camera = wire.camera_in_row(each)
        assert camera is not None
        memo.note(each, camera)
        cameras.append(camera)
    return cameras


def again(each: Any) -> Any:
    """Return the same in another answer: equal, and nothing of it the same object."""
    return json.loads(json.dumps(each))


def test_a_camera_that_comes_as_it_was_is_the_same_object(memo: CameraMemo) -> None:
    known = read(memo, row(1), row(2))
    recalled = memo.recall([again(row(2)), again(row(1)), row(3)])
    assert recalled[0] is known[1]
    assert recalled[1] is known[0]
    assert recalled[2] is None


def test_a_url_that_was_presigned_anew_is_no_difference(memo: CameraMemo) -> None:
    """The camera has the URL that it had."""
    (known,) = read(memo, row())
    (recalled,) = memo.recall([row(signature="second")])
    assert recalled is known
    assert recalled.thumbnail is not None
    assert recalled.thumbnail.url == f"{HOST}/0.jpg?Signature=first"


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
    changed = deepcopy(row(signature="second"))
    change(changed)
    assert memo.recall([changed]) == [None]
    camera = wire.camera_in_row(changed)
    assert camera is not None
    memo.note(changed, camera)
    unequal_to_itself = changed["signal"] != changed["signal"]
    assert memo.recall([changed]) == [None if unequal_to_itself else camera]


def test_a_url_is_renewed_before_it_is_too_old(
    memo: CameraMemo, clock: ClientClock
) -> None:
    read(memo, row())
    clock.advance(LIFE - 1)
    assert memo.recall([row(signature="second")]) != [None]
    clock.advance(1)
    assert memo.recall([row(signature="third")]) == [None]
    (renewed,) = read(memo, row(signature="third"))
    clock.advance(LIFE - 1)
    assert memo.recall([row(signature="fourth")]) == [renewed]


def test_a_url_that_is_shown_as_a_text_is_compared_as_a_whole(memo: CameraMemo) -> None:
    """What somebody called a camera is no presigned URL, whatever it looks like."""
    named = {**row(), "name": "http://192.0.2.7/?camera=1"}
    read(memo, named)
    assert memo.recall([{**named, "name": "http://192.0.2.7/?camera=2"}]) == [None]


def test_a_camera_is_known_by_an_identifier_in_one_of_its_parts(
    memo: CameraMemo,
) -> None:
    inner = {"cameraInfo": {"cameraId": "c1", "cameraName": "Gate"}, "status": "ONLINE"}
    (known,) = read(memo, inner)
    other = {**inner, "cameraInfo": {"cameraId": "c2", "cameraName": "Gate"}}
    assert memo.recall([again(inner), other]) == [known, None]


@pytest.mark.parametrize(
    "odd",
    [None, "c0", 7, [], ["c0"], {}, {"id": None}, {"id": ["c0"]}, {"id": {"id": "c0"}}],
)
def test_rows_that_are_no_cameras_are_not_recalled(memo: CameraMemo, odd: Any) -> None:
    read(memo, row())
    assert memo.recall([odd]) == [None]


def test_what_is_too_deep_to_be_compared_is_read_each_time(memo: CameraMemo) -> None:
    deep: Any = "x"
    for _ in range(500):
        deep = [deep]
    bottomless = {**row(), "tags": deep}
    read(memo, bottomless)
    assert memo.recall([bottomless]) == [None]


def test_layouts_of_any_number_are_compared(memo: CameraMemo) -> None:
    """Keys may be identifiers, other ones in each camera."""
    rows = [{**row(n), "tags": {f"t{n}": "gate"}} for n in range(200)]
    assert read(memo, *rows) == memo.recall(again(rows))
    assert memo.recall([{**rows[5], "tags": {"t6": "gate"}}]) == [None]


def test_what_is_not_listed_any_more_is_forgotten(memo: CameraMemo) -> None:
    known = read(memo, row(1), row(2))
    memo.forget_others({"c2"})
    assert memo.recall([row(1), row(2)]) == [None, known[1]]


async def test_a_listing_has_what_is_as_it_was_and_what_is_not(
    scripted: AmnimoClient, service: ScriptedService, memo: CameraMemo
) -> None:
    """In the order of the service, over all pages; a camera that left is forgotten."""
    rows = [row(number) for number in range(700)]
    service.answers_by(paged(rows))
    first = await scripted.cameras("s1", memo=memo)
    rows[3] = {**row(3), "status": "OFFLINE"}
    rows[600:602] = [row(601, signature="second"), {"name": "?"}]
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
    assert memo.recall([rows[599]]) == [known[599]]
