"""A caller of the simulated cloud: an HTTP client that signs in and asserts statuses."""

from collections.abc import Mapping
from typing import Any

import aiohttp

from tests.cloud import SimulatedCloud
from tests.cloud.world import Camera, Client, Device, Tenant


class Caller:
    """Calls one cloud in the name of one client."""

    def __init__(
        self, cloud: SimulatedCloud, session: aiohttp.ClientSession, client: Client
    ) -> None:
        """Call without a token until ``sign_in``."""
        self.cloud = cloud
        self.session = session
        self.client = client
        self.headers: dict[str, str] = {}

    @property
    def tenant(self) -> Tenant:
        """The client's own tenant."""
        return self.client.accounts[0]

    async def token(self) -> str:
        """Get an access token."""
        secret = aiohttp.encode_basic_auth(self.client.client_id, self.client.secret)
        answer = await self.fetch(
            "POST",
            f"{self.cloud.url}/oauth2/token",
            data={"grant_type": "client_credentials"},
            headers={"Authorization": secret},
        )
        token: str = answer["access_token"]
        return token

    async def sign_in(self) -> None:
        """Get an access token and use it from now on."""
        self.headers = {"Authorization": f"Bearer {await self.token()}"}

    async def get(
        self, path: str, params: Mapping[str, Any] | None = None, *, status: int = 200
    ) -> Any:
        """Get something of the API."""
        return await self.call("GET", path, params=params, status=status)

    async def post(self, path: str, body: Any, *, status: int = 200) -> Any:
        """Post JSON to the API."""
        return await self.call("POST", path, json=body, status=status)

    async def call(
        self, method: str, path: str, *, status: int = 200, **request: Any
    ) -> Any:
        """Call the API; return the JSON, or the text of a refusal."""
        url = self.cloud.url + path
        return await self.fetch(
            method, url, headers=self.headers, status=status, **request
        )

    async def fetch(
        self, method: str, url: str, *, status: int = 200, **request: Any
    ) -> Any:
        """Request any URL; return its JSON where it has some, or its text."""
        async with self.session.request(method, url, **request) as response:
            text = await response.text()
            assert response.status == status, f"{response.status}: {text}"
            if response.ok and response.content_type == "application/json":
                return await response.json()
            return text

    async def content(self, url: str, **request: Any) -> bytes:
        """Get the bytes behind a URL."""
        async with self.session.get(url, **request) as response:
            assert response.ok, response.status
            return await response.read()


def in_tenant(tenant: Tenant) -> str:
    """Return the path of a tenant."""
    return f"/partitions/{tenant.subscription_id}"


def of_camera(camera: Camera) -> str:
    """Return the path of a camera."""
    return f"{in_tenant(camera.tenant)}/cameras/{camera.id}"


def of_device(device: Device) -> str:
    """Return the path of a device."""
    return f"{in_tenant(device.tenant)}/devices/{device.id}"
