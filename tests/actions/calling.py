"""What tests of actions call, and how times are written there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from homeassistant.util import dt as dt_util

type Call = Callable[..., Awaitable[Any]]


def local(time: datetime) -> str:
    """Return a time as people write it."""
    return dt_util.as_local(time).strftime("%Y-%m-%d %H:%M:%S")


def ago(**length: float) -> datetime:
    """Return a time in the past, to the second."""
    return (dt_util.utcnow() - timedelta(**length)).replace(microsecond=0)


def iso(moment: float) -> str:
    """Return a moment of the cloud's as answers have it."""
    return dt_util.as_local(dt_util.utc_from_timestamp(moment)).isoformat()


def media_files(folder: Path) -> list[Path]:
    """Return the media files in a folder, those under way included."""
    return sorted(each for each in folder.rglob("*.*") if each.suffix)
