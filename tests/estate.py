"""What belongs to the account of a simulated cloud, and not to its neighbour."""

from __future__ import annotations

from collections.abc import Iterator

from .cloud import SimulatedCloud
from .cloud.world import Camera, Device, PortKind, Tenant


class Estate:
    """The tenants of the account, and what hangs on them now."""

    def __init__(self, cloud: SimulatedCloud) -> None:
        """Take the cloud."""
        self._cloud = cloud

    @property
    def root(self) -> Tenant:
        """The account itself."""
        return self._cloud.client.accounts[0]

    @property
    def tenants(self) -> list[Tenant]:
        """The account and all below it."""
        return list(self.root.family())

    @property
    def cameras(self) -> dict[str, Camera]:
        """The cameras by ID."""
        return {
            id_: camera
            for tenant in self.tenants
            for id_, camera in tenant.cameras.items()
        }

    @property
    def devices(self) -> dict[str, Device]:
        """The devices by ID that the API lists: those with external equipment."""
        return {
            id_: device
            for tenant in self.tenants
            for id_, device in tenant.devices.items()
            if device.external_devices
        }

    def port_ids(self, *, inputs: bool) -> Iterator[str]:
        """Yield device and port ID of all input ports, or of all others."""
        for device in self.devices.values():
            for port in device.ports.values():
                if (port.kind is PortKind.INPUT) is inputs:
                    yield f"{device.id}_{port.id}"
