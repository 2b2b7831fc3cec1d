"""The media of an account: which tenant and camera each belongs to, and what we change of them.

The ID of a medium alone does not say whose it is. What was once told is remembered, so that who
has no right to a camera is refused its media without asking the service.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from homeassistant.core import callback

from ..api import (
    AmnimoClient,
    AmnimoNotFoundError,
    AmnimoPermissionError,
    Media,
    MediaCategory,
    MediaState,
)
from .located import Located

LARGEST_SEARCH = 1000
"""Media that the service tells of in one answer (API document, section 5. メディア)."""

_REMEMBERED = 5000


@dataclass(frozen=True, slots=True)
class _Owner:
    """Whose a medium is."""

    subscription_id: str
    camera_id: str | None
    """None where nobody has told yet."""


def as_listed(media: Media) -> Media:
    """Return a row of a list with the state that it is to be taken for.

    What a row tells is not documented: the fields are those of a single medium (API document,
    section 5. メディア). One without a status is there for all that is known, unless its file
    has no size yet; who opens it asks for the medium itself.
    """
    if media.status is not None or media.size == 0:
        return media
    return replace(media, state=MediaState.COMPLETED)


def of_camera(
    rows: Iterable[Media], camera_id: str, categories: Sequence[MediaCategory]
) -> tuple[Media, ...]:
    """Return what a list of one camera's media holds of what was asked for, in its order.

    A row need not repeat what the request says: whose it is, and its category where one alone
    is wanted. One that says another camera or category is left out: the service may not heed
    what it is asked for.

    Args:
        rows: of the service.
        camera_id: UUID.
        categories: those that are wanted; all where there are none.

    """
    only = categories[0] if len(categories) == 1 else None
    found: list[Media] = []
    for row in map(as_listed, rows):
        if row.category is not None and categories and row.category not in categories:
            continue
        if row.camera_id not in (None, camera_id):
            continue
        whole = row.camera_id is not None and row.category is not None
        found.append(
            row
            if whole
            else replace(
                row,
                camera_id=row.camera_id or camera_id,
                category=row.category or only,
            )
        )
    return tuple(found)


class MediaLibrary:
    """Finds media by their ID alone, renames and deletes them."""

    def __init__(
        self,
        client: AmnimoClient,
        subscriptions: Callable[[], Iterable[str]],
        locate: Callable[[str], Located | None],
    ) -> None:
        """Begin with nothing known.

        Args:
            client: asks the service.
            subscriptions: returns the subscription IDs of the account's tenants.
            locate: returns a camera by its ID, None for one that is gone.

        """
        self._client = client
        self._subscriptions = subscriptions
        self._locate = locate
        self._owners: OrderedDict[str, _Owner] = OrderedDict()
        self.changes = 0
        """How often a list of media that was read before became out of date by our doing."""

    @callback
    def remember(
        self, media_id: str, subscription_id: str, camera_id: str | None = None
    ) -> None:
        """Take note of the tenant of a medium, and of its camera where that is known."""
        known = self._owners.get(media_id)
        if camera_id is None and known is not None:
            camera_id = known.camera_id
        self._owners[media_id] = _Owner(subscription_id, camera_id)
        self._owners.move_to_end(media_id)
        if len(self._owners) > _REMEMBERED:
            self._owners.popitem(last=False)

    @callback
    def camera_of(self, media_id: str) -> str | None:
        """Return the ID of the camera of a medium, None where nobody has told yet."""
        known = self._owners.get(media_id)
        return known.camera_id if known else None

    @callback
    def note_change(self) -> None:
        """Take note that lists of media show something else from now on."""
        self.changes += 1

    async def async_search(
        self,
        subscription_id: str,
        camera_id: str,
        *,
        category: MediaCategory | None,
        limit: int,
        newest_first: bool,
    ) -> tuple[Media, ...]:
        """Return media of a camera, by the time at which they were asked for.

        Costs one request, unless the service tells of others than were asked for: then as many
        as it takes to find enough, of 1000 media each.

        Args:
            subscription_id: UUID of the tenant's subscription.
            camera_id: UUID.
            category: None for all.
            limit: how many, 1 to 1000.
            newest_first: the order.

        Raises:
            AmnimoError: they can't be had.

        """
        categories = () if category is None else (category,)
        found: dict[str, Media] = {}
        seen: set[str] = set()
        page, size = 0, limit
        while True:
            rows = await self._client.search_camera_media(
                subscription_id,
                camera_id,
                categories=categories,
                page=page,
                size=size,
                newest_first=newest_first,
            )
            known = len(seen)
            seen.update(row.id for row in rows)
            found |= {each.id: each for each in of_camera(rows, camera_id, categories)}
            if len(found) >= limit or len(rows) < size or len(seen) == known:
                break
            page, size = (
                (page + 1, size) if size == LARGEST_SEARCH else (0, LARGEST_SEARCH)
            )
        for media_id in found:
            self.remember(media_id, subscription_id, camera_id)
        return tuple(found.values())[:limit]

    async def async_get(self, media_id: str, *, likely: str | None = None) -> Media:
        """Return a medium, with a presigned URL of its file where that is ready.

        Takes and raises as `async_locate`.
        """
        media, _ = await self.async_locate(media_id, likely=likely)
        return media

    async def async_locate(
        self, media_id: str, *, likely: str | None = None
    ) -> tuple[Media, str]:
        """Return a medium as `async_get` does, and the subscription ID of its tenant.

        Args:
            media_id: identifier of the medium.
            likely: subscription ID of the tenant to ask first where nothing is known of it.

        Raises:
            AmnimoNotFoundError: no tenant of the account has it.
            AmnimoError: it can't be had for another reason.

        """
        for subscription_id in self._candidates(media_id, likely):
            try:
                media = await self._client.media(subscription_id, media_id)
            except AmnimoNotFoundError, AmnimoPermissionError:
                continue
            self.remember(media_id, subscription_id, media.camera_id)
            # A list of the camera's may have told what the medium itself does not.
            return replace(media, camera_id=self.camera_of(media_id)), subscription_id
        raise AmnimoNotFoundError("No tenant has this media")

    def _candidates(self, media_id: str, likely: str | None) -> list[str]:
        """Return the subscription IDs of the tenants that may have a medium.

        One that is known to be a camera's stays with the tenant that had it, or went with the
        camera to another one.
        """
        known = self._owners.get(media_id)
        if known is None:
            first = [] if likely is None else [likely]
        else:
            first = [known.subscription_id]
        if known is None or known.camera_id is None:
            others = list(self._subscriptions())
        else:
            located = self._locate(known.camera_id)
            others = [located.subscription_id] if located else []
        return list(dict.fromkeys([*first, *others]))

    async def async_rename(
        self, media: Media, subscription_id: str, name: str
    ) -> Media:
        """Give a medium another name, and return it with that.

        Args:
            media: as located.
            subscription_id: of its tenant.
            name: 1 to 64 characters (API document, section 5. メディア).

        Raises:
            AmnimoError: the service does not do it.

        """
        try:
            renamed = await self._client.rename_media(subscription_id, media.id, name)
        finally:
            self.note_change()
        # What else the answer holds is not documented to be all that there is.
        return replace(media, name=renamed.name or name)

    async def async_delete(self, media: Media, subscription_id: str) -> None:
        """Delete a medium from the cloud. Takes and raises as `async_rename`."""
        try:
            await self._client.delete_media(subscription_id, media.id)
        finally:
            self.note_change()
