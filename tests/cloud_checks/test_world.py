"""The world behind the cloud, without any request."""

from collections.abc import Callable
from itertools import pairwise

from freezegun import freeze_time
from hypothesis import given, strategies as st
import pytest

from tests.cloud import CloudOptions, SimulatedCloud
from tests.cloud.clock import CloudClock
from tests.cloud.overview import describe
from tests.cloud.recordings import RETENTION_SECONDS, RecordingPlan
from tests.cloud.spans import Span, clip, intersect, merge, subtract, total_seconds
from tests.cloud.timeline import Timeline
from tests.cloud.world import Storage

from .still import NOON, still

EDGE = st.integers(0, 60)
SPANS = st.lists(
    st.tuples(EDGE, EDGE).map(lambda pair: Span(min(pair), max(pair))), max_size=8
)


def seconds(spans: list[Span]) -> set[int]:
    """Return spans of whole seconds as a set of them."""
    return {
        second for span in spans for second in range(int(span.start), int(span.end))
    }


@given(SPANS, SPANS)
def test_spans_are_sets_of_time(left: list[Span], right: list[Span]) -> None:
    operations: list[tuple[list[Span], set[int]]] = [
        (merge(left), seconds(left)),
        (intersect(merge(left), right), seconds(left) & seconds(right)),
        (subtract(left, right), seconds(left) - seconds(right)),
        (merge(clip(left, 10, 50)), seconds(left) & set(range(10, 50))),
    ]
    for result, expected in operations:
        assert seconds(result) == expected
        assert total_seconds(result) == len(expected)
        assert all(before.end < after.start for before, after in pairwise(result))


@given(st.lists(st.tuples(st.integers(1, 60), st.booleans()), max_size=8))
def test_a_timeline_is_the_same_moment_by_moment_and_in_spans(
    changes: list[tuple[int, bool]],
) -> None:
    timeline = Timeline(True)
    for moment, state in changes:
        timeline.then(state, moment)
    on = {second for second in range(70) if timeline.at(second)}
    assert seconds(timeline.spans(True, 0, 70)) == on
    assert seconds(timeline.spans(False, 0, 70)) == set(range(70)) - on
    for since in range(0, 70, 7):
        off = [second for second in range(since, 70) if second not in on]
        assert timeline.first(False, since) == (off[0] if off else float("inf"))


def test_a_new_plan_replaces_what_was_planned() -> None:
    timeline = Timeline(True)
    timeline.change(False, 10, now=5)
    timeline.then(True, 20)
    timeline.change(False, 12, now=11)
    assert [timeline.at(moment) for moment in (9, 10, 11, 12, 30)] == [
        True,
        False,
        False,
        False,
        False,
    ]


def test_equal_options_give_equal_worlds() -> None:
    def told(seed: int) -> object:
        cloud = SimulatedCloud(CloudOptions(seed=seed, wall=still))
        return describe(cloud.client.accounts[0], NOON), cloud.client_secret

    assert told(1) == told(1)
    assert told(1) != told(2)


@pytest.mark.parametrize("tenants", [1, 2, 3, 4, 11, 40])
def test_tenants_nest_up_to_three_levels(tenants: int) -> None:
    cloud = SimulatedCloud(CloudOptions(tenants=tenants))
    root = cloud.client.accounts[0]
    family = list(root.family())
    assert len(family) == tenants
    assert len({tenant.account_name for tenant in family}) == tenants
    depth = max(len(list(tenant.lineage())) for tenant in family)
    assert depth == min(tenants, 3)


@pytest.mark.parametrize(("cameras", "devices"), [(0, 0), (5, 0), (0, 3), (200, 20)])
def test_worlds_of_any_size(cameras: int, devices: int) -> None:
    cloud = SimulatedCloud(CloudOptions(cameras=cameras, devices=devices))
    root = cloud.client.accounts[0]
    own = [camera for each in root.family() for camera in each.cameras.values()]
    edge = [device for each in root.family() for device in each.devices.values()]
    assert (len(own), len(edge)) == (cameras, devices)
    assert len({camera.name for camera in own}) == cameras
    assert all(device.external_devices for device in edge)
    fed = [camera.port for camera in own if camera.port is not None]
    assert len(set(fed)) == len(fed)
    at_edge = [camera for camera in own if camera.storage is Storage.EDGE]
    assert all(camera.device is not None for camera in at_edge)


def test_a_dozen_cameras_show_every_kind() -> None:
    cloud = SimulatedCloud(CloudOptions())
    root = cloud.client.accounts[0]
    cameras = [camera for each in root.family() for camera in each.cameras.values()]
    assert sum(not camera.online for camera in cameras) == 1
    assert sum(not camera.records for camera in cameras) == 1
    assert sum(camera.storage is Storage.CLOUD for camera in cameras) == 2
    assert all(camera.device is None for camera in cameras if camera.storage == "CLOUD")
    assert any(camera.name.isascii() for camera in cameras)
    assert any(not camera.name.isascii() for camera in cameras)


def test_nothing_is_kept_for_ever_and_nothing_is_left_out_today() -> None:
    now, much_later = NOON + 86_400, NOON + 100 * 86_400
    for number in range(100):
        plan = RecordingPlan(f"camera {number}", installed=0, founded=NOON)
        kept = plan.spans(0, much_later, now=much_later)
        assert kept == [Span(much_later - RETENTION_SECONDS, much_later)]
        assert plan.spans(NOON - 7000, now, now=now) == [Span(NOON - 7000, now)]
        *before, today = plan.spans(NOON - 86_400, now, now=now)
        assert before
        assert today.start <= NOON - 7200
        assert today.end == now
        assert plan.spans(NOON, NOON + 60, now=NOON) == []


def test_a_frozen_machine_freezes_the_cloud() -> None:
    with freeze_time("2026-02-02T15:00:00Z") as frozen:
        clock = CloudClock()
        first = clock.now()
        assert clock.now() == first
        frozen.tick(30)
        clock.advance(30)
        assert clock.now() == first + 60
    with pytest.raises(ValueError, match="does not go back"):
        clock.advance(-1)


@pytest.mark.parametrize(
    "make",
    [
        lambda: CloudOptions(tenants=0),
        lambda: CloudOptions(cameras=-1),
        lambda: CloudOptions(token_seconds=0),
        lambda: CloudOptions(segment_seconds=0),
        lambda: CloudOptions(playback_pace=0.5),
    ],
)
def test_options_out_of_range(make: Callable[[], CloudOptions]) -> None:
    with pytest.raises(ValueError, match="or more"):
        make()


def test_a_device_that_is_removed_leaves_its_cameras() -> None:
    cloud = SimulatedCloud(CloudOptions())
    device = next(each for each in cloud.world.devices.values())
    cameras = [each for each in cloud.world.cameras.values() if each.device is device]
    assert any(camera.port for camera in cameras)
    for port in device.ports.values():
        port.set(False)
    assert not any(camera.online for camera in cameras)
    cloud.world.remove_device(device)
    assert all(camera.online for camera in cameras)
    assert all((camera.device, camera.port) == (None, None) for camera in cameras)
    assert device.id not in device.tenant.devices
