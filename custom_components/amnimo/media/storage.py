"""What the storage behind presigned URLs means by its answers.

Storages differ in how they refuse a URL that ran out: one says that it is forbidden, another that
the request is bad or not authorised.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

URL_REFUSED: Final = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.GONE,
    }
)
"""There is no such file, or its URL is not good any more."""
BUSY: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
"""The same may succeed a little later."""
