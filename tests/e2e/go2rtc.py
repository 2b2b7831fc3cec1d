"""A real go2rtc in a process of its own.

Owns its configuration, its process and its API. What it plays is told to it by Home
Assistant.
"""

from pathlib import Path
import platform
from typing import Any, Final

import aiohttp

from tests.demo.check.checklist import StepFailedError, StepSkippedError
from tests.demo.errors import DemoError
from tests.demo.polling import until
from tests.demo.processes import Program, free_port
from tests.demo.simulated_cloud import ROOT

PROGRAM: Final = ROOT / ".tools" / "go2rtc" / "go2rtc"

# Where script/setup knows a package of it.
ARCHITECTURES: Final = ("x86_64",)

# The modules that Home Assistant gives its own go2rtc, and MP4 for plain readers. Clients
# on this very machine find it at the loopback address only if they are told of it.
CONFIGURATION: Final = """\
app:
  modules: [api, exec, ffmpeg, http, mjpeg, mp4, onvif, rtmp, rtsp, srtp, webrtc, ws]
api:
  listen: "127.0.0.1:{api}"
rtsp:
  listen: "127.0.0.1:{rtsp}"
srtp:
  listen: ""
webrtc:
  listen: "127.0.0.1:{webrtc}"
  candidates: ["127.0.0.1:{webrtc}"]
  filters:
    loopback: true
  ice_servers: []
log:
  level: debug
"""


class Go2rtc:
    """A running go2rtc; `url` is its API's, without a slash at the end."""

    def __init__(self, program: Program, url: str) -> None:
        """Own what `start` started."""
        self.url = url
        self._program = program
        self._http = aiohttp.ClientSession()

    @classmethod
    async def start(cls, folder: Path) -> Go2rtc:
        """Start one with its files in a folder; raises DemoError if it does not answer."""
        port = free_port()
        configuration = folder / "go2rtc.yaml"
        configuration.write_text(
            CONFIGURATION.format(api=port, rtsp=free_port(), webrtc=free_port())
        )
        program = await Program.start(
            "go2rtc",
            [str(PROGRAM), "-config", str(configuration)],
            log=folder / "go2rtc.log",
            folder=folder,
        )
        running = cls(program, f"http://127.0.0.1:{port}")
        try:
            await until(running.version, "go2rtc answers")
        except BaseException:
            await running.stop()
            raise
        return running

    async def version(self) -> str:
        """Give its version, empty as long as it does not answer."""
        if self._program.exit_code is not None:
            raise self._program.ended_error()
        try:
            return str((await self._get("/api"))["version"])
        except aiohttp.ClientError:
            return ""

    async def streams(self) -> dict[str, Any]:
        """Give the streams it was told of, with who sends and who watches."""
        return await self._get("/api/streams")

    async def _get(self, path: str) -> dict[str, Any]:
        async with self._http.get(f"{self.url}{path}") as response:
            response.raise_for_status()
            answer: dict[str, Any] = await response.json(content_type=None)
            return answer

    async def wait_until_ended(self) -> DemoError:
        """Wait until it ends on its own; give the error that says so."""
        await self._program.wait()
        return self._program.ended_error()

    async def stop(self) -> None:
        """Stop it."""
        await self._http.close()
        await self._program.stop()


def require() -> None:
    """Check that there is a go2rtc.

    Raises StepSkippedError where nobody packages one for this machine, StepFailedError where
    it could not be fetched.
    """
    if PROGRAM.exists():
        return
    if platform.machine() not in ARCHITECTURES:
        raise StepSkippedError(
            f"go2rtc is packaged for {', '.join(ARCHITECTURES)} only, this machine is "
            f"{platform.machine()}"
        )
    raise StepFailedError(
        "there is no go2rtc; run script/setup e2e, which says why it can't be fetched"
    )
