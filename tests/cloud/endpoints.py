"""The names of everything that can be requested, for counting and for faults."""

from enum import StrEnum


class Endpoint(StrEnum):
    """An endpoint of the API, or of the storage and streaming servers behind its URLs."""

    TOKEN = "token"
    HIERARCHY = "hierarchy"
    CAMERAS = "cameras"
    CAMERA = "camera"
    THUMBNAILS = "thumbnails"
    HISTORY = "history"
    STREAM_START = "stream_start"
    STREAM_UPDATE = "stream_update"
    STREAM_STOP = "stream_stop"
    MEDIA_CREATE = "media_create"
    CAMERA_MEDIAS = "camera_medias"
    MEDIAS = "medias"
    MEDIA_GET = "media_get"
    MEDIA_PUT = "media_put"
    MEDIA_DELETE = "media_delete"
    EXTERNAL_DEVICES = "external_devices"
    DEVICE_EXTERNAL_DEVICES = "device_external_devices"
    PERIPHERALS = "peripherals"
    PORT = "port"

    PLAYLIST = "playlist"
    SEGMENT = "segment"
    MEDIA_FILE = "media_file"
    THUMBNAIL_FILE = "thumbnail_file"

    UNKNOWN = "unknown"
