"""What a payload may show of itself: keys and types, never what it says."""

from __future__ import annotations

from collections.abc import Iterator
import json
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.amnimo.api import shape

UUID = "11111111-1111-4111-8111-111111111111"
KINDS = {
    "null",
    "bool",
    "int",
    "float",
    "object",
    "list",
    "url",
    "uuid",
    "time",
    "text",
    "…",
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "null"),
        (True, "bool"),
        (1, "int"),
        (1.5, "float"),
        ("Front gate", "text"),
        ("", "text"),
        (UUID, "uuid"),
        ("https://storage.example/1.jpg?signature=abc", "url"),
        ("2026-02-02T15:00:00.000Z", "time"),
        ("2026-02-02 15:00", "time"),
        ([], []),
        ({}, {}),
        ([1, 2], ["int"]),
        ([1, "a", None, 2.5], ["float | int | null | text"]),
        ([1, {"a": 1}, [2]], ["int | list | object"]),
        ([[1], [], ["a"]], [["int | text"]]),
        ({"id": UUID, "status": 1}, {"id": "uuid", "status": "int"}),
        ([{"a": 1, "b": "x"}, {"a": 2}], [{"a": "int", "b?": "text"}]),
        ([{"a": None}, {"a": {"b": 1}}], [{"a?": {"b": "int"}}]),
        ([{"a": None}, {"a": None}], [{"a": "null"}]),
        (
            [{"a": {"b": 1}}, {"a": {"c": 1}}, {}],
            [{"a?": {"b?": "int", "c?": "int"}}],
        ),
    ],
)
def test_a_shape_is_keys_and_types(value: Any, expected: Any) -> None:
    assert shape(value) == expected


@pytest.mark.parametrize(
    "key",
    [
        UUID,
        "deadbeefdeadbeef",
        "正面ゲート",
        "Front gate",
        "192.168.0.10",
        "tanaka@example.com",
        "https://storage.example",
        "2026-02-02",
        "7",
        "camera-0815",
        "x" * 41,
        "",
    ],
)
def test_a_key_that_may_be_data_is_not_shown(key: str) -> None:
    assert shape({key: {"status": 1}}) == {"*": {"status": "int"}}


@pytest.mark.parametrize(
    "key", ["id", "camera_id", "lan1", "childAccounts", "@type", "$ref", "x-request-id"]
)
def test_a_key_that_names_a_field_is_shown(key: str) -> None:
    assert shape({key: 1}) == {key: "int"}


def test_objects_by_their_identifiers_have_one_shape_together() -> None:
    value = {
        UUID: {"status": 1, "name": "A"},
        UUID.replace("1", "2"): {"status": "ON"},
    }
    assert shape(value) == {"*": {"status": "int | text", "name?": "text"}}


def test_an_object_of_very_many_keys_is_a_table_of_data() -> None:
    value = {f"{first}{second}": 1 for first in "abcdefgh" for second in "abcdefgh"}
    assert shape(value) == {"*": "int"}


def test_depth_has_an_end() -> None:
    deep: Any = 1
    for _ in range(100):
        deep = {"a": [deep]}
    assert "…" in json.dumps(shape(deep), ensure_ascii=False)


def leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
    else:
        yield value


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for each in (
        value.values()
        if isinstance(value, dict)
        else value
        if isinstance(value, list)
        else ()
    ):
        yield from keys(each)


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=40,
    )
)
def test_no_value_is_ever_shown(value: Any) -> None:
    shown = json.loads(json.dumps(shape(value)))
    for leaf in leaves(shown):
        assert set(leaf.split(" | ")) <= KINDS
    assert {key.removesuffix("?") for key in keys(shown)} <= {*keys(value), "*"}
