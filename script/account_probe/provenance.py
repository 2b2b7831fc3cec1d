"""Where in an answer each attribute of what was read comes from.

Nobody says which name a reader found a value under, so it is tried out: one value of the answer
at a time is changed, the answer is read again, and what is different then came from there. That
knows nothing of the readers and so can't disagree with them. Owns the trying; knows neither what
was asked nor how it is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime, timedelta
import re
from typing import Any

from custom_components.amnimo.api import shown_key

type Reader = Callable[[Any], Sequence[Any]]
"""Reads the models out of an answer; must not raise on any JSON."""

_SAMPLED = 3
_DEEPEST = 8

_URL = re.compile(r"(?P<scheme>https?://)[^/\s]+")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")

_OTHER_UUID = "5f0c7a3e-9d41-4b86-8e27-c1d2a4f6b893"
# The first means nothing in any list of words, neither as a whole nor in part. Some words are only
# missed where another one stands, since their meaning is also told by something else.
_OTHER_TEXTS = ("Zq", "INPUT", "POE")
_A_MOMENT = timedelta(seconds=1)
# Times since the epoch in nanoseconds are not told apart by one of them.
_HUGE = 1e14


@dataclass(slots=True)
class Provenance:
    """What was read out of an answer, and from where."""

    models: Sequence[Any]
    """All of them, unsampled."""
    found: dict[str, list[str]] = field(default_factory=dict)
    """Paths by attribute (`thumbnail.time`): `cameras[].thumbnail.timestamp`."""
    unused: list[str] = field(default_factory=list)
    """Paths of values that nothing was read from."""

    def held_by(self, attribute: str) -> int:
        """Return how many of the models have a value for an attribute."""
        values = (attributes_of(model).get(attribute) for model in self.models)
        return sum(value is not None for value in values)


def trace(payload: Any, read: Reader) -> Provenance:
    """Find out where what is read comes from.

    Long lists are judged by their fullest items.
    """
    told = Provenance(read(payload))
    sample = sampled(payload)
    before = [attributes_of(model) for model in read(sample)]
    unused: dict[str, bool] = {}
    for path, other in _changed(sample, "", 0, lambda value: value):
        after = [attributes_of(model) for model in read(other)]
        changed = _differences(before, after)
        for attribute in changed:
            paths = told.found.setdefault(attribute, [])
            if path not in paths:
                paths.append(path)
        unused[path] = unused.get(path, True) and not changed
    told.unused = [path for path, nothing in unused.items() if nothing]
    return told


def attributes_of(model: Any) -> dict[str, Any]:
    """Return a model's values by attribute, those of models in it under `outer.inner`.

    Models in a tuple count together: as if there were one.
    """
    found: dict[str, Any] = {}
    for each in fields(model):
        value = getattr(model, each.name)
        if is_dataclass(value):
            inner = attributes_of(value)
            found |= {f"{each.name}.{name}": item for name, item in inner.items()}
        elif isinstance(value, tuple):
            for item in map(attributes_of, value):
                for name, held in item.items():
                    found.setdefault(f"{each.name}.{name}", []).append(held)
        else:
            found[each.name] = value
    return found


def sampled(value: Any, depth: int = 0) -> Any:
    """Return an answer whose lists hold only their few fullest items."""
    if depth >= _DEEPEST:
        return value
    if isinstance(value, dict):
        items = list(value.items())
        if len(items) > _SAMPLED and all(isinstance(item, dict) for _, item in items):
            telling = [pair for pair in items if shown_key(pair[0], value) == "*"]
            if len(telling) == len(items):
                items = sorted(items, key=lambda pair: -_fullness(pair[1]))[:_SAMPLED]
        return {key: sampled(item, depth + 1) for key, item in items}
    if isinstance(value, list):
        fullest = sorted(value, key=lambda item: -_fullness(item))[:_SAMPLED]
        return [sampled(item, depth + 1) for item in fullest]
    return value


def _fullness(value: Any) -> int:
    """Return how many values something holds, however deep."""
    if isinstance(value, dict):
        return sum(map(_fullness, value.values()))
    if isinstance(value, list):
        return sum(map(_fullness, value))
    return value is not None


def _differences(
    before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]
) -> list[str]:
    """Return the attributes that differ; all of a model's that came or went count as its `id`."""
    if len(before) != len(after):
        return ["id"]
    return list(
        dict.fromkeys(
            name
            for old, new in zip(before, after, strict=True)
            for name in old | new
            if old.get(name) != new.get(name)
        )
    )


def _changed(
    value: Any, path: str, depth: int, put: Callable[[Any], Any]
) -> Iterator[tuple[str, Any]]:
    """Yield the answer once for each value in it, with that one changed, and the value's path.

    Args:
        value: a part of the answer.
        path: of that part.
        depth: how many levels down it is.
        put: returns the whole answer with something else in the part's place.

    """
    if depth < _DEEPEST and isinstance(value, dict):
        for key, item in value.items():
            name = shown_key(key, value)
            inner = f"{path}.{name}" if path else name

            def put_item(other: Any, key: str = key) -> Any:
                return put({**value, key: other})

            if name == "*":
                for other in _others(key):
                    renamed = {
                        (other if each == key else each): held
                        for each, held in value.items()
                    }
                    yield f"{inner} (the key)", put(renamed)
            yield from _changed(item, inner, depth + 1, put_item)
    elif depth < _DEEPEST and isinstance(value, list):
        for index, item in enumerate(value):

            def put_at(other: Any, index: int = index) -> Any:
                return put([*value[:index], other, *value[index + 1 :]])

            yield from _changed(item, f"{path}[]", depth + 1, put_at)
    elif value is not None:
        for other in _others(value):
            yield path or "the answer itself", put(other)


def _others(value: Any) -> Iterator[Any]:
    """Yield other values of the same kind."""
    match value:
        case bool():
            yield not value
        case int() | float():
            yield value + (10**9 if abs(value) > _HUGE else 1)
        case str():
            yield from _other_texts(value)


def _other_texts(text: str) -> Iterator[str]:
    if _URL.match(text):
        yield _URL.sub(r"\g<scheme>other.invalid", text, count=1)
    elif _UUID.fullmatch(text):
        yield _OTHER_UUID
    elif _NUMBER.fullmatch(text):
        yield from map(str, _others(float(text)))
    elif (later := _later(text)) is not None:
        yield later
    else:
        yield from _OTHER_TEXTS


def _later(text: str) -> str | None:
    """Return a time a little later: one far away might end before it begins."""
    try:
        time = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return None
    return (time + _A_MOMENT).isoformat()
