"""What the tests of the benchmarks' own parts need: no Home Assistant."""

import pytest


@pytest.fixture(autouse=True)
def _real_world(socket_enabled: None) -> None:
    """Let programs talk to themselves."""
