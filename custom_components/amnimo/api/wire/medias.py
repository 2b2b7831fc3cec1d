"""Clips and snapshots (API document, section 5. メディア).

Known are the names at the top of a media object; assumed are the words of its status but
COMPLETED, and what is in its `meta`, where the URL of the file is looked for first.
"""

from __future__ import annotations

from typing import Any

from ..models import Media, MediaCategory
from .reading import (
    Fields,
    count_in,
    fields_of,
    first_url,
    list_in,
    object_in,
    single_objects,
    text_in,
    time_in,
    url_in,
)
from .states import media_state

_URL_NAMES = ("url", "presignedurl", "downloadurl", "fileurl")
_CATEGORIES = {category.value: category for category in MediaCategory}


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
    url = url_in(fields, *_URL_NAMES) or url_in(meta, *_URL_NAMES) or first_url(fields)
    state, status = media_state(
        fields.get("status"), fields.get("state"), has_file=url is not None
    )
    category = text_in(fields, "category", "mediacategory") or ""
    content_type_names = ("contenttype", "mimetype", "mediatype", "mime")
    return Media(
        id=identifier,
        camera_id=text_in(fields, "cameraid")
        or text_in(object_in(fields, "camera"), "id", "cameraid"),
        category=_CATEGORIES.get(category.upper()),
        name=text_in(fields, "name", "medianame", "title"),
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
