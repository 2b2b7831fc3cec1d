"""Payload to model: the only place that knows the names on the wire.

The API document states requests exactly, but leaves most responses open. So each field is
looked for under an ordered list of names, and all but an identifier may be missing: an object
without one is dropped, everything else degrades. No reader here raises on what a 2xx response
may hold, whatever it is.

One module for each kind of object. Names are written there as they are compared:
without case, `_` and `-`.
"""

from .accounts import tenant, token
from .cameras import camera, camera_in_row, camera_page, camera_rows
from .devices import device_page, external_devices
from .medias import media, media_list
from .memo import CameraMemo, RecalledPage, Unread
from .ports import ports
from .reading import is_listing, total_in as total
from .recordings import recordings
from .streams import stream
from .thumbnails import thumbnails

__all__ = [
    "CameraMemo",
    "RecalledPage",
    "Unread",
    "camera",
    "camera_in_row",
    "camera_page",
    "camera_rows",
    "device_page",
    "external_devices",
    "is_listing",
    "media",
    "media_list",
    "ports",
    "recordings",
    "stream",
    "tenant",
    "thumbnails",
    "token",
    "total",
]
