"""Extensions of any number of streams: in time, and less than one a second together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise
import statistics

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.amnimo.live.keep_alive import LONGEST_PERIOD, KeepAlivePeriods
from tests.virtual_time import (
    NothingToWaitForError,
    VirtualTimeLoop,
    run_virtually,
    virtual_now,
)

# As fast as the service lets streams be started.
STARTS_A_SECOND = 4.8
HALF = 0.5


@pytest.fixture
def _real_world() -> None:
    """Nothing outside is talked to."""


class Fleet:
    """Streams that go on until they are let go, and what became of them."""

    def __init__(self, chosen: int) -> None:
        self.periods = KeepAlivePeriods(chosen)
        self.lengths: list[int] = []
        """Periods in seconds, in the order of the starts."""
        self.extended: list[float] = []
        """When there was an extension."""
        self.used: list[float] = []
        """The part of the period that was over at each extension."""
        self.started_anew: list[tuple[int, int]] = []
        """Periods before and after, of streams that were not worth an extension."""
        self._streams: list[asyncio.Task[None]] = []

    @property
    def size(self) -> int:
        """How many streams there are."""
        return len(self._streams)

    async def grow(self, count: int, pause: float = 1 / STARTS_A_SECOND) -> None:
        """Start so many streams, one after the other."""
        for _ in range(count):
            self._streams.append(asyncio.create_task(self._stream()))
            await asyncio.sleep(pause)

    async def shrink(self, leaves: Callable[[int], bool]) -> None:
        """Let streams go, chosen by their place in the order of starts."""
        leaving = [s for place, s in enumerate(self._streams) if leaves(place)]
        self._streams = [s for s in self._streams if s not in leaving]
        for stream in leaving:
            stream.cancel()
        await asyncio.gather(*leaving, return_exceptions=True)

    def call_off(self, place: int) -> None:
        """Let one stream go, by its place in the order of starts."""
        self._streams.pop(place).cancel()

    async def _stream(self, before: int | None = None) -> None:
        while True:
            period = self.periods.take()
            self.lengths.append(period.seconds)
            if before is not None:
                self.started_anew.append((before, period.seconds))
            before = period.seconds
            period.begin(virtual_now())
            try:
                while await period.turn(HALF):
                    now = virtual_now()
                    self.extended.append(now)
                    self.used.append((now - period.began) / period.seconds)
                    period.begin_anew(now)
            finally:
                self.periods.give_back(period)

    def assert_served(self) -> None:
        """Check what holds for every fleet that the rate is enough for."""
        assert max(self.used, default=0) < 0.97
        assert all(10 <= length <= LONGEST_PERIOD for length in self.lengths)
        assert most_in_a_minute(self.extended) < 60
        for before, after in self.started_anew:
            assert after > before


def most_in_a_minute(times: list[float]) -> int:
    """Return the most events there were in any 60 seconds."""
    most = first = 0
    for last, time in enumerate(times):
        while time - times[first] >= 60:
            first += 1
        most = max(most, last - first + 1)
    return most


def watched(count: int, chosen: int = 60, hours: float = 2) -> Fleet:
    """Return a fleet of streams that were started together and watched for hours."""

    async def main() -> Fleet:
        fleet = Fleet(chosen)
        await fleet.grow(count)
        await asyncio.sleep(hours * 3600)
        await fleet.shrink(lambda _: True)
        return fleet

    return run_virtually(main())


@pytest.mark.parametrize("chosen", [10, 60, 3600])
def test_a_stream_is_extended_when_half_of_the_chosen_period_is_over(
    chosen: int,
) -> None:
    fleet = watched(1, chosen, hours=6)
    assert fleet.lengths == [chosen]
    assert len(fleet.extended) == pytest.approx(6 * 3600 / (chosen / 2), abs=1)
    gaps = [later - sooner for sooner, later in pairwise(fleet.extended)]
    assert gaps == pytest.approx([chosen / 2] * len(gaps), abs=0.001)


@pytest.mark.parametrize("count", [8, 10, 30, 100])
def test_streams_of_a_site_are_extended_at_about_half_of_their_periods(
    count: int,
) -> None:
    fleet = watched(count)
    fleet.assert_served()
    assert statistics.median(fleet.used) == pytest.approx(HALF, abs=0.02)
    assert fleet.lengths == sorted(fleet.lengths)
    assert fleet.lengths[:8] == [60] * 8
    assert fleet.lengths[-1] <= 60 + 9 * count
    assert not fleet.started_anew


def test_a_thousand_streams_are_all_extended_in_time() -> None:
    fleet = watched(1000)
    fleet.assert_served()
    assert not fleet.started_anew
    assert statistics.median(fleet.used) > HALF


@pytest.mark.timeout(180)
def test_three_thousand_streams_are_all_extended_in_time() -> None:
    """The early ones, of short periods, make room by beginning anew with longer ones."""
    fleet = watched(3000)
    fleet.assert_served()
    assert len(fleet.started_anew) < 300
    assert {after for _, after in fleet.started_anew} == {LONGEST_PERIOD}


@pytest.mark.timeout(180)
def test_more_streams_than_that_cost_more_requests_and_no_picture() -> None:
    """An extension of each an hour is more than one a second then: that can't be helped."""
    fleet = watched(4000, chosen=3600, hours=1.2)
    assert max(fleet.used) < 1
    assert most_in_a_minute(fleet.extended) <= 60 * 4000 / 3000


def test_periods_are_short_again_when_many_have_left() -> None:
    async def main() -> None:
        fleet = Fleet(60)
        await fleet.grow(500)
        assert fleet.lengths[-1] == LONGEST_PERIOD
        await asyncio.sleep(600)
        await fleet.shrink(lambda place: place > 3)
        await fleet.grow(1)
        assert fleet.lengths[-1] == 60
        await fleet.shrink(lambda _: True)
        assert fleet.periods.rate == 0
        fleet.assert_served()

    run_virtually(main())


def test_who_leaves_takes_nobodys_turn() -> None:
    async def main() -> None:
        fleet = Fleet(10)
        await fleet.grow(3, pause=0)
        # All are due, and one has had its turn.
        await asyncio.sleep(5.1)
        await fleet.shrink(lambda place: place == 0)
        await asyncio.sleep(60)
        await fleet.shrink(lambda _: True)
        fleet.assert_served()
        assert len(fleet.extended) > 10

    run_virtually(main())


def test_who_leaves_just_when_it_is_called_takes_nobodys_turn() -> None:
    """Between the call and its end, a task that was called off still stands in line."""

    async def main() -> None:
        fleet = Fleet(60)
        # Before the turns are given out, and in the same turn of the loop.
        asyncio.get_running_loop().call_at(30.0, lambda: fleet.call_off(0))
        await fleet.grow(3, pause=0)
        await asyncio.sleep(3600)
        fleet.assert_served()
        assert len(fleet.extended) >= 2 * 3600 / 60
        await fleet.shrink(lambda _: True)

    run_virtually(main())


def test_where_nobody_waits_nothing_wakes_the_loop() -> None:
    async def main() -> None:
        fleet = Fleet(60)
        await fleet.grow(5)
        await fleet.shrink(lambda _: True)
        left.append(virtual_now())
        await asyncio.Event().wait()

    left: list[float] = []
    loop = VirtualTimeLoop()
    with (
        pytest.raises(NothingToWaitForError),
        asyncio.Runner(loop_factory=lambda: loop) as runner,
    ):
        runner.run(main())
    assert loop.time() == left[0]


@settings(max_examples=15, deadline=None)
@given(
    chosen=st.sampled_from([10, 30, 60, 600, 3600]),
    changes=st.lists(
        st.tuples(
            st.integers(0, 300),
            st.integers(0, 7),
            st.integers(0, 3000),
        ),
        min_size=1,
        max_size=4,
    ),
)
@pytest.mark.timeout(180)
def test_however_streams_come_and_go(
    chosen: int, changes: list[tuple[int, int, int]]
) -> None:
    """So many come; each so many-th of all leaves after so many seconds, or almost all."""

    async def main() -> None:
        fleet = Fleet(chosen)
        for arrivals, each, seconds in changes:
            await fleet.grow(arrivals)
            await asyncio.sleep(seconds)
            await fleet.shrink(lambda place, each=each: each and place % each == 0)
        await asyncio.sleep(LONGEST_PERIOD)
        await fleet.shrink(lambda _: True)
        fleet.assert_served()
        assert fleet.periods.take().seconds == chosen

    run_virtually(main())
