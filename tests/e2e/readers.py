"""FFmpeg as a plain reader of a URL: as the library in PyAV, and as the program."""

import asyncio
import contextlib
import shutil
import time
from typing import Any, Final

import av

from tests.cloud.clock_strip import ClockUnreadableError, read_clock
from tests.demo.check.checklist import StepFailedError, StepSkippedError

from .pictures import Record, Sight

# As Home Assistant's own reader has it: seconds for the opening, and for each packet.
TIMEOUTS: Final = (30.0, 30.0)
PROGRAM_SECONDS: Final = 60.0


async def read_with_pyav(url: str, pictures: int) -> Record:
    """Open a URL and decode so many pictures; a position is the picture's time stamp."""
    return await asyncio.to_thread(_read, url, pictures)


def _read(url: str, pictures: int) -> Record:
    record = Record()
    try:
        with av.open(url, timeout=TIMEOUTS) as container:
            for frame in container.decode(video=0):
                clock = None
                with contextlib.suppress(ClockUnreadableError):
                    clock = read_clock(frame)
                record.add(Sight(time.time(), clock, frame.time or 0.0))
                if len(record.sights) >= pictures:
                    break
    except av.FFmpegError as err:
        raise StepFailedError(f"PyAV could not read on: {err}") from err
    return record


async def read_with_program(url: str, seconds: float) -> dict[str, Any]:
    """Have the program ffmpeg decode so many seconds; count its `frames` and `different`.

    Raises StepSkippedError where there is no such program.
    """
    program = shutil.which("ffmpeg")
    if program is None:
        raise StepSkippedError("there is no ffmpeg on PATH (Debian's package: ffmpeg)")
    process = await asyncio.create_subprocess_exec(
        program,
        *("-nostdin", "-v", "error", "-i", url, "-t", str(seconds), "-an"),
        *("-f", "framemd5", "-"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(PROGRAM_SECONDS):
            output, complaints = await process.communicate()
    except TimeoutError:
        raise StepFailedError(
            f"ffmpeg did not get {seconds:.0f} s of video within {PROGRAM_SECONDS:.0f} s"
        ) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise StepFailedError(f"ffmpeg: {complaints.decode(errors='replace').strip()}")
    sums = [
        line.rpartition(",")[2].strip()
        for line in output.decode().splitlines()
        if line and not line.startswith("#")
    ]
    return {"frames": len(sums), "different": len(set(sums))}
