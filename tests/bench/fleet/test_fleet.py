"""The fleet that is measured is as large as its numbers say, and so is the least it needs."""

import aiohttp
import pytest

from custom_components.amnimo.api import AmnimoClient, PortAction
from tests.cloud import CloudOptions

from .fleet import Fleet, FleetCloud

FLEET = Fleet(tenants=3, cameras=20, devices=4)


@pytest.mark.parametrize(
    ("fleet", "cycle", "set_up"),
    [
        (Fleet(tenants=1, cameras=12, devices=4), 5, 7),
        (Fleet(tenants=2, cameras=1000, devices=10), 12, 15),
        # 501 cameras of the first tenant need a second page.
        (Fleet(tenants=2, cameras=1001, devices=10), 13, 16),
        # A tenant without cameras has to be asked all the same.
        (Fleet(tenants=3, cameras=1, devices=0), 3, 7),
    ],
)
def test_the_least_is_a_page_a_tenant_and_a_request_a_device(
    fleet: Fleet, cycle: int, set_up: int
) -> None:
    """A set-up needs the tenants and a page of devices of each besides."""
    assert fleet.least_a_cycle == cycle
    assert fleet.least_to_set_up == set_up


async def test_a_cloud_has_the_fleet_and_notes_commands() -> None:
    """All devices are listed with six ports that can be switched; changed cameras are few."""
    options = CloudOptions(tenants=FLEET.tenants, cameras=0, devices=0)
    async with FleetCloud(options, FLEET) as cloud, aiohttp.ClientSession() as http:
        client = AmnimoClient(
            http, cloud.client_id, cloud.client_secret, api_url=cloud.url
        )
        tenants = [
            each.subscription_id
            for each in (await client.hierarchy(cloud.account_id)).walk()
            if each.subscription_id is not None
        ]
        before = [each for tenant in tenants for each in await client.cameras(tenant)]
        devices = [
            (tenant, each)
            for tenant in tenants
            for each in await client.devices(tenant)
        ]
        assert (len(tenants), len(before), len(devices)) == (3, 20, 4)
        for tenant, device in devices:
            ports = await client.ports(tenant, device.id)
            assert sum(port.controllable for port in ports) == len(ports) == 6
        cloud.change_cameras(2)
        after = [each for tenant in tenants for each in await client.cameras(tenant)]
        changed = [
            old.id
            for old, new in zip(before, after, strict=True)
            if old.online is not new.online
        ]
        assert len(changed) == 2

        tenant, device = devices[0]
        assert not cloud.told_ports
        await client.switch_port(tenant, device.id, "do1", PortAction.OFF)
        assert list(cloud.told_ports) == [f"{device.id}/do1"]
        await client.close()
