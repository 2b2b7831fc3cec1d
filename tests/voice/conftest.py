"""A home with the integration, to which one speaks."""

from __future__ import annotations

# The same home as that of the actions: its time passes as tests like.
from tests.actions.conftest import camera, edge_camera, media_folder, passage

__all__ = ["camera", "edge_camera", "media_folder", "passage"]
