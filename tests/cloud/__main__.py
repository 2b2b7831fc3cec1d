"""Run a simulated amnimo cloud on its own: ``python -m tests.cloud``.

Prints one JSON line with the address and the keys, then serves until it is ended.
"""

import argparse
import asyncio
import json
import signal
import sys

from .control import FAULTS_PATH, STATS_PATH, WORLD_PATH
from .dialects import DIALECTS
from .live_style import STYLE_WORDS
from .options import CloudOptions
from .server import SimulatedCloud


def main() -> int:
    """Run until SIGTERM or SIGINT; return the exit status."""
    try:
        options = _read_options()
        asyncio.run(_serve(options))
    except (ValueError, OSError) as err:
        print(f"simulated cloud: {err}", file=sys.stderr)
        return 1
    return 0


def _read_options() -> CloudOptions:
    defaults = CloudOptions()
    parser = argparse.ArgumentParser("python -m tests.cloud", description=__doc__)
    parser.add_argument("--host", default=defaults.host)
    parser.add_argument("--port", type=int, default=8765, help="0 takes a free one")
    parser.add_argument("--tenants", type=int, default=defaults.tenants)
    parser.add_argument("--cameras", type=int, default=defaults.cameras)
    parser.add_argument("--devices", type=int, default=defaults.devices)
    parser.add_argument("--dialect", choices=DIALECTS, default=defaults.dialect)
    parser.add_argument(
        "--live-style",
        default=defaults.live_style,
        help=f"words of {', '.join(STYLE_WORDS)}, joined with +",
    )
    parser.add_argument("--latency-ms", type=float, default=defaults.latency_ms)
    parser.add_argument("--token-seconds", type=int, default=defaults.token_seconds)
    parser.add_argument("--seed", type=int, default=defaults.seed)
    parser.add_argument("--start-seconds", type=float, default=defaults.start_seconds)
    parser.add_argument("--port-seconds", type=float, default=defaults.port_seconds)
    parser.add_argument("--segment-seconds", type=int, default=defaults.segment_seconds)
    return CloudOptions(**vars(parser.parse_args()))


async def _serve(options: CloudOptions) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    async with SimulatedCloud(options) as cloud:
        access = {
            "url": cloud.url,
            "client_id": cloud.client_id,
            "client_secret": cloud.client_secret,
            "account_id": cloud.account_id,
            "stats_url": cloud.origin + STATS_PATH,
            "faults_url": cloud.origin + FAULTS_PATH,
            "world_url": cloud.origin + WORLD_PATH,
        }
        print(json.dumps(access), flush=True)
        await ended.wait()


if __name__ == "__main__":
    sys.exit(main())
