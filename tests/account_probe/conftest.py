"""A simulated cloud for the probe: real sockets, no Home Assistant."""

from __future__ import annotations

import pytest

from tests.cloud import CloudOptions


@pytest.fixture(autouse=True)
def _real_world(socket_enabled: None) -> None:
    """Let the probe reach 127.0.0.1; there is no Home Assistant here to prepare."""


@pytest.fixture
def dialect() -> str:
    """Return how the cloud spells what is not documented."""
    return "default"


@pytest.fixture
def cloud_options(dialect: str) -> CloudOptions:
    """Return a small cloud in which nothing takes time."""
    return CloudOptions(
        dialect=dialect, tenants=2, cameras=4, devices=2, start_seconds=0
    )
