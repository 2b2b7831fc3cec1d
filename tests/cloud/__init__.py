"""The simulated amnimo cloud: a strict, faithful stand-in for the real service.

It answers every request of the API document (1.7.0) with its rate limit, its quota and
its refusals, sends live video that is really encoded, and keeps a world that tests
arrange. Start it with ``python -m tests.cloud``, or in a test:

    async with SimulatedCloud(CloudOptions(cameras=3)) as cloud:
        ...  # cloud.url, cloud.client_id, cloud.world, cloud.clock, cloud.stats

Needs aiohttp, cryptography, PyAV, Pillow and NumPy; knows nothing of Home Assistant.
"""

from .clock_strip import ClockUnreadableError, read_clock
from .dialects import DIALECTS
from .endpoints import Endpoint
from .faults import ANY_ENDPOINT, FOREVER, FaultKind
from .options import CloudOptions, MediaPace
from .server import SimulatedCloud

__all__ = [
    "ANY_ENDPOINT",
    "DIALECTS",
    "FOREVER",
    "ClockUnreadableError",
    "CloudOptions",
    "Endpoint",
    "FaultKind",
    "MediaPace",
    "SimulatedCloud",
    "read_clock",
]
