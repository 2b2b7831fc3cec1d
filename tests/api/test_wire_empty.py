"""Answers that hold nothing, in whatever they wrap it."""

from __future__ import annotations

from typing import Any

import pytest

from custom_components.amnimo.api import wire


@pytest.mark.parametrize(
    "payload",
    [
        {"data": {"ports": {}}},
        {"data": {"ports": {}, "deviceId": "d1"}},
        {"data": {"poe": {}, "input": {}, "output": {}}},
        {"data": {"poe": {}, "di": []}, "summary": {"total": 0}},
        {"ports": {}},
        {"data": {}},
        {"data": None},
    ],
)
def test_groups_without_ports_are_no_ports(payload: dict[str, Any]) -> None:
    assert wire.ports(payload) == ()


def test_a_group_without_ports_hides_no_other() -> None:
    payload = {"data": {"poe": {}, "output": {"do1": {"status": "ON"}}}}
    assert [port.id for port in wire.ports(payload)] == ["do1"]


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ({"data": {}}, True),
        ({"data": None}, True),
        ({"data": {}, "summary": {}}, True),
        ({"result": {"data": None}}, True),
        ({}, False),
        ({"data": {}, "message": "The device does not answer"}, False),
        ({"data": None, "error": {"code": 7}}, False),
        ({"message": "OK"}, False),
    ],
)
def test_an_empty_wrapper_says_that_there_is_nothing(payload: Any, said: bool) -> None:
    """Unless it says something else: then it may be another kind of answer."""
    assert wire.is_listing(payload) is said
