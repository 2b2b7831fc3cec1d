"""What is in each folder of the media browser.

No folder costs more than three requests, and lists of cameras cost none.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from homeassistant.components.media_player import MediaClass
from homeassistant.components.media_source import BrowseMediaSource
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..api import AmnimoError, Media, MediaCategory, MediaState, RecordingStorage
from ..media.job import TimeRange
from . import items
from .accounts import Account, SeenCamera, accounts, find_account, find_camera
from .identifier import Day, Earlier, Hour, Identifier, Moment, Page, Section, Stretch
from .listings import THUMBNAIL_PAGE, Listings
from .texts import MediaSourceProblem, Texts

MOST_CAMERAS = 500
"""Of a folder."""
DAYS_AT_ONCE = 26
"""Of a folder of days: of recordings, what two requests tell of."""

_HALF = timedelta(days=DAYS_AT_ONCE // 2)
_HOUR = timedelta(hours=1)
_PIECE = timedelta(minutes=10)
# Less is not worth a line.
_SHORTEST = timedelta(seconds=1)
_EPOCH = dt_util.utc_from_timestamp(0)


class Browser:
    """Opens folders, for who asks now."""

    def __init__(self, hass: HomeAssistant, listings: Listings, texts: Texts) -> None:
        """Take what the service lists, and the words."""
        self._hass = hass
        self._listings = listings
        self._texts = texts

    async def open(self, identifier: Identifier | None) -> BrowseMediaSource:
        """Return a folder with what is in it.

        Args:
            identifier: of the folder; None for the one that holds all accounts.

        Raises:
            MediaSourceProblem: there is no such folder, or not for this user.
            AmnimoError: the service does not tell.

        """
        if identifier is None:
            return self._all_accounts()
        if identifier.camera is None:
            return self._cameras(find_account(self._hass, identifier), identifier)
        camera = find_camera(self._hass, identifier)
        match identifier.section, identifier.part:
            case None, None:
                return self._camera(camera, identifier)
            case (Section.CLIPS | Section.SNAPSHOTS) as section, None | Page():
                return await self._media(camera, identifier, items.CATEGORY_OF[section])
            case Section.RECORDINGS, None | Earlier():
                return await self._recorded_days(camera, identifier)
            case Section.RECORDINGS, Day(day, None):
                return await self._recorded_hours(camera, identifier, day)
            case Section.RECORDINGS, Hour(start):
                return await self._pieces(camera, identifier, start)
            case Section.THUMBNAILS, None | Earlier():
                return await self._pictured_days(camera, identifier)
            case Section.THUMBNAILS, Day(day, before):
                return await self._thumbnails(camera, identifier, day, before)
        raise MediaSourceProblem("browse_not_a_folder")

    # --- Accounts, tenants, cameras ---------------------------------------------------------

    def _all_accounts(self) -> BrowseMediaSource:
        children = [
            items.folder(Identifier(account.id), account.entry.title)
            for account in accounts(self._hass)
        ]
        return items.folder(None, "amnimo", children=children)

    def _cameras(self, account: Account, identifier: Identifier) -> BrowseMediaSource:
        """Return the tenants of an account where there are several, else its cameras."""
        tenants = account.tenants()
        if identifier.tenant is not None and identifier.tenant not in tenants:
            raise MediaSourceProblem("browse_not_found")
        if tenants and identifier.tenant is None:
            children = [
                items.folder(Identifier(account.id, tenant=id_), name)
                for id_, name in tenants.items()
            ]
            return items.folder(identifier, account.entry.title, children=children)
        cameras = account.cameras(identifier.tenant)
        page = identifier.part.number if isinstance(identifier.part, Page) else 1
        shown = cameras[(page - 1) * MOST_CAMERAS : page * MOST_CAMERAS]
        children = [
            items.folder(
                Identifier(account.id, camera=each.id),
                each.name,
                thumbnail=items.newest_thumbnail_of(each),
            )
            for each in shown
        ]
        left = max(0, len(cameras) - page * MOST_CAMERAS)
        if left:
            more = Identifier(account.id, identifier.tenant, part=Page(page + 1))
            children.append(items.folder(more, self._texts.title("more_cameras")))
        title = tenants.get(identifier.tenant or "", account.entry.title)
        return items.folder(identifier, title, children=children, not_shown=left)

    def _camera(self, camera: SeenCamera, identifier: Identifier) -> BrowseMediaSource:
        children = []
        if entity_id := camera.account.entity_id(camera.id):
            children.append(items.live(entity_id, self._texts.title(Section.LIVE)))
        held = {
            Section.RECORDINGS: MediaClass.DIRECTORY,
            Section.CLIPS: MediaClass.VIDEO,
            Section.SNAPSHOTS: MediaClass.IMAGE,
            Section.THUMBNAILS: MediaClass.DIRECTORY,
        }
        children += [
            items.folder(
                self._in(camera, section), self._texts.title(section), holds=holds
            )
            for section, holds in held.items()
        ]
        return items.folder(identifier, camera.name, children=children)

    # --- Clips and snapshots ----------------------------------------------------------------

    async def _media(
        self, camera: SeenCamera, identifier: Identifier, category: MediaCategory
    ) -> BrowseMediaSource:
        section = items.SECTION_OF[category]
        page = identifier.part.number if isinstance(identifier.part, Page) else 1
        listed = await self._listings.media(camera, category, page - 1)
        for each in listed.media:
            camera.runtime.media.library.remember(
                each.id, camera.located.subscription_id, camera.id
            )
        ready = [each for each in listed.media if each.state is MediaState.COMPLETED]
        pictures = await self._listings.pictures(
            camera, [each.start for each in ready if each.start is not None]
        )
        children = [
            items.medium(camera, each, category, self._picture(camera, each, pictures))
            for each in ready
        ]
        if listed.is_full:
            more = self._in(camera, section, Page(page + 1))
            children.append(items.folder(more, self._texts.title("earlier")))
        return items.folder(
            identifier,
            self._texts.title("of_camera", **self._names(camera, section)),
            holds=MediaClass.VIDEO
            if category is MediaCategory.CLIP
            else MediaClass.IMAGE,
            children=children,
            not_shown=len(listed.media) - len(ready),
        )

    @staticmethod
    def _picture(
        camera: SeenCamera, media: Media, pictures: dict[datetime, datetime]
    ) -> str | None:
        if media.start is None:
            return None
        return items.thumbnail_of(camera, pictures.get(media.start))

    # --- Recordings -------------------------------------------------------------------------

    async def _recorded_days(
        self, camera: SeenCamera, identifier: Identifier
    ) -> BrowseMediaSource:
        """Return the days on which there are recordings, the newest first."""
        until = self._first_day_not_shown(identifier)
        end = dt_util.start_of_local_day(until)
        start = dt_util.start_of_local_day(until - timedelta(days=DAYS_AT_ONCE))
        # A request tells of 14 days: a change of the clocks must not make it two.
        middle = dt_util.start_of_local_day(until - _HALF)
        newer = await self._listings.recordings(camera, _utc(middle), _utc(end))
        older = await self._listings.recordings(camera, _utc(start), _utc(middle))
        days = sorted(_days_of((*older, *newer)), reverse=True)
        children = [
            items.folder(
                self._in(camera, Section.RECORDINGS, Day(day)), self._texts.day(day)
            )
            for day in days
        ]
        earlier = start.date() if older else await self._earlier(camera, start)
        if earlier is not None:
            more = self._in(camera, Section.RECORDINGS, Earlier(earlier))
            children.append(items.folder(more, self._texts.title("earlier")))
        return items.folder(
            identifier,
            self._texts.title("of_camera", **self._names(camera, Section.RECORDINGS)),
            children=children,
        )

    async def _earlier(self, camera: SeenCamera, start: datetime) -> date | None:
        """Return before which day recordings may go on after a long gap.

        Thumbnails are made of what is recorded, wherever that is kept. Recordings are worth
        having without them, so no error is raised.
        """
        if camera.located.camera.storage == RecordingStorage.EDGE:
            return None
        try:
            newest = await self._listings.thumbnails(camera, None, _utc(start), 1)
        except AmnimoError, HomeAssistantError:
            return None
        if not newest:
            return None
        return min(dt_util.as_local(newest[0]).date() + timedelta(days=1), start.date())

    async def _recorded_hours(
        self, camera: SeenCamera, identifier: Identifier, day: date
    ) -> BrowseMediaSource:
        """Return the hours of a day in which something is recorded."""
        start, end = _bounds(day)
        ranges = await self._listings.recordings(camera, start, end)
        children = []
        while start < end:
            until = min(start + _HOUR, end)
            if _within(ranges, start, until):
                hour = self._in(camera, Section.RECORDINGS, Hour(start))
                children.append(
                    items.folder(
                        hour, self._texts.span(start, until), holds=MediaClass.VIDEO
                    )
                )
            start = until
        title = f"{camera.name}, {self._texts.day(day)}"
        return items.folder(identifier, title, children=children)

    async def _pieces(
        self, camera: SeenCamera, identifier: Identifier, start: datetime
    ) -> BrowseMediaSource:
        """Return what is recorded of an hour, in pieces of ten minutes at the most."""
        day = dt_util.as_local(start).date()
        end = min(start + _HOUR, _bounds(day)[1])
        ranges = await self._listings.recordings(camera, start, end)
        pieces: list[TimeRange] = []
        since = start
        while since < end:
            until = min(since + _PIECE, end)
            pieces += _within(ranges, since, until)
            since = until
        pictures = await self._listings.pictures(camera, [each for each, _ in pieces])
        children = [
            items.video(
                self._in(camera, Section.RECORDINGS, Stretch(first, last)),
                self._texts.span(first, last),
                items.thumbnail_of(camera, pictures.get(first)),
                items.HLS_TYPE,
            )
            for first, last in pieces
        ]
        title = f"{camera.name}, {self._texts.day(day)} {self._texts.span(start, end)}"
        return items.folder(
            identifier, title, holds=MediaClass.VIDEO, children=children
        )

    # --- Thumbnails -------------------------------------------------------------------------

    async def _pictured_days(
        self, camera: SeenCamera, identifier: Identifier
    ) -> BrowseMediaSource:
        """Return the days between the oldest thumbnail and the newest, the newest first."""
        until = self._first_day_not_shown(identifier)
        end = _utc(dt_util.start_of_local_day(until))
        newest = await self._listings.thumbnails(camera, None, end, 1)
        oldest = await self._listings.thumbnails(camera, _EPOCH, None, 1)
        days: list[date] = []
        if newest and oldest and oldest[0] <= newest[0]:
            last = dt_util.as_local(newest[0]).date()
            first = dt_util.as_local(oldest[0]).date()
            count = (last - first).days + 1
            days = [last - timedelta(days=number) for number in range(count)]
        children = [
            items.folder(
                self._in(camera, Section.THUMBNAILS, Day(day)),
                self._texts.day(day),
                holds=MediaClass.IMAGE,
            )
            for day in days[:DAYS_AT_ONCE]
        ]
        if len(days) > DAYS_AT_ONCE:
            more = self._in(camera, Section.THUMBNAILS, Earlier(days[DAYS_AT_ONCE - 1]))
            children.append(items.folder(more, self._texts.title("earlier")))
        return items.folder(
            identifier,
            self._texts.title("of_camera", **self._names(camera, Section.THUMBNAILS)),
            children=children,
        )

    async def _thumbnails(
        self,
        camera: SeenCamera,
        identifier: Identifier,
        day: date,
        before: datetime | None,
    ) -> BrowseMediaSource:
        """Return the thumbnails of a day, the newest first."""
        start, end = _bounds(day)
        end = end if before is None else min(before, end)
        times = await self._listings.thumbnails(camera, start, end, THUMBNAIL_PAGE)
        shown = [each for each in times if start <= each < end]
        children = [
            items.picture(
                self._in(camera, Section.THUMBNAILS, Moment(each)),
                dt_util.as_local(each).strftime("%H:%M:%S"),
                items.thumbnail_of(camera, each),
            )
            for each in shown
        ]
        if len(times) >= THUMBNAIL_PAGE:
            more = self._in(camera, Section.THUMBNAILS, Day(day, times[-1]))
            children.append(items.folder(more, self._texts.title("earlier")))
        return items.folder(
            identifier,
            f"{camera.name}, {self._texts.day(day)}",
            holds=MediaClass.IMAGE,
            children=children,
        )

    # --- In common --------------------------------------------------------------------------

    @staticmethod
    def _in(
        camera: SeenCamera,
        section: Section,
        part: Page | Day | Earlier | Hour | Stretch | Moment | None = None,
    ) -> Identifier:
        return Identifier(
            camera.account.id, camera=camera.id, section=section, part=part
        )

    def _names(self, camera: SeenCamera, section: Section) -> dict[str, str]:
        return {"camera": camera.name, "section": self._texts.title(section)}

    @staticmethod
    def _first_day_not_shown(identifier: Identifier) -> date:
        """Return the day after the newest one of a list of days."""
        tomorrow = dt_util.now().date() + timedelta(days=1)
        if not isinstance(identifier.part, Earlier):
            return tomorrow
        if identifier.part.day.year < _EPOCH.year + 1:
            raise MediaSourceProblem("browse_not_found")
        return min(identifier.part.day, tomorrow)


def _bounds(day: date) -> TimeRange:
    """Return when a day begins and ends on Home Assistant's clock.

    Raises:
        MediaSourceProblem: there is no such day to show.

    """
    if not _EPOCH.year < day.year < 9999:
        raise MediaSourceProblem("browse_not_found")
    return (
        _utc(dt_util.start_of_local_day(day)),
        _utc(dt_util.start_of_local_day(day + timedelta(days=1))),
    )


def _utc(time: datetime) -> datetime:
    return dt_util.as_utc(time)


def _within(
    ranges: tuple[TimeRange, ...], start: datetime, end: datetime
) -> list[TimeRange]:
    """Return the parts of ranges that lie within another and are worth watching."""
    parts = ((max(start, first), min(end, last)) for first, last in ranges)
    return [(first, last) for first, last in parts if last - first >= _SHORTEST]


def _days_of(ranges: tuple[TimeRange, ...]) -> set[date]:
    """Return the days on Home Assistant's clock that ranges touch."""
    days: set[date] = set()
    for first, last in ranges:
        day = dt_util.as_local(first).date()
        while _utc(dt_util.start_of_local_day(day)) < last:
            days.add(day)
            day += timedelta(days=1)
    return days
