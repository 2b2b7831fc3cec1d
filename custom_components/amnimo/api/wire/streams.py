"""Started playbacks (API document, section 4. 映像再生). All names are assumed."""

from __future__ import annotations

from typing import Any

from ..models import Stream
from .addresses import addresses
from .reading import fields_of, is_uuid, object_in, search_text, strings

_URL_NAMES = ("hlsurl", "url", "playbackurl", "streamurl", "playlisturl")


def stream(payload: Any) -> Stream | None:
    """Read a started playback; None without a URL."""
    found = list(addresses(payload)) or list(
        addresses(object_in(fields_of(payload), "camera", "device"))
    )
    if not found:
        return None
    candidates = [each for each in found if ".m3u8" in each.url] or found
    named = (
        each.url for name in _URL_NAMES for each in candidates if each.name == name
    )
    request_id = search_text(
        payload, "requestid", "streamid", "sessionid", "playbackid", "id", "uuid"
    ) or next(filter(is_uuid, strings(payload)), None)
    return Stream(next(named, candidates[0].url), request_id)
