"""Media files on their way to the local media folder.

A file arrives under a temporary name beside its place, is checked, and takes its name only when
it is whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime
import logging
from pathlib import Path

from homeassistant.core import HomeAssistant

from ..api import MediaCategory
from .container import Container, expected_container, identify, is_begun
from .files import (
    LocalFile,
    arrived,
    async_file_work,
    clean,
    discard,
    free_place,
    open_part,
    own_folder,
    put_in_place,
)
from .folder import download_folder
from .job import MediaFailure, MediaJobError
from .naming import file_stem, folder_name
from .transfer import DownloadInterruptedError, ProgressListener, Transfer, UrlSource

_LOGGER = logging.getLogger(__name__)

_AT_ONCE = 3
# So often a transfer goes on that seems to have been cut, though nobody can tell.
_MOST_CUTS = 5
_PAUSE = 1.0


class Downloads:
    """The downloads of one entry, a few at a time."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Begin with none."""
        self._hass = hass
        self._prefix = f".{entry_id}-"
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def async_clean(self) -> None:
        """Delete what a crash left of downloads of this entry."""
        if (root := download_folder(self._hass)) is not None:
            await self._hass.async_add_executor_job(clean, root, self._prefix)

    async def async_choose_path(
        self,
        camera_id: str,
        camera_name: str,
        start: datetime,
        category: MediaCategory,
        taken: Collection[Path],
    ) -> Path:
        """Return a path in the local media folder for a medium, and make its folder.

        Nothing is at the path, and it is none of those that are `taken`. The folder holds
        files of this camera alone: another one of the same name has another.

        Raises:
            MediaJobError: there is no local media folder, or it can't be written to.

        """
        root = download_folder(self._hass)
        if root is None:
            raise MediaJobError(MediaFailure.STORAGE_FAILED)
        name = folder_name(camera_name)
        folder = await async_file_work(self._hass, own_folder, root / name, camera_id)
        stem = file_stem(
            start, camera_name if folder.name == name else folder.name, category
        )
        path = folder / f"{stem}{expected_container(category).suffix}"
        return await async_file_work(self._hass, free_place, path, taken)

    async def async_arrived(
        self, path: Path, category: MediaCategory
    ) -> LocalFile | None:
        """Return the file at a path that was chosen for it, if it is there and whole."""
        return await async_file_work(self._hass, arrived, path, category)

    async def async_fetch(
        self,
        key: str,
        url_source: UrlSource,
        path: Path,
        category: MediaCategory,
        progress: ProgressListener = lambda _received, _total: None,
        size: int | None = None,
    ) -> LocalFile:
        """Fetch a file to a path, or beside it if something took its place meanwhile.

        Args:
            key: tells this download from others of the entry.
            url_source: mints presigned URLs; what it raises is passed on.
            path: as chosen.
            category: what the file must be.
            progress: is told how far it is.
            size: bytes of the file by what the service says of the medium, if it does.

        Raises:
            DownloadInterruptedError: try again later.
            MediaJobError: it can't be had, is not what it should be, or can't be stored.

        """
        async with self._slots:
            part = path.with_name(f"{self._prefix}{key}.part")
            file = await async_file_work(self._hass, open_part, part)
            try:
                transfer = Transfer(
                    self._hass, url_source, file, part, progress, size or None
                )
                container = await self._transfer_whole(transfer, category)
                return await async_file_work(
                    self._hass, put_in_place, file, part, path, container
                )
            finally:
                await self._hass.async_add_executor_job(discard, file, part)

    async def _transfer_whole(
        self, transfer: Transfer, category: MediaCategory
    ) -> Container:
        """Receive a file until it is whole, all anew if what came is no such file.

        Raises:
            DownloadInterruptedError: there is no more than its beginning now.
            MediaJobError: it is no such file, or it can't be had or stored.

        """
        cuts = 0
        restarted = False
        while True:
            await transfer.run()
            container = await async_file_work(
                self._hass, identify, transfer.part, category
            )
            if container is not None:
                return container
            _LOGGER.debug("What came is no whole %s", category)
            begun = await async_file_work(self._hass, is_begun, transfer.part, category)
            if begun and transfer.may_be_cut and cuts < _MOST_CUTS:
                cuts += 1
                await asyncio.sleep(_PAUSE)
            elif begun and transfer.is_short:
                raise DownloadInterruptedError
            elif restarted:
                raise MediaJobError(MediaFailure.INVALID_FILE)
            else:
                restarted = True
                await transfer.restart()
