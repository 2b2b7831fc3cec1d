"""Finding cameras, clips and snapshots by a part of their names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
import unicodedata

from homeassistant.components.media_player import MediaClass
from homeassistant.components.media_source import BrowseMediaSource
from homeassistant.core import HomeAssistant

from ..api import Media, MediaCategory, MediaState
from . import items
from .accounts import Account, SeenCamera, accounts, find_account, find_camera
from .identifier import Identifier
from .listings import Listings
from .texts import MediaSourceProblem

MOST_RESULTS = 200
MOST_TENANTS = 3
"""Whose media are looked through at once; more are to be searched one by one."""

_CLASSES = {
    MediaCategory.CLIP: MediaClass.VIDEO,
    MediaCategory.SNAPSHOT: MediaClass.IMAGE,
}


async def async_search(
    hass: HomeAssistant,
    listings: Listings,
    identifier: Identifier | None,
    query: str,
    classes: Iterable[MediaClass] | None,
) -> list[BrowseMediaSource]:
    """Return what has all the words of a query in its name, cameras first.

    Looked through are all cameras of the folder, and the newest 1000 media of its camera or
    of each of its tenants, of which there may be three. In the folder of all accounts there
    are only cameras to be found.

    Args:
        hass: Home Assistant.
        listings: what the service lists.
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
    return found[:MOST_RESULTS]


def _cameras(
    account: Account,
    subscription_id: str | None,
    matches: Callable[[str], bool],
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
    matches: Callable[[str], bool],
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
    matches: Callable[[str], bool],
) -> list[BrowseMediaSource]:
    """Return those that match, of the cameras that may be seen."""
    found: list[BrowseMediaSource] = []
    for each in media:
        camera = cameras.get(each.camera_id or "")
        if (
            camera is None
            or each.category not in categories
            or each.state is not MediaState.COMPLETED
            or not matches(each.name or "")
        ):
            continue
        camera.runtime.media.library.remember(
            each.id, camera.located.subscription_id, camera.id
        )
        item = items.medium(
            camera, each, each.category, None, among_others=len(cameras) > 1
        )
        found.append(item)
    return found


def _matcher(query: str) -> Callable[[str], bool]:
    words = _plain(query).split()

    def matches(name: str) -> bool:
        plain = _plain(name)
        return all(word in plain for word in words)

    return matches


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
