"""The small rules: who counts as a viewer, and when to start again."""

from itertools import pairwise

from custom_components.amnimo.live.backoff import StartBackoff
from custom_components.amnimo.live.lease import Lease
from custom_components.amnimo.live.timing import Timing


class Clock:
    """A clock that goes on when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def test_a_request_proves_that_somebody_watches_for_a_while() -> None:
    clock = Clock()
    lease = Lease(15, clock)
    assert lease.remaining == 0
    with lease.request("a"):
        clock.now += 100
        assert lease.remaining == 15
    clock.now += 14
    assert lease.remaining == 1
    clock.now += 1
    assert lease.remaining == 0


def test_viewers_are_told_apart_and_forgotten() -> None:
    clock = Clock()
    lease = Lease(15, clock)
    for viewer in ("a", "b", "a", "c"):
        with lease.request(viewer):
            clock.now += 1
    assert lease.viewers == 3
    clock.now += 12
    assert lease.viewers == 2
    assert lease.most_viewers == 3


def test_a_stream_that_lived_is_started_again_at_once_however_often() -> None:
    backoff, now = StartBackoff(Timing()), 0.0
    for _ in range(20):
        assert backoff.remaining(now) == 0
        backoff.started(now)
        backoff.broke(last_sign_of_life=now + 20)
        now += 21


def test_a_dead_camera_costs_a_start_a_minute_after_one_retry() -> None:
    backoff, now, starts = StartBackoff(Timing()), 0.0, []
    while now < 600:
        now += backoff.remaining(now)
        starts.append(now)
        backoff.started(now)
        now += 2.0
        backoff.broke(last_sign_of_life=now)
    assert starts[:2] == [0.0, 2.0]
    gaps = [later - sooner for sooner, later in pairwise(starts[1:])]
    assert set(gaps) == {60.0}


def test_a_refused_camera_costs_a_start_a_minute() -> None:
    backoff = StartBackoff(Timing())
    backoff.started(10.0)
    backoff.died()
    assert backoff.remaining(30.0) == 40.0
    assert backoff.remaining(70.0) == 0.0


def test_a_stream_that_was_let_go_leaves_no_mark() -> None:
    backoff = StartBackoff(Timing())
    backoff.started(0.0)
    backoff.broke(0.0)
    backoff.started(1.0)
    backoff.done()
    backoff.started(2.0)
    backoff.broke(2.0)
    assert backoff.remaining(3.0) == 0
