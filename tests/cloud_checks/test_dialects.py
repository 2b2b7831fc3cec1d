"""Every dialect serves every endpoint, and leaves alone what the API document states."""

from collections.abc import Callable, Iterator
from dataclasses import replace
import json
from typing import Any

import pytest

from tests.cloud import DIALECTS, CloudOptions, Endpoint, SimulatedCloud
from tests.cloud.dialects import (
    epoch_millis,
    epoch_millis_text,
    epoch_seconds,
    iso_japan,
    iso_millis,
    iso_seconds,
)
from tests.cloud.templates import Of, Template, render
from tests.cloud.world import Camera

from .caller import Caller, in_tenant, of_camera, of_device
from .moments import wire
from .playlists import found_urls
from .still import NOON, still_options


@pytest.fixture(params=DIALECTS)
def options(request: pytest.FixtureRequest) -> CloudOptions:
    """Return a cloud of each dialect."""
    return still_options(dialect=request.param)


def values(content: Any) -> Iterator[Any]:
    """Yield every plain value in JSON."""
    if isinstance(content, dict):
        for part in content.values():
            yield from values(part)
    elif isinstance(content, list):
        for part in content:
            yield from values(part)
    else:
        yield content


async def test_every_endpoint_is_served(caller: Caller) -> None:
    cloud = caller.cloud
    device = next(iter(caller.tenant.devices.values()))
    camera = next(each for each in caller.tenant.cameras.values() if each.device)
    tenant, recent = in_tenant(caller.tenant), wire(NOON - 60)

    page = await caller.get(f"{tenant}/cameras")
    assert set(caller.tenant.cameras) <= set(values(page))
    assert camera.id in values(await caller.get(of_camera(camera)))

    thumbnails = await caller.get(f"{of_camera(camera)}/thumbnails", {"limit": 2})
    assert thumbnails.keys() == {"total", "thumbnails"}
    assert len(found_urls(thumbnails)) == len(thumbnails["thumbnails"]) == 2

    span = {"startTime": recent, "endTime": wire(NOON)}
    (recording,) = await caller.get(f"{of_camera(camera)}/history", span)
    assert len(list(values(recording))) == 2

    stream = f"{of_camera(camera)}/streams/hls"
    started = await caller.get(f"{stream}/start", {"dt": "live"})
    assert len(found_urls(started)) == 1
    session = cloud.sessions.all()[0]
    assert session.request_id in values(started)
    request = {"requestId": session.request_id}
    assert (await caller.get(f"{stream}/update", request)).keys() == {"result"}
    assert (await caller.get(f"{stream}/stop", request)).keys() == {"result"}

    clip = {"category": "CLIP", **span, "name": "clip"}
    media = await caller.post(f"{of_camera(camera)}/media", clip)
    path = f"{tenant}/medias/{media['id']}"
    wanted = {"pageNumber": 0, "pageSize": 10}
    for where in (f"{of_camera(camera)}/medias", f"{tenant}/medias"):
        (found,) = await caller.post(where, wanted)
        assert found == media
    cloud.clock.advance(600)
    done = await caller.get(path)
    assert len(found_urls(done)) == 1
    assert done["status"] != media["status"]
    renamed = await caller.call("PUT", path, json={"data": {"name": "other"}})
    assert renamed["name"] == "other"
    (deleted,) = await caller.call("DELETE", path)
    assert deleted["id"] == media["id"]

    for where in (f"{tenant}/devices", of_device(device)):
        listed = await caller.get(f"{where}/externalDevices")
        assert listed.keys() == {"data", "summary"}
        equipment = device.external_devices[0]
        assert {device.id, equipment.id} & set(values(listed))
    peripherals = await caller.get(f"{of_device(device)}/peripherals")
    assert peripherals.keys() == {"data", "summary"}
    assert set(device.ports) <= set(values(peripherals))
    await caller.post(f"{of_device(device)}/ports/lan1", {"action": 1})

    await caller.content(found_urls(thumbnails)[0])
    api = set(Endpoint) - {Endpoint.PLAYLIST, Endpoint.SEGMENT, Endpoint.MEDIA_FILE}
    served = {endpoint for endpoint, status in cloud.stats.requests if status == 200}
    assert served >= api - {Endpoint.UNKNOWN, Endpoint.HIERARCHY}


async def test_refusals_are_refusals_whatever_they_look_like(caller: Caller) -> None:
    text = await caller.get(f"{in_tenant(caller.tenant)}/cameras?page=x", status=400)
    dialect = DIALECTS[caller.cloud.options.dialect]
    assert (text == "") is (dialect.name == "sparse")


async def test_what_is_documented_is_the_same_in_all(caller: Caller) -> None:
    tree = await caller.get(f"/accounts/{caller.cloud.account_id}/hierarchy")
    assert list(tree) == [
        "accountName",
        "accountId",
        "subscriptionName",
        "subscriptionId",
        "childAccounts",
    ]
    camera = next(iter(caller.tenant.cameras.values()))
    made = caller.cloud.media.create_snapshot(camera, NOON - 60, "name")
    media = await caller.get(f"{in_tenant(caller.tenant)}/medias/{made.id}")
    assert media["id"] == made.id
    assert media["cameraId"] == camera.id
    assert media["pid"] == camera.tenant.subscription_id
    assert media["category"] == "SNAPSHOT"
    assert (media["type"], media["name"], media["size"]) == ("IMAGE", "name", 0)
    assert {
        "source",
        "status",
        "startTime",
        "requestedDateTime",
        "meta",
    } <= media.keys()


async def test_a_bare_camera_keeps_nothing_but_its_id(caller: Caller) -> None:
    camera = caller.cloud.world.add_bare_camera(caller.tenant)
    assert list(values(await caller.get(of_camera(camera)))) == [camera.id]


def test_there_are_enough_dialects_and_no_two_write_cameras_alike() -> None:
    assert len(DIALECTS) >= 5
    written = [json.dumps(shape(dialect.camera)) for dialect in DIALECTS.values()]
    assert len(set(written)) == len(written)


def shape(template: Template) -> Any:
    """Return a template as keys only."""
    match template:
        case dict():
            return {key: shape(part) for key, part in template.items()}
        case list():
            return [shape(part) for part in template]
    return None


def test_a_dialect_that_misspells_a_term_is_found_out() -> None:
    with pytest.raises(KeyError):
        render({"id": Of("camera_identity")}, {"camera_id": "x"})


@pytest.mark.parametrize(
    ("write", "written"),
    [
        (iso_millis, "2026-11-23T03:00:00.250Z"),
        (iso_seconds, "2026-11-23T03:00:00Z"),
        (iso_japan, "2026-11-23T12:00:00.250+09:00"),
        (epoch_seconds, 1795402800),
        (epoch_millis, 1795402800250),
        (epoch_millis_text, "1795402800250"),
    ],
)
def test_forms_of_time(write: Callable[[float], Any], written: Any) -> None:
    assert write(NOON + 0.25) == written


async def test_a_cloud_speaks_no_unknown_dialect() -> None:
    with pytest.raises(ValueError, match="default, portal"):
        SimulatedCloud(CloudOptions(dialect="klingon"))


async def test_an_offline_camera_is_refused_in_the_dialects_own_way(
    caller: Caller, edge_camera: Camera
) -> None:
    dialect = DIALECTS[caller.cloud.options.dialect]
    edge_camera.online = False
    path = f"{of_camera(edge_camera)}/streams/hls/start"
    await caller.get(path, {"dt": "live"}, status=dialect.offline_status)


async def test_a_dialect_may_change_while_the_cloud_runs(
    cloud: SimulatedCloud, caller: Caller
) -> None:
    path = in_tenant(caller.tenant) + "/cameras"
    usual = cloud.dialect
    before = await caller.get(path)
    cloud.dialect = replace(usual, camera_page={"found": Of("total")})
    assert await caller.get(path) == {"found": len(caller.tenant.cameras)}
    cloud.dialect = usual
    assert len(await caller.get(path)) == len(before)
    assert await caller.get(path) != {"found": len(caller.tenant.cameras)}
