"""What a user finds in the log."""

import logging

import pytest


def tracebacks(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the messages that came with a traceback; details for debugging don't count."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.exc_info and record.levelno > logging.DEBUG
    ]
