"""Lines on the terminal of the person who started the demo."""

import sys


def say(line: str = "") -> None:
    """Print a line at once, also into a pipe."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def complain(line: str) -> None:
    """Print a line that says why something went wrong."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
