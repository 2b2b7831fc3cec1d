"""Where pictures, segments and files are made: once, and beside the event loop.

Owns the worker threads, what they made lately, and the folder with the files of clips.
Whoever asks for the same thing at the same time shares the work.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import count
from pathlib import Path
import shutil
import tempfile

from .picture import Scene, label_of
from .world import Camera

_WORKERS = 2
_KEPT_BYTES = 48 * 1024 * 1024
_KEPT_SCENES = 64


class Studio:
    """Makes bytes and files in worker threads, and keeps them a while."""

    def __init__(self) -> None:
        """Start without threads and files; both come with the first thing to make."""
        self._executor: ThreadPoolExecutor | None = None
        self._folder: Path | None = None
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._kept_bytes = 0
        self._making: dict[Hashable, asyncio.Task[bytes | Path]] = {}
        self._files: dict[Hashable, Path] = {}
        self._names = count()

    async def content(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """Return what ``make`` returns, from memory where it was made lately."""
        if (kept := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return kept
        made = await self._once(key, make)
        assert isinstance(made, bytes)
        if key not in self._kept:
            self._keep(key, made)
        return made

    async def file(self, key: Hashable, write: Callable[[Path], None]) -> Path:
        """Return the file that ``write`` writes, written once."""
        if (path := self._files.get(key)) is not None:
            return path
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="simulated-amnimo-"))
        path = self._folder / str(next(self._names))

        def make() -> Path:
            write(path)
            return path

        made = await self._once(key, make)
        assert isinstance(made, Path)
        self._files[key] = made
        return made

    def discard_file(self, key: Hashable) -> None:
        """Remove a file that is no longer needed."""
        if (path := self._files.pop(key, None)) is not None:
            path.unlink()

    async def close(self) -> None:
        """Wait for the threads and remove the files; more can be made afterwards."""
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)
            self._executor = None
            await asyncio.gather(*self._making.values(), return_exceptions=True)
        if self._folder is not None:
            shutil.rmtree(self._folder)
            self._folder = None
            self._files.clear()

    async def _once(
        self, key: Hashable, make: Callable[[], bytes | Path]
    ) -> bytes | Path:
        if (making := self._making.get(key)) is None:
            if self._executor is None:
                self._executor = ThreadPoolExecutor(_WORKERS, "simulated-cloud")
            making = asyncio.create_task(self._work(self._executor, key, make))
            self._making[key] = making
        # One who leaves must not take the result away from the others.
        return await asyncio.shield(making)

    async def _work(
        self,
        executor: ThreadPoolExecutor,
        key: Hashable,
        make: Callable[[], bytes | Path],
    ) -> bytes | Path:
        try:
            return await asyncio.get_running_loop().run_in_executor(executor, make)
        finally:
            del self._making[key]

    def _keep(self, key: Hashable, made: bytes) -> None:
        self._kept[key] = made
        self._kept_bytes += len(made)
        while self._kept_bytes > _KEPT_BYTES:
            self._kept_bytes -= len(self._kept.popitem(last=False)[1])


def scene_of(camera: Camera) -> Scene:
    """Return what a camera sees, under the name it has now."""
    return _scene(camera.name, camera.id)


@lru_cache(_KEPT_SCENES)
def _scene(name: str, camera_id: str) -> Scene:
    return Scene(label_of(name, camera_id), camera_id)
