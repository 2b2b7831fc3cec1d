"""What HLS streams can be like (RFC 8216, and its second edition for low latency).

Owns the switches and the words that set them; each switch is about one thing, and all
but those that exclude each other combine. Knows nothing of how a stream is served.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final


class Container(StrEnum):
    """What the segments of a stream are."""

    MPEG_TS = "mpegts"
    FRAGMENTED_MP4 = "mp4"


class AfterEnd(StrEnum):
    """What becomes of a live playlist when the upload has ended.

    It stays as it is, or gets an ``EXT-X-ENDLIST``, or is gone (404) after half a minute.
    """

    FROZEN = "frozen"
    ENDLIST = "endlist"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveStyle:
    """What a cloud's HLS streams are like; raises ValueError for what excludes each other.

    With ``master``, the URL is of a master playlist with two variants, and with ``audio``
    a third one of sound alone; ``separate_audio`` takes the sound out of the others.
    ``suffix`` ends the names of segments; it may be empty.

    With ``event``, live playlists keep all segments. ``byte_ranges`` puts all segments of
    a rendition into one file. With ``encrypted``, segments are encrypted with AES-128,
    under the IV that follows from their numbers unless there is an ``explicit_iv``.
    ``low_latency`` adds parts of segments, blocking reloads and, for those who ask,
    playlists that skip.

    ``absolute_urls`` writes whole URLs instead of relative ones. With
    ``fresh_signatures``, each playlist is signed anew and for half a minute only. With
    ``redirects``, every request is led to the other of two ports. ``gzip`` packs playlists
    for those who accept it.
    """

    container: Container = Container.MPEG_TS
    master: bool = False
    audio: bool = False
    separate_audio: bool = False
    program_date_time: bool = False
    suffix: str = ".ts"
    event: bool = False
    byte_ranges: bool = False
    encrypted: bool = False
    explicit_iv: bool = False
    low_latency: bool = False
    absolute_urls: bool = False
    fresh_signatures: bool = False
    redirects: bool = False
    gzip: bool = False
    after_end: AfterEnd = AfterEnd.FROZEN

    def __post_init__(self) -> None:
        """Refuse what no server could mean."""
        if self.low_latency and self.encrypted:
            raise ValueError("parts of segments can't be decrypted on their own")
        if self.separate_audio and not (self.audio and self.master):
            raise ValueError("separate sound needs sound and a master playlist")

    @property
    def is_fragmented(self) -> bool:
        """Whether segments need an initialization section."""
        return self.container is Container.FRAGMENTED_MP4


STYLE_WORDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "mpegts": {"container": Container.MPEG_TS, "suffix": ".ts"},
    "fmp4": {"container": Container.FRAGMENTED_MP4, "suffix": ".m4s"},
    "extensionless": {"suffix": ""},
    "master": {"master": True},
    "sound": {"audio": True},
    "separate-sound": {"master": True, "audio": True, "separate_audio": True},
    "dates": {"program_date_time": True},
    "event": {"event": True},
    "byte-ranges": {"byte_ranges": True},
    "encrypted": {"encrypted": True},
    "explicit-iv": {"encrypted": True, "explicit_iv": True},
    "low-latency": {"low_latency": True},
    "absolute-urls": {"absolute_urls": True},
    "fresh-signatures": {"fresh_signatures": True},
    "redirects": {"redirects": True},
    "gzip": {"gzip": True},
    "frozen": {"after_end": AfterEnd.FROZEN},
    "endlist": {"after_end": AfterEnd.ENDLIST},
    "gone": {"after_end": AfterEnd.GONE},
}
"""What each word changes; see ``LiveStyle``."""


def restyled(style: LiveStyle, words: str) -> LiveStyle:
    """Return a style with what some words change, the later ones last.

    The words are joined by ``+``, as in ``fmp4+byte-ranges``; without any, nothing
    changes. Raises ValueError for a word that is none.
    """
    changes: dict[str, Any] = {}
    for word in filter(None, words.split("+")):
        if word not in STYLE_WORDS:
            raise ValueError(f"the words of live styles are {', '.join(STYLE_WORDS)}")
        changes |= STYLE_WORDS[word]
    return replace(style, **changes)
