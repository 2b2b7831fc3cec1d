"""Pictures of cameras: what a search finds, and what comes with a camera.

API document, section 3. カメラ. Known are `total` and `thumbnails` of a search; all other names
are assumed.
"""

from __future__ import annotations

from datetime import datetime
from itertools import chain
import re
from typing import Any

from ..models import Thumbnail, ThumbnailList
from .addresses import addresses, is_of_others
from .reading import Fields, fields_of, is_url, list_in, time_in, total_in, url_in
from .times import day_in, likely_time, on_day

_FLAT_TIMES = (
    "thumbnailtimestamp",
    "thumbnailtime",
    "thumbnaildatetime",
    "thumbnailat",
    "thumbnailupdatedat",
    "thumbnaildate",
)
_TIME_NAMES = (
    "timestamp",
    "time",
    "datetime",
    "shotat",
    "takenat",
    "capturedat",
    "dt",
    "ts",
)
_TIME_WORDS = (
    "shot",
    "shoot",
    "captur",
    "taken",
    "撮影",
    "record",
    "録画",
    "photo",
    "image",
    "picture",
    "snap",
    "frame",
    "thumbnail",
    "timestamp",
    "start",
    "creat",
    "generat",
    "updat",
    "time",
    "date",
    "日時",
    "時刻",
)
"""What is in the name of a picture's time, the most telling first."""
_PLACES = (
    "thumbnail",
    "latestthumbnail",
    "thumbnails",
    "thumbnailinfo",
    "snapshot",
    "image",
)
"""Where a picture lies in a camera."""
_PLACE = re.compile(r"thumb|(latest|last|newest|current)(image|picture|snapshot|still)")
"""What else is called so holds a picture if it holds a URL."""


def thumbnails(payload: Any) -> ThumbnailList:
    """Read found thumbnails, without those that have neither a time nor a URL."""
    found = map(_thumbnail, list_in(payload, "thumbnails"))
    return ThumbnailList(
        tuple(each for each in found if each is not None), total_in(payload)
    )


def camera_thumbnail(fields: Fields) -> Thumbnail | None:
    """Return the newest picture that comes with a camera."""
    time = time_in(fields, *_FLAT_TIMES)
    others = (name for name in fields if _PLACE.search(name) and name not in _PLACES)
    for name in chain(_PLACES, others):
        value = fields.get(name)
        if value is None:
            continue
        pictures = [
            picture
            for each in (value if isinstance(value, list) else [value])
            if (picture := _thumbnail(each)) is not None
            and (name in _PLACES or picture.url is not None)
        ]
        if pictures:
            # Of several without a time, the first: who lists them, lists the newest first.
            newest = max(pictures, key=_age_key)
            url = newest.url or url_in(fields, "thumbnailurl", "thumbnailimageurl")
            return _picture(newest.time or time, url)
    return _picture(time, url_in(fields, "imageurl"))


def _age_key(picture: Thumbnail) -> float:
    return picture.time.timestamp() if picture.time is not None else 0.0


def _thumbnail(item: Any) -> Thumbnail | None:
    if isinstance(item, str):
        return _picture(None, item) if is_url(item) else None
    fields = fields_of(item)
    url = url_in(
        fields,
        "url",
        "presignedurl",
        "imageurl",
        "thumbnailurl",
        "signedurl",
        "href",
        "src",
    ) or next((address.url for address in addresses(item)), None)
    return _picture(_time(fields), url)


def _time(fields: Fields) -> datetime | None:
    """Return when a picture was taken."""
    found = time_in(fields, *_TIME_NAMES)
    if found is not None:
        return found
    parts = (
        fields_of(value) for name, value in fields.items() if not is_of_others(name)
    )
    for part in (on_day(fields, day_in(fields)), *parts):
        found = time_in(part, *_TIME_NAMES) or likely_time(part, *_TIME_WORDS)
        if found is not None:
            return found
    return time_in(fields, "date", *_FLAT_TIMES)


def _picture(time: datetime | None, url: str | None) -> Thumbnail | None:
    if time is None and url is None:
        return None
    return Thumbnail(time, url, url.partition("?")[0] if url and time is None else None)
