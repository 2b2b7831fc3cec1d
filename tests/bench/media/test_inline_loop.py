"""Work for threads is done before time goes on."""

import asyncio

import pytest

from .inline_loop import run_inline


def test_work_takes_no_time_of_the_loop() -> None:
    async def main() -> tuple[float, int]:
        loop = asyncio.get_running_loop()
        waiting = asyncio.create_task(asyncio.sleep(3600))
        await asyncio.sleep(0)
        before = loop.time()
        size = await loop.run_in_executor(None, len, "work")
        took = loop.time() - before
        waiting.cancel()
        return took, size

    assert run_inline(main()) == (0, 4)


def test_what_work_raises_is_raised() -> None:
    async def main() -> None:
        await asyncio.get_running_loop().run_in_executor(None, int, "x")

    with pytest.raises(ValueError, match="invalid literal"):
        run_inline(main())
