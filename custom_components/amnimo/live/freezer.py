"""What a camera's viewers were sent last, kept for the time when nothing more comes.

Owns the beginning of the newest segment, as it was sent. A picture is looked for in it only
when one is needed.
"""

from .freeze import FrozenPicture
from .freeze_mp4 import FrozenMp4
from .freeze_ts import FrozenTs
from .timeline import Entry

# A segment begins with a picture that needs no other; one of 4K has 1 MB at most.
_LONGEST_HEAD = 2 * 1024 * 1024


class Head:
    """The beginning of one segment, on its way to a viewer."""

    def __init__(self, entry: Entry) -> None:
        """Begin with nothing sent."""
        self.entry = entry
        self.is_whole = False
        """Whether the segment was sent to its end."""
        self._parts: list[bytes] = []
        self._length = 0

    def add(self, chunk: bytes) -> None:
        """Take what is sent next; what follows the beginning is not kept."""
        if self._length < _LONGEST_HEAD:
            self._parts.append(chunk)
            self._length += len(chunk)

    @property
    def content(self) -> bytes:
        """What was sent."""
        return b"".join(self._parts)


class Freezer:
    """The newest picture of a camera."""

    def __init__(self) -> None:
        """Begin without one."""
        self._head: Head | None = None
        self._looked = False
        self._picture: FrozenPicture | None = None

    def head(self, entry: Entry) -> Head | None:
        """Return what takes the beginning of a segment; None where that is not needed."""
        return Head(entry) if self._is_newer(entry) else None

    def keep(self, head: Head) -> None:
        """Keep a segment that was sent, unless a newer one was sent meanwhile."""
        if head.is_whole and self._is_newer(head.entry):
            self._head = head
            self._looked = False

    def _is_newer(self, entry: Entry) -> bool:
        return self._head is None or entry.number > self._head.entry.number

    def forget(self) -> None:
        """Keep nothing."""
        self._head = self._picture = None
        self._looked = False

    def picture(self, last: Entry, init: bytes | None) -> FrozenPicture | None:
        """Return the picture to be shown after a segment; None where there is none for it.

        Args:
            last: the segment.
            init: its initialization section, if it has one.

        """
        head = self._head
        if head is None or head.entry.init_number != last.init_number:
            return None
        if not self._looked:
            self._looked = True
            self._picture = _find(head, init)
        return self._picture


def _find(head: Head, init: bytes | None) -> FrozenPicture | None:
    if head.entry.segment.keys:
        return None
    if head.entry.segment.init is not None:
        return None if init is None else FrozenMp4.find(head.content, init)
    return FrozenTs.find(head.content) if head.entry.suffix == ".ts" else None
