"""How long a process kept the processor busy.

Read where the kernel has a clock for each process (Linux); elsewhere it is not measured.
"""

from pathlib import Path
import time

_PROC = Path("/proc")
# How Linux numbers the clock of a process: its complement, and the kind that counts all of
# its time in nanoseconds.
_SHIFT = 3
_KIND = 2


def processor_seconds(argument: str) -> float | None:
    """Return the CPU seconds of the process that was started with an argument.

    None where there is none or the system does not tell.
    """
    for folder in _PROC.glob("[0-9]*"):
        try:
            arguments = (folder / "cmdline").read_bytes().split(b"\0")
            if argument.encode() in arguments:
                return seconds_of(int(folder.name))
        except OSError:
            # Processes come and go while they are looked through.
            continue
    return None


def seconds_of(process_id: int) -> float:
    """Return the CPU seconds of a process; raises OSError where there is none."""
    return time.clock_gettime(~process_id << _SHIFT | _KIND)
