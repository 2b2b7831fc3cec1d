"""Finding cameras, clips and snapshots by a part of their names or of what is written on them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol
import unicodedata

from homeassistant.components.media_player import MediaClass
from homeassistant.components.media_source import BrowseMediaSource
from homeassistant.core import HomeAssistant

from ..api import Media, MediaCategory, MediaState
from . import items
from .accounts import Account, SeenCamera, accounts, find_account, find_camera
from .identifier import Identifier
from .listings import Listings
from .texts import MediaSourceProblem, Texts

MOST_RESULTS = 200
MOST_TENANTS = 3
"""Whose media are looked through at once; more are to be searched one by one."""

# Any time of day has almost every digit.
_SHORTEST_OF_TITLE = 3

_CLASSES = {
    MediaCategory.CLIP: MediaClass.VIDEO,
    MediaCategory.SNAPSHOT: MediaClass.IMAGE,
}


class _Matcher(Protocol):
    """Says whether something has all the words of a query."""

    def __call__(self, name: str, title: str = "") -> bool:
        """Look in its name, and in what else is written on it for all but the shortest."""


async def async_search(
    hass: HomeAssistant,
    listings: Listings,
    texts: Texts,
    identifier: Identifier | None,
    query: str,
    classes: Iterable[MediaClass] | None,
) -> list[BrowseMediaSource]:
    """Return what has all the words of a query in its name or title, cameras first.

    Looked through are all cameras of the folder, and the newest 1000 media of its camera or
    of each of its tenants, of which there may be three. In the folder of all accounts there
    are only cameras to be found. Where more is found than is shown, the last item says so,
    and is the folder itself.

    Args:
        hass: Home Assistant.
        listings: what the service lists.
        texts: the words of who asks.
        identifier: of the folder; None for the one that holds all accounts.
        query: words, in any order and of any width and case.
        classes: those that are wanted; all where there are none.

    Raises:
        MediaSourceProblem: there is no such folder, or not for this user.
        AmnimoError: the service does not tell.

    """
    matches = _matcher(query)
    wanted = set(classes or (*_CLASSES.values(), MediaClass.DIRECTORY))
    categories = [each for each, class_ in _CLASSES.items() if class_ in wanted]
    found: list[BrowseMediaSource] = []
    if identifier is None:
        for account in accounts(hass):
            found += _cameras(account, None, matches, wanted)
    elif identifier.camera is None:
        account = find_account(hass, identifier)
        found = _cameras(account, identifier.tenant, matches, wanted)
        found += await _of_account(listings, account, identifier, categories, matches)
    else:
        camera = find_camera(hass, identifier)
        if identifier.section not in (None, *items.SECTION_OF.values()):
            raise MediaSourceProblem("browse_no_search")
        categories = [
            each
            for each in categories
            if identifier.section in (None, items.SECTION_OF[each])
        ]
        if categories:
            media = await listings.newest_media(camera, categories)
            found = _media({camera.id: camera}, media, categories, matches)
    left = len(found) - MOST_RESULTS
    if left <= 0:
        return found
    shown = found[:MOST_RESULTS]
    if MediaClass.DIRECTORY in wanted:
        more = texts.title("more_results", count=str(left))
        shown.append(items.folder(identifier, more))
    return shown


def _cameras(
    account: Account,
    subscription_id: str | None,
    matches: _Matcher,
    wanted: set[MediaClass],
) -> list[BrowseMediaSource]:
    if MediaClass.DIRECTORY not in wanted:
        return []
    return [
        items.folder(
            Identifier(account.id, camera=camera.id),
            camera.name,
            thumbnail=items.newest_thumbnail_of(camera),
        )
        for camera in account.cameras(subscription_id)
        if matches(camera.name)
    ]


async def _of_account(
    listings: Listings,
    account: Account,
    identifier: Identifier,
    categories: list[MediaCategory],
    matches: _Matcher,
) -> list[BrowseMediaSource]:
    if not categories:
        return []
    cameras = {each.id: each for each in account.cameras(identifier.tenant)}
    tenants = {each.located.subscription_id: None for each in cameras.values()}
    found: list[BrowseMediaSource] = []
    for subscription_id in list(tenants)[:MOST_TENANTS]:
        media = await listings.newest_of_tenant(account, subscription_id)
        found += _media(cameras, media, categories, matches)
    return found


def _media(
    cameras: dict[str, SeenCamera],
    media: Iterable[Media],
    categories: list[MediaCategory],
    matches: _Matcher,
) -> list[BrowseMediaSource]:
    """Return those that match, of the cameras that may be seen."""
    found: list[BrowseMediaSource] = []
    for each in media:
        camera = cameras.get(each.camera_id or "")
        if (
            camera is None
            or each.category not in categories
            or each.state is not MediaState.COMPLETED
        ):
            continue
        among_others = len(cameras) > 1
        title = items.title_of(camera, each, among_others=among_others)
        if not matches(each.name or "", title):
            continue
        camera.runtime.media.library.remember(
            each.id, camera.located.subscription_id, camera.id
        )
        item = items.medium(
            camera, each, each.category, None, among_others=among_others
        )
        found.append(item)
    return found


def _matcher(query: str) -> _Matcher:
    words = _plain(query).split()

    def matches(name: str, title: str = "") -> bool:
        called, written = _plain(name), _plain(title)
        return all(
            word in called or (len(word) >= _SHORTEST_OF_TITLE and word in written)
            for word in words
        )

    return matches


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
