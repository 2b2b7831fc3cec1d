"""What an item of the media browser leads to: an address here, never one of the service's."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from homeassistant.components.media_player import BrowseError
from homeassistant.components.media_source import (
    PlayMedia,
    Unresolvable,
    async_resolve_media,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util import dt as dt_util

from ..api import AmnimoNotFoundError, Media, MediaCategory, MediaState
from ..media.container import told_container
from ..media.naming import file_stem
from ..media.picture import Picture, PictureError, PictureGoneError, async_fetch_picture
from ..media.thumbnail_view import thumbnail_path
from ..media.view import media_path
from . import items
from .accounts import SeenCamera, find_camera
from .identifier import Identifier, MediaItem, Moment, Section, Stretch
from .listings import Listings
from .texts import MediaSourceProblem

# The frontend's dialog plays HLS by this name alone.
_FRONTEND_HLS_TYPE = "application/x-mpegURL"
_LONGEST = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class MediaImage:
    """A picture for who can't open addresses.

    As Home Assistant's class of the same name, which it has since 2026.11.
    """

    content: bytes = field(repr=False)
    mime_type: str


async def async_play(
    hass: HomeAssistant,
    listings: Listings,
    identifier: Identifier,
    target_media_player: str | None,
) -> PlayMedia:
    """Return where an item plays.

    Raises:
        MediaSourceProblem: it does not, or not for this user.
        AmnimoError: the service does not tell.
        HomeAssistantError: the camera can't be played live, and why.

    """
    if identifier.camera is None:
        raise MediaSourceProblem("browse_not_playable")
    camera = find_camera(hass, identifier)
    in_browser = target_media_player is None
    match identifier.section, identifier.part:
        case Section.LIVE, None:
            return await _live(hass, camera, target_media_player)
        case (Section.CLIPS | Section.SNAPSHOTS) as section, MediaItem(media_id):
            media = await _async_medium(camera, media_id)
            return await _async_file(camera, media, items.CATEGORY_OF[section])
        case Section.RECORDINGS, Stretch() as stretch:
            path = await _recording(listings, camera, stretch)
            return PlayMedia(path, _hls_type(in_browser=in_browser))
        case Section.THUMBNAILS, Moment(time):
            entry_id = camera.account.entry.entry_id
            path = thumbnail_path(entry_id, camera.id, time)
            return PlayMedia(path, items.PICTURE_TYPE)
    raise MediaSourceProblem("browse_not_playable")


async def _async_file(
    camera: SeenCamera, media: Media, category: MediaCategory
) -> PlayMedia:
    """Return where a medium can be opened, and on the disk too where it was downloaded.

    Home Assistant hands a file on the disk to an AI, for example.
    """
    container = told_container(category, media.content_type)
    stem = category.lower()
    if media.start is not None:
        stem = file_stem(media.start, camera.name, category)
    # A browser saves it under the name that a download has.
    filename = f"{stem}{container.suffix}"
    url = media_path(camera.account.entry.entry_id, media.id, filename)
    saved = await camera.runtime.media.saved.async_find(media.id, category)
    if saved is None:
        return PlayMedia(url, container.content_type)
    return PlayMedia(url, container.content_type, path=saved.path)


async def async_image(hass: HomeAssistant, identifier: Identifier) -> MediaImage | None:
    """Return the picture that an item is, None for one that is none.

    Of a camera it's the newest thumbnail. Raises as `async_play`.
    """
    if identifier.camera is None:
        return None
    camera = find_camera(hass, identifier)
    match identifier.section, identifier.part:
        case None | Section.LIVE, None:
            still = await camera.runtime.stills.async_get(camera.id)
            if still is None:
                raise MediaSourceProblem("browse_no_picture")
            return MediaImage(still.content, still.content_type)
        case Section.SNAPSHOTS, MediaItem(media_id):
            media = await _async_medium(camera, media_id)
            picture = await _async_snapshot(hass, media)
        case Section.THUMBNAILS, Moment(time):
            picture = await _async_thumbnail(camera, time)
        case _:
            return None
    return MediaImage(picture.content, picture.content_type)


async def _async_snapshot(hass: HomeAssistant, media: Media) -> Picture:
    if media.url is None:
        raise MediaSourceProblem("browse_not_found")
    try:
        return await async_fetch_picture(async_get_clientsession(hass), media.url)
    except PictureError:
        raise MediaSourceProblem("browse_no_picture") from None


async def _async_thumbnail(camera: SeenCamera, moment: datetime) -> Picture:
    try:
        return await camera.runtime.thumbnails.async_picture(camera.id, moment)
    except PictureGoneError:
        raise MediaSourceProblem("browse_not_found") from None
    except PictureError:
        raise MediaSourceProblem("browse_no_picture") from None


async def _live(
    hass: HomeAssistant, camera: SeenCamera, target_media_player: str | None
) -> PlayMedia:
    """Return where Home Assistant's own stream of a camera plays."""
    entity_id = camera.account.entity_id(camera.id)
    if entity_id is None:
        raise MediaSourceProblem("browse_not_playable")
    try:
        live = await async_resolve_media(
            hass, f"media-source://camera/{entity_id}", target_media_player
        )
    except (Unresolvable, BrowseError) as err:
        # Home Assistant keeps the text of the error alone, in English.
        if isinstance(err.__cause__, HomeAssistantError):
            raise err.__cause__ from None
        raise
    if live.mime_type == items.HLS_TYPE and target_media_player is None:
        return PlayMedia(live.url, _FRONTEND_HLS_TYPE)
    return live


async def _async_medium(camera: SeenCamera, media_id: str) -> Media:
    """Return a clip or snapshot that is the camera's, and ready.

    Raises:
        MediaSourceProblem: it's not.

    """
    library = camera.runtime.media.library
    if library.camera_of(media_id) not in (None, camera.id):
        raise MediaSourceProblem("browse_not_found")
    try:
        # A camera's media stay where they were made when it goes to another tenant.
        tenant = camera.located.subscription_id
        media = await library.async_get(media_id, likely=tenant)
    except AmnimoNotFoundError:
        raise MediaSourceProblem("browse_not_found") from None
    if media.camera_id not in (None, camera.id):
        raise MediaSourceProblem("browse_not_found")
    user = camera.account.user
    if media.camera_id is None and user is not None and not user.is_admin:
        raise MediaSourceProblem("browse_not_found")
    if media.state is not MediaState.COMPLETED:
        raise MediaSourceProblem("browse_not_ready")
    return media


async def _recording(listings: Listings, camera: SeenCamera, stretch: Stretch) -> str:
    """Return the path of a playlist of what is recorded first in a stretch."""
    end = min(stretch.end, dt_util.utcnow())
    if stretch.end - stretch.start > _LONGEST:
        raise MediaSourceProblem("browse_not_playable")
    ranges = await listings.recordings(camera, stretch.start, stretch.end)
    for first, last in ranges:
        if min(last, end) > first:
            return camera.runtime.live.play(camera.id, first, min(last, end))
    raise MediaSourceProblem("live_not_recorded")


def _hls_type(*, in_browser: bool) -> str:
    return _FRONTEND_HLS_TYPE if in_browser else items.HLS_TYPE
