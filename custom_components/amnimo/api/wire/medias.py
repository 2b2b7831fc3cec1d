"""Clips and snapshots (API document, section 5. メディア).

Known are the names at the top of a media object; assumed are the words of its status but
COMPLETED, and what is in its `meta`, where the URL of the file is looked for first.
"""

from __future__ import annotations

from functools import lru_cache
import re
from typing import Any
from urllib.parse import unquote, urlsplit

from ..models import Media, MediaCategory
from .addresses import Address, addresses
from .reading import (
    Fields,
    count_in,
    fields_of,
    list_in,
    object_in,
    single_objects,
    text_in,
    time_in,
)
from .states import media_state

_NAMES = ("name", "medianame", "title")
_URL_NAMES = ("url", "presignedurl", "downloadurl", "fileurl")
_LIKELY_URL_NAME = re.compile(
    r".*(ur[il]|link|href|src|file|download|presign|signed|location|path|object|content|video"
    r"|movie|clip|snapshot|media|s3).*"
)
# Pictures that go with a file. A clip's are no file of a clip, a small one is no snapshot.
_SMALL_PICTURE = re.compile(r".*(thumb|poster).*")
_PREVIEW = re.compile(r".*(thumb|poster|preview|sprite).*")
_PICTURE = re.compile(
    r".*(thumb|poster|preview|sprite|image|picture).*|.*\.(jpe?g|png|webp|gif)"
)
_VIDEO_FILE = re.compile(r".*\.(mp4|m4v|mov|mkv|webm|ts)")
_CATEGORY_WORDS = {
    MediaCategory.CLIP: re.compile(r"clip|クリップ", re.IGNORECASE),
    MediaCategory.SNAPSHOT: re.compile(r"snap[ _-]?shot|スナップ", re.IGNORECASE),
}


def media(payload: Any) -> Media | None:
    """Read one media object, bare or in a wrapper; None without an identifier."""
    found = (_media(fields) for fields in single_objects(payload, "media"))
    return next((each for each in found if each is not None), None)


def media_list(payload: Any) -> tuple[Media, ...]:
    """Read found media objects, without those that have no identifier."""
    rows = list_in(payload, "medias", "media")
    return tuple(each for row in rows if (each := _media(fields_of(row))) is not None)


def _media(fields: Fields) -> Media | None:
    identifier = text_in(fields, "id", "mediaid", "uuid")
    if identifier is None:
        return None
    meta = object_in(fields, "meta")
    category = _category(text_in(fields, "category", "mediacategory") or "")
    url = _file_url(fields, category)
    state, status = media_state(
        fields.get("status"), fields.get("state"), has_file=url is not None
    )
    content_type_names = ("contenttype", "mimetype", "mediatype", "mime")
    return Media(
        id=identifier,
        camera_id=text_in(fields, "cameraid")
        or text_in(object_in(fields, "camera"), "id", "cameraid"),
        category=category,
        name=text_in(fields, *_NAMES),
        state=state,
        status=status,
        start=time_in(fields, "starttime", "start", "startdatetime"),
        end=time_in(fields, "endtime", "end", "enddatetime"),
        requested=time_in(
            fields, "requesteddatetime", "requestedat", "requestedtime", "createdat"
        ),
        size=count_in(fields, "size", "filesize", "bytes"),
        content_type=text_in(meta, *content_type_names)
        or text_in(fields, *content_type_names),
        type=text_in(fields, "type"),
        source=text_in(fields, "source"),
        pid=text_in(fields, "pid"),
        url=url,
    )


@lru_cache(maxsize=64)
def _category(text: str) -> MediaCategory | None:
    """Return the category that a word says, be it more than that."""
    told = [each for each, word in _CATEGORY_WORDS.items() if word.search(text)]
    return told[0] if len(told) == 1 else None


def _file_url(fields: Fields, category: MediaCategory | None) -> str | None:
    """Return the URL of the file: in `meta`, elsewhere below, or at the top.

    What somebody called the medium is never it, wherever that stands again.
    """
    written = {
        name.strip() for key in _NAMES if isinstance(name := fields.get(key), str)
    }
    found = [
        address
        for address in addresses(fields)
        if address.url.strip() not in written
        and not (
            category is MediaCategory.CLIP
            and any(map(_SMALL_PICTURE.fullmatch, address.names))
        )
    ]
    best = min(found, key=lambda each: _doubts(each, category), default=None)
    return best.url if best is not None else None


def _doubts(address: Address, category: MediaCategory | None) -> tuple[int, ...]:
    """Return what speaks against an address of being that of the file, what matters most first."""
    beside = _PICTURE if category is MediaCategory.CLIP else _PREVIEW
    folder, _, file = _path(address.url).rpartition("/")
    named_beside = any(map(beside.fullmatch, address.names)) or (
        beside.fullmatch(file) is not None and not _VIDEO_FILE.fullmatch(file)
    )
    known = address.name in _URL_NAMES
    likely = known or any(map(_LIKELY_URL_NAME.fullmatch, address.names))
    return (
        named_beside,
        not likely,
        not known,
        beside.fullmatch(folder) is not None,
        0 if address.names[0] == "meta" else 1 if len(address.names) > 1 else 2,
        _URL_NAMES.index(address.name) if known else 0,
    )


def _path(url: str) -> str:
    try:
        return unquote(urlsplit(url).path).lower()
    except ValueError:
        return ""
