"""What files and folders of media are called.

Names are readable, keep the letters of every script, and are one harmless part of a path on
any file system, whatever a camera is called.
"""

from __future__ import annotations

from datetime import datetime
import re
import unicodedata

from homeassistant.util import dt as dt_util

from ..api import MediaCategory

# Of 255 bytes that most file systems allow; eCryptfs leaves 143.
_LONGEST_SLUG = 80
# Formatting characters and half characters, which neither show nor part words.
_UNWRITABLE = frozenset({"Cf", "Cs", "Co", "Cn"})
# Device names on Windows and its network shares, with any ending.
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])")
_FALLBACK = "camera"


def folder_name(camera_name: str) -> str:
    """Return the name of a camera's folder."""
    slug = _slug(camera_name)
    return f"{slug}-{_FALLBACK}" if _RESERVED.fullmatch(slug) else slug


def file_stem(start: datetime, camera_name: str, category: MediaCategory) -> str:
    """Return the name of a medium's file without its ending: local time, camera, kind."""
    time = dt_util.as_local(start).strftime("%Y-%m-%d_%H-%M-%S")
    return f"{time}_{_slug(camera_name)}_{category.lower()}"


def _slug(text: str) -> str:
    """Return a text in lower case, with all but letters and digits as hyphens."""
    slug = ""
    for character in unicodedata.normalize("NFKC", text).lower():
        category = unicodedata.category(character)
        in_word = slug and not slug.endswith("-")
        if category[0] in "LN" or (category[0] == "M" and in_word):
            slug += character
        elif in_word and category not in _UNWRITABLE:
            slug += "-"
    return _cut(slug).strip("-") or _FALLBACK


def _cut(text: str) -> str:
    """Return as much of the beginning as there is room for."""
    return text.encode()[:_LONGEST_SLUG].decode(errors="ignore")
