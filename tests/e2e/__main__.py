"""The command behind script/e2e."""

import argparse
import asyncio
from collections.abc import Sequence
import sys
from typing import Final

from tests.demo.__main__ import INTERRUPTED, end_on_signals
from tests.demo.errors import DemoError
from tests.demo.simulated_cloud import ROOT
from tests.demo.talk import complain

from .run import run
from .suites import SUITES

FOLDER: Final = ROOT / ".e2e"


def main(arguments: Sequence[str]) -> int:
    """Go through the suites that are named, or all; give the exit code."""
    names = parse(arguments).names or list(SUITES)
    try:
        return asyncio.run(prove(names))
    except DemoError as err:
        complain(f"e2e: {err}")
        return 1
    except asyncio.CancelledError:
        return INTERRUPTED


async def prove(names: Sequence[str]) -> int:
    """Do it until it is done, or until a signal ends it in good order."""
    end_on_signals()
    return await run(names, FOLDER)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="script/e2e",
        description=(
            "Watches the demo's cameras with real clients, says what was seen, and asks "
            "the simulated cloud what it cost. The pictures it takes are in .e2e/pictures."
        ),
    )
    parser.add_argument(
        "names",
        nargs="*",
        choices=tuple(SUITES),
        metavar="NAME",
        help=f"what to go through: {', '.join(SUITES)} (all)",
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
