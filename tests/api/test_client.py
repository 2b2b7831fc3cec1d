"""The client against the simulated cloud: what it reads, in every dialect."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.amnimo.api import (
    AmnimoClient,
    AmnimoNotFoundError,
    AmnimoRateLimitedError,
    Camera,
    Device,
    Lane,
    MediaCategory,
    MediaState,
    Port,
    PortAction,
    PortKind,
    Tenant,
    shape,
)
from tests.cloud import DIALECTS, CloudOptions, Endpoint, SimulatedCloud
from tests.cloud.thumbnails import find_thumbnails, newest_thumbnail
from tests.cloud.world import (
    Camera as WorldCamera,
    Device as WorldDevice,
    Port as WorldPort,
    PortKind as WorldPortKind,
    Tenant as WorldTenant,
)
from tests.estate import Estate

from .conftest import NOON

HOUR = timedelta(hours=1)
KINDS = {
    WorldPortKind.POE: PortKind.POE,
    WorldPortKind.OUTPUT: PortKind.OUTPUT,
    WorldPortKind.INPUT: PortKind.INPUT,
}
CALLS = {
    endpoint
    for endpoint in Endpoint
    if endpoint
    not in (
        Endpoint.PLAYLIST,
        Endpoint.SEGMENT,
        Endpoint.MEDIA_FILE,
        Endpoint.THUMBNAIL_FILE,
        Endpoint.UNKNOWN,
    )
}


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    """Return the name of each dialect."""
    name: str = request.param
    return name


@pytest.fixture
def cloud_options(cloud_options: CloudOptions, dialect: str) -> CloudOptions:
    """Return a cloud of each dialect."""
    return replace(cloud_options, dialect=dialect)


@pytest.fixture
def tells_much(dialect: str) -> bool:
    """Return whether the dialect tells more than identifiers and what is documented."""
    return dialect != "sparse"


@pytest.fixture
def tells_thumbnail_times(dialect: str) -> bool:
    """Return whether the dialect tells when a picture was taken."""
    return dialect not in ("sparse", "bare")


def located(estate: Estate, *, on_device: bool = True) -> tuple[str, WorldCamera]:
    """Return a camera that is online and recording, and its subscription."""
    camera = next(
        camera
        for camera in estate.cameras.values()
        if camera.recording and (camera.device is not None) is on_device
    )
    return camera.tenant.subscription_id, camera


def a_device(estate: Estate, kind: WorldPortKind) -> tuple[str, WorldDevice, WorldPort]:
    """Return a device with a port of a kind, and its subscription."""
    for device in estate.devices.values():
        for port in device.ports_of(kind):
            return device.tenant.subscription_id, device, port
    raise LookupError(kind)


def time_of(moment: float | None) -> datetime | None:
    return None if moment is None else datetime.fromtimestamp(moment, UTC)


def assert_camera(
    camera: Camera, known: WorldCamera, *, much: bool, times: bool
) -> None:
    """Compare what was read of a camera with what there is."""
    assert camera.id == known.id
    if not much:
        assert camera == Camera(id=known.id, name=known.id)
        return
    assert camera.name == known.name
    assert camera.online is known.online
    assert camera.recording is known.recording
    assert camera.storage == known.storage.value
    assert camera.version == known.version
    device = known.device
    assert camera.device_id == (device.id if device else None)
    assert camera.device_name == (device.name if device else None)
    assert camera.device_model == (device.model.value if device else None)
    assert camera.model is None
    newest = time_of(newest_thumbnail(known, NOON.timestamp()))
    if newest is None:
        assert camera.thumbnail is None
        return
    assert camera.thumbnail is not None
    assert camera.thumbnail.time == (newest if times else None)
    assert camera.thumbnail.url is not None


# --- 1 and 2: tokens and tenants -----------------------------------------------------------


async def test_the_tenants_are_the_clouds(
    client: AmnimoClient, cloud: SimulatedCloud, estate: Estate
) -> None:
    def same(tenant: Tenant, known: WorldTenant) -> bool:
        return (
            tenant.account_id == known.account_id
            and tenant.account_name == known.account_name
            and tenant.subscription_id == known.subscription_id
            and tenant.subscription_name == known.subscription_name
            and len(tenant.children) == len(known.children)
            and all(map(same, tenant.children, known.children, strict=True))
        )

    root = await client.hierarchy(cloud.account_id)

    assert same(root, estate.root)
    assert len(list(root.walk())) == len(estate.tenants) == 3


# --- 3: cameras ----------------------------------------------------------------------------


async def test_all_cameras_are_listed_with_all_that_is_told(
    client: AmnimoClient,
    cloud: SimulatedCloud,
    estate: Estate,
    tells_much: bool,
    tells_thumbnail_times: bool,
) -> None:
    listed = [
        camera
        for tenant in estate.tenants
        for camera in await client.cameras(tenant.subscription_id)
    ]

    assert {camera.id for camera in listed} == set(estate.cameras)
    for camera in listed:
        assert_camera(
            camera,
            estate.cameras[camera.id],
            much=tells_much,
            times=tells_thumbnail_times,
        )
    assert cloud.stats.count(Endpoint.CAMERAS) == len(estate.tenants)


async def test_one_camera_is_read_like_many(
    client: AmnimoClient, estate: Estate, tells_much: bool, tells_thumbnail_times: bool
) -> None:
    for on_device in (True, False):
        subscription_id, known = located(estate, on_device=on_device)
        alone = await client.camera(subscription_id, known.id)
        (by_id,) = await client.cameras_by_id(subscription_id, [known.id])
        assert_camera(alone, known, much=tells_much, times=tells_thumbnail_times)
        assert by_id == alone


async def test_certain_cameras_are_read_together(
    client: AmnimoClient, cloud: SimulatedCloud, estate: Estate
) -> None:
    tenant = estate.root
    wanted = list(tenant.cameras)[:10]
    found = await client.cameras_by_id(tenant.subscription_id, wanted)
    assert {camera.id for camera in found} == set(wanted)
    assert cloud.stats.count(Endpoint.CAMERAS) == 1


async def test_a_camera_of_which_nothing_is_known_is_a_camera(
    client: AmnimoClient, cloud: SimulatedCloud, estate: Estate
) -> None:
    bare = cloud.world.add_bare_camera(estate.root)
    expected = Camera(id=bare.id, name=bare.id)
    subscription_id = estate.root.subscription_id
    assert await client.camera(subscription_id, bare.id) == expected
    assert expected in await client.cameras(subscription_id)


async def test_no_url_is_made_where_none_is_wanted(
    client: AmnimoClient, estate: Estate, tells_thumbnail_times: bool
) -> None:
    subscription_id, known = located(estate)
    camera = await client.camera(subscription_id, known.id, with_urls=False)
    assert (camera.thumbnail is not None) is tells_thumbnail_times
    if camera.thumbnail is not None:
        assert camera.thumbnail.url is None
    page = await client.camera_page(subscription_id, with_urls=False)
    assert not any(each.thumbnail and each.thumbnail.url for each in page.cameras)


async def test_thumbnails_are_found_in_both_directions(
    client: AmnimoClient, estate: Estate, dialect: str
) -> None:
    subscription_id, known = located(estate)
    start, end = NOON - 2 * HOUR, NOON - HOUR
    tells_times = dialect not in ("bare", "sparse")

    async def found(limit: int = 5, **ends: datetime) -> list[datetime | None]:
        answer = await client.thumbnails(subscription_id, known.id, limit=limit, **ends)
        assert all(each.url for each in answer.thumbnails)
        assert answer.total is not None
        assert len(answer.thumbnails) <= answer.total
        return [each.time for each in answer.thumbnails]

    def expected(
        begin: float, until: float, *, newest_first: bool
    ) -> list[datetime | None]:
        times, _ = find_thumbnails(
            known, begin, until, limit=5, newest_first=newest_first
        )
        assert len(times) == 5
        return [time_of(moment) if tells_times else None for moment in times]

    noon = NOON.timestamp()
    assert await found() == expected(0, noon, newest_first=True)
    assert await found(end=end) == expected(0, end.timestamp(), newest_first=True)
    assert await found(start=start) == expected(
        start.timestamp(), noon, newest_first=False
    )
    assert await found(start=start, end=end) == expected(
        start.timestamp(), end.timestamp(), newest_first=True
    )
    assert len(await found(limit=100, start=start)) == 100


async def test_the_history_is_the_clouds(client: AmnimoClient, estate: Estate) -> None:
    subscription_id, known = located(estate)
    start, end = NOON - 24 * HOUR, NOON
    known.add_gap((NOON - 5 * HOUR).timestamp(), (NOON - 4 * HOUR).timestamp())

    history = await client.history(subscription_id, known.id, start, end)

    spans = known.recorded_in_cloud(start.timestamp(), end.timestamp())
    assert len(history) == len(spans) >= 2
    for recording, span in zip(history, spans, strict=True):
        assert recording.start.timestamp() == pytest.approx(span.start, abs=1)
        assert recording.end is not None
        assert recording.end.timestamp() == pytest.approx(span.end, abs=1)


async def test_where_nothing_was_recorded_the_history_is_empty(
    client: AmnimoClient, estate: Estate
) -> None:
    subscription_id, known = located(estate)
    long_ago = NOON - 1000 * 24 * HOUR
    assert (
        await client.history(subscription_id, known.id, long_ago, long_ago + HOUR) == ()
    )


# --- 4: streams ----------------------------------------------------------------------------


async def test_a_stream_is_started_extended_and_stopped(
    client: AmnimoClient, cloud: SimulatedCloud, estate: Estate
) -> None:
    subscription_id, known = located(estate)

    stream = await client.start_stream(subscription_id, known.id, keep_alive_period=30)

    (session,) = cloud.sessions.open()
    assert stream.url.startswith(cloud.origin)
    assert ".m3u8" in stream.url
    assert stream.request_id == session.request_id
    assert session.ends == pytest.approx(cloud.clock.now() + 30)

    cloud.clock.advance(20)
    await client.update_stream(subscription_id, known.id, session.request_id)
    assert session.ends == pytest.approx(cloud.clock.now() + 30)
    assert cloud.stats.keep_alive_updates == 1

    await client.stop_stream(subscription_id, known.id, session.request_id)
    assert cloud.sessions.open() == []
    assert cloud.stats.stops == 1


async def test_a_recording_is_played_from_a_moment_on(
    client: AmnimoClient, cloud: SimulatedCloud, estate: Estate
) -> None:
    subscription_id, known = located(estate, on_device=False)
    stream = await client.start_stream(subscription_id, known.id, at=NOON - HOUR)
    (session,) = cloud.sessions.open()
    assert stream.request_id == session.request_id


# --- 5: media ------------------------------------------------------------------------------


async def test_a_clip_is_asked_for_found_renamed_and_deleted(
    client: AmnimoClient, cloud: SimulatedCloud, estate: Estate, dialect: str
) -> None:
    subscription_id, known = located(estate)
    start, end = NOON - HOUR, NOON - HOUR + timedelta(seconds=10)

    asked = await client.create_clip(subscription_id, known.id, start, end, "朝の門")

    assert asked.state is MediaState.PENDING
    assert asked.camera_id == known.id
    assert asked.category is MediaCategory.CLIP
    assert (asked.start, asked.end, asked.name) == (start, end, "朝の門")
    assert asked.requested == NOON
    assert asked.url is None

    cloud.clock.advance(600)
    done = await client.media(subscription_id, asked.id)
    assert done.state is MediaState.COMPLETED
    assert done.url is not None
    assert done.url.startswith(cloud.origin)
    assert done.size is not None
    assert done.duration == timedelta(seconds=10)
    tells_type = dialect in ("default", "portal")
    assert done.content_type == ("video/mp4" if tells_type else None)

    renamed = await client.rename_media(subscription_id, asked.id, "夜の門")
    assert renamed.name == "夜の門"
    for found in (
        await client.search_media(subscription_id),
        await client.search_camera_media(subscription_id, known.id),
    ):
        assert [media.id for media in found] == [asked.id]
        assert found[0].name == "夜の門"
        assert found[0].state is MediaState.COMPLETED

    await client.delete_media(subscription_id, asked.id)
    assert await client.search_media(subscription_id) == ()
    with pytest.raises(AmnimoNotFoundError):
        await client.media(subscription_id, asked.id)
    with pytest.raises(AmnimoNotFoundError):
        await client.delete_media(subscription_id, asked.id)


async def test_a_snapshot_is_of_a_moment(
    client: AmnimoClient, cloud: SimulatedCloud, estate: Estate
) -> None:
    subscription_id, known = located(estate)
    asked = await client.create_snapshot(subscription_id, known.id, NOON - HOUR, "門")
    cloud.clock.advance(600)
    done = await client.media(subscription_id, asked.id)
    assert done.category is MediaCategory.SNAPSHOT
    assert done.state is MediaState.COMPLETED
    assert done.start == NOON - HOUR
    assert done.url is not None


async def test_a_clip_of_what_was_not_recorded_fails_later(
    client: AmnimoClient, cloud: SimulatedCloud, estate: Estate
) -> None:
    subscription_id, known = located(estate)
    start = NOON - 1000 * 24 * HOUR
    asked = await client.create_clip(
        subscription_id, known.id, start, start + HOUR, "nothing"
    )
    assert asked.state is MediaState.PENDING
    cloud.clock.advance(3600)
    failed = await client.media(subscription_id, asked.id)
    assert failed.state is MediaState.FAILED
    assert failed.url is None


async def test_media_are_searched_by_kind_order_and_page(
    client: AmnimoClient, cloud: SimulatedCloud, estate: Estate
) -> None:
    subscription_id, known = located(estate)
    noon = NOON.timestamp()
    made = [
        cloud.media.create_clip(
            known, noon - 9000 + n, noon - 8990 + n, f"{n}", requested=noon - 100 + n
        ).id
        if n % 2
        else cloud.media.create_snapshot(
            known, noon - 9000 + n, f"{n}", requested=noon - 100 + n
        ).id
        for n in range(10)
    ]

    async def ids(**search: object) -> list[str]:
        found = await client.search_camera_media(subscription_id, known.id, **search)  # type: ignore[arg-type]
        again = await client.search_media(subscription_id, **search)  # type: ignore[arg-type]
        assert again == found
        return [media.id for media in found]

    assert await ids() == made[::-1]
    assert await ids(newest_first=False) == made
    assert await ids(categories=[MediaCategory.CLIP]) == made[1::2][::-1]
    assert await ids(categories=[MediaCategory.SNAPSHOT]) == made[::2][::-1]
    assert await ids(page=1, size=4) == made[::-1][4:8]
    assert await ids(page=3, size=4) == []


# --- 6: devices ----------------------------------------------------------------------------


def expected_device(known: WorldDevice, *, much: bool) -> Device:
    """Return a device as it should be read, but for the words of states."""
    return Device(
        known.id, known.name if much else None, known.model.value if much else None
    )


async def test_all_devices_are_listed_with_what_is_behind_them(
    client: AmnimoClient, cloud: SimulatedCloud, estate: Estate, tells_much: bool
) -> None:
    listed = [
        device
        for tenant in estate.tenants
        for device in await client.devices(tenant.subscription_id)
    ]

    assert {device.id for device in listed} == set(estate.devices)
    for device in listed:
        known = estate.devices[device.id]
        assert replace(device, external_devices=()) == expected_device(
            known, much=tells_much
        )
        alone = await client.external_devices(known.tenant.subscription_id, known.id)
        assert alone == device.external_devices
        assert len(alone) == len(known.external_devices)
        for equipment, there in zip(alone, known.external_devices, strict=True):
            assert equipment.id == there.id
            if not tells_much:
                assert equipment.name == there.id
                continue
            assert equipment.name == there.name
            assert equipment.ip_address == there.ip_address
            assert equipment.port_id == (there.port.id if there.port else None)
            assert equipment.online is there.online
    assert cloud.stats.count(Endpoint.EXTERNAL_DEVICES) == len(estate.tenants)


async def test_the_ports_of_a_device_are_the_clouds(
    client: AmnimoClient, estate: Estate, tells_much: bool
) -> None:
    for known in estate.devices.values():
        first = next(iter(known.ports.values()))
        first.set(False)
        ports = await client.ports(known.tenant.subscription_id, known.id)

        assert [port.id for port in ports] == list(known.ports)
        for port in ports:
            there = known.ports[port.id]
            assert port.kind is KINDS[there.kind]
            assert port.controllable is there.can_be_switched
            if not tells_much:
                assert port == Port(there.id, there.id, port.kind)
                continue
            assert port.on is there.on
            measured = there.kind is WorldPortKind.POE
            assert port.voltage == (there.volts if measured else None)
            assert port.power == (there.watts if measured else None)


async def test_a_port_is_switched_and_reset(
    client: AmnimoClient, cloud: SimulatedCloud, estate: Estate
) -> None:
    subscription_id, device, port = a_device(estate, WorldPortKind.POE)

    await client.switch_port(subscription_id, device.id, port.id, PortAction.OFF)
    assert port.on is False
    await client.switch_port(subscription_id, device.id, port.id, PortAction.ON)
    assert port.on is True
    await client.reset_port(subscription_id, device.id, port.id, 10)
    assert port.on is False
    cloud.clock.advance(9.9)
    assert port.on is False
    cloud.clock.advance(0.2)
    assert port.on is True


# --- All of it -----------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", ["default"], indirect=True)
async def test_a_person_is_not_kept_waiting_by_a_long_pause(
    client: AmnimoClient, cloud: SimulatedCloud, estate: Estate
) -> None:
    """No command is sent minutes later; a poll waits for the end of the pause."""
    subscription_id, device, port = a_device(estate, WorldPortKind.OUTPUT)
    await client.tokens.get()
    cloud.faults.add(Endpoint.HIERARCHY, "status", status=429, seconds=120)
    with pytest.raises(AmnimoRateLimitedError) as refused:
        await client.hierarchy(cloud.account_id)
    assert refused.value.retry_after == 120

    with pytest.raises(AmnimoRateLimitedError) as paused:
        await client.switch_port(subscription_id, device.id, port.id, PortAction.OFF)
    assert paused.value.retry_after == pytest.approx(120, abs=5)
    poll = asyncio.create_task(client.ports(subscription_id, device.id))
    stream = asyncio.create_task(
        client.ports(subscription_id, device.id, lane=Lane.LIVE)
    )
    await asyncio.sleep(0.05)
    assert not poll.done()
    assert not stream.done()
    assert client.throttle.granted[Lane.USER] == 1
    assert client.requests.keys() == {"token", "hierarchy"}
    assert cloud.stats.count(Endpoint.PORT) == 0

    # Nor does it lose a clip of a time that is over: that is the same then.
    camera = next(iter(estate.root.cameras.values()))
    clip = asyncio.create_task(
        client.create_clip(
            estate.root.subscription_id, camera.id, NOON - HOUR, NOON, "n"
        )
    )
    await asyncio.sleep(0.05)
    assert not clip.done()
    for task in (poll, stream, clip):
        task.cancel()


async def test_every_call_of_the_api_is_made_as_the_document_says(
    client: AmnimoClient, cloud: SimulatedCloud, estate: Estate
) -> None:
    """The cloud refuses whatever is not as documented."""
    subscription_id, known = located(estate)
    _, device, port = a_device(estate, WorldPortKind.OUTPUT)
    device_tenant = device.tenant.subscription_id

    await client.hierarchy(cloud.account_id)
    await client.camera_page(subscription_id, page=0, size=250, expiration=10080)
    await client.camera(subscription_id, known.id, expiration=1)
    await client.thumbnails(subscription_id, known.id, limit=100, expiration=10080)
    await client.history(subscription_id, known.id, NOON - HOUR, NOON)
    stream = await client.start_stream(
        subscription_id, known.id, keep_alive_period=3600, retry=100
    )
    assert stream.request_id is not None
    await client.update_stream(subscription_id, known.id, stream.request_id)
    await client.stop_stream(subscription_id, known.id, stream.request_id)
    media = await client.create_clip(
        subscription_id, known.id, NOON - 2 * HOUR, NOON - HOUR, "名" * 64
    )
    await client.search_camera_media(subscription_id, known.id, size=1000)
    await client.search_media(subscription_id, size=1)
    await client.media(subscription_id, media.id, expiration=10080)
    await client.rename_media(subscription_id, media.id, "n")
    await client.delete_media(subscription_id, media.id)
    await client.devices(subscription_id)
    await client.external_devices(device_tenant, device.id)
    await client.ports(device_tenant, device.id)
    await client.switch_port(device_tenant, device.id, port.id, PortAction.ON)

    assert cloud.stats.requests == Counter({(endpoint, 200): 1 for endpoint in CALLS})
    assert len(CALLS) == 19
    # The client counts the same, under the same names.
    assert client.requests == {endpoint.value: {"200": 1} for endpoint in CALLS}
    # What came is kept for diagnostics, but for the token; none of it is in its shape.
    assert set(client.last_payloads) == {each.value for each in CALLS} - {"token"}
    shown = str(shape(dict(client.last_payloads)))
    for secret in (known.id, known.name, media.id, device.id, cloud.origin, "名"):
        assert secret not in shown
