"""What frontend and Home Assistant say to each other to negotiate WebRTC. Pure."""

from collections.abc import Sequence
from typing import Any


def signals_of(message: Any) -> Sequence[str]:
    """Name what a message between frontend and Home Assistant is of a negotiation."""
    if not isinstance(message, dict):
        return ()
    kind = message.get("type")
    if kind == "camera/webrtc/offer":
        return ("offers",)
    event = message.get("event")
    if kind != "event" or not isinstance(event, dict):
        return ()
    return {
        "answer": ("answers",),
        "candidate": ("candidates",),
        "error": ("errors",),
    }.get(str(event.get("type")), ())
