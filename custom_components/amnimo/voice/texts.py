"""The spoken words, in the language of the sentence that is answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Self

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util.language import Dialect

from ..const import DOMAIN

_KEY = f"component.{DOMAIN}"
_MOST_CHOICES = 5


@dataclass(frozen=True, slots=True)
class VoiceTexts:
    """The words of one language."""

    common: dict[str, str]
    errors: dict[str, str]

    @classmethod
    async def async_load(cls, hass: HomeAssistant, language: str) -> Self:
        """Return those of a language (BCP 47), or English where there are none."""
        # Translations are by language: of "ja-JP" there would be none.
        base = Dialect.parse(language).language
        return cls(
            await async_get_translations(hass, base, "common", [DOMAIN]),
            await async_get_translations(hass, base, "exceptions", [DOMAIN]),
        )

    def say(self, key: str, **placeholders: str) -> str:
        """Return a sentence."""
        return self.common[f"{_KEY}.common.voice_{key}"].format(**placeholders)

    def error(self, err: HomeAssistantError) -> str:
        """Return the sentence that tells of an error."""
        key = f"{_KEY}.exceptions.{err.translation_key}.message"
        if err.translation_domain != DOMAIN or key not in self.errors:
            return self.say("failed")
        return self.errors[key].format(**err.translation_placeholders or {})

    def choices(self, names: Sequence[str]) -> str:
        """Return names to choose from, two or more, as they are said in a question."""
        *others, last = names[:_MOST_CHOICES]
        if len(names) > _MOST_CHOICES:
            others, last = [*others, last], self.say("choice_other")
        names_told = reduce(
            lambda said, name: self.say("choice_join", names=said, name=name), others
        )
        return self.say("choice_last", names=names_told, last=last)
