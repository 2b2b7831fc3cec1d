"""Footage in the media browser: live views, clips, snapshots, recordings, thumbnails.

Owns how Home Assistant comes in: identifiers in, items and addresses out, and errors in its
language. Home Assistant does not say who asks unless it's somebody at a browser or an app: those
find what they may see, automations everything.
"""

from __future__ import annotations

from typing import override

from homeassistant.components.media_player import (
    BrowseError,
    SearchMedia,
    SearchMediaQuery,
)
from homeassistant.components.media_source import (
    BrowseMediaSource,
    MediaSource,
    MediaSourceItem,
    PlayMedia,
    Unresolvable,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..api import AmnimoError
from ..const import DOMAIN
from .accounts import asking_user
from .browse import Browser
from .identifier import Identifier
from .listings import Listings
from .play import MediaImage, async_image, async_play
from .search import async_search
from .texts import MediaSourceProblem, Texts

_PROBLEMS = (MediaSourceProblem, AmnimoError, HomeAssistantError)


async def async_get_media_source(hass: HomeAssistant) -> AmnimoMediaSource:
    """Return the media source; Home Assistant asks once and keeps it."""
    return AmnimoMediaSource(hass)


class AmnimoMediaSource(MediaSource):
    """What the cameras of all accounts took."""

    name = "amnimo"

    def __init__(self, hass: HomeAssistant) -> None:
        """Begin with nothing known."""
        super().__init__(DOMAIN)
        self._hass = hass
        self._listings = Listings(hass)

    @override
    async def async_browse_media(self, item: MediaSourceItem) -> BrowseMediaSource:
        """Return a folder with what is in it.

        Raises:
            BrowseError: it can't be opened, and why.

        """
        texts = await Texts.async_load(self._hass, asking_user())
        try:
            identifier = _identifier(item)
            browser = Browser(self._hass, self._listings, texts)
            return await browser.open(identifier)
        except _PROBLEMS as err:
            raise texts.error(BrowseError, err) from err

    @override
    async def async_search_media(
        self, item: MediaSourceItem, query: SearchMediaQuery
    ) -> SearchMedia:
        """Return what in a folder has the words of a query in its name or title.

        Raises:
            BrowseError: it can't be searched, and why.

        """
        texts = await Texts.async_load(self._hass, asking_user())
        try:
            found = await async_search(
                self._hass,
                self._listings,
                texts,
                _identifier(item),
                query.search_query,
                query.media_filter_classes,
            )
        except _PROBLEMS as err:
            raise texts.error(BrowseError, err) from err
        return SearchMedia(result=found)

    @override
    async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
        """Return where an item plays.

        Raises:
            Unresolvable: it does not, and why.

        """
        texts = await Texts.async_load(self._hass, asking_user())
        try:
            identifier = _identifier(item)
            if identifier is None:
                raise MediaSourceProblem("browse_not_playable")
            return await async_play(
                self._hass, self._listings, identifier, item.target_media_player
            )
        except _PROBLEMS as err:
            raise texts.error(Unresolvable, err) from err

    # Asked for by Home Assistant since 2026.11.
    async def async_get_media_image(self, item: MediaSourceItem) -> MediaImage | None:
        """Return the picture that an item is, None for one that is none.

        Raises:
            Unresolvable: it can't be had, and why.

        """
        texts = await Texts.async_load(self._hass, asking_user())
        try:
            identifier = _identifier(item)
            if identifier is None:
                return None
            return await async_image(self._hass, identifier)
        except _PROBLEMS as err:
            raise texts.error(Unresolvable, err) from err


def _identifier(item: MediaSourceItem) -> Identifier | None:
    """Return the identifier of an item, None for the folder that holds all accounts.

    Raises:
        MediaSourceProblem: it names nothing.

    """
    if not item.identifier:
        return None
    try:
        return Identifier.parse(item.identifier)
    except ValueError:
        raise MediaSourceProblem("browse_not_found") from None
