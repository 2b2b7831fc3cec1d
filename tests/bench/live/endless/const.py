"""Names that the integration and its callers need."""

from typing import Final

DOMAIN: Final = "endless"

CONF_CAMERAS: Final = "cameras"
CONF_WEBRTC: Final = "webrtc"

GET_SOURCES: Final = "get_sources"
