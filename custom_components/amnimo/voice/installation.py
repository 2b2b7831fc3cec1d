"""The sentences for Assist: where they are kept, and how they come to where Assist looks.

Home Assistant reads sentences for intents of other than its own integrations only from
`<config>/custom_sentences/<language>/`. The file there says by a checksum whether it is as it
was written: one that somebody changed is theirs.
"""

from __future__ import annotations

from enum import StrEnum
import hashlib
from pathlib import Path
from typing import Final

import probatio as vol

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
from homeassistant.util.json import JsonValueType

from ..const import DOMAIN

ACTION_INSTALL_SENTENCES: Final = "install_sentences"
ATTR_OVERWRITE: Final = "overwrite"

LANGUAGES: Final = ("en", "ja")
"""Of the sentences there are, as Assist names its languages."""

_SOURCES: Final = Path(__file__).parent / "sentences"
_FOLDER: Final = "custom_sentences"
_NAME: Final = "amnimo.yaml"
_CHECKSUM: Final = "# checksum: "
_HEADER: Final = (
    "# Sentences of the amnimo integration. They are renewed with it for as long as this\n"
    "# file is left as it is.\n"
)
_CONVERSATION: Final = "conversation"
_RELOAD: Final = "reload"


class Written(StrEnum):
    """What was done about the file of a language."""

    INSTALLED = "installed"
    RENEWED = "renewed"
    UNCHANGED = "unchanged"
    KEPT = "kept"
    """Somebody changed it, so it was left alone."""
    ABSENT = "absent"
    """It is not there, and nobody asked for it."""


@callback
def async_setup(hass: HomeAssistant) -> None:
    """Register the action that installs the sentences."""

    async def install(call: ServiceCall) -> ServiceResponse:
        """Install the sentences of all languages."""
        outcome = await _async_write(hass, overwrite=call.data[ATTR_OVERWRITE])
        files: dict[str, JsonValueType] = {
            language: {"path": str(_path(hass, language)), "result": written.value}
            for language, written in outcome.items()
        }
        return {"sentences": files}

    async_register_admin_service(
        hass,
        DOMAIN,
        ACTION_INSTALL_SENTENCES,
        install,
        schema=vol.Schema({vol.Optional(ATTR_OVERWRITE, default=False): cv.boolean}),
        supports_response=SupportsResponse.OPTIONAL,
    )


async def async_renew_sentences(hass: HomeAssistant) -> None:
    """Bring the sentences up to date that were installed by an earlier version."""
    try:
        await _async_write(hass, only_present=True)
    except HomeAssistantError:
        # They are still as good as they were.
        return


async def _async_write(
    hass: HomeAssistant, *, overwrite: bool = False, only_present: bool = False
) -> dict[str, Written]:
    """Write the files, and have Assist read them; return what was done by language.

    Raises:
        HomeAssistantError: they can't be written.

    """
    paths = {language: _path(hass, language) for language in LANGUAGES}

    def write() -> dict[str, Written]:
        return {
            language: _write_one(
                language, path, overwrite=overwrite, only_present=only_present
            )
            for language, path in paths.items()
        }

    try:
        outcome = await hass.async_add_executor_job(write)
    except OSError as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="sentences_not_written",
            translation_placeholders={"folder": hass.config.path(_FOLDER)},
        ) from err
    changed = {Written.INSTALLED, Written.RENEWED}.intersection(outcome.values())
    if changed and hass.services.has_service(_CONVERSATION, _RELOAD):
        await hass.services.async_call(_CONVERSATION, _RELOAD, blocking=True)
    return outcome


def _path(hass: HomeAssistant, language: str) -> Path:
    return Path(hass.config.path(_FOLDER, language, _NAME))


def _write_one(
    language: str, path: Path, *, overwrite: bool, only_present: bool
) -> Written:
    """Write the file of a language where that is due. For the executor."""
    wanted = _sealed((_SOURCES / f"{language}.yaml").read_text(encoding="utf-8"))
    try:
        present = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if only_present:
            return Written.ABSENT
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted, encoding="utf-8")
        return Written.INSTALLED
    except UnicodeDecodeError:
        present = ""
    if present == wanted:
        return Written.UNCHANGED
    if not _is_untouched(present) and not overwrite:
        return Written.KEPT
    path.write_text(wanted, encoding="utf-8")
    return Written.RENEWED


def _sealed(sentences: str) -> str:
    """Return a file's text, with the checksum by which it is known to be untouched."""
    return f"{_HEADER}{_CHECKSUM}{_checksum(_HEADER, sentences)}\n{sentences}"


def _is_untouched(text: str) -> bool:
    """Return whether a text is as it was written, by whichever version."""
    head, _, rest = text.partition(_CHECKSUM)
    checksum, _, sentences = rest.partition("\n")
    return checksum == _checksum(head, sentences)


def _checksum(*texts: str) -> str:
    return hashlib.sha256("".join(texts).encode()).hexdigest()[:16]
