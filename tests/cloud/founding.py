"""The world a simulated cloud starts with: a facility company and its neighbour.

Owns names and proportions. The same options give the same world, to the last ID.
"""

from collections.abc import Iterator
from itertools import count, cycle, islice

from .options import CloudOptions
from .recordings import DAY
from .world import Client, Device, DeviceModel, Storage, Tenant, World

HEAD_OFFICE = "みなと設備サービス 本社"
BRANCHES = (
    "渋谷店",
    "Warehouse Kawasaki",
    "梅田店",
    "Osaka Branch",
    "名古屋支店",
    "Yokohama Logistics",
    "札幌営業所",
    "Sendai Office",
    "福岡店",
    "Kobe Plant",
)
PLACES = (
    "正面ゲート",
    "Front gate",
    "駐車場",
    "Loading dock",
    "事務所入口",
    "Server room",
    "搬入口",
    "Hallway",
    "受付",
    "Back door",
    "倉庫 A",
    "Cash register",
    "屋上",
    "Bicycle parking",
    "エレベーターホール",
    "Workshop",
    "非常口",
    "Storage yard",
    "売り場",
    "Roof east",
)
OTHER_EQUIPMENT = ("無線アクセスポイント", "Intercom", "来客センサー", "NAS")

# A world of a dozen cameras already has each kind that clients must cope with.
EVERY_NTH_IN_CLOUD = 6
EVERY_NTH_ONLY_AT_EDGE = 3
OFFLINE_CAMERA = 3
OFFLINE_FOR_SECONDS = 5 * 3600.0
NEVER_RECORDING_CAMERA = 7
INSTALLED_BEFORE_FOUNDING = 45 * DAY


def found(world: World, options: CloudOptions) -> tuple[Client, Client]:
    """Fill a world as the options say; return the client that may see it, and a neighbour.

    The neighbour has an account, a camera and a device of its own: what it owns is what the
    first client must be refused.
    """
    tenants = _found_tenants(world, options.tenants)
    devices = _found_devices(world, tenants, options.devices)
    _found_cameras(world, tenants, devices, options.cameras)
    for device, name in zip(devices, cycle(OTHER_EQUIPMENT), strict=False):
        port = device.free_poe_port()
        if port is not None or not device.external_devices:
            world.connect(device, name, port)
    return world.add_client(tenants[0]), _found_neighbour(world)


def _found_tenants(world: World, wanted: int) -> list[Tenant]:
    """Found a head office, branches below it, and sites below the branches."""
    root = world.add_tenant(HEAD_OFFICE)
    names = islice(_unique(BRANCHES), wanted - 1)
    branch_count = wanted // 2
    branches: list[Tenant] = []
    sites: list[Tenant] = []
    for index, name in enumerate(names):
        if index < branch_count:
            branches.append(world.add_tenant(name, root))
        else:
            sites.append(world.add_tenant(name, branches[index % branch_count]))
    return [root, *branches, *sites]


def _found_devices(world: World, tenants: list[Tenant], wanted: int) -> list[Device]:
    """Found devices of every model, spread over the tenants."""
    devices = []
    models = cycle(DeviceModel)
    for number, tenant, model in zip(
        range(1, wanted + 1), cycle(tenants), models, strict=False
    ):
        device = world.add_device(tenant, f"{model}-{number:02}", model)
        for index, port in enumerate(device.ports.values()):
            if not port.can_be_switched:
                port.set(index % 3 == 0)
        devices.append(device)
    return devices


def _found_cameras(
    world: World, tenants: list[Tenant], devices: list[Device], wanted: int
) -> None:
    """Found cameras: most behind devices and fed by them, some with storage in the cloud."""
    installed = world.founded - INSTALLED_BEFORE_FOUNDING
    device_in_turn = cycle(devices)
    tenant_in_turn = cycle(tenants)
    for index, name in enumerate(islice(_unique(PLACES), wanted)):
        if not devices or index % EVERY_NTH_IN_CLOUD == EVERY_NTH_IN_CLOUD - 1:
            camera = world.add_camera(
                next(tenant_in_turn), name, storage=Storage.CLOUD, installed=installed
            )
        else:
            device = next(device_in_turn)
            camera = world.add_camera(
                device.tenant, name, device=device, installed=installed
            )
            camera.cloud_copy = index % EVERY_NTH_ONLY_AT_EDGE != 1
            world.connect_camera(device, camera, device.free_poe_port())
        if index == OFFLINE_CAMERA:
            camera.lost_since(world.founded - OFFLINE_FOR_SECONDS)
        camera.records = index != NEVER_RECORDING_CAMERA


def _found_neighbour(world: World) -> Client:
    """Found somebody else's account, with one thing of each kind."""
    tenant = world.add_tenant("Neighbour K.K.")
    device = world.add_device(tenant, "AR20-N1", DeviceModel.AR20)
    installed = world.founded - INSTALLED_BEFORE_FOUNDING
    camera = world.add_camera(
        tenant, "Neighbour's yard", device=device, installed=installed
    )
    world.connect_camera(device, camera, device.free_poe_port())
    return world.add_client(tenant)


def _unique(names: tuple[str, ...]) -> Iterator[str]:
    """Yield the names, then the names with numbers, without end."""
    yield from names
    for number in count(2):
        yield from (f"{name} {number}" for name in names)
