"""How many requests a listing costs, and when it is complete."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from custom_components.amnimo.api import (
    AmnimoClient,
    AmnimoResponseError,
    Camera,
    Throttle,
    wire,
)
from tests.cloud import CloudOptions, Endpoint, SimulatedCloud

from .scripted import Received, Reply, ScriptedService


@asynccontextmanager
async def fleet(
    options: CloudOptions, session: aiohttp.ClientSession, throttle: Throttle
) -> AsyncIterator[tuple[SimulatedCloud, AmnimoClient]]:
    """Run a cloud with one tenant, and a client of it."""
    async with SimulatedCloud(replace(options, tenants=1)) as cloud:
        yield (
            cloud,
            AmnimoClient(
                session,
                cloud.client_id,
                cloud.client_secret,
                api_url=cloud.url,
                throttle=throttle,
            ),
        )


@pytest.mark.parametrize(
    ("dialect", "cameras", "requests"),
    [
        ("default", 0, 1),
        ("default", 499, 1),
        # A page that is full may be all that its total tells of.
        ("default", 500, 2),
        ("default", 1000, 2),
        ("default", 1100, 3),
        ("portal", 500, 2),
        ("portal", 501, 2),
        ("bare", 499, 1),
        ("bare", 1100, 3),
        # Without a total, only a page that is not full says that it is the last.
        ("bare", 500, 2),
        ("sparse", 501, 2),
    ],
)
async def test_cameras_cost_the_least_possible_requests(
    cloud_options: CloudOptions,
    session: aiohttp.ClientSession,
    throttle: Throttle,
    dialect: str,
    cameras: int,
    requests: int,
) -> None:
    options = replace(cloud_options, dialect=dialect, cameras=cameras, devices=0)
    async with fleet(options, session, throttle) as (cloud, client):
        root = cloud.client.accounts[0]
        found = await client.cameras(root.subscription_id)
        assert [camera.id for camera in found] == list(root.cameras)
        assert len(found) == cameras
        assert cloud.stats.count(Endpoint.CAMERAS) == requests


@pytest.mark.parametrize(
    ("dialect", "devices", "requests"),
    [
        ("default", 0, 1),
        ("default", 100, 2),
        ("default", 250, 3),
        ("snake", 101, 2),
        ("strings", 200, 2),
        ("bare", 99, 1),
        ("bare", 250, 3),
        ("sparse", 250, 3),
    ],
)
async def test_devices_cost_the_least_possible_requests(
    cloud_options: CloudOptions,
    session: aiohttp.ClientSession,
    throttle: Throttle,
    dialect: str,
    devices: int,
    requests: int,
) -> None:
    options = replace(
        cloud_options, dialect=dialect, cameras=2 * devices, devices=devices
    )
    async with fleet(options, session, throttle) as (cloud, client):
        root = cloud.client.accounts[0]
        found = await client.devices(root.subscription_id)
        assert [device.id for device in found] == list(root.devices)
        assert len(found) == devices
        assert {
            device.id: [each.id for each in device.external_devices] for device in found
        } == {
            device.id: [each.id for each in device.external_devices]
            for device in root.devices.values()
        }
        assert cloud.stats.count(Endpoint.EXTERNAL_DEVICES) == requests


def paged(
    rows: list[dict[str, Any]],
    *,
    key: str = "data",
    total: int | None = None,
    most: int = 10_000,
    ignores_page: bool = False,
) -> Callable[[Received], dict[str, Any]]:
    """Return a listing of rows in pages, of a service with ideas of its own."""

    def answer(request: Received) -> dict[str, Any]:
        query = parse_qs(urlsplit(request.target).query)
        size = min(int(query["size"][0]), most)
        page = 0 if ignores_page else int(query["page"][0])
        listed = rows[page * size : (page + 1) * size]
        return {key: listed, **({} if total is None else {"total": total})}

    return answer


def paged_with_own_totals(
    rows: list[dict[str, Any]],
) -> Callable[[Received], dict[str, Any]]:
    """Return a listing of rows in pages, each with the number of its own rows as total."""
    whole = paged(rows)

    def answer(request: Received) -> dict[str, Any]:
        page = whole(request)
        return {**page, "total": len(page["data"])}

    return answer


def cameras(count: int) -> list[dict[str, Any]]:
    return [{"id": f"c{number}"} for number in range(count)]


@pytest.mark.parametrize(
    ("answer", "found", "requests"),
    [
        # A service that gives less a page than it was asked for.
        (paged(cameras(250), total=250, most=100), 250, 3),
        # One that knows no pages.
        (paged(cameras(500), ignores_page=True), 500, 2),
        (paged(cameras(500), ignores_page=True, total=700), 500, 2),
        # One that promises more than there is.
        (paged(cameras(600), total=9999), 600, 3),
        # One that promises less than there is on the page.
        (paged(cameras(300), total=1), 300, 1),
        # Objects that can't be read are rows all the same.
        (paged([*cameras(599), {"name": "?"}], total=600), 599, 2),
        # One whose total is that of the page.
        (paged_with_own_totals(cameras(1200)), 1200, 3),
        (paged_with_own_totals(cameras(1000)), 1000, 3),
        # One whose total is wrong while there is more.
        (paged(cameras(1200), total=7), 1200, 3),
        (paged(cameras(1200), total=600), 1200, 3),
        (paged([{"name": "?"}, *cameras(700)]), 700, 2),
        # The same camera twice, because one was added while the pages were read.
        (paged([*cameras(500), *cameras(500)[-1:], *cameras(520)[500:]], total=521), 520, 2),
        (paged([]), 0, 1),
    ],
)  # fmt: skip
async def test_a_listing_of_cameras_ends_and_is_complete(
    scripted: AmnimoClient,
    service: ScriptedService,
    answer: Callable[[Received], Any],
    found: int,
    requests: int,
) -> None:
    service.answers_by(answer)
    listed = await scripted.cameras("s1")
    assert [camera.id for camera in listed] == [f"c{n}" for n in range(found)]
    assert len(service.requests) == requests


def equipment(devices: int, each: int) -> list[dict[str, Any]]:
    """Return rows of equipment with the device beside each."""
    return [
        {"deviceId": f"d{device}", "id": f"e{device}-{number}"}
        for device in range(devices)
        for number in range(each)
    ]


@pytest.mark.parametrize(
    ("answer", "devices", "each", "requests"),
    [
        # Rows are counted, and a device may go on on the next page.
        (paged(equipment(70, 3)), 70, 3, 3),
        (paged(equipment(70, 3), total=210), 70, 3, 3),
        (paged(equipment(40, 2), total=80), 40, 2, 1),
        # Devices are counted where a page has more rows than were asked for.
        (lambda request: {"data": equipment(60, 3), "total": 60}, 60, 3, 1),
        # The service gives less a page than it was asked for.
        (paged(equipment(60, 1), total=60, most=25), 60, 1, 3),
        (paged(equipment(100, 1), ignores_page=True), 100, 1, 2),
        (paged([]), 0, 0, 1),
    ],
)
async def test_a_listing_of_devices_ends_and_is_complete(
    scripted: AmnimoClient,
    service: ScriptedService,
    answer: Callable[[Received], Any],
    devices: int,
    each: int,
    requests: int,
) -> None:
    service.answers_by(answer)
    listed = await scripted.devices("s1")
    assert {
        device.id: [equipment.id for equipment in device.external_devices]
        for device in listed
    } == {
        f"d{device}": [f"e{device}-{number}" for number in range(each)]
        for device in range(devices)
    }
    assert len(service.requests) == requests


def nested(devices: int, each: int) -> list[dict[str, Any]]:
    """Return devices with their equipment in them."""
    return [
        {
            "deviceId": f"d{device}",
            "externalDevices": [{"id": f"e{device}-{n}"} for n in range(each)],
        }
        for device in range(devices)
    ]


def by_tenant(
    answers: dict[str, Callable[[Received], Any]],
) -> Callable[[Received], Any]:
    """Return a service of several tenants, each with a listing of its own."""
    return lambda request: answers[request.target.split("/")[2]](request)


async def test_tenants_of_exactly_a_page_cost_one_question_in_all(
    scripted: AmnimoClient, service: ScriptedService
) -> None:
    """What totals count is found out once for all; the next time each costs a page."""
    tenants = [f"s{number}" for number in range(10)]
    service.answers_by(paged(cameras(500), total=500))
    for expected in (11, 10):
        service.requests.clear()
        listings = await asyncio.gather(*map(scripted.cameras, tenants))
        assert [len(listing) for listing in listings] == [500] * 10
        assert len(service.requests) == expected


async def test_a_larger_tenant_shows_what_totals_count(
    scripted: AmnimoClient, service: ScriptedService
) -> None:
    """Where a total was more than fits on a page, the question need not be asked."""
    large, full = paged(cameras(1100), total=1100), paged(cameras(500), total=500)
    service.answers_by(by_tenant({"s1": large, "s2": full}))
    assert len(await scripted.cameras("s1")) == 1100
    service.requests.clear()
    assert len(await scripted.cameras("s2")) == 500
    assert len(service.requests) == 1


async def test_what_one_account_learned_others_of_the_client_know(
    scripted: AmnimoClient, service: ScriptedService
) -> None:
    service.answers_by(paged(cameras(500), total=500))
    await scripted.on_behalf_of("one account").cameras("s1")
    service.requests.clear()
    await scripted.on_behalf_of("another").cameras("s2")
    assert len(service.requests) == 1


async def test_totals_that_count_a_page_never_hide_a_camera(
    scripted: AmnimoClient, service: ScriptedService
) -> None:
    """Not at the same time, and not after any number of tenants that end with their page."""
    sizes = {"s1": 500, "s2": 1000, "s3": 499, "s4": 1200, "s5": 501, "s6": 0}
    service.answers_by(
        by_tenant({id_: paged_with_own_totals(cameras(n)) for id_, n in sizes.items()})
    )
    for _ in range(3):
        listings = await asyncio.gather(*map(scripted.cameras, sizes))
        assert [len(listing) for listing in listings] == list(sizes.values())


async def test_a_total_that_turns_out_wrong_is_trusted_no_more(
    scripted: AmnimoClient, service: ScriptedService
) -> None:
    """A service that says less than it lists is asked on as if it had said nothing."""
    known = paged(cameras(501), total=501)
    service.answers_by(by_tenant({"s1": known, "s2": paged(cameras(700), total=300)}))
    await scripted.cameras("s1")
    assert len(await scripted.cameras("s2")) == 700
    service.answers_by(paged_with_own_totals(cameras(1000)))
    assert len(await scripted.cameras("s1")) == 1000


async def test_a_question_that_fails_keeps_nobody_waiting(
    scripted: AmnimoClient, service: ScriptedService
) -> None:
    """Each listing goes on by itself, and is complete or fails."""
    full = paged(cameras(500), total=500)

    def answer(request: Received) -> Any:
        broken = "/s1/" in request.target and "page=1" in request.target
        return Reply(status=500) if broken else full(request)

    service.answers_by(answer)
    tenants = [f"s{number}" for number in range(1, 5)]
    found = await asyncio.gather(
        *map(scripted.cameras, tenants), return_exceptions=True
    )
    assert isinstance(found[0], AmnimoResponseError)
    assert [len(each) for each in found[1:] if isinstance(each, tuple)] == [500] * 3


async def test_tenants_of_exactly_a_page_of_devices_cost_one_question_in_all(
    scripted: AmnimoClient, service: ScriptedService
) -> None:
    """The summary's total is learned like that of the cameras, but apart from it."""
    pages = paged(nested(100, 2))
    service.answers_by(lambda request: {**pages(request), "summary": {"total": 100}})
    tenants = ["s1", "s2", "s3"]
    for expected in (4, 3):
        service.requests.clear()
        listings = await asyncio.gather(*map(scripted.devices, tenants))
        assert [len(listing) for listing in listings] == [100] * 3
        assert len(service.requests) == expected
    service.answers_by(paged_with_own_totals(cameras(1000)))
    assert len(await scripted.cameras("s1")) == 1000


async def test_totals_that_count_a_pages_equipment_never_hide_a_device(
    scripted: AmnimoClient, service: ScriptedService
) -> None:
    """They are more than a page holds devices, and yet say nothing of the next page."""

    def totals_of_equipment(
        rows: list[dict[str, Any]],
    ) -> Callable[[Received], dict[str, Any]]:
        whole = paged(rows)

        def answer(request: Received) -> dict[str, Any]:
            page = whole(request)
            total = sum(len(row["externalDevices"]) for row in page["data"])
            return {**page, "summary": {"total": total}}

        return answer

    service.answers_by(
        by_tenant(
            {
                "s1": totals_of_equipment(nested(100, 2)),
                "s2": totals_of_equipment(nested(200, 1)),
            }
        )
    )
    assert len(await scripted.devices("s1")) == 100
    assert len(await scripted.devices("s2")) == 200


async def test_a_page_that_fails_fails_the_listing(
    scripted: AmnimoClient, service: ScriptedService
) -> None:
    """What is not complete must not look as if cameras were gone."""
    full = paged(cameras(1200), total=1200)
    service.answers_by(
        lambda request: (
            Reply(status=500) if "page=1" in request.target else full(request)
        )
    )
    with pytest.raises(AmnimoResponseError):
        await scripted.cameras("s1")
    # The first page, then the second and twice more.
    assert len(service.requests) == 4


async def test_a_large_page_is_read_in_turns_with_others(
    scripted: AmnimoClient, service: ScriptedService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of 500 cameras is read a hundred at a time, and others run in between."""
    service.answers_by(paged(cameras(480), total=480))
    loop = asyncio.get_running_loop()
    turn = 0
    read: Counter[int] = Counter()
    read_one = wire.camera_in_row

    def next_turn() -> None:
        nonlocal turn
        turn += 1
        loop.call_soon(next_turn)

    def note(row: Any) -> Camera | None:
        read[turn] += 1
        return read_one(row)

    monkeypatch.setattr(wire, "camera_in_row", note)
    loop.call_soon(next_turn)
    page = await scripted.camera_page("s1")
    assert len(page.cameras) == 480
    assert list(read.values()) == [100, 100, 100, 100, 80]
