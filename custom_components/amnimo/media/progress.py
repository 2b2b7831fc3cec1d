"""What is on its way, where everybody sees it: a notification that goes by itself.

Owns when there is one, and its words. An account has one at most, however much is asked for;
what is there after a few seconds is not worth one. Home Assistant shows its notifications to all
users, and there is none for one user alone: so this one tells how much is on its way, and never
of which camera, of what or for whom. Knows nothing of how jobs are carried out.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from homeassistant.components import persistent_notification
from homeassistant.components.persistent_notification import Notification, UpdateType
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.translation import (
    async_get_cached_translations,
    async_load_integrations,
)
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from .job import MediaJob

_WORTH_A_WORD = timedelta(seconds=5)
_EVERY = 5.0


class MediaProgress:
    """The notification of one account's media jobs.

    Who closes it is not shown the same jobs again.
    """

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, jobs: Collection[MediaJob]
    ) -> None:
        """Show nothing yet.

        Args:
            hass: Home Assistant.
            entry: whose jobs they are.
            jobs: those under way, at each moment.

        """
        self._hass = hass
        self._entry = entry
        self._jobs = jobs
        self._id = f"{DOMAIN}_media_{entry.entry_id}"
        self._shown: tuple[str, str] | None = None
        self._unwanted: set[str] = set()
        self._ticket: CALLBACK_TYPE | None = None
        self._stop_listening: CALLBACK_TYPE | None = None
        self._tick = HassJob(
            self._async_tick, "amnimo media progress", cancel_on_shutdown=True
        )

    async def async_load(self) -> None:
        """Have the words at hand, in the language of Home Assistant."""
        await async_load_integrations(self._hass, {DOMAIN})

    @callback
    def async_begin(self) -> None:
        """Look after a job that was begun."""
        if self._ticket is None:
            self._ticket = async_call_later(self._hass, _EVERY, self._tick)

    @callback
    def async_update(self) -> None:
        """Show what there is now, if anything is shown: a job has come to its end."""
        if self._shown is not None:
            self._show()

    @callback
    def async_close(self) -> None:
        """Show nothing any more."""
        self._hide()
        if self._ticket is not None:
            self._ticket()
            self._ticket = None

    @callback
    def _async_tick(self, _: datetime) -> None:
        self._ticket = None
        self._show()
        if self._jobs:
            self.async_begin()

    def _show(self) -> None:
        now = dt_util.utcnow()
        worth = [
            job
            for job in self._jobs
            if now - job.since >= _WORTH_A_WORD
            and not job.is_done
            and job.record.id not in self._unwanted
        ]
        if not worth:
            self._hide()
            return
        content = (self._message(worth), self._text("media_progress_title"))
        if content == self._shown:
            return
        if self._stop_listening is None:
            self._stop_listening = persistent_notification.async_register_callback(
                self._hass, self._async_notice
            )
        self._shown = content
        persistent_notification.async_create(self._hass, *content, self._id)

    def _hide(self) -> None:
        if self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None
        if self._shown is not None:
            self._shown = None
            persistent_notification.async_dismiss(self._hass, self._id)

    @callback
    def _async_notice(
        self, change: UpdateType, notifications: dict[str, Notification]
    ) -> None:
        """Respect that somebody does not want to see it."""
        if change is UpdateType.REMOVED and self._id in notifications:
            self._shown = None
            self._unwanted = {job.record.id for job in self._jobs}
            self._hide()

    def _message(self, jobs: list[MediaJob]) -> str:
        """Return how many jobs are how far, as Markdown."""
        waiting = [job for job in jobs if job.record.media_id is None]
        downloading = [job for job in jobs if job.record.path is not None]
        making = len(jobs) - len(waiting) - len(downloading)
        lines = []
        if waiting:
            lines.append(self._text("media_waiting", count=str(len(waiting))))
        if making:
            lines.append(self._text("media_making", count=str(making)))
        if downloading:
            lines.append(self._downloads_line(downloading))
        return "\n".join(f"- {line}" for line in lines)

    def _downloads_line(self, jobs: list[MediaJob]) -> str:
        """Return how many files are being downloaded, and how much of those whose size is known."""
        count = str(len(jobs))
        sizes = [(job.received, job.total) for job in jobs if job.total]
        if not sizes:
            return self._text("media_downloading", count=count)
        received, total = (sum(each) for each in zip(*sizes, strict=True))
        percent = str(100 * received // total)
        return self._text("media_downloaded_part", count=count, percent=percent)

    def _text(self, key: str, **placeholders: str) -> str:
        texts = async_get_cached_translations(
            self._hass, self._hass.config.language, "common", DOMAIN
        )
        return texts[f"component.{DOMAIN}.common.{key}"].format(**placeholders)
