"""All that is measured of clips and snapshots."""

from collections.abc import AsyncIterator
from typing import Final

from tests.bench.bench import Bench
from tests.bench.household import household
from tests.bench.report import Result
from tests.demo.simulated_cloud import Size

from . import month, requests_a_clip, transfers

_SIZE: Final = Size(tenants=1, cameras=4, devices=2)


async def run(bench: Bench) -> AsyncIterator[Result]:
    """Measure one thing after the other; give each result when it is there."""
    yield await requests_a_clip.run(bench.folder, quick=bench.quick)
    async with household(bench.folder, _SIZE) as house:
        yield await month.run(house, quick=bench.quick)
        yield await transfers.run(house, quick=bench.quick)
