"""What the tests of the client share: no Home Assistant, but real sockets."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _real_world(socket_enabled: None) -> None:
    """Let the client reach 127.0.0.1; there is no Home Assistant here to prepare."""
