"""What media need to know of a camera: what was last listed of it, and whose it is."""

from __future__ import annotations

from typing import Protocol

from ..api import Camera


class Located(Protocol):
    """A camera and the subscription of its tenant."""

    @property
    def camera(self) -> Camera:
        """The camera as it was last listed."""

    @property
    def subscription_id(self) -> str:
        """What names the tenant in every call."""
