"""A home with the integration, to which one speaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeassistant.core import HomeAssistant

# The same home as that of the actions: its time passes as tests like.
from tests.actions.conftest import camera, edge_camera, media_folder, passage
from tests.estate import Estate
from tests.media.passage import Passage

from .assist import Assist

__all__ = ["assist", "camera", "edge_camera", "media_folder", "passage"]


@pytest.fixture
def config_dir(tmp_path: Path) -> Path:
    """Return a configuration folder without anything in it."""
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "configuration.yaml").touch()
    return folder


@pytest.fixture
async def assist(
    hass: HomeAssistant, passage: Passage, estate: Estate, config_dir: Path
) -> Assist:
    """Return a home to which one speaks."""
    home = Assist(hass, passage, estate)
    await home.prepare(config_dir)
    return home
