"""Thumbnails: one a minute while a camera records (API document, section 3. カメラ).

Owns when there is one, and which are found by a search. A camera that never records has
one a minute as long as it is online.
"""

from collections.abc import Iterator
import math

from .recordings import DAY, RETENTION_SECONDS
from .spans import Span
from .world import Camera

INTERVAL_SECONDS = 60

# The newest is nearly always of the last minutes: look there before going through weeks.
_LOOK_BACK = (5 * 60.0, DAY, RETENTION_SECONDS)


def newest_thumbnail(camera: Camera, now: float) -> float | None:
    """Return the time of a camera's newest thumbnail, if it has any."""
    for seconds in _LOOK_BACK:
        spans = _spans(camera, now - seconds, now)
        for first, count in _marks(camera, reversed(spans)):
            return first + (count - 1) * INTERVAL_SECONDS
    return None


def find_thumbnails(
    camera: Camera, start: float, end: float, *, limit: int, newest_first: bool
) -> tuple[list[float], int]:
    """Return the times of up to ``limit`` thumbnails in a range, and how many there are."""
    runs = list(_marks(camera, _spans(camera, start, end)))
    total = sum(count for _, count in runs)
    if newest_first:
        times = (
            first + index * INTERVAL_SECONDS
            for first, count in reversed(runs)
            for index in reversed(range(count))
        )
    else:
        times = (
            first + index * INTERVAL_SECONDS
            for first, count in runs
            for index in range(count)
        )
    return [moment for moment, _ in zip(times, range(limit), strict=False)], total


def is_thumbnail(camera: Camera, moment: float) -> bool:
    """Say whether a camera has a thumbnail of exactly that time."""
    found, _ = find_thumbnails(camera, moment, moment + 1, limit=1, newest_first=False)
    return found == [moment]


def _spans(camera: Camera, start: float, end: float) -> list[Span]:
    return camera.recorded(start, end) if camera.records else camera.watched(start, end)


def _marks(
    camera: Camera, spans: Iterator[Span] | list[Span]
) -> Iterator[tuple[float, int]]:
    """Yield the first thumbnail's time and the number of thumbnails of each span with any."""
    offset = int(camera.id[:8], 16) % INTERVAL_SECONDS
    for span in spans:
        first = math.ceil((span.start - offset) / INTERVAL_SECONDS)
        last = math.ceil((span.end - offset) / INTERVAL_SECONDS)
        if last > first:
            yield float(first * INTERVAL_SECONDS + offset), last - first
