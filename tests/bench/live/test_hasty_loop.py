"""Time passes only while nobody has anything to say."""

import asyncio
import socket

from .hasty_loop import run_hastily


def test_an_hour_is_over_at_once() -> None:
    async def sleep() -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await asyncio.sleep(3600)
        return loop.time() - began

    assert run_hastily(sleep()) == 3600


def test_who_sleeps_less_wakes_first() -> None:
    order = []

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(seconds)
        order.append(seconds)

    async def main() -> None:
        await asyncio.gather(*(sleep(seconds) for seconds in (30.0, 10.0, 20.0)))

    run_hastily(main())
    assert order == [10.0, 20.0, 30.0]


def test_a_conversation_is_not_overtaken_by_a_sleeper() -> None:
    """Hundreds of exchanges take no time by a clock on which somebody sleeps."""

    async def talk() -> float:
        loop = asyncio.get_running_loop()
        sleeper = asyncio.create_task(asyncio.sleep(60))
        one, other = socket.socketpair()
        reader, writer = await asyncio.open_connection(sock=one)
        answering, answers = await asyncio.open_connection(sock=other)
        for number in range(200):
            writer.write(b"%d\n" % number)
            answers.write(await answering.readline())
            assert await reader.readline() == b"%d\n" % number
        passed = loop.time()
        sleeper.cancel()
        writer.close()
        answers.close()
        return passed

    assert run_hastily(talk()) == 0
