"""How items look in the media browser."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from homeassistant.components.camera import DOMAIN as CAMERA_DOMAIN
from homeassistant.components.media_player import MediaClass, MediaType
from homeassistant.components.media_source import BrowseMediaSource
from homeassistant.util import dt as dt_util

from ..api import Media, MediaCategory
from ..const import DOMAIN
from ..media.request import default_name, local_text
from ..media.thumbnail_view import async_thumbnail_url
from .accounts import SeenCamera
from .identifier import Identifier, MediaItem, Section

CLIP_TYPE = "video/mp4"
PICTURE_TYPE = "image/jpeg"
HLS_TYPE = "application/vnd.apple.mpegurl"

SECTION_OF = {
    MediaCategory.CLIP: Section.CLIPS,
    MediaCategory.SNAPSHOT: Section.SNAPSHOTS,
}
CATEGORY_OF = {section: category for category, section in SECTION_OF.items()}


def folder(
    identifier: Identifier | None,
    title: str,
    *,
    holds: MediaClass = MediaClass.DIRECTORY,
    thumbnail: str | None = None,
    children: Sequence[BrowseMediaSource] | None = None,
    not_shown: int = 0,
) -> BrowseMediaSource:
    """Return a folder; with its children where it is the one that is opened."""
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=None if identifier is None else str(identifier),
        media_class=MediaClass.DIRECTORY,
        media_content_type=MediaType.VIDEO,
        title=title,
        can_play=False,
        can_expand=True,
        can_search=identifier is None
        or identifier.section in (None, Section.CLIPS, Section.SNAPSHOTS),
        thumbnail=thumbnail,
        children=children,
        children_media_class=holds,
        not_shown=not_shown,
    )


def live(entity_id: str, title: str) -> BrowseMediaSource:
    """Return the live view of a camera's entity.

    It's the camera integration's item: the frontend opens the camera's dialog for that, with
    WebRTC where there is some, while its player for other items can't play live HLS.
    """
    return BrowseMediaSource(
        domain=CAMERA_DOMAIN,
        identifier=entity_id,
        media_class=MediaClass.VIDEO,
        media_content_type=HLS_TYPE,
        title=title,
        can_play=True,
        can_expand=False,
        thumbnail=f"/api/camera_proxy/{entity_id}",
    )


def video(
    identifier: Identifier, title: str, thumbnail: str | None, content_type: str
) -> BrowseMediaSource:
    """Return something to watch."""
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=str(identifier),
        media_class=MediaClass.VIDEO,
        media_content_type=content_type,
        title=title,
        can_play=True,
        can_expand=False,
        thumbnail=thumbnail,
    )


def picture(
    identifier: Identifier, title: str, thumbnail: str | None
) -> BrowseMediaSource:
    """Return something to look at."""
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=str(identifier),
        media_class=MediaClass.IMAGE,
        media_content_type=PICTURE_TYPE,
        title=title,
        can_play=True,
        can_expand=False,
        thumbnail=thumbnail,
    )


def medium(
    camera: SeenCamera,
    media: Media,
    category: MediaCategory,
    thumbnail: str | None,
    *,
    among_others: bool = False,
) -> BrowseMediaSource:
    """Return a clip or a snapshot.

    Args:
        camera: whose it is.
        media: ready.
        category: of the medium.
        thumbnail: where its picture can be seen, None for none.
        among_others: whether those of other cameras stand beside it.

    """
    identifier = Identifier(
        camera.account.id,
        camera=camera.id,
        section=SECTION_OF[category],
        part=MediaItem(media.id),
    )
    title = title_of(camera, media, among_others=among_others)
    if category is MediaCategory.CLIP:
        return video(identifier, title, thumbnail, CLIP_TYPE)
    return picture(identifier, title, thumbnail)


def title_of(camera: SeenCamera, media: Media, *, among_others: bool) -> str:
    """Return what is worth reading of a medium first: a tile has room for a few words."""
    name = media.name or media.id
    if media.start is None:
        return name
    if name == default_name(camera.name, media.start):
        name = camera.name if among_others else ""
    elif local_text(media.start) in name:
        return name
    return " · ".join(each for each in (name, _short_text(media.start)) if each)


def _short_text(time: datetime) -> str:
    """Return a time on people's clock, without the year where that is this one."""
    local = dt_util.as_local(time)
    this_year = local.year == dt_util.now().year
    return local.strftime("%m-%d %H:%M:%S" if this_year else "%Y-%m-%d %H:%M:%S")


def thumbnail_of(camera: SeenCamera, moment: datetime | None) -> str | None:
    """Return where the thumbnail of a moment can be seen."""
    if moment is None:
        return None
    return async_thumbnail_url(
        camera.account.hass, camera.account.entry.entry_id, camera.id, moment
    )


def newest_thumbnail_of(camera: SeenCamera) -> str | None:
    """Return where the newest thumbnail can be seen; costs no request."""
    newest = camera.located.camera.thumbnail
    return thumbnail_of(camera, newest.time if newest else None)
