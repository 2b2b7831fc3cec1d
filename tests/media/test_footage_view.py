"""What fails behind a view is told by the status, the same by all of them."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web
import pytest

from custom_components.amnimo import api
from custom_components.amnimo.media.footage_view import failures_as_statuses
from custom_components.amnimo.media.picture import (
    PictureBusyError,
    PictureError,
    PictureGoneError,
)

NOT_FOUND = (HTTPStatus.NOT_FOUND, None)
BUSY = (HTTPStatus.SERVICE_UNAVAILABLE, "30")
FAILED = (HTTPStatus.BAD_GATEWAY, None)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (api.AmnimoNotFoundError("x"), NOT_FOUND),
        (api.AmnimoPermissionError("x"), NOT_FOUND),
        (PictureGoneError("x"), NOT_FOUND),
        (api.AmnimoRateLimitedError("x"), BUSY),
        (PictureBusyError("x"), BUSY),
        (
            api.AmnimoQuotaExhaustedError("x"),
            (HTTPStatus.SERVICE_UNAVAILABLE, "3600"),
        ),
        (api.AmnimoAuthError("x"), FAILED),
        (api.AmnimoConnectionError("x"), FAILED),
        (api.AmnimoResponseError("x", 500), FAILED),
        (PictureError("x"), FAILED),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Exception) else "",
)
def test_a_status_says_whether_and_when_to_come_again(
    error: Exception, told: tuple[HTTPStatus, str | None]
) -> None:
    with pytest.raises(web.HTTPException) as raised, failures_as_statuses():
        raise error
    assert (raised.value.status, raised.value.headers.get("Retry-After")) == told
    assert "x" not in (raised.value.text or "").split()


def test_what_does_not_fail_is_left_alone() -> None:
    with failures_as_statuses():
        answer = 1
    assert answer == 1
    with pytest.raises(ZeroDivisionError), failures_as_statuses():
        raise ZeroDivisionError
