"""The service's own live video, asked for by hand: with nothing of the integration between.

Owns the few requests that a start and a stop take (API document, section 4. 映像再生), in the
names that the simulated cloud has by default.
"""

from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from tests.demo.simulated_cloud import Credentials

from .cameras import Camera

# So long that nobody has to extend it while something is measured.
_KEEP_ALIVE_SECONDS: Final = 600


@dataclass(frozen=True, slots=True)
class Started:
    """A stream that was started: what it is stopped by, and its playlist."""

    request_id: str
    url: str


class Upstream:
    """Starts and stops streams, all with one access token."""

    def __init__(self, http: aiohttp.ClientSession, credentials: Credentials) -> None:
        """Begin without a token."""
        self._http = http
        self._credentials = credentials
        self._token: str | None = None

    async def log_in(self) -> None:
        """Get the token, which no measurement is to wait for."""
        known = self._credentials
        async with self._http.post(
            f"{known.url}/oauth2/token",
            auth=aiohttp.BasicAuth(known.client_id, known.client_secret),
            data={"grant_type": "client_credentials"},
        ) as response:
            response.raise_for_status()
            self._token = (await response.json())["access_token"]

    async def start(self, camera: Camera) -> Started:
        """Start live video of a camera of the cloud's world."""
        query = {"dt": "live", "keepAlivePeriod": _KEEP_ALIVE_SECONDS}
        answer = await self._get(camera, "start", query)
        return Started(answer["requestId"], answer["url"])

    async def stop(self, camera: Camera, started: Started) -> None:
        """Stop it."""
        await self._get(camera, "stop", {"requestId": started.request_id})

    async def _get(
        self, camera: Camera, call: str, query: dict[str, Any]
    ) -> dict[str, Any]:
        async with self._http.get(
            f"{self._credentials.url}/partitions/{camera.subscription_id}"
            f"/cameras/{camera.id}/streams/hls/{call}",
            params=query,
            headers={"Authorization": f"Bearer {self._token}"},
        ) as response:
            response.raise_for_status()
            answer: dict[str, Any] = await response.json()
            return answer
