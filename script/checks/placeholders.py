"""What texts leave open: the names in braces."""

from __future__ import annotations

import string


def placeholders(text: str) -> set[str] | None:
    """Return the names in braces; None if the braces do not match."""
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}
    except ValueError:
        return None
