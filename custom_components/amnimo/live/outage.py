"""Waiting for the cloud to come back, once for all cameras.

While the API can't be reached, a start is never tried: whether it answers is asked with a
request that starts nothing. However many cameras wait, one of them asks.
"""

import asyncio

from ..api import AmnimoClient, AmnimoError, Lane
from .errors import is_outage
from .timing import Timing

# A question without an answer is better asked again: the service may be back since.
_PATIENCE = 8.0


class OutageWatch:
    """Tells all who wait when the API answers again."""

    def __init__(self, client: AmnimoClient, timing: Timing) -> None:
        """Begin with nobody waiting."""
        self._client = client
        self._timing = timing
        self._turn = asyncio.Lock()
        self._answered = 0

    async def wait(self, subscription_id: str, camera_id: str) -> bool:
        """Wait until the API answers; return whether it had been away.

        False means that it answered at the first question, so whatever failed before was not
        for want of the service.

        Args:
            subscription_id: UUID of the tenant's subscription.
            camera_id: UUID of the camera to ask for.

        """
        answered = self._answered
        away = False
        async with self._turn:
            if self._answered != answered:
                return True
            clock = asyncio.get_running_loop().time
            asked = clock()
            while not await self._answers(subscription_id, camera_id):
                away = True
                await asyncio.sleep(asked + self._timing.outage_probe - clock())
                asked = clock()
            if away:
                self._answered += 1
        return away

    async def _answers(self, subscription_id: str, camera_id: str) -> bool:
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._client.camera(
                    subscription_id, camera_id, with_urls=False, lane=Lane.LIVE
                )
        except TimeoutError:
            return False
        except AmnimoError as err:
            return not is_outage(err)
        return True
