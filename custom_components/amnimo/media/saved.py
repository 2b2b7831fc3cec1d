"""Which file each medium was saved as: who wants it again gets what is there.

A file counts only while it is where it was put and of the size that it had. Knows neither where
files come from nor where they go.
"""

from __future__ import annotations

from collections import OrderedDict
import logging
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from ..api import MediaCategory
from ..const import DOMAIN
from .files import LocalFile, arrived, async_file_work
from .folder import download_folder
from .job import MediaJobError

_LOGGER = logging.getLogger(__name__)

_STORAGE_VERSION = 1
# What a crash in between forgets is downloaded once more, if somebody wants it again.
_SAVE_DELAY = 10.0
_REMEMBERED = 5000


class SavedFiles:
    """The files of one entry, by the ID of the medium; the newest 5,000."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Know of none yet."""
        self._hass = hass
        self._store = _store(hass, entry_id)
        self._files: OrderedDict[str, LocalFile] = OrderedDict()
        self._unsaved = False

    async def async_load(self) -> None:
        """Read what was known before."""
        stored = await self._store.async_load()
        try:
            for media_id, path, size in stored["files"] if stored else ():
                self._files[media_id] = LocalFile(Path(path), int(size))
        except KeyError, TypeError, ValueError:
            _LOGGER.warning("The list of downloaded files can't be read any further")

    async def async_close(self) -> None:
        """Write down what is known."""
        if self._unsaved:
            await self._store.async_save(self._as_json())

    @callback
    def remember(self, media_id: str, file: LocalFile) -> None:
        """Take note of a file that is whole."""
        if self._files.get(media_id) == file:
            return
        self._files[media_id] = file
        self._files.move_to_end(media_id)
        if len(self._files) > _REMEMBERED:
            self._files.popitem(last=False)
        self._unsaved = True
        self._store.async_delay_save(self._as_json, _SAVE_DELAY)

    async def async_find(
        self, media_id: str, category: MediaCategory
    ) -> LocalFile | None:
        """Return the file of a medium, None where it has none any more.

        One that was moved away, changed or damaged is no more; nor is one outside of the
        folder that downloads go to now.
        """
        file = self._files.get(media_id)
        folder = download_folder(self._hass)
        if file is None or folder is None or not file.path.is_relative_to(folder):
            return None
        try:
            found = await async_file_work(self._hass, arrived, file.path, category)
        except MediaJobError:
            return None
        return found if found == file else None

    @callback
    def _as_json(self) -> dict[str, Any]:
        self._unsaved = False
        return {
            "files": [
                [media_id, str(file.path), file.size]
                for media_id, file in self._files.items()
            ]
        }


async def async_remove_saved(hass: HomeAssistant, entry_id: str) -> None:
    """Forget the files of an entry that is removed; the files themselves stay."""
    await _store(hass, entry_id).async_remove()


def _store(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    return Store(
        hass,
        _STORAGE_VERSION,
        f"{DOMAIN}.media_files.{entry_id}",
        private=True,
        atomic_writes=True,
    )
