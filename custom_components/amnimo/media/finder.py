"""Which tenant a medium belongs to: its ID alone does not say."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable

from ..api import AmnimoClient, AmnimoNotFoundError, AmnimoPermissionError, Media

_REMEMBERED = 5000


class MediaFinder:
    """Finds media by their ID alone, and remembers where they were."""

    def __init__(
        self, client: AmnimoClient, subscriptions: Callable[[], Iterable[str]]
    ) -> None:
        """Take what returns the subscription IDs of the account's tenants."""
        self._client = client
        self._subscriptions = subscriptions
        self._known: OrderedDict[str, str] = OrderedDict()

    def remember(self, media_id: str, subscription_id: str) -> None:
        """Take note of the tenant of a medium."""
        self._known[media_id] = subscription_id
        self._known.move_to_end(media_id)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    async def async_get(self, media_id: str) -> Media:
        """Return a medium, with a presigned URL of its file where that is ready.

        Raises as `async_locate`.
        """
        media, _ = await self.async_locate(media_id)
        return media

    async def async_locate(self, media_id: str) -> tuple[Media, str]:
        """Return a medium as `async_get` does, and the subscription ID of its tenant.

        Raises:
            AmnimoNotFoundError: no tenant of the account has it.
            AmnimoError: it can't be had for another reason.

        """
        known = self._known.get(media_id)
        candidates = [known] if known is not None else list(self._subscriptions())
        for subscription_id in candidates:
            try:
                media = await self._client.media(subscription_id, media_id)
            except AmnimoNotFoundError, AmnimoPermissionError:
                continue
            self.remember(media_id, subscription_id)
            return media, subscription_id
        raise AmnimoNotFoundError("No tenant has this media")
