"""What these tests do without."""

import pytest


@pytest.fixture
def enable_custom_integrations() -> None:
    """Set no Home Assistant up for a test that has nothing to do with it."""
