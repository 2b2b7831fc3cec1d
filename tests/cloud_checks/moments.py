"""Times as the API wants them."""

from datetime import UTC, datetime


def wire(moment: float) -> str:
    """Write epoch seconds as ``yyyy-mm-ddTHH:MM:SS.SSSZ``."""
    written = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    return written.replace("+00:00", "Z")


def read(text: str) -> float:
    """Return the epoch seconds of a time with an offset."""
    return datetime.fromisoformat(text).timestamp()
