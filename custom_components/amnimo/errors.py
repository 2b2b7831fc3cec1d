"""Errors of the API as errors that Home Assistant shows, in the user's language.

One table serves actions, entities, coordinators and the config flow.
"""

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

# A token that the quota refuses now is not to be had a minute later.
_QUOTA_RETRY_AFTER = 3600.0


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
    quota = isinstance(err, AmnimoQuotaExhaustedError)
    return UpdateFailed(
        translation_domain=DOMAIN,
        translation_key=error_key(err),
        retry_after=_QUOTA_RETRY_AFTER if quota else None,
    )
