"""Lists that the service calls not found.

The API document says nothing of how a list is answered that has nothing in it (sections 3. カメラ
and 5. メディア). Of a camera that was listed a moment ago, such an answer hardly means that there
is no such camera.
"""

from __future__ import annotations

from collections.abc import Awaitable

from ..api import AmnimoNotFoundError


async def or_nothing[T](
    rows: Awaitable[tuple[T, ...]], *, listed: bool
) -> tuple[T, ...]:
    """Return a list, an empty one where it is not found of a camera that is there.

    Args:
        rows: what asks for it.
        listed: whether the camera is there, by the last listing of its tenant.

    """
    try:
        return await rows
    except AmnimoNotFoundError:
        if not listed:
            raise
        return ()
