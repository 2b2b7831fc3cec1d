"""The tenants of an account and their cameras, listed at intervals.

A tenant whose listing failed keeps what was known of it and is marked as failed; the rest goes on.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Set as AbstractSet
import logging
from typing import override

from homeassistant.core import HomeAssistant, callback

from ..api import (
    AmnimoAuthError,
    AmnimoClient,
    AmnimoConnectionError,
    AmnimoError,
    AmnimoRefusedError,
    Camera,
    CameraMemo,
    Tenant,
)
from ..const import (
    CONF_ACCOUNT_ID,
    CONF_CAMERA_INTERVAL,
    CONF_TENANTS,
    DEFAULT_CAMERA_INTERVAL,
)
from ..runtime import AmnimoConfigEntry
from .contexts import LISTED, changed_camera_contexts
from .selective import SelectiveCoordinator
from .states import CameraData, LocatedCamera

_LOGGER = logging.getLogger(__name__)

_CAMERAS_A_TURN = 500
_HIERARCHY_INTERVAL = 12 * 3600.0
_MOST_EXPIRATION = 10080
# To read all cameras of a large fleet anew takes as long as a hundred polls.
_SHORTEST_EXPIRATION = 240
_RENEWALS_A_LIFE = 2
_FIRST_PAUSE_OF_TENANT = 60.0


class CameraCoordinator(SelectiveCoordinator[CameraData]):
    """The tenants of an account and all their cameras, one listing a tenant a poll.

    A tenant whose listing failed is asked for again in between.
    """

    def __init__(
        self, hass: HomeAssistant, entry: AmnimoConfigEntry, client: AmnimoClient
    ) -> None:
        """Take the interval and the choice of tenants from the entry's options."""
        interval = entry.options.get(CONF_CAMERA_INTERVAL, DEFAULT_CAMERA_INTERVAL)
        super().__init__(hass, entry, client, "camera", interval)
        # Thumbnail URLs must outlive the time until the next poll brings new ones.
        self._expiration = min(
            max(_SHORTEST_EXPIRATION, 2 * interval // 60), _MOST_EXPIRATION
        )
        self.data = CameraData()
        self.root: Tenant | None = None
        self._told: dict[str, Tenant] = {}
        """The chosen tenants that the last answer told of."""
        self._hierarchy_due = 0.0
        self._doubted: set[str] = set()
        self.hierarchy_answers = 0
        """Times that the service told the tenants."""
        self.listings: Counter[str] = Counter()
        """Times that a tenant's cameras could be listed, by subscription ID."""
        self.answers: dict[str, AmnimoError | None] = {}
        """What went wrong with the last listing of each tenant, None for nothing."""
        self._memos: dict[str, CameraMemo] = {}
        self._listed: dict[str, tuple[Camera, ...] | None] = {}
        self._whole_due = 0.0
        self._again: frozenset[str] = frozenset()
        self._again_due = 0.0
        self._again_pause = _FIRST_PAUSE_OF_TENANT

    @override
    async def async_refresh(self) -> None:
        """Ask for all tenants, also where only some are to be asked again before the others."""
        self._again = frozenset()
        await super().async_refresh()

    @override
    async def _async_poll(self) -> CameraData:
        again, self._again = self._again, frozenset()
        if again:
            tenants = self.data.tenants
            listings = await self._async_list_cameras(again & tenants.keys())
        else:
            self._whole_due = self._now() + self.interval
            self._again_pause = _FIRST_PAUSE_OF_TENANT
            self.answers = {}
            tenants = await self._async_tenants()
            listings = await self._async_list_cameras(tenants)
            if listings and all(listed is None for listed in listings.values()):
                raise next(err for err in self.answers.values() if err is not None)
        differing = self._differing(listings)
        candidates: Collection[str]
        if differing is None or tenants.keys() != self.data.tenants.keys():
            data = self._merge(tenants, listings)
            candidates = self.data.cameras.keys() | data.cameras.keys()
        else:
            data = self._update(tenants, differing)
            candidates = differing.keys()
        await self._async_note_changes(data, candidates)
        # After all that can be called off: what is listed is known to whoever looks at `data`.
        self._listed.update(listings)
        self.listings.update(listings.keys() - data.failed)
        self._changed.add(LISTED)
        self._ask_again_for(data.failed)
        return data

    def _ask_again_for(self, failed: AbstractSet[str]) -> None:
        """See that tenants are asked for again before the next whole poll, ever more seldom.

        What was refused for a reason can wait.
        """
        due = self._now() + self._again_pause
        if due >= self._whole_due:
            return
        self._again = frozenset(
            each
            for each in failed
            if not isinstance(self.answers.get(each), AmnimoRefusedError)
        )
        self._again_due = due
        self._again_pause *= 2

    @override
    def _due_after(self, started: float) -> float:
        return self._again_due if self._again else self._whole_due

    def _memo_of(self, subscription_id: str) -> CameraMemo:
        """Return what is remembered of a tenant's cameras.

        URLs are renewed after half of their life, so that they outlive the time until the next
        poll, and one that fails.
        """
        return self._memos.setdefault(
            subscription_id,
            CameraMemo(self._expiration * 60 / _RENEWALS_A_LIFE, self._now),
        )

    @callback
    def async_renew_picture_url(self, camera_id: str) -> None:
        """Have a new URL of a camera's picture with the next poll: the service refuses this one."""
        memo = self._memos.get(self.subscription_of(camera_id) or "")
        if memo is not None:
            memo.forget(camera_id)

    async def _async_note_changes(
        self, data: CameraData, candidates: Collection[str]
    ) -> None:
        """Note which cameras are not as they were, a part of them at a time.

        Nor are those whose tenant became reachable or unreachable.

        Args:
            data: what is known now.
            candidates: IDs of all cameras that may differ.

        """
        before = self.data
        turned = before.failed ^ data.failed
        changed: set[str] = set()
        restructured: set[str] = set()
        for number, camera_id in enumerate(candidates, 1):
            if number % _CAMERAS_A_TURN == 0:
                await asyncio.sleep(0)
            known, located = before.cameras.get(camera_id), data.cameras.get(camera_id)
            has_turned = located is not None and located.subscription_id in turned
            if known == located and not has_turned:
                continue
            changed.update(
                changed_camera_contexts(
                    camera_id, known, located, as_a_whole=has_turned
                )
            )
            if known is None or located is None or known.placement != located.placement:
                restructured.add(camera_id)
        # All at once: who is told in between would be told of what is not there yet.
        self._restructured |= restructured
        self._changed |= changed

    async def _async_tenants(self) -> dict[str, Tenant]:
        """Return the chosen tenants; the hierarchy is asked for twice a day."""
        answered = False
        if self.root is None or self._now() >= self._hierarchy_due:
            account_id = self.config_entry.data[CONF_ACCOUNT_ID]
            try:
                self.root = await self.client.hierarchy(account_id)
            except AmnimoError as err:
                if self.root is None or isinstance(err, AmnimoAuthError):
                    raise
                _LOGGER.debug("The tenants of yesterday have to do: %s", err)
            else:
                self._hierarchy_due = self._now() + _HIERARCHY_INTERVAL
                self.hierarchy_answers += 1
                answered = True
                self._told = self._chosen(self.root)
        gone = self._doubtfully_gone(self._told, answered=answered)
        return {**self._told, **gone} if gone else self._told

    def _chosen(self, root: Tenant) -> dict[str, Tenant]:
        """Return the tenants of an account that the options want, parents first."""
        chosen = set(self.config_entry.options.get(CONF_TENANTS, ()))
        return {
            tenant.subscription_id: tenant
            for tenant in root.walk()
            if tenant.subscription_id is not None
            and (not chosen or tenant.subscription_id in chosen)
        }

    def _doubtfully_gone(
        self, told: Mapping[str, Tenant], *, answered: bool
    ) -> dict[str, Tenant]:
        """Return the tenants that one answer lacked; two in a row make it true.

        The answer is asked for again at the next poll.

        Args:
            told: those that the last answer told of.
            answered: whether that came just now.

        """
        gone = self.data.tenants.keys() - told.keys()
        if not answered:
            return {each: self.data.tenants[each] for each in gone}
        doubted, self._doubted = self._doubted, gone
        if gone - doubted:
            self.ask_hierarchy_again()
        return {
            subscription_id: self.data.tenants[subscription_id]
            for subscription_id in gone - doubted
        }

    def ask_hierarchy_again(self) -> None:
        """Ask for the tenants at the next poll."""
        self._hierarchy_due = 0.0

    async def _async_list_cameras(
        self, tenants: Iterable[str]
    ) -> dict[str, tuple[Camera, ...] | None]:
        """Return the cameras by tenant, None for a tenant whose listing failed.

        After a failed poll one tenant is asked for first: where the service is still away,
        that is enough to know.

        Raises:
            AmnimoError: the service is still away, or the credentials are no longer good.

        """
        listings: dict[str, tuple[Camera, ...] | None] = dict.fromkeys(tenants)
        answers = self.answers
        errors: list[AmnimoError] = []

        async def list_cameras(subscription_id: str) -> None:
            try:
                listings[subscription_id] = await self.client.cameras(
                    subscription_id,
                    expiration=self._expiration,
                    memo=self._memo_of(subscription_id),
                )
            except AmnimoError as err:
                answers[subscription_id] = err
                listings[subscription_id] = None
                errors.append(err)
            else:
                answers[subscription_id] = None

        waiting = list(listings)
        if waiting and not self.last_update_success:
            await list_cameras(waiting.pop(0))
            if any(isinstance(err, AmnimoConnectionError) for err in errors):
                raise errors[0]
        await asyncio.gather(*map(list_cameras, waiting))
        for err in errors:
            if isinstance(err, AmnimoAuthError):
                raise err
        for err in errors:
            _LOGGER.debug("A tenant's cameras could not be listed: %s", err)
        return listings

    def _differing(
        self, listings: Mapping[str, tuple[Camera, ...] | None]
    ) -> dict[str, LocatedCamera] | None:
        """Return the cameras that were read anew, None where not the same ones are listed.

        Of a large fleet few differ from one poll to the next, and the others are the very
        objects that they were, which need not be looked at.
        """
        if self.data.failed:
            return None
        differing: dict[str, LocatedCamera] = {}
        for subscription_id, listed in listings.items():
            before = self._listed.get(subscription_id)
            if listed is None or before is None or len(listed) != len(before):
                return None
            for camera, known in zip(listed, before, strict=True):
                if camera is known:
                    continue
                if camera.id != known.id:
                    return None
                located = self.data.cameras.get(camera.id)
                # Where two tenants list a camera, the last one counts.
                if located is None or located.subscription_id != subscription_id:
                    return None
                differing[camera.id] = LocatedCamera(camera, subscription_id)
        return differing

    def _update(
        self, tenants: Mapping[str, Tenant], differing: Mapping[str, LocatedCamera]
    ) -> CameraData:
        """Return what is known now, where the same cameras are listed as before."""
        return CameraData(tenants=tenants, cameras={**self.data.cameras, **differing})

    def _merge(
        self,
        tenants: Mapping[str, Tenant],
        listings: Mapping[str, tuple[Camera, ...] | None],
    ) -> CameraData:
        """Return what is known now.

        A camera that its tenant's listing lacks is dropped, one of a tenant whose listing
        failed or was not asked for is kept as it was.
        """
        before = self.data.cameras
        cameras = {
            camera.id: known
            if (known := before.get(camera.id)) is not None
            and known.camera is camera
            and known.subscription_id == subscription_id
            else LocatedCamera(camera, subscription_id)
            for subscription_id, listed in listings.items()
            for camera in listed or ()
        }
        left_alone = tenants.keys() - listings.keys()
        failed = {each for each, listed in listings.items() if listed is None}
        if left_alone or failed:
            for camera_id, known in before.items():
                if known.subscription_id in left_alone or (
                    known.subscription_id in failed
                ):
                    cameras.setdefault(camera_id, known)
        for gone in self._memos.keys() - tenants.keys():
            del self._memos[gone]
            self._listed.pop(gone, None)
        return CameraData(
            tenants=tenants,
            cameras=cameras,
            failed=frozenset(failed | (self.data.failed & left_alone)),
        )

    @callback
    def locate(self, camera_id: str) -> LocatedCamera | None:
        """Return a camera of the last poll."""
        return self.data.cameras.get(camera_id)

    @callback
    def subscription_of(self, camera_id: str) -> str | None:
        """Return the subscription ID of a camera's tenant, None where it is gone."""
        located = self.locate(camera_id)
        return located.subscription_id if located else None
