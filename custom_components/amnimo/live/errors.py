"""Why a camera can't be played, in words for people and for readers.

An error of the API becomes one of a few reasons, each with a translation. No error here
carries a URL, a token or anything else that the service said.
"""

from enum import StrEnum
from http import HTTPStatus

from homeassistant.exceptions import HomeAssistantError

from ..api import (
    AmnimoAuthError,
    AmnimoConnectionError,
    AmnimoError,
    AmnimoNotFoundError,
    AmnimoPermissionError,
    AmnimoQuotaExhaustedError,
    AmnimoRateLimitedError,
    AmnimoResponseError,
)
from ..const import DOMAIN


class Reason(StrEnum):
    """Why a camera can't be played; the value is the translation key."""

    AUTH_FAILED = "live_auth_failed"
    ENCRYPTED = "live_encrypted"
    GONE = "live_camera_gone"
    NOT_RECORDED = "live_not_recorded"
    NO_VIDEO = "live_no_video"
    OFFLINE = "live_camera_offline"
    PERMISSION_DENIED = "live_permission_denied"
    QUOTA_EXHAUSTED = "live_quota_exhausted"
    RATE_LIMITED = "live_rate_limited"
    REFUSED = "live_start_refused"
    STARTING = "live_starting"
    STOPPED = "live_stopped"
    UNREACHABLE = "live_cloud_unreachable"


_TEXTS = {
    Reason.AUTH_FAILED: "the client ID or the secret was refused",
    Reason.ENCRYPTED: "the recording is encrypted",
    Reason.GONE: "the camera is not in the account any more",
    Reason.NOT_RECORDED: "nothing is recorded at that time",
    Reason.NO_VIDEO: "the camera sends no video",
    Reason.OFFLINE: "the camera is offline",
    Reason.PERMISSION_DENIED: "the client has no permission to play the camera",
    Reason.QUOTA_EXHAUSTED: "no more access tokens are issued now",
    Reason.RATE_LIMITED: "the cloud refuses requests because there are too many",
    Reason.REFUSED: "the cloud refused to start the stream",
    Reason.STARTING: "the camera has not begun to send yet",
    Reason.STOPPED: "the relay is stopped",
    Reason.UNREACHABLE: "the cloud can't be reached",
}

_REASONS: dict[type[AmnimoError], Reason] = {
    AmnimoAuthError: Reason.AUTH_FAILED,
    AmnimoConnectionError: Reason.UNREACHABLE,
    AmnimoPermissionError: Reason.PERMISSION_DENIED,
    AmnimoQuotaExhaustedError: Reason.QUOTA_EXHAUSTED,
    AmnimoRateLimitedError: Reason.RATE_LIMITED,
}


class LiveError(HomeAssistantError):
    """A camera can't be played, for a reason that can be shown as it is.

    Attributes:
        reason: which.
        status: HTTP status of the service's answer, where that is all it said.
        text: the reason in a few English words, for readers that are programs.
        retry_after: seconds after which another try may help.

    """

    def __init__(
        self,
        reason: Reason,
        *,
        status: int | None = None,
        retry_after: float = 10.0,
    ) -> None:
        """Take the reason and what goes with it."""
        super().__init__(
            translation_domain=DOMAIN,
            translation_key=reason.value,
            translation_placeholders=(
                None if status is None else {"status": str(int(status))}
            ),
        )
        self.reason = reason
        self.status = status
        self.text = _TEXTS[reason]
        self.retry_after = retry_after


def live_error(err: AmnimoError, *, online: bool | None = None) -> LiveError:
    """Return why a stream could not be started.

    Args:
        err: what the service said to the start.
        online: whether it says that the camera is online; None where it does not say.

    """
    about_camera = (
        AmnimoNotFoundError,
        AmnimoPermissionError,
        AmnimoResponseError,
    )
    if online is False and isinstance(err, about_camera):
        return LiveError(Reason.OFFLINE)
    if isinstance(err, AmnimoNotFoundError):
        return LiveError(Reason.REFUSED, status=HTTPStatus.NOT_FOUND)
    if isinstance(err, AmnimoResponseError):
        return LiveError(Reason.REFUSED, status=err.status)
    return LiveError(_REASONS[type(err)])


def is_outage(err: AmnimoError) -> bool:
    """Return whether an error may be about the service as a whole rather than the camera.

    So is an answer that can't be understood: it may be the page of a proxy.
    """
    if isinstance(err, AmnimoResponseError):
        return not (
            HTTPStatus.MULTIPLE_CHOICES <= err.status < HTTPStatus.INTERNAL_SERVER_ERROR
        )
    return isinstance(err, AmnimoConnectionError)
