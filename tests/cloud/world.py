"""What exists behind the simulated cloud: clients, tenants, cameras, devices and ports.

Plain objects that tests arrange while the cloud runs. Everything that takes time is a
function of the cloud's clock. Knows nothing of HTTP, of dialects, or of pictures.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
import random
from typing import Final
import uuid

from .clock import CloudClock
from .recordings import RecordingPlan
from .spans import Span, intersect, merge, subtract
from .timeline import Timeline


class Storage(StrEnum):
    """Where a camera's video is kept."""

    CLOUD = "CLOUD"
    EDGE = "EDGE"


class PortKind(StrEnum):
    """What a port is: power over Ethernet, digital output or digital input."""

    POE = "POE"
    OUTPUT = "DO"
    INPUT = "DI"


class DeviceModel(StrEnum):
    """The edge devices of the range that have ports."""

    AG20 = "AG20"
    AG10 = "AG10"
    AX11 = "AX11"
    AR20 = "AR20"


# How many ports of each kind a model has.
PORTS_OF_MODEL: Final[dict[DeviceModel, dict[PortKind, int]]] = {
    DeviceModel.AG20: {PortKind.POE: 4, PortKind.INPUT: 4, PortKind.OUTPUT: 2},
    DeviceModel.AG10: {PortKind.POE: 4},
    DeviceModel.AX11: {PortKind.POE: 4, PortKind.INPUT: 4, PortKind.OUTPUT: 2},
    DeviceModel.AR20: {PortKind.POE: 2},
}

PORT_PREFIX: Final = {PortKind.POE: "lan", PortKind.INPUT: "di", PortKind.OUTPUT: "do"}

POE_VOLTS = 48.1


@dataclass(slots=True, eq=False)
class Client:
    """Somebody's key to the API: a client ID, its secret, and the accounts it may see."""

    client_id: str
    secret: str
    accounts: list[Tenant] = field(default_factory=list)

    def may_see(self, tenant: Tenant) -> bool:
        """Say whether a tenant is one of the accounts or below one."""
        return any(ancestor in self.accounts for ancestor in tenant.lineage())


@dataclass(slots=True, eq=False)
class Tenant:
    """An account in the tree of accounts, with the subscription that its things hang on.

    ``forbidden`` ones are told of, but what hangs on their subscription is refused.
    """

    account_id: str
    account_name: str
    subscription_id: str
    subscription_name: str
    parent: Tenant | None = None
    children: list[Tenant] = field(default_factory=list)
    cameras: dict[str, Camera] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    forbidden: bool = False

    def lineage(self) -> Iterator[Tenant]:
        """Yield the tenant and what is above it, up to the root."""
        tenant: Tenant | None = self
        while tenant is not None:
            yield tenant
            tenant = tenant.parent

    def family(self) -> Iterator[Tenant]:
        """Yield the tenant and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.family()


class Port:
    """A port of an edge device, whose state moves a moment after it was told to."""

    def __init__(
        self, clock: CloudClock, port_id: str, kind: PortKind, *, on: bool
    ) -> None:
        """Make a port that has always been in one state."""
        self._clock = clock
        self.id = port_id
        self.kind = kind
        self.timeline = Timeline(on)
        self.stuck = False
        self.load_watts = 0.0

    @property
    def on(self) -> bool:
        """Its state now."""
        return self.timeline.at(self._clock.now())

    @property
    def can_be_switched(self) -> bool:
        """Whether it takes actions at all; an input only reports."""
        return self.kind is not PortKind.INPUT

    @property
    def watts(self) -> float:
        """What a PoE port feeds now."""
        return self.load_watts if self.on else 0.0

    @property
    def volts(self) -> float:
        """The voltage on a PoE port now."""
        return POE_VOLTS if self.on else 0.0

    def set(self, on: bool) -> None:
        """Move it at once, as somebody in the vendor's portal or a closing contact does."""
        now = self._clock.now()
        self.timeline.change(on, now, now=now)

    def switch(self, on: bool, *, after: float) -> None:
        """Command it over the API: it moves ``after`` seconds, unless it is stuck."""
        now = self._clock.now()
        if not self.stuck:
            self.timeline.change(on, now + after, now=now)

    def reset(self, off_seconds: float, *, after: float) -> None:
        """Command a reset: off ``after`` seconds, and on again ``off_seconds`` later."""
        now = self._clock.now()
        if not self.stuck:
            self.timeline.change(False, now + after, now=now)
            self.timeline.then(True, now + after + off_seconds)


class Camera:
    """A camera of a tenant.

    ``bare`` cameras are known by their ID alone. ``cloud_copy`` says whether the recordings
    of an edge camera are in the cloud too, so that they can be listed and played. A camera
    that hangs on a PoE ``port`` is off while the port is.
    """

    def __init__(
        self,
        clock: CloudClock,
        tenant: Tenant,
        *,
        camera_id: str,
        name: str,
        storage: Storage,
        plan: RecordingPlan,
        device: Device | None = None,
        bare: bool = False,
    ) -> None:
        """Make a camera that has always been online."""
        self._clock = clock
        self._plan = plan
        self._connection = Timeline(True)
        self.id = camera_id
        self.name = name
        self.tenant = tenant
        self.storage = storage
        self.device = device
        self.port: Port | None = None
        self.bare = bare
        self.records = True
        self.cloud_copy = True
        self.version = "1.11.0"
        self.gaps: list[Span] = []

    @property
    def online(self) -> bool:
        """Whether the cloud reaches it now; settable, from now on."""
        return self.is_online_at(self._clock.now())

    @online.setter
    def online(self, value: bool) -> None:
        now = self._clock.now()
        self._connection.change(value, now, now=now)

    def is_online_at(self, moment: float) -> bool:
        """Say whether it was connected and powered at a moment."""
        return self._connection.at(moment) and (
            self.port is None or self.port.timeline.at(moment)
        )

    def lost_after(self, moment: float) -> float:
        """Return when it was first not online from a moment on; infinite if it stayed."""
        powerless = (
            float("inf")
            if self.port is None
            else self.port.timeline.first(False, moment)
        )
        return min(powerless, self._connection.first(False, moment))

    def lost_since(self, moment: float) -> None:
        """Take it offline from a moment on, which may be long past."""
        self._connection.change(False, moment, now=moment)

    @property
    def recording(self) -> bool:
        """Whether it records now."""
        return self.records and self.online

    def add_gap(self, start: float, end: float) -> None:
        """Leave a span out of its recordings."""
        self.gaps = merge([*self.gaps, Span(start, end)])

    def recorded(self, start: float, end: float) -> list[Span]:
        """Return what is recorded between two moments, wherever it is kept."""
        if not self.records:
            return []
        return subtract(self.watched(start, end), self.gaps)

    def recorded_in_cloud(self, start: float, end: float) -> list[Span]:
        """Return what of the recordings the cloud can list and play."""
        if self.storage is Storage.EDGE and not self.cloud_copy:
            return []
        return self.recorded(start, end)

    def watched(self, start: float, end: float) -> list[Span]:
        """Return when it was up and planned to run, recorded or not."""
        spans = self._plan.spans(start, end, now=self._clock.now())
        spans = intersect(spans, self._connection.spans(True, start, end))
        if self.port is not None:
            spans = intersect(spans, self.port.timeline.spans(True, start, end))
        return spans


@dataclass(slots=True, eq=False)
class ExternalDevice:
    """Equipment behind an edge device that it watches: a camera or anything with an IP."""

    id: str
    name: str
    ip_address: str
    port: Port | None = None
    camera: Camera | None = None
    reachable: bool = True

    @property
    def online(self) -> bool:
        """Whether the edge device reaches it now."""
        if self.camera is not None:
            return self.camera.online
        return self.reachable and (self.port is None or self.port.on)


class Device:
    """An edge device of a tenant. ``failing`` ones answer nothing that is asked of them."""

    def __init__(
        self,
        tenant: Tenant,
        *,
        device_id: str,
        name: str,
        model: DeviceModel,
        ports: list[Port],
    ) -> None:
        """Make a device with its ports and nothing configured behind them."""
        self.id = device_id
        self.name = name
        self.tenant = tenant
        self.model = model
        self.ports = {port.id: port for port in ports}
        self.external_devices: list[ExternalDevice] = []
        self.failing = False

    def ports_of(self, kind: PortKind) -> list[Port]:
        """Return its ports of one kind, in the order of their numbers."""
        return [port for port in self.ports.values() if port.kind is kind]

    def free_poe_port(self) -> Port | None:
        """Return the first PoE port that nothing is known to hang on."""
        taken = [equipment.port for equipment in self.external_devices]
        return next(
            (port for port in self.ports_of(PortKind.POE) if port not in taken), None
        )


class World:
    """Everything there is, by ID, and the ways to change it."""

    def __init__(self, clock: CloudClock, seed: int) -> None:
        """Make an empty world; equal seeds give equal IDs in equal order."""
        self.clock = clock
        self.founded = clock.now()
        self.clients: dict[str, Client] = {}
        self.tenants: dict[str, Tenant] = {}
        self.cameras: dict[str, Camera] = {}
        self.devices: dict[str, Device] = {}
        self._seed = seed
        self._draw = random.Random(seed)

    def new_id(self) -> str:
        """Return the next UUID of this world."""
        return str(uuid.UUID(int=self._draw.getrandbits(128), version=4))

    def new_secret(self) -> str:
        """Return the next secret of this world, 40 hexadecimal digits."""
        return f"{self._draw.getrandbits(160):040x}"

    def tenant_of_account(self, account_id: str) -> Tenant | None:
        """Return the tenant with an account ID."""
        return next(
            (
                tenant
                for tenant in self.tenants.values()
                if tenant.account_id == account_id
            ),
            None,
        )

    def add_client(self, *accounts: Tenant) -> Client:
        """Issue a client ID for accounts."""
        client = Client(
            self.new_id().replace("-", "")[:26], self.new_secret(), list(accounts)
        )
        self.clients[client.client_id] = client
        return client

    def add_tenant(self, name: str, parent: Tenant | None = None) -> Tenant:
        """Add a tenant below another, or as a new root."""
        tenant = Tenant(
            account_id=self.new_id(),
            account_name=name,
            subscription_id=self.new_id(),
            subscription_name=f"{name} サブスクリプション",
            parent=parent,
        )
        self.tenants[tenant.subscription_id] = tenant
        if parent is not None:
            parent.children.append(tenant)
        return tenant

    def remove_tenant(self, tenant: Tenant) -> None:
        """Remove a tenant and all that is below it or hangs on it."""
        for member in list(tenant.family()):
            for camera in list(member.cameras.values()):
                self.remove_camera(camera)
            for device in list(member.devices.values()):
                self.remove_device(device)
            del self.tenants[member.subscription_id]
        if tenant.parent is not None:
            tenant.parent.children.remove(tenant)

    def add_camera(
        self,
        tenant: Tenant,
        name: str,
        *,
        storage: Storage = Storage.EDGE,
        device: Device | None = None,
        installed: float | None = None,
        bare: bool = False,
    ) -> Camera:
        """Add a camera, installed now unless said otherwise."""
        camera_id = self.new_id()
        plan = RecordingPlan(
            f"{self._seed}/{camera_id}",
            installed=self.clock.now() if installed is None else installed,
            founded=self.founded,
        )
        camera = Camera(
            self.clock,
            tenant,
            camera_id=camera_id,
            name=name,
            storage=storage,
            plan=plan,
            device=device,
            bare=bare,
        )
        self.cameras[camera.id] = tenant.cameras[camera.id] = camera
        return camera

    def add_bare_camera(self, tenant: Tenant) -> Camera:
        """Add a camera of which the cloud tells nothing but its ID."""
        return self.add_camera(tenant, "", storage=Storage.CLOUD, bare=True)

    def remove_camera(self, camera: Camera) -> None:
        """Remove a camera, and the equipment entry that stands for it."""
        camera.online = False
        del self.cameras[camera.id], camera.tenant.cameras[camera.id]
        if camera.device is not None:
            camera.device.external_devices = [
                equipment
                for equipment in camera.device.external_devices
                if equipment.camera is not camera
            ]

    def move_camera(self, camera: Camera, tenant: Tenant) -> None:
        """Give a camera to another tenant; it keeps its ID, and its device where it is."""
        del camera.tenant.cameras[camera.id]
        camera.tenant = tenant
        tenant.cameras[camera.id] = camera

    def add_device(self, tenant: Tenant, name: str, model: DeviceModel) -> Device:
        """Add a device with the ports of its model, all on, and nothing configured on them."""
        ports = [
            Port(self.clock, f"{PORT_PREFIX[kind]}{number}", kind, on=True)
            for kind, count in PORTS_OF_MODEL[model].items()
            for number in range(1, count + 1)
        ]
        device = Device(
            tenant, device_id=self.new_id(), name=name, model=model, ports=ports
        )
        self.devices[device.id] = tenant.devices[device.id] = device
        return device

    def remove_device(self, device: Device) -> None:
        """Remove a device; cameras that hung on it stay, powered by something else."""
        del self.devices[device.id], device.tenant.devices[device.id]
        for camera in self.cameras.values():
            if camera.device is device:
                camera.device = camera.port = None

    def connect(self, device: Device, name: str, port: Port | None) -> ExternalDevice:
        """Configure equipment behind a device, fed by one of its ports or by none."""
        equipment = ExternalDevice(
            id=self.new_id(),
            name=name,
            ip_address=f"192.168.{len(self.devices) % 250}.{10 + len(device.external_devices)}",
            port=port,
        )
        device.external_devices.append(equipment)
        if port is not None:
            port.load_watts = round(self._draw.uniform(3.0, 12.5), 1)
        return equipment

    def connect_camera(
        self, device: Device, camera: Camera, port: Port | None
    ) -> ExternalDevice:
        """Configure a camera as equipment behind its device; off while the port is."""
        equipment = self.connect(device, camera.name, port)
        equipment.camera = camera
        camera.port = port
        return equipment
