"""A real browser, logged in to Home Assistant, and the players on its pages.

Owns how Chromium is started and what is asked of a page. What a picture must show is the
steps' business.
"""

import asyncio
import base64
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import io
import json
import os
from pathlib import Path
import shutil
import time
from typing import Any, Final

from PIL import Image
from playwright import async_api  # type: ignore[import-not-found,unused-ignore]

from tests.cloud.clock_strip import ClockUnreadableError, read_clock
from tests.demo.check.checklist import StepFailedError
from tests.demo.errors import DemoError
from tests.demo.polling import until
from tests.demo.visitor import PASSWORD, USERNAME

from .pictures import Record, Sight
from .signals import signals_of

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

OPTIONS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    # Else an address of this machine is told as a name that only multicast resolves.
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)

WIDTH: Final = 1280
HEIGHT: Final = 960

# A view of the demo's dashboard without any camera, to open dialogs over.
QUIET_VIEW: Final = "amnimo/account"
LIVE_VIEW: Final = "amnimo/live"
# A page on which nothing plays, to arrive at.
PROFILE: Final = "profile/general"

LOOK_SECONDS: Final = 0.25
FIRST_PICTURE_SECONDS: Final = 45.0

# Keeps hold of all connections, to ask them for figures.
KEEP_CONNECTIONS: Final = """(() => {
  const Connection = window.RTCPeerConnection;
  window.connections = [];
  window.RTCPeerConnection = class extends Connection {
    constructor(...settings) {
      super(...settings);
      window.connections.push(this);
    }
  };
})()"""

# Scripts have to look through shadow roots themselves. A player that is not chosen stays
# in the page without a size, and one without a picture yet has no width of its own.
FIND_VIDEOS: Final = """
const videos = [];
const look = (root) => {
  for (const element of root.querySelectorAll("*")) {
    if (element.matches("video") && element.clientWidth && element.videoWidth) {
      videos.push(element);
    }
    if (element.shadowRoot) look(element.shadowRoot);
  }
};
look(document);
"""

DESCRIBE_VIDEOS: Final = f"""() => {{
  {FIND_VIDEOS}
  return videos.map((video) => ({{
    position: video.currentTime,
    duration: video.duration,
    decoded: video.getVideoPlaybackQuality().totalVideoFrames,
    ended: video.ended,
    source: video.srcObject?.constructor.name ?? video.currentSrc.split(":")[0],
    width: video.videoWidth,
    height: video.videoHeight,
  }}));
}}"""

SEEK: Final = f"""(position) => {{
  {FIND_VIDEOS}
  videos[0].currentTime = position;
}}"""

TAKE_PICTURE: Final = f"""() => {{
  {FIND_VIDEOS}
  if (!videos.length) return null;
  const canvas = document.createElement("canvas");
  canvas.width = videos[0].videoWidth;
  canvas.height = videos[0].videoHeight;
  canvas.getContext("2d").drawImage(videos[0], 0, 0);
  return {{
    position: videos[0].currentTime,
    picture: canvas.toDataURL("image/jpeg", 0.9).split(",")[1],
  }};
}}"""

COUNT_RECEIVED: Final = """async () => {
  const found = {packets: 0, frames: 0};
  for (const connection of window.connections) {
    (await connection.getStats()).forEach((figures) => {
      if (figures.type === "inbound-rtp" && figures.kind === "video") {
        found.packets += figures.packetsReceived;
        found.frames += figures.framesDecoded;
      }
    });
  }
  return found;
}"""


def find_chromium() -> str:
    """Give the path of the system's browser; raises DemoError where there is none."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    raise DemoError(
        "a browser is needed and there is none on PATH; install your system's chromium "
        "and run this again."
    )


class Player:
    """A page with one camera's player, or with several."""

    def __init__(self, page: async_api.Page) -> None:
        """Take a page that is about to be opened."""
        self.signals: Counter[str] = Counter()
        """Messages of WebRTC's negotiation: offers, answers and candidates."""
        self.page = page
        page.on("websocket", self._listen)

    def _listen(self, socket: async_api.WebSocket) -> None:
        socket.on("framesent", self._count)
        socket.on("framereceived", self._count)

    def _count(self, content: str | bytes) -> None:
        try:
            message = json.loads(content)
        except ValueError:
            return
        for each in message if isinstance(message, list) else [message]:
            self.signals.update(signals_of(each))

    async def open(self, address: str) -> None:
        """Go to an address."""
        await self.page.goto(address)

    async def videos(self) -> list[dict[str, Any]]:
        """Describe the players that have a picture.

        `position` and `duration` are in seconds, `decoded` counts pictures, `ended` tells if
        all was played; `source` is `MediaStream` for WebRTC, `blob` for what a script feeds,
        such as HLS, `http` for a file.
        """
        found: list[dict[str, Any]] = await self.page.evaluate(DESCRIBE_VIDEOS)
        return found

    async def seek(self, position: float) -> None:
        """Have the first player go on at so many seconds."""
        await self.page.evaluate(SEEK, position)

    async def received(self) -> dict[str, int]:
        """Count the `packets` and `frames` of video that came through WebRTC."""
        found: dict[str, int] = await self.page.evaluate(COUNT_RECEIVED)
        return found

    async def look(self) -> Sight:
        """Look at the first player's picture."""
        taken = await self.page.evaluate(TAKE_PICTURE)
        now = time.time()
        if taken is None:
            return Sight(now, None)
        picture = Image.open(io.BytesIO(base64.b64decode(taken["picture"])))
        try:
            clock = read_clock(picture)
        except ClockUnreadableError:
            clock = None
        return Sight(now, clock, taken["position"])

    async def wait_for_picture(self) -> Sight:
        """Wait until there is a picture, and give it."""

        async def picture() -> Sight | None:
            sight = await self.look()
            return None if sight.clock is None else sight

        first = await until(
            picture, "a picture is shown", within=FIRST_PICTURE_SECONDS, every=0.1
        )
        assert first is not None
        return first

    async def wait_for_videos(self, number: int) -> list[dict[str, Any]]:
        """Wait until so many players play, and describe them."""

        async def enough() -> list[dict[str, Any]]:
            videos = await self.videos()
            playing = [video for video in videos if video["position"] > 0]
            return playing if len(playing) >= number else []

        return await until(
            enough, f"{number} cameras play", within=FIRST_PICTURE_SECONDS
        )

    @asynccontextmanager
    async def recorded(self) -> AsyncIterator[Record]:
        """Look all the time, until left."""
        record = Record()

        async def go_on() -> None:
            while True:
                record.add(await self.look())
                await asyncio.sleep(LOOK_SECONDS)

        looking = asyncio.create_task(go_on())
        try:
            yield record
            if looking.done():
                looking.result()
        finally:
            looking.cancel()
            await asyncio.wait([looking])

    async def watch(self, seconds: float) -> Record:
        """Look for so long."""
        async with self.recorded() as record:
            await asyncio.sleep(seconds)
        return record

    async def screenshot_of_video(self) -> bytes:
        """Take a picture of the first player as it is on the screen, as PNG."""
        videos = self.page.locator("video").locator("visible=true")
        picture: bytes = await videos.first.screenshot()
        return picture

    async def screenshot(self, file: Path) -> None:
        """Take a picture of the page."""
        await self.page.screenshot(path=file)

    async def close(self) -> None:
        """Close the page, as somebody does who has seen enough."""
        await self.page.close()


class Browser:
    """A Chromium with a visitor who is logged in to one Home Assistant."""

    def __init__(self, context: async_api.BrowserContext, address: str) -> None:
        """Take what `browser` started."""
        self._context = context
        self._address = address

    @asynccontextmanager
    async def somebody_else(self) -> AsyncIterator[Browser]:
        """Start a second one of the same kind, which is not logged in yet."""
        browser = await self.another()
        try:
            yield browser
        finally:
            await browser._context.close()  # noqa: SLF001 - it is of the same kind

    async def another(self) -> Browser:
        """Start a second one of the same kind, which ends with the first."""
        program = self._context.browser
        assert program is not None, "a context that was made without a browser"
        return Browser(await _context(program), self._address)

    async def log_in(self, name: str = USERNAME, password: str = PASSWORD) -> None:
        """Fill in the login page."""
        page = await self._context.new_page()
        await page.goto(f"{self._address}/{PROFILE}")
        await page.locator("input[name=username]").fill(name)
        await page.locator("input[name=password]").fill(password)
        await page.keyboard.press("Enter")
        await page.locator("home-assistant-main").wait_for()
        await page.close()

    async def open_camera(self, entity_id: str) -> Player:
        """Open a camera's dialog on a page of its own."""
        return await self.open(
            f"{self._address}/{QUIET_VIEW}?more-info-entity-id={entity_id}"
        )

    async def open_dashboard(self) -> Player:
        """Open the dashboard's page with all cameras."""
        return await self.open(f"{self._address}/{LIVE_VIEW}")

    async def open_path(self, path: str) -> Player:
        """Open a page of Home Assistant, by what follows its address."""
        return await self.open(self._address + path)

    async def open(self, address: str) -> Player:
        """Open any address on a page of its own."""
        try:
            player = Player(await self._context.new_page())
            await player.open(address)
        except async_api.Error as err:
            raise StepFailedError(f"the page could not be opened: {err}") from err
        return player


@asynccontextmanager
async def browser(address: str, fonts: Path) -> AsyncIterator[Browser]:
    """Start a Chromium that knows the fonts of a fontconfig file; end it on leaving."""
    chromium = find_chromium()
    async with async_api.async_playwright() as playwright:
        program = await playwright.chromium.launch(
            executable_path=chromium,
            headless=True,
            args=list(OPTIONS),
            env={**os.environ, "FONTCONFIG_FILE": str(fonts)},
            handle_sigint=False,
            handle_sigterm=False,
            handle_sighup=False,
        )
        try:
            yield Browser(await _context(program), address)
        finally:
            await program.close()


async def _context(program: async_api.Browser) -> async_api.BrowserContext:
    context = await program.new_context(
        viewport={"width": WIDTH, "height": HEIGHT},
        locale="en-US",
        timezone_id="Asia/Tokyo",
    )
    await context.add_init_script(KEEP_CONNECTIONS)
    return context
