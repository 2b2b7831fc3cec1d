"""What the views of footage have in common: whose entry it is, and which status says what failed.

A status says whose fault it is and when it's worth another try, and no more: what the service
said of it stays here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
import logging
from typing import Any, Final

from aiohttp import hdrs, web

from homeassistant.components.http import HomeAssistantView
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from ..api import (
    AmnimoError,
    AmnimoNotFoundError,
    AmnimoPermissionError,
    AmnimoQuotaExhaustedError,
    AmnimoRateLimitedError,
)
from ..const import DOMAIN
from .picture import PictureBusyError, PictureError, PictureGoneError

_LOGGER = logging.getLogger(__name__)

_BUSY_SECONDS: Final = 30
# A token that the quota refuses now is not to be had a minute later.
_QUOTA_SECONDS: Final = 3600


class FootageView(HomeAssistantView):
    """Serves what cameras of all entries took."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Serve the footage of all entries."""
        self._hass = hass

    def _runtime_data(self, entry_id: str) -> Any:
        """Return the parts of an entry.

        Raises:
            HTTPNotFound: it is not one of ours, or not loaded.

        """
        entry = self._hass.config_entries.async_get_entry(entry_id)
        if (
            entry is None
            or entry.domain != DOMAIN
            or entry.state is not ConfigEntryState.LOADED
        ):
            raise web.HTTPNotFound
        return entry.runtime_data


def busy(seconds: int = _BUSY_SECONDS) -> web.HTTPException:
    """Return the answer that says to come again after some seconds."""
    return web.HTTPServiceUnavailable(headers={hdrs.RETRY_AFTER: str(seconds)})


@contextmanager
def failures_as_statuses() -> Iterator[None]:
    """Turn what fails behind into the status that says so.

    404 for what is not there, 503 with `Retry-After` for what is to be had later, 502 for all
    else.
    """
    try:
        yield
    except AmnimoNotFoundError, AmnimoPermissionError, PictureGoneError:
        raise web.HTTPNotFound from None
    except AmnimoQuotaExhaustedError:
        raise busy(_QUOTA_SECONDS) from None
    except AmnimoRateLimitedError, PictureBusyError:
        raise busy() from None
    except (AmnimoError, PictureError) as err:
        _LOGGER.debug("Footage can't be served: %s", err)
        raise web.HTTPBadGateway from None
