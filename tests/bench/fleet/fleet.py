"""How large a fleet is, and a simulated cloud that has it.

All devices have six ports, four with power over Ethernet and two outputs, so all of them can be
switched. Owns what there is; knows nothing of what is measured.
"""

from dataclasses import dataclass
from itertools import cycle, islice
import math
import time
from typing import Final, override

from tests.cloud import CloudOptions, SimulatedCloud
from tests.cloud.presign import Presigner
from tests.cloud.recordings import DAY
from tests.cloud.world import Camera, Device, DeviceModel, Port, PortKind, Tenant

CAMERAS_A_PAGE: Final = 500
"""The most that the service lists at once (API document, section 3. カメラ)."""
_SIX_PORTS: Final = {PortKind.POE: 4, PortKind.OUTPUT: 2}
_PREFIX: Final = {PortKind.POE: "lan", PortKind.OUTPUT: "do"}


@dataclass(frozen=True, slots=True)
class Fleet:
    """Numbers of tenants, cameras and edge devices."""

    tenants: int
    cameras: int
    devices: int

    @property
    def name(self) -> str:
        """What tables call it."""
        return f"{self.cameras} cameras, {self.devices} devices"

    @property
    def least_a_cycle(self) -> int:
        """The fewest requests that poll everything once.

        A page of cameras as often as each tenant needs one, and one request a device: the
        service has no other way to ask for ports.
        """
        each, over = divmod(self.cameras, self.tenants)
        pages = sum(
            max(1, math.ceil((each + (index < over)) / CAMERAS_A_PAGE))
            for index in range(self.tenants)
        )
        return pages + self.devices

    @property
    def least_to_set_up(self) -> int:
        """The fewest until all is known: the tenants, and a page of devices each, on top."""
        return 1 + self.tenants + self.least_a_cycle


FLEETS: Final = (
    Fleet(tenants=3, cameras=100, devices=20),
    Fleet(tenants=5, cameras=1000, devices=200),
    Fleet(tenants=10, cameras=5000, devices=1000),
)

QUICK_FLEETS: Final = (FLEETS[0], Fleet(tenants=5, cameras=300, devices=60))


class _NotedPort(Port):
    """A port that notes when it was told to switch, in seconds of this machine's clock."""

    told_at: float | None = None

    @override
    def switch(self, on: bool, *, after: float) -> None:
        self.told_at = time.monotonic()
        super().switch(on, after=after)


class _FreshPresigner(Presigner):
    """Presigns each URL otherwise, also while the cloud's time stands still."""

    _times = 0

    @override
    def sign(self, path: str, expires: float, nonce: str = "") -> str:
        self._times += 1
        return super().sign(path, expires, nonce or str(self._times))


class FleetCloud(SimulatedCloud):
    """A simulated cloud whose account has a fleet."""

    def __init__(self, options: CloudOptions, fleet: Fleet) -> None:
        """Found the fleet, with the options for all the rest."""
        super().__init__(options)
        self._backend.presigner = _FreshPresigner(self.clock)
        tenants = list(self.client.accounts[0].family())
        for number, tenant in enumerate(islice(cycle(tenants), fleet.devices)):
            self._add_device(tenant, number)
        devices = {
            tenant.account_id: cycle(tenant.devices.values()) for tenant in tenants
        }
        for number, tenant in enumerate(islice(cycle(tenants), fleet.cameras)):
            self.world.add_camera(
                tenant,
                f"Camera {number}",
                device=next(devices[tenant.account_id]),
                installed=self.world.founded - DAY,
            )

    @property
    def told_ports(self) -> dict[str, float]:
        """When ports were told to switch last, in seconds of this machine's clock.

        By device ID and port ID, with a slash between them.
        """
        return {
            f"{device.id}/{port.id}": port.told_at
            for device in self.world.devices.values()
            for port in device.ports.values()
            if isinstance(port, _NotedPort) and port.told_at is not None
        }

    def change_cameras(self, number: int) -> None:
        """Let so many cameras, all over the fleet, be on or off line as they were not."""
        cameras = self._cameras
        for camera in cameras[:: max(1, len(cameras) // number)][:number]:
            camera.online = not camera.online

    @property
    def _cameras(self) -> list[Camera]:
        return [
            camera
            for tenant in self.client.accounts[0].family()
            for camera in tenant.cameras.values()
        ]

    def _add_device(self, tenant: Tenant, number: int) -> Device:
        device = self.world.add_device(tenant, f"AG20-{number:04}", DeviceModel.AG20)
        device.ports = {
            port.id: port
            for kind, count in _SIX_PORTS.items()
            for port in (
                _NotedPort(self.clock, f"{_PREFIX[kind]}{index}", kind, on=True)
                for index in range(1, count + 1)
            )
        }
        # A device is listed where there is something behind it.
        self.world.connect(device, f"Switch {number}", device.ports["lan1"])
        return device
