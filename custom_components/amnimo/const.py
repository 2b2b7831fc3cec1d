"""Names and defaults that more than one module needs."""

from typing import Final

DOMAIN: Final = "amnimo"
MANUFACTURER: Final = "amnimo"

ENTRY_VERSION: Final = 1
"""Of an entry's data: a release that knows a lower one only can't read them."""
ENTRY_MINOR_VERSION: Final = 1
"""Of an entry's data: a release that knows a lower one can read them all the same."""

CONF_ACCOUNT_ID: Final = "account_id"
CONF_API_URL: Final = "api_url"
CONF_CAMERA_INTERVAL: Final = "camera_interval"
CONF_KEEP_ALIVE_PERIOD: Final = "keep_alive_period"
CONF_RESET_SECONDS: Final = "reset_seconds"
CONF_TENANTS: Final = "tenants"

DEFAULT_CAMERA_INTERVAL: Final = 60
DEFAULT_KEEP_ALIVE_PERIOD: Final = 60
DEFAULT_RESET_SECONDS: Final = 10
