"""The command `script/probe`."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
import getpass
import json
import os
from pathlib import Path
import sys

import aiohttp

from custom_components.amnimo.api import API_URL, AmnimoClient

from .questions import Answer, Probe
from .report import heading, summary, tell

_MANIFEST = Path("custom_components/amnimo/manifest.json")
_INTERRUPTED = 130
"""What shells say of a command that Ctrl-C has ended."""


def main() -> int:
    """Run the probe; return 0 where all was understood."""
    arguments = _arguments()
    output: Path | None = arguments.output
    try:
        credentials = [
            _credential("AMNIMO_CLIENT_ID", "Client ID", secret=False),
            _credential("AMNIMO_CLIENT_SECRET", "Client secret", secret=True),
            _credential("AMNIMO_ACCOUNT_ID", "Account ID", secret=False),
        ]
    except EOFError, KeyboardInterrupt:
        return _stop(
            "set AMNIMO_CLIENT_ID, AMNIMO_CLIENT_SECRET and AMNIMO_ACCOUNT_ID,"
            " or type them when asked."
        )
    if output is not None:
        try:
            # Before a token is spent on what can't be kept.
            output.open("a").close()
        except OSError as err:
            return _stop(f"{output} can't be written: {err.strerror}.")
    version = json.loads(_MANIFEST.read_text("utf-8"))["version"]
    lines = [heading(version, datetime.now(UTC).strftime("%Y-%m-%d"))]
    try:
        answers = asyncio.run(_probe(arguments, credentials, lines))
    except KeyboardInterrupt:
        return _stop("stopped.", _INTERRUPTED)
    if output is not None:
        output.write_text("\n".join(lines) + "\n", "utf-8")
    return 0 if all(answer.understood for answer in answers) else 1


def _stop(sentence: str, status: int = 2) -> int:
    """Say why there is no report, and return the exit status."""
    print(f"probe: {sentence}", file=sys.stderr)
    return status


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/probe",
        description="Asks a real amnimo account everything that can be read, and tells"
        " what was understood of it. Changes nothing; costs one access token.",
        epilog="Credentials are taken from AMNIMO_CLIENT_ID, AMNIMO_CLIENT_SECRET and"
        " AMNIMO_ACCOUNT_ID, or asked for.",
    )
    parser.add_argument(
        "--live",
        action="store_true",
        help="also start a live stream of one camera for some seconds",
    )
    parser.add_argument(
        "--tenants",
        type=int,
        default=3,
        metavar="N",
        help="ask about the cameras and devices of the first N tenants (3)",
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="write it there too"
    )
    parser.add_argument("--api-url", default=API_URL, help=f"({API_URL})")
    return parser.parse_args()


def _credential(variable: str, prompt: str, *, secret: bool) -> str:
    """Return a credential; never by the command line, which others can read."""
    given = os.environ.get(variable, "").strip()
    if given:
        return given
    if not secret:
        # Not to standard output: that is the report.
        print(f"{prompt}: ", end="", file=sys.stderr, flush=True)
        return input().strip()
    return getpass.getpass(f"{prompt}: ").strip()


async def _probe(
    arguments: argparse.Namespace, credentials: Sequence[str], lines: list[str]
) -> list[Answer]:
    """Ask, print and add to the lines what came back; return the answers."""
    client_id, client_secret, account_id = credentials
    print(lines[0], flush=True)
    answers: list[Answer] = []
    async with aiohttp.ClientSession() as http:
        client = AmnimoClient(http, client_id, client_secret, api_url=arguments.api_url)
        probe = Probe(client, http, most_tenants=arguments.tenants, live=arguments.live)
        try:
            async for answer in probe.run(account_id):
                answers.append(answer)
                lines.append("\n".join(tell(answer)))
                print(lines[-1], flush=True)
        finally:
            await client.close()
    lines.append(summary(answers))
    print(lines[-1])
    return answers
