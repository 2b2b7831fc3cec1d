"""The command behind script/bench."""

import argparse
import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
import os
from pathlib import Path
import platform
import sys
from typing import Any, Final

import aiohttp

from tests.demo.__main__ import INTERRUPTED, end_on_signals
from tests.demo.api import ApiError, DisconnectedError
from tests.demo.errors import DemoError
from tests.demo.talk import complain, say

from .bench import Bench
from .fleet import occasion as fleet
from .live import occasion as live
from .media import occasion as media
from .page import with_figures
from .report import Json, Result, Table, findings_table, write_json
from .voice import occasion as voice

FOLDER: Final = Path(__file__).resolve().parents[2] / ".bench"

type Benchmark = Callable[[Bench], AsyncIterator[Result]]


SUBJECTS: Final[Mapping[str, tuple[Benchmark, ...]]] = {
    "live": (live.run,),
    "media": (media.run,),
    "fleet": (fleet.run,),
    "voice": (voice.run,),
}


def main(arguments: Sequence[str]) -> int:
    """Measure; give the exit status."""
    options = _parse(arguments)
    try:
        return asyncio.run(_measure(options))
    except DemoError as err:
        complain(f"bench: {err}")
    except (ApiError, DisconnectedError, aiohttp.ClientError) as err:
        complain(f"bench: {type(err).__name__}: {err}")
    except asyncio.CancelledError:
        return INTERRUPTED
    return 1


async def _measure(options: argparse.Namespace) -> int:
    """Run what was asked for; write the results by and by, so that none gets lost."""
    end_on_signals()
    bench = Bench(FOLDER, options.quick)
    about = _about(quick=options.quick)
    results: list[Result] = []
    figures: dict[str, str] = {}
    for subject in options.subjects or SUBJECTS:
        first = len(results)
        for benchmark in SUBJECTS[subject]:
            async for result in benchmark(bench):
                results.append(result)
                say(f"\n{result.text()}\n")
                write_json(options.json, about, results)
        figures |= _figures(subject, about, results[first:])
    limits = _limits(results)
    if limits.rows:
        say(f"{limits.text()}\n")
    if options.page is not None:
        page = options.page.read_text(encoding="utf-8")
        options.page.write_text(with_figures(page, figures), encoding="utf-8")
        for result in results:
            for name, picture in result.pictures.items():
                place = options.page.parent / "images" / name
                place.write_text(picture, encoding="utf-8")
        say(f"bench: the figures of {options.page} are new")
    say(f"bench: written to {options.json}")
    faults = [fault for result in results for fault in result.faults]
    for fault in faults:
        complain(f"bench: {fault.count} {fault.what}, and there must be none.")
    return 1 if faults else 0


def _figures(
    subject: str, about: Mapping[str, Any], results: Sequence[Result]
) -> dict[str, str]:
    """Return what a page says of a subject, by the names of the places for it."""
    return {
        f"{subject}_about": _sentence(about),
        f"{subject}_limits": _limits(results).markdown(),
        **{result.name: result.markdown() for result in results},
    }


def _limits(results: Sequence[Result]) -> Table:
    findings = [finding for result in results for finding in result.findings]
    return findings_table("Against the limits", findings)


def _about(*, quick: bool) -> dict[str, Json]:
    """Say when, where and with what is measured."""
    return {
        "began": datetime.now(UTC).isoformat(timespec="seconds"),
        "quick": quick,
        "machine": {
            "cores": os.cpu_count(),
            "architecture": platform.machine(),
            "load_before": os.getloadavg(),
        },
        "python": platform.python_version(),
        "home_assistant": version("homeassistant"),
    }


def _sentence(about: Mapping[str, Any]) -> str:
    """Say it in a sentence."""
    return (
        f"Measured on {about['began'][:10]} on a machine with "
        f"{about['machine']['cores']} cores ({about['machine']['architecture']}), "
        f"Home Assistant {about['home_assistant']}, Python {about['python']}."
    )


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/bench",
        description=(
            "Measures the integration in a real Home Assistant against a simulated "
            "amnimo cloud. The exit status is 1 where a figure that must be 0 is not."
        ),
    )
    parser.add_argument(
        "subjects",
        nargs="*",
        metavar="subject",
        choices=SUBJECTS,
        help=f"{', '.join(SUBJECTS)}; all unless named",
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="shorter and fewer measurements, for a look; the tables say so",
    )
    parser.add_argument(
        "--json",
        type=Path,
        default=FOLDER / "results.json",
        metavar="FILE",
        help="where the figures go (%(default)s)",
    )
    parser.add_argument(
        "--page",
        type=Path,
        metavar="FILE",
        help="a page of the documentation in which the figures are to be renewed",
    )
    options = parser.parse_args(arguments)
    if options.page is not None and options.quick:
        parser.error("a page gets the figures of a whole run, not of a quick one")
    return options


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
