"""Runs a command that ends when the process that started it does.

    python leash.py COMMAND [ARGUMENT...]

A demo that is killed hard can no longer stop what it started; the kernel does it
then, where it can (Linux). It becomes the command, so it costs no process, and it uses
the standard library alone, so it costs no time.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Have the kernel send SIGTERM to this process once its parent is gone."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    # A parent that went before the call above would never be noticed.
    if os.getppid() != parent:
        sys.exit(1)


if __name__ == "__main__":
    end_with_parent()
    os.execvp(sys.argv[1], sys.argv[1:])
