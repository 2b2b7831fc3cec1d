"""The command behind script/demo."""

import argparse
import asyncio
from collections.abc import Sequence
import locale
from pathlib import Path
import signal
import sys

from . import show
from .check import run as check
from .errors import DemoError
from .processes import first_free_port, is_free
from .simulated_cloud import Size
from .talk import complain
from .visitor import LANGUAGES, Language

FOLDER = Path(__file__).resolve().parents[2] / ".demo"

HOME_ASSISTANT_PORT = 8123
CLOUD_PORT = 8765

# What a shell reports of a program that Ctrl-C ended.
INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Run the demo or its check; give the exit code."""
    options = parse(arguments)
    try:
        return asyncio.run(run(options))
    except DemoError as err:
        complain(f"demo: {err}")
        return 1
    except asyncio.CancelledError:
        return INTERRUPTED if options.check else 0


async def run(options: argparse.Namespace) -> int:
    """Do what was asked for until it is done, or until a signal ends it."""
    end_on_signals()
    size = Size(options.tenants, options.cameras, options.devices)
    if options.check:
        return await check.run(FOLDER, size, options.language)
    await show.run(
        FOLDER,
        size,
        options.language,
        port=choose_port(options.port, HOME_ASSISTANT_PORT),
        cloud_port=choose_port(options.cloud_port, CLOUD_PORT),
        reset=options.reset,
    )
    return 0


def end_on_signals() -> None:
    """Have the first signal end the demo in good order; further ones change nothing."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None

    def end() -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)
        task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, end)


def choose_port(wanted: int | None, preferred: int) -> int:
    """Give the port that was asked for, or the next free one from the preferred on."""
    if wanted is None:
        return first_free_port(preferred)
    if not is_free(wanted):
        raise DemoError(f"port {wanted} is in use; choose another one.")
    return wanted


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="script/demo",
        description=(
            "Shows the integration in a real Home Assistant with a simulated amnimo "
            "cloud, until Ctrl-C. What it stores is kept in .demo/ for the next time."
        ),
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="do the main job headless in a fresh Home Assistant, say how it went, end",
    )
    parser.add_argument(
        "--language",
        choices=LANGUAGES,
        default=preferred_language(),
        help="of Home Assistant and its dashboard (this time: %(default)s)",
    )
    parser.add_argument(
        "--port", type=int, help=f"of Home Assistant ({HOME_ASSISTANT_PORT} if free)"
    )
    parser.add_argument(
        "--cloud-port", type=int, help=f"of the simulated cloud ({CLOUD_PORT} if free)"
    )
    parser.add_argument("--tenants", type=int, default=3, help="%(default)s")
    parser.add_argument("--cameras", type=int, default=9, help="%(default)s")
    parser.add_argument("--devices", type=int, default=3, help="%(default)s")
    parser.add_argument(
        "--reset", action="store_true", help="forget what was stored, begin anew"
    )
    return parser.parse_args(arguments)


def preferred_language() -> Language:
    """Choose the language of the terminal where it is one of the two."""
    return "ja" if (locale.getlocale()[0] or "").startswith("ja") else "en"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
