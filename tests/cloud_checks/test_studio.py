"""Work beside the event loop: once, shared, and cleaned up."""

import asyncio
from pathlib import Path
import threading

import pytest

from tests.cloud.studio import Studio


async def test_who_asks_at_the_same_time_shares_the_work() -> None:
    studio = Studio()
    made: list[int] = []
    go_on = threading.Event()

    def make() -> bytes:
        made.append(1)
        go_on.wait()
        return b"content"

    asking = [asyncio.create_task(studio.content("key", make)) for _ in range(5)]
    await asyncio.sleep(0)
    # One of them leaves; the others get theirs.
    asking[0].cancel()
    go_on.set()
    assert await asyncio.gather(*asking[1:]) == [b"content"] * 4
    assert await studio.content("key", make) == b"content"
    assert made == [1]
    await studio.close()


async def test_what_fails_is_tried_again() -> None:
    studio = Studio()

    def fail() -> bytes:
        raise RuntimeError("no film")

    with pytest.raises(RuntimeError, match="no film"):
        await studio.content("key", fail)
    assert await studio.content("key", lambda: b"content") == b"content"
    await studio.close()


async def test_files_are_written_once_and_removed_at_the_end() -> None:
    studio = Studio()
    written: list[Path] = []

    def write(path: Path) -> None:
        path.write_bytes(b"film")
        written.append(path)

    first = await studio.file("one", write)
    assert await studio.file("one", write) == first
    second = await studio.file("two", write)
    assert written == [first, second]
    studio.discard_file("one")
    studio.discard_file("never made")
    assert [path.exists() for path in written] == [False, True]
    await studio.close()
    assert not second.parent.exists()
    third = await studio.file("one", write)
    assert third.read_bytes() == b"film"
    await studio.close()


async def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.cloud.studio._KEPT_BYTES", 25)
    studio = Studio()
    made: list[int] = []

    async def content(key: int) -> None:
        def make() -> bytes:
            made.append(key)
            return bytes(10)

        await studio.content(key, make)

    for key in (1, 2, 1, 3, 1, 2):
        await content(key)
    assert made == [1, 2, 3, 2]
    await studio.close()
