"""All that is measured of voice."""

from collections.abc import AsyncIterator
from typing import Final

from tests.bench.bench import Bench
from tests.bench.household import household
from tests.bench.report import Result
from tests.demo.simulated_cloud import Size

from . import answer, understood
from .home import furnish

_SIZE: Final = Size(tenants=3, cameras=16, devices=4)


async def run(bench: Bench) -> AsyncIterator[Result]:
    """Measure one thing after the other; give each result when it is there."""
    async with household(bench.folder, _SIZE) as house:
        await furnish(house)
        yield await understood.run(house)
        yield await answer.run(house, quick=bench.quick)
