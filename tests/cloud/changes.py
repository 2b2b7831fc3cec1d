"""Changes to the world by name, for those who arrange it from another process.

Owns what the control API understands: each change names itself in ``change`` and brings
the keys that its function reads here.
"""

from collections.abc import Callable
from typing import Final

from .backend import Backend
from .parameters import Body
from .refusals import NotFoundError
from .templates import Json
from .world import Camera, Device, Port, Tenant

type Change = Callable[[Backend, Body], Json]


def change_world(backend: Backend, wanted: Body) -> Json:
    """Make a change; raises BadRequestError or NotFoundError."""
    name = wanted.word("change", tuple(_CHANGES))
    return _CHANGES[name](backend, wanted)


def _advance(backend: Backend, wanted: Body) -> Json:
    backend.clock.advance(wanted.number("seconds", 0))
    return {"now": backend.clock.now()}


def _camera_online(backend: Backend, wanted: Body) -> Json:
    _camera(backend, wanted).online = wanted.boolean("online")
    return {}


def _recording_gap(backend: Backend, wanted: Body) -> Json:
    start, end = wanted.number("start", 0), wanted.number("end", 0)
    _camera(backend, wanted).add_gap(start, end)
    return {}


def _add_camera(backend: Backend, wanted: Body) -> Json:
    tenant = _tenant(backend, wanted)
    camera = backend.world.add_camera(tenant, wanted.string("name", 1, 200))
    return {"camera_id": camera.id}


def _add_bare_camera(backend: Backend, wanted: Body) -> Json:
    return {"camera_id": backend.world.add_bare_camera(_tenant(backend, wanted)).id}


def _remove_camera(backend: Backend, wanted: Body) -> Json:
    backend.world.remove_camera(_camera(backend, wanted))
    return {}


def _move_camera(backend: Backend, wanted: Body) -> Json:
    backend.world.move_camera(_camera(backend, wanted), _tenant(backend, wanted))
    return {}


def _forbid_tenant(backend: Backend, wanted: Body) -> Json:
    """Take the permission for a tenant from the client, or give it back."""
    _tenant(backend, wanted).forbidden = wanted.boolean("forbidden")
    return {}


def _remove_tenant(backend: Backend, wanted: Body) -> Json:
    backend.world.remove_tenant(_tenant(backend, wanted))
    return {}


def _renew_secret(backend: Backend, wanted: Body) -> Json:
    """Give a client another secret; the old one, and all tokens, are good no more."""
    client = _known(backend.world.clients, wanted, "client_id")
    client.secret = backend.world.new_secret()
    backend.tokens.revoke_all()
    return {"client_secret": client.secret}


def _add_client(backend: Backend, wanted: Body) -> Json:
    """Issue a client ID for the account of a tenant."""
    client = backend.world.add_client(_tenant(backend, wanted))
    return {"client_id": client.client_id, "client_secret": client.secret}


def _media_size(backend: Backend, wanted: Body) -> Json:
    media = backend.media.find(wanted.string("media_id", 1, 64))
    if media is None:
        raise NotFoundError("media_id is unknown")
    media.size = wanted.integer("bytes", media.size, 2**32 - 1)
    backend.studio.discard_file(media.id)
    return {}


def _making_seconds(backend: Backend, wanted: Body) -> Json:
    """Say how long clips and snapshots take that are asked for from now on."""
    backend.media.making_seconds = wanted.number("seconds", 0)
    return {}


def _add_clips(backend: Backend, wanted: Body) -> Json:
    """Let a camera have had clips made, one every so many seconds up to now."""
    camera = _camera(backend, wanted)
    every = wanted.number("every_seconds", 1)
    now = backend.clock.now()
    for number in range(1, wanted.integer("count", 1, 100_000) + 1):
        asked = now - number * every
        name = f"Clip {number}"
        backend.media.create_clip(camera, asked - 20, asked - 10, name, asked)
    return {}


def _network_pace(backend: Backend, wanted: Body) -> Json:
    backend.network_pace = wanted.number("bytes_a_second", 0)
    return {}


def _device_failing(backend: Backend, wanted: Body) -> Json:
    _device(backend, wanted).failing = wanted.boolean("failing")
    return {}


def _port_set(backend: Backend, wanted: Body) -> Json:
    _port(backend, wanted).set(wanted.boolean("on"))
    return {}


def _port_stuck(backend: Backend, wanted: Body) -> Json:
    _port(backend, wanted).stuck = wanted.boolean("stuck")
    return {}


_CHANGES: Final[dict[str, Change]] = {
    "advance": _advance,
    "camera_online": _camera_online,
    "recording_gap": _recording_gap,
    "add_camera": _add_camera,
    "add_bare_camera": _add_bare_camera,
    "remove_camera": _remove_camera,
    "move_camera": _move_camera,
    "forbid_tenant": _forbid_tenant,
    "remove_tenant": _remove_tenant,
    "renew_secret": _renew_secret,
    "add_client": _add_client,
    "media_size": _media_size,
    "making_seconds": _making_seconds,
    "add_clips": _add_clips,
    "network_pace": _network_pace,
    "device_failing": _device_failing,
    "port_set": _port_set,
    "port_stuck": _port_stuck,
}


def _tenant(backend: Backend, wanted: Body) -> Tenant:
    return _known(backend.world.tenants, wanted, "subscription_id")


def _camera(backend: Backend, wanted: Body) -> Camera:
    return _known(backend.world.cameras, wanted, "camera_id")


def _device(backend: Backend, wanted: Body) -> Device:
    return _known(backend.world.devices, wanted, "device_id")


def _port(backend: Backend, wanted: Body) -> Port:
    return _known(_device(backend, wanted).ports, wanted, "port_id")


def _known[T](things: dict[str, T], wanted: Body, key: str) -> T:
    """Return the thing whose ID is under a key."""
    if (thing := things.get(wanted.string(key, 1, 64))) is None:
        raise NotFoundError(f"{key} is unknown")
    return thing
