"""The words of the media browser: in the language of who asks, on Home Assistant's clock.

Which time zone a browser is in, Home Assistant does not know; and it turns errors into text in
English, so that the text goes with the error.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

from homeassistant.auth.models import User
from homeassistant.components.frontend.storage import async_user_store
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from ..api import AmnimoError
from ..const import DOMAIN
from ..errors import error_key

_KEY = f"component.{DOMAIN}"


class MediaSourceProblem(Exception):
    """There is nothing to show, and why: a key of an error's translation."""

    def __init__(self, key: str, **placeholders: str) -> None:
        """Take the key, and what goes with it."""
        super().__init__(key)
        self.key = key
        self.placeholders = placeholders


@dataclass(frozen=True, slots=True)
class Texts:
    """The translations of one language."""

    common: dict[str, str]
    errors: dict[str, str]

    @classmethod
    async def async_load(cls, hass: HomeAssistant, user: User | None) -> Self:
        """Return those of a user's language, or English where there are none.

        Args:
            hass: Home Assistant, whose language is everybody's who chose none.
            user: who asks; None for an automation, for example.

        """
        language = await _chosen_language(hass, user) or hass.config.language
        return cls(
            await async_get_translations(hass, language, "common", [DOMAIN]),
            await async_get_translations(hass, language, "exceptions", [DOMAIN]),
        )

    def title(self, key: str, **placeholders: str) -> str:
        """Return a title."""
        return self.common[f"{_KEY}.common.browse_{key}"].format(**placeholders)

    def error[E: HomeAssistantError](
        self,
        kind: type[E],
        cause: MediaSourceProblem | AmnimoError | HomeAssistantError,
    ) -> E:
        """Return the error that tells people of a problem."""
        placeholders: dict[str, str] | None = None
        if isinstance(cause, AmnimoError):
            key = error_key(cause)
        elif isinstance(cause, MediaSourceProblem):
            key, placeholders = cause.key, cause.placeholders
        elif cause.translation_key and cause.translation_domain == DOMAIN:
            key, placeholders = cause.translation_key, cause.translation_placeholders
        else:
            return kind(str(cause))
        text = self.errors[f"{_KEY}.exceptions.{key}.message"]
        return kind(
            text.format(**placeholders or {}),
            translation_domain=DOMAIN,
            translation_key=key,
            translation_placeholders=placeholders,
        )

    def day(self, day: date) -> str:
        """Return a day, with its weekday."""
        text = self.title(
            "day",
            year=f"{day.year:04}",
            month=f"{day.month:02}",
            day=f"{day.day:02}",
            weekday=self.title(f"weekday_{day.isoweekday()}"),
        )
        today = dt_util.now().date()
        if day == today:
            return self.title("today", day=text)
        if day == today - timedelta(days=1):
            return self.title("yesterday", day=text)
        return text

    @staticmethod
    def span(start: datetime, end: datetime) -> str:
        """Return a time range within a day."""
        return f"{clock(start)}–{clock(end)}"


async def _chosen_language(hass: HomeAssistant, user: User | None) -> str | None:
    """Return the language that a user chose in their profile, None for none."""
    if user is None:
        return None
    chosen = (await async_user_store(hass, user.id)).data.get("language")
    language = chosen.get("language") if isinstance(chosen, dict) else None
    return language if isinstance(language, str) else None


def clock(time: datetime) -> str:
    """Return a time of day on Home Assistant's clock; an hour that comes twice says which."""
    local = dt_util.as_local(time)
    text = local.strftime("%H:%M:%S" if local.second else "%H:%M")
    if local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset():
        text += local.strftime(" %Z")
    return text
