"""The jobs of an entry on disk: what a restart goes on with."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
import logging
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from ..const import DOMAIN
from .job import JobRecord, MediaJob

_LOGGER = logging.getLogger(__name__)

_STORAGE_VERSION = 1


class JobStore:
    """What is written down of jobs."""

    def __init__(
        self, hass: HomeAssistant, entry_id: str, jobs: Collection[MediaJob]
    ) -> None:
        """Take the jobs under way, at each moment."""
        self._store = _store(hass, entry_id)
        self._jobs = jobs
        self._saving = asyncio.Lock()
        self._unsaved = False

    async def async_load(self) -> list[JobRecord]:
        """Return the jobs that were written down, without those that can't be read."""
        return _read(await self._store.async_load())

    async def async_save(self) -> None:
        """Have on disk what is known now; one write serves all who wait for it."""
        self._unsaved = True
        async with self._saving:
            if not self._unsaved:
                return
            self._unsaved = False
            try:
                await self._store.async_save(
                    {"jobs": [job.record.as_dict() for job in self._jobs]}
                )
            except BaseException:
                self._unsaved = True
                raise


async def async_remove_stored(hass: HomeAssistant, entry_id: str) -> None:
    """Forget the jobs of an entry that is removed."""
    await _store(hass, entry_id).async_remove()


def _store(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    return Store(
        hass,
        _STORAGE_VERSION,
        f"{DOMAIN}.media_jobs.{entry_id}",
        private=True,
        atomic_writes=True,
    )


def _read(data: dict[str, Any] | None) -> list[JobRecord]:
    """Return the jobs of a store that can be read."""
    records = []
    for each in data["jobs"] if data is not None else ():
        try:
            records.append(JobRecord.from_dict(each))
        except KeyError, TypeError, ValueError:
            _LOGGER.warning("A stored media job can't be read and is dropped")
    return records
