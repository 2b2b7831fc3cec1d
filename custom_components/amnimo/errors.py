"""Errors of the API as errors that Home Assistant shows, in the user's language.

One table serves actions, entities, coordinators and the config flow.
"""

import math

from homeassistant.exceptions import ConfigEntryAuthFailed, HomeAssistantError
from homeassistant.helpers.update_coordinator import UpdateFailed

from .api import (
    AmnimoAuthError,
    AmnimoConnectionError,
    AmnimoError,
    AmnimoNotFoundError,
    AmnimoPermissionError,
    AmnimoQuotaExhaustedError,
    AmnimoRateLimitedError,
)
from .const import DOMAIN

_KEYS: dict[type[AmnimoError], str] = {
    AmnimoAuthError: "auth_failed",
    AmnimoPermissionError: "permission_denied",
    AmnimoNotFoundError: "not_found",
    AmnimoRateLimitedError: "rate_limited",
    AmnimoQuotaExhaustedError: "quota_exhausted",
    AmnimoConnectionError: "cannot_connect",
}

# No limit of requests a second takes longer, whatever the service asks for.
_LONGEST_RATE_LIMIT = 300.0


def error_key(err: AmnimoError) -> str:
    """Return the translation key that says what went wrong and what to do."""
    return _KEYS.get(type(err), "unexpected_response")


def translated(err: AmnimoError) -> HomeAssistantError:
    """Return the error to raise from an action or an entity."""
    return HomeAssistantError(translation_domain=DOMAIN, translation_key=error_key(err))


def update_failed(err: AmnimoError) -> UpdateFailed | ConfigEntryAuthFailed:
    """Return the error to raise from a coordinator."""
    if isinstance(err, AmnimoAuthError):
        return ConfigEntryAuthFailed(
            translation_domain=DOMAIN, translation_key=error_key(err)
        )
    return UpdateFailed(
        translation_domain=DOMAIN,
        translation_key=error_key(err),
        retry_after=_retry_after(err),
    )


def _retry_after(err: AmnimoError) -> float | None:
    """Return the seconds before which another try is in vain, None where nobody knows."""
    if isinstance(err, AmnimoRateLimitedError):
        seconds = err.retry_after and min(err.retry_after, _LONGEST_RATE_LIMIT)
    elif isinstance(err, AmnimoQuotaExhaustedError):
        seconds = err.retry_after
    else:
        seconds = None
    # Home Assistant reckons from the last full second.
    return math.ceil(seconds) + 1.0 if seconds else None
