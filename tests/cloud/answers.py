"""Answers: what goes back over a connection.

Owns bodies in memory and in files, ranges of them (RFC 9110, section 14), and the ways to
spoil them. Knows nothing of what they are.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
import hashlib
import json
from pathlib import Path
import re
from typing import Final

from aiohttp import hdrs, web

from .refusals import RangeError
from .templates import Json

JSON_TYPE: Final = "application/json"
_CHUNK: Final = 256 * 1024
_RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True, slots=True)
class FilePart:
    """Some bytes of a file."""

    path: Path
    start: int
    length: int

    def __len__(self) -> int:
        """How many bytes it has."""
        return self.length

    def part(self, start: int, length: int) -> FilePart:
        """Return some of these bytes."""
        return FilePart(self.path, self.start + start, length)

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes in pieces."""
        left = self.length
        with self.path.open("rb") as file:
            file.seek(self.start)
            while left > 0:
                chunk = file.read(min(left, _CHUNK))
                left -= len(chunk)
                yield chunk


@dataclass(frozen=True, slots=True)
class MemoryPart:
    """Some bytes in memory."""

    content: bytes

    def __len__(self) -> int:
        """How many bytes it has."""
        return len(self.content)

    def part(self, start: int, length: int) -> MemoryPart:
        """Return some of these bytes."""
        return MemoryPart(self.content[start : start + length])

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes."""
        yield self.content


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, a body and what is said about it."""

    body: FilePart | MemoryPart
    content_type: str = JSON_TYPE
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def half(self) -> Answer:
        """Return the same with half of the body."""
        return replace(self, body=self.body.part(0, len(self.body) // 2))


def text_answer(text: str, content_type: str, status: int = 200) -> Answer:
    """Return a text as an answer."""
    return Answer(MemoryPart(text.encode()), content_type, status)


def json_answer(content: Json) -> Answer:
    """Return a JSON value as an answer."""
    return text_answer(json.dumps(content, ensure_ascii=False), JSON_TYPE)


def file_answer(
    request: web.Request, body: FilePart | MemoryPart, content_type: str, etag: str
) -> Answer:
    """Return a file, or the range of it that was asked for; raises RangeError."""
    size = len(body)
    headers: dict[str, str] = {hdrs.ETAG: f'"{etag}"', hdrs.ACCEPT_RANGES: "bytes"}
    if request.headers.get(hdrs.IF_NONE_MATCH) == headers[hdrs.ETAG]:
        return Answer(MemoryPart(b""), content_type, 304, headers)
    unchanged = (
        request.headers.get(hdrs.IF_RANGE, headers[hdrs.ETAG]) == headers[hdrs.ETAG]
    )
    if not unchanged or (wanted := wanted_range(request, size)) is None:
        return Answer(body, content_type, headers=headers)
    start, end = wanted
    headers[hdrs.CONTENT_RANGE] = f"bytes {start}-{end - 1}/{size}"
    return Answer(body.part(start, end - start), content_type, 206, headers)


def wanted_range(request: web.Request, size: int) -> tuple[int, int] | None:
    """Return the first byte that a request asks for and the one after its last.

    None where it asks for no range of its ``size`` bytes. Raises RangeError.
    """
    wanted = _RANGE.fullmatch(request.headers.get(hdrs.RANGE, ""))
    if wanted is None or wanted[0] == "bytes=-":
        return None
    start, end = _bounds(wanted[1], wanted[2], size)
    if not 0 <= start < end:
        raise RangeError(size)
    return start, end


def content_answer(request: web.Request, content: bytes, content_type: str) -> Answer:
    """Return content, or the range of it that was asked for; raises RangeError."""
    etag = hashlib.blake2b(content, digest_size=12).hexdigest()
    return file_answer(request, MemoryPart(content), content_type, etag)


async def send(
    request: web.Request, answer: Answer, *, broken_off: bool, pace: float = 0.0
) -> web.StreamResponse:
    """Send an answer, with ``pace`` at no more than so many bytes a second.

    ``broken_off`` closes the connection after half of the body.
    """
    began, sent = asyncio.get_running_loop().time(), 0
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_type = answer.content_type
    response.content_length = len(answer.body)
    await response.prepare(request)
    if request.method != hdrs.METH_HEAD and answer.status != 304:
        for chunk in (answer.half() if broken_off else answer).body.chunks():
            await response.write(chunk)
            sent += len(chunk)
            if pace:
                due = began + sent / pace
                await asyncio.sleep(due - asyncio.get_running_loop().time())
    if broken_off:
        drop(request)
    else:
        await response.write_eof()
    return response


def drop(request: web.Request) -> None:
    """Close the connection under a request."""
    if request.transport is not None:
        request.transport.close()


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """Return where a range begins and ends; a range without a first is the file's tail."""
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1) if last else size
