"""Clips and snapshots on order: from the wish to the outcome, over restarts and outages.

A job is written down before the service is asked, so that nothing is lost or asked for twice. Owns
the life of jobs; what may be wanted is `request`'s, how the service is had to take one `order`'s,
how it is asked about them `watch`'s, and how a file arrives `downloads`'s business.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
import logging
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_now

from ..api import (
    AmnimoClient,
    AmnimoError,
    AmnimoNotFoundError,
    Media,
    MediaCategory,
    MediaState,
)
from ..const import DOMAIN
from ..errors import translated
from .downloads import Downloads
from .explain import async_explain_failure
from .files import LocalFile
from .job import JobRecord, MediaFailure, MediaJob, MediaJobError, MediaResult
from .job_store import JobStore, async_remove_stored
from .library import MediaLibrary
from .located import Located
from .order import MediaOrders
from .progress import MediaProgress
from .request import ClipRequest, SnapshotRequest, parts
from .retry import GRACE, OUTAGE_PATIENCE, is_final, pause
from .saved import SavedFiles, async_remove_saved
from .transfer import DownloadInterruptedError, UrlSource
from .watch import TenantWatch

_LOGGER = logging.getLogger(__name__)


class MediaJobs:
    """The media jobs of an entry."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        client: AmnimoClient,
        locate: Callable[[str], Located | None],
        subscriptions: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        """Begin with none.

        Args:
            hass: Home Assistant.
            entry: whose jobs they are.
            client: asks the service.
            locate: returns a camera by its ID, None for one that is gone.
            subscriptions: returns the subscription IDs of the account's tenants.

        """
        self._hass = hass
        self._entry = entry
        self._client = client
        self._locate = locate
        self._downloads = Downloads(hass, entry.entry_id)
        self.saved = SavedFiles(hass, entry.entry_id)
        self._jobs: dict[str, MediaJob] = {}
        self._store = JobStore(hass, entry.entry_id, self._jobs.values())
        self._orders = MediaOrders(client, self._jobs.values(), self._store)
        self._progress = MediaProgress(hass, entry, self._jobs.values())
        self._tasks: set[asyncio.Task[None]] = set()
        self._watches: dict[str, TenantWatch] = {}
        self._listeners: dict[str, list[Callable[[MediaResult], None]]] = {}
        self.library = MediaLibrary(client, subscriptions, locate)
        self.outcomes: Counter[str] = Counter()
        """How often jobs ended in which way, since the account was loaded."""
        self._choosing = asyncio.Lock()
        self._loaded = asyncio.Event()
        self._closed = False

    async def async_load(self) -> None:
        """Go on with what was under way; to be called when those who listen do so."""
        await self._downloads.async_clean()
        await self.saved.async_load()
        await self._progress.async_load()
        for record in await self._store.async_load():
            job = MediaJob(record)
            self._jobs[record.id] = job
            self._start(job)
        self._loaded.set()

    async def async_close(self) -> None:
        """Stop; what is under way goes on after the next load."""
        self._closed = True
        self._progress.async_close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        for watch in self._watches.values():
            watch.stop()
        for job in self._jobs.values():
            job.settle_acceptance()
            job.outcome.cancel()
        if self._loaded.is_set():
            await self._store.async_save()
            await self.saved.async_close()
        self._loaded.set()

    async def async_request(
        self,
        camera_id: str,
        request: ClipRequest | SnapshotRequest,
        *,
        pressing: bool = False,
    ) -> Sequence[MediaJob]:
        """Ask the service for media, and return the jobs in order of time.

        Returns as soon as the service agreed, or fell silent so that it isn't known yet
        whether it did. Where an answer is lost, what it may have heard is looked for before,
        for about a minute. Several parts are told of in their order, however they come to be.

        Args:
            camera_id: UUID.
            request: what is wanted.
            pressing: whether somebody waits who counts the seconds, so that the service is
                asked more often, for a while, than for what may take its time.

        Raises:
            ServiceValidationError: the request makes no sense.
            HomeAssistantError: the service can't be reached, or refuses all of it; then no
                job remains.

        """
        # What is on disk must be read before anything is written over it.
        await self._loaded.wait()
        if self._closed:
            raise _interrupted()
        located = self._locate(camera_id)
        if located is None:
            raise translated(AmnimoNotFoundError("The camera is gone"))
        now = dt_util.utcnow()
        wanted = parts(request, located.camera.name, now)
        request_id = ulid_now() if len(wanted) > 1 else None
        jobs = [
            MediaJob(
                JobRecord(
                    id=ulid_now(),
                    camera_id=camera_id,
                    camera_name=located.camera.name,
                    subscription_id=located.subscription_id,
                    category=part.category,
                    name=part.name,
                    start=part.start,
                    end=part.end,
                    download=request.download,
                    wanted_at=now,
                    request_id=request_id,
                ),
                attended=True,
                pressing=pressing,
            )
            for part in wanted
        ]
        self._jobs.update((job.record.id, job) for job in jobs)
        for job in jobs:
            self._start(job)
        try:
            await self._store.async_save()
            await asyncio.wait([job.accepted for job in jobs])
        except asyncio.CancelledError:
            # Whoever asked is gone: the events are what tells of it now.
            for job in jobs:
                job.settle_acceptance()
            raise
        errors = [job.accepted.exception() for job in jobs]
        if all(errors) and isinstance(errors[0], AmnimoError):
            raise translated(errors[0]) from errors[0]
        return jobs

    async def async_download(self, media: Media, subscription_id: str) -> MediaJob:
        """Return the job that downloads the file of a medium there is, or is to be.

        It comes to no event, for nothing new came to be: an automation that downloads what
        events tell of would never end. A medium that a job waits for already is downloaded by
        that, and one whose file is there already is not downloaded again.

        Raises:
            HomeAssistantError: the entry is being unloaded.

        """
        await self._loaded.wait()
        if self._closed:
            raise _interrupted()
        for job in self._jobs.values():
            if job.record.media_id == media.id and not job.is_done:
                job.update(download=True)
                await self._store.async_save()
                return job
        now = dt_util.utcnow()
        located = self._locate(media.camera_id) if media.camera_id else None
        job = MediaJob(
            JobRecord(
                id=ulid_now(),
                camera_id=media.camera_id or "",
                camera_name=located.camera.name if located else "",
                subscription_id=subscription_id,
                category=media.category or MediaCategory.CLIP,
                name=media.name or media.id,
                start=media.start or media.requested or now,
                end=media.end,
                download=True,
                wanted_at=now,
                media_id=media.id,
                accepted_at=now,
                requested_at=media.requested,
            ),
            found=media if media.state is not MediaState.PENDING else None,
        )
        self._jobs[job.record.id] = job
        await self._store.async_save()
        self._start(job)
        return job

    async def async_wait(self, jobs: Sequence[MediaJob]) -> Sequence[MediaResult]:
        """Wait for jobs and return what they came to, in their order.

        Raises:
            HomeAssistantError: the entry was unloaded meanwhile; the jobs go on later.

        """
        for job in jobs:
            job.waiters += 1
        try:
            await asyncio.wait([job.outcome for job in jobs])
        finally:
            for job in jobs:
                job.waiters -= 1
        if any(job.outcome.cancelled() for job in jobs):
            raise _interrupted()
        return [job.outcome.result() for job in jobs]

    @callback
    def async_listen(
        self, camera_id: str, listener: Callable[[MediaResult], None]
    ) -> CALLBACK_TYPE:
        """Call a listener with each outcome of a camera; return what ends that."""
        self._listeners.setdefault(camera_id, []).append(listener)

        @callback
        def stop() -> None:
            self._listeners[camera_id].remove(listener)

        return stop

    def diagnostics(self) -> dict[str, Any]:
        """Return what there is, without names or identifiers."""
        records = [job.record for job in self._jobs.values()]
        return {
            "jobs": [
                {
                    "category": record.category,
                    "download": record.download,
                    "wanted_at": record.wanted_at.isoformat(),
                    "asked": record.asked_at is not None,
                    "accepted": record.media_id is not None,
                    "downloading": record.path is not None,
                }
                for record in records
            ],
            "outcomes": dict(self.outcomes),
        }

    # --- The life of a job -----------------------------------------------------------------

    @callback
    def _start(self, job: MediaJob) -> None:
        task = self._entry.async_create_background_task(
            self._hass, self._run(job), f"amnimo media job {job.record.id}"
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._progress.async_begin()

    async def _run(self, job: MediaJob) -> None:
        """Carry a job out to its end, whichever that is."""
        try:
            result = await self._carry_out(job)
        except MediaJobError as err:
            result = job.failure(err.reason, err.missing)
        except AmnimoError as err:
            result = job.failure(MediaFailure.REFUSED)
            if job.attended:
                await self._refuse(job, result, err)
                return
            _LOGGER.warning("The service refuses %s: %s", job.record.name, err)
        except Exception:
            _LOGGER.exception("Unexpected error in a media job")
            result = job.failure(MediaFailure.GENERATION_FAILED)
        job.is_done = True
        if not job.record.is_fetch:
            self.library.note_change()
        await self._wait_for_earlier_parts(job)
        await self._finish(job, result)

    async def _wait_for_earlier_parts(self, job: MediaJob) -> None:
        """Wait until what the earlier parts of a request came to is told."""
        earlier = [other.outcome for other in self._jobs.values() if job.follows(other)]
        if earlier:
            job.settle_acceptance()
            await asyncio.wait(earlier)

    async def _carry_out(self, job: MediaJob) -> MediaResult:
        if job.record.media_id is None:
            await self._orders.async_place(job)
        job.settle_acceptance()
        assert job.record.media_id is not None
        self.library.remember(
            job.record.media_id,
            job.record.subscription_id,
            job.record.camera_id or None,
        )
        if (file := await self._file_from_before(job)) is not None:
            self.saved.remember(job.record.media_id, file)
            return job.ready(file.size, file.path)
        media = job.found or await self._finished_media(job)
        if media.state is MediaState.FAILED:
            located = self._locate(job.record.camera_id)
            raise await async_explain_failure(
                self._client, located, job.record, job.lane
            )
        if not job.record.download:
            return job.ready(media.size, None)
        file = await self._download(job, media)
        self.saved.remember(media.id, file)
        return job.ready(file.size, file.path)

    async def _finish(self, job: MediaJob, result: MediaResult) -> None:
        """Tell of an outcome; the job is forgotten only then."""
        self.outcomes[result.reason or result.kind] += 1
        if not job.record.is_fetch:
            if result.media_id is not None:
                self._orders.note_finished(result.media_id)
            self._tell(result)
        self._jobs.pop(job.record.id)
        try:
            await self._store.async_save()
        finally:
            self._progress.async_update()
            job.settle_acceptance()
            job.outcome.set_result(result)

    async def _refuse(
        self, job: MediaJob, result: MediaResult, err: AmnimoError
    ) -> None:
        """Tell the one who asked of the error, and nobody else: nothing came to be."""
        self._jobs.pop(job.record.id)
        try:
            await self._store.async_save()
        finally:
            self._progress.async_update()
            job.accepted.set_exception(err)
            # Whoever asked may be gone; the error is not lost on anybody then.
            job.accepted.exception()
            job.outcome.set_result(result)

    @callback
    def _tell(self, result: MediaResult) -> None:
        """Call those who listen; what one of them does wrong is no matter of the others."""
        for listener in list(self._listeners.get(result.camera_id, ())):
            try:
                listener(result)
            except Exception:
                _LOGGER.exception("Unexpected error of a listener to media")

    # --- Waiting and fetching --------------------------------------------------------------

    async def _finished_media(self, job: MediaJob) -> Media:
        """Wait until the service is done with a job."""
        record = job.record
        now = dt_util.utcnow()
        assert record.media_id is not None
        watch = self._watches.get(record.subscription_id)
        if watch is None:
            watch = TenantWatch(
                self._hass, self._entry, self._client, record.subscription_id
            )
            self._watches[record.subscription_id] = watch
        return await watch.finished(
            record.media_id,
            requested_at=record.requested_at or record.asked_at or record.wanted_at,
            deadline=max((record.accepted_at or now) + record.patience, now + GRACE),
            urgent=lambda: job.waiters > 0,
            pressing=job.pressing,
        )

    async def _download(self, job: MediaJob, media: Media) -> LocalFile:
        """Fetch the file of a finished job to the local media folder.

        Raises:
            MediaJobError: it can't be had or stored.

        """
        path = await self._place(job)
        source = self._url_source(job, media.url)
        since = dt_util.utcnow()
        failures = 0
        while True:
            try:
                return await self._downloads.async_fetch(
                    job.record.id,
                    source,
                    path,
                    job.record.category,
                    job.note_progress,
                    media.size,
                )
            except AmnimoNotFoundError as err:
                raise MediaJobError(MediaFailure.DELETED) from err
            except (AmnimoError, DownloadInterruptedError) as err:
                final = isinstance(err, AmnimoError) and is_final(err)
                if final or dt_util.utcnow() - since > OUTAGE_PATIENCE:
                    raise MediaJobError(MediaFailure.DOWNLOAD_FAILED) from err
            await asyncio.sleep(pause(failures))
            failures += 1

    async def _place(self, job: MediaJob) -> Path:
        """Return where a job's file is to be, and write it down.

        A file that is there after a restart was moved there by this very job.
        """
        record = job.record
        if record.path is not None:
            return Path(record.path)
        async with self._choosing:
            taken = {
                Path(each.record.path)
                for each in self._jobs.values()
                if each.record.path is not None
            }
            path = await self._downloads.async_choose_path(
                record.camera_id,
                record.camera_name,
                record.start,
                record.category,
                taken,
            )
            job.update(path=str(path))
        await self._store.async_save()
        return path

    async def _file_from_before(self, job: MediaJob) -> LocalFile | None:
        """Return the file that is there already, since before a restart or for long."""
        record = job.record
        if record.path is not None:
            path = Path(record.path)
            return await self._downloads.async_arrived(path, record.category)
        assert record.media_id is not None
        return await self.saved.async_find(record.media_id, record.category)

    def _url_source(self, job: MediaJob, url: str | None) -> UrlSource:
        """Return what mints presigned URLs, beginning with one that is there already."""
        urls = [url] if url is not None else []

        async def mint() -> str:
            if urls:
                return urls.pop()
            media_id = job.record.media_id
            assert media_id is not None
            media = await self._client.media(
                job.record.subscription_id, media_id, lane=job.lane
            )
            if media.url is None:
                raise MediaJobError(MediaFailure.DOWNLOAD_FAILED)
            return media.url

        return mint


def _interrupted() -> HomeAssistantError:
    return HomeAssistantError(
        translation_domain=DOMAIN, translation_key="media_interrupted"
    )


async def async_remove_jobs(hass: HomeAssistant, entry_id: str) -> None:
    """Forget the jobs of an entry that is removed."""
    await Downloads(hass, entry_id).async_clean()
    await async_remove_saved(hass, entry_id)
    await async_remove_stored(hass, entry_id)
