"""Virtual time passes at once, in the right order, and never for ever."""

from __future__ import annotations

import asyncio

import pytest

from .virtual_time import NothingToWaitForError, run_virtually, virtual_now


@pytest.fixture
def _real_world() -> None:
    """Nothing outside is talked to."""


def test_sleeps_end_in_the_order_of_their_times() -> None:
    ended: list[tuple[float, str]] = []

    async def sleep(seconds: float, name: str) -> None:
        await asyncio.sleep(seconds)
        ended.append((virtual_now(), name))

    async def main() -> None:
        await asyncio.gather(
            sleep(3 * 86400, "days"), sleep(0.001, "moment"), sleep(60, "minute")
        )

    run_virtually(main())

    assert ended == [(0.001, "moment"), (60, "minute"), (3 * 86400, "days")]


def test_years_pass_as_well() -> None:
    async def main() -> list[float]:
        began = virtual_now()
        for _ in range(1000):
            await asyncio.sleep(0.1)
        times = [virtual_now() - began]
        await asyncio.sleep(10 * 365 * 86400)
        began = virtual_now()
        for _ in range(1000):
            await asyncio.sleep(0.1)
        return [*times, virtual_now() - began]

    assert run_virtually(main()) == pytest.approx([100, 100])


def test_timeouts_are_of_virtual_time() -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3600):
                await asyncio.Event().wait()
        return virtual_now()

    assert run_virtually(main()) == 3600


def test_waiting_for_nothing_is_an_error() -> None:
    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(NothingToWaitForError):
        run_virtually(main())
