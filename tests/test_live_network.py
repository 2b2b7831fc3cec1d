"""However Home Assistant is reached from outside, its own stream reaches the cameras.

The certificate is for another name, the port is any, the address may be one of several: that's
between Home Assistant and those who look at it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
import socket
import ssl
from typing import Any

import aiohttp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import pytest_socket

from homeassistant.components.http.config import HTTP_STORAGE_SCHEMA
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.setup import async_setup_component

from .cloud import CloudOptions, SimulatedCloud
from .cloud.world import Camera, Storage
from .entities import entity_id
from .estate import Estate
from .watching import HomeViewer, assert_moves, everybody_leaves, shorten

LOCALHOST = "127.0.0.1"
ONE_OF_SEVERAL = "127.0.0.2"
NAME = "home.example.org"


@pytest.fixture(autouse=True)
def disable_http_server() -> None:
    """Let Home Assistant's own server run, which it does not in other tests."""


@pytest.fixture(autouse=True)
def _both_addresses(_real_world: None) -> Iterator[None]:
    """Let everybody reach the second address of this machine, too."""
    pytest_socket.socket_allow_hosts([LOCALHOST, ONE_OF_SEVERAL])
    yield
    pytest_socket.socket_allow_hosts([LOCALHOST])


@pytest.fixture
def cloud_options() -> CloudOptions:
    """Return a cloud whose devices still have some seconds of video when asked."""
    return CloudOptions(start_seconds=0, preroll_segments=6)


@pytest.fixture
def camera(estate: Estate, monkeypatch: pytest.MonkeyPatch) -> Camera:
    """Return a camera whose device sends only on demand."""
    shorten(monkeypatch)
    return next(
        camera
        for camera in estate.cameras.values()
        if camera.storage is Storage.EDGE and camera.online
    )


@pytest.fixture
def port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as found:
        found.bind((LOCALHOST, 0))
        number: int = found.getsockname()[1]
        return number


@pytest.fixture
def certificate(tmp_path: Path) -> dict[str, str]:
    """Return a certificate that only its maker trusts, as the configuration of a server.

    Who connects must show one from the same maker.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    certificate_file = tmp_path / "certificate.pem"
    certificate_file.write_bytes(made.public_bytes(pem))
    key_file = tmp_path / "key.pem"
    key_file.write_bytes(
        key.private_bytes(
            pem,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return {
        "ssl_certificate": str(certificate_file),
        "ssl_peer_certificate": str(certificate_file),
        "ssl_key": str(key_file),
    }


@pytest.fixture
def serve(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    set_up: Callable[[], Awaitable[MockConfigEntry]],
) -> Callable[[dict[str, Any]], Awaitable[None]]:
    """Return what starts Home Assistant with a server of its own and the account."""

    async def start(http: dict[str, Any]) -> None:
        hass_storage["http"] = {
            "version": 2,
            "minor_version": 2,
            "key": "http",
            "data": {
                "stable": HTTP_STORAGE_SCHEMA(http),
                "pending": None,
                "yaml_migration_done": True,
            },
        }
        hass.set_state(CoreState.not_running)
        assert await async_setup_component(hass, "http", {})
        assert await async_setup_component(hass, "websocket_api", {})
        await set_up()
        await hass.async_start()

    return start


async def watch_there(
    url: str, token: str, entity: str, tls: ssl.SSLContext | None = None
) -> None:
    """Open a camera's picture as a browser does that knows the way to Home Assistant."""
    connector = aiohttp.TCPConnector(ssl=tls or True)
    async with aiohttp.ClientSession(url, connector=connector) as http:
        async with http.ws_connect("/api/websocket") as frontend:
            await frontend.receive_json()
            await frontend.send_json({"type": "auth", "access_token": token})
            assert (await frontend.receive_json())["type"] == "auth_ok"
            await frontend.send_json(
                {"id": 1, "type": "camera/stream", "entity_id": entity}
            )
            answer = await frontend.receive_json()
        assert answer["success"], answer
        viewer = await HomeViewer(http, answer["result"]["url"]).open()
        assert_moves(await viewer.footage(1))


async def test_behind_tls_for_another_name_and_for_known_clients_only(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
    serve: Callable[[dict[str, Any]], Awaitable[None]],
    certificate: dict[str, str],
    port: int,
    hass_access_token: str,
) -> None:
    """Home Assistant's stream needs neither to trust the certificate nor to show one."""
    await serve({"server_host": [LOCALHOST], "server_port": port, **certificate})
    tls = ssl.create_default_context(cafile=certificate["ssl_certificate"])
    tls.load_cert_chain(certificate["ssl_certificate"], certificate["ssl_key"])
    url = f"https://{LOCALHOST}:{port}"
    entity = entity_id(hass, "camera", camera.id)
    # A person may look past that the name is another.
    tls.check_hostname = False
    await watch_there(url, hass_access_token, entity, tls)
    assert cloud.stats.streams_started == 1
    await everybody_leaves(hass, cloud)


async def test_bound_to_one_address_and_another_port(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    camera: Camera,
    serve: Callable[[dict[str, Any]], Awaitable[None]],
    port: int,
    hass_access_token: str,
) -> None:
    """Home Assistant does not answer on 127.0.0.1, and its stream plays all the same."""
    await serve({"server_host": [ONE_OF_SEVERAL], "server_port": port})
    entity = entity_id(hass, "camera", camera.id)
    with pytest.raises(aiohttp.ClientConnectorError):
        await watch_there(f"http://{LOCALHOST}:{port}", hass_access_token, entity)
    assert cloud.stats.streams_started == 0

    await watch_there(f"http://{ONE_OF_SEVERAL}:{port}", hass_access_token, entity)
    assert cloud.stats.streams_started == 1
    await everybody_leaves(hass, cloud)
