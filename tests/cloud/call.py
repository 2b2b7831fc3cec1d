"""A call of the API by a known client.

Owns how the path of a request becomes an object of the world, and who may see it: 400 for
an ID that is none, 403 for somebody else's thing, 404 for what does not exist.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from aiohttp import web

from .backend import Backend
from .media import Media
from .parameters import Body, Query, read_uuid
from .refusals import DeviceFailureError, ForbiddenError, NotFoundError
from .world import Camera, Client, Device, Port, Tenant


@dataclass(frozen=True, slots=True)
class Call:
    """One request, and what it is about."""

    backend: Backend
    request: web.Request
    client: Client

    def account(self) -> Tenant:
        """Return the tenant of the account in the path."""
        account_id = self._uuid("accountId")
        return self._visible(self.backend.world.tenant_of_account(account_id))

    def tenant(self) -> Tenant:
        """Return the tenant of the subscription in the path."""
        subscription_id = self._uuid("subscriptionId")
        tenant = self._visible(self.backend.world.tenants.get(subscription_id))
        if tenant.forbidden:
            raise ForbiddenError("the client has no permission for that")
        return tenant

    def camera(self) -> Camera:
        """Return the camera in the path."""
        tenant, camera_id = self.tenant(), self._uuid("cameraId")
        return _owned(self.backend.world.cameras.get(camera_id), tenant, "camera")

    def device(self) -> Device:
        """Return the device in the path; raises DeviceFailureError if it is out of order."""
        tenant, device_id = self.tenant(), self._uuid("deviceId")
        device = _owned(self.backend.world.devices.get(device_id), tenant, "device")
        if device.failing:
            raise DeviceFailureError("the device does not answer")
        return device

    def port(self) -> Port:
        """Return the port in the path."""
        port = self.device().ports.get(self.request.match_info["portId"])
        if port is None:
            raise NotFoundError("there is no such port")
        return port

    def media(self) -> Media:
        """Return the clip or snapshot in the path."""
        tenant = self.tenant()
        return _owned(
            self.backend.media.find(self.request.match_info["mediaId"]), tenant, "media"
        )

    @contextmanager
    def query(self) -> Iterator[Query]:
        """Read the query; what was not read by the end is refused."""
        query = Query(self.request.query)
        yield query
        query.finish()

    def refuse_query(self) -> None:
        """Refuse a query altogether."""
        Query(self.request.query).finish()

    @asynccontextmanager
    async def body(self) -> AsyncIterator[Body]:
        """Read the JSON body; what was not read by the end is refused."""
        body = Body.parse(self.request.content_type, await self.request.read())
        yield body
        body.finish()

    def _uuid(self, name: str) -> str:
        return read_uuid(name, self.request.match_info[name])

    def _visible(self, tenant: Tenant | None) -> Tenant:
        if tenant is None or not self.client.may_see(tenant):
            raise ForbiddenError("the client may not see that")
        return tenant


def _owned[T: (Camera, Device, Media)](found: T | None, tenant: Tenant, what: str) -> T:
    """Return what was found, if it is there and the tenant's."""
    if found is None:
        raise NotFoundError(f"there is no such {what}")
    if found.tenant is not tenant:
        raise ForbiddenError(f"the {what} is another tenant's")
    return found
