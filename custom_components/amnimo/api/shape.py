"""The shape of a payload: its keys and types, and none of its values.

What the service sends is partly undocumented. A shape lets a user show what came, without
showing who or where they are.
"""

from __future__ import annotations

import re
from typing import Any

_IDENTIFYING_KEY = re.compile(r"[0-9a-f]{8}-|^\d|[^\x20-\x7e]|.{40}", re.IGNORECASE)
_SAMPLED = 20
_DEEPEST = 8


def shape(value: Any, depth: int = 0) -> Any:
    """Return an object as its keys with shapes, a list as the shape its items have together.

    Keys that may themselves be data (identifiers, names) become `*`. Texts tell their kind:
    time, url, uuid or text.
    """
    if depth >= _DEEPEST:
        return "…"
    if isinstance(value, dict):
        return {
            "*" if _IDENTIFYING_KEY.search(str(key)) else str(key): shape(
                item, depth + 1
            )
            for key, item in value.items()
        }
    if isinstance(value, list):
        items = [shape(item, depth + 1) for item in value[:_SAMPLED]]
        return [_merged(items)] if items else []
    return _kind(value)


def _merged(shapes: list[Any]) -> Any:
    """Return one shape that covers all: objects by key, other things by name."""
    objects = [item for item in shapes if isinstance(item, dict)]
    if len(objects) == len(shapes):
        keys = dict.fromkeys(key for item in objects for key in item)
        merged = {key: [item[key] for item in objects if key in item] for key in keys}
        return {
            key if len(found) == len(objects) else f"{key}?": _merged(found)
            for key, found in merged.items()
        }
    lists = [item for item in shapes if isinstance(item, list)]
    if len(lists) == len(shapes):
        inner = [each for item in lists for each in item]
        return [_merged(inner)] if inner else []
    names = sorted(
        {item if isinstance(item, str) else type(item).__name__ for item in shapes}
    )
    return " | ".join(names)


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int"
    if isinstance(value, float):
        return "float"
    text = str(value)
    if re.match(r"https?://", text):
        return "url"
    if re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text):
        return "uuid"
    if re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", text):
        return "time"
    return "text"
