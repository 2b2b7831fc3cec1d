"""How long a process kept the processor busy.

Read where the kernel tells it as files (Linux); elsewhere it is not measured.
"""

import os
from pathlib import Path

_PROC = Path("/proc")
# Fields of /proc/<pid>/stat behind the name in brackets: times in user and kernel mode.
_USER_FIELD = 11
_KERNEL_FIELD = 12


def processor_seconds(argument: str) -> float | None:
    """Return the CPU seconds of the process that was started with an argument.

    None where there is none or the system does not tell.
    """
    for folder in _PROC.glob("[0-9]*"):
        try:
            arguments = (folder / "cmdline").read_bytes().split(b"\0")
            if argument.encode() in arguments:
                return _seconds((folder / "stat").read_text(encoding="utf-8"))
        except OSError:
            # Processes come and go while they are looked through.
            continue
    return None


def _seconds(stat: str) -> float:
    fields = stat.rpartition(")")[2].split()
    ticks = int(fields[_USER_FIELD]) + int(fields[_KERNEL_FIELD])
    return ticks / os.sysconf("SC_CLK_TCK")
