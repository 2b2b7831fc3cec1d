"""Which messages belong to a negotiation of WebRTC."""

import pytest

from tests.e2e.signals import signals_of


@pytest.mark.parametrize(
    ("message", "named"),
    [
        ({"id": 7, "type": "camera/webrtc/offer", "offer": "v=0"}, ("offers",)),
        (
            {"id": 7, "type": "event", "event": {"type": "answer", "answer": "v=0"}},
            ("answers",),
        ),
        (
            {"id": 7, "type": "event", "event": {"type": "candidate", "candidate": {}}},
            ("candidates",),
        ),
        (
            {"id": 7, "type": "event", "event": {"type": "error", "code": "x"}},
            ("errors",),
        ),
        ({"id": 7, "type": "event", "event": {"type": "session"}}, ()),
        ({"id": 7, "type": "event", "event": {"a": {}, "c": {}}}, ()),
        ({"id": 7, "type": "event", "event": None}, ()),
        ({"id": 7, "type": "result", "success": True}, ()),
        ("pong", ()),
    ],
)
def test_messages_are_told_apart(message: object, named: tuple[str, ...]) -> None:
    assert tuple(signals_of(message)) == named
