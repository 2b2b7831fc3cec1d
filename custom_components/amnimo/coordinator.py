"""What the cloud says about cameras and ports, asked for at intervals.

The contexts of both coordinators are the vendor's identifiers of cameras and devices, and LISTED.
A part that could not be fetched keeps what was known of it and is marked as failed; the rest goes
on.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Set as AbstractSet,
)
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from itertools import islice
import logging
from typing import override

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from .api import (
    AmnimoAuthError,
    AmnimoClient,
    AmnimoConnectionError,
    AmnimoError,
    AmnimoNotFoundError,
    AmnimoPermissionError,
    Camera,
    CameraMemo,
    Device,
    ExternalDevice,
    Lane,
    Port,
    Tenant,
)
from .const import (
    CONF_ACCOUNT_ID,
    CONF_CAMERA_INTERVAL,
    CONF_TENANTS,
    DEFAULT_CAMERA_INTERVAL,
)
from .runtime import AmnimoConfigEntry
from .selective_coordinator import SelectiveCoordinator

_LOGGER = logging.getLogger(__name__)

LISTED = "listed"
"""Context of those who care which cameras or devices there are: after each listing."""

type PortKey = tuple[str, str]
"""Device ID and port ID."""

_CAMERAS_A_TURN = 500
_HIERARCHY_INTERVAL = 12 * 3600.0
_DEVICE_LIST_INTERVAL = 600.0
_SHORTEST_SWEEP_INTERVAL = 60.0
# The throttle lets a sweep have a little more, so that it is over before the next begins.
_SWEEP_RATE = 4.0
# An edge device takes its time to answer; what keeps the rate is the throttle.
_SWEEP_WORKERS = 24
_FEW = 3
_TRIES_OF_FIRST = 3
_SHARE_ASKED_AGAIN = 10
_READINGS_TO_BE_SURE = 2
# A set-up that waited for a large fleet's ports would be taken for one that hangs.
_FIRST_SWEEP_WAIT = 8.0
_MOST_EXPIRATION = 10080
_SHORTEST_EXPIRATION = 60
_URL_LIVES = 4
_FIRST_PAUSE_OF_TENANT = 60.0


class CameraAspect(StrEnum):
    """What some care for alone; a camera's ID is the context of who cares for all the rest."""

    PRESENCE = "presence"
    """Whether it's there and its tenant can be listed; that concerns the other aspects, too."""
    CONNECTIVITY = "connectivity"
    RECORDING = "recording"
    THUMBNAIL = "thumbnail"


class PortAspect(StrEnum):
    """What some care for alone; the port itself is the context of who shows whether it's on."""

    PRESENCE = "presence"
    """Whether it can be read, and what it's called; that concerns the other aspects, too."""
    MEASUREMENT = "measurement"


@dataclass(frozen=True, slots=True)
class LocatedCamera:
    """A camera and the subscription of the tenant that it belongs to."""

    camera: Camera
    subscription_id: str


@dataclass(frozen=True, slots=True)
class CameraData:
    """The tenants of an account and their cameras."""

    tenants: Mapping[str, Tenant] = field(default_factory=dict)
    """The chosen ones, by subscription ID, parents first."""
    cameras: Mapping[str, LocatedCamera] = field(default_factory=dict)
    """By camera ID."""
    failed: frozenset[str] = frozenset()
    """Subscription IDs of the tenants whose last listing failed."""


@dataclass(frozen=True, slots=True)
class DeviceState:
    """A device with the state of its ports."""

    device: Device
    subscription_id: str
    ports: Mapping[str, Port] | None = None
    """By port ID; None until they were read for the first time."""
    available: bool = True
    """Whether the last reading succeeded."""
    missed_ports: Mapping[str, Port] = field(default_factory=dict)
    """Those that the last reading lacked, and the one before had: they may come back."""
    missed_equipment: Mapping[str, ExternalDevice] = field(default_factory=dict)
    """The same of the external equipment and the last two listings."""
    readings: int = 0
    """How often the ports were read, up to 2: from then on, what is missing is gone."""

    @property
    def equipment(self) -> dict[str, ExternalDevice]:
        """The external equipment that there is, by ID."""
        return {each.id: each for each in self.device.external_devices}

    def listed(self, device: Device, subscription_id: str) -> DeviceState:
        """Return the state with what a listing says."""
        after = {each.id for each in device.external_devices}
        missed = {id_: each for id_, each in self.equipment.items() if id_ not in after}
        return replace(
            self,
            device=device,
            subscription_id=subscription_id,
            missed_equipment=missed,
        )

    def read(self, ports: Mapping[str, Port]) -> DeviceState:
        """Return the state with what a reading says."""
        known = self.ports or {}
        return replace(
            self,
            ports=ports,
            available=True,
            missed_ports={id_: port for id_, port in known.items() if id_ not in ports},
            readings=min(self.readings + 1, _READINGS_TO_BE_SURE),
        )


class CameraCoordinator(SelectiveCoordinator[CameraData]):
    """The tenants of an account and all their cameras, one listing a tenant a poll."""

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
            if not isinstance(
                self.answers.get(each), AmnimoPermissionError | AmnimoNotFoundError
            )
        )
        self._again_due = due
        self._again_pause *= 2

    @override
    def _due_after(self, started: float) -> float:
        return self._again_due if self._again else self._whole_due

    def _memo_of(self, subscription_id: str) -> CameraMemo:
        """Return what is remembered of a tenant's cameras.

        URLs are renewed after a quarter of their life, so that they outlive the time until
        the next poll, and one that fails.
        """
        return self._memos.setdefault(
            subscription_id,
            CameraMemo(self._expiration * 60 / _URL_LIVES, self._now),
        )

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
                _camera_contexts(camera_id, known, located, as_a_whole=has_turned)
            )
            if (
                known is None
                or located is None
                or _placement(known) != _placement(located)
            ):
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
        chosen = set(self.config_entry.options.get(CONF_TENANTS, ()))
        told = {
            tenant.subscription_id: tenant
            for tenant in self.root.walk()
            if tenant.subscription_id is not None
            and (not chosen or tenant.subscription_id in chosen)
        }
        return {**told, **self._doubtfully_gone(told, answered=answered)}

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


class PortCoordinator(SelectiveCoordinator[dict[str, DeviceState]]):
    """The devices with external equipment, and the ports of each.

    The service reads one device's ports a request, so a sweep over a large fleet takes a
    while: each device's answer counts as soon as it is there.
    """

    def __init__(
        self, hass: HomeAssistant, entry: AmnimoConfigEntry, cameras: CameraCoordinator
    ) -> None:
        """Take the coordinator that knows the tenants."""
        super().__init__(hass, entry, cameras.client, "port", _SHORTEST_SWEEP_INTERVAL)
        self.data = {}
        self._cameras = cameras
        self._list_due = 0.0
        self.listings: Counter[str] = Counter()
        """Times that a tenant's devices could be listed, by subscription ID."""
        self._first_sweep: asyncio.Task[None] | None = None
        self._missed: dict[str, DeviceState] = {}
        self._reads_begun = 0
        self._newest_read: dict[str, int] = {}
        self._asked: dict[str, int] = {}
        self._swept_from = 0
        self._readers: list[Callable[[str], None]] = []

    @callback
    def async_follow_readings(self, reader: Callable[[str], None]) -> CALLBACK_TYPE:
        """Tell somebody, after the listeners, each device ID of which a reading is news."""
        self._readers.append(reader)
        return lambda: self._readers.remove(reader)

    @override
    async def _async_poll(self) -> dict[str, DeviceState]:
        if self._now() >= self._list_due:
            await self._async_list_devices()
        self.interval = max(_SHORTEST_SWEEP_INTERVAL, len(self.data) / _SWEEP_RATE)
        if self._first_sweep is None:
            await self._async_begin_first_sweep()
        elif not self._first_sweep.done():
            await asyncio.wait({self._first_sweep})
        else:
            await self._async_sweep()
        return self.data

    async def _async_begin_first_sweep(self) -> None:
        """Read what a short wait allows; the rest follows by itself."""
        self._first_sweep = self.config_entry.async_create_background_task(
            self.hass, self._async_sweep(), "amnimo first sweep"
        )
        done, _ = await asyncio.wait({self._first_sweep}, timeout=_FIRST_SWEEP_WAIT)
        for sweep in done:
            sweep.result()
        if not done:
            self._first_sweep.add_done_callback(_log_unfinished_sweep)

    async def _async_list_devices(self) -> None:
        """Bring the known devices in step with the listings of all tenants.

        Raises:
            AmnimoError: no tenant's devices could be listed ever, or the credentials are no
                longer good.

        """
        tenants = self._cameras.data.tenants
        listings: dict[str, tuple[Device, ...]] = {}
        errors: list[AmnimoError] = []

        async def list_devices(subscription_id: str) -> None:
            try:
                listings[subscription_id] = await self.client.devices(subscription_id)
            except AmnimoError as err:
                errors.append(err)

        await asyncio.gather(*map(list_devices, tenants))
        for err in errors:
            _LOGGER.debug("A tenant's devices could not be listed: %s", err)
            nothing_known = not self.data and len(errors) == len(tenants)
            if isinstance(err, AmnimoAuthError) or nothing_known:
                raise err
        self._list_due = self._now() + (
            _SHORTEST_SWEEP_INTERVAL if errors else _DEVICE_LIST_INTERVAL
        )
        self.listings.update(listings.keys())
        self._take_listings(
            {
                subscription_id: listings[subscription_id]
                for subscription_id in tenants
                if subscription_id in listings
            },
            failed=tenants.keys() - listings.keys(),
        )

    def _take_listings(
        self,
        listings: Mapping[str, tuple[Device, ...]],
        failed: AbstractSet[str],
    ) -> None:
        """Add, update and drop devices, keeping the ports that are known."""
        known, missed, data = self.data, self._missed, dict[str, DeviceState]()
        for subscription_id, devices in listings.items():
            for device in devices:
                before = known.get(device.id) or missed.get(device.id)
                state = before or DeviceState(device, subscription_id)
                data[device.id] = state.listed(device, subscription_id)
        for device_id, state in known.items():
            if state.subscription_id in failed:
                data.setdefault(device_id, state)
        self.data = data
        self._missed = {
            device_id: state
            for device_id, state in known.items()
            if device_id not in data
        } | {
            device_id: state
            for device_id, state in missed.items()
            if device_id not in data and state.subscription_id in failed
        }
        self._changed.add(LISTED)
        differing = {
            device_id
            for device_id in known.keys() | self.data.keys()
            if known.get(device_id) != self.data.get(device_id)
        }
        for device_id in differing:
            self._changed.update(
                _changed_contexts(known.get(device_id), self.data.get(device_id))
            )
        self._restructured |= differing | missed.keys()

    async def _async_sweep(self) -> None:
        """Read the ports of all devices, some at a time.

        A few go first: when none of them can be reached, the service can't be, and the rest
        is left for the next time. Then each is asked once, those that failed the last time
        after the others: the next sweep is their next try. Of those that failed just now a
        tenth is asked once more at the end, so that not every slip makes one unavailable.

        Where devices can't be reached, each takes its time, until it is given up or the service
        says so. So that the others don't wait for them, no more are asked then when the interval is over:
        the next sweep begins with those that were not asked for the longest time.

        Raises:
            AmnimoError: the service can't be reached at all, or refuses the credentials.

        """
        queue = self._sweep_order()
        queue.reverse()
        end = self._now() + self.interval
        most_again = max(_FEW, len(queue) // _SHARE_ASKED_AGAIN)
        again: set[str] = set()
        outages: list[AmnimoError] = []
        refusals: list[AmnimoError] = []
        succeeded = failed = False
        answered = asyncio.Event()

        def forgive(device_id: str) -> bool:
            state = self.data.get(device_id)
            forgiven = (
                succeeded
                and state is not None
                and state.available
                and device_id not in again
                and len(again) < most_again
            )
            if forgiven:
                again.add(device_id)
                queue.insert(0, device_id)
            return forgiven

        async def work() -> None:
            nonlocal failed, succeeded
            while queue and not refusals and (succeeded or len(outages) < _FEW):
                if failed and self._now() >= end:
                    break
                device_id = queue.pop()
                if device_id not in self.data:
                    continue
                try:
                    await self.async_read_device(
                        device_id,
                        Lane.POLL,
                        tries=1 if succeeded else _TRIES_OF_FIRST,
                        forgive=partial(forgive, device_id),
                    )
                except AmnimoAuthError as err:
                    refusals.append(err)
                except AmnimoError as err:
                    failed = True
                    _LOGGER.debug("A device's ports could not be read: %s", err)
                    if isinstance(err, AmnimoConnectionError):
                        outages.append(err)
                        continue
                else:
                    succeeded = True
                answered.set()
            answered.set()

        async def join() -> None:
            await answered.wait()
            await work()

        first = min(_FEW, _SWEEP_WORKERS)
        await asyncio.gather(
            *(work() for _ in range(first)),
            *(join() for _ in range(_SWEEP_WORKERS - first)),
        )
        for err in refusals or (outages if not succeeded else []):
            raise err
        for device_id in again.intersection(queue):
            # There was no time for another try.
            self._take(device_id, self._asked[device_id], None)

    def _sweep_order(self) -> list[str]:
        """Return all devices: a few that answered last time, the others, those that failed.

        Each in the order in which they were asked last.
        """
        order = sorted(
            self.data,
            key=lambda device_id: (
                not self.data[device_id].available,
                self._asked.get(device_id, 0),
            ),
        )
        answered = (
            each
            for each in order
            if self.data[each].available and self._asked.get(each, 0) > self._swept_from
        )
        first = list(islice(answered, _FEW))
        self._swept_from = self._reads_begun
        return first + [each for each in order if each not in first]

    async def async_read_device(
        self,
        device_id: str,
        lane: Lane,
        *,
        tries: int = _TRIES_OF_FIRST,
        forgive: Callable[[], bool] = lambda: False,
    ) -> None:
        """Read the ports of one device, and tell its listeners if anything changed.

        Of readings that overlap, the one that was begun last counts.

        Args:
            device_id: UUID.
            lane: who waits.
            tries: how often it is asked where the service fails.
            forgive: called where that fails; returns whether the device is not marked yet.

        Raises:
            AmnimoError: they could not be read; unless it's the credentials that were
                refused, the device is marked so.

        """
        state = self.data.get(device_id)
        if state is None:
            return
        self._reads_begun += 1
        begun = self._asked[device_id] = self._reads_begun
        try:
            ports = await self.client.ports(
                state.subscription_id, device_id, tries=tries, lane=lane
            )
        except AmnimoAuthError:
            raise
        except AmnimoError:
            if not forgive():
                self._take(device_id, begun, None)
            raise
        self._take(device_id, begun, {port.id: port for port in ports})

    @callback
    def _take(
        self, device_id: str, begun: int, ports: Mapping[str, Port] | None
    ) -> None:
        """Keep a reading of a device, None for one that failed, and tell whom it concerns."""
        before = self.data.get(device_id)
        if before is None or begun < self._newest_read.get(device_id, 0):
            return
        self._newest_read[device_id] = begun
        after = (
            replace(before, available=False) if ports is None else before.read(ports)
        )
        if after == before:
            return
        self.data[device_id] = after
        self._changed.update(_changed_contexts(before, after))
        if _parts(before) != _parts(after):
            self._restructured.add(device_id)
        if self._told_success is not None:
            self.async_update_listeners()
        for reader in list(self._readers):
            reader(device_id)

    def state_of(self, device_id: str) -> DeviceState | None:
        """Return the state of a device, also of one that only the last listing lacked."""
        return self.data.get(device_id) or self._missed.get(device_id)

    def port(self, device_id: str, port_id: str) -> Port | None:
        """Return a port as it was last read."""
        state = self.data.get(device_id)
        if state is None or state.ports is None:
            return None
        return state.ports.get(port_id)


def camera_context(camera_id: str, aspect: CameraAspect) -> str:
    """Return the context of those who care for one aspect of a camera, and can be told."""
    return f"{camera_id}/{aspect}"


def port_context(device_id: str, port_id: str, aspect: PortAspect | None = None) -> str:
    """Return the context of those who care for one aspect of a port, or for whether it's on."""
    port = f"{device_id}/{port_id}"
    return f"{port}/{aspect}" if aspect else port


def _changed_contexts(
    before: DeviceState | None, after: DeviceState | None
) -> Iterator[str]:
    """Yield the contexts of a device, known as at least one of two states, that differ."""
    state = after or before
    assert state is not None
    device_id = state.device.id
    as_a_whole = (
        before is None
        or after is None
        or before.available is not after.available
        or before.device != after.device
    )
    if as_a_whole:
        yield device_id
    known = (before and before.ports) or {}
    read = (after and after.ports) or {}
    for port_id in known.keys() | read.keys():
        yield from _port_contexts(
            (device_id, port_id),
            known.get(port_id),
            read.get(port_id),
            as_a_whole=as_a_whole,
        )


def _port_contexts(
    key: PortKey, before: Port | None, after: Port | None, *, as_a_whole: bool
) -> Iterator[str]:
    """Yield the contexts of a port that differ; most often it's what it measures alone."""
    if as_a_whole or before is None or after is None or before.name != after.name:
        yield port_context(*key)
        for aspect in PortAspect:
            yield port_context(*key, aspect)
        return
    if before == after:
        return
    if (before.power, before.voltage) != (after.power, after.voltage):
        yield port_context(*key, PortAspect.MEASUREMENT)
    if replace(before, power=after.power, voltage=after.voltage) != after:
        yield port_context(*key)


def _camera_contexts(
    camera_id: str,
    before: LocatedCamera | None,
    after: LocatedCamera | None,
    *,
    as_a_whole: bool,
) -> Iterator[str]:
    """Yield the contexts of a camera that differ; most often it's the picture alone."""
    if (
        as_a_whole
        or before is None
        or after is None
        or before.subscription_id != after.subscription_id
    ):
        yield camera_id
        for aspect in CameraAspect:
            yield camera_context(camera_id, aspect)
        return
    was, is_ = before.camera, after.camera
    if was.online is not is_.online:
        yield camera_context(camera_id, CameraAspect.CONNECTIVITY)
    if was.recording is not is_.recording:
        yield camera_context(camera_id, CameraAspect.RECORDING)
    if was.thumbnail != is_.thumbnail:
        yield camera_context(camera_id, CameraAspect.THUMBNAIL)
    if replace(was, online=is_.online, thumbnail=is_.thumbnail) != is_:
        yield camera_id


def _placement(located: LocatedCamera) -> tuple[object, ...]:
    """Return what of a camera its device in Home Assistant is made of."""
    camera = located.camera
    return (
        located.subscription_id,
        camera.name,
        camera.model,
        camera.version,
        camera.device_id,
        camera.device_name,
        camera.device_model,
    )


def _parts(state: DeviceState) -> object:
    """Return what the ports of a device are good for, and how sure that is."""
    abilities = {
        (port.id, port.kind, port.power is not None, port.voltage is not None)
        for port in (state.ports or {}).values()
    }
    return abilities, state.missed_ports.keys(), state.readings


def _log_unfinished_sweep(sweep: asyncio.Task[None]) -> None:
    """Say why a first sweep ended early; the next one tries again."""
    if not sweep.cancelled() and (err := sweep.exception()) is not None:
        _LOGGER.debug("The first sweep ended early: %s", err)
