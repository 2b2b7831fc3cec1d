"""Cameras as they were read before, so that what comes again as it was need not be read again.

To read a camera takes a hundred times as long as to see that nothing of it differs. Beside each
camera is kept what it was read from. What it is compared with may differ in the query of a URL
and in nothing else: pictures are presigned anew in each answer. So the URL of a camera from here
is an older one, and is good for a shorter time than one that was just read.

Knows no name on the wire, and never says more than that a camera is as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import fields
import time
from typing import Any, NamedTuple

from ..models import Camera
from .reading import DEEPEST, is_url

_TEXTS = tuple(field.name for field in fields(Camera) if field.name != "thumbnail")
# All cameras are told of alike; what has more layouts has keys that are no names.
_MOST_LAYOUTS = 64


class _Kept(NamedTuple):
    """A camera and what it was read from.

    An object is kept as the keys, which many cameras have together, and its values; that is
    less than half of what the object itself would take.
    """

    camera: Camera | None
    read_at: float
    keys: tuple[str, ...]
    values: tuple[Any, ...]


class CameraMemo:
    """The cameras of a tenant as they were last read."""

    def __init__(
        self, renew_after: float, steady: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin with none.

        Args:
            renew_after: seconds after which a camera is read again all the same, so that the
                URL of its picture is a newer one.
            steady: seconds from anywhere; only goes forward.

        """
        self._renew_after = renew_after
        self._steady = steady
        self._kept: dict[str, _Kept] = {}
        self._keys: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._id_path: tuple[str, ...] = ()

    def recall(self, rows: Iterable[Any]) -> list[Camera | None]:
        """Return the camera of each row that is as it was when it was read, None for others."""
        oldest = self._steady() - self._renew_after
        nothing = _Kept(None, oldest, (), ())
        recalled: list[Camera | None] = []
        for row in rows:
            identifier = row
            for key in self._id_path:
                identifier = identifier.get(key) if type(identifier) is dict else None
            kept = self._kept.get(identifier) if type(identifier) is str else None
            camera, read_at, keys, values = kept or nothing
            if (
                read_at > oldest
                and tuple(row) == keys
                and _all_match(row.values(), values)
            ):
                recalled.append(camera)
            else:
                recalled.append(None)
        return recalled

    def note(self, row: Any, camera: Camera) -> None:
        """Keep a camera with the row that it was just read from."""
        path = _path_to(camera.id, row)
        texts = (getattr(camera, name) for name in _TEXTS)
        own = {text: text for text in texts if isinstance(text, str)}
        # Where a URL is shown, its query matters, too.
        if path is None or any("?" in text and is_url(text) for text in own):
            return
        self._id_path = path
        if camera.thumbnail is not None and camera.thumbnail.url is not None:
            own[camera.thumbnail.url] = camera.thumbnail.url
        values = tuple(self._record(value, own, 0) for value in row.values())
        self._kept[camera.id] = _Kept(
            camera, self._steady(), self._shared(tuple(row)), values
        )

    def forget_others(self, camera_ids: Collection[str]) -> None:
        """Drop all cameras but those of a complete listing."""
        if len(self._kept) > len(camera_ids):
            self._kept = {
                id_: kept for id_, kept in self._kept.items() if id_ in camera_ids
            }

    def _record(self, value: Any, own: dict[str, str], depth: int) -> Any:
        """Return what a value is compared with later.

        A text is itself, as the camera has it if it does. All else is a tuple with its type,
        which no value equals at first sight: JSON tells true from 1, and Python doesn't.
        """
        if isinstance(value, str):
            return own.get(value, value)
        if isinstance(value, dict | list) and depth >= DEEPEST:
            # Equal to nothing; a camera so deep is read each time.
            return (None, None, None)
        if isinstance(value, dict):
            values = value.values()
            inner = tuple(self._record(each, own, depth + 1) for each in values)
            return (dict, self._shared(tuple(value)), inner)
        if isinstance(value, list):
            inner = tuple(self._record(each, own, depth + 1) for each in value)
            return (list, len(value), inner)
        return value if value is None else (type(value), value, None)

    def _shared(self, keys: tuple[str, ...]) -> tuple[str, ...]:
        if len(self._keys) >= _MOST_LAYOUTS:
            return self._keys.get(keys, keys)
        return self._keys.setdefault(keys, keys)


def _all_match(values: Iterable[Any], records: tuple[Any, ...]) -> bool:
    """Return whether as many values are as they were recorded, up to the query of a URL."""
    for value, record in zip(values, records, strict=False):
        if value == record:
            continue
        if type(record) is str:
            end = value.find("?") + 1 if type(value) is str else 0
            if not (
                end and value.startswith("http") and record.startswith(value[:end])
            ):
                return False
        elif not _matches(value, record):
            return False
    return True


def _matches(value: Any, record: tuple[Any, Any, tuple[Any, ...]] | None) -> bool:
    """Return whether a value that is no text is as it was recorded."""
    kind = type(value)
    if record is None or record[0] is not kind:
        return False
    _, known, inner = record
    if kind is dict:
        return tuple(value) == known and _all_match(value.values(), inner)
    if kind is list:
        return len(value) == known and _all_match(value, inner)
    return bool(value == known)


def _path_to(identifier: str, row: Any) -> tuple[str, ...] | None:
    """Return the keys under which a row, or an object in it, has a text."""
    if not isinstance(row, dict):
        return None
    for key, value in row.items():
        if value == identifier and isinstance(value, str):
            return (key,)
    for key, value in row.items():
        if isinstance(value, dict) and identifier in value.values():
            inner = next(each for each, text in value.items() if text == identifier)
            return (key, inner)
    return None
