"""Where values in an answer end up, found out by changing them."""

from __future__ import annotations

from typing import Any

import pytest

from custom_components.amnimo.api import wire
from script.account_probe.provenance import trace

UUID = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"


def cameras(payload: Any) -> tuple[Any, ...]:
    """Read cameras as the integration does."""
    return wire.camera_page(payload).cameras


def test_an_attribute_is_traced_to_the_name_that_it_was_read_under() -> None:
    row = {"camera_id": UUID, "label": "Gate", "state": {"connection": "ONLINE"}}
    traced = trace({"items": [row]}, cameras)

    assert traced.found["id"] == ["items[].camera_id"]
    assert traced.found["name"] == ["items[].label"]


def test_of_two_names_for_the_same_value_the_one_that_was_read_is_told() -> None:
    row = {"id": UUID, "cameraId": UUID, "name": "Gate", "title": "Gate"}
    traced = trace([row], cameras)

    assert traced.found["id"] == ["[].id"]
    assert traced.found["name"] == ["[].name"]
    assert traced.unused == ["[].cameraId", "[].title"]


def test_a_fallback_is_told_as_what_it_is() -> None:
    traced = trace([{"id": UUID}], cameras)

    assert traced.found["name"] == ["[].id"]


def test_what_nothing_is_read_from_is_told() -> None:
    row = {"id": UUID, "name": "Gate", "onlinenessOfCamera": "YES", "pets": [1]}
    traced = trace({"cameras": [row]}, cameras)

    assert "online" not in traced.found
    assert traced.unused == ["cameras[].onlinenessOfCamera", "cameras[].pets[]"]


def test_an_end_is_traced_although_it_must_not_be_before_its_start() -> None:
    row = {"from": "2026-02-02T15:00:00Z", "to": "2026-02-02T16:00:00Z"}
    traced = trace([row], wire.recordings)

    assert traced.found == {"start": ["[].from"], "end": ["[].to"]}


def test_a_kind_is_traced_although_the_identifier_tells_it_too() -> None:
    row = {"portId": "lan1", "port_type": "POE", "status": 1}
    traced = trace({"data": [row]}, wire.ports)

    assert "data[].port_type" in traced.found["kind"]
    assert traced.found["on"] == ["data[].status"]


def test_rows_under_their_identifiers_are_traced_without_naming_them() -> None:
    row = {"name": "Gate", "status": "ONLINE"}
    traced = trace({"cameras": {UUID: row, OTHER: row}}, cameras)

    assert traced.found["id"] == ["cameras.* (the key)"]
    assert traced.found["name"] == ["cameras.*.name"]
    assert UUID not in str(traced.found)


@pytest.mark.parametrize("moment", [1770044400, 1770044400000, 1770044400000000000])
def test_times_since_the_epoch_are_traced_in_any_unit(moment: int) -> None:
    row = {"id": UUID, "thumbnail": {"ts": moment, "url": "https://a.example/1.jpg?x"}}
    traced = trace([row], cameras)

    assert traced.found["thumbnail.time"] == ["[].thumbnail.ts"]
    assert traced.found["thumbnail.url"] == ["[].thumbnail.url"]


def test_a_long_list_is_judged_by_its_fullest_rows_and_counted_whole() -> None:
    rows: list[dict[str, Any]] = [{"id": f"{UUID[:-3]}{n:03}"} for n in range(400)]
    rows[321] |= {"name": "Gate", "version": "1.0"}
    traced = trace(rows, cameras)

    assert len(traced.models) == 400
    assert traced.held_by("version") == 1
    assert traced.found["version"] == ["[].version"]


@pytest.mark.parametrize("payload", [None, [], {}, "text", 7, [[[[]]]], {"a": [None]}])
def test_any_answer_can_be_traced(payload: Any) -> None:
    assert trace(payload, cameras).found == {}
