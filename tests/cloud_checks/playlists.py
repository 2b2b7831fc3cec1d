"""Reading the playlists that the checks fetch."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from tests.cloud.world import Camera

from .caller import Caller, of_camera


@dataclass(frozen=True, slots=True)
class Playlist:
    """A media playlist: its lines, and the absolute URLs of what it lists."""

    lines: list[str]
    segments: list[str]
    initialization: str | None

    @property
    def sequence(self) -> int:
        """The number of the first segment."""
        return int(self.value("EXT-X-MEDIA-SEQUENCE"))

    @property
    def seconds(self) -> list[float]:
        """How long each segment is."""
        return [
            float(line.removeprefix("#EXTINF:").rstrip(","))
            for line in self.lines
            if line.startswith("#EXTINF:")
        ]

    @property
    def ended(self) -> bool:
        """Whether it says that nothing follows."""
        return "#EXT-X-ENDLIST" in self.lines

    async def content(self, caller: Caller) -> bytes:
        """Return the initialization, if there is one, and all segments in a row."""
        urls = [self.initialization, *self.segments]
        return b"".join([await caller.content(url) for url in urls if url is not None])

    def value(self, tag: str) -> str:
        """Return what a tag says."""
        prefix = f"#{tag}:"
        return next(line for line in self.lines if line.startswith(prefix))[
            len(prefix) :
        ]


@dataclass(slots=True)
class Viewer:
    """Somebody who has started a stream and reads its playlist."""

    caller: Caller
    camera: Camera
    request_id: str
    url: str

    async def playlist(self) -> Playlist:
        """Return the media playlist as it is now."""
        text = await self.caller.fetch("GET", self.url)
        return parse(text, self.url)

    async def update(self, *, status: int = 200) -> Any:
        """Extend the stream."""
        return await self._call("update", status)

    async def stop(self, *, status: int = 200) -> Any:
        """Stop the stream."""
        return await self._call("stop", status)

    async def _call(self, what: str, status: int) -> Any:
        path = f"{of_camera(self.camera)}/streams/hls/{what}"
        return await self.caller.get(
            path, {"requestId": self.request_id}, status=status
        )


async def start(
    caller: Caller, camera: Camera, dt: str = "live", keep_alive: int = 10
) -> Viewer:
    """Start a stream in the default dialect."""
    answer = await start_somehow(caller, camera, dt, keep_alive)
    assert answer.keys() == {"requestId", "url"}
    return Viewer(caller, camera, answer["requestId"], answer["url"])


def parse(text: str, url: str) -> Playlist:
    """Read a media playlist that was fetched from a URL."""
    lines = text.splitlines()
    assert lines[0] == "#EXTM3U"
    initialization = next(
        (line.split('"')[1] for line in lines if line.startswith("#EXT-X-MAP:")), None
    )
    return Playlist(
        lines,
        [urljoin(url, line) for line in lines if not line.startswith("#")],
        None if initialization is None else urljoin(url, initialization),
    )


async def start_somehow(
    caller: Caller, camera: Camera, dt: str = "live", keep_alive: int = 10
) -> Any:
    """Start a stream; return the answer in whatever dialect it comes."""
    path = f"{of_camera(camera)}/streams/hls/start"
    return await caller.get(path, {"dt": dt, "keepAlivePeriod": keep_alive})


def found_urls(value: object) -> list[str]:
    """Return the URLs in JSON."""
    match value:
        case str() if value.startswith("http"):
            return [value]
        case dict():
            return [url for part in value.values() for url in found_urls(part)]
        case list():
            return [url for part in value for url in found_urls(part)]
    return []
